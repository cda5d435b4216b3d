"""Can reviewers write in the studio, from the first remark to a release, and can nobody else?"""

import http.client
import re
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlencode

import pytest
from axe_playwright_python.sync_playwright import Axe
from command import run
from playwright.sync_api import Browser, Page, expect
from publisher import BOOKLET, BOOKLET_FILE, HOUSE, changed, write_publisher
from test_review import browser, needs_chromium  # noqa: F401 - a fixture
from test_studio import DAY, PATIENCE, edit, get, port  # noqa: F401 - a fixture

from booklet.source import Source

REMARKS = "source/booklets/colds/remarks.yaml"
SIGN_OFFS = "source/booklets/colds/sign-offs.yaml"
ROLES = "sign_off_roles: [clinical, lay reader]\n"
SAID = "Most colds go away by themselves."
PAGE = "/booklets/colds/remarks"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write_publisher(tmp_path / "house", house=HOUSE + ROLES)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:  # noqa: F811
    shown = browser.new_page(viewport={"width": 1400, "height": 900})
    faults: list[str] = []
    shown.on("pageerror", lambda error: faults.append(str(error)))
    shown.set_default_timeout(PATIENCE)
    expect.set_options(timeout=PATIENCE)
    yield shown
    shown.close()
    assert faults == []


