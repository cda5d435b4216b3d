"""What does a layout consist of? A folder in layouts/, and the folders that it extends."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from .blocks import Flag, Identifier, Line, Mapped, Number, Written
from .chapters import chapters
from .explain import nearest
from .faces import FaceFile, face_file
from .language import name_of, script_name, script_of
from .problem import NOWHERE, Outcome, Problem, Where
from .source import Asset, Outline, Sourced, file_bytes, read_once
from .yamlfile import read_yaml

#: The pages on the outside and the inside of a sheet that is folded in three, from left to right.
#: The fifth is folded in, and has the fourth on its back.
OUTSIDE, INSIDE = (5, 6, 1), (2, 3, 4)

#: Points in a millimetre.
MILLIMETRE = 72 / 25.4

#: In millimetres: how wide such a sheet is, and how high its pages are (A4, turned; ISO 216).
SHEET_WIDTH, SHEET_HEIGHT = 297, 210


def _measure(value: object) -> object:
    if isinstance(value, str) and re.fullmatch(r"\d{1,3}(\.\d{1,2})?", value):
        return float(value)
    raise PydanticCustomError("measure_form", "This is no size")


def _panels(widths: tuple[float, ...]) -> tuple[float, ...]:
    sides = len(widths) == len(OUTSIDE + INSIDE) and [
        sum(widths[page - 1] for page in side) for side in (OUTSIDE, INSIDE)
    ]
    if sides != [SHEET_WIDTH, SHEET_WIDTH] or widths[OUTSIDE[0] - 1] != widths[INSIDE[-1] - 1]:
        raise PydanticCustomError("panels_form", "These are no panels")
    return widths


Points = Annotated[float, BeforeValidator(_measure)]
Millimetres = Annotated[float, BeforeValidator(_measure)]
Panels = Annotated[tuple[Millimetres, ...], AfterValidator(_panels)]
Matter = Annotated[tuple[Identifier, ...], Field(min_length=1)]


class Sizes(Written):
    """Sizes of type in points."""

    text: Points
    """Running text."""
    labels: Points
    """Labels, captions, folios and what stands in drawings and in the imprint."""


class Room(Written):
    """What a column and a page have room for, in millimetres."""

    width: Millimetres
    """The width of the column."""
    height: Millimetres
    """The height of the tallest picture."""


class Range(Written):
    """The sizes of type that a reader may choose from, in whole points."""

    least: Number
    """The smallest."""
    most: Number
    """The largest."""
    default: Number
    """The size where none is asked for."""


class Recipe(Written):
    """What layout.yaml says; what it leaves out comes from the layout that it extends."""

    extends: Identifier | None = None
    """The layout that this one builds on; only `base` has none."""
    description: Line
    """One line for the list of layouts."""
    default: Flag = False
    """Is it built for booklets that name no layouts?"""
    multiple_of: Number | None = None
    """The number of pages is filled up to a multiple of this with pages for notes."""
    fonts: tuple[Identifier, ...] | None = None
    """The families of fonts/ that it uses; the first is the text's. In a language whose letters they have
    not, another family of fonts/ comes before them."""
    order: Annotated[tuple[Matter, ...], Field(min_length=1)] | None = None
    """The matter in order; what stands in one list is laid out together and begins a page."""
    smallest: Sizes | None = None
    """The smallest type that the checker lets pass."""
    sizes: Range | None = None
    """The sizes that it is printed in; all its type, labels too, then has the chosen one at least."""
    room: Room | None = None
    """Where labels of drawings would be smaller than its type, they become a key below the drawing, and
    where a table has no room for its longest words, it becomes lists."""
    panels: Panels | None = None
    """The width of each page in millimetres, where a sheet of A4 is folded in three; the folded-in one
    is a little narrower."""
    resolution: Number | None = None
    """How many dots of a picture must be printed on an inch, at the least; 150 are advised."""

    @property
    def page_sizes(self) -> tuple[tuple[float, float], ...]:
        """The width and height of each page in millimetres, where the recipe says them."""
        return tuple((width, SHEET_HEIGHT) for width in self.panels or ())

    def filled(self, pages: int) -> int:
        """To how many pages a booklet of so many is filled up with pages for notes."""
        if self.panels:
            return max(pages, len(self.panels))
        multiple = self.multiple_of or 1
        return -(-pages // multiple) * multiple


class Face(Written):
    """One font file of a family."""

    file: Line
    weight: Number
    style: Literal["normal", "italic"]


class Family(Written):
    """A font family, as its family.yaml has it."""

    family: Line
    """Its name in style sheets."""
    scripts: Annotated[tuple[Line, ...], Field(min_length=1)]
    """The scripts it covers, by their codes in ISO 15924."""
    languages: tuple[Line, ...] = ()
    """The languages it is made for (BCP 47): those alone use it, and prefer it to others."""
    leading: Points | None = None
    """From line to line at the least, in parts of the type's size, where its script needs more than Latin."""
    licence: Line
    """The licence's file."""
    origin: Line
    """Where the files come from."""
    faces: Annotated[tuple[Face, ...], Field(min_length=1)]


