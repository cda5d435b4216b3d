"""What has to be there before the press can run, and who puts it there?

Sees to it that `.venv` holds what the lock file lists, setting it up on the first run, and then
hands over to what stands in it. Standard library only: this runs before anything is installed.
Imports stand inside the functions that need them, because most runs set up nothing.
"""

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    import subprocess

HERE = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
VENV = os.path.join(HERE, ".venv")
VENV_PYTHON = os.path.join(VENV, "bin", "python")
# Shows that .venv is ours. Empty while .venv is being made or removed; what it was made from
# is written last of all.
MADE_FROM = os.path.join(VENV, "made-from")
# pip's scratch folder stands in .venv, so that nothing of an interrupted set-up is left elsewhere.
SCRATCH = os.path.join(VENV, "scratch")
# A .venv that was whole, while another is made in its place.
ASIDE = os.path.join(HERE, ".venv-aside")
TURN = os.path.join(HERE, ".set-up.lock")

# Which Python makes .venv? Not .venv's own, if that is what was called: it is put aside meanwhile.
INTERPRETER = os.path.realpath(sys.executable)

LOCK = "requirements.lock"
SERVE_LOCK = "requirements-serve.lock"
TRANSLATION_LOCK = "requirements-translation.lock"
CLUSTER_LOCK = "requirements-cluster.lock"
SIGN_LOCK = "requirements-sign.lock"
TEST_LOCK = "requirements-test.lock"

# What WeasyPrint loads: the library, the number in its file name, the Debian package that
# brings it along. A missing harfbuzz-subset is only a warning to WeasyPrint, but larger PDFs.
LIBRARIES = (
    ("gobject-2.0", 0, "libpango-1.0-0"),
    ("pango-1.0", 0, "libpango-1.0-0"),
    ("pangoft2-1.0", 0, "libpangoft2-1.0-0"),
    ("harfbuzz", 0, "libpangoft2-1.0-0"),
    ("fontconfig", 1, "libpangoft2-1.0-0"),
    ("harfbuzz-subset", 0, "libharfbuzz-subset0"),
)


class SetUpError(Exception):
    """Why can the set-up not go on, and what should be done about it?"""


def enter(arguments: list[str]) -> int:
    """Become the program, or for `test` the tests; 2 where this machine cannot be made ready.

    Each lock file has all that the one before it has: the last is installed.
    """
    testing = arguments[:1] == ["test"]
    named = {word.partition("=")[0] for word in arguments}
    signing = testing or "--sign" in named
    spread = signing or "--cluster" in named or any("s3://" in word for word in arguments)
    translating = spread or arguments[:1] == ["translation"]
    serving = translating or bool({"serve", "proof"} & set(arguments))
    locks = (
        LOCK,
        *((SERVE_LOCK,) if serving else ()),
        *((TRANSLATION_LOCK,) if translating else ()),
        *((CLUSTER_LOCK,) if spread else ()),
        *((SIGN_LOCK,) if signing else ()),
        *((TEST_LOCK,) if testing else ()),
    )
    if not made_ready(locks):
        return 2
    if testing:
        os.chdir(HERE)
        return hand_over("pytest", arguments[1:])
    return hand_over("booklet.cli", arguments)


def hand_over(module: str, arguments: list[str]) -> int:
    """Who goes on from here? Python's -P keeps files in the current folder from being imported."""
    for stream in (sys.stdout, sys.stderr):
        if stream:  # there is none where the caller closed it
            stream.flush()
    command = [VENV_PYTHON, "-P", "-m", module, *arguments]
    os.execve(VENV_PYTHON, command, {**clean_environment(), "PYTHONPATH": HERE})


def clean_environment() -> dict[str, str]:
    """Which of the caller's settings hold in .venv too? All but another Python's folders."""
    others = ("PYTHONPATH", "PYTHONHOME", "__PYVENV_LAUNCHER__")
    return {name: value for name, value in os.environ.items() if name not in others}


