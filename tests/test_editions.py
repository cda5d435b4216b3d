"""Does a clinic that types its details get the released booklet with them, and no other? A real process."""

import asyncio
import http.client
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlencode

import psutil
import pypdfium2 as pdfium
import pytest
from axe_playwright_python.sync_playwright import Axe
from command import PROJECT, build, command, run, settings
from playwright.sync_api import Page, Route, expect
from publisher import write_publisher
from starlette.applications import Starlette
from test_release import DAY, FILES, SIGNED_HOUSE, edit, sign
from test_release import release as released
from test_web import browser, needs_chromium  # noqa: F401 - a fixture

sys.path.insert(0, str(PROJECT / "bench"))

from editions import load

from booklet import spot
from booklet.answers import MOST_BYTES
from booklet.assemble import Local, Panel
from booklet.editions import AT_ONCE, AT_WORK, Editions, Rate
from booklet.problem import Outcome
from booklet.register import SHOP, read_register
from booklet.spot import Wanted, answer
from booklet.store import Folder
from booklet.typed import FIELDS, LONGEST, details, id_of
from booklet.typeset import typeset_panel

PATH = "/editions/colds/1.0/en-GB/"
FORMS = ("a5-booklet", "large-print-18pt", "a5-booklet-grey")

TYPED = {
    "name": "St Mary’s Day Unit",
    "address": "1 River Street, Exampletown",
    "urgent-text": "If you have a temperature, call us.",
    "urgent-phone": "020 7946 0999",
    "urgent-hours": "Day and night",
    "contact-1-name": "Reception",
    "contact-1-phone": "020 7946 0102",
    "contact-1-hours": "Monday to Friday",
    "note": "Bring this **booklet** with you.",
}
#: The same in a clinic's file, as an editor would write it.
CLINIC = """\
# A clinic of the tests.
name: St Mary’s Day Unit
address: 1 River Street, Exampletown
urgent: {text: "If you have a temperature, call us.", phone: 020 7946 0999, hours: Day and night}
contacts:
  - {name: Reception, phone: 020 7946 0102, hours: Monday to Friday}
note: Bring this **booklet** with you.
"""
ID = "st-marys-day-unit"


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


