"""Do editions reach an address, whole and once? A scheduler, two workers and a server that speaks S3."""

import hashlib
import http.client
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import boto3
import pytest
from command import TODAY, Ran, build, command, run, run_apart, settings
from publisher import BOOKLET_FILE, changed, write_publisher
from test_cluster import BOOKLETS, CLINICS, Machines, end, jobs, machines, pdfs, run_door, wait_for

from booklet.batch import run_all
from booklet.bucket import opened
from booklet.cluster import Cluster, Target
from booklet.make import Job, Made, make
from booklet.store import Folder, address_of, marked

SECRET = "not-to-be-told"
#: Settings by which AWS's tools find nothing of this machine's owner.
NOBODY = {
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_DEFAULT_REGION": "us-east-1",
}
WORDS = ("--all-clinics", "--layout", "a5-booklet")
NAMES = ("colds", "cough", "fever", "flu")
EAST = "flu/1.0/flu-1.0-en-GB-a5-booklet--east.pdf"


class Front(ThreadingHTTPServer):
    """A server before the one that speaks S3: it counts what is asked, and may answer itself."""

    daemon_threads = True

    def __init__(self, behind: str) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.behind = behind
        self.asked: list[tuple[str, str]] = []
        self.answer: Callable[[str, str, bytes], tuple[int, bytes] | None] = lambda *_: None
        self.url = f"http://127.0.0.1:{self.server_port}"

    def count(self, method: str, part: str) -> int:
        """How often something was asked for, by a part of its path; an empty method is any."""
        return sum(method in asked and part in path for asked, path in self.asked)


