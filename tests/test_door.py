"""Does the door set up what is missing, mend what was interrupted, and hand over faithfully?

Seen from outside: each test types a command in a copy of the project, on a machine whose Python,
apt and sudo are small scripts that note how they are called. The trial on real, freshly made
machines is tests/bare_machine.sh.
"""

import ast
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

DOOR = Path(__file__).parent.parent / "make_booklet.py"
PYTHON = os.path.realpath(sys.executable)
DEBIAN_PACKAGES = "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
INSTALL = "apt-get install -y --no-install-recommends"

FRESH = """
import os, sys
def answered(arguments):
    if "modules" in arguments:
        print(*sorted(sys.modules), sep="\\n")
    return 7 if "answered" in arguments else None
"""

HANDED_OVER = """
import json, os, sys
print(json.dumps({
    "module": __spec__.name, "arguments": sys.argv[1:], "folder": os.getcwd(),
    "PYTHONPATH": os.environ["PYTHONPATH"], "PYTHONHOME": os.environ.get("PYTHONHOME"),
    "kept": os.environ.get("KEPT"),
}))
"""

# Lets the tests say which libraries, rights and Python the machine has.
MACHINE = """
import ctypes.util, importlib.util, os, runpy, sys
machine = os.environ["MACHINE"]
def there(): return os.path.exists(machine + "/libraries")
def load(name, *rest):
    if not there(): raise OSError(name)
ctypes.CDLL = load
ctypes.util.find_library = lambda name: name if there() else None
os.geteuid = lambda: 0 if os.path.exists(machine + "/root") else 1000
sys.executable = machine + "/bin/python3"
exec(os.environ.get("BEFORE", ""))
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""

FAKE_PYTHON = """#!/bin/sh
case "$*" in
*"-m venv "*)
    echo "venv $*" >>"$MACHINE/calls"
    [ ! -e "$MACHINE/venv-fails" ] || { echo "Error: no space left"; exit 1; }
    for venv in "$@"; do :; done
    /bin/mkdir -p "$venv/bin"
    /bin/cp "$0" "$venv/bin/python" ;;
*"-m pip "*)
    echo "pip $*" >>"$MACHINE/calls"
    : >"$TMPDIR/pip-unpack"
    /bin/sleep "${PIP_TAKES:-0}"
    [ ! -e "$MACHINE/pip-fails" ] || { echo "ERROR: No matching distribution"; exit 1; } ;;