def post(port: int, path: str, said: dict[str, str], **headers: str | None) -> tuple[int, str, str]:  # noqa: F811
    """What is answered to a form: status, where it leads, and the page."""
    own: dict[str, str | None] = {
        "Host": f"127.0.0.1:{port}",
        "Origin": f"http://127.0.0.1:{port}",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    own |= {name.replace("_", "-"): text for name, text in headers.items()}
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        kept = {name: text for name, text in own.items() if text is not None}
        connection.request("POST", path, urlencode(said), kept)
        answer = connection.getresponse()
        return answer.status, answer.headers["Location"] or "", answer.read().decode()
    finally:
        connection.close()


def token(port: int) -> str:  # noqa: F811
    """What the studio's own pages have in them."""
    found = re.search(r'name="token" value="([^"]+)"', get(port, PAGE)[1].decode())
    assert found
    return found[1]


def digest(port: int) -> str:  # noqa: F811
    """What a reader of the page signs."""
    found = re.search(r'name="digest" value="([^"]+)"', get(port, PAGE)[1].decode())
    assert found
    return found[1]


def remark(port: int, **said: str) -> dict[str, str]:  # noqa: F811
    """A form that is as it should be, but for what is said."""
    whole = {"section": "colds", "quote": SAID, "name": "A. Reader", "role": "clinical", "remark": "Do they?"}
    return {"token": token(port)} | whole | said


# --- For nobody else ---------------------------------------------------------------------------------

FOREIGN: dict[str, dict[str, str | None]] = {
    "another origin": {"Origin": "http://evil.example"},
    "another port": {"Origin": "http://127.0.0.1:1"},
    "no origin": {"Origin": None},
    "a hidden origin": {"Origin": "null"},
    "another site": {"Sec_Fetch_Site": "cross-site"},
    "the same site, but not from here": {"Sec_Fetch_Site": "same-site"},
    "a name that leads here": {"Host": "studio.evil.example", "Origin": "http://studio.evil.example"},
    "no form": {"Content_Type": "text/plain"},
    "JSON": {"Content_Type": "application/json"},
}


@pytest.mark.parametrize("headers", FOREIGN.values(), ids=FOREIGN)
def test_a_form_from_elsewhere_writes_nothing(port: int, root: Path, headers: dict[str, str | None]) -> None:  # noqa: F811
    assert post(port, PAGE, remark(port), **headers)[0] in (403, 415, 421)
    signed = {"role": "clinical", "name": "A. Reader", "version": "1.0", "read": "yes"}
    signed |= {"token": token(port), "digest": digest(port)}
    assert post(port, "/booklets/colds/sign-offs", signed, **headers)[0] in (403, 415, 421)
    assert not (root / REMARKS).exists()
    assert not (root / SIGN_OFFS).exists()
    # The twins from here are written.
    assert post(port, PAGE, remark(port), Sec_Fetch_Site="same-origin")[0] == 303
    assert post(port, "/booklets/colds/sign-offs", signed)[0] == 303


@pytest.mark.parametrize("held", ["", "0" * 43, "é"])
def test_who_does_not_know_the_token_writes_nothing(port: int, root: Path, held: str) -> None:  # noqa: F811
    for path in (PAGE, PAGE + "/1", "/booklets/colds/sign-offs"):
        assert post(port, path, {"token": held})[0] == 403
        assert post(port, path, {})[0] in (400, 403)
    status, _, said = post(port, PAGE, remark(port, token=held))
    assert (status, "This page is out of date" in said) == (403, True)
    assert not (root / REMARKS).exists()


@pytest.mark.parametrize(
    ("path", "said", "status"),
    [
        (PAGE, {"more": "x"}, 400),
        (PAGE, {"remark": "x" * 70_000}, 413),
        (PAGE, {"name": "x" * 201}, 400),
        ("/booklets/flu/remarks", {}, 404),
        (PAGE + "?language=cy", {}, 404),
        ("/booklets/..%2f..%2fcolds/remarks", {}, 404),
        (PAGE + "/one", {}, 404),
    ],
)
def test_a_form_that_is_no_form_of_these_pages_writes_nothing(
    port: int,  # noqa: F811
    root: Path,
    path: str,
    said: dict[str, str],
    status: int,
) -> None:
    assert post(port, path, remark(port, **said))[0] == status
    assert not list(root.rglob("remarks*.yaml"))


ATTACK = """<!doctype html><meta charset=utf-8><title>Kittens</title>
<iframe name=hidden></iframe>
<form method=post target=hidden action="{0}booklets/colds/remarks">
<input name=section value=colds><input name=quote><input name=name value=Eve><input name=role value=x>
<input name=remark value=Bad><input name=token value=guess></form>
<form method=post target=hidden enctype=text/plain action="{0}booklets/colds/remarks"><input name=a></form>
<img id=image src="{0}icon.svg"><iframe id=framed src="{0}booklets/colds/"></iframe>
<script>
window.told = [];
const note = (name) => (value) => told.push(name + value);
for (const form of document.forms) form.submit();
const body = new URLSearchParams(new FormData(document.forms[0]));
const tries = [
  fetch("{0}booklets/colds/remarks", {{method: "POST", mode: "no-cors", credentials: "include", body}})
    .then((answer) => note("sent ")(answer.type), () => note("sent ")("refused")),
  fetch("{0}booklets/colds/remarks").then((answer) => answer.text())
    .then(note("read "), () => note("read ")("refused")),
  new Promise((done) => {{
    const news = new EventSource("{0}booklets/colds/news");
    news.onmessage = (event) => {{ note("news ")(event.data); done(); }};
    news.onerror = () => {{ note("news ")("refused"); news.close(); done(); }};
  }}),
];
Promise.all(tries).then(() => setTimeout(() => note("")("end"), 500));
</script>"""


@pytest.fixture
def elsewhere() -> Iterator[Callable[[str], str]]:
    """A page on another port of this machine; its address."""
    html = b""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(html)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=server.serve_forever).start()

    def show(page: str) -> str:
        nonlocal html
        html = page.encode()
        return f"http://127.0.0.1:{server.server_port}/"

    yield show
    server.shutdown()
    server.server_close()