class Handler(BaseHTTPRequestHandler):
    """Hands a request on, or answers it in the server's place."""

    protocol_version = "HTTP/1.1"
    server: Front

    def handle_any(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.asked.append((self.command, self.path))
        own = self.server.answer(self.command, self.path, body)
        if own:
            digest = f'"{hashlib.md5(body).hexdigest()}"'
            self.reply(own[0], own[1], [("ETag", digest), ("Content-Length", str(len(own[1])))])
            return
        behind = http.client.HTTPConnection(self.server.behind, timeout=60)
        headers = {name: value for name, value in self.headers.items() if name.lower() != "expect"}
        behind.request(self.command, self.path, body, headers)
        answer = behind.getresponse()
        data = answer.read()
        behind.close()
        keep = [(name, value) for name, value in answer.getheaders() if name.lower() not in HOPS]
        if self.command != "HEAD":
            keep = [(n, v) for n, v in keep if n.lower() != "content-length"]
            keep.append(("Content-Length", str(len(data))))
        self.reply(answer.status, data, keep)

    do_GET = do_PUT = do_HEAD = do_DELETE = do_POST = handle_any  # noqa: N815

    def reply(self, status: int, body: bytes, headers: list[tuple[str, str]]) -> None:
        self.send_response_only(status)
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(b"" if self.command == "HEAD" else body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""


#: Headers that belong to a connection and not to what is sent over it.
HOPS = {"connection", "keep-alive", "transfer-encoding", "date", "server"}


class S3:
    """A bucket of its own for a test, behind a front."""

    def __init__(self, client: Any, front: Front, name: str) -> None:
        self.client, self.front, self.name = client, front, name
        client.create_bucket(Bucket=name)

    def objects(self) -> dict[str, bytes]:
        """All objects below the prefix, but hidden ones."""
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=self.name)
        keys = [one["Key"] for page in pages for one in page.get("Contents", ())]
        return {key.removeprefix("release/"): self._read(key) for key in keys if "/." not in key}

    def _read(self, key: str) -> bytes:
        data: bytes = self.client.get_object(Bucket=self.name, Key=key)["Body"].read()
        return data

    def pdfs(self) -> dict[str, bytes]:
        return {name: data for name, data in self.objects().items() if name.endswith(".pdf")}

    def kind(self, name: str) -> str:
        """What a browser is told of an object."""
        return str(self.client.head_object(Bucket=self.name, Key=f"release/{name}")["ContentType"])

    def put(self, name: str, data: bytes) -> None:
        self.client.put_object(Bucket=self.name, Key=f"release/{name}", Body=data)

    def delete(self, name: str) -> None:
        self.client.delete_object(Bucket=self.name, Key=f"release/{name}")

    @property
    def address(self) -> str:
        return f"s3://{self.name}/release"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A process that speaks S3; its host and port."""
    log = tmp_path_factory.mktemp("s3") / "log"
    words = [sys.executable, "-P", "-m", "moto.server", "-H", "127.0.0.1", "-p", "0"]
    with log.open("ab") as file:
        process = subprocess.Popen(words, env=settings(), stdout=file, stderr=file, start_new_session=True)
    try:
        yield _listening(log)
    finally:
        end(process)


def _listening(log: Path) -> str:
    for _ in range(1200):
        found = re.search(r"Running on http://(127\.0\.0\.1:\d+)", log.read_text(encoding="utf-8"))
        if found:
            return found[1]
        time.sleep(0.05)
    pytest.fail(f"no server: {log.read_text(encoding='utf-8')}")


@pytest.fixture
def s3(server: str, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[S3]:
    """A bucket, and an environment in which AWS's tools find it."""
    front = Front(server)
    thread = threading.Thread(target=front.serve_forever)
    thread.start()
    own = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": SECRET, "AWS_ENDPOINT_URL": front.url}
    for name, value in (NOBODY | own).items():
        monkeypatch.setenv(name, value)
    client = boto3.client("s3", endpoint_url=f"http://{server}")
    try:
        yield S3(client, front, "b" + hashlib.sha256(request.node.name.encode()).hexdigest()[:20])
    finally:
        client.close()
        front.shutdown()
        front.server_close()
        thread.join()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write_publisher(tmp_path / "publisher", files={**CLINICS, **BOOKLETS})


@contextmanager
def two_machines(folder: Path) -> Iterator[tuple[Machines, dict[str, subprocess.Popen[bytes]]]]:
    with machines(folder) as at:
        started = {name: at.worker(name) for name in ("one", "two")}
        wait_for(2, at)
        yield at, started


def apart(root: Path, *words: object) -> Ran:
    """Build in a process of its own: fsspec keeps what it knows of a server as long as a process."""
    return run_apart("build", "--root", root, "--today", TODAY, *words)


def local(root: Path, address: str, *words: object) -> Ran:
    """Build on a cluster of this machine."""
    return apart(root, "--cluster", "local", "--out", address, "--layout", "a5-booklet", *words)


def verdicts(ran: Ran) -> dict[str, str]:
    """The verdict of each file, of a build with --json."""
    return {one["file"].rpartition("/")[2]: one["verdict"] for one in ran.data["editions"] if one["file"]}


def new_of(ran: Ran) -> set[str]:
    """The files that a build with --json made."""
    return {file for file, verdict in verdicts(ran).items() if verdict == "passed"}


# --- A bucket ------------------------------------------------------------------------------


def test_two_machines_fill_a_bucket_and_a_rerun_makes_what_is_wanting(
    root: Path, tmp_path: Path, s3: S3
) -> None:
    assert build(root, "--out", tmp_path / "alone", *WORDS).status == 0
    alone = pdfs(tmp_path / "alone")
    with two_machines(tmp_path / "machines") as (at, _):
        words = ("--cluster", at.address, "--out", s3.address, "--json", *WORDS)
        first = apart(root, *words)
        assert first.status == 0, first.out
        assert s3.pdfs() == alone
        assert {f"{s3.address}/{name}" for name in alone} == {one["file"] for one in first.data["editions"]}
        assert not list(root.rglob("*.pdf"))
        _nothing_secret(root)
        assert {name.rpartition(".")[2]: s3.kind(name) for name in s3.objects()} == {
            "pdf": "application/pdf",
            "html": "text/html",
            "json": "application/json",
        }
        reports = {name for name in s3.objects() if not name.endswith(".pdf")}
        assert reports == {f"{booklet}/1.0/report.{kind}" for booklet in NAMES for kind in ("html", "json")}

        s3.front.asked.clear()
        again = apart(root, *words)
        assert {one["verdict"] for one in again.data["editions"]} == {"passed, unchanged"}
        # One listing of all, and one mark that is read and written: not a request for each file.
        assert s3.front.count("GET", "list-type=2") == 1
        assert s3.front.count("", "list-type=2") + s3.front.count("", ".press") == len(s3.front.asked)

        name = EAST.rpartition("/")[2]
        s3.put(EAST, alone[EAST][:-1] + b"x")
        s3.delete("cough/1.0/cough-1.0-en-GB-a5-booklet.pdf")
        s3.put("colds/1.0/colds-1.0-en-GB-a5-booklet.desk.pdf", b"of an older edition")
        s3.put("fever/1.0/fever-1.0-en-GB-a5-booklet.desk.pdf", b"of this edition")
        text = root / BOOKLET_FILE
        text.write_text(changed(text.read_text(encoding="utf-8"), "by themselves", "alone"), encoding="utf-8")
        mended = apart(root, *words)
        assert new_of(mended) == {
            name,
            "cough-1.0-en-GB-a5-booklet.pdf",
            *(f"colds-1.0-en-GB-a5-booklet{who}.pdf" for who in ("", "--east", "--west")),
        }
        assert build(root, "--out", tmp_path / "alone", *WORDS).status == 0
        desk = {"fever/1.0/fever-1.0-en-GB-a5-booklet.desk.pdf": b"of this edition"}
        assert s3.pdfs() == pdfs(tmp_path / "alone") | desk


def test_another_machine_takes_away_only_what_is_out_of_date(root: Path, tmp_path: Path, s3: S3) -> None:
    assert local(root, s3.address, "--all-clinics").status == 0
    first = s3.pdfs()
    other = tmp_path / "another machine"
    shutil.copytree(root / "source", other / "source")
    assert local(other, s3.address).status == 0
    assert s3.pdfs() == first
    text = other / BOOKLET_FILE
    text.write_text(changed(text.read_text(encoding="utf-8"), "by themselves", "alone"), encoding="utf-8")
    corrected = local(other, s3.address, "--json")
    gone = {f"colds/1.0/colds-1.0-en-GB-a5-booklet--{clinic}.pdf" for clinic in ("east", "west")}
    assert set(corrected.data["taken_away"]) == {f"{s3.address}/{name}" for name in gone}
    assert s3.pdfs().keys() == first.keys() - gone


def _nothing_secret(root: Path) -> None:
    for path in (path for path in root.rglob("*") if path.is_file()):
        assert SECRET.encode() not in path.read_bytes()


def test_a_worker_that_dies_leaves_nothing_half(root: Path, tmp_path: Path, s3: S3) -> None:
    assert build(root, "--out", tmp_path / "alone", *WORDS).status == 0
    with two_machines(tmp_path / "machines") as (at, started):
        words = ("--root", root, "--today", TODAY, *WORDS, "--cluster", at.address, "--out", s3.address)
        client = at.client()
        with (tmp_path / "log").open("wb") as log:
            building = subprocess.Popen(
                command("build", *words), env=settings(), stdout=log, stderr=log, start_new_session=True
            )
        try:
            _kill_one_at_work(client, started, s3, building)
            assert building.wait(timeout=600) == 0, (tmp_path / "log").read_text(encoding="utf-8")
        finally:
            end(building)
    assert s3.pdfs() == pdfs(tmp_path / "alone")


def _kill_one_at_work(
    client: Any, started: dict[str, subprocess.Popen[bytes]], s3: S3, building: subprocess.Popen[bytes]
) -> None:
    """Kill a worker that has a job, once the first edition is there."""
    while building.poll() is None:
        busy = {address for address, keys in client.processing().items() if keys}
        info = client.scheduler_info(n_workers=-1)["workers"]
        names = [str(one["name"]) for address, one in info.items() if address in busy]
        if names and s3.pdfs():
            os.killpg(started[names[0]].pid, signal.SIGKILL)
            return
        time.sleep(0.02)
    pytest.fail("all was done before a worker could be killed")


def test_a_write_that_fails_costs_its_edition_alone(root: Path, s3: S3) -> None:
    failing = f"/{EAST}"
    s3.front.answer = lambda method, path, _: (
        (503, _error("SlowDown")) if method == "PUT" and path.endswith(failing) else None
    )
    ran = local(root, s3.address, "colds", "flu", "--clinic", "east", "--json")
    assert ran.status == 2
    assert s3.front.count("PUT", failing) == 3
    assert sorted(s3.pdfs()) == [
        "colds/1.0/colds-1.0-en-GB-a5-booklet--east.pdf",
        "colds/1.0/colds-1.0-en-GB-a5-booklet.pdf",
        "flu/1.0/flu-1.0-en-GB-a5-booklet.pdf",
    ]
    (problem,) = [one for one in ran.data["problems"] if one["severity"] == "error"]
    assert problem["message"] == (
        "'flu' could not be written: The store could not do it (SlowDown); look into its own log, "
        f"then run the same command again: {s3.address}/{EAST}"
    )
    s3.front.answer = lambda *_: None
    ran = local(root, s3.address, "colds", "flu", "--clinic", "east", "--json")
    assert ran.status == 0
    assert new_of(ran) == {EAST.rpartition("/")[2]}


def _error(code: str) -> bytes:
    return f"<Error><Code>{code}</Code><Message>{SECRET}</Message></Error>".encode()


def test_a_loss_in_silence_is_told(root: Path, s3: S3) -> None:
    s3.front.answer = lambda asked, path, _: (200, b"") if (asked, path[-4:]) == ("PUT", ".pdf") else None
    ran = local(root, s3.address, "colds")
    assert ran.status == 2
    assert "It is not there as it was written" in " ".join(ran.out.split())
    assert not s3.pdfs()


def test_a_worker_that_sees_another_store_writes_nothing(
    root: Path, tmp_path: Path, s3: S3, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Front(s3.front.behind)
    other.answer = lambda _, path, __: (404, _error("NoSuchKey")) if path.endswith(".press") else None
    thread = threading.Thread(target=other.serve_forever)
    thread.start()
    try:
        with machines(tmp_path / "machines") as at, monkeypatch.context() as patch:
            patch.setenv("AWS_ENDPOINT_URL", other.url)
            at.worker("one")
            patch.undo()
            wait_for(1, at)
            ran = apart(root, "colds", "--cluster", at.address, "--out", s3.address)
    finally:
        other.shutdown()
        other.server_close()
        thread.join()
    told = " ".join(ran.out.split())
    assert ran.status == 2
    assert f"it sees another store at {s3.address} than the one who builds" in told
    assert "set the same AWS_ENDPOINT_URL and credentials, on all machines" in told
    assert not s3.pdfs()


def test_a_worker_that_may_not_read_says_so_and_no_more(root: Path, s3: S3) -> None:
    # Who builds reads the mark, then writes it; workers read it after that.
    s3.front.answer = lambda method, path, _: (
        (403, _error("AccessDenied"))
        if (method, path[-6:]) == ("GET", ".press") and s3.front.count("PUT", ".press")
        else None
    )
    ran = local(root, s3.address, "colds", "--json")
    assert (ran.status, ran.err) == (2, "")
    (problem,) = ran.data["problems"]
    assert re.fullmatch(
        r"'colds' could not be made: the worker tcp://127\.0\.0\.1:\d+: Access is denied; .*\.press",
        problem["message"],
    )
    assert not s3.pdfs()


# --- What is told before any work is done --------------------------------------------------


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        (("AWS_SECRET_ACCESS_KEY", ""), "No credentials for it were found; set AWS_"),
        (("AWS_PROFILE", "nobody"), "No credentials for it were found; set AWS_"),
        (("AWS_ENDPOINT_URL", "http://127.0.0.1:1"), "Nobody answers there; look at AWS_ENDPOINT_URL"),
        (("AWS_ENDPOINT_URL", f"http://me:{SECRET}@"), "It cannot be asked (ValueError); look at AWS_"),
    ],
)
def test_why_an_address_cannot_be_reached_is_told(
    root: Path, s3: S3, monkeypatch: pytest.MonkeyPatch, setting: tuple[str, str], told: str
) -> None:
    monkeypatch.setenv(*setting)
    ran = local(root, s3.address)
    assert (ran.status, ran.out) == (2, "")
    assert ran.err.startswith(f"Stopped: {told}")
    assert ran.err.endswith(f": {s3.address}\n")
    assert ran.err.count("\n") == 1
    assert SECRET not in ran.err