@dataclass(frozen=True)
class Server:
    """The command in a process of its own."""

    process: subprocess.Popen[bytes]
    root: Path
    port: int
    said: Path

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def get(self, path: str) -> Answer:
        return self._ask("GET", path, b"", {})

    def post(
        self,
        fields: Mapping[str, str] | bytes = TYPED,
        path: str = PATH,
        do: str = "send",
        form: str = "a5-booklet",
        **headers: str,
    ) -> Answer:
        """Send a form as a browser does; `headers` are added, those that are empty left out."""
        body = fields
        if not isinstance(body, bytes):
            body = urlencode({"edition": form, "do": do} | dict(body)).encode()
        own = {"Origin": self.origin, "Content-Type": "application/x-www-form-urlencoded"}
        own |= {name.replace("_", "-"): text for name, text in headers.items()}
        return self._ask("POST", path, body, {name: text for name, text in own.items() if text})

    def _ask(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        try:
            connection.request(method, path, body or None, dict(headers))
            got = connection.getresponse()
            return Answer(got.status, dict(got.msg), got.read())
        finally:
            connection.close()

    @property
    def workers(self) -> list[psutil.Process]:
        """The processes that make editions."""
        below = psutil.Process(self.process.pid).children(recursive=True)
        return [one for one in below if not one.children() and one.memory_info().rss > 100_000_000]


def serving(root: Path, said: Path) -> Iterator[Server]:
    words = command("serve", "--editions", "--root", root, "--port", "0", "--today", DAY)
    with said.open("wb") as log:
        process = subprocess.Popen(words, env=settings(), stdout=log, stderr=log, start_new_session=True)
    try:
        yield Server(process, root, _port(process, said), said)
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(timeout=60)
        finally:
            process.kill()  # where it did not end


def _port(process: subprocess.Popen[bytes], said: Path) -> int:
    for _ in range(1200):
        found = re.search(r" is shown at http://127\.0\.0\.1:(\d+)/", said.read_text(encoding="utf-8"))
        if found:
            return int(found[1])
        if process.poll() is not None:
            break
        time.sleep(0.05)
    pytest.fail(f"no server: {said.read_text(encoding='utf-8')}")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A publisher with a released booklet, and a clinic's file with what is typed here."""
    files = {
        f"source/clinics/{ID}.yaml": CLINIC,
        "layouts/releases.yaml": "sizes: [18]\ngrey: true\n",
        "public/index.html": "<!DOCTYPE html><title>Booklets</title>",
    }
    root = write_publisher(tmp_path_factory.mktemp("spot") / "house", house=SIGNED_HOUSE, files=FILES | files)
    sign(root)
    ran = released(root)
    assert ran.status == 0, ran
    return root


@pytest.fixture(scope="module")
def server(house: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    yield from serving(house, tmp_path_factory.mktemp("said") / "said")


@pytest.fixture
def own(house: Path, tmp_path: Path) -> Iterator[Server]:
    """A server whose releases a test may change."""
    shutil.copytree(house, tmp_path / "house")
    yield from serving(tmp_path / "house", tmp_path / "said")


# --- What a clinic gets --------------------------------------------------------------------


@pytest.mark.parametrize("form", FORMS)
def test_it_is_the_file_that_build_makes_of_a_clinics_file(form: str, server: Server, tmp_path: Path) -> None:
    layout = "large-print" if form.startswith("large") else "a5-booklet"
    more = ("--size", "18") if layout == "large-print" else ("--ink", "low") if "grey" in form else ()
    words = ("--clinic", ID, "--layout", layout, *more, "--out", tmp_path, "--today", DAY)
    assert build(server.root, *words).status == 0
    got = server.post(form=form)
    name = f"colds-1.0-en-GB-{form}--{ID}.pdf"
    assert got.status == 200
    assert got.headers["content-type"] == "application/pdf"
    assert got.headers["content-disposition"] == f'attachment; filename="{name}"'
    assert got.headers["cache-control"] == "no-store"
    assert got.body == (tmp_path / "colds/1.0" / name).read_bytes()


def test_the_panel_is_shown_as_it_prints(server: Server) -> None:
    got = server.post(do="show")
    assert got.status == 200
    assert got.headers["cache-control"] == "no-store"
    assert 'src="data:image/png;base64,' in got.text
    assert "If you have a temperature, call us. 020 7946 0999. Day and night. St Mary’s Day Unit" in got.text
    assert 'value="020 7946 0102"' in got.text


def test_what_does_not_fit_is_laid_out_again(server: Server) -> None:
    many = {f"contact-{n}-{key}": said for n in (1, 2, 3, 4) for key, said in ROOM.items()}
    long = TYPED | many | {"note": "Bring this booklet with you each time. " * 15}
    got = server.post({name: said[:590] for name, said in long.items()})
    assert (got.status, got.headers["content-type"]) == (200, "application/pdf"), got.text
    assert "020 7946 0102" in words_of(got.body)


ROOM = {"name": "Reception and ward desk", "phone": "020 7946 0102", "hours": "Monday to Friday " * 9}


def words_of(pdf: bytes) -> str:
    document = pdfium.PdfDocument(pdf)
    try:
        return "\n".join(page.get_textpage().get_text_bounded() for page in document)
    finally:
        document.close()


def test_all_booklets_that_are_current_are_listed(server: Server) -> None:
    assert f'href="{PATH}"' in server.get("/editions/").text
    assert server.get("/").text.startswith("<!DOCTYPE html><title>Booklets</title>")


def test_the_site_works_without_it(house: Path, tmp_path: Path) -> None:
    words = command("serve", "--public", house / "public", "--port", "0")
    said = tmp_path / "said"
    with said.open("wb") as log:
        process = subprocess.Popen(words, env=settings(), stdout=log, stderr=log, start_new_session=True)
    try:
        plain = Server(process, house, _port(process, said), said)
        assert (plain.get("/").status, plain.get("/editions/").status) == (200, 404)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=30)


# --- What is wrong with what was typed -----------------------------------------------------

FAULTS = {
    "no name": ({"name": ""}, "name", "‘Name of the clinic’ is empty"),
    "no number": ({"urgent-phone": "call me"}, "urgent-phone", "is no phone number. Write digits"),
    "a letter that no font has": ({"address": "1 \U00013000 St"}, "address", "cannot print: ‘\U00013000’"),
    "half an urgent line": ({"urgent-hours": ""}, "urgent-hours", "Fill in all three fields"),
    "a contact without a name": (
        {"contact-2-phone": "020 7946 0103"},
        "contact-2-name",
        "contact 2) is empty",
    ),
    "Markdown where none is": ({"name": "The **Unit**"}, "name", "takes plain words"),
    "a note of two paragraphs": ({"note": "One.\r\n\r\nTwo."}, "note", "is more than one paragraph"),
    "a heading": ({"note": "# Hours"}, "note", "cannot hold a heading. Write plain words"),
    "a link into the booklet": ({"note": "See [colds](#colds)."}, "note", "link that leads nowhere"),
    "a script as a link": ({"note": "See [this](javascript:alert(1))."}, "note", "link that leads nowhere"),
    "a picture": ({"note": "![x](file:///etc/passwd)"}, "note", "cannot hold a picture"),
    "HTML": ({"note": "<script>alert(1)</script>"}, "note", "cannot hold raw HTML"),
    "a control character": ({"name": "Unit\x07\x08"}, "name", "a sign that cannot be seen"),
    "a letter that turns the line": ({"name": "Unit \u202e020"}, "name", "a sign that cannot be seen"),
    "a zero byte": ({"name": "Unit\x00"}, "name", "a sign that cannot be seen"),
    "a word without end": ({"name": "x" * LONGEST}, "name", "put a space or a hyphen into it"),
    "a long name": ({"name": "x " * LONGEST}, "name", "It has 399 letters, and there is room for 200"),
    "a long note": ({"note": "y " * 400}, "note", "It has 799 letters, and there is room for 600"),
}
#: What editors are told, who have files and layouts, and clinics have not.
EDITORS = re.compile(r"`|\.yaml|layout|U\+|section|kind:|booklet:|soft hyphen|the line away", re.IGNORECASE)


@pytest.mark.parametrize("do", ["show", "send"])
@pytest.mark.parametrize(("typed", "field", "told"), FAULTS.values(), ids=FAULTS)
def test_a_fault_is_told_once_beside_its_field_in_a_clinics_words(
    typed: dict[str, str], field: str, told: str, do: str, server: Server
) -> None:
    got = server.post(TYPED | typed, do=do)
    assert got.status == 422, got.text[:300]
    beside = got.text.split(f'id="{field}-fault"')[1].split("</div>")[0]
    assert told in beside
    assert beside.count("Wrong:") == 1
    assert not EDITORS.search(beside)
    assert 'aria-invalid="true"' in got.text
    assert got.text.count(f'href="#{field}"') == 1
    # All that was typed is still there; a browser does not cut what is pasted off without a word.
    assert f'value="{TYPED["address"]}"' in got.text or field == "address"
    assert "maxlength" not in got.text


def test_all_that_is_wrong_is_told_at_once(server: Server) -> None:
    got = server.post(TYPED | {"note": "y " * 400, "urgent-phone": "x", "contact-1-phone": "x", "name": ""})
    found = re.findall(r'<li><a href="#([a-z0-9-]+)"', got.text)
    assert found == ["name", "urgent-phone", "contact-1-phone", "note"]


def test_a_page_is_found_without_its_last_slash(server: Server) -> None:
    for path in ("/editions/", PATH):
        got = server.get(path.rstrip("/"))
        assert (got.status, got.headers["location"]) == (307, path)


HTML = '"><script>alert(1)</script><img src=x onerror=alert(1)>'


def test_what_is_typed_is_no_html(server: Server) -> None:
    for do in ("show", "send"):
        got = server.post(dict.fromkeys(FIELDS, HTML), do=do)
        assert got.status == 422
        assert "<script>alert" not in got.text
        assert "<img src=x" not in got.text
        assert got.text.count("<script") == 1  # the page's own


YAML = (
    "- a",
    "{a: b}",
    "&a b",
    "!!python/object:os.system x",
    "a: b",
    "#",
    "'",
    "\\",
    "%TAG",
    "@",
)


@pytest.mark.parametrize("text", YAML)
def test_what_means_something_to_yaml_is_plain_text(text: str) -> None:
    made = details(TYPED | {"name": f"Unit {text}", "address": text}).read()
    assert made.value, made.problems
    assert (made.value.name, made.value.address) == (f"Unit {text}", text)


def test_no_field_can_write_another_key() -> None:
    made = details({"name": 'Unit"\nlogo: clinics/x.svg\nbooklets: [colds]\n#', "address": "\nlogo: x.svg"})
    clinic = made.read().value
    assert clinic is None or (clinic.logo, clinic.booklets) == (None, None)
    assert made.text.count("\n") == 2


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("St Mary’s Day Unit", "st-marys-day-unit"),
        ("../../etc/passwd", "etc-passwd"),
        ("Łódź Ärztehaus", "odz-arztehaus"),
        ("24 Hour Clinic", "clinic-24-hour-clinic"),
        ("诊所", "clinic"),
        ("-", "clinic"),
        ("Unit\r\nSet-Cookie: a=b", "unit-set-cookie-a-b"),
        ("x" * 300, "x" * 40),
    ],
)
def test_a_file_is_named_after_the_clinic_and_leads_nowhere(name: str, told: str) -> None:
    assert id_of(name) == told


