"""Does `serve` show public/ whole and right, and nothing else, whatever is asked of it? A real process."""

import hashlib
import http.client
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import Message
from email.parser import BytesParser
from io import FileIO
from pathlib import Path
from threading import Thread

import pytest
from command import PROJECT, Ran, command, run_apart, settings

sys.path.insert(0, str(PROJECT / "bench"))

from serve import load, write_site

from booklet import serve

SECRET = b"not to be told"
PAGE = b"<!DOCTYPE html><title>Booklets</title>"
PDF = bytes(range(256)) * 40
LARGE = os.urandom(1 << 20) * 8
STYLE = b"p { color: #222 }"
DIGEST = hashlib.sha256(STYLE).hexdigest()
NAME = "Früh “A” 100%.pdf"

FILES = {
    "index.html": PAGE,
    "404.html": b"<title>Not here</title>",
    "atom.xml": b"<feed/>",
    "sitemap.xml": b"<urlset/>",
    "stock.csv": "Größe\n".encode(),
    "reviews.ics": b"BEGIN:VCALENDAR",
    "catalogue.json": b"{}",
    "search.js": b"'use strict'",
    "cover.svg": b"<svg/>",
    "cover.png": b"\x89PNG",
    "cover.webp": b"RIFF",
    "text.woff2": b"wOF2",
    "SHA256SUMS": b"0 x",
    "notes.txt": "é".encode(),
    "empty.txt": b"",
    "large.zip": LARGE,
    "style.css": STYLE,
    f"style.{DIGEST[:12]}.css": STYLE,
    f"style.{DIGEST[1:13]}.css": STYLE,
    "colds/index.html": b"colds",
    "colds/colds-1.0.pdf": PDF,
    f"colds/{NAME}": PDF,
    "bare/page.html": b"bare",
    "a b;c=d/index.html": b"odd",
    # What lies in public/ and is not for readers.
    ".hidden": SECRET,
    ".git/config": SECRET,
    ".../secret.txt": SECRET,
    "..secret": SECRET,
    "colds/.manifest": SECRET,
    "back\\slash": SECRET,
}


@dataclass(frozen=True)
class Answer:
    """What came back over a connection."""

    status: int
    headers: Message
    body: bytes


@dataclass(frozen=True)
class Server:
    """The command in a process of its own."""

    process: subprocess.Popen[bytes]
    public: Path
    port: int
    said: Path

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=30)

    def raw(self, request: bytes) -> bytes:
        """All that is answered to some bytes."""
        with self.connect() as connection:
            connection.sendall(request)
            return b"".join(iter(lambda: connection.recv(1 << 16), b""))

    def ask(self, target: bytes, host: bytes | None = None) -> Answer:
        """The answer for a target as it stands, which http.client would put right."""
        host = b"Host: 127.0.0.1:%d\r\n" % self.port if host is None else host
        got = self.raw(b"GET %s HTTP/1.1\r\n%sConnection: close\r\n\r\n" % (target, host))
        head, _, body = got.partition(b"\r\n\r\n")
        first, _, headers = head.partition(b"\r\n")
        return Answer(int(first.split()[1]), BytesParser().parsebytes(headers), body)

    def get(self, path: str, headers: Mapping[str, str] | None = None, method: str = "GET") -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, headers=dict(headers or {}))
            answer = connection.getresponse()
            return Answer(answer.status, answer.msg, answer.read())
        finally:
            connection.close()

    def start(self, path: str) -> socket.socket:
        """Begin a download and read but the first piece of it."""
        connection = self.connect()
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost:{self.port}\r\n\r\n".encode())
        assert connection.recv(4096, socket.MSG_PEEK).startswith(b"HTTP/1.1 200 ")
        return connection


