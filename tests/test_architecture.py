"""Does each module know only what it may know, and is everything that can be used described?"""

import argparse
import ast
import importlib
import inspect
import pkgutil
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from command import PROJECT

import booklet
from booklet import options
from booklet.blocks import KINDS
from booklet.checks import CHECKS
from booklet.layout import Family
from booklet.yamlfile import read_yaml

#: A module may import those before it. `fresh` stands apart: a few may ask it, and it hands over to one.
#: `set_up` runs before there is anything to import.
ORDER = (
    *(
        "problem",
        "language",
        "prose",
        "bidi",
        "blocks",
        "yamlfile",
        "picture",
        "model",
        "explain",
        "units",
        "english",
        "amounts",
        "store",
        "register",
        "source",
        "shared",
        "qr",
        "chapters",
        "texts",
        "entries",
        "remarks",
        "sign_offs",
        "pairing",
        "differences",
        "search",
    ),
    *(
        "faces",
        "layout",
        "labels",
        "enlarge",
        "impose",
        "typeset",
        "proofread",
        "web",
        "fold",
        "colours",
        "pdffile",
        "released",
        "codes",
        "carve",
        "glyphs",
        "quicken",
        "crossrefs",
        "looks",
        "render",
        "paginate",
        "assemble",
        "letters",
        "figures",
        "ink",
        "tags",
        "glimpse",
        "inspect",
        "checks",
    ),
    *(
        "waive",
        "judge",
        "separation",
        "press",
        "preflight",
        "preflight_press",
        "bind",
        "make",
        "printing",
        "states",
        "shelf",
        "parcel",
        "feeds",
        "site",
        "rows",
    ),
    *("changes", "bars", "proofs", "annotated"),
    *("desk", "shop", "batch", "bucket", "cluster", "translation", "exchange"),
    *("report", "review", "build", "sign", "release", "papers", "bag", "starter", "shown", "catalogue"),
    *("serve", "answers", "typed", "told", "spot", "editions", "manual"),
    *("view", "setter", "reviewing", "overview", "aligned", "beside", "compare", "comparing", "studio"),
    *(
        "options",
        "console",
        "commands_build",
        "commands_proof",
        "commands_release",
        "commands_remarks",
        "commands_source",
        "cli",
    ),
)
APART, TAKING_OVER, ALONE = "fresh", "cli", "set_up"
ASKING = {"build", "starter", "options", "console", "commands_release", "commands_source", "cli"}

#: Who alone may import a library.
ONLY = {
    "weasyprint": {"crossrefs", "glyphs", "quicken", "render"},
    "pydyf": {"carve", "colours", "render"},
    "jinja2": {"answers", "catalogue", "changes", "papers", "review", "typeset"},
    "fontTools": {"codes", "faces", "labels", "render"},
    "babel": {"language"},
    "icalendar": {"feeds"},
    "translate": {"exchange"},
    "uharfbuzz": {"faces"},
    "segno": {"qr"},
    "textstat_rs": {"checks"},
    "tinycss2": {"fold"},
    "yaml": {"yamlfile"},
    "markdown_it": {"prose"},
    "PIL": {"compare", "picture", "press", "review", "separation", "shown", "spot", "view"},
    "pypdf": {"annotated", "bars", "impose", "inspect", "preflight_press", "press", "proofs", "separation"},
    "pypdfium2": {
        "beside",
        "compare",
        "figures",
        "glimpse",
        "ink",
        "inspect",
        "letters",
        "preflight",
        "preflight_press",
        "review",
        "separation",
        "spot",
        "shown",
        "tags",
        "view",
    },
    "page": {"inspect"},
    "pebble": {"batch"},
    "dask": {"cluster"},
    "distributed": {"cluster"},
    "fsspec": {"bucket"},
    "botocore": {"bucket"},
    "starlette": {"answers", "comparing", "editions", "overview", "reviewing", "serve", "studio"},
    "watchfiles": {"studio"},
    "uvicorn": {"serve"},
    "pyhanko": {"sign"},
    "cryptography": {"sign"},
    "rich": {"commands_build", "console", "report"},
}

