"""What do the files in source/ say? The only reader of what editors write."""

import difflib
import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Generic, TypeVar

from pydantic import TypeAdapter, ValidationError

from . import picture, prose
from .blocks import PICTURE, AnyBlock, Block, Figure, Mapped, Reading, Sequenced
from .explain import explain, nearest
from .model import Booklet, Clinic, House, Proof, Proofs, Remark, Remarks, SignOff, SignOffs, Waiver, Waivers
from .problem import Outcome, Problem, Severity, Where
from .prose import Reference, Scalar
from .register import FOLDER, SHOP, Edition, Register, read_register
from .store import Folder
from .units import PLACEHOLDER, Unit, units
from .yamlfile import read_yaml

W = TypeVar("W")

ID = re.compile(r"[a-z][a-z0-9-]*")
LANGUAGE_FILE = re.compile(r"booklet\.([A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*)\.yaml")
MAX_LEVEL = 3
HOUSE_FILE = "source/house.yaml"

#: What a translation of house.yaml says in its own words; all else is the same in every language.
HOUSE_WORDS = (
    *("strapline", "address", "quality_mark", "how_we_can_help"),
    *("formats", "feedback", "disclaimer", "imprint"),
)

#: What house.yaml says that no reader meets.
UNPRINTED = ("sign_off_roles",)

_BLOCK: TypeAdapter[Block] = TypeAdapter(AnyBlock)


@dataclass(frozen=True, slots=True)
class Asset:
    """A picture that a booklet uses: the name in the source, and its bytes."""

    name: str
    data: bytes

    @property
    def digest(self) -> str:
        """SHA-256 of the bytes, in hexadecimal."""
        return hashlib.sha256(self.data).hexdigest()


@dataclass(frozen=True, slots=True)
class Sourced:
    """A booklet with all that belongs to it."""

    booklet: Booklet
    house: House
    assets: tuple[Asset, ...]
    files: tuple[str, ...]
    """Every file that was read for it, relative to the publisher's folder."""
    waivers: tuple[Waiver, ...] = ()
    absent: tuple[str, ...] = ()
    """Files that would be read too, if they were there."""
    units: tuple[Unit, ...] = ()
    """Its texts, with those of the house's translation."""
    master: "Master | None" = None
    """What it translates; None where it is no translation."""
    clinic: Clinic | None = None
    """Whose details stand in it; None in the national edition."""
    clinic_id: str = ""
    released: Edition | None = None
    """What the register says of this version in this language; None where it was not released."""
    current: str = ""
    """The version that is current in this language; empty where none was released."""
    content: str = ""
    """The SHA-256 of what it says, in hexadecimal: of every text and picture, however written down."""
    fixed: Mapping[str, str] = field(default_factory=dict)
    """The publisher's own fixed words of layouts in its language, by layout and key."""

    @property
    def clinic_language(self) -> str:
        """The language of clinics' details, which are not translated; empty where it is the booklet's."""
        return self.master.language if self.master else ""

    @property
    def national(self) -> "Sourced":
        """The same without a clinic's details."""
        return replace(self, clinic=None, clinic_id="")


@dataclass(frozen=True, slots=True)
class Master:
    """The booklet that a translation follows, as it is now."""

    language: str
    version: str
    units: tuple[Unit, ...]


@dataclass(frozen=True, slots=True)
class Outline:
    """The language of a booklet's file, and the layouts that it names."""

    language: str
    layouts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Read(Generic[W]):
    """One file: its value or its faults, its tree, and the Markdown texts in it."""

    outcome: Outcome[W]
    tree: Mapped | None = None
    texts: tuple[Scalar, ...] = ()


def read_file(
    root: Path,
    file: str,
    validate: Callable[..., W],
    prepare: Callable[[Mapped], None] = lambda _tree: None,
) -> Read[W]:
    """Read a YAML file below `root`, with all faults of its form, its keys and its Markdown."""
    data = file_bytes(root, file)
    if data is None:
        return Read(Outcome(None, (missing_file(root, file),)))
    return _read(data, file, validate, prepare)


#: So many files are kept as they were read.
FILES = 2_000


def read_once(root: Path, file: str, validate: Callable[..., W]) -> Read[W]:
    """The same for a file that many booklets have, read again only where its content is another.

    Nobody may change its tree.
    """
    data = file_bytes(root, file)
    if data is None:
        return Read(Outcome(None, (missing_file(root, file),)))
    return _kept(data, file, validate)


def read_details(data: bytes, file: str) -> Outcome[Clinic]:
    """A clinic's details, as a file of that name would say them; they can have no picture.

    Nothing of it is remembered.
    """
    read = _read(data, file, Clinic.model_validate, lambda _tree: None)
    return _joined(read.outcome, tuple(_outward_link_faults(read.texts)))


def file_beside(booklet_id: str, language: str, name: str) -> str:
    """Where a list about a booklet, or about its translation, is kept: `remarks`, `proofs` or `sign-offs`."""
    return f"source/booklets/{booklet_id}/{name}{'.' + language if language else ''}.yaml"