@contextmanager
def serving(public: Path, said: Path, start: tuple[str, ...] = ()) -> Iterator[Server]:
    """`start` is how the command is called, where that is not as always."""
    with said.open("wb") as log:
        process = subprocess.Popen(
            [*(start or command()), "serve", "--public", str(public), "--port", "0"],
            env=settings(),
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        yield Server(process, public, _port(process, said), said)
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(timeout=30)
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


def write_public(folder: Path) -> Path:
    """A site, with a secret beside it and ways that lead there."""
    for name, content in FILES.items():
        path = folder / "public" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    (folder / "secret.txt").write_bytes(SECRET)
    (folder / "secrets").mkdir()
    (folder / "secrets/index.html").write_bytes(SECRET)
    (folder / "public-2").mkdir()
    (folder / "public-2/index.html").write_bytes(SECRET)
    public = folder / "public"
    (public / "link.txt").symlink_to(folder / "secret.txt")
    (public / "near.txt").symlink_to("../secret.txt")
    (public / "linked").symlink_to(folder / "secrets")
    (public / "round").symlink_to("round")
    (public / "system").symlink_to("/etc")
    os.mkfifo(public / "pipe")
    return public


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("site")
    strict = (sys.executable, "-W", "error", *command()[1:])  # it says where a file is left open
    with serving(write_public(folder), folder / "said", strict) as one:
        yield one
        assert one.get("/").body == PAGE  # whatever was asked of it
        assert one.said.read_text(encoding="utf-8").count("\n") == 1


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Server]:
    """A server whose files a test may change."""
    public = tmp_path / "public"
    public.mkdir()
    (public / "index.html").write_bytes(PAGE)
    (public / "large.zip").write_bytes(LARGE)
    with serving(public, tmp_path / "said") as one:
        yield one


def replace(path: Path, content: bytes) -> None:
    """Put another file in a file's place, as the catalogue does."""
    new = path.with_name(".new")
    new.write_bytes(content)
    new.replace(path)


def rest(connection: socket.socket) -> tuple[Message, bytes]:
    """All of a download that was begun."""
    with connection, http.client.HTTPResponse(connection) as answer:
        answer.begin()
        return answer.msg, answer.read()


# --- What is shown -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/", "text/html; charset=utf-8"),
        ("/colds/", "text/html; charset=utf-8"),
        ("/style.css", "text/css; charset=utf-8"),
        ("/search.js", "text/javascript; charset=utf-8"),
        ("/catalogue.json", "application/json"),
        ("/atom.xml", "application/atom+xml; charset=utf-8"),
        ("/sitemap.xml", "application/xml; charset=utf-8"),
        ("/reviews.ics", "text/calendar; charset=utf-8"),
        ("/stock.csv", "text/csv; charset=utf-8"),
        ("/notes.txt", "text/plain; charset=utf-8"),
        ("/empty.txt", "text/plain; charset=utf-8"),
        ("/cover.svg", "image/svg+xml"),
        ("/cover.png", "image/png"),
        ("/cover.webp", "image/webp"),
        ("/text.woff2", "font/woff2"),
        ("/colds/colds-1.0.pdf", "application/pdf"),
        ("/large.zip", "application/zip"),
        ("/SHA256SUMS", "application/octet-stream"),
    ],
)
def test_a_file_arrives_whole_with_its_type(path: str, kind: str, server: Server) -> None:
    content = FILES[path[1:] + ("index.html" if path.endswith("/") else "")]
    got, head = server.get(path), server.get(path, method="HEAD")
    assert (got.status, got.headers["Content-Type"], got.body) == (200, kind, content)
    assert got.headers["Content-Length"] == str(len(content))
    assert got.headers["Accept-Ranges"] == "bytes"
    assert (head.status, head.body) == (200, b"")
    assert {**head.headers, "date": ""} == {**got.headers, "date": ""}


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/colds/colds-1.0.pdf", 'inline; filename="colds-1.0.pdf"'),
        ("/large.zip", 'attachment; filename="large.zip"'),
        (
            "/colds/Fr%C3%BCh%20%E2%80%9CA%E2%80%9D%20100%25.pdf",
            (
                'inline; filename="Fr_h _A_ 100_.pdf"; '
                "filename*=UTF-8''Fr%C3%BCh%20%E2%80%9CA%E2%80%9D%20100%25.pdf"
            ),
        ),
        ("/colds/", None),
    ],
)
def test_a_download_has_its_own_name(path: str, told: str | None, server: Server) -> None:
    got = server.get(path)
    assert (got.status, got.headers["Content-Disposition"]) == (200, told)