PACKAGE = PROJECT / "booklet"
FILES = sorted(PACKAGE.rglob("*.py"))
BASE = PROJECT / "layouts/base"
#: What paper and screens have their templates and fixed words in.
BOTH = BASE, PROJECT / "layouts/web"
TEMPLATES = {path: path.read_text(encoding="utf-8") for one in BOTH for path in sorted(one.rglob("*.html"))}
WORDS = {
    key: word
    for one in BOTH
    for key, word in dict(read_yaml((one / "words/en.yaml").read_bytes(), "en.yaml").value or {}).items()
}
README = (PROJECT / "README.md").read_text(encoding="utf-8")


def modules() -> Iterator[ModuleType]:
    """Every module of the package."""
    for found in pkgutil.walk_packages(booklet.__path__, "booklet."):
        yield importlib.import_module(found.name)


def stage(path: Path) -> str:
    """The module of the order that a file belongs to."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported(path: Path) -> Iterator[tuple[str, int]]:
    """The absolute names of what a file imports, with the line; the package's own begin with a dot."""
    depth = len(path.relative_to(PACKAGE).parts)
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module or "", node.lineno
        elif isinstance(node, ast.ImportFrom) and node.level == depth:
            names = [node.module] if node.module else [alias.name for alias in node.names]
            yield from ((f".{name}", node.lineno) for name in names)


# --- Imports -------------------------------------------------------------------------------


