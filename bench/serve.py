"""How many requests a second does `serve` answer, and how fast? Asked by wrk, on the same cores.

    python bench/serve.py [SECONDS] [CONNECTIONS …]

A site of 10,000 pages of 1 to 8 kB and 50 PDFs of 200 kB, of which every tenth request asks for one.
Each file says in its first line how long it is, and says so again in its last: wrk counts as wrong what
has another status than 200 or is not whole.
"""

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
PAGES, PAGES_IN_FOLDER, PDFS = 10_000, 100, 50
PDF_BYTES = 200_000

#: What wrk does: which file it asks for, what it looks at in an answer, and what it says at the end.
SCRIPT = """\
local threads = {}
function setup(thread)
  table.insert(threads, thread)
  thread:set("seed", #threads)
end
function init(args)
  pages, pdfs, wrong, right = tonumber(args[1]), tonumber(args[2]), 0, 0
  math.randomseed(seed)
end
function request()
  if math.random(10) == 1 then
    return wrk.format("GET", "/folder-" .. math.random(0, pdfs - 1) .. "/booklet.pdf")
  end
  local page = math.random(0, pages - 1)
  return wrk.format("GET", "/folder-" .. math.floor(page / 100) .. "/page-" .. page % 100 .. ".html")
end
function response(status, headers, body)
  local whole = #body == tonumber(body:sub(1, 8)) and body:sub(-9) == body:sub(1, 9)
  if status == 200 and whole then right = right + 1 else wrong = wrong + 1 end
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


@dataclass(frozen=True)
class Load:
    """What became of wrk's requests: how many, how many a second, and in how many milliseconds."""

    right: int
    wrong: int
    lost: int
    rate: float
    p50: float
    p99: float
    longest: float


def write_site(folder: Path, pages: int = PAGES, pdfs: int = PDFS) -> None:
    """Write a site of so many pages and PDFs."""
    chance = random.Random(7)
    for number in range(pages):
        place = folder / f"folder-{number // PAGES_IN_FOLDER}"
        place.mkdir(parents=True, exist_ok=True)
        page = place / f"page-{number % PAGES_IN_FOLDER}.html"
        page.write_bytes(_told(chance.randint(1_000, 8_000), b"word "))
    for number in range(pdfs):
        (folder / f"folder-{number}/booklet.pdf").write_bytes(_told(PDF_BYTES, chance.randbytes(1_000)))


def _told(size: int, filling: bytes) -> bytes:
    """So many bytes, of which the first nine and the last nine say how many they are."""
    line = b"%08d\n" % size
    return line + (filling * size)[: size - 2 * len(line)] + line


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address at which the command shows a folder."""
    words = [sys.executable, "-P", "-m", "booklet.cli", "serve", "--public", str(folder), "--port", "0"]
    settings = {**os.environ, "PYTHONPATH": str(PROJECT)}
    with subprocess.Popen(words, env=settings, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - ours
        assert process.stdout
        try:
            yield process.stdout.readline().split(" at ")[1].split()[0]
        finally:
            process.send_signal(signal.SIGINT)


def load(url: str, seconds: int, connections: int, pages: int = PAGES, pdfs: int = PDFS) -> Load:
    """Let wrk ask for files of the site that `write_site` writes."""
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(SCRIPT)
        script.flush()
        how = ["-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "10s", "-s", script.name]
        words = ["wrk", *how, url, "--", str(pages), str(pdfs)]
        ran = subprocess.run(words, capture_output=True, text=True, check=True)  # noqa: S603 - ours
    return Load(**json.loads(ran.stdout.strip().rpartition("\n")[2]))


def main(seconds: int, connections: list[int]) -> None:
    """Print what was measured, with one line for each number of connections."""
    with tempfile.TemporaryDirectory() as name:
        write_site(Path(name))
        with served(Path(name)) as url:
            for count in connections:
                one = load(url, seconds, count)
                sys.stdout.write(
                    f"{count:4} connections: {one.rate:6.0f} a second, {one.p50:6.1f} ms at the median, "
                    f"{one.p99:6.1f} for 99 %, {one.longest:6.1f} at most; "
                    f"{one.right} right, {one.wrong} wrong, {one.lost} lost\n"
                )


if __name__ == "__main__":
    main(int((sys.argv[1:] or ["10"])[0]), [int(word) for word in sys.argv[2:]] or [10, 50, 200])