def test_only_a_file_that_is_named_after_its_content_is_kept_for_good(server: Server) -> None:
    kept = {path: server.get(f"/{path}").headers["Cache-Control"] for path in FILES if path[:6] == "style."}
    forever = "public, max-age=31536000, immutable"
    assert kept == {
        "style.css": "no-cache",
        f"style.{DIGEST[:12]}.css": forever,
        f"style.{DIGEST[1:13]}.css": "no-cache",
    }


@pytest.mark.parametrize(
    ("path", "leads"),
    [("/colds", "/colds/"), ("/colds?q=1&l=cy", "/colds/?q=1&l=cy"), ("/a%20b;c=d", "/a%20b%3Bc%3Dd/")],
)
def test_a_folder_leads_to_its_page(path: str, leads: str, server: Server) -> None:
    got = server.get(path)
    assert (got.status, got.headers["Location"]) == (307, leads)
    assert server.get(leads).status == 200


@pytest.mark.parametrize(
    "path", ["/nothing", "/bare", "/bare/", "/colds/colds-1.0.pdf/", "/index.html/", "/a%0ab"]
)
def test_what_is_not_there_gets_the_sites_own_page(path: str, server: Server) -> None:
    got = server.get(path)
    assert (got.status, got.body) == (404, FILES["404.html"])
    assert got.headers["Content-Type"] == "text/html; charset=utf-8"


def test_a_site_without_such_a_page_says_so_plainly(own: Server) -> None:
    got = own.get("/nothing")
    assert (got.status, got.body) == (404, b"There is no such page.\n")


# --- Again, and in parts -------------------------------------------------------------------


def test_what_a_browser_has_is_not_sent_again(server: Server) -> None:
    got = server.get("/colds/colds-1.0.pdf")
    etag = got.headers["ETag"]
    assert re.fullmatch(r'"[0-9a-f]{32}"', etag)
    for known in (etag, f"W/{etag}", f'"other", {etag}', "*"):
        again = server.get("/colds/colds-1.0.pdf", {"If-None-Match": known})
        assert (again.status, again.body, again.headers["ETag"]) == (304, b"", etag)
        assert again.headers["Cache-Control"] == got.headers["Cache-Control"]
    for other in ('"other"', etag[1:-1], ""):
        assert server.get("/colds/colds-1.0.pdf", {"If-None-Match": other}).body == PDF


def test_the_tag_is_made_of_the_content_alone(own: Server) -> None:
    page = own.public / "index.html"
    first = own.get("/").headers["ETag"]
    replace(page, PAGE)
    os.utime(page, (1, 1))
    assert own.get("/").headers["ETag"] == first
    replace(page, PAGE.swapcase())
    os.utime(page, (1, 1))
    assert own.get("/").headers["ETag"] != first
    assert own.get("/", {"If-None-Match": first}).body == PAGE.swapcase()


def test_a_file_is_read_once_for_its_tag(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "one.txt").write_bytes(b"1")
    site, tags = serve.Site(tmp_path), set()
    read: list[str] = []
    real = hashlib.file_digest

    def noted(file: FileIO, kind: str) -> object:
        read.append(kind)
        return real(file, kind)

    monkeypatch.setattr(hashlib, "file_digest", noted)
    for _ in range(3):
        found = site.open("one.txt")
        tags.add(found.etag)
        found.file.close()
    assert (len(tags), len(read)) == (1, 1)
    replace(tmp_path / "one.txt", b"2")
    found = site.open("one.txt")
    found.file.close()
    assert (found.etag in tags, len(read)) == (False, 2)