@pytest.mark.parametrize(
    ("method", "code", "told"),
    [
        ("GET", "AccessDenied", "Access is denied; ask for the right to list, read, write and delete there"),
        ("PUT", "AccessDenied", "Access is denied; ask for the right to list, read, write and delete there"),
        ("GET", "ExpiredToken", "The credentials are not accepted (ExpiredToken); renew them"),
        ("GET", "NoSuchBucket", "There is no such bucket; make it, or look at its name"),
        ("GET", "Odd", "The store could not do it (Odd); look into its own log"),
        ("GET", "\x1b[2J", "Access is denied; ask"),
    ],
)
def test_what_a_store_refuses_is_told(root: Path, s3: S3, method: str, code: str, told: str) -> None:
    s3.front.answer = lambda asked, *_: (403, _error(code)) if asked == method else None
    ran = local(root, s3.address)
    assert (ran.status, ran.out) == (2, "")
    assert ran.err.startswith(f"Stopped: {told}")
    assert s3.address in ran.err
    assert ran.err.count("\n") == 1
    assert ran.err[:-1].isprintable()
    assert SECRET not in ran.err


@pytest.mark.usefixtures("s3")
def test_a_bucket_that_is_not_there_is_told(root: Path) -> None:
    ran = local(root, "s3://no-such-bucket/release")
    assert ran.status == 2
    assert ran.err == (
        "Stopped: There is no such bucket; make it, or look at its name and at AWS_ENDPOINT_URL: "
        "s3://no-such-bucket/release\n"
    )