@dataclass(frozen=True)
class Layout:
    """A layout, ready for use. Folders are listed from the layout itself down to `base`."""

    name: str
    recipe: Recipe
    folders: tuple[Path, ...]
    families: tuple[tuple[Path, Family], ...]
    roots: tuple[Path, ...] = field(repr=False, default=())
    size: int = 0
    """The reader's size of type in points; 0 where the layout has but its own."""
    grey: bool = False
    """Is it printed without colour, and with little ink?"""
    language: str = "en"
    """The language that it is for (BCP 47)."""
    others: tuple[tuple[str, str], ...] = ()
    """The other languages that lines of it are in, each with the family that prints it; one of `families`."""
    bleed: float = 0.0
    """How far colour reaches over the trim, in millimetres; for print shops alone."""

    def __hash__(self) -> int:
        return self._hash

    @cached_property
    def _hash(self) -> int:
        """Worked out once: what is kept for a layout is looked up by it."""
        return hash((self.name, self.folders, self.size, self.grey, self.language, self.others, self.bleed))

    @property
    def form(self) -> str:
        """What its editions are called by: its name, with its size and `grey`."""
        return form_of(self.name, self.size, grey=self.grey)

    @cached_property
    def css(self) -> str:
        """The font faces, the reader's size, then every page.css from `base` up to the layout itself.

        Without colour, every grey.css follows.
        """
        sheets = [self._faces(), f":root {{ --size: {self.size}pt }}" if self.size else ""]
        latin = next((one.family for _, one in self.families if "Latn" in one.scripts), "")
        sheets.append(f':root {{ --latin: "{latin}"; {self._set_in(self.families[0][1])} }}')
        by_name = {family.family: family for _, family in self.families}
        sheets += (
            f'body [lang="{language}"] {{ {self._set_in(by_name[name])} }}' for language, name in self.others
        )
        if self.recipe.room:
            sheets.append(f":root {{ --tallest: {self.recipe.room.height}mm }}")
        for name in ("page.css", "grey.css") if self.grey else ("page.css",):
            found = (folder / name for folder in reversed(self.folders))
            sheets += (sheet.read_text(encoding="utf-8") for sheet in found if sheet.is_file())
        if self.bleed:
            sheets.append(f"@page {{ bleed: {self.bleed}mm }} :root {{ --bleed: {self.bleed}mm }}")
        return "\n".join(sheets)

    @property
    def templates(self) -> Iterator[str]:
        """The text of every template."""
        for folder in self.folders:
            for path in sorted(folder.rglob("*.html")):
                yield path.read_text(encoding="utf-8", errors="replace")

    def _set_in(self, first: Family) -> str:
        """What style sheets are told of text in one of the families; the others stand in for its gaps."""
        names = dict.fromkeys((first.family, *(family.family for _, family in self.families)))
        face, leading = ", ".join(f'"{name}"' for name in names), first.leading or 0
        # A line under the words would cross the letters of scripts that need more leading.
        return f"--face: {face}; --leading: {leading}; --link-line: {'none' if leading else 'underline'}"

    def _faces(self) -> str:
        return "\n".join(
            f'@font-face {{ font-family: "{family.family}"; font-weight: {face.weight}; '
            f"font-style: {face.style}; src: url(fonts/{folder.name}/{face.file}) }}"
            for folder, family in self.families
            for face in family.faces
        )

    @cached_property
    def assets(self) -> dict[str, bytes]:
        """What the style sheets may fetch, by its path in them: the fonts and the icons."""
        found = {
            f"fonts/{folder.name}/{face.file}": (folder / face.file).read_bytes()
            for folder, family in self.families
            for face in family.faces
        }
        for folder in reversed(self.folders):
            for icon in sorted(folder.glob("icons/*.svg")):
                found[f"icons/{icon.name}"] = icon.read_bytes()
        return found

    @cached_property
    def faces(self) -> tuple[FaceFile, ...]:
        """The font files of all its families."""
        return tuple(
            face_file(folder / face.file) for folder, family in self.families for face in family.faces
        )

    def face(self, weight: int) -> FaceFile:
        """The upright face of the text's family whose weight is nearest."""
        faces = zip(self.families[0][1].faces, self.faces, strict=False)
        return min(faces, key=lambda one: (one[0].style != "normal", abs(one[0].weight - weight)))[1]

    @cached_property
    def letters(self) -> frozenset[int]:
        """The letters (code points) that every face of some family has."""
        found: set[int] = set()
        for folder, family in self.families:
            found |= set.intersection(*(set(face_file(folder / face.file).letters) for face in family.faces))
        return frozenset(found)

    def words(self, language: str) -> Outcome[dict[str, str]]:
        """The fixed words of a language, as they were when they were first asked for.

        Those of en-GB are those of en where it has none.
        """
        if language not in self._known_words:
            self._known_words[language] = self._words(language)
        return self._known_words[language]

    @cached_property
    def _known_words(self) -> dict[str, Outcome[dict[str, str]]]:
        return {}

    def _words(self, language: str) -> Outcome[dict[str, str]]:
        short = _tags(language)[0]
        found, problems = self._read_words(_tags(language))
        english, _ = self._read_words(("en",))
        if not found and not problems:
            hint = f"add layouts/base/words/{short}.yaml"
            message = f"The layouts have no fixed words in the language '{language}'"
            return Outcome(None, (Problem("unknown-language", message, NOWHERE, hint),))
        problems = problems or tuple(_word_faults(found, english, Where(f"layouts/base/words/{short}.yaml")))
        return Outcome(None if problems else {key: str(word) for key, word in found.items()}, problems)

    def _read_words(self, names: tuple[str, ...]) -> tuple[dict[str, Any], tuple[Problem, ...]]:
        found: dict[str, Any] = {}
        problems: tuple[Problem, ...] = ()
        for root, file in self._word_files(names):
            data = file_bytes(root, file)
            if data is not None:
                words = _words_in(data, file)
                problems += words.problems
                found |= words.value or {}
        return found, problems

    def _word_files(self, names: tuple[str, ...]) -> Iterator[tuple[Path, str]]:
        """The files of fixed words, each in its root; a later one takes precedence over those before.

        The publisher may add a language to a layout of the project's.
        """
        for folder in reversed(self.folders):
            own = folder.parents[1]
            before = self.roots[: self.roots.index(own)] if own in self.roots else ()
            for root in (own, *reversed(before)):
                yield from ((root, f"layouts/{folder.name}/words/{name}.yaml") for name in names)

    @property
    def files(self) -> tuple[Path, ...]:
        """Every file and folder that the layout is made of."""
        folders = (*self.folders, *(folder for folder, _ in self.families))
        own = tuple(path for folder in folders for path in (folder, *sorted(folder.rglob("*"))))
        return (*own, *(path for path in self._word_paths if path.is_file() and path not in own))

    @property
    def reserve(self) -> tuple[Path, ...]:
        """Every file of the families of the text's script, and of Latin: what letters may be taken from."""
        scripts = {script_of(self.language), "Latn"}
        found = _candidates(_tags(self.language), self)
        folders = {folder for folder, family in found if scripts & set(family.scripts)}
        return tuple(path for folder in sorted(folders) for path in sorted(folder.rglob("*")))

    @property
    def absent(self) -> tuple[Path, ...]:
        """Where a file would take precedence over one of the layout's, if there were one."""
        heads = [folder / "layout.yaml" for folder in self.folders]
        heads += [folder / "family.yaml" for folder, _ in self.families]
        before = tuple(path for head in heads for path in _before(head, self.roots))
        return (*before, *(path for path in self._word_paths if not path.exists()))

    @property
    def _word_paths(self) -> tuple[Path, ...]:
        return tuple(root / file for root, file in self._word_files(_tags(self.language)))