@pytest.mark.parametrize("path", ["/colds/colds-1.0.pdf", "/large.zip"])
@pytest.mark.parametrize(
    ("asked", "part"),
    [
        ("bytes=0-0", slice(0, 1)),
        ("bytes=100-199", slice(100, 200)),
        ("BYTES=100-199", slice(100, 200)),
        ("bytes=5000-", slice(5000, None)),
        ("bytes=-300", slice(-300, None)),
        ("bytes=10-999999999", slice(10, None)),
        ("bytes=-999999999", slice(0, None)),
        ("bytes=0-9,999999999-", slice(0, 10)),
    ],
)
def test_a_part_of_a_file(asked: str, part: slice, path: str, server: Server) -> None:
    whole = FILES[path[1:]]
    got = server.get(path, {"Range": asked})
    start, stop, _ = part.indices(len(whole))
    assert (got.status, got.body) == (206, whole[part])
    assert got.headers["Content-Range"] == f"bytes {start}-{stop - 1}/{len(whole)}"
    assert got.headers["ETag"] == server.get(path, method="HEAD").headers["ETag"]


def test_several_parts_of_a_file(server: Server) -> None:
    got = server.get("/large.zip", {"Range": "bytes=0-9, 1000-1999, -5"})
    assert got.status == 206
    assert got.headers["Content-Length"] == str(len(got.body))
    head = f"Content-Type: {got.headers['Content-Type']}\r\n\r\n".encode()
    parts = BytesParser().parsebytes(
        head + got.body.replace(b"\r\n\r\n", b"\nContent-Transfer-Encoding: 8bit\r\n\r\n")
    )
    assert parts.is_multipart()
    size = len(LARGE)
    ends = [f"bytes 0-9/{size}", f"bytes 1000-1999/{size}", f"bytes {size - 5}-{size - 1}/{size}"]
    assert [part["Content-Range"] for part in parts.get_payload()] == ends  # type: ignore[index]
    for content in (LARGE[:10], LARGE[1000:2000], LARGE[-5:]):
        assert b"\r\n\r\n" + content + b"\r\n--" in got.body


@pytest.mark.parametrize("asked", ["bytes=10240-", "bytes=-0", "bytes=99999-100000,-0"])
def test_a_part_behind_the_end_is_told(asked: str, server: Server) -> None:
    got = server.get("/colds/colds-1.0.pdf", {"Range": asked})
    assert (got.status, got.headers["Content-Range"]) == (416, f"bytes */{len(PDF)}")


@pytest.mark.parametrize(
    "asked", ["bytes=", "bytes=-", "bytes=5-3", "bytes=a-b", "lines=1-2", "bytes=0-1,x", "0-5", "bytes=1-2-3"]
)
def test_what_is_no_part_is_not_heard(asked: str, server: Server) -> None:
    got = server.get("/colds/colds-1.0.pdf", {"Range": asked})
    assert (got.status, got.body) == (200, PDF)


def test_a_part_belongs_to_the_file_that_was_begun(server: Server) -> None:
    etag = server.get("/colds/colds-1.0.pdf").headers["ETag"]
    part = {"Range": "bytes=0-9"}
    assert server.get("/colds/colds-1.0.pdf", part | {"If-Range": etag}).body == PDF[:10]
    for other in ('"other"', f"W/{etag}", "Sun, 29 Nov 2026 10:00:00 GMT"):
        assert server.get("/colds/colds-1.0.pdf", part | {"If-Range": other}).body == PDF
    assert server.get("/colds/colds-1.0.pdf", part, method="HEAD").status == 200


# --- What is refused -----------------------------------------------------------------------

UP = (
    b"..",
    b"%2e%2e",
    b"%2E.",
    b".%2e",
    b"..%00",
    b"..;",
    b"..;a=b",
    b"..%20",
    b"...",
    b"....",
    b"%2e%2e%20",
)
#: A dot, and a slash, in forms of UTF-8 that are longer than allowed, halved, or double.
LONG_UP = (
    b"%c0%ae%c0%ae",
    b"%e0%80%ae%e0%80%ae",
    b"%f0%80%80%ae.",
    b"%252e%252e",
    b"%25252e.",
    b"%uff0e.",
    b"%ef%bc%8e.",
)
SLASH = (
    b"/",
    b"%2f",
    b"%2F",
    b"\\",
    b"%5c",
    b"%252f",
    b"%255c",
    b"%c0%af",
    b"%e0%80%af",
    b"//",
    b"/./",
    b"%ef%bc%8f",
)