def test_every_module_has_its_place_in_the_order() -> None:
    assert {stage(path) for path in FILES} == {*ORDER, APART, ALONE, "__init__"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_point_left(path: Path) -> None:
    own = stage(path)
    for name, line in imported(path):
        if not name.startswith("."):
            continue
        other = name[1:].partition(".")[0]
        if {APART, ALONE} & {own, other}:
            assert own in ASKING or other == TAKING_OVER, f"{path}:{line}: {own} imports {other}"
        else:
            assert ORDER.index(other) < ORDER.index(own), f"{path}:{line}: {own} imports {other}"


def test_a_library_is_used_in_one_place() -> None:
    users: dict[str, set[str]] = {}
    for path in FILES:
        for name, _ in imported(path):
            users.setdefault(name.partition(".")[0], set()).add(stage(path))
    assert {library: users.get(library) for library in ONLY} == ONLY


@pytest.mark.parametrize("name", [APART, ALONE])
def test_what_the_door_asks_needs_the_standard_library_alone(name: str) -> None:
    names = {name for name, _ in imported(PACKAGE / f"{name}.py")} - {f".{TAKING_OVER}"}
    assert {name.partition(".")[0] for name in names} <= sys.stdlib_module_names
    assert "pathlib" not in names


def test_nothing_in_the_core_reads_the_clock_the_network_or_chance() -> None:
    banned = {"random", "secrets", "uuid", "socket", "urllib.request", "http.client", "time"}
    for path in FILES:
        # A site has an address, and a page elsewhere cannot guess its token.
        allowed = {"serve": {"socket"}, "reviewing": {"secrets"}}.get(stage(path), set())
        if stage(path) not in (APART, ALONE, "console", "commands_build"):
            assert not {name for name, _ in imported(path)} & banned - allowed, path


# --- Described -----------------------------------------------------------------------------


def test_every_module_says_what_it_answers() -> None:
    for module in modules():
        assert module.__doc__, module.__name__
        assert len(module.__doc__.split("\n")[0]) > 20


def test_every_public_function_and_class_is_described() -> None:
    missing = []
    checks = [check.find for check in CHECKS.values()]
    for module in modules():
        for name, thing in vars(module).items():
            # A check is described by its `why`.
            own = getattr(thing, "__module__", "") == module.__name__ and thing not in checks
            if own and not name.startswith("_") and (inspect.isfunction(thing) or inspect.isclass(thing)):
                missing += [f"{module.__name__}.{part}" for part in _undescribed(name, thing)]
    assert missing == []


def _undescribed(name: str, thing: object) -> Iterator[str]:
    if not inspect.getdoc(thing):
        yield name
    if inspect.isclass(thing):
        for member, value in vars(thing).items():
            function = value.fget if isinstance(value, property) else value
            own = inspect.isfunction(function) and not member.startswith("_")
            if own and not inspect.getdoc(getattr(thing, member)):
                yield f"{name}.{member}"


def test_the_pipelines_docstring_names_its_stages() -> None:
    doc = booklet.__doc__ or ""
    named = re.findall(r"^    (\w+)  ", doc, re.MULTILINE)
    assert named
    assert [name for name in ORDER if name in named] == named


def test_the_readme_names_every_module_in_its_picture() -> None:
    picture = README.partition("## Architecture")[2].partition("## ")[0]
    assert [name for name in (*ORDER, APART, ALONE) if not re.search(rf"\b{name}\b", picture)] == []


def test_the_readme_names_every_command_and_option() -> None:
    parser = options.parser()
    commands = next(a for a in parser._actions if isinstance(a, argparse._SubParsersAction))
    names = set(commands.choices)
    for command in commands.choices.values():
        shown = [action for action in command._actions if action.help != argparse.SUPPRESS]
        names |= {option for action in shown for option in action.option_strings}
    assert [name for name in sorted(names - {"-h"}) if not re.search(rf"(?<![\w-]){name}\b", README)] == []


def test_the_readme_names_every_kind_of_block() -> None:
    assert [kind for kind in KINDS if f"`{kind}`" not in README] == []


def test_the_readme_says_what_each_library_is_for() -> None:
    project = (PROJECT / "pyproject.toml").read_text(encoding="utf-8")
    listed = project.partition("dependencies = [")[2].partition("]")[0]
    dependencies = re.findall(r'"([\w-]+)==', listed)
    assert len(dependencies) > 5
    assert [name for name in dependencies if f"| {name} |" not in README.lower()] == []


# --- Layouts and fonts ---------------------------------------------------------------------


def test_every_kind_of_block_has_its_fragment() -> None:
    # A shared block is replaced by the one it names before it comes to a template.
    assert {path.stem for path in BASE.glob("blocks/*.html")} == set(KINDS) - {"shared"}


#: Fixed words that templates call by a name they put together: words[block.tone], words['key_' ~ box].
CALLED = re.compile(r"key_\w+|info|tip|warning|urgent")


def _called_words() -> set[str]:
    """The fixed words that templates and modules call by name."""
    code = [path.read_text(encoding="utf-8") for path in FILES]
    called = set(re.findall(r"\bwords\.(\w+)", "\n".join(TEMPLATES.values())))
    called |= set(re.findall(r"\bwords\[[\"'](\w+)[\"']\]", "\n".join(code)))
    # `spoken` chooses between two.
    return called | {key for key in ("booklet_code", "booklet_reference") if f'"{key}"' in "\n".join(code)}


def test_every_fixed_word_that_is_called_exists() -> None:
    assert _called_words() - set(WORDS) == set()


def test_every_fixed_word_is_called() -> None:
    assert {word for word in WORDS if not CALLED.fullmatch(word)} - _called_words() == set()


def test_the_english_words_are_whole_texts() -> None:
    assert all(isinstance(word, str) and word.strip() for word in WORDS.values())


def test_every_icon_that_is_used_exists() -> None:
    styles = "".join(path.read_text(encoding="utf-8") for path in PROJECT.glob("layouts/*/page.css"))
    used = set(re.findall(r"icons/([\w-]+\.svg)", styles + "".join(TEMPLATES.values())))
    assert used
    assert used <= {path.name for path in PROJECT.glob("layouts/*/icons/*.svg")}


def test_every_family_of_fonts_has_its_licence() -> None:
    families = sorted(PROJECT.glob("fonts/*/family.yaml"))
    assert families
    for path in families:
        family = Family.model_validate(read_yaml(path.read_bytes(), path.name).value)
        licence = (path.parent / family.licence).read_text(encoding="utf-8")
        assert "SIL OPEN FONT LICENSE Version 1.1" in licence
        faces = {face.file for face in family.faces}
        assert {font.name for font in path.parent.glob("*.ttf")} == faces