def _tags(language: str) -> tuple[str, ...]:
    """The language without its country or script, and with them."""
    return tuple(dict.fromkeys((language.partition("-")[0], language)))


def _word_faults(words: dict[str, Any], english: dict[str, Any], where: Where) -> Iterator[Problem]:
    """What is wrong with a language's words: each must be there, and have the English one's {gaps}."""
    for key, pattern in english.items():
        word, hint = words.get(key), f"in English it is: {pattern}"
        place = getattr(word, "where", where)
        if not isinstance(word, str):
            yield Problem("wrong-words", f"The fixed word `{key}` is missing", where, hint)
        elif _gaps(word) != _gaps(pattern):
            needed = ", ".join(f"{{{gap}}}" for gap in sorted(_gaps(pattern))) or "no {gap}"
            yield Problem("wrong-words", f"The fixed word `{key}` must hold {needed}", place, hint)


def _gaps(word: object) -> set[str]:
    """What is filled in, for example {page}."""
    return set(re.findall(r"\{(.*?)\}", str(word)))


#: So many files of words are kept as they were read: more than layouts/ has.
WORDS = 200


@lru_cache(maxsize=WORDS)
def _words_in(data: bytes, file: str) -> Outcome[Mapped]:
    """What a file of words says; nobody may change it."""
    return read_yaml(data, file)