def read_remarks(data: bytes, file: str) -> Outcome[tuple[Remark, ...]]:
    """The remarks that a file of that name would hold."""
    read = _read(data, file, Remarks.model_validate, lambda _tree: None).outcome
    if read.value is None:
        return Outcome(None, read.problems)
    twice = tuple(_same_numbers(read.value.remarks))
    return Outcome(None if twice else read.value.remarks, read.problems + twice)


def read_proofs(data: bytes, file: str) -> Outcome[tuple[Proof, ...]]:
    """The proofs that a file of that name would list."""
    read = _read(data, file, Proofs.model_validate, lambda _tree: None).outcome
    return Outcome(read.value.proofs if read.value else None, read.problems)


def read_sign_offs(data: bytes, file: str) -> Outcome[tuple[SignOff, ...]]:
    """The sign-offs that a file of that name would hold."""
    read = _read(data, file, SignOffs.model_validate, lambda _tree: None).outcome
    return Outcome(read.value.sign_offs if read.value else None, read.problems)


def _same_numbers(remarks: Iterable[Remark]) -> Iterator[Problem]:
    """What is wrong where two remarks have one number."""
    first: dict[int, Remark] = {}
    for one in remarks:
        if first.setdefault(one.id, one) is not one:
            message = f"There are two remarks {one.id}; the other begins in line {first[one.id].where.line}"
            yield Problem("wrong-value", message, one.at("id"), "give one of the two a number of its own")


@lru_cache(maxsize=FILES)
def _kept(data: bytes, file: str, validate: Callable[..., W]) -> Read[W]:
    return _read(data, file, validate, lambda _tree: None)


def _read(data: bytes, file: str, validate: Callable[..., W], prepare: Callable[[Mapped], None]) -> Read[W]:
    form = read_yaml(data, file)
    if form.value is None:
        return Read(Outcome(None, form.problems))
    prepare(form.value)
    reading = Reading()
    try:
        value = validate(form.value, context=reading)
        problems = form.problems
    except ValidationError as error:
        value = None
        problems = form.problems + tuple(explain(error, form.value, reading))
    texts = tuple(reading.texts)
    return Read(_joined(Outcome(value, problems), tuple(_markdown_faults(texts))), form.value, texts)


@lru_cache(maxsize=FILES)
def _outline(data: bytes, file: str, language: str) -> Outline:
    tree = read_yaml(data, file).value or Mapped()
    layouts = tree.get("layouts")
    named = layouts if isinstance(layouts, Sequenced) else ()
    return Outline(str(tree.get("language") or language), tuple(map(str, named)))


def missing_file(root: Path, file: str) -> Problem:
    """Why `file_bytes` has nothing, and what to do."""
    path = root / file
    if path.is_symlink() or path.exists():
        message = f"{file} is no file in the publisher's folder"
        return Problem("missing-file", message, Where(file), "put the file itself there, not a link to it")
    beside = sorted(other.name for other in path.parent.glob("*") if other.is_file())
    near = difflib.get_close_matches(path.name, beside, 1, 0.7)
    hint = f"create it, or give '{near[0]}' this name" if near else "create it"
    return Problem("missing-file", f"There is no {file}", Where(file), hint)


def _file_name(language: str) -> str:
    return f"booklet.{language}.yaml" if language else "booklet.yaml"


def _no_id(what: str, name: str, file: str) -> Problem:
    hint = "use small letters, digits and hyphens, and begin with a letter"
    return Problem("wrong-id", f"The {what}'s name '{name}' is no id", Where(file), hint)


def file_bytes(root: Path, file: str) -> bytes | None:
    """A file below the root, if it is a plain one and no link leads out of the root to it."""
    path = root / file
    try:
        if not path.is_file() or not path.resolve().is_relative_to(root.resolve()):
            return None
        return path.read_bytes()
    except OSError:
        return None