# --- A folder ------------------------------------------------------------------------------


def test_a_folder_gets_what_failed_and_what_mends_it(tmp_path: Path) -> None:
    root, shop = write_publisher(tmp_path / "publisher"), tmp_path / "a shop"
    layout = root / "layouts/pale"
    layout.mkdir(parents=True)
    (layout / "layout.yaml").write_text("extends: a5-booklet\ndescription: x\n", encoding="utf-8")
    css = layout / "page.css"
    css.write_text("#colds ~ p { color: white }", encoding="utf-8")
    words = ("--layout", "pale", "--cluster", "local", "--out", shop.as_uri())
    failed = apart(root, *words)
    assert failed.status == 1, failed.err
    folder = shop / "colds/1.0"
    assert _names(folder) == ["colds-1.0-en-GB-pale.rejected.pdf", "report.html", "report.json"]
    # A picture of the page shows what was found: the PDF came from the address.
    assert "data:image/webp" in (folder / "report.html").read_text(encoding="utf-8")
    css.write_text("", encoding="utf-8")
    assert apart(root, *words).status == 0
    assert _names(folder) == ["colds-1.0-en-GB-pale.pdf", "report.html", "report.json"]
    os.utime(folder / "colds-1.0-en-GB-pale.pdf", (0, 0))
    again = apart(root, *words, "--json")
    assert verdicts(again) == {"colds-1.0-en-GB-pale.pdf": "passed"}
    again = apart(root, *words, "--json")
    assert verdicts(again) == {"colds-1.0-en-GB-pale.pdf": "passed, unchanged"}


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_folder_that_is_unmounted_meanwhile_gets_nothing_more(root: Path, tmp_path: Path) -> None:
    shop, unmounted = tmp_path / "shop", tmp_path / "unmounted"
    address = address_of(shop.as_uri())
    told: list[str] = []

    def one_by_one() -> Iterator[tuple[Job, ...]]:
        first, *others = jobs(root, tmp_path / "out")
        yield first
        shop.rename(unmounted)
        yield from others

    def failed(_: tuple[Job, ...], why: str, __: str) -> tuple[Made, ...]:
        told.append(why)
        return ()

    target = Target(address, marked(Folder(shop), address))
    with machines(tmp_path / "machines") as at:
        at.worker("one")
        wait_for(1, at)
        done = list(run_all(make, one_by_one(), failed, Cluster(at.address, target), 1))
    assert [len(group) for group in done] == [3, 0, 0, 0]
    assert all(f"it sees another store at {address}" in why for why in told)
    assert len(pdfs(unmounted)) == 3
    assert not shop.exists()