*) exec "$REAL_PYTHON" "$@" ;;
esac
"""

FAKE_APT = """#!/bin/sh
echo "apt-get $*" >>"$MACHINE/calls"
case " $* " in
*" update "*) : >"$MACHINE/lists"; exit ;;
esac
[ -e "$MACHINE/lists" ] || { echo "E: Unable to locate package"; exit 100; }
case " $* " in
*" --simulate "*) ;;
*) : >"$MACHINE/libraries" ;;
esac
"""

FAKE_SUDO = """#!/bin/sh
echo "sudo $*" >>"$MACHINE/calls"
[ -e "$MACHINE/sudoer" ] || exit 1
shift
"$@"
"""


class Machine:
    """A folder with a copy of the project, and all that this copy can see of a machine."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.project = folder / "the präss"
        self.venv = self.project / ".venv"
        self.made_from = self.venv / "made-from"
        self._lay_project()
        self.has("libraries", "lists")
        self.program("python3", FAKE_PYTHON)

    def _lay_project(self) -> None:
        (self.project / "booklet").mkdir(parents=True)
        shutil.copy(DOOR, self.project)
        shutil.copy(DOOR.parent / "booklet/set_up.py", self.project / "booklet")
        for name, text in {
            "booklet/__init__.py": "",
            "booklet/fresh.py": FRESH,
            "booklet/cli.py": HANDED_OVER,
            "pytest.py": HANDED_OVER,
            "requirements.lock": "# empty\n",
            "requirements-serve.lock": "# nor here\n",
            "requirements-translation.lock": "# empty as well\n",
            "requirements-cluster.lock": "# nothing in it\n",
            "requirements-sign.lock": "# and nothing here\n",
            "requirements-test.lock": "# empty too\n",
        }.items():
            (self.project / name).write_text(text, encoding="utf-8")

    def has(self, *things: str) -> None:
        for thing in things:
            (self.folder / thing).touch()

    def lacks(self, *things: str) -> None:
        for thing in things:
            (self.folder / thing).unlink()

    def program(self, name: str, script: str) -> None:
        path = self.folder / "bin" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(script, encoding="utf-8")
        path.chmod(0o755)

    def calls(self, *programs: str) -> list[str]:
        """How were these programs called, in order?"""
        path = self.folder / "calls"
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        return [line for line in lines if line.split()[0] in programs]

    def environment(self, **more: str) -> dict[str, str]:
        return {
            "MACHINE": str(self.folder),
            "PATH": str(self.folder / "bin"),
            "HOME": str(self.folder),
            "TMPDIR": "/no/such/folder",
            "LANG": "C.UTF-8",
            "REAL_PYTHON": PYTHON,
            **more,
        }

    def start(
        self, *arguments: str, folder: Path | None = None, **environment: str
    ) -> "subprocess.Popen[str]":
        door = str(self.project / "make_booklet.py")
        return subprocess.Popen(
            # Without site packages: a third-party import would fail.
            [PYTHON, "-S", "-P", "-c", MACHINE, door, *arguments],
            cwd=folder or self.folder,
            env=self.environment(**environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )

    def type(self, *arguments: str, folder: Path | None = None, **environment: str) -> tuple[int, str, str]:
        """What do status, output and messages say, once the command has ended?"""
        with self.start(*arguments, folder=folder, **environment) as process:
            out, messages = process.communicate(timeout=60)
        assert "Traceback" not in messages
        return process.returncode, out, messages

    def wait_for(self, thing: Callable[[], object]) -> None:
        for _ in range(1000):
            if thing():
                return
            time.sleep(0.01)
        pytest.fail("waited in vain")


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


# --- The version of Python ---------------------------------------------------------------------


def test_an_older_python_is_told_which_one_is_needed(machine: Machine) -> None:
    status, _, messages = machine.type(BEFORE="sys.version_info = (3, 10, 14, 'final', 0)")
    assert status == 2
    assert "needs Python 3.11 or newer; this is Python 3.10" in messages
    assert not machine.venv.exists()


def test_an_older_python_can_read_that_far() -> None:
    ast.parse(DOOR.read_text(encoding="utf-8"), feature_version=(3, 6))


# --- Before .venv is entered --------------------------------------------------------------------


def test_what_is_fresh_is_answered_without_venv(machine: Machine) -> None:
    assert machine.type("answered")[0] == 7
    assert machine.calls("venv", "pip") == []


def test_little_is_imported_before_the_answer(machine: Machine) -> None:
    door = machine.project / "make_booklet.py"
    command = [PYTHON, "-S", str(door), "answered", "modules"]
    run = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    imported = {name.partition(".")[0] for name in run.stdout.split()}
    assert imported <= sys.stdlib_module_names | {"__main__", "booklet"}
    heavy = {"argparse", "ctypes", "hashlib", "pathlib", "shutil", "subprocess", "typing"}
    assert imported & heavy == set()


def test_safe_path_does_not_hide_the_project(machine: Machine) -> None:
    assert machine.type("answered", PYTHONSAFEPATH="1")[0] == 7


# --- Setting up ---------------------------------------------------------------------------------


def test_first_run_makes_venv_from_the_lock_and_its_hashes(machine: Machine) -> None:
    assert machine.type()[0] == 0
    [venv], [pip] = machine.calls("venv"), machine.calls("pip")
    assert not (machine.venv / "scratch").exists()
    assert venv.endswith(f"-I -m venv {machine.venv}")
    assert "--require-hashes --no-deps --only-binary :all:" in pip
    assert pip.endswith(f"-r {machine.project / 'requirements.lock'}")


def test_second_run_sets_nothing_up(machine: Machine) -> None:
    machine.type()
    status, _, messages = machine.type()
    assert (status, messages) == (0, "")
    assert len(machine.calls("venv", "pip")) == 2


def test_venv_for_the_tests_serves_the_press_too(machine: Machine) -> None:
    machine.type("test")
    machine.type()
    [pip] = machine.calls("pip")
    assert pip.endswith("requirements-test.lock")


def test_a_set_up_that_fails_leaves_the_one_before(machine: Machine) -> None:
    machine.type()
    machine.has("pip-fails")
    assert machine.type("test")[0] == 2
    status, _, messages = machine.type()
    assert (status, messages) == (0, "")
    assert not (machine.project / ".venv-aside").exists()
    (machine.folder / "pip-fails").unlink()
    assert machine.type("test")[0] == 0
    assert not (machine.project / ".venv-aside").exists()


def test_a_python_of_venv_may_make_it_anew(machine: Machine) -> None:
    machine.type()
    own = machine.venv / "bin/python"
    own.unlink()
    own.symlink_to(machine.folder / "bin/python3")
    status, _, messages = machine.type("test", BEFORE=f"sys.executable = {str(own)!r}")
    assert (status, machine.calls("pip")[-1].rpartition("/")[2]) == (0, "requirements-test.lock"), messages


def test_venv_for_the_press_is_made_anew_for_the_tests(machine: Machine) -> None:
    machine.type()
    machine.type("test")
    assert [call.rpartition("/")[2] for call in machine.calls("pip")] == [
        "requirements.lock",
        "requirements-test.lock",
    ]


def test_translations_have_what_they_need_and_the_tests_have_it_too(machine: Machine) -> None:
    machine.type("translation", "status")
    assert machine.calls("pip")[-1].endswith("requirements-translation.lock")
    machine.type("test")
    machine.type("translation", "status")
    machine.type()
    assert [call.rpartition("/")[2] for call in machine.calls("pip")] == [
        "requirements-translation.lock",
        "requirements-test.lock",
    ]


@pytest.mark.parametrize("words", [("serve",), ("--root", "elsewhere", "serve"), ("serve", "--port", "0")])
def test_showing_the_catalogue_has_what_it_needs_and_all_else_that_is_installed_too(
    words: tuple[str, ...], machine: Machine
) -> None:
    machine.type()
    machine.type(*words)
    assert machine.calls("pip")[-1].endswith("requirements-serve.lock")
    machine.type("translation", "status")
    machine.type(*words)
    machine.type()
    assert [call.rpartition("/")[2] for call in machine.calls("pip")] == [
        "requirements.lock",
        "requirements-serve.lock",
        "requirements-translation.lock",
    ]


@pytest.mark.parametrize(
    "words",
    [
        ("build", "--cluster", "local"),
        ("colds", "--cluster=tcp://host:8786"),
        ("--cluster", "local", "build", "colds"),
        ("release", "colds", "--shop", "s3://bucket/releases"),
        ("releases", "list", "--shop=s3://bucket/releases"),
    ],
)
def test_a_cluster_has_what_it_needs_and_translations_too(words: tuple[str, ...], machine: Machine) -> None:
    machine.type(*words)
    machine.type("translation", "status")
    machine.type()
    assert [call.rpartition("/")[2] for call in machine.calls("pip")] == ["requirements-cluster.lock"]
    machine.type("test")
    machine.type(*words)
    assert len(machine.calls("pip")) == 2


@pytest.mark.parametrize("words", [("--sign", "key.p12"), ("--sign=key.p12",)])
def test_signing_has_what_it_needs_and_a_cluster_too(words: tuple[str, ...], machine: Machine) -> None:
    machine.type("release", "colds", *words)
    machine.type("build", "--cluster", "local")
    machine.type("release", "colds")
    assert [call.rpartition("/")[2] for call in machine.calls("pip")] == ["requirements-sign.lock"]
    machine.type("test")
    machine.type("release", "colds", *words)
    assert len(machine.calls("pip")) == 2


def change_lock(machine: Machine) -> None:
    (machine.project / "requirements.lock").write_text("# another\n", encoding="utf-8")


def change_python(machine: Machine) -> None:
    text = machine.made_from.read_text(encoding="utf-8")
    machine.made_from.write_text(text.replace("cpython-", "cpython-0"), encoding="utf-8")


def lose_python(machine: Machine) -> None:
    (machine.venv / "bin" / "python").unlink()
    (machine.venv / "bin" / "python").symlink_to("/no/longer/python")


def leave_half(machine: Machine) -> None:
    machine.made_from.write_text("", encoding="utf-8")


def empty_venv(machine: Machine) -> None:
    shutil.rmtree(machine.venv)
    machine.venv.mkdir()


@pytest.mark.parametrize("harm", [change_lock, change_python, lose_python, leave_half, empty_venv])
def test_unfit_venv_is_made_anew(machine: Machine, harm: Callable[[Machine], None]) -> None:
    machine.type()
    harm(machine)
    debris = machine.venv / "debris" / "file"
    if harm is not empty_venv:
        debris.parent.mkdir()
        debris.touch()
    assert machine.type()[0] == 0
    assert len(machine.calls("pip")) == 2
    assert not debris.exists()


def a_folder(venv: Path) -> None:
    venv.mkdir()
    (venv / "pyvenv.cfg").touch()


def a_file(venv: Path) -> None:
    venv.touch()


def a_link(venv: Path) -> None:
    target = venv.with_name("elsewhere")
    target.mkdir()
    (target / "made-from").touch()
    venv.symlink_to(target)


@pytest.mark.parametrize("foreign", [a_folder, a_file, a_link])
def test_foreign_venv_is_left_alone(machine: Machine, foreign: Callable[[Path], None]) -> None:
    foreign(machine.venv)
    status, _, messages = machine.type()
    assert status == 2
    assert "not made by make_booklet.py" in messages
    assert machine.venv.exists()
    assert machine.calls("venv", "pip") == []


# --- Set-ups that do not finish -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "last_words"),
    [("pip-fails", "ERROR: No matching distribution"), ("venv-fails", "Error: no space left")],
)
def test_failed_set_up_leaves_no_venv(machine: Machine, fault: str, last_words: str) -> None:
    machine.has(fault)
    status, _, messages = machine.type()
    assert status == 2
    assert last_words in messages
    assert "run the same command again" in messages
    assert not machine.venv.exists()
    machine.lacks(fault)
    assert machine.type()[0] == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_interrupted_set_up_leaves_no_venv(machine: Machine, number: signal.Signals) -> None:
    began = time.monotonic()
    with machine.start(PIP_TAKES="60") as process:
        machine.wait_for(lambda: machine.calls("pip"))
        process.send_signal(number)
        _, messages = process.communicate(timeout=30)
    assert process.returncode == 2
    assert "interrupted" in messages
    assert not machine.venv.exists()
    assert time.monotonic() - began < 30


