"""What is there when nothing is to be done?

A publisher's folder with 500 editions, whose files are real but small, and a manifest that knows them all.
"""

import os
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT))

from booklet import fresh  # noqa: E402 - found by the line above

EDITIONS = 500


def write_publisher(root: Path) -> None:
    """Write 500 booklets with one picture each, their editions, and the manifest of a build."""
    manifest = fresh.Manifest()
    common = shared_inputs()
    out = root / "dist"
    keys = []
    for number in range(EDITIONS):
        name = f"booklet-{number}"
        own = written(root / "source/booklets" / name, "booklet.yaml", "cover.svg")
        files = written(out / name / "1.0", f"{name}-1.0-en-GB-a5-booklet.pdf", "report.json")
        key = f"{root}|{out}|{name}||a5-booklet"
        manifest.targets[key] = fresh.Target(key, "", "1.0 en-GB 32 0 0", files, (own, *common))
        keys.append(key)
    booklets = root / "source/booklets"
    grounds = tuple(map(str, (booklets, *sorted(booklets.iterdir()))))
    for target in manifest.targets.values():
        manifest.note(path for group in (target.outputs, *target.inputs) for path in group)
    manifest.note(grounds)
    manifest.requests[fresh.request_of((), {}, str(root), str(out))] = tuple(keys), grounds
    fresh.save(manifest, str(out))


def shared_inputs() -> tuple[tuple[str, ...], ...]:
    """The project's real layouts, fonts and modules, on which every edition depends."""
    folders = ("layouts", "fonts", "booklet")
    return tuple(
        tuple(str(path) for path in sorted((PROJECT / folder).rglob("*")) if "__pycache__" not in path.parts)
        for folder in folders
    )


def written(folder: Path, *names: str) -> tuple[str, ...]:
    """Small files of these names."""
    folder.mkdir(parents=True)
    for name in names:
        (folder / name).write_text(f"{folder.name} {name}\n", encoding="utf-8")
    return tuple(str(folder / name) for name in names)


def cpu_ms(command: list[str]) -> float:
    """The processor time of a command that must succeed, without the caller's settings of Python."""
    settings = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    quiet = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
    pid = os.posix_spawn(command[0], command, settings, file_actions=quiet)
    _, status, used = os.wait4(pid, 0)
    if status:
        raise SystemExit(f"{' '.join(command)} failed")
    return (used.ru_utime + used.ru_stime) * 1000