def form_of(name: str, size: int, *, grey: bool) -> str:
    """A layout's name with the size of its type in points, where it is not 0, and `grey`."""
    return name + (f"-{size}pt" if size else "") + ("-grey" if grey else "")


def form_said(form: str, roots: tuple[Path, ...]) -> tuple[str, int, bool] | None:
    """The name, size and greyness of `form_of`; None where no layout has the name."""
    found = re.fullmatch(r"(.+?)(?:-(\d{1,3})pt)?(-grey)?", form)
    if not found or found[1] not in layout_names(roots):
        return None
    return found[1], int(found[2] or 0), bool(found[3])


def layout_names(roots: tuple[Path, ...]) -> tuple[str, ...]:
    """The names of all layouts that can be built, `base` excepted."""
    found = {path.parent.name for root in roots for path in root.glob("layouts/*/layout.yaml")}
    return tuple(sorted(found - {"base"}))


def default_layouts(roots: tuple[Path, ...]) -> tuple[str, ...]:
    """The layouts that are built for booklets that name none."""
    recipes = ((name, _recipe(name, roots).value) for name in layout_names(roots))
    return tuple(name for name, found in recipes if found and found[1].default)


def layouts_of(outline: Outline, roots: tuple[Path, ...]) -> tuple[str, ...]:
    """The names of the layouts that a booklet is built in."""
    return outline.layouts or default_layouts(roots)


def sizes_of(name: str, roots: tuple[Path, ...]) -> range:
    """The sizes of type that a reader may choose from, in points; none where there is no choice."""
    layout = load_layout(name, roots).value
    sizes = layout.recipe.sizes if layout else None
    return range(sizes.least, sizes.most + 1) if sizes else range(0)


def has_sizes(name: str, roots: tuple[Path, ...]) -> bool:
    """May the reader choose the layout's size of type?"""
    return bool(sizes_of(name, roots))