@needs_chromium
@pytest.mark.parametrize("name", ["127.0.0.1", "localhost"])
def test_a_hostile_page_in_another_tab_reads_and_writes_nothing(
    browser: Browser,  # noqa: F811
    port: int,  # noqa: F811
    root: Path,
    elsewhere: Callable[[str], str],
    name: str,
) -> None:
    both = browser.new_context()
    own, page = both.new_page(), both.new_page()
    for one in (own, page):
        one.set_default_timeout(PATIENCE)
    own.goto(f"http://127.0.0.1:{port}/booklets/colds/")
    expect(own.locator("#told")).to_contain_text("version 1.0")
    page.goto(elsewhere(ATTACK.format(f"http://{name}:{port}/")))
    page.wait_for_function("() => told.includes('end')")
    told = page.evaluate("told.slice().sort()")
    assert told[0] == "end"
    assert told[1:3] == ["news refused", "read refused"]
    assert page.evaluate("document.getElementById('image').naturalWidth") == 0
    assert (
        get(port, "/booklets/colds/", **{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"})[0]
        == 403
    )
    link = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    assert get(port, "/booklets/colds/", **link)[0] == 200
    framed = [one.content() for one in page.frames if one.url.endswith("/booklets/colds/")]
    assert all("outline" not in one for one in framed)
    assert not (root / REMARKS).exists()
    both.close()


# --- Remarks -----------------------------------------------------------------------------------------


def test_a_remark_is_kept_with_all_that_tells_it(port: int, root: Path) -> None:  # noqa: F811
    status, where, _ = post(
        port, PAGE, remark(port, quote="", words="go away", remark="Do they?\r\n\r\nWho says so?")
    )
    assert (status, where) == (303, PAGE + "#remark-1")
    (one,) = Source(root).remarks("colds").value or ()
    assert (one.id, one.version, one.name, one.role) == (1, "1.0", "A. Reader", "clinical")
    assert (str(one.date), one.section, one.quote, one.state) == (DAY, "colds", SAID, "open")
    assert one.remark == "Do they?\nWho says so?"
    shown = get(port, PAGE)[1].decode()
    line = BOOKLET.split("\n").index(f"      - {SAID}") + 1
    assert f"{BOOKLET_FILE}:{line}" in shown
    assert post(port, PAGE, remark(port, quote=""))[1] == PAGE + "#remark-2"
    assert (Source(root).remarks("colds").value or ())[1].quote is None


def test_what_is_typed_is_text_on_the_page(port: int, root: Path) -> None:  # noqa: F811
    said = "<script>alert(1)</script> & “both”"
    assert post(port, PAGE, remark(port, remark=said, name="<b>O’Neil"))[0] == 303
    assert (Source(root).remarks("colds").value or ())[0].remark == said
    shown = get(port, PAGE)[1].decode()
    assert "<script>alert" not in shown
    assert "<b>O" not in shown
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; “both”" in shown


WRONG = {
    "no name": ({"name": " "}, "A remark needs a name"),
    "no role": ({"role": ""}, "A remark needs a role"),
    "no words": ({"remark": "\n"}, "A remark needs a remark"),
    "no such section": ({"section": "flu"}, "That section is not there any more"),
    "no such words": ({"quote": "", "words": "All colds"}, "That section does not say that"),
}


@pytest.mark.parametrize(("said", "told"), WRONG.values(), ids=WRONG)
def test_what_cannot_be_written_is_told_and_stays_typed(
    port: int,  # noqa: F811
    root: Path,
    said: dict[str, str],
    told: str,
) -> None:
    whole = remark(port, **said)
    status, _, page = post(port, PAGE, whole)
    assert (status, f"<strong>{told}</strong>:" in page) == (422, True)
    assert all(whole[name].strip() in page for name in ("name", "role", "remark"))
    assert not (root / REMARKS).exists()


def test_who_presses_twice_says_it_once(port: int, root: Path) -> None:  # noqa: F811
    whole = remark(port)
    assert [post(port, PAGE, whole)[1] for _ in range(2)] == [PAGE + "#remark-1"] * 2
    assert post(port, PAGE, whole | {"remark": "And whooping cough?"})[1] == PAGE + "#remark-2"
    assert len(Source(root).remarks("colds").value or ()) == 2


def test_what_was_reworded_meanwhile_is_still_remarked_on(port: int, root: Path) -> None:  # noqa: F811
    read = remark(port)
    edit(root, SAID, "Nearly all colds go away by themselves.")
    assert post(port, PAGE, read)[0] == 303
    (one,) = Source(root).remarks("colds").value or ()
    assert one.quote == SAID
    assert "which was reworded" in get(port, PAGE)[1].decode()


@pytest.mark.parametrize("path", [PAGE + "/1", "/booklets/colds/sign-offs"])
def test_the_address_of_a_form_leads_back_to_its_page(port: int, path: str) -> None:  # noqa: F811
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", path)
    answer = connection.getresponse()
    assert (answer.status, answer.headers["Location"]) == (303, PAGE)
    connection.close()


def test_remarks_are_answered(port: int, root: Path) -> None:  # noqa: F811
    for number in range(3):
        assert post(port, PAGE, remark(port, remark=f"Do they? {number}"))[0] == 303
    own = {"token": token(port)}
    status, _, page = post(port, PAGE + "/1", own | {"state": "declined", "why": " "})
    assert (status, page.count("What is declined needs a reason")) == (422, 1)
    assert page.index('id="remark-1"') < page.index("What is declined needs") < page.index('id="remark-2"')
    assert post(port, PAGE + "/1", own | {"state": "declined", "why": "It is so."})[0] == 303
    assert post(port, PAGE + "/2", own | {"state": "done"})[0] == 303
    status, _, page = post(port, PAGE + "/9", own | {"state": "done"})
    assert (status, "There is no remark 9" in page) == (422, True)
    found = Source(root).remarks("colds").value or ()
    assert [(one.state, one.why) for one in found] == [
        ("declined", "It is so."),
        ("done", None),
        ("open", None),
    ]
    shown = get(port, PAGE)[1].decode()
    assert "1 remark is open" in shown
    assert shown.index('id="remark-3"') < shown.index('id="remark-1"')
    assert "Declined: It is so." in shown


def test_a_source_that_cannot_be_read_takes_no_remark(port: int, root: Path) -> None:  # noqa: F811
    whole, own = remark(port), digest(port)
    edit(root, "title: All about colds", "titel: All about colds")
    shown = get(port, PAGE)[1].decode()
    assert "`title` is missing" in shown
    assert "<textarea" not in shown
    assert post(port, PAGE, whole)[0] == 422
    signed = {"token": token_of(whole), "role": "clinical", "name": "A", "version": "1.0", "read": "yes"}
    assert post(port, "/booklets/colds/sign-offs", signed | {"digest": own})[0] == 422
    assert not (root / REMARKS).exists()
    assert not (root / SIGN_OFFS).exists()


def token_of(form: dict[str, str]) -> str:
    return form["token"]


def test_a_file_that_editors_wrote_stays_as_it_is(port: int, root: Path) -> None:  # noqa: F811
    text = "# Ours\nremarks: [{id: 1, version: '1.0', name: A, role: b, date: 2026-11-01, section: colds, "
    text += "remark: Why, state: open}]\n"
    (root / REMARKS).write_text(text, encoding="utf-8")
    status, _, page = post(port, PAGE, remark(port))
    assert (status, "stand in brackets" in page) == (422, True)
    assert (root / REMARKS).read_text(encoding="utf-8") == text


# --- Sign-offs ---------------------------------------------------------------------------------------


def signing(port: int, **said: str) -> dict[str, str]:  # noqa: F811
    """A sign-off that holds, but for what is said."""
    whole = {"role": "clinical", "name": "A. Reader", "version": "1.0", "digest": digest(port), "read": "yes"}
    return {"token": token(port)} | whole | said


def test_a_sign_off_is_kept_with_version_day_and_digest(port: int, root: Path) -> None:  # noqa: F811
    status, where, _ = post(port, "/booklets/colds/sign-offs", signing(port))
    assert (status, where) == (303, PAGE + "#sign-offs")
    (one,) = Source(root).sign_offs("colds").value or ()
    assert (one.version, one.role, one.name, str(one.date)) == ("1.0", "clinical", "A. Reader", DAY)
    sourced = Source(root).booklet("colds").value
    assert sourced
    assert one.digest == sourced.content
    status, _, page = post(port, "/booklets/colds/sign-offs", signing(port, name="B. Reader"))
    assert (status, "A. Reader has signed as clinical" in page) == (422, True)
    # As soon as a comma changes, it holds no more; and the same reader signs again.
    edit(root, SAID, SAID.replace("go away", "go away,"))
    assert "but it has changed since" in get(port, PAGE)[1].decode()
    assert post(port, "/booklets/colds/sign-offs", signing(port))[0] == 303
    assert len(Source(root).sign_offs("colds").value or ()) == 2
    assert "but it has changed since" not in get(port, PAGE)[1].decode()


UNSIGNED = {
    "not read": ({"read": ""}, "Say that you have read it"),
    "nobody": ({"name": "…"}, "A sign-off needs somebody"),
    "no such role": ({"role": "caretaker"}, "house.yaml has no role"),
    "another version": ({"version": "0.9"}, "The text has changed since you read it"),
    "another text": ({"digest": "0" * 64}, "The text has changed since you read it"),
}


@pytest.mark.parametrize(("said", "told"), UNSIGNED.values(), ids=UNSIGNED)
def test_what_does_not_hold_is_not_signed(port: int, root: Path, said: dict[str, str], told: str) -> None:  # noqa: F811
    status, _, page = post(port, "/booklets/colds/sign-offs", signing(port, **said))
    assert (status, told in page) == (422, True), page
    assert not (root / SIGN_OFFS).exists()


def test_who_reads_while_it_is_changed_signs_nothing(port: int, root: Path) -> None:  # noqa: F811
    read = signing(port)
    edit(root, SAID, "No cold goes away by itself.")
    status, _, page = post(port, "/booklets/colds/sign-offs", read)
    assert (status, "The text has changed since you read it" in page) == (422, True)
    assert not (root / SIGN_OFFS).exists()


# --- From the first remark to a release --------------------------------------------------------------


@needs_chromium
def test_from_an_edit_to_a_release(page: Page, root: Path, port: int) -> None:  # noqa: F811
    page.goto(f"http://127.0.0.1:{port}/")
    row = page.locator("tbody tr")
    expect(row).to_contain_text("none")
    expect(row).to_contain_text("0 of 2")
    row.locator("th a").click()
    expect(page.locator("#told")).to_contain_text("version 1.0")
    edit(root, SAID, "Nearly all colds go away by themselves.")
    expect(page.locator("#told")).to_have_text("Changed: page 2.")
    expect(page.locator("#count")).to_have_text("No findings")
    # A paragraph leads to its line, and takes a remark.
    at = page.evaluate("() => news.blocks.find((one) => one.quote?.startsWith('Nearly all')).lines[0]")
    scale = page.evaluate("() => scale()")
    x, y = (at[1] + at[3]) / 2 * scale, (at[2] + at[4]) / 2 * scale
    page.locator("#page-2 .touch").click(position={"x": x, "y": y})
    expect(page.locator("#lines mark")).to_contain_text("Nearly all colds")
    page.get_by_label("Remark on this").fill("Nearly all? The source says most.")
    page.locator("#remark").get_by_label("Your name").fill("A. Reader")
    page.locator("#remark").get_by_label("Your role").fill("clinical")
    page.get_by_role("button", name="Write it down").click()
    expect(page.locator("#written")).to_have_text("It is written down.")
    expect(page.locator("#remarks")).to_contain_text("1: Nearly all? The source says most.")
    # It stops the release.
    refused = run("release", "colds", "--root", root, "--today", DAY)
    assert (refused.status, "Remark 1 is open" in refused.out) == (1, True), refused
    # What is broken is told, and mended.
    edit(root, "title: All about colds", "titel: All about colds")
    expect(page.locator("#told")).to_contain_text("The pages are as they were before")
    edit(root, "titel: All about colds", "title: All about colds")
    expect(page.locator("#count")).to_have_text("No findings")
    edit(root, "Nearly all colds", "Most colds")
    expect(page.locator("#remarks")).to_contain_text("which was reworded")
    # The remark is answered, and everybody signs.
    page.get_by_role("link", name="Remarks and sign-offs").click()
    page.get_by_role("button", name="Remark 1 is done").click()
    expect(page.locator("#remark-1 .state")).to_have_text("done")
    for number, role in enumerate(("clinical", "lay reader"), 1):
        page.get_by_role("radio", name=role).check()
        page.locator("#signer").fill(f"{'AB'[number - 1]}. Reader")
        page.get_by_label("I have read version 1.0").check()
        page.get_by_role("button", name="Sign off").click()
        expect(page.locator(".holds")).to_have_count(number)
    expect(page.locator("main")).to_contain_text("make_booklet.py release colds")
    released = run("release", "colds", "--root", root, "--today", DAY)
    assert released.status == 0, released
    page.get_by_role("link", name="Booklets", exact=True).click()
    expect(page.locator("tbody tr")).to_contain_text("2 of 2")
    expect(page.locator("tbody tr")).to_contain_text("1.0 current")


@needs_chromium
def test_the_keyboard_is_enough(page: Page, root: Path, port: int) -> None:  # noqa: F811
    def to(selector: str) -> None:
        """Go forward to it as somebody without a mouse does; it is never far."""
        for _ in range(16):
            if page.evaluate("(one) => document.activeElement?.matches(one)", selector):
                return
            page.keyboard.press("Tab")
        raise AssertionError(selector)

    page.goto(f"http://127.0.0.1:{port}/")
    to("tbody th a")
    page.keyboard.press("Enter")
    expect(page.locator("#count")).to_have_text("No findings")
    to(".skip a")
    page.keyboard.press("Enter")
    to("#page-2 .touch")
    page.keyboard.press("Enter")
    expect(page.locator("#source")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#page-2 .touch")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#source")).to_be_focused()
    to("#after")
    for _ in range(20):
        if SAID in (page.locator("#lines mark").text_content() or ""):
            break
        page.keyboard.press("Enter")
        page.wait_for_timeout(200)
    for field, text in (("#said", "By themselves?"), ("#name", "A. Reader"), ("#role", "lay reader")):
        to(field)
        page.keyboard.type(text)
    page.keyboard.press("Enter")
    expect(page.locator("#written")).to_have_text("It is written down.")
    (one,) = Source(root).remarks("colds").value or ()
    assert (one.quote, one.name, one.role) == (SAID, "A. Reader", "lay reader")


@needs_chromium
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everybody_can_review(browser: Browser, port: int, scheme: str) -> None:  # noqa: F811
    for number in range(3):
        assert post(port, PAGE, remark(port, remark=f"{number} " * 40 + "w" * 80))[0] == 303
    assert post(port, PAGE + "/1", {"token": token(port), "state": "done"})[0] == 303
    assert post(port, PAGE + "/2", {"token": token(port), "state": "declined", "why": "w" * 90})[0] == 303
    assert post(port, "/booklets/colds/sign-offs", signing(port))[0] == 303
    shown = browser.new_page(color_scheme=scheme)  # type: ignore[arg-type]
    for width in (1400, 320):
        shown.set_viewport_size({"width": width, "height": 900})
        for path in (PAGE, "/booklets/flu/"):
            shown.goto(f"http://127.0.0.1:{port}{path}")
            found = Axe().run(shown)
            assert found.violations_count == 0, found.generate_report()
            assert shown.evaluate("document.documentElement.scrollWidth") <= width
    shown.close()


# --- The list ----------------------------------------------------------------------------------------


@needs_chromium
def test_the_list_says_what_is_found_as_it_changes(page: Page, root: Path, port: int) -> None:  # noqa: F811
    page.goto(f"http://127.0.0.1:{port}/")
    findings = page.locator("td[data-label=Findings]")
    expect(findings).to_have_text("none")
    edit(root, "next_review: 2029-11-23", "next_review: 2026-11-28")
    expect(findings).to_contain_text("error")
    expect(page.locator("td[data-label='Review due']")).to_contain_text("overdue")
    edit(root, "title: All about colds", "titel: All about colds")
    expect(findings).to_contain_text("`title` is missing")
    write_publisher(root, changed(BOOKLET, 'version: "1.0"', 'version: "1.1"'), HOUSE + ROLES)
    expect(findings).to_have_text("none")
    expect(page.locator("td[data-label=Version]")).to_contain_text("1.1")