def test_a_full_disk_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    out = (tmp_path / "shop").as_uri()
    ran = build(write_publisher(tmp_path / "publisher"), "--cluster", "local", "--out", out)
    assert ran.status == 2
    assert ran.err == (
        f"Stopped: No space left on device; make room there, then run the same command again: {out}/.press\n"
    )
    assert _names(tmp_path / "shop") == []


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "shop").write_text("x", encoding="utf-8")
    out = (tmp_path / "shop").as_uri()
    ran = build(write_publisher(tmp_path / "publisher"), "--cluster", "local", "--out", out)
    assert (ran.status, ran.out) == (2, "")
    assert "; name a folder, then run the same command again: " + out in ran.err


# --- Addresses -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("s3://bucket", "s3://bucket"),
        ("s3://my.bucket-1/a/b c/", "s3://my.bucket-1/a/b c"),
        ("file:///srv/shop/", "file:///srv/shop"),
        ("file://localhost/srv//./shop", "file:///srv/shop"),
        ("file:///a%20shop%3f%23", "file:///a%20shop%3F%23"),
    ],
)
def test_an_address_is_read(text: str, meant: str) -> None:
    assert str(address_of(text)) == meant
    assert address_of(text) == address_of(meant)


def test_a_folders_address_is_decoded_once(tmp_path: Path) -> None:
    folder = tmp_path / "100%25 ü"
    store = opened(address_of(folder.as_uri()))
    store.write("a/b.pdf", b"x")
    assert (folder / "a/b.pdf").read_bytes() == b"x"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("http://host/x", "only addresses that begin with s3://"),
        ("ftp://host/x", "only addresses that begin with s3://"),
        ("memory://x", "only addresses that begin with s3://"),
        ("S4://bucket/x", "only addresses that begin with s3://"),
        ("://x", "only addresses that begin with s3://"),
        ("s3://[bucket/x", "that is no address"),
        (f"s3://me:{SECRET}@bucket/x", "has no name or password in it"),
        (f"s3://bucket/x?AWSAccessKeyId=me&Signature={SECRET}", "has no ? and no #"),
        ("s3://", "names no bucket"),
        ("s3:///x", "names no bucket"),
        ("s3://Bucket/x", "names no bucket"),
        ("s3://bucket:80/x", "names no bucket"),
        ("s3://bu..cket/x", "names no bucket"),
        ("s3://bucket/../x", "between single slashes"),
        ("s3://bucket/./x", "between single slashes"),
        ("s3://bucket/a//b", "between single slashes"),
        ("s3://bucket/a%2e", "between single slashes"),
        ("s3://bucket/a\\b", "between single slashes"),
        ("s3://bucket/\x1b[2J", "between single slashes"),
        ("file://host/x", "three slashes"),
        ("file://relative", "three slashes"),
        ("file:///", "names no folder"),
        ("file:///x/../y", "names no folder"),
        ("file:///x/%2e%2e/y", "names no folder"),
        ("file:///x%00", "names no folder"),
        ("file:///x%ff", "names no folder"),
        ("file:///x?y", "has no ? and no #"),
    ],
)
def test_other_addresses_are_refused(text: str, told: str) -> None:
    ran = run("build", "--cluster", "local", f"--out={text}")
    assert ran.status == 2
    assert told in ran.err
    assert SECRET not in ran.err
    assert "\x1b" not in ran.err