def load_layout(
    name: str, roots: tuple[Path, ...], size: int = 0, *, grey: bool = False, language: str = "en"
) -> Outcome[Layout]:
    """The layout of that name from the first root that has it, with all that it extends.

    `size` is the reader's, in points, or 0 for the layout's own; `grey` is without colour. The text's
    family is one that prints the `language` (BCP 47).
    """
    chain: list[tuple[Path, Recipe]] = []
    problems: tuple[Problem, ...] = ()
    wanted: str | None = name
    while wanted:
        if any(folder.name == wanted for folder, _ in chain):
            message, where = f"The layout '{name}' extends itself", Where(f"layouts/{name}/layout.yaml")
            return Outcome(None, (Problem("layout-circle", message, where, "write `extends: base`"),))
        outcome = _recipe(wanted, roots)
        problems += outcome.problems
        if outcome.value is None:
            return Outcome(None, problems)
        chain.append(outcome.value)
        wanted = outcome.value[1].extends
    families: list[tuple[Path, Family]] = []
    for family in next((recipe.fonts for _, recipe in chain if recipe.fonts), ()):
        found = _family(family, roots)
        problems += found.problems
        families += [found.value] if found.value else []
    keys = ("fonts", "order", "multiple_of", "smallest", "sizes", "room", "panels", "resolution")
    inherited = {key: _inherited(chain, key) for key in keys}
    for key in ("fonts", "order", "smallest", "resolution"):
        if not problems and not inherited[key]:
            message, where = f"`{key}` is missing", Where(f"layouts/{name}/layout.yaml")
            problems += (Problem("missing-key", message, where, "write `extends: base`"),)
    if problems:
        return Outcome(None, problems)
    folders = tuple(folder for folder, _ in chain)
    recipe = chain[0][1].model_copy(update=inherited)
    fault = _wrong_size(name, recipe.sizes, size)
    if fault:
        return Outcome(None, (fault,))
    if recipe.sizes:
        size = size or recipe.sizes.default
        recipe = recipe.model_copy(update={"smallest": Sizes(text=str(size), labels=str(size))})
    layout = Layout(name, recipe, folders, tuple(families), roots, size, grey, language)
    return _with_family_for(language, layout)


def visible(text: str) -> frozenset[str]:
    """The letters of a text that a font must have: no spaces, and nothing that only orders how it is set."""
    return frozenset(
        letter
        for letter in set(unicodedata.normalize("NFC", text))
        if not letter.isspace() and unicodedata.category(letter) not in ("Cf", "Co")
    )


def layout_for(
    sourced: Sourced | None, name: str, roots: tuple[Path, ...], size: int = 0, *, grey: bool = False
) -> Outcome[Layout]:
    """The layout for a booklet: in its language, and with families for all others that it has lines in."""
    if sourced is None:
        return load_layout(name, roots, size, grey=grey)
    language = sourced.booklet.language
    loaded = load_layout(name, roots, size, grey=grey, language=language)
    if loaded.value is None:
        return loaded
    layout, problems = _with_all_letters(sourced, loaded.value), loaded.problems
    for offer in sourced.house.offers_in(sourced.booklet):
        found = _family_for(offer.language, offer.name + offer.text, layout, offer.at("language"))
        problems += found.problems
        if found.value:
            families = (*layout.families, *([found.value] if found.value not in layout.families else []))
            others = (*layout.others, (offer.language, found.value[1].family))
            layout = replace(layout, families=families, others=others)
    return Outcome(None if problems else layout, problems)


def _with_all_letters(sourced: Sourced, layout: Layout) -> Layout:
    """The layout with further families, of its language's script or Latin, for letters that it lacks.

    A Polish booklet may name Dr Nguyễn, and an Arabic one CO₂.
    """
    language = sourced.booklet.language
    words = layout.words(language).value
    told = chapters(sourced, words) if words else ()
    pieces = (piece for one in told for piece in (*([one.title] if one.title else []), *one.pieces))
    text = "".join(piece.text for piece in pieces if not piece.language)
    missing = {ord(letter) for letter in visible(text)} - layout.letters
    for folder, family in _candidates(_tags(language), layout) if missing else ():
        letters = set(face_file(folder / family.faces[0].file).letters)
        if (
            {script_of(language), "Latn"} & set(family.scripts)
            and letters & missing
            and (folder, family) not in layout.families
        ):
            layout = replace(layout, families=(*layout.families, (folder, family)))
            missing -= letters
    return layout


def _with_family_for(language: str, layout: Layout) -> Outcome[Layout]:
    """The layout in a family that has the language's script, and all letters of its fixed words."""
    words = layout.words(language).value or {}
    found = _family_for(language, "".join(words.values()), layout, NOWHERE)
    if found.value is None:
        return Outcome(None, found.problems)
    families = (found.value, *(one for one in layout.families if one[0].name != found.value[0].name))
    return Outcome(replace(layout, families=families))