# --- Is .venv ready? -----------------------------------------------------------------------


def made_ready(locks: tuple[str, ...]) -> bool:
    """Can .venv be entered, after setting it up where need be?"""
    try:
        if not is_ready(locks):
            set_up(locks)
    except SetUpError as reason:
        say(str(reason))
    except OSError as error:
        say(f"The set-up stopped: {error}.\nPut this right, then run the same command again.")
    except KeyboardInterrupt:
        say("The set-up was interrupted; nothing half-made is left. Run the same command again.")
    else:
        return True
    return False


def is_ready(locks: tuple[str, ...]) -> bool:
    """Was .venv finished, by this Python, from these lock files as they are now?"""
    try:
        with open(MADE_FROM, encoding="utf-8", errors="surrogateescape") as note:
            made_from = note.read().splitlines()
    except OSError:
        return False
    return os.access(VENV_PYTHON, os.X_OK) and set(ingredients(locks)) <= set(made_from)


def ingredients(locks: tuple[str, ...]) -> list[str]:
    """What is a .venv for these lock files made from?"""
    import hashlib

    lines = [f"{sys.implementation.cache_tag} {os.uname().machine} {INTERPRETER}"]
    for name in locks:
        with open(os.path.join(HERE, name), "rb") as lock:
            lines.append(f"{name} sha256:{hashlib.sha256(lock.read()).hexdigest()}")
    return lines


# --- Setting up ----------------------------------------------------------------------------


def set_up(locks: tuple[str, ...]) -> None:
    """How does a machine with nothing but Python come to a .venv?"""
    interrupt_on_signals()
    turn = wait_for_turn()
    if is_ready(locks):
        return
    refuse_foreign_venv()
    say("Setting up (once, about a minute) …")
    add_system_packages()
    put_aside()
    make_venv(locks, turn)
    remove(ASIDE)
    say("The set-up is done.")


def interrupt_on_signals() -> None:
    """How do a polite kill and a closed terminal get the same tidying up as Ctrl-C?"""
    import signal

    for number in (signal.SIGTERM, signal.SIGHUP):
        # Under nohup a closed terminal is to be ignored.
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, signal.default_int_handler)


