"""Do several machines make what one makes? A scheduler and two workers, each with a folder of its own."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import dask
import distributed
import pytest
from command import PROJECT, TODAY, Ran, build, command, run, run_apart, settings
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from publisher import BOOKLET, CLINIC, changed, write_publisher

from booklet.batch import run_all
from booklet.cluster import Bundle, Cluster, bundle_of, files_below, unpacked
from booklet.make import Job, Made, make

CLINICS = {f"source/clinics/{name}.yaml": CLINIC.replace("Riverside", name) for name in ("east", "west")}


def other(name: str, number: int) -> str:
    return changed(changed(BOOKLET, "HI900", f"HI90{number}"), "about colds", f"about {name}")


BOOKLETS = {
    f"source/booklets/{name}/booklet.yaml": other(name, number)
    for number, name in enumerate(("flu", "cough", "fever"), 1)
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write_publisher(tmp_path / "publisher", files={**CLINICS, **BOOKLETS})


class Machines:
    """A scheduler with workers, each a process with a folder of its own."""

    def __init__(self, folder: Path, stack: ExitStack, protocol: str = "tcp") -> None:
        self.folder, self.stack = folder, stack
        self.file = folder / "scheduler.json"
        where = ("--host", "127.0.0.1", "--port", "0", "--protocol", protocol, "--no-dashboard")
        self.scheduler = self.start("scheduler", PROJECT, *where, "--scheduler-file", self.file)
        for _ in range(1200):
            if self.file.exists() and self.file.read_text().strip().endswith("}"):
                break
            time.sleep(0.05)
        self.address = str(self.client().scheduler.address)

    def start(self, kind: str, project: Path, *words: object) -> subprocess.Popen[bytes]:
        """Start one; with all its children it is a group that ends with the test."""
        self.folder.mkdir(exist_ok=True)
        command = [sys.executable, "-P", "-m", f"distributed.cli.dask_{kind}", *map(str, words)]
        with (self.folder / "log").open("ab") as log:
            process = subprocess.Popen(
                command,
                env=settings(project),
                cwd=self.folder,
                stderr=log,
                stdout=log,
                start_new_session=True,
            )
        self.stack.callback(end, process)
        return process

    def worker(self, name: str, project: Path = PROJECT) -> subprocess.Popen[bytes]:
        own = self.folder / name
        own.mkdir()
        words = ("--nthreads", 1, "--name", name, "--host", "127.0.0.1", "--local-directory", own)
        return self.start("worker", project, self.address, *words, "--no-dashboard", "--death-timeout", 60)

    def client(self) -> Any:
        return self.stack.enter_context(
            distributed.Client(scheduler_file=str(self.file), set_as_default=False)
        )


def end(process: subprocess.Popen[bytes]) -> None:
    """End a process and all that it started."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@contextmanager
def machines(folder: Path, protocol: str = "tcp") -> Iterator[Machines]:
    with ExitStack() as stack:
        yield Machines(folder, stack, protocol)


def wait_for(count: int, at: Machines) -> None:
    at.client().wait_for_workers(count, timeout=60)