# --- What is refused -----------------------------------------------------------------------

REFUSED: dict[str, tuple[dict[str, Any], int]] = {
    "another site's form": ({"Origin": "https://evil.example"}, 403),
    "a page without an origin": ({"Origin": "null"}, 403),
    "no origin at all": ({"Origin": ""}, 403),
    "this machine under another port": ({"Origin": "http://127.0.0.1:1"}, 403),
    "what a browser knows to come from elsewhere": ({"Sec_Fetch_Site": "cross-site"}, 403),
    "the next site's": ({"Sec_Fetch_Site": "same-site"}, 403),
    "text": ({"Content_Type": "text/plain"}, 415),
    "JSON": ({"Content_Type": "application/json"}, 415),
    "files": ({"Content_Type": "multipart/form-data; boundary=x"}, 415),
    "another encoding": ({"Content_Type": "application/x-www-form-urlencoded; charset=utf-16"}, 415),
    "no form": ({"fields": b"\xff\xfe"}, 400),
    "nothing": ({"fields": b""}, 400),
    "what is not UTF-8": ({"fields": b"name=%ff%fe&edition=a5-booklet&do=send"}, 400),
    "half of a letter": ({"fields": b"name=%ed%a0%80&edition=a5-booklet&do=send"}, 400),
    "a field twice": ({"fields": b"name=a&name=b&edition=a5-booklet&do=send"}, 400),
    "a field of its own": ({"fields": TYPED | {"logo": "clinics/x.svg"}}, 400),
    "a list of booklets": ({"fields": TYPED | {"booklets": "[colds]"}}, 400),
    "many fields": ({"fields": b"&".join(b"f%d=x" % n for n in range(500))}, 400),
    "a form that was not released": ({"form": "dl-leaflet"}, 400),
    "a path for a form": ({"form": "../../../a5-booklet"}, 400),
    "another deed": ({"do": "delete"}, 400),
    "a form that is too long": ({"fields": b"name=" + b"x" * MOST_BYTES}, 413),
    "a version that was not released": ({"path": "/editions/colds/1.1/en-GB/"}, 404),
    "a language that was not": ({"path": "/editions/colds/1.0/cy/"}, 404),
    "another booklet": ({"path": "/editions/flu/1.0/en-GB/"}, 404),
    "a path up": ({"path": "/editions/%2e%2e/1.0/en-GB/"}, 404),
    "a path within a name": ({"path": "/editions/colds%2f..%2fcolds/1.0/en-GB/"}, 405),
    "a zero byte in a name": ({"path": "/editions/colds%00/1.0/en-GB/"}, 404),
}