class Source:
    """The source/ of one publisher's folder, read as it is asked for."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.folder = root / "source"
        self._booklets: dict[tuple[str, str], Outcome[Sourced]] = {}
        self._houses: dict[str, _HouseRead] = {}
        self._outlines: dict[tuple[str, str], Outline] = {}
        self._clinics: dict[str, Outcome[Clinic]] = {}

    @cached_property
    def ids(self) -> tuple[str, ...]:
        """The ids of all booklets: the folders with YAML in them, whatever its name."""
        return tuple(sorted({path.parent.name for path in self.folder.glob("booklets/*/*.y*ml")}))

    def translations(self, booklet_id: str) -> tuple[str, ...]:
        """The files of a booklet: "" for the master, then the languages of its translations."""
        folder = self.folder / "booklets" / booklet_id
        found = (LANGUAGE_FILE.fullmatch(path.name) for path in folder.glob("booklet.*.yaml"))
        return ("", *sorted(match[1] for match in found if match))

    def outline(self, booklet_id: str, language: str = "") -> Outline:
        """What a booklet says of itself, read without looking for faults."""
        key = booklet_id, language
        if key not in self._outlines:
            suffix = f".{language}" if language else ""
            file = f"source/booklets/{booklet_id}/booklet{suffix}.yaml"
            self._outlines[key] = _outline(file_bytes(self.root, file) or b"", file, language)
        return self._outlines[key]

    def file_in(self, booklet_id: str, language: str) -> str | None:
        """Which of a booklet's files is in a language: "" is the master, None where there is none."""
        names = reversed(self.translations(booklet_id))
        files = {self.outline(booklet_id, name).language: name for name in names}
        return files.get(language)

    @property
    def house(self) -> Outcome[House]:
        """The publisher, from house.yaml."""
        return self._house("").outcome

    def _house(self, language: str) -> "_HouseRead":
        """The publisher in the words of a language."""
        if language not in self._houses:
            self._houses[language] = self._read_house(language)
        return self._houses[language]

    def _read_house(self, language: str) -> "_HouseRead":
        shared = _SharedBlocks(self, language)
        name = f"source/house.{language}.yaml"
        data = file_bytes(self.root, name) if language else None
        own = read_yaml(data, name) if data is not None else Outcome(Mapped())
        faults: list[Problem] = list(own.problems)

        def put_in(tree: Mapped) -> None:
            if language:
                faults.extend(_say_in(language, tree, own.value or Mapped(), Where(name)))
            shared.put_in(tree)

        read = read_file(self.root, HOUSE_FILE, House.model_validate, put_in)
        files = (HOUSE_FILE, *((name,) if data is not None else ()), *shared.files)
        absent = (*((name,) if language and data is None else ()), *shared.absent)
        if read.tree is None:
            return _HouseRead(read.outcome, files, absent=absent)
        _, problems = self._pictures(read.tree, self.folder)
        problems += (*faults, *shared.problems, *_outward_link_faults(read.texts))
        said = Mapped({key: read.tree[key] for key in HOUSE_WORDS if key in read.tree})
        texts = units(Mapped(house=said))
        problems += tuple(_local_in_house(read.tree))
        content = Mapped({key: read.tree[key] for key in read.tree if key not in UNPRINTED})
        return _HouseRead(_joined(read.outcome, problems), files, texts, absent, content)

    def booklet(self, booklet_id: str, language: str = "") -> Outcome[Sourced]:
        """A booklet, or its translation, with everything that is wrong with it."""
        key = booklet_id, language
        if key not in self._booklets:
            self._booklets[key] = self._booklet(booklet_id, language)
        return self._booklets[key]

    @cached_property
    def clinics(self) -> tuple[str, ...]:
        """The ids of all clinics."""
        return tuple(sorted(path.stem for path in self.folder.glob("clinics/*.yaml")))

    def edition(self, booklet_id: str, language: str, clinic_id: str) -> Outcome[Sourced]:
        """A booklet with a clinic's details; without a clinic the national edition."""
        national = self.booklet(booklet_id, language)
        return self.with_clinic(national, clinic_id) if clinic_id else national

    def with_clinic(self, national: Outcome[Sourced], clinic_id: str) -> Outcome[Sourced]:
        """A booklet, from here or from elsewhere, with a clinic's details."""
        clinic = self.clinic(clinic_id)
        if national.value is None or clinic.value is None:
            return Outcome(None, national.problems + clinic.problems)
        logo = clinic.value.logo
        data = file_bytes(self.root, f"source/{logo}") if logo else None
        assets = (*national.value.assets, *([Asset(str(logo), data)] if data else []))
        files = (*national.value.files, f"source/clinics/{clinic_id}.yaml")
        files += (f"source/{logo}",) if logo else ()
        made = replace(national.value, clinic=clinic.value, clinic_id=clinic_id, assets=assets, files=files)
        return Outcome(made, national.problems + clinic.problems)

    def clinic(self, clinic_id: str) -> Outcome[Clinic]:
        """A clinic's details, from source/clinics/."""
        if clinic_id not in self._clinics:
            self._clinics[clinic_id] = self._clinic(clinic_id)
        return self._clinics[clinic_id]

    def _clinic(self, clinic_id: str) -> Outcome[Clinic]:
        file = f"source/clinics/{clinic_id}.yaml"
        if not ID.fullmatch(clinic_id):
            return Outcome(None, (_no_id("file", clinic_id, file),))
        read = read_once(self.root, file, Clinic.model_validate)
        if read.tree is None:
            return read.outcome
        _, problems = self._pictures(read.tree, self.folder)
        problems += tuple(_outward_link_faults(read.texts)) + tuple(self._unknown_booklets(read.tree))
        return _joined(read.outcome, problems)

    def _unknown_booklets(self, clinic: Mapped) -> Iterator[Problem]:
        named = clinic.get("booklets")
        for name in named if isinstance(named, Sequenced) else ():
            if isinstance(name, Scalar) and ID.fullmatch(name) and name not in self.ids:
                message = f"There is no booklet '{name}' in source/booklets"
                yield Problem("wrong-value", message, name.where, nearest(name, list(self.ids), ""))

    def _booklet(self, booklet_id: str, language: str) -> Outcome[Sourced]:
        suffix = f".{language}" if language else ""
        file = f"source/booklets/{booklet_id}/booklet{suffix}.yaml"
        if not ID.fullmatch(booklet_id):
            return Outcome(None, (_no_id("folder", booklet_id, file),))
        foreign = self._foreign(booklet_id, language)
        shared = _SharedBlocks(self, foreign)
        read = read_file(self.root, file, Booklet.model_validate, shared.put_in)
        if read.tree is None:
            return Outcome(None, read.outcome.problems)
        assets, problems = self._pictures(read.tree, self.folder / "booklets" / booklet_id)
        references, link_problems = self._links(read.tree, read.texts, language)
        problems += shared.problems + link_problems
        problems += tuple(_structure_faults(read.tree))
        problems += tuple(self._code_faults(read.tree, booklet_id))
        if language:
            problems += tuple(self._translation_faults(read.tree, booklet_id, language, file))
        else:
            problems += tuple(self._misnamed_translations(booklet_id))
        waivers_file = f"source/booklets/{booklet_id}/waivers{suffix}.yaml"
        waived = self._waivers(waivers_file)
        problems += waived.problems
        house_read = self._house(foreign)
        problems += self.register.problems
        own = (*units(read.tree), *house_read.units)
        master, master_files = self._master(booklet_id) if language else (None, ())
        problems += tuple(_not_yet(own, master.units)) if master else ()
        joined, house = _joined(read.outcome, problems), house_read.outcome
        if joined.value is None or house.value is None:
            return Outcome(None, joined.problems + house.problems)
        joined.value._id = booklet_id
        joined.value._references = references
        files = tuple(dict.fromkeys((file, *shared.files, *house_read.files)))
        files += tuple(f"source/booklets/{name}/booklet.yaml" for name in references)
        files += tuple(f"source/booklets/{booklet_id}/{asset.name}" for asset in assets)
        house_assets = self._house_assets(house.value)
        files += tuple(f"source/{asset.name}" for asset in house_assets)
        there = () if waived.value is None else (waivers_file,)
        absent = (*(() if there else (waivers_file,)), *shared.absent, *house_read.absent)
        absent += (f"{SHOP}/{booklet_id}",)
        files += master_files
        assets += house_assets
        fixed, fixed_files = self._fixed_words(joined.value.language)
        files += fixed_files
        said = read.tree, house_read.content, {name: str(one) for name, one in references.items()}
        sourced = Sourced(
            *(joined.value, house.value, assets, files + there, waived.value or (), absent, own, master),
            released=self._released(joined.value),
            current=self._current(joined.value),
            content=_content((*said, fixed) if fixed else said, assets),
            fixed=fixed,
        )
        told = tuple(one for one in house.problems if one.code == "not-translated")
        return Outcome(sourced, (*joined.problems, *told))

    @cached_property
    def register(self) -> Outcome[Register]:
        """What was released."""
        return _register(self.root / SHOP, tuple(sorted(Folder(self.root / SHOP).names(FOLDER))))

    def _fixed_words(self, language: str) -> tuple[dict[str, str], tuple[str, ...]]:
        """The publisher's own fixed words of layouts in a language, and their files.

        What is wrong with them the layout says.
        """
        words: dict[str, str] = {}
        tags = dict.fromkeys((language.partition("-")[0], language))
        found = [path for tag in tags for path in sorted(self.root.glob(f"layouts/*/words/{tag}.yaml"))]
        files = tuple(path.relative_to(self.root).as_posix() for path in found)
        for file in files:
            words |= _words_in(file_bytes(self.root, file) or b"", file)
        return words, files

    def _released(self, booklet: Booklet) -> Edition | None:
        register = self.register.value
        return register.edition(booklet.id, booklet.version, booklet.language) if register else None

    def _current(self, booklet: Booklet) -> str:
        register = self.register.value
        found = register.current(booklet.id, booklet.language) if register else None
        return found.entry.version if found else ""

    def _foreign(self, booklet_id: str, language: str) -> str:
        """The language of a translation; empty where it is the master's, as en-US is that of en-GB."""
        master = self.outline(booklet_id).language
        return language if language.partition("-")[0] != master.partition("-")[0] else ""

    def _waivers(self, file: str) -> Outcome[tuple[Waiver, ...] | None]:
        """What the editors let stand; None where they wrote no such file."""
        if not (self.root / file).exists():
            return Outcome(None)
        read = read_file(self.root, file, Waivers.model_validate).outcome
        return Outcome(read.value.waivers if read.value else None, read.problems)

    def sign_offs(self, booklet_id: str, language: str = "") -> Outcome[tuple[SignOff, ...]]:
        """Who has signed a booklet, or its translation, off: whichever version, whatever it said then."""
        return self._beside(file_beside(booklet_id, language, "sign-offs"), read_sign_offs)

    def remarks(self, booklet_id: str, language: str = "") -> Outcome[tuple[Remark, ...]]:
        """What readers of a booklet, or of its translation, had to say: of whichever version."""
        return self._beside(file_beside(booklet_id, language, "remarks"), read_remarks)

    def proofs(self, booklet_id: str, language: str = "") -> Outcome[tuple[Proof, ...]]:
        """Which proofs of a booklet, or of its translation, were made, of whichever version."""
        return self._beside(file_beside(booklet_id, language, "proofs"), read_proofs)

    def _beside(
        self, file: str, read: Callable[[bytes, str], Outcome[tuple[W, ...]]]
    ) -> Outcome[tuple[W, ...]]:
        """The entries of a file, which need not be there."""
        data = file_bytes(self.root, file)
        if data is not None:
            return read(data, file)
        path = self.root / file
        there = path.exists() or path.is_symlink()
        return Outcome(None, (missing_file(self.root, file),)) if there else Outcome(())

    def _misnamed_translations(self, booklet_id: str) -> Iterator[Problem]:
        folder = f"source/booklets/{booklet_id}"
        for path in sorted((self.root / folder).glob("booklet*.y*ml")):
            if path.name != "booklet.yaml" and not LANGUAGE_FILE.fullmatch(path.name):
                hint = "name a translation booklet.<language>.yaml, for example booklet.cy.yaml"
                where = Where(f"{folder}/{path.name}")
                yield Problem("wrong-file-name", f"'{path.name}' is not read under this name", where, hint)

    def _translation_faults(
        self, tree: Mapped, booklet_id: str, language: str, file: str
    ) -> Iterator[Problem]:
        """What a translation does not have from its master, or from its own file's name."""
        if "translation_of" not in tree:
            hint = 'write the master\'s version: translation_of: "1.0"'
            yield Problem("missing-key", "`translation_of` is missing", Where(file), hint)
        written = tree.get("language")
        if isinstance(written, Scalar) and not f"{written}-".casefold().startswith(f"{language}-".casefold()):
            message = f"`language` is '{written}', but the file's name says '{language}'"
            yield Problem("wrong-value", message, tree.keys_at["language"], "let the two agree")
        else:
            yield from self._other_files_of(written, tree, booklet_id, language)
        master, _ = self._master_tree(booklet_id)
        if "code" in master and "code" in tree and tree["code"] != master["code"]:
            message = f"`code` is not the master's, which is {master['code']}"
            hint = "a translation shares its master's stock code"
            yield Problem("wrong-value", message, tree.keys_at["code"], hint)
        # A master that has moved on since is another matter: the translation is out of date.
        if master and tree.get("translation_of") == master.get("version"):
            yield from _strayed(tree, master, Where(file))
            yield from _other_shared(*map(self._raw, (file, f"source/booklets/{booklet_id}/booklet.yaml")))

    def _raw(self, file: str) -> Mapped:
        """A file's tree as it is written, with nothing put in."""
        return read_yaml(file_bytes(self.root, file) or b"", file).value or Mapped()

    def _master(self, booklet_id: str) -> tuple[Master, tuple[str, ...]]:
        """What a translation follows, and the files that were read for it."""
        tree, files = self._master_tree(booklet_id)
        language, version = (str(tree.get(key, "")) for key in ("language", "version"))
        return Master(language, version, (*units(tree), *self._house("").units)), files

    def _master_tree(self, booklet_id: str) -> tuple[Mapped, tuple[str, ...]]:
        """A booklet's tree, whatever faults it has, and the files that were read for it."""
        name, shared = f"source/booklets/{booklet_id}/booklet.yaml", _SharedBlocks(self, "")
        tree = read_yaml(file_bytes(self.root, name) or b"", name).value or Mapped()
        shared.put_in(tree)
        return tree, (name, *shared.files)

    def _other_files_of(
        self, written: Any, tree: Mapped, booklet_id: str, language: str
    ) -> Iterator[Problem]:
        """Another file of the booklet in the same language: its edition would have the same name."""
        for other in self.translations(booklet_id):
            theirs = self.outline(booklet_id, other).language
            if other != language and theirs.casefold() == str(written).casefold():
                message = f"`language` is '{written}', but that is the language of {_file_name(other)} too"
                hint = "each language has one file: remove one of the two"
                yield Problem("duplicate-language", message, tree.keys_at["language"], hint)

    def _pictures(self, tree: Mapped, folder: Path) -> tuple[tuple[Asset, ...], tuple[Problem, ...]]:
        assets: dict[str, Asset] = {}
        problems: list[Problem] = []
        for key, name in _named_pictures(tree):
            if name in assets or not PICTURE.fullmatch(name):
                continue
            data = file_bytes(self.root, str((folder / name).relative_to(self.root)))
            if data is None:
                problems.append(_missing_picture(key, name, folder, str(folder.relative_to(self.root))))
                continue
            assets[name] = Asset(str(name), data)
            problems += (
                Problem("picture-refused", message, name.where, hint)
                for message, hint in dict.fromkeys(picture.faults(name, data))
            )
        return tuple(assets.values()), tuple(problems)

    def _house_assets(self, house: House) -> tuple[Asset, ...]:
        mark = house.quality_mark
        figures = [block.image for block in house.how_we_can_help if isinstance(block, Figure)]
        names = dict.fromkeys((house.logo, mark.logo if mark else None, *figures))
        return tuple(Asset(n, data) for n in names if n and (data := file_bytes(self.root, f"source/{n}")))

    def _links(
        self, tree: Mapped, texts: tuple[Scalar, ...], language: str
    ) -> tuple[dict[str, Reference], tuple[Problem, ...]]:
        """The other booklets that are linked to, and the links that lead to nothing."""
        ids = [str(section["id"]) for _, section in _sections(tree) if isinstance(section.get("id"), str)]
        references: dict[str, Reference] = {}
        problems: list[Problem] = []
        for href, where in _all_links(texts):
            if href.startswith("#") and href[1:] not in ids:
                message = f"The link {href} leads to no section of this booklet"
                problems.append(Problem("dead-link", message, where, nearest(href[1:], ids, "#")))
            elif href.startswith("booklet:"):
                name = href.removeprefix("booklet:")
                reference = references.get(name) or self._reference(name, language)
                if reference:
                    references[name] = reference
                else:
                    problems.append(self._dead_booklet(name, where))
        return references, tuple(problems)

    def _dead_booklet(self, name: str, where: Where) -> Problem:
        if name in self.ids:
            message = f"The booklet '{name}' has no title and code that can be read"
            return Problem("dead-link", message, where, f"mend source/booklets/{name}/booklet.yaml first")
        message = f"There is no booklet '{name}' in source/booklets"
        return Problem("dead-link", message, where, nearest(name, list(self.ids), "booklet:"))

    def _reference(self, booklet_id: str, language: str) -> Reference | None:
        """The booklet as it is called in a language, or as its master is."""
        if not ID.fullmatch(booklet_id):
            return None
        folder = f"source/booklets/{booklet_id}"
        data = file_bytes(self.root, f"{folder}/{_file_name(language)}")
        data = data or file_bytes(self.root, f"{folder}/{_file_name('')}")
        tree = read_yaml(data, "").value if data else None
        title, code = (tree.get("title"), tree.get("code")) if tree else (None, None)
        readable = isinstance(title, Scalar) and isinstance(code, Scalar) and title and code
        return Reference(str(title), str(code)) if readable else None

    @cached_property
    def _codes(self) -> dict[str, list[str]]:
        """The booklets that bear each stock code, found without reading them whole."""
        found: dict[str, list[str]] = {}
        for booklet_id in self.ids:
            data = file_bytes(self.root, f"source/booklets/{booklet_id}/booklet.yaml") or b""
            match = re.search(rb"^code:[ \t]*[\"']?([^\s\"'#]+)", data, re.MULTILINE)
            if match:
                found.setdefault(match[1].decode("utf-8", "replace"), []).append(booklet_id)
        return found

    def _code_faults(self, tree: Mapped, booklet_id: str) -> Iterator[Problem]:
        code = tree.get("code")
        others = [name for name in self._codes.get(str(code), ()) if name != booklet_id]
        if others and isinstance(code, Scalar):
            message = f"The stock code {code} is that of '{others[0]}' too"
            yield Problem("duplicate-code", message, tree.keys_at["code"], "give each booklet its own code")


