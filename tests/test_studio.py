"""Does the studio show what is printed while somebody writes, and nothing to anybody else?"""

import http.client
import json
import os
import shutil
import signal
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import psutil
import pytest
from axe_playwright_python.sync_playwright import Axe
from command import PROJECT, command, run, settings
from playwright.sync_api import Browser, Page, expect
from publisher import BOOKLET, BOOKLET_FILE, CLINIC, changed, write_publisher
from test_review import browser, needs_chromium  # noqa: F401 - a fixture

from booklet.setter import Setter, StaleError
from booklet.studio import VIEWS
from booklet.view import View, Wanted

DAY = "2026-11-29"
#: In milliseconds: how long a page may take on a machine that does other things as well.
PATIENCE = 60_000


@pytest.fixture
def root(tmp_path: Path) -> Path:
    made = write_publisher(tmp_path / "house", files={"source/clinics/riverside.yaml": CLINIC})
    shutil.copytree(PROJECT / "layouts/a5-booklet", made / "layouts/a5-booklet")
    return made


@pytest.fixture
def port(root: Path) -> Iterator[int]:
    words = command("proof", "--no-browser", "--root", root, "--port", "0", "--today", DAY)
    with subprocess.Popen(words, env=settings(), stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            yield int(process.stdout.readline().split("127.0.0.1:")[1].split("/")[0])
        finally:
            process.send_signal(signal.SIGINT)
            assert process.wait(30) == 0


@pytest.fixture
def page(browser: Browser, port: int) -> Iterator[Page]:  # noqa: F811
    shown = browser.new_page(viewport={"width": 1400, "height": 900})
    faults: list[str] = []
    shown.on("pageerror", lambda error: faults.append(str(error)))
    shown.set_default_timeout(PATIENCE)
    expect.set_options(timeout=PATIENCE)
    shown.goto(f"http://127.0.0.1:{port}/booklets/colds/")
    expect(shown.locator("#page-1 img")).to_have_js_property("complete", True)
    expect(shown.locator("#told")).to_contain_text("version 1.0")
    yield shown
    shown.close()
    assert faults == []


def edit(root: Path, old: str, new: str) -> None:
    path = root / BOOKLET_FILE
    path.write_text(changed(path.read_text(encoding="utf-8"), old, new), encoding="utf-8")


def get(port: int, path: str, **headers: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    try:
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


# --- While somebody writes ---------------------------------------------------------------------------


@needs_chromium
def test_only_the_page_that_was_changed_comes_anew(page: Page, root: Path) -> None:
    before = {one: page.locator(f"#page-{one} img").get_attribute("src") for one in (1, 2, 3)}
    edit(root, "Most colds go away", "All colds go away")
    expect(page.locator("#told")).to_have_text("Changed: page 2.")
    expect(page.locator("#page-2")).to_have_class("changed")
    expect(page.locator("#page-2 img")).not_to_have_attribute("src", str(before[2]))
    assert [page.locator(f"#page-{one} img").get_attribute("src") for one in (1, 3)] == [before[1], before[3]]


@needs_chromium
def test_a_mistake_keeps_the_last_good_pages_and_says_where_it_is(page: Page, root: Path) -> None:
    before = page.locator("#page-3 img").get_attribute("src")
    edit(root, "title: All about colds", "titel: All about colds")
    expect(page.locator("#told")).to_have_text("The pages are as they were before: `title` is missing.")
    expect(page.locator("#findings")).to_contain_text(f"{BOOKLET_FILE}, line ")
    expect(page.locator("#findings")).to_contain_text("did you mean `title`?")
    assert page.locator("#page-3 img").get_attribute("src") == before
    edit(root, "titel: All about colds", "title: All about colds")
    expect(page.locator("#told")).to_contain_text("version 1.0")
    expect(page.locator("#count")).to_have_text("No findings")


@needs_chromium
def test_a_source_that_is_no_yaml_keeps_the_pages_of_its_own_layout(
    page: Page, root: Path, port: int
) -> None:
    edit(root, "language: en-GB", "language: en-GB\nlayouts: [dl-leaflet]")
    page.goto(f"http://127.0.0.1:{port}/booklets/colds/")
    expect(page.locator("#count")).to_have_text("No findings")
    before = page.locator("#page-1 img").get_attribute("src")
    edit(root, "title: All about colds", 'title: "All about colds')
    expect(page.locator("#told")).to_contain_text("The pages are as they were before")
    assert page.locator("#page-1 img").get_attribute("src") == before
    edit(root, 'title: "All about colds', "title: All about coughs")
    expect(page.locator("#title")).to_have_text("All about coughs")


@needs_chromium
def test_a_paragraph_leads_to_its_line_and_a_finding_to_its_place(page: Page, root: Path) -> None:
    line = BOOKLET.split("\n").index("      - Most colds go away by themselves.") + 1
    expect(page.locator("#count")).to_have_text("No findings")
    image = page.locator("#page-2 img")
    image.scroll_into_view_if_needed()
    news = page.evaluate("() => news.blocks.filter((one) => one.lines[0][0] === 2)")
    block = next(one for one in news if one["line"] == line)["lines"][0]
    scale = image.evaluate("(one) => one.width") / page.evaluate("() => news.pages[1][1]")
    across, down = (block[1] + block[3]) / 2 * scale, (block[2] + block[4]) / 2 * scale
    page.locator("#page-2 .touch").click(position={"x": across, "y": down})
    expect(page.locator("#file")).to_have_text(f"{BOOKLET_FILE}, line {line}")
    expect(page.locator("#lines mark")).to_contain_text("Most colds go away by themselves.")
    expect(page.locator("#editor")).to_have_attribute("href", f"vscode://file{root / BOOKLET_FILE}:{line}")
    edit(root, "next_review: 2029-11-23", "next_review: 2026-11-28")
    expect(page.locator("#count")).to_contain_text("Findings: ")
    page.locator("#findings button").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#lines mark")).to_contain_text("next_review: 2026-11-28")


@needs_chromium
def test_several_tabs_and_a_clinics_pages_follow(page: Page, browser: Browser, root: Path, port: int) -> None:  # noqa: F811
    other = browser.new_page()
    other.goto(f"http://127.0.0.1:{port}/booklets/colds/?layout=a4-leaflet&clinic=riverside")
    expect(other.locator("#told")).to_contain_text("version 1.0")
    edit(root, "All about colds", "All about coughs")
    for one in (page, other):
        expect(one.locator("#title")).to_have_text("All about coughs")
    other.close()


def test_what_is_wanted_no_more_is_given_up_and_what_was_laid_out_is_kept(tmp_path: Path) -> None:
    shutil.copytree(PROJECT / "source", tmp_path / "source")
    wanted = Wanted((tmp_path, PROJECT), "acute-lymphoblastic-leukaemia")
    setter, told = Setter(wanted), []
    try:
        assert len(setter.ask(View.look).pages) > 20
        process = setter.ask(process_of)
        house = tmp_path / "source/house.yaml"
        house.write_text(
            changed(house.read_text("utf-8"), "name: Macmillan Cancer Support\n", "name: Macmillan Cancer\n"),
            encoding="utf-8",
        )

        def ask() -> None:
            try:
                setter.ask(View.look)
            except StaleError:
                told.append("given up")

        asking = threading.Thread(target=ask)
        asking.start()
        while asking.is_alive():
            setter.supersede()
            asking.join(0.02)
        assert told == ["given up"]
        # Where nothing is being set, nothing is given up.
        setter.supersede()
        assert setter.ask(View.look) == View(wanted).look()
        assert setter.ask(process_of) == process
    finally:
        setter.end()


def process_of(_: View) -> int:
    """Who answers."""
    return os.getpid()


@needs_chromium
def test_a_browser_with_many_tabs_follows_in_each(browser: Browser, root: Path, port: int) -> None:  # noqa: F811
    with browser.new_context() as one:
        tabs = [one.new_page() for _ in range(8)]
        for number, tab in enumerate(tabs):
            tab.set_default_timeout(PATIENCE)
            tab.goto(f"http://127.0.0.1:{port}/{'' if number % 4 == 3 else 'booklets/colds/'}")
        edit(root, "All about colds", "All about coughs")
        for number, tab in enumerate(tabs):
            place = "tbody th a" if number % 4 == 3 else "#title"
            expect(tab.locator(place)).to_have_text("All about coughs", timeout=PATIENCE)


@needs_chromium
def test_more_views_than_are_kept_all_follow(browser: Browser, root: Path, port: int) -> None:  # noqa: F811
    kinds = ("a5-booklet", "a4-leaflet", "dl-leaflet", "large-print")
    queries = [f"?layout={one}{ink}" for one in kinds for ink in ("", "&ink=low")][: VIEWS + 1]
    with browser.new_context() as one:
        tabs = [one.new_page() for _ in queries]
        for tab, query in zip(tabs, queries, strict=True):
            tab.goto(f"http://127.0.0.1:{port}/booklets/colds/{query}")
            expect(tab.locator("#told")).to_contain_text("version 1.0", timeout=PATIENCE)
        edit(root, "All about colds", "All about coughs")
        for tab in tabs:
            expect(tab.locator("#title")).to_have_text("All about coughs", timeout=PATIENCE)


@needs_chromium
def test_a_source_that_was_put_in_the_place_of_another_is_followed(page: Page, root: Path) -> None:
    shutil.copytree(root / "source", root / "kept")
    shutil.rmtree(root / "source")
    expect(page.locator("#told")).to_contain_text("cannot be shown any more")
    shutil.copytree(root / "kept", root / "source")
    expect(page.locator("#told")).to_contain_text("version 1.0")
    edit(root, "Most colds go away", "All colds go away")
    expect(page.locator("#told")).to_contain_text("Changed: page 2.")


@needs_chromium
def test_spreads_of_arabic_are_bound_on_the_right(browser: Browser, root: Path, port: int) -> None:  # noqa: F811
    edit(root, "language: en-GB", "language: ar")
    shown = browser.new_page(viewport={"width": 1400, "height": 900})
    shown.goto(f"http://127.0.0.1:{port}/booklets/colds/")
    expect(shown.locator("#page-3")).to_be_visible(timeout=PATIENCE)
    left, right = (shown.locator(f"#page-{number}").bounding_box() for number in (3, 2))
    assert left
    assert right
    assert (left["y"], left["x"] < right["x"]) == (right["y"], True)
    shown.close()


@needs_chromium
@pytest.mark.parametrize("width", [768, 390])
def test_a_narrow_screen_shows_what_was_clicked_on(
    browser: Browser,  # noqa: F811
    root: Path,
    port: int,
    width: int,
) -> None:
    shown = browser.new_page(viewport={"width": width, "height": 800})
    shown.set_default_timeout(PATIENCE)
    shown.goto(f"http://127.0.0.1:{port}/booklets/colds/")
    expect(shown.locator("#count")).to_have_text("No findings", timeout=PATIENCE)
    shown.locator("#page-2 .touch").click(position={"x": 120, "y": 120})
    expect(shown.locator("#lines mark")).to_be_in_viewport()
    expect(shown.locator(".place").first).to_be_in_viewport()
    shown.get_by_role("button", name="Close").click()
    expect(shown.locator("#source")).to_be_hidden()
    edit(root, "title: All about colds", "titel: All about colds")
    expect(shown.locator("#told")).to_contain_text("`title` is missing")
    expect(shown.locator("#told")).to_be_in_viewport()
    shown.evaluate("() => scrollTo(0, 0)")
    expect(shown.locator("#findings")).to_be_in_viewport()
    shown.close()


@needs_chromium
def test_a_fault_is_not_hidden_by_what_was_clicked_on(page: Page, root: Path) -> None:
    expect(page.locator("#count")).to_have_text("No findings")
    page.locator("#page-2 .touch").click()
    expect(page.locator("#source")).to_be_visible()
    edit(root, "title: All about colds", "titel: All about colds")
    expect(page.locator("#findings")).to_contain_text("did you mean `title`?")
    above, below = (page.locator(one).bounding_box() for one in ("#findings", "#source"))
    assert above
    assert below
    assert above["y"] < below["y"]


@needs_chromium
def test_a_process_that_is_ended_costs_one_answer(page: Page, root: Path, port: int) -> None:
    owner = next(
        one for one in psutil.net_connections("tcp") if one.laddr and one.laddr.port == port and one.pid
    )
    for one in psutil.Process(owner.pid).children(recursive=True):
        if one.memory_info().rss > 80_000_000 and not one.children():
            one.kill()
    edit(root, "Most colds go away", "All colds go away")
    expect(page.locator("#told")).to_contain_text("Changed: page 2.")


@needs_chromium
def test_a_layout_that_is_changed_is_followed_too(page: Page, root: Path) -> None:
    before = page.locator("#page-2 img").get_attribute("src")
    sheet = root / "layouts/a5-booklet/page.css"
    sheet.write_text(sheet.read_text(encoding="utf-8") + "h2 { letter-spacing: 3pt }\n", encoding="utf-8")
    expect(page.locator("#told")).to_contain_text("Changed: page")
    expect(page.locator("#page-2 img")).not_to_have_attribute("src", str(before))


@needs_chromium
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everybody_can_use_it(browser: Browser, port: int, scheme: str) -> None:  # noqa: F811
    for path in ("/", "/booklets/colds/"):
        shown = browser.new_page(color_scheme=scheme)  # type: ignore[arg-type]
        for width in (1400, 320):
            shown.set_viewport_size({"width": width, "height": 900})
            shown.goto(f"http://127.0.0.1:{port}{path}")
            if path != "/":
                expect(shown.locator("#count")).to_have_text("No findings", timeout=PATIENCE)
            found = Axe().run(shown)
            assert found.violations_count == 0, found.generate_report()
            assert shown.evaluate("document.documentElement.scrollWidth") <= width
        shown.close()


# --- For nobody else ---------------------------------------------------------------------------------


def test_a_page_elsewhere_cannot_look_at_it(port: int) -> None:
    assert get(port, "/", Host="booklets.evil.example")[0] == 421
    status, _ = get(port, "/booklets/colds/", Host=f"booklets.evil.example:{port}")
    assert status == 421
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", "/")
    answer = connection.getresponse()
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Access-Control-Allow-Origin"] is None
    connection.close()


@pytest.mark.parametrize(
    "file",
    [
        *("/etc/passwd", "source/../../secret.yaml", "../secret.yaml", "layouts/base/layout.yaml"),
        *("source/link.yaml", "source/house.yaml\0", "source", ""),
    ],
)
def test_no_other_file_is_shown(port: int, root: Path, file: str) -> None:
    (root.parent / "secret.yaml").write_text("secret: yes\n", encoding="utf-8")
    (root / "source/link.yaml").symlink_to(root.parent / "secret.yaml")
    status, said = get(port, f"/booklets/colds/source?file={quote(file)}&line=1")
    assert (status, b"secret: yes" in said) == (404, False)


def test_a_file_of_the_source_is_shown_around_a_line(port: int) -> None:
    status, said = get(port, f"/booklets/colds/source?file={quote(BOOKLET_FILE)}&line=3")
    told = json.loads(said)
    assert (status, told["first"], told["lines"][2]) == (200, 1, BOOKLET.split("\n")[2])


@pytest.mark.parametrize(
    "path",
    [
        *("/booklets/flu/", "/booklets/colds/?layout=nothing", "/booklets/colds/?language=cy"),
        *("/booklets/colds/?clinic=nobody", "/booklets/colds/?layout=large-print&points=x"),
        "/booklets/colds/?layout=large-print&points=99",
        *("/booklets/colds/pictures/0", "/booklets/colds/pictures/0?scale=x", "/booklets/..%2fhouse/"),
        *("/booklets/colds/pictures/0?scale=%C2%B2", "/booklets/colds/pictures/0?scale=" + "9" * 5000),
        f"/booklets/colds/source?file={quote(BOOKLET_FILE)}&line=%C2%B2",
        f"/booklets/colds/source?file={quote(BOOKLET_FILE)}&line={'9' * 5000}",
    ],
)
def test_what_is_not_there_is_not_found(port: int, path: str) -> None:
    assert get(port, path)[0] == 404


# --- The command -------------------------------------------------------------------------------------


def test_a_port_that_is_taken_and_a_folder_without_a_source_are_told(port: int, root: Path) -> None:
    ran = run("proof", "--root", root, "--port", port)
    assert (ran.status, f"Port {port} cannot be used" in ran.err) == (2, True), ran
    ran = run("proof", "--root", root / "nothing", "--port", "0")
    assert (ran.status, "There is no folder" in ran.err) == (2, True), ran