TRICKS = (
    *(b"/" + up + slash + b"secret.txt" for up in (*UP, *LONG_UP) for slash in SLASH),
    *(b"/colds/" + up + slash + up + slash + b"secret.txt" for up in (*UP, *LONG_UP) for slash in SLASH),
    *(b"/" + b"../" * depth + b"etc/passwd" for depth in range(1, 12)),
    *(b"/" + b"%2e%2e%2f" * depth + b"etc/passwd" for depth in range(1, 12)),
    *(b"/" + b"..\\" * depth + b"etc\\passwd" for depth in range(1, 12)),
    *(slash + slash + name for slash in SLASH for name in (b"etc/passwd", b"127.0.0.1/secret.txt", b"colds")),
    b"../secret.txt",
    b"..",
    b"secret.txt",
    b"index.html",
    b"\\index.html",
    b"?",
    b"*",
    b"/..",
    b"/../",
    b"/.",
    b"/./",
    b"/./index.html",
    b"/colds/../index.html",
    b"/colds/./index.html",
    b"/colds//index.html",
    b"//",
    b"///",
    b"//colds",
    b"//evil.example/colds",
    b"/%2fcolds",
    b"/%5ccolds",
    b"/../public/index.html",
    b"/../public-2/index.html",
    b"/..-2/index.html",
    b"/public/../../secret.txt",
    b"/%00",
    b"/index.html%00",
    b"/index.html%00.txt",
    b"/%00/index.html",
    b"/index.html%0a",
    b"/index.html%0d%0aSet-Cookie:%20a=b",
    b"/index.html%20",
    b"/index.html.",
    b"/index.html...",
    b"/index.html;",
    b"/index.html;a=b",
    b"/index.html::$DATA",
    b"/INDEX.HTML",
    b"/index.html/",
    b"/index.html/.",
    b"/index.html/..",
    b"/index.html/../../secret.txt",
    b"/index.html%2f..%2f..%2fsecret.txt",
    b"/colds%2findex.html",
    b"/colds%5cindex.html",
    b"/%",
    b"/%%",
    b"/%2",
    b"/%zz",
    b"/%u0069ndex.html",
    b"/%c3%28",
    b"/%ff",
    b"/%ed%a0%80",
    b"/~root/.bashrc",
    b"/~",
    b"/$HOME/secret.txt",
    b"/file:///etc/passwd",
    b"file:///etc/passwd",
    b"http://127.0.0.1/../secret.txt",
    b"http://evil.example/index.html",
    b"http:///etc/passwd",
    b"//etc/passwd",
    b"/etc/passwd",
    b"/c:/secret.txt",
    b"/c:\\secret.txt",
    b"/proc/self/environ",
    b"/dev/fd/0",
    b"/dev/stdin",
    b"/.hidden",
    b"/%2ehidden",
    b"/.git/config",
    b"/.git/",
    b"/.git",
    b"/%2egit%2fconfig",
    b"/.../secret.txt",
    b"/...",
    b"/%2e%2e%2e/secret.txt",
    b"/..secret",
    b"/colds/.manifest",
    b"/colds/%2emanifest",
    b"/back\\slash",
    b"/back%5cslash",
    b"/link.txt",
    b"/near.txt",
    b"/linked",
    b"/linked/",
    b"/linked/index.html",
    b"/system/passwd",
    b"/system/",
    b"/round",
    b"/round/",
    b"/round/index.html",
    b"/pipe",
    b"/pipe/",
    b"/bare/",
    b"/" + b"a" * 300,
    b"/" + b"a/" * 3000 + b"index.html",
    b"/" + b"../" * 3000 + b"secret.txt",
    b"/" + b"a" * 12_000,
    b"/" + b"%2e%2e%2f" * 1500 + b"secret.txt",
)


@pytest.mark.parametrize("target", dict.fromkeys(TRICKS), ids=lambda target: repr(target)[2:50])
def test_no_trick_leads_out_of_the_folder(target: bytes, server: Server) -> None:
    got = server.ask(target)
    assert got.status in {400, 404}
    assert SECRET not in got.body
    assert b"root:" not in got.body
    assert got.body == (FILES["404.html"] if got.status == 404 else b"Invalid HTTP request received.")
    assert got.headers["Location"] is None