@dataclass(frozen=True, slots=True)
class _HouseRead:
    """The publisher, the files that were read for it, and its texts."""

    outcome: Outcome[House]
    files: tuple[str, ...]
    units: tuple[Unit, ...] = ()
    absent: tuple[str, ...] = ()
    content: Mapped = field(default_factory=Mapped)
    """What it says, but for what is not printed."""


class _SharedBlocks:
    """Puts the blocks of source/shared/ in the places that name them."""

    def __init__(self, source: Source, language: str) -> None:
        self.source, self.language = source, language
        self.files: tuple[str, ...] = ()
        self.absent: tuple[str, ...] = ()
        """Translations that would be read, if they were there."""
        self.problems: tuple[Problem, ...] = ()

    def put_in(self, tree: Mapped) -> None:
        """Replace the references in a booklet's or a house's tree."""
        held = [tree.get("how_we_can_help"), *(section.get("content") for _, section in _sections(tree))]
        for content in held:
            if isinstance(content, Sequenced):
                content[:] = [self._block(block) for block in content]

    def _block(self, block: Any) -> Any:
        if not (isinstance(block, Mapped) and block.get("kind") == "shared"):
            return block
        name = block.get("id")
        if not isinstance(name, Scalar) or not ID.fullmatch(name) or set(block) != {"kind", "id"}:
            return block
        file, own = f"source/shared/{name}.yaml", f"source/shared/{name}.{self.language}.yaml"
        if self.language and file_bytes(self.source.root, own) is not None:
            file = own
        if file_bytes(self.source.root, file) is None:
            known = sorted(
                path.stem for path in self.source.folder.glob("shared/*.yaml") if "." not in path.stem
            )
            problem = Problem("missing-file", f"There is no {file}", name.where, nearest(name, known, ""))
            self.problems += (problem,)
            return block
        if self.language and file != own:
            self.absent += (own,)
            message = f"The shared block '{name}' is not translated into '{self.language}'"
            self.problems += (_untranslated(message, name.where, f"translate {file} in {own}"),)
        again = file in self.files
        self.files += (file,)
        read = read_file(self.source.root, file, _BLOCK.validate_python)
        faults, tree = read.outcome.problems, read.tree
        if tree is not None and tree.get("kind") in ("shared", "local"):
            hint = "a shared file holds one block of another kind"
            faults = (Problem("wrong-value", "This kind cannot be shared", tree.keys_at["kind"], hint),)
        # A faulty block is told once, in its own file; the booklet keeps the reference.
        self.problems += () if again else faults
        return tree if tree is not None and not faults else block