def test_killed_set_up_is_mended_by_the_next_run(machine: Machine) -> None:
    with machine.start(PIP_TAKES="1") as process:
        machine.wait_for(lambda: machine.calls("pip"))
        process.kill()
    assert machine.made_from.read_text(encoding="utf-8") == ""
    status, _, messages = machine.type()
    assert status == 0
    assert "Another run is setting up here" in messages
    assert len(machine.calls("pip")) == 2


def test_two_first_runs_set_up_once(machine: Machine) -> None:
    with machine.start(PIP_TAKES="0.5") as one, machine.start(PIP_TAKES="0.5") as two:
        one.communicate(timeout=30)
        two.communicate(timeout=30)
    assert (one.returncode, two.returncode) == (0, 0)
    assert len(machine.calls("venv")) == 1


def test_missing_lock_is_said_plainly(machine: Machine) -> None:
    (machine.project / "requirements.lock").unlink()
    status, _, messages = machine.type()
    assert status == 2
    assert "requirements.lock" in messages


# --- What the machine itself must have ------------------------------------------------------------


@pytest.fixture
def bare(machine: Machine) -> Machine:
    """A Debian machine without Pango, whose apt has no lists yet; its user is not root."""
    machine.lacks("libraries", "lists")
    machine.program("apt-get", FAKE_APT)
    return machine