def _family_for(language: str, text: str, layout: Layout, where: Where) -> Outcome[tuple[Path, Family]]:
    """The family for a language: one that has its script, and all letters of a text in it."""
    script = script_of(language)
    # What the layout's own families have stands beside those of the language.
    needed = {ord(letter) for letter in text if not letter.isspace()} - layout.letters
    for folder, family in _candidates(_tags(language), layout):
        if script in family.scripts and needed <= set(face_file(folder / family.faces[0].file).letters):
            return Outcome((folder, family))
    message = (
        f"No family in fonts/ prints {name_of(language)} ('{language}'), "
        f"which is written in the script {script_name(script)} ({script})"
    )
    hint = f"add a folder with a family.yaml that has `scripts: [{script}]`"
    return Outcome(None, (Problem("language-without-font", message, where, hint),))


def _candidates(tags: tuple[str, ...], layout: Layout) -> Iterator[tuple[Path, Family]]:
    """The families made for a language, the layout's own, and the others, as far as they are asked for."""
    heads = {
        path.parent.name: path for root in reversed(layout.roots) for path in root.glob("fonts/*/family.yaml")
    }
    # Few are made for some languages alone: only those are read to know.
    special = [name for name in sorted(heads) if b"\nlanguages:" in heads[name].read_bytes()]
    for name in special:
        found = _family(name, layout.roots).value
        if found and set(found[1].languages) & set(tags):
            yield found
    yield from (one for one in layout.families if not one[1].languages)
    for name in sorted(set(heads) - set(special)):
        found = _family(name, layout.roots).value
        if found:
            yield found


def _wrong_size(name: str, sizes: Range | None, size: int) -> Problem | None:
    """What is wrong with the size that was asked for."""
    if not size or (sizes and sizes.least <= size <= sizes.most):
        return None
    where = Where(f"layouts/{name}/layout.yaml")
    if sizes is None:
        message = f"The layout '{name}' has but one size of type"
        return Problem("wrong-size", message, where, "leave out --size, or ask for --layout large-print")
    message = f"The layout '{name}' has type of {sizes.least} to {sizes.most} points, not of {size}"
    return Problem("wrong-size", message, where, f"ask for --size {max(sizes.least, min(size, sizes.most))}")


def _inherited(chain: list[tuple[Path, Recipe]], key: str) -> object:
    return next((value for _, recipe in chain if (value := getattr(recipe, key)) is not None), None)


def _before(head: Path, roots: tuple[Path, ...]) -> tuple[Path, ...]:
    """The places of a file in the roots that come before the one it is in."""
    own = head.parents[2]
    return tuple(root / head.relative_to(own) for root in roots[: roots.index(own)])


def _first_root(roots: tuple[Path, ...], file: str) -> Path | None:
    return next((root for root in roots if file_bytes(root, file) is not None), None)


def _recipe(name: str, roots: tuple[Path, ...]) -> Outcome[tuple[Path, Recipe]]:
    file = f"layouts/{name}/layout.yaml"
    if "--" in name:
        hint = "write single hyphens: in the name of an edition a clinic's id stands behind two"
        return Outcome(None, (Problem("unknown-layout", "No layout can have that name", Where(file), hint),))
    root = _first_root(roots, file)
    if root is None:
        hint = nearest(name, list(layout_names(roots)), "")
        return Outcome(None, (Problem("unknown-layout", f"There is no layout '{name}'", Where(file), hint),))
    outcome = read_once(root, file, Recipe.model_validate).outcome
    value = (root / "layouts" / name, outcome.value) if outcome.value else None
    return Outcome(value, outcome.problems)


def _family(name: str, roots: tuple[Path, ...]) -> Outcome[tuple[Path, Family]]:
    file = f"fonts/{name}/family.yaml"
    root = _first_root(roots, file)
    if root is None:
        problem = Problem(
            "unknown-font", f"There is no {file}", Where(file), "add the family's folder to fonts/"
        )
        return Outcome(None, (problem,))
    outcome = read_once(root, file, Family.model_validate).outcome
    value = (root / "fonts" / name, outcome.value) if outcome.value else None
    missing = (
        [face.file for face in outcome.value.faces if not (root / "fonts" / name / face.file).is_file()]
        if outcome.value
        else []
    )
    problems = outcome.problems + tuple(
        Problem("missing-file", f"There is no fonts/{name}/{face}", Where(file), "put the file there")
        for face in missing
    )
    return Outcome(None if problems else value, problems)


def picture_path(asset: Asset) -> str:
    """The path of a booklet's picture in the typeset pages: its content decides, not its place."""
    return f"pictures/{asset.digest[:24]}.{asset.name.rpartition('.')[2]}"