def _joined(outcome: Outcome[W], problems: tuple[Problem, ...]) -> Outcome[W]:
    """The outcome with more problems, and without its value where one of them is an error."""
    every = tuple(
        sorted(outcome.problems + problems, key=lambda p: (p.where.file, p.where.line, p.where.column))
    )
    failed = any(problem.severity is Severity.ERROR for problem in every)
    return Outcome(None if failed else outcome.value, every)


@lru_cache(maxsize=8)
def _register(shop: Path, _names: tuple[str, ...]) -> Outcome[Register]:
    """A shop's register, read again only where there is another entry: none is ever changed."""
    return read_register(Folder(shop))


@lru_cache(maxsize=FILES)
def _words_in(data: bytes, file: str) -> Mapping[str, str]:
    """The fixed words of a layout, by the layout's name and their keys."""
    read = read_yaml(data, file).value or Mapped()
    return {f"{file.split('/')[1]}: {key}": str(word) for key, word in read.items()}


def _content(said: Any, assets: tuple[Asset, ...]) -> str:
    """A digest of trees and pictures; comments, the order of keys and the way of quoting are not in it."""
    pictures = {asset.name: asset.digest for asset in assets}
    whole = json.dumps([said, pictures], ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(whole.encode("utf-8", "surrogatepass")).hexdigest()


def _not_yet(own: tuple[Unit, ...], master: tuple[Unit, ...]) -> Iterator[Problem]:
    """Texts of a translation that hold nothing yet but the sign that they began with."""
    theirs = {unit.name: unit.text for unit in master}
    for unit in own:
        if unit.text.strip() == PLACEHOLDER:
            hint = f"the master says: {' '.join(theirs.get(unit.name, '').split())[:200]}"
            yield Problem("not-translated", "This text is not translated yet", unit.where, hint)


def _untranslated(message: str, where: Where, hint: str) -> Problem:
    return Problem("not-translated", message, where, hint, Severity.WARNING)


def _say_in(language: str, house: Mapped, words: Mapped, file: Where) -> Iterator[Problem]:
    """Put the words of a language in the place of the house's own."""
    for key in [key for key in words if key not in HOUSE_WORDS]:
        hint = f"take it away; a translation may have {', '.join(HOUSE_WORDS)}"
        yield Problem("unknown-key", f"`{key}` stands in house.yaml alone", words.keys_at[key], hint)
    missing = [key for key in HOUSE_WORDS if key in house and key not in (*words, "address")]
    if missing:
        named = ", ".join(f"`{key}`" for key in missing)
        hint = f"translate it in {file.file}"
        yield _untranslated(f"house.yaml has words that are not in '{language}': {named}", file, hint)
    for key in [key for key in words if key in HOUSE_WORDS]:
        if isinstance(house.get(key), Mapped) and isinstance(words[key], Mapped):
            inner = house[key]
            inner |= words[key]
            inner.keys_at |= words[key].keys_at
        else:
            house[key], house.keys_at[key] = words[key], words.keys_at[key]


def _sections(tree: Mapped, level: int = 0) -> Iterator[tuple[int, Mapped]]:
    """Every section of a booklet's tree with its level, however faulty the rest is."""
    sections = tree.get("sections")
    for section in sections if isinstance(sections, Sequenced) else ():
        if isinstance(section, Mapped):
            yield level + 1, section
            yield from _sections(section, level + 1)


def _structure_faults(tree: Mapped) -> Iterator[Problem]:
    """What only the whole booklet shows: ids that stand twice, too many levels or local places."""
    first: dict[str, Where] = {}
    for level, section in _sections(tree):
        name = section.get("id")
        if isinstance(name, Scalar) and name in first:
            hint = f"it stands in line {first[name].line} already; every section needs its own"
            yield Problem("duplicate-id", f"The section id '{name}' stands twice", name.where, hint)
        elif isinstance(name, Scalar):
            first[name] = name.where
        if level == MAX_LEVEL + 1:
            hint = "use three levels at the most"
            yield Problem("too-many-levels", "A section of the fourth level", section.where, hint)
    places = [block.where for _, section in _sections(tree) for block in _blocks(section, "local")]
    for where in places[1:]:
        hint = f"the first stands in line {places[0].line}; keep one of them"
        yield Problem("two-local-blocks", "A second `local` block", where, hint)


def _blocks(holder: Mapped, kind: str, key: str = "content") -> Iterator[Mapped]:
    """The blocks of one kind in a section's tree, or in the house's."""
    content = holder.get(key)
    for block in content if isinstance(content, Sequenced) else ():
        if isinstance(block, Mapped) and block.get("kind") == kind:
            yield block


def _local_in_house(tree: Mapped) -> Iterator[Problem]:
    for block in _blocks(tree, "local", "how_we_can_help"):
        hint = "take it away; a booklet without one has the clinic's details inside its back cover"
        yield Problem("wrong-value", "A `local` block may stand in a booklet only", block.where, hint)


def _strayed(tree: Mapped, master: Mapped, top: Where) -> Iterator[Problem]:
    """Where a translation leaves its master's sections and blocks."""
    mine, theirs = _outline_of(tree), _outline_of(master)
    for name, (place, kinds) in mine.items():
        if name not in theirs:
            hint = nearest(name, list(theirs), "")
            yield Problem("not-as-master", f"The master has no section '{name}'", place, hint)
        elif kinds != theirs[name][1]:
            hint = "the master has here: " + ", ".join(theirs[name][1] or ("nothing",))
            yield Problem("not-as-master", f"The blocks of '{name}' are not the master's", place, hint)
    for name in theirs:
        if name not in mine:
            hint = "translate it too, and keep its id"
            yield Problem("not-as-master", f"The master's section '{name}' is missing", top, hint)
    both = [name for name in theirs if name in mine]
    for name, wanted in zip((name for name in mine if name in theirs), both, strict=True):
        if name != wanted:
            hint = f"the master has '{wanted}' here"
            yield Problem("not-as-master", f"The section '{name}' is out of order", mine[name][0], hint)
            return


def _other_shared(tree: Mapped, master: Mapped) -> Iterator[Problem]:
    """Blocks of source/shared/ in the place of others that the master has there."""
    for mine, theirs in zip(_shared_ids(tree), _shared_ids(master), strict=False):
        if mine != theirs:
            hint = f"the master has '{theirs}' here"
            yield Problem("not-as-master", f"The master has no block '{mine}' here", mine.where, hint)
            return


def _shared_ids(tree: Mapped) -> Iterator[Scalar]:
    for _, section in _sections(tree):
        yield from (
            block["id"] for block in _blocks(section, "shared") if isinstance(block.get("id"), Scalar)
        )


def _outline_of(tree: Mapped) -> dict[str, tuple[Where, tuple[str, ...]]]:
    """Each section's id with its place, and the kinds of its blocks."""
    found = {}
    for _, section in _sections(tree):
        content = section.get("content")
        blocks = content if isinstance(content, Sequenced) else [content] if content else []
        kinds = tuple(str(block.get("kind")) if isinstance(block, Mapped) else "text" for block in blocks)
        found[str(section.get("id"))] = getattr(section.get("id"), "where", section.where), kinds
    return found


def _named_pictures(tree: Any, key: str = "") -> Iterator[tuple[str, Scalar]]:
    """Every file name under a key that names a picture."""
    if isinstance(tree, Mapped):
        for name, value in tree.items():
            yield from _named_pictures(value, name)
    elif isinstance(tree, Sequenced):
        for value in tree:
            yield from _named_pictures(value)
    elif isinstance(tree, Scalar) and key in ("image", "cover", "logo"):
        yield key, tree


def _missing_picture(key: str, name: Scalar, folder: Path, shown: str) -> Problem:
    if (folder / name).exists():
        message = f"`{key}`: '{name}' is no file in the publisher's folder"
        return Problem("missing-picture", message, name.where, "put the file itself there, not a link to it")
    near = difflib.get_close_matches(name, _pictures_below(folder), 1, 0.5)
    hint = f"did you mean '{near[0]}'?" if near else f"put the file in {shown}/"
    return Problem("missing-picture", f"`{key}`: there is no '{name}'", name.where, hint)


def _pictures_below(folder: Path) -> list[str]:
    found = (str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
    return sorted(name for name in found if PICTURE.fullmatch(name))


def _all_links(texts: tuple[Scalar, ...]) -> Iterator[tuple[str, Where]]:
    for text in texts:
        yield from prose.links(prose.Prose.read(text), text)


def _markdown_faults(texts: tuple[Scalar, ...]) -> Iterator[Problem]:
    for text in texts:
        for fault in prose.faults(prose.Prose.read(text), text):
            yield Problem(fault.code, fault.message, fault.where, fault.hint)


def _outward_link_faults(texts: tuple[Scalar, ...]) -> Iterator[Problem]:
    """The words of a house or a clinic stand in many booklets, so they can lead only outward."""
    for href, where in _all_links(texts):
        if href.startswith(("#", "booklet:")):
            hint = "use https:, mailto: or tel: here"
            yield Problem("dead-link", f"{where.file.rpartition('/')[2]} cannot link to {href}", where, hint)