def test_a_target_in_pieces_or_without_a_version_leads_nowhere(server: Server) -> None:
    for request in (
        b"GET ../secret.txt\r\n\r\n",
        b"GET /../secret.txt HTTP/0.9\r\n\r\n",
        b"GET /../secret.txt HTTP/1.0\r\n\r\n",
        b"GET /../ secret.txt HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET\t/../secret.txt\tHTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"\x00" * 5000,
    ):
        got = server.raw(request)
        assert got.startswith(b"HTTP/1.1 400 ")
        assert SECRET not in got


def test_a_request_without_an_end_is_cut_off(server: Server) -> None:
    with server.connect() as connection, pytest.raises((ConnectionResetError, BrokenPipeError)):
        connection.sendall(b"GET /" + b"a" * 100_000_000)


def test_a_listing_of_a_folder_is_never_given(server: Server) -> None:
    assert b"page.html" not in server.get("/bare/").body + server.get("/bare").body


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:{port}", "127.0.0.1", "localhost", "localhost:1", "127.0.0.1:{port}.evil"],
)
def test_another_hosts_name_is_refused(host: str, server: Server) -> None:
    told = host.format(port=server.port)
    got = server.get("/", {"Host": told})
    assert got.status == 421
    assert got.body == f"This is http://127.0.0.1:{server.port}/ and no other host.\n".encode()


@pytest.mark.parametrize("host", ["127.0.0.1:{port}", "localhost:{port}", "LocalHost:{port}", "[::1]:{port}"])
def test_this_machines_own_names_are_known(host: str, server: Server) -> None:
    assert server.get("/", {"Host": host.format(port=server.port)}).body == PAGE


def test_a_request_names_one_host(server: Server) -> None:
    twice = b"Host: localhost:%d\r\n" % server.port * 2
    assert server.ask(b"/", host=twice).status == 400
    assert server.ask(b"/", host=b"X-Host: localhost\r\n").status == 400
    assert server.raw(b"GET / HTTP/1.0\r\n\r\n").endswith(b"\r\n\r\nA request names one host.\n")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND"])
@pytest.mark.parametrize("path", ["/", "/colds/colds-1.0.pdf", "/nothing"])
def test_files_are_only_read(method: str, path: str, server: Server) -> None:
    got = server.get(path, method=method)
    assert got.status == 405
    assert set(got.headers["Allow"].split(", ")) == {"GET", "HEAD"}


