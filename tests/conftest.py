"""What many tests need: the project's own booklets, built once."""

import fcntl
import json
import signal
from pathlib import Path

import pytest
from command import PROJECT, TODAY, run

from booklet import fresh


def pytest_configure(config: pytest.Config) -> None:
    """Settle what is none of our faults: what WeasyPrint leaves open, and a shell without Ctrl-C."""
    # A job that a shell starts in the background ignores Ctrl-C, and hands that on to what it starts.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    config.addinivalue_line("filterwarnings", "ignore:unclosed file .*sRGB2014.icc:ResourceWarning")


@pytest.fixture(scope="session")
def editions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the editions of source/, as the command builds them, and its answer as JSON.

    Tests run in several processes: the first that comes builds, the others wait for it.
    """
    folder = tmp_path_factory.getbasetemp().parent / "editions"
    folder.mkdir(exist_ok=True)
    with (folder / "turn").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        answer = folder / "answer.json"
        if not answer.exists():
            ran = run("build", "--root", PROJECT, "--out", folder, "--today", TODAY, "--json")
            answer.write_text(json.dumps({"status": ran.status, **json.loads(ran.out)}), encoding="utf-8")
    return folder


@pytest.fixture
def still(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test wrote just before a build counts as written long before."""
    monkeypatch.setattr(fresh, "STILL", 0)