def test_only_a_cluster_writes_to_an_address(tmp_path: Path) -> None:
    root = write_publisher(tmp_path)
    ran = build(root, "--out", "s3://bucket/release")
    assert (ran.status, ran.out) == (2, "")
    assert ran.err == (
        "s3://bucket/release is an address, and only the workers of a cluster write to one.\n"
        "hint: add --cluster local, or --cluster tcp://scheduler:8786\n"
    )
    for words in (("check", "colds"), ("print", "colds", "--for", "desk"), ("translation", "status")):
        ran = run(*words, "--root", root, "--out", "s3://bucket/release")
        assert ran.status == 2
        assert "that is an address; only build --cluster writes to one" in ran.err


@pytest.mark.usefixtures("still")
def test_the_door_says_nothing_of_an_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = write_publisher(tmp_path / "publisher")
    monkeypatch.chdir(tmp_path)
    # A folder of the same name, in which nothing has changed.
    assert build(root, "--out", "s3:/bucket/release", "--layout", "a5-booklet").status == 0
    assert "Nothing has changed" in run_door(root, Path("s3:/bucket/release"), "--layout", "a5-booklet").out
    script = "import sys; from booklet import fresh; sys.exit(fresh.main())"
    words = (
        "build",
        "--root",
        root,
        "--out",
        "s3://bucket/release",
        "--layout",
        "a5-booklet",
        "--today",
        TODAY,
    )
    ran = subprocess.run(
        [sys.executable, "-P", "-c", script, *map(str, words)],
        env=settings(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "is an address" in ran.stderr


# --- A store -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["../x", "/etc/x", "a/../../x", ""])
def test_a_store_writes_nothing_outside(name: str, tmp_path: Path) -> None:
    store = Folder(tmp_path / "shop")
    for act in (lambda: store.write(name, b"x"), lambda: store.remove(name), lambda: store.read(name)):
        with pytest.raises(ValueError, match="leads out of its folder"):
            act()
    assert list(tmp_path.iterdir()) == []


def test_a_listing_has_plain_files_with_what_changes_with_them(tmp_path: Path) -> None:
    store = Folder(tmp_path / "shop")
    assert store.listing() == {}
    first = store.write("colds/1.0/a.pdf", b"1")
    store.write(".press", b"x")
    (tmp_path / "shop/link").symlink_to(tmp_path)
    (tmp_path / "shop/colds/1.0/.a.pdf.half").write_bytes(b"x")
    os.mkfifo(tmp_path / "shop/pipe")
    assert store.listing() == {"colds/1.0/a.pdf": first}
    assert store.write("colds/1.0/a.pdf", b"22") == store.listing()["colds/1.0/a.pdf"] != first
    assert store.names("nothing/here") == []
    assert store.read("nothing") is None
    store.remove("colds/1.0/a.pdf")
    store.remove("colds/1.0/a.pdf")
    assert store.listing() == {}