def test_root_gets_the_missing_packages(bare: Machine) -> None:
    bare.has("root", "lists")
    assert bare.type()[0] == 0
    [call] = bare.calls("apt-get")
    assert call.endswith(f"install -y --no-install-recommends {DEBIAN_PACKAGES}")


def test_lists_are_fetched_where_apt_lacks_them(bare: Machine) -> None:
    bare.has("root")
    assert bare.type()[0] == 0
    assert [call.split()[-1] for call in bare.calls("apt-get")] == [
        "libharfbuzz-subset0",
        "update",
        "libharfbuzz-subset0",
    ]


def test_sudo_is_used_where_it_asks_for_nothing(bare: Machine) -> None:
    bare.has("sudoer", "lists")
    bare.program("sudo", FAKE_SUDO)
    assert bare.type()[0] == 0
    assert bare.calls("sudo")[0] == "sudo -n true"
    assert all(call.startswith("sudo -n ") for call in bare.calls("sudo"))


@pytest.mark.parametrize(("lists", "update"), [(["lists"], ""), ([], "sudo apt-get update && ")])
def test_without_rights_there_is_one_command_to_type(bare: Machine, lists: list[str], update: str) -> None:
    bare.has(*lists)
    bare.program("sudo", FAKE_SUDO)
    status, _, messages = bare.type()
    assert status == 2
    assert f"\n    {update}sudo {INSTALL} {DEBIAN_PACKAGES}\n" in messages
    assert not bare.venv.exists()