def pdfs(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*.pdf")}


def jobs(root: Path, out: Path) -> list[tuple[Job, ...]]:
    """The national edition and two clinics' of each booklet."""
    names, roots, day = ("colds", "flu", "cough", "fever"), (root, PROJECT), date.fromisoformat(TODAY)
    return [
        tuple(Job(roots, out, name, "", "a5-booklet", day, clinic=who) for who in ("", "east", "west"))
        for name in names
    ]


def lost(group: tuple[Job, ...], why: str, hint: str) -> tuple[Made, ...]:
    pytest.fail(f"{group[0].booklet}: {why}; {hint}")


def test_two_machines_make_the_same_bytes_and_are_sent_nothing_twice(root: Path, tmp_path: Path) -> None:
    words = ("--all-clinics", "--layout", "a5-booklet")
    assert build(root, "--out", tmp_path / "alone", *words).status == 0
    with machines(tmp_path / "machines") as at:
        at.worker("one")
        at.worker("two")
        wait_for(2, at)
        spread = build(root, "--out", tmp_path / "spread", "--cluster", at.address, *words)
        assert spread.status == 0, spread.out
        assert pdfs(tmp_path / "spread") == pdfs(tmp_path / "alone")
        assert len(pdfs(tmp_path / "spread")) == 12
        # The manifest names the files of this machine: so nothing is to be done now.
        assert "Nothing has changed" in run_door(root, tmp_path / "spread", *words).out
        assert sent(at, root, tmp_path / "again") == 0
        picture = root / "source/booklets/flu/ball.svg"
        picture.write_text("<svg/>", encoding="utf-8")
        assert sent(at, root, tmp_path / "again") == 1
        # What Dask notes each second would be looked through behind each job.
        before = at.client().run(lambda dask_worker: len(dask_worker.profile_history))
        time.sleep(2.5)
        assert at.client().run(lambda dask_worker: len(dask_worker.profile_history)) == before


def run_door(root: Path, out: Path, *words: str) -> Ran:
    script = "import sys; from booklet import fresh; sys.exit(fresh.main())"
    command = [sys.executable, "-P", "-c", script, "build", "--root", str(root), "--out", str(out), *words]
    ran = subprocess.run(
        [*command, "--today", TODAY], env=settings(), capture_output=True, text=True, check=False
    )
    return Ran(ran.returncode, ran.stdout, ran.stderr)


def sent(at: Machines, root: Path, out: Path) -> int:
    """How many bundles a further build sends."""
    cluster = Cluster(at.address)
    assert len(list(run_all(make, jobs(root, out), lost, cluster, 4))) == 4
    return len(cluster.sent)


def test_nothing_is_lost_or_made_twice_where_a_machine_dies(root: Path, tmp_path: Path) -> None:
    alone = [one for group in jobs(root, tmp_path / "alone") for one in make(group)]
    with machines(tmp_path / "machines") as at:
        started = {name: at.worker(name) for name in ("one", "two")}
        wait_for(2, at)
        client, cluster = at.client(), Cluster(at.address)
        done: list[Made] = []
        killed = False
        for made in run_all(make, jobs(root, tmp_path / "spread"), lost, cluster, 4):
            done += made
            if not killed:
                names = {str(info["name"]): address for address, info in workers(client).items()}
                busy = {address for address, keys in client.processing().items() if keys}
                name = next(name for name, address in names.items() if address in busy)
                os.killpg(started[name].pid, signal.SIGKILL)
                killed = True
        assert len(workers(client)) == 1
    assert sorted(one.pdf for one in done) == sorted(one.pdf for one in alone)
    assert pdfs(tmp_path / "spread") == pdfs(tmp_path / "alone")
    assert {one.digest for one in done} == {one.digest for one in alone}


def test_a_scheduler_that_dies_is_told(root: Path, tmp_path: Path) -> None:
    with machines(tmp_path / "machines") as at:
        at.worker("one")
        wait_for(1, at)
        words = ("build", "--root", root, "--today", TODAY, "--layout", "a5-booklet")
        building = subprocess.Popen(
            command(*words, "--cluster", at.address, "--out", tmp_path / "out"),
            env=settings(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert building.stdout
        assert "1 of" in building.stdout.readline()
        os.killpg(at.scheduler.pid, signal.SIGKILL)
        _, err = building.communicate(timeout=120)
    lost = "The scheduler was lost; start it and its workers, then run the same command again"
    assert (building.returncode, err) == (2, f"Stopped: {lost}: {at.address}\n")
    made = pdfs(tmp_path / "out")
    assert made
    with machines(tmp_path / "others") as at:
        at.worker("one")
        wait_for(1, at)
        again = run_apart(*words, "--cluster", at.address, "--out", tmp_path / "out")
    assert again.status == 0, again.err
    assert f"1 of {len(jobs(root, tmp_path)) - len(made)}:" in again.out
    assert pdfs(tmp_path / "out").items() >= made.items()


def workers(client: Any) -> dict[str, dict[str, object]]:
    found: dict[str, dict[str, object]] = client.scheduler_info(n_workers=-1)["workers"]
    return found


def test_a_worker_with_another_program_makes_nothing(root: Path, tmp_path: Path) -> None:
    older = tmp_path / "older"
    shutil.copytree(PROJECT / "booklet", older / "booklet")
    with (older / "booklet/ink.py").open("a", encoding="utf-8") as file:
        file.write("# Another version.\n")
    with machines(tmp_path / "machines") as at:
        at.worker("one", older)
        wait_for(1, at)
        ran = build(root, "colds", "--out", tmp_path / "out", "--cluster", at.address)
    assert ran.status == 2
    told = " ".join(ran.out.split())
    assert "would make other bytes" in told
    assert "install the same version on all machines" in told
    assert "weasyprint" not in told
    assert not pdfs(tmp_path / "out")


def test_a_scheduler_that_does_not_answer_is_told(root: Path, tmp_path: Path) -> None:
    ran = run_apart("build", "--root", root, "--out", tmp_path / "out", "--cluster", "tcp://127.0.0.1:1")
    assert ran.status == 2
    assert ran.err == "Stopped: No scheduler answers: tcp://127.0.0.1:1\n"


def certificate(folder: Path) -> dict[str, str]:
    """A key and a certificate that vouches for itself; told are Dask's settings for them."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "press")])
    now = datetime.fromtimestamp(time.time(), UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    made = made.not_valid_before(now - timedelta(hours=1)).not_valid_after(now + timedelta(hours=1))
    made = made.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    plain = (serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    pem = serialization.Encoding.PEM
    (folder / "key.pem").write_bytes(key.private_bytes(pem, *plain))
    (folder / "cert.pem").write_bytes(made.sign(key, hashes.SHA256()).public_bytes(pem))
    settings = {"CA_FILE": "cert.pem"}
    for who in ("SCHEDULER", "WORKER", "CLIENT"):
        settings |= {f"{who}__KEY": "key.pem", f"{who}__CERT": "cert.pem"}
    return {f"DASK_DISTRIBUTED__COMM__TLS__{key}": str(folder / file) for key, file in settings.items()}


def test_machines_that_know_each_other_by_certificates(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for key, value in certificate(tmp_path).items():
        monkeypatch.setenv(key, value)
    dask.config.refresh()
    with machines(tmp_path / "machines", "tls") as at:
        at.worker("one")
        wait_for(1, at)
        assert at.address.startswith("tls://")
        words = ("build", "colds", "--root", root, "--today", TODAY, "--layout", "a5-booklet")
        ran = run_apart(*words, "--cluster", at.address, "--out", tmp_path / "spread")
        assert (ran.status, ran.err) == (0, "")
        monkeypatch.undo()
        stranger = run_apart(*words, "--cluster", at.address, "--out", tmp_path / "none")
        assert stranger.status == 2, stranger.err
        assert stranger.err.startswith("Stopped: No certificates are set")
        assert stranger.err.count("\n") == 1
    dask.config.refresh()
    assert run(*words, "--out", tmp_path / "alone").status == 0
    assert pdfs(tmp_path / "spread") == pdfs(tmp_path / "alone")


@pytest.mark.parametrize("address", ["host:8786", "http://host:80", "tcp://host", "tcp://host:x", ""])
def test_an_address_has_a_form(address: str) -> None:
    ran = run("build", f"--cluster={address}")
    assert ran.status == 2
    assert "is no cluster; write tcp://host:8786" in ran.err


def test_workers_of_this_machine_alone(root: Path, tmp_path: Path) -> None:
    words = ("build", "colds", "--root", root, "--today", TODAY, "--layout", "a5-booklet")
    ran = run_apart(*words, "--cluster", "local", "--out", tmp_path / "spread")
    assert (ran.status, ran.err) == (0, "")
    assert run(*words, "--out", tmp_path / "alone").status == 0
    assert pdfs(tmp_path / "spread") == pdfs(tmp_path / "alone")


def test_editions_go_to_an_address(root: Path, tmp_path: Path) -> None:
    out = (tmp_path / "shop").as_uri()
    words = ("build", "colds", "--root", root, "--today", TODAY, "--layout", "a5-booklet")
    ran = run_apart(*words, "--cluster", "local", "--out", out)
    assert (ran.status, ran.err) == (0, "")
    assert run(*words, "--out", tmp_path / "alone").status == 0
    assert pdfs(tmp_path / "shop") == pdfs(tmp_path / "alone")
    assert not list(root.glob("dist/.sent/**/*.pdf"))


@pytest.mark.parametrize("name", ["/etc/x", "../x", "a/../../x", "", ".", "a\0b"])
def test_a_bundle_writes_nothing_outside_its_folder(name: str, tmp_path: Path) -> None:
    own = tmp_path / "worker"
    own.mkdir()
    with pytest.raises(ValueError, match="leads out of its folder"):
        unpacked(bundle_of({name: b"x"}), own)
    assert list(tmp_path.rglob("*")) == [own]


def test_a_bundle_is_what_its_digest_says(tmp_path: Path) -> None:
    bundle = bundle_of({"a": b"1"})
    with pytest.raises(ValueError, match="other content"):
        unpacked(Bundle(bundle.digest, {"a": b"2"}), tmp_path)
    with pytest.raises(ValueError, match="no digest"):
        unpacked(Bundle("../x", {}), tmp_path)
    assert list(tmp_path.iterdir()) == []
    assert (unpacked(bundle, tmp_path) / "a").read_bytes() == b"1"


def test_plain_files_below_the_root_travel_alone(tmp_path: Path) -> None:
    root = tmp_path / "root"
    inside = root / "source/booklets"
    inside.mkdir(parents=True)
    (tmp_path / "secret").write_text("x", encoding="utf-8")
    (inside / "a.yaml").write_text("a", encoding="utf-8")
    (inside / ".hidden").write_text("h", encoding="utf-8")
    (inside / "out").symlink_to(tmp_path / "secret")
    (inside / "folder").symlink_to(tmp_path)
    (inside / "round").symlink_to(root)
    (inside / "link.yaml").symlink_to(inside / "a.yaml")
    os.mkfifo(inside / "pipe")
    found = dict(files_below(root, "source"))
    assert found == {"source/booklets/a.yaml": b"a", "source/booklets/link.yaml": b"a"}