@pytest.mark.parametrize(("how", "status"), REFUSED.values(), ids=REFUSED)
def test_it_is_refused(how: dict[str, Any], status: int, server: Server) -> None:
    got = server.post(**how)
    assert got.status == status, got.text[:500]
    assert b"%PDF" not in got.body
    assert "St Mary" not in got.text
    assert "set-cookie" not in got.headers


def test_every_answer_is_guarded_and_sets_no_cookie(server: Server) -> None:
    answers = [server.get("/editions/"), server.get(PATH), server.post(), server.post(do="show")]
    answers.append(server.post(Origin="null"))
    for got in answers:
        assert got.headers["cache-control"] == "no-store"
        assert "default-src 'none'" in got.headers["content-security-policy"]
        assert "frame-ancestors 'none'" in got.headers["content-security-policy"]
        assert got.headers["x-content-type-options"] == "nosniff"
        assert got.headers["referrer-policy"] == "same-origin"
        assert "set-cookie" not in got.headers
    assert server.get("/").headers["referrer-policy"] == "no-referrer"


def test_under_another_host_it_is_not_answered(server: Server) -> None:
    assert server.post(Host="evil.example", Origin="http://evil.example").status == 421


async def asked(editions: Editions, body: bytes, **headers: str) -> tuple[int, Mapping[str, str]]:
    """The status and the headers that are answered to a form, without a server."""
    own = {"host": "127.0.0.1:80", "origin": "http://127.0.0.1:80"} | headers
    own |= {"content-type": "application/x-www-form-urlencoded"}
    raw = [(name.encode(), text.encode()) for name, text in own.items()]
    scope = {"type": "http", "method": "POST", "path": PATH, "raw_path": PATH.encode(), "query_string": b""}
    scope |= {"headers": raw, "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80), "root_path": ""}
    said: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        said.append(message)

    await Starlette(routes=editions.routes)(scope, receive, send)
    got = {name.decode(): text.decode() for name, text in said[0]["headers"]}
    return said[0]["status"], got


BODY = urlencode(TYPED | {"edition": "a5-booklet", "do": "send"}).encode()


def test_who_asks_too_much_is_told_to_come_again(house: Path) -> None:
    with ThreadPoolExecutor(1) as never:
        editions = Editions((house, PROJECT), lambda: date.fromisoformat(DAY), never)
        for _ in range(AT_ONCE):
            editions.rate.wait("127.0.0.1", time.monotonic())
        status, headers = asyncio.run(asked(editions, BODY))
    assert (status, headers["retry-after"]) == (429, "1")


def test_where_too_many_wait_the_next_is_told_to_come_again(house: Path) -> None:
    with ThreadPoolExecutor(1) as never:
        editions = Editions((house, PROJECT), lambda: date.fromisoformat(DAY), never)
        editions.at_work = AT_WORK
        status, headers = asyncio.run(asked(editions, BODY))
    assert (status, headers["retry-after"], editions.at_work) == (503, "2", AT_WORK)


class Failing(Executor):
    """Workers that have a fault, which tells what somebody has typed."""

    def submit(self, *_: Any, **__: Any) -> Any:
        raise ValueError(TYPED["name"])


def test_what_a_fault_of_the_program_says_is_told_to_nobody(house: Path) -> None:
    editions = Editions((house, PROJECT), lambda: date.fromisoformat(DAY), Failing())
    status, _ = asyncio.run(asked(editions, BODY))
    assert (status, editions.at_work) == (500, 0)


def test_a_rate_is_counted_for_each_browser() -> None:
    rate = Rate()
    assert [rate.wait("one", 0.0) for _ in range(AT_ONCE)] == [0] * AT_ONCE
    assert (rate.wait("one", 0.0), rate.wait("two", 0.0)) == (1, 0)
    assert (rate.wait("one", 0.1), rate.wait("one", 60.0)) == (0, 0)


# --- What has become of it -----------------------------------------------------------------


def test_a_withdrawn_edition_is_not_made(own: Server) -> None:
    assert own.get(PATH).status == 200
    words = ("withdraw", "colds", "1.0", "--reason", "The number on page 3 is wrong.", "--root", own.root)
    assert run(*words, "--today", DAY).status == 0
    for got in (own.get(PATH), own.post(), own.post(do="show")):
        assert got.status == 410
        assert "The number on page 3 is wrong." in got.text
    assert PATH not in own.get("/editions/").text


def test_a_superseded_edition_says_what_takes_its_place(own: Server) -> None:
    edit(own.root, 'version: "1.0"', 'version: "1.1"')
    edit(own.root, "Most colds go away", "Colds go away")
    asked = re.search(r"digest: ([0-9a-f]{64})", released(own.root).out)
    assert asked
    lines = (own.root / "source/booklets/colds/sign-offs.yaml").read_text(encoding="utf-8")
    signed = re.sub("digest: [0-9a-f]{64}", f"digest: {asked[1]}", lines.replace('"1.0"', '"1.1"'))
    (own.root / "source/booklets/colds/sign-offs.yaml").write_text(signed, encoding="utf-8")
    ran = released(own.root)
    assert ran.status == 0, ran
    newer = "/editions/colds/1.1/en-GB/"
    old = own.get(PATH)
    assert (old.status, f'href="{newer}"' in old.text) == (200, True)
    assert "Colds go away" in words_of(own.post(path=newer).body)
    assert "Most colds go away" in words_of(own.post().body)
    listed = own.get("/editions/").text
    assert (PATH in listed, newer in listed) == (False, True)


def test_of_a_damaged_release_nothing_is_made(house: Path, tmp_path: Path) -> None:
    root = tmp_path / "house"
    shutil.copytree(house, root)
    pdf = root / "releases/colds/1.0/colds-1.0-en-GB-a5-booklet.pdf"
    data = pdf.read_bytes()
    pdf.write_bytes(data[:5000] + bytes([data[5000] ^ 1]) + data[5001:])
    for own in serving(root, tmp_path / "said"):
        got = own.post()
        assert (got.status, b"%PDF" in got.body) == (422, False)
        assert "not as it was released" in got.text


# --- Nothing is kept -----------------------------------------------------------------------

SECRET = "Quince Marmalade Ward"


def holding(folders: list[Path], text: bytes) -> list[Path]:
    """The files that hold a text."""
    paths = (path for folder in folders for path in folder.rglob("*") if path.is_file())
    return [path for path in paths if text in _bytes(path)]


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


@pytest.fixture
def temporary(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder for temporary files; its name is short enough for a socket's."""
    with tempfile.TemporaryDirectory(prefix="t") as name:
        monkeypatch.setenv("TMPDIR", name)
        yield Path(name)


def test_nothing_is_written_and_nothing_logged(house: Path, temporary: Path, tmp_path: Path) -> None:
    for one in serving(house, tmp_path / "said"):
        one.post(do="show")
        before = {path: path.stat().st_mtime_ns for path in house.rglob("*")}
        made = [path for path in temporary.rglob("*") if path.is_file()]
        for do in ("show", "send"):
            assert one.post(TYPED | {"name": SECRET}, do=do).status == 200
            assert one.post(TYPED | {"name": SECRET, "urgent-phone": "x"}, do=do).status == 422
        assert {path: path.stat().st_mtime_ns for path in house.rglob("*")} == before
        assert [path for path in temporary.rglob("*") if path.is_file()] == made
        assert holding([house, temporary], SECRET.encode()) == []
        said = one.said.read_text(encoding="utf-8")
        assert (SECRET in said, said.count("\n")) == (False, 1)


# --- What goes wrong on the way ------------------------------------------------------------


def test_the_crash_of_a_worker_costs_its_own_request_alone(own: Server) -> None:
    assert own.post().status == 200
    found: list[int] = []
    several = [Thread(target=lambda: found.append(own.post().status)) for _ in range(8)]
    for one in several:
        one.start()
    workers = own.workers
    assert workers
    workers[0].kill()
    for one in several:
        one.join()
    assert found.count(200) >= 7
    assert set(found) <= {200, 503}
    assert own.post().status == 200


@pytest.fixture
def wanted(house: Path) -> Wanted:
    register = read_register(Folder(house / SHOP)).value
    edition = register and register.edition("colds", "1.0", "en-GB")
    assert edition
    spot._EDITIONS.clear()
    return Wanted((house, PROJECT), edition, "a5-booklet", 0, False, date.fromisoformat(DAY))


def test_the_panel_of_another_is_not_handed_out(wanted: Wanted, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever goes wrong behind the layout is found in the finished file."""
    assert answer(wanted, details(TYPED), shown=False).pdf
    right, panels = Local.edition, list[Panel]()

    def exchanged(local: Local, panel: Panel, identifier: bytes) -> bytes:
        panels.append(panel)
        return right(local, panels[0], identifier)

    monkeypatch.setattr(Local, "edition", exchanged)
    assert answer(wanted, details(TYPED), shown=False).pdf
    for shown in (False, True):
        other = answer(wanted, details(TYPED | {"name": "Another Unit"}), shown=shown)
        assert (other.pdf, other.picture) == (b"", None)
        assert any("Another Unit" in one.problem.message for one in other.faults)


MUTANTS = {
    "another number": ("020 7946 0999", "020 7946 0998", "words-missing"),
    "a link to another number": ('href="tel:02079460999"', 'href="tel:02079460998"', "link"),
    "a lost line": ('<p class="urgent-hours">Day and night</p>', "", "words-missing"),
    "small type": ('class="urgent-text"', 'style="font-size: 7pt"', "words-small"),
    "faint type": ('class="urgent-text"', 'style="color: #bbb"', "words-faint"),
    "another language": ('<p class="urgent-text"', '<p lang="fr"', "language"),
    "hidden type": ('class="urgent-text"', 'style="color: #fff; background: #fff"', "words"),
    "one more line": ('<p class="urgent-hours">', "<p>Or do not.</p><p>", "words"),
}


@pytest.mark.parametrize(("old", "new", "code"), MUTANTS.values(), ids=MUTANTS)
def test_a_panel_that_is_wrong_is_not_handed_out(
    old: str, new: str, code: str, wanted: Wanted, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert answer(wanted, details(TYPED), shown=False).pdf

    def spoilt(*others: Any) -> Outcome[str]:
        html = typeset_panel(*others).value
        assert html
        assert old in html
        return Outcome(html.replace(old, new))

    monkeypatch.setattr("booklet.bind.typeset_panel", spoilt)
    for shown in (False, True):
        got = answer(wanted, details(TYPED), shown=shown)
        assert (got.pdf, got.picture) == (b"", None)
        problems = [one.problem for one in got.faults] + list(got.others)
        assert any(one.code.startswith(code) for one in problems), problems


# --- In a browser --------------------------------------------------------------------------


@needs_chromium
@pytest.mark.parametrize(("width", "colours"), [(320, "light"), (390, "dark"), (1280, "light")])
def test_everybody_can_use_it(browser: Any, width: int, colours: str, server: Server) -> None:  # noqa: F811
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=colours)
    page: Page = context.new_page()
    try:
        for path in ("/editions/", PATH, "/editions/flu/1.0/en-GB/"):
            page.goto(server.origin + path)
            is_for_everybody(page)
        page.goto(server.origin + PATH)
        page.fill("#name", "Riverside")
        page.wait_for_selector("#shown img")
        is_for_everybody(page)
        page.fill("#urgent-phone", "call me")
        page.click("button[value=show]")
        page.wait_for_selector("#urgent-phone-fault")
        assert page.evaluate("document.activeElement.id") == "faults"
        is_for_everybody(page)
    finally:
        context.close()


@needs_chromium
def test_the_panel_that_is_shown_is_that_of_what_is_typed(browser: Any, server: Server) -> None:  # noqa: F811
    page: Page = browser.new_page()
    page.goto(server.origin + PATH)
    told, picture = expect(page.get_by_role("status")), expect(page.locator("#shown img"))
    page.fill("#urgent-text", "If you have a temperature, call us.")
    told.to_contain_text("There is no picture of what you typed: ‘Name of the clinic’ is empty.")
    told.to_contain_text("‘Telephone’ (whom to call at once) is empty.")
    page.fill("#name", "Riverside")
    page.fill("#urgent-phone", "020 7946 0999")
    page.fill("#urgent-hours", "Day and night")
    picture.to_be_visible()
    told.to_have_text(re.compile("Your details, on page"))
    page.fill("#urgent-phone", "call me")
    picture.to_have_count(0)
    told.to_contain_text("‘Telephone’ (whom to call at once) is no phone number.")
    # The fault that the button has put beside the field goes when it is mended.
    page.click("button[value=show]")
    page.wait_for_selector("#urgent-phone-fault")
    page.fill("#urgent-phone", "020 7946 0998")
    picture.to_be_visible()
    expect(page.locator("#faults, .fault, .wrong, [aria-invalid]")).to_have_count(0)
    page.close()


@needs_chromium
@pytest.mark.parametrize(
    ("status", "why"),
    [
        (429, "Too many are asking. Wait a moment, and press “Show the panel”."),
        (503, "Too many are asking. Wait a moment, and press “Show the panel”."),
        (500, "the server answers 500."),
        (None, "the server does not answer."),
    ],
)
def test_where_the_server_makes_no_picture_none_is_left(
    browser: Any,  # noqa: F811
    server: Server,
    status: int | None,
    why: str,
) -> None:
    page: Page = browser.new_page()
    page.goto(server.origin + PATH)
    page.fill("#name", "Riverside")
    picture = expect(page.locator("#shown img"))
    picture.to_be_visible()

    def answer_otherwise(route: Route) -> None:
        if route.request.method != "POST":
            route.continue_()
        elif status is None:
            route.abort()
        else:
            title = "<main><h1>Too many are asking</h1></main>" if status != 500 else ""
            route.fulfill(status=status, body=title, content_type="text/html")

    page.route("**/*", answer_otherwise)
    page.fill("#name", "Riverside Unit")
    expect(page.get_by_role("status")).to_have_text(f"There is no picture of what you typed: {why}")
    picture.to_have_count(0)
    page.unroute("**/*")
    page.fill("#name", "Riverside Ward")
    picture.to_be_visible()
    page.close()


def is_for_everybody(page: Page) -> None:
    rules = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
    found = Axe().run(page, options=rules).response["violations"]
    assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@needs_chromium
def test_by_keyboard_alone_a_clinic_gets_its_booklet(browser: Any, server: Server, tmp_path: Path) -> None:  # noqa: F811
    for scripts in (True, False):
        context = browser.new_context(java_script_enabled=scripts, accept_downloads=True)
        page: Page = context.new_page()
        page.goto(server.origin + "/editions/")
        press_to(page, "All about colds")
        page.keyboard.press("Enter")
        page.wait_for_url(f"**{PATH}")
        for _ in range(3):
            page.keyboard.press("Tab")
            if page.locator("#name:focus").count():
                break
        page.keyboard.type("Riverside")
        page.keyboard.press("Enter")
        page.wait_for_selector("#shown img")
        press_to(page, "Download the booklet")
        with page.expect_download() as begun:
            page.keyboard.press("Enter")
        assert begun.value.suggested_filename == "colds-1.0-en-GB-a5-booklet--riverside.pdf"
        begun.value.save_as(tmp_path / "one.pdf")
        assert "Riverside" in words_of((tmp_path / "one.pdf").read_bytes())
        context.close()


def press_to(page: Page, words: str) -> None:
    """Press Tab until what has these words has the focus."""
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.locator(":focus").count() and page.locator(":focus").inner_text() == words:
            return
    pytest.fail(f"the keyboard does not lead to {words}")


# --- Under load ----------------------------------------------------------------------------


def test_many_at_once_each_get_their_own(server: Server) -> None:
    names = [f"Unit number {number}" for number in range(24)]
    found: dict[str, Answer] = {}

    def ask(name: str) -> None:
        found[name] = server.post(TYPED | {"name": name})

    several = [Thread(target=ask, args=(name,)) for name in names]
    for one in several:
        one.start()
    for one in several:
        one.join()
    for name in names:
        said = words_of(found[name].body)
        assert [other for other in names if re.search(rf"\b{other}\b", said)] == [name]


@pytest.mark.skipif(shutil.which("wrk") is None, reason="wrk is not here")
def test_many_at_once_get_whole_files(server: Server) -> None:
    found = load(server.origin + PATH, 4, 12)
    assert found.right > 0
    assert (found.wrong, found.lost) == (0, 0)