def test_every_answer_says_what_a_page_may_do(server: Server) -> None:
    answers = (
        server.get("/"),
        server.get("/nothing"),
        server.get("/colds"),
        server.get("/", {"If-None-Match": "*"}),
        server.get("/large.zip", {"Range": "bytes=0-9"}),
        server.get("/large.zip", {"Range": "bytes=0-9,20-29"}),
        server.get("/large.zip", {"Range": "bytes=999999999-"}),
        server.get("/", method="POST"),
        server.get("/", {"Host": "evil.example"}),
        server.ask(b"/%2e%2e/secret.txt"),
    )
    assert [one.status for one in answers] == [200, 404, 307, 304, 206, 206, 416, 405, 421, 404]
    policy = (
        "default-src 'none'; img-src 'self'; style-src 'self'; script-src 'self'; connect-src 'self'; "
        "font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    for one in answers:
        assert one.headers.get_all("Content-Security-Policy") == [policy]
        assert one.headers["X-Content-Type-Options"] == "nosniff"
        assert one.headers["Referrer-Policy"] == "no-referrer"
        assert one.headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert one.headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert "camera=()" in one.headers["Permissions-Policy"]
        assert one.headers["Server"] is None


# --- What goes on meanwhile ----------------------------------------------------------------


def test_a_file_that_is_replaced_arrives_whole(own: Server) -> None:
    old = own.get("/large.zip", method="HEAD").headers["ETag"]
    begun = own.start("/large.zip")
    other = LARGE[::-1][:-5000]
    replace(own.public / "large.zip", other)
    new = own.get("/large.zip", {"Range": "bytes=0-9", "If-Range": old})
    headers, body = rest(begun)
    assert (headers["ETag"], body == LARGE) == (old, True)
    assert (new.status, new.body == other, new.headers["ETag"] != old) == (200, True, True)


def test_a_file_that_vanishes_arrives_whole(own: Server) -> None:
    begun = own.start("/large.zip")
    (own.public / "large.zip").unlink()
    assert own.get("/large.zip").status == 404
    assert rest(begun)[1] == LARGE


def test_each_answer_is_of_one_file_while_it_is_replaced_again_and_again(own: Server) -> None:
    contents = [bytes([65 + number]) * (1000 + 300_000 * number) for number in range(3)]
    tags = {hashlib.sha256(content).hexdigest()[:32]: content for content in contents}
    path = own.public / "changing.txt"
    replace(path, contents[0])
    seen = []

    def read() -> None:
        for _ in range(150):
            got = own.get("/changing.txt")
            seen.append(tags[got.headers["ETag"].strip('"')] == got.body)

    readers = [Thread(target=read) for _ in range(2)]
    for one in readers:
        one.start()
    while any(one.is_alive() for one in readers):
        for content in contents:
            replace(path, content)
    assert (len(seen), all(seen)) == (300, True)


def test_the_folder_may_be_written_anew(own: Server) -> None:
    shutil.move(own.public, own.public.with_name("before"))
    assert own.get("/").status == 404
    own.public.mkdir()
    (own.public / "index.html").write_bytes(b"new")
    assert own.get("/").body == b"new"


def test_slow_browsers_hold_up_nobody(own: Server) -> None:
    silent = own.connect()
    slow = own.connect()
    slow.sendall(b"GET / HT")
    lazy = [own.start("/large.zip") for _ in range(60)]  # more than there are threads
    assert own.get("/").body == PAGE
    slow.sendall(b"TP/1.1\r\nHost: localhost:%d\r\n\r\n" % own.port)
    assert rest(slow)[1] == PAGE
    for one in (silent, *lazy[1:]):
        one.close()
    assert rest(lazy[0])[1] == LARGE


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="the system does not tell what is open")
def test_a_download_that_is_given_up_leaves_nothing_open(own: Server) -> None:
    def count() -> int:
        return len(list(Path(f"/proc/{own.process.pid}/fd").iterdir()))

    for name in ("folder", "bare"):
        (own.public / name).mkdir()
    (own.public / "folder/index.html").write_bytes(PAGE)
    own.get("/large.zip", {"Range": "bytes=0-9"})
    before = count()
    for begun in [own.start("/large.zip") for _ in range(40)]:
        begun.close()
    for path in (
        "/",
        "/nothing",
        "/large.zip?",
        "/.hidden",
        "/folder",
        "/folder/",
        "/bare",
        "/folder/nothing",
    ):
        own.get(path, {"If-None-Match": "*"})
        own.get(path)
    for _ in range(600):
        if count() <= before:
            return
        time.sleep(0.05)
    pytest.fail(f"{count()} files are open, and {before} were")


def _without_rights() -> tuple[str, ...]:
    """How the command is called so that root, too, has no more rights than others."""
    if os.geteuid():
        return tuple(command())
    if not shutil.which("setpriv"):
        pytest.skip("root may read everything here")
    return ("setpriv", "--bounding-set=-dac_override,-dac_read_search", *command())


def test_what_may_not_be_read_is_told(tmp_path: Path) -> None:
    public = tmp_path / "public"
    (public / "locked").mkdir(parents=True)
    (public / "locked/index.html").write_bytes(SECRET)
    (public / "file.txt").write_bytes(SECRET)
    for name in ("locked", "file.txt"):
        (public / name).chmod(0)
    try:
        with serving(public, tmp_path / "said", _without_rights()) as one:
            for path in ("/locked/", "/locked", "/locked/index.html", "/file.txt"):
                got = one.get(path)
                assert (got.status, got.body) == (403, b"This file may not be read.\n")
    finally:
        (public / "locked").chmod(0o700)


