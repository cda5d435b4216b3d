"""How many clinics a second get an edition on the spot, and how soon? Asked by wrk, on the same cores.

    python bench/editions.py [SECONDS] [CONNECTIONS …]

Of a released booklet of 32 pages; each request is of another clinic. Wrong is what has another status than
200, is no whole PDF, or is not named after a clinic that asked.
"""

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
from content import booklet, write_folder
from serve import PROJECT, Load

DAY = "2026-11-29"
FORM = "/editions/library-1/1.0/en-GB/"

#: What wrk does: another clinic each time, and a look at what comes back.
SCRIPT = """\
local threads = {}
function setup(thread)
  table.insert(threads, thread)
end
function init(args)
  origin, wrong, right, number = args[1], 0, 0, math.floor(tonumber(args[2]))
end
function request()
  number = number + 1
  local digits = string.format("%04d", number % 10000)
  local body = "name=Unit+" .. number .. "&address=" .. number .. "+River+Street"
    .. "&urgent-text=If+you+have+a+temperature%2C+call+us.&urgent-phone=020+7946+" .. digits
    .. "&urgent-hours=Day+and+night&contact-1-name=Reception&contact-1-phone=020+7946+0102"
    .. "&contact-1-hours=Monday+to+Friday&edition=a5-booklet&do=send"
  local headers = {["Origin"] = origin, ["Content-Type"] = "application/x-www-form-urlencoded"}
  return wrk.format("POST", nil, headers, body)
end
function response(status, headers, body)
  local said = headers["content-disposition"] or ""
  local whole = body:sub(1, 5) == "%PDF-" and body:sub(-8):find("%%EOF", 1, true)
  local own = said:find("%-%-unit%-%d+%.pdf")
  if status == 200 and whole and own then right = right + 1 else wrong = wrong + 1 end
end
function done(summary, latency, requests)
  local right, wrong, e = 0, 0, summary.errors
  for _, thread in ipairs(threads) do
    right, wrong = right + thread:get("right"), wrong + thread:get("wrong")
  end
  io.write(string.format(
    '\\n{"right": %d, "wrong": %d, "lost": %d, "rate": %.1f, "p50": %.2f, "p99": %.2f, "longest": %.2f}\\n',
    right, wrong, e.connect + e.read + e.write + e.timeout, right / summary.duration * 1e6,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000, latency.max / 1000))
end
"""


def load(url: str, seconds: int, connections: int) -> Load:
    """Let wrk ask for clinics' editions at the address of a form."""
    origin = "/".join(url.split("/")[:3])
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(SCRIPT)
        script.flush()
        how = ["-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "30s", "-s", script.name]
        words = ["wrk", *how, url, "--", origin, str(time.time() % 1000 * 1000)]
        ran = subprocess.run(words, capture_output=True, text=True, check=True)  # noqa: S603 - ours
    return Load(**json.loads(ran.stdout.strip().rpartition("\n")[2]))


def _run(*words: str) -> str:
    command = [sys.executable, "-P", "-m", "booklet.cli", *words]
    settings = {**os.environ, "PYTHONPATH": str(PROJECT)}
    return subprocess.run(command, env=settings, capture_output=True, text=True, check=False).stdout  # noqa: S603


def write_release(root: Path) -> None:
    """Release a booklet of 32 pages."""
    write_folder(root, [booklet(0)])
    (root / "layouts").mkdir()
    (root / "layouts/releases.yaml").write_text("desk: false\n", encoding="utf-8")
    (root / "public").mkdir()
    words = "release", "library-1", "--root", str(root), "--today", DAY
    asked = re.search("digest: ([0-9a-f]{64})", _run(*words))
    assert asked
    said = f'{{version: "1.0", role: editorial, name: Ann, date: {DAY}, digest: {asked[1]}}}'
    signed = root / "source/booklets/library-1/sign-offs.yaml"
    signed.write_text(f"sign_offs:\n  - {said}\n", encoding="utf-8")
    assert "is released" in _run(*words)


@contextmanager
def served(root: Path) -> Iterator[tuple[str, psutil.Process]]:
    """The address of the form, once its workers are at hand, and the server."""
    words = [sys.executable, "-P", "-m", "booklet.cli", "serve", "--editions", "--root", str(root)]
    settings = {**os.environ, "PYTHONPATH": str(PROJECT)}
    with subprocess.Popen(  # noqa: S603 - ours
        [*words, "--port", "0", "--today", DAY], env=settings, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        try:
            url = process.stdout.readline().split(" at ")[1].split()[0].rstrip("/")
            load(url + FORM, 20, os.cpu_count() or 1)
            yield url + FORM, psutil.Process(process.pid)
        finally:
            process.send_signal(signal.SIGINT)


def table(seconds: int, connections: list[int]) -> Iterator[str]:
    """The figures, a line for each number of clinics that ask at once."""
    heads = "clinics at once", "editions a second", "half of them within", "99 % within", "wrong or lost"
    yield "| " + " | ".join((*heads, "processor time for each")) + " |"
    yield "|--:|--:|--:|--:|--:|--:|"
    with tempfile.TemporaryDirectory() as name:
        root = Path(name) / "house"
        write_release(root)
        with served(root) as (url, server):
            for count in connections:
                before = _used(server)
                one = load(url, seconds, count)
                each = (_used(server) - before) / max(1, one.right)
                figures = f"{one.rate:.1f} | {one.p50:.0f} ms | {one.p99:.0f} ms | {one.wrong + one.lost}"
                yield f"| {count} | {figures} | {each * 1000:.0f} ms |"


def _used(server: psutil.Process) -> float:
    """The seconds of processor time that the server and its workers have taken."""
    times = [one.cpu_times() for one in (server, *server.children(recursive=True))]
    return float(sum(one.user + one.system for one in times))


if __name__ == "__main__":
    given = [int(word) for word in sys.argv[1:]]
    for line in table((given or [10])[0], given[1:] or [1, 2, 4, 12]):
        sys.stdout.write(line + "\n")
        sys.stdout.flush()