def wait_for_turn() -> int:
    """Is another run setting up here? Returns the open file whose lock lasts as long as it."""
    import fcntl

    turn = os.open(TURN, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        fcntl.flock(turn, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        say("Another run is setting up here; waiting for it …")
        fcntl.flock(turn, fcntl.LOCK_EX)
    return turn


def refuse_foreign_venv() -> None:
    """May what stands at .venv be removed? Only what was begun here, or an empty folder."""
    if not os.path.lexists(VENV):
        return
    real_folder = os.path.isdir(VENV) and not os.path.islink(VENV)
    if real_folder and (os.path.exists(MADE_FROM) or not os.listdir(VENV)):
        return
    raise SetUpError(
        f"{VENV} was not made by make_booklet.py, so it is left as it is.\n"
        "Rename or remove it, then run the same command again."
    )


def make_venv(locks: tuple[str, ...], turn: int) -> None:
    """How is .venv made, so that it is either finished or not there?"""
    made_from = ingredients(locks)
    try:
        os.mkdir(VENV)
        note_made_from([])
        os.mkdir(SCRATCH)
        fill_venv(locks[-1], turn)
        # A power cut must not keep the note and lose the files it vouches for.
        os.sync()
        note_made_from(made_from)
    except BaseException:
        ignore_signals()
        remove(VENV)
        if os.path.exists(ASIDE):
            os.rename(ASIDE, VENV)
        raise


def put_aside() -> None:
    """What of an earlier set-up may still be of use, should this one fail?"""
    whole = os.path.exists(MADE_FROM) and os.path.getsize(MADE_FROM) > 0
    if whole:
        remove(ASIDE)
        os.rename(VENV, ASIDE)
    else:
        remove(VENV)


def fill_venv(lock: str, turn: int) -> None:
    """What goes into .venv? Exactly what the lock file lists, checked by its hashes."""
    import shutil

    run_alone([INTERPRETER, "-I", "-m", "venv", VENV], turn, "Python's venv")
    pip = [VENV_PYTHON, "-I", "-m", "pip", "install", "--quiet", "--no-input"]
    # The lock lists everything. Left to look for itself, an older pip takes the newest release of
    # what is asked for with an extra, finds no hash for it and gives up.
    strict = ["--disable-pip-version-check", "--require-hashes", "--no-deps", "--only-binary", ":all:"]
    say(f"  with pip: what {lock} lists")
    run_alone([*pip, *strict, "-r", os.path.join(HERE, lock)], turn, f"pip, reading {lock},")
    shutil.rmtree(SCRATCH)


def note_made_from(lines: list[str]) -> None:
    """What is .venv made from? Nothing yet, where there are no lines."""
    with open(MADE_FROM, "w", encoding="utf-8", errors="surrogateescape") as note:
        note.writelines(line + "\n" for line in lines)


def remove(venv: str) -> None:
    """How does a .venv go, so that it shows itself as ours and unfinished until the last?"""
    import shutil

    if not os.path.lexists(venv):
        return
    note = os.path.join(venv, os.path.basename(MADE_FROM))
    with open(note, "w", encoding="utf-8"):
        pass
    for entry in list(os.scandir(venv)):
        if entry.is_dir(follow_symlinks=False):
            shutil.rmtree(entry.path)
        elif entry.path != note:
            os.unlink(entry.path)
    os.unlink(note)
    os.rmdir(venv)


def ignore_signals() -> None:
    """Who may interrupt the tidying up? Nobody: it takes a moment."""
    import signal

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)


# --- What the machine itself must have -----------------------------------------------------


def add_system_packages() -> None:
    """Are Pango's libraries and Python's venv here, if need be by way of apt?"""
    libraries, packages = missing_libraries(), missing_packages()
    if not packages:
        return
    if not has_program("apt-get"):
        raise SetUpError(advice_without_apt(libraries))
    install_with_apt(packages)
    if missing_packages():
        raise SetUpError(f"apt installed {' '.join(packages)}, yet they cannot be loaded.")


def missing_libraries() -> list[str]:
    """Which libraries can this machine not load?"""
    return [name for name, number, _ in LIBRARIES if not can_load(name, number)]


def can_load(name: str, number: int) -> bool:
    """Is there a library of this name?"""
    import ctypes.util

    if sys.platform == "darwin":
        return ctypes.util.find_library(name) is not None
    try:
        ctypes.CDLL(f"lib{name}.so.{number}")
    except OSError:
        return False
    return True


def missing_packages() -> list[str]:
    """Which Debian packages would bring what is missing?"""
    missing = missing_libraries()
    packages = {package: None for name, _, package in LIBRARIES if name in missing}
    venv_package = [] if has_venv() else [venv_package_of_this_python()]
    return venv_package + list(packages)


def has_venv() -> bool:
    """Can this Python make a venv with pip in it? Debian keeps that in a package of its own."""
    import importlib.util

    importlib.invalidate_caches()
    return all(importlib.util.find_spec(name) for name in ("venv", "ensurepip"))


def venv_package_of_this_python() -> str:
    """What does Debian call the missing part of this Python, if it is Debian's Python?"""
    if sys.base_prefix == "/usr" and has_program("apt-get"):
        return "python{}.{}-venv".format(*sys.version_info[:2])
    raise SetUpError(
        f"This Python, {INTERPRETER}, has no ensurepip, so it cannot make a venv.\n"
        "Install a complete Python 3.11 or newer, then run the same command with it."
    )


def advice_without_apt(libraries: list[str]) -> str:
    """What is missing, and what do other systems call it?"""
    return (
        f"Missing on this machine: {', '.join('lib' + name for name in libraries)}.\n"
        "WeasyPrint sets text with them. Install them, then run the same command again:\n"
        "    Fedora and its relatives:  sudo dnf install pango harfbuzz\n"
        "    macOS:                     brew install pango"
    )


def install_with_apt(packages: list[str]) -> None:
    """How do the packages get in, as far as this user may install any?"""
    rights = rights_to_install()
    if rights is None:
        raise SetUpError(
            "This machine lacks some packages, and you may not install any without a password.\n"
            "Type this one command, then run the same command again:\n"
            f"    {command_to_type(packages)}"
        )
    say(f"  with apt: {' '.join(packages)}")
    run_apt(rights, packages)


def rights_to_install() -> list[str] | None:
    """What goes before apt-get here? None, where a password would have to be typed."""
    if os.geteuid() == 0:
        return []
    if has_program("sudo") and run(["sudo", "-n", "true"])[0] == 0:
        return ["sudo", "-n"]
    return None


def run_apt(rights: list[str], packages: list[str]) -> None:
    """How is apt called? Once more with fresh lists where it does not know or find a package."""
    # A new machine is often just then busy with its own updates, so apt waits for its turn.
    apt = [*rights, "apt-get", "-q", "-o", "DPkg::Lock::Timeout=300"]
    install = [*apt, "install", "-y", "--no-install-recommends", *packages]
    if run(install)[0] == 0:
        return
    # Where a list cannot be fetched, that is the reason to tell, not the package it lacks.
    missed, why = run([*apt, "-o", "APT::Update::Error-Mode=any", "update"])
    status, words = run(install)
    if status:
        raise SetUpError(failure("apt-get", why if missed else words))


def command_to_type(packages: list[str]) -> str:
    """What is the one command? With `update` only where apt has not heard of the packages."""
    install = ["apt-get", "install", "-y", "--no-install-recommends", *packages]
    known = run(["apt-get", "--simulate", *install[1:]])[0] == 0
    return ("" if known else "sudo apt-get update && ") + "sudo " + " ".join(install)


# --- Calling other programs ----------------------------------------------------------------


def has_program(name: str) -> bool:
    """Is there a program of this name?"""
    import shutil

    return shutil.which(name) is not None


def run(command: list[str]) -> tuple[int, str]:
    """What does a program answer that must not be cut short, as apt must not?"""
    process = started(command, {"DEBIAN_FRONTEND": "noninteractive"}, ())
    try:
        words = process.communicate()[0]
    except KeyboardInterrupt:
        process.communicate()
        raise
    return process.returncode, words


def run_alone(command: list[str], turn: int, name: str) -> None:
    """Did a program that fills .venv succeed? It and all it started end with us.

    Where we are killed outright it goes on, but it holds the lock: the next run waits for it.
    """
    import signal

    process = started(command, {"TMPDIR": SCRATCH}, (turn,))
    try:
        words = process.communicate()[0]
    except BaseException:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        raise
    if process.returncode:
        raise SetUpError(failure(name, words))


def started(
    command: list[str], settings: dict[str, str], kept_open: tuple[int, ...]
) -> "subprocess.Popen[str]":
    """How is another program called? Nothing to read, all it says kept for the case of failure."""
    import subprocess

    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        cwd=HERE,
        env={**clean_environment(), **settings},
        pass_fds=kept_open,
        start_new_session=bool(kept_open),
    )


def failure(name: str, words: str) -> str:
    """What is there to say where a program failed? Its own last words, and what to do."""
    last = [line for line in words.splitlines() if line.strip()][-8:]
    quoted = "\n".join("    " + line for line in last)
    return (
        f"The set-up stopped: {name} could not finish. Its last words:\n{quoted}\n"
        "Nothing half-made is left. Put this right (is the network there?), then run the same "
        "command again."
    )


def say(text: str) -> None:
    """Where do the door's own words go? Past the output that another program may be reading."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()