#: The command where few files may be open, and more if it asks for it.
FEW_FILES = """
import resource, sys
from booklet import cli
resource.setrlimit(resource.RLIMIT_NOFILE, (64, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
sys.exit(cli.main(sys.argv[1:]))
"""


def test_many_downloads_go_on_at_once(tmp_path: Path) -> None:
    (tmp_path / "public").mkdir()
    (tmp_path / "public/large.zip").write_bytes(LARGE)
    with serving(tmp_path / "public", tmp_path / "said", (sys.executable, "-c", FEW_FILES)) as one:
        begun = [one.start("/large.zip") for _ in range(100)]
        assert rest(begun.pop())[1] == LARGE
        for connection in begun:
            connection.close()


#: The command on a disk of which one file cannot be read.
FAULTY_DISK = """
import errno, os, sys
from booklet import cli
real = os.open
def faulty(path, *words, **more):
    if path == "faulty.txt":
        raise OSError(errno.EIO, "Input/output error")
    return real(path, *words, **more)
os.open = faulty
sys.exit(cli.main(sys.argv[1:]))
"""


def test_what_cannot_be_read_now_is_told(tmp_path: Path) -> None:
    (tmp_path / "public").mkdir()
    with serving(tmp_path / "public", tmp_path / "said", (sys.executable, "-c", FAULTY_DISK)) as one:
        got = one.get("/faulty.txt")
        assert (got.status, got.body) == (503, b"This file cannot be read now.\n")


# --- The command ---------------------------------------------------------------------------


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_in_silence_even_in_the_middle_of_a_download(number: int, own: Server) -> None:
    begun = own.start("/large.zip")
    own.process.send_signal(number)
    assert own.process.wait(timeout=30) == 0
    begun.close()
    public = own.public.resolve()
    said = f"{public} is shown at http://127.0.0.1:{own.port}/ until Ctrl-C.\n"
    assert own.said.read_text(encoding="utf-8") == said


def refused(*words: object) -> Ran:
    ran = run_apart("serve", *words)
    assert (ran.status, ran.out) == (2, "")
    return ran


def test_a_missing_folder_is_told(tmp_path: Path) -> None:
    said = f"There is no folder {tmp_path}/public to show.\nhint: make_booklet.py catalogue\n"
    assert refused("--root", tmp_path).err == said
    (tmp_path / "file").touch()
    assert "There is no folder" in refused("--public", tmp_path / "file").err


def test_an_answer_does_not_wait_for_the_browser_to_say_that_it_has_the_first_half() -> None:
    # asyncio sets TCP_NODELAY where the listening socket names its protocol.
    with serve.listening(0) as listener:
        assert listener.proto == socket.IPPROTO_TCP


def test_a_port_that_is_taken_is_told(own: Server) -> None:
    ran = refused("--public", own.public, "--port", own.port)
    assert ran.err == (
        f"Port {own.port} cannot be used: Address already in use.\nhint: --port 0 takes any that is free\n"
    )


@pytest.mark.parametrize("port", ["-1", "65536", "http", "80a", "٣"])
def test_what_is_no_port_is_told(port: str, tmp_path: Path) -> None:
    assert "is no port; write 8000" in refused("--public", tmp_path, f"--port={port}").err


def test_only_this_machine_is_answered(own: Server) -> None:
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.2", own.port), timeout=5)


# --- Many requests -------------------------------------------------------------------------


@pytest.mark.skipif(not shutil.which("wrk"), reason="no wrk here")
def test_a_load_tool_gets_every_answer_right(tmp_path: Path) -> None:
    public = tmp_path / "public"
    write_site(public, pages=1000, pdfs=10)
    with serving(public, tmp_path / "said") as one:
        load_ = load(f"http://127.0.0.1:{one.port}", 4, 100, pages=1000, pdfs=10)
        assert load_.right > 0
        assert (load_.wrong, load_.lost) == (0, 0)
        assert one.said.read_text(encoding="utf-8").count("\n") == 1