def test_only_what_is_missing_is_named(bare: Machine) -> None:
    status, _, messages = bare.type(
        BEFORE="ctypes.CDLL = lambda name: load(name) if 'subset' in name else None\n"
        "ctypes.util.find_library = lambda name: None if 'subset' in name else name"
    )
    assert status == 2
    assert messages.endswith(f"sudo {INSTALL} libharfbuzz-subset0\n")


def test_venv_of_debians_python_is_in_the_same_command(bare: Machine) -> None:
    status, _, messages = bare.type(
        BEFORE="importlib.util.find_spec = lambda name: None; sys.base_prefix = '/usr'"
    )
    version = "{}.{}".format(*sys.version_info[:2])
    assert status == 2
    assert f"sudo {INSTALL} python{version}-venv {DEBIAN_PACKAGES}\n" in messages


def test_python_without_ensurepip_from_elsewhere_is_named(bare: Machine) -> None:
    status, _, messages = bare.type(
        BEFORE="importlib.util.find_spec = lambda name: None; sys.base_prefix = '/opt/python'"
    )
    assert status == 2
    assert "bin/python3, has no ensurepip" in messages


def test_failing_apt_is_quoted(bare: Machine) -> None:
    bare.has("root")
    bare.program("apt-get", "#!/bin/sh\necho 'E: Could not get lock'\nexit 100\n")
    status, _, messages = bare.type()
    assert status == 2
    assert "E: Could not get lock" in messages


def test_other_systems_are_told_the_names(bare: Machine) -> None:
    (bare.folder / "bin" / "apt-get").unlink()
    status, _, messages = bare.type()
    assert status == 2
    assert "libpango-1.0, libpangoft2-1.0" in messages
    assert "dnf install pango" in messages
    assert "brew install pango" in messages


# --- Handing over ---------------------------------------------------------------------------------


def test_arguments_folder_and_environment_are_passed_on(machine: Machine) -> None:
    elsewhere = machine.folder / "else where"
    elsewhere.mkdir()
    (elsewhere / "json.py").write_text("raise ImportError", encoding="utf-8")
    status, out, _ = machine.type(
        "a b", "--root", "../x", folder=elsewhere, KEPT="yes", PYTHONPATH=str(elsewhere / "none")
    )
    assert status == 0
    assert json.loads(out) == {
        "module": "booklet.cli",
        "arguments": ["a b", "--root", "../x"],
        "folder": str(elsewhere),
        "PYTHONPATH": str(machine.project),
        "PYTHONHOME": None,
        "kept": "yes",
    }


def test_test_hands_over_to_pytest_in_the_project(machine: Machine) -> None:
    _, out, _ = machine.type("test", "-k", "x")
    said = json.loads(out)
    assert (said["module"], said["arguments"]) == ("pytest", ["-k", "x"])
    assert said["folder"] == str(machine.project)


def test_tests_run_whatever_is_fresh(machine: Machine) -> None:
    assert machine.type("test", "answered")[0] == 0


def test_status_of_the_press_is_the_status_of_the_door(machine: Machine) -> None:
    (machine.project / "booklet" / "cli.py").write_text("raise SystemExit(5)", encoding="utf-8")
    assert machine.type()[0] == 5


# --- Once in earnest ------------------------------------------------------------------------------


def test_a_real_venv_from_an_empty_lock(machine: Machine) -> None:
    really = f"sys.executable = {PYTHON!r}"
    status, out, _ = machine.type("proof", BEFORE=really, PIP_NO_INDEX="1")
    assert status == 0
    assert json.loads(out)["arguments"] == ["proof"]
    assert machine.type("proof", BEFORE=really)[2] == ""
