"""How does a booklet become a PDF, and one of each clinic's? Typeset, laid out, assembled."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property, lru_cache, partial
from typing import Any, Protocol

from pydantic import ConfigDict, TypeAdapter

from .assemble import About, Book, Local, Panel, UnfitError
from .carve import PANEL, Carved
from .chapters import chapters
from .enlarge import enlarged
from .fold import custom_properties, folded
from .language import direction
from .layout import Layout, picture_path
from .model import Clinic
from .paginate import Sheet, lay_out_all, numbers_on
from .pdffile import HALF, HEAD
from .picture import greyed
from .problem import Outcome, Problem, Where
from .released import Kept
from .render import Press, RefusedError, Style, StyleError, bare_page, room_on
from .shared import made_once
from .source import Sourced
from .typeset import Part, typeset, typeset_panel

#: So many clinics' panels are kept for the booklets to come.
PANELS = 1_000


@dataclass(frozen=True, slots=True)
class Edition:
    """A clinic's edition, and the panel that was put into it; None where it was laid out again."""

    pdf: bytes
    panel: Panel | None = None


class National(Protocol):
    """A national edition in one form, of which clinics' editions are made."""

    @property
    def sourced(self) -> Sourced:
        """What it says."""

    @property
    def layout(self) -> Layout:
        """What it is laid out with."""

    @property
    def words(self) -> Mapping[str, str]:
        """The layout's fixed words."""

    @property
    def name(self) -> bytes:
        """What its identifier begins with."""

    @property
    def local(self) -> Local:
        """The booklet with an empty place; an UnfitError where the place is not on one page."""

    @property
    def alone(self) -> Local:
        """The part that has the place in a file of its own: what is said of panels in it is soon known."""

    @property
    def bare(self) -> bytes:
        """That part with its lines to write on, as a PDF."""

    @property
    def around(self) -> tuple[str, str]:
        """What the place of a clinic's details stands in, and a style sheet for its page alone."""

    def national(self) -> Outcome[bytes]:
        """Its PDF; every warning of the renderer is a problem."""

    def laid_out_whole(self, sourced: Sourced, layout: Layout) -> Outcome[bytes]:
        """The PDF of a clinic's edition, laid out again from the first page to the last."""


def with_clinic(national: National, sourced: Sourced, layout: Layout) -> Outcome[Edition]:
    """The PDF of a clinic's edition; the layout may have families beside the national one's.

    Where the details do not fit their place, its pages are laid out again.
    """
    clinic, assets = sourced.clinic, sourced.assets
    own = replace(national.sourced, clinic=clinic, clinic_id=sourced.clinic_id, assets=assets)
    try:
        panel = _panel(national, own, layout)
        if panel.value is None:
            return Outcome(None, panel.problems)
        pdf = national.local.edition(panel.value, national.name + name_of_clinic(own))
    except UnfitError:
        whole = national.laid_out_whole(own, layout)
        return Outcome(Edition(whole.value) if whole.value else None, whole.problems)
    return Outcome(Edition(pdf, panel.value), panel.problems)


def _panel(national: National, sourced: Sourced, layout: Layout) -> Outcome[Panel]:
    """A clinic's details, laid out alone."""
    logo = sourced.clinic.logo if sourced.clinic else None
    used = [one for one in sourced.assets if one.name == logo]
    pictures = tuple(_pictures(replace(sourced, assets=tuple(used)), layout).items())
    languages = sourced.booklet.language, sourced.clinic_language
    details = _Details(sourced.clinic, sourced.clinic_id, languages, pictures, sourced, national.words)
    laid = _laid_panel(layout, national.around, details)
    if laid.value is None:
        return Outcome(None, laid.problems)
    panel, logged = laid.value
    return Outcome(panel, _as_problems(logged, sourced))


def _as_problems(warnings: Sequence[str], sourced: Sourced) -> tuple[Problem, ...]:
    where, hint = sourced.booklet.where, "mend the layout or the picture"
    return tuple(
        Problem("render-warning", f"The renderer warns: {text}", where, hint)
        for text in dict.fromkeys(warnings)
    )


@dataclass(frozen=True)
class Bound:
    """A national edition that is laid out."""

    sourced: Sourced
    layout: Layout
    words: Mapping[str, str]
    press: Press
    sheets: tuple[Sheet, ...]
    name: bytes
    """What its identifier begins with."""

    @cached_property
    def book(self) -> Book:
        """Its parts, joined."""
        return self._book(self.sheets, self.sourced, self.layout)

    def national(self) -> Outcome[bytes]:
        """Its PDF; every warning of the renderer is a problem."""
        return Outcome(self.book.national(), self._problems(self.press, self.sheets, self.book))

    def part(self, at: int, which: Sequence[int]) -> bytes:
        """Some pages of a part in a file of their own, for who looks at them alone; they count from 0."""
        sheet = self.sheets[at]
        if len(which) < len(sheet.laid.pages):
            sheet = replace(sheet, laid=sheet.laid.only(which))
        return self._book([sheet], self.sourced, self.layout).national()

    def laid_out_whole(self, sourced: Sourced, layout: Layout) -> Outcome[bytes]:
        """The PDF of a clinic's edition, laid out again from the first page to the last."""
        press = self.press if layout == self.layout else _press(layout)
        press.add(_pictures(sourced, layout))
        parts = typeset(sourced, layout, self.words, self.room)
        if parts.value is None:
            return Outcome(None, parts.problems)
        sheets = _laid_out(parts.value, sourced, layout, press, numbers_on(self.sheets))
        if sheets.value is None:
            return Outcome(None, sheets.problems)
        book = self._book(sheets.value, sourced, layout)
        return Outcome(book.national(), self._problems(press, sheets.value, book))

    def with_page(self, html: str) -> bytes:
        """The PDF with a document more behind its last page, for what is no edition."""
        last = self.sheets[-1]
        first = last.first + len(last.laid.pages)
        laid = self.press.lay_out(html, first, right_to_left=_leftwards(self.sourced))
        more = Sheet(Part("more", html), first, laid)
        return self._book((*self.sheets, more), self.sourced, self.layout).national()

    @property
    def room(self) -> float:
        """How high the place of a clinic's details is, in points; 0 where it is not on one page alone."""
        return max((sheet.laid.room for sheet in self.sheets), default=0)

    @cached_property
    def local(self) -> Local:
        """The booklet with an empty place; an UnfitError where the place is not on one page."""
        return Local.of(self.book, *self._empty)

    @cached_property
    def alone(self) -> Local:
        """The part that has the place in a file of its own."""
        return Local.of(self._book_alone, *self._empty)

    @cached_property
    def bare(self) -> bytes:
        """That part with its lines to write on, as a PDF."""
        return self._book_alone.national()

    @cached_property
    def _book_alone(self) -> Book:
        held = self.book.held
        return self._book(self.sheets[held : held + 1], self.sourced, self.layout)

    @cached_property
    def _empty(self) -> tuple[Carved, float]:
        """The part with its place empty, and how high the place may grow."""
        sheet = self.sheets[self.book.held]
        if not self.room or len(self.book.held_part.places) != 1:
            raise UnfitError
        parts = typeset(self.sourced, self.layout, self.words, self.room, empty=True).value or ()
        held = next(part for part in parts if f'id="{PANEL}"' in part.html)
        numbers, leftwards = numbers_on(self.sheets), _leftwards(self.sourced)
        laid = self.press.lay_out(held.html, sheet.first, numbers, right_to_left=leftwards)
        empty = laid.carved(str(sheet.first), grey=self.layout.grey)
        if len(empty.places) != 1 or _targets(empty) != _targets(self.book.held_part):
            raise UnfitError
        page = laid.document.pages[empty.places[0].page]
        return empty, self.room if self.shell[1] else max(self.room, room_on(page))

    @cached_property
    def shell(self) -> tuple[str, bool]:
        """What the place of a clinic's details stands in, and whether anything follows it."""
        return self.press.shell_of(self.sheets[self.book.held].part.html)

    @cached_property
    def around(self) -> tuple[str, str]:
        """What the place of a clinic's details stands in, and a style sheet for its page alone."""
        page = self.sheets[self.book.held].laid.document.pages[self._empty[0].places[0].page]
        return self.shell[0], bare_page(page)

    def _book(self, sheets: Sequence[Sheet], sourced: Sourced, layout: Layout) -> Book:
        covers = self.words["front_cover"], self.words["back_cover"]
        told = chapters(self.sourced, self.words)
        names = {chapter.id: chapter.title.text for chapter in told if chapter.title}
        parts = [sheet.carved(grey=layout.grey) for sheet in sheets]
        identifier = self.name + name_of_clinic(sourced)
        return Book(parts, About(identifier, covers, names, sourced.clinic_id))

    def _problems(self, press: Press, sheets: Sequence[Sheet], book: Book) -> tuple[Problem, ...]:
        logged = (text for sheet in sheets for text in (*sheet.laid.warnings, *sheet.laid.heard))
        return _as_problems((*press.style.warnings, *logged, *book.dangling()), self.sourced)


@dataclass(frozen=True)
class Standing:
    """A national edition that was laid out before; printers keep type standing for a later printing."""

    sourced: Sourced
    layout: Layout
    words: Mapping[str, str]
    pdf: bytes
    name: bytes
    local: Local
    alone: Local
    bare: bytes
    around: tuple[str, str]

    def national(self) -> Outcome[bytes]:
        """The PDF, as it was."""
        return Outcome(self.pdf)

    def laid_out_whole(self, sourced: Sourced, layout: Layout) -> Outcome[bytes]:
        """The PDF of a clinic's edition, laid out again from what the national one was made from."""
        bound = bind(self.sourced, self.layout, self.words)
        return bound.value.laid_out_whole(sourced, layout) if bound.value else Outcome(None, bound.problems)


@dataclass(frozen=True)
class _Type:
    """What is kept of an edition beside its PDF."""

    __pydantic_config__ = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64")

    name: bytes
    begins: int
    """So many bytes of the PDF every edition has, behind its head."""
    local: Local
    alone: Local
    bare: bytes
    around: tuple[str, str]


@cache
def _type_adapter() -> TypeAdapter[_Type]:
    return TypeAdapter(_Type)


def standing_type(bound: Bound) -> bytes:
    """What has to be kept of an edition, beside its PDF, so that clinics' editions can be made of it.

    It is JSON; an UnfitError where the clinic's place is not on one page.
    """
    first, empty = bound.local.stretches
    local = replace(bound.local, stretches=(replace(first, data=b""), empty))
    kept = _Type(bound.name, len(first.data), local, bound.alone, bound.bare, bound.around)
    return _type_adapter().dump_json(kept)


def stand(kept: bytes, pdf: bytes, sourced: Sourced, layout: Layout, words: Mapping[str, str]) -> Standing:
    """An edition of which PDF and type were kept; a ValueError where the type is damaged."""
    held = _type_adapter().validate_json(kept)
    first, empty = held.local.stretches
    data = pdf[len(HEAD) : len(HEAD) + held.begins]
    local = replace(held.local, stretches=(replace(first, data=data), empty))
    made = enlarged(sourced, layout), layout, words, pdf
    return Standing(*made, held.name, local, held.alone, held.bare, held.around)


def standing_of(release: Kept, sourced: Sourced, layout: Layout, words: Mapping[str, str]) -> Standing | None:
    """An edition of a release whose type was kept; None where this form of it was not released."""
    pdf, kept = release.edition(sourced.booklet.language, layout.form)
    return stand(kept, pdf, sourced, layout, words) if kept else None


def bind(
    sourced: Sourced, layout: Layout, words: Mapping[str, str], before: Bound | None = None
) -> Outcome[Bound]:
    """A national edition, laid out.

    Of an edition in the same layout from `before` its source was changed, the parts that are as they were
    are not laid out again.
    """
    national, sourced = sourced, enlarged(sourced, layout)
    parts = typeset(sourced, layout, words)
    if parts.value is None:
        return Outcome(None, parts.problems)
    try:
        press = before.press.again() if before and before.layout == layout else _press(layout)
        press.add(_pictures(sourced, layout))
        sheets = _laid_out(parts.value, sourced, layout, press, numbers_on(before.sheets) if before else {})
    except StyleError as error:
        message = f"The layout's style sheets cannot be read: {error}"
        where = Where(f"layouts/{layout.name}/page.css")
        return Outcome(None, (Problem("style-fault", message, where, "look at the layout's page.css"),))
    except RefusedError as error:
        hint = "style sheets may use the layout's fonts/ and icons/, and nothing from elsewhere"
        return Outcome(None, (Problem("render-refused", f"The layout is wrong: {error}", hint=hint),))
    if sheets.value is None:
        return Outcome(None, sheets.problems)
    name = name_of_national(national, layout, words)
    return Outcome(Bound(sourced, layout, words, press, sheets.value, name))


def name_of_national(sourced: Sourced, layout: Layout, words: Mapping[str, str]) -> bytes:
    """The first half of an edition's identifier: of the same texts, pictures and layout it is the same.

    A StyleError where the layout's style sheets cannot be read.
    """
    digest = hashlib.sha256(_likeness(layout))
    for said in (sourced.booklet, sourced.house):
        digest.update(said.model_dump_json().encode())
    digest.update(repr(sorted(words.items())).encode())
    for asset in sourced.assets:
        digest.update(asset.digest.encode())
    return digest.hexdigest()[:HALF].encode()


#: Where a clinic's Markdown stands in its file: the same words in another line are the same details.
_PLACES: Any = {
    "note": {"where", "lines"},
    "contacts": {"__all__": {"text": {"where", "lines"}}},
}


def name_of_clinic(sourced: Sourced) -> bytes:
    """The second half: of a clinic's details; noughts in a national edition."""
    if not sourced.clinic:
        return b"0" * HALF
    digest = hashlib.sha256(sourced.clinic.model_dump_json(exclude=_PLACES).encode())
    for asset in sourced.assets:
        if asset.name == sourced.clinic.logo:
            digest.update(asset.digest.encode())
    return digest.hexdigest()[:HALF].encode()


def print_edition(sourced: Sourced, layout: Layout, words: Mapping[str, str]) -> Outcome[bytes]:
    """The booklet's PDF; every warning of the renderer is a problem."""
    bound = bind(sourced.national, layout, words)
    if bound.value is None:
        return Outcome(None, bound.problems)
    if not sourced.clinic:
        return bound.value.national()
    edition = with_clinic(bound.value, sourced, layout)
    return Outcome(edition.value.pdf if edition.value else None, edition.problems)


@dataclass(frozen=True, slots=True)
class _Details:
    """What a panel is made from: the same in all booklets of the language."""

    clinic: Clinic | None
    clinic_id: str
    languages: tuple[str, str]
    pictures: tuple[tuple[str, bytes], ...]
    sourced: Sourced = field(compare=False)
    words: Mapping[str, str] = field(compare=False)


@lru_cache(maxsize=PANELS)
def _laid_panel(
    layout: Layout, around: tuple[str, str], details: _Details
) -> Outcome[tuple[Panel, Sequence[str]]]:
    """A clinic's details in a layout, with what was logged; the same for all booklets whose pages are alike.

    `around` is what the place stands in, and the style sheet of its page.
    """
    key = _key(layout, around, details)
    return made_once(key, partial(_lay_out_panel, layout, around, details, key))


def forget_panels() -> None:
    """Keep no panel for the booklets to come."""
    _laid_panel.cache_clear()


def _key(layout: Layout, around: tuple[str, str], details: _Details) -> bytes:
    """What a panel is made from, in short."""
    clinic = details.clinic.model_dump_json() if details.clinic else ""
    pictures = [(name, hashlib.sha256(data).digest()) for name, data in details.pictures]
    said = around, clinic, details.clinic_id, details.languages, pictures, sorted(details.words.items())
    return hashlib.sha256(_likeness(layout) + repr(said).encode()).digest()


@cache
def _likeness(layout: Layout) -> bytes:
    """A digest of all that a layout is made of."""
    digest = hashlib.sha256(layout.form.encode())
    assets = [(name, hashlib.sha256(data).digest()) for name, data in sorted(layout.assets.items())]
    digest.update(repr((_css_of(layout), list(layout.templates), assets)).encode())
    return digest.digest()


def _lay_out_panel(
    layout: Layout, around: tuple[str, str], details: _Details, key: bytes
) -> Outcome[tuple[Panel, Sequence[str]]]:
    html = typeset_panel(details.sourced, layout, details.words)
    if html.value is None:
        return Outcome(None, html.problems)
    press = _press(layout)
    press.add(dict(details.pictures))
    laid = press.lay_out_panel(around[0], html.value, around[1])
    carved = laid.carved("clinic", grey=layout.grey, movable=True)
    return Outcome((Panel(carved, details.clinic_id, key), (*laid.warnings, *laid.heard)))


def _laid_out(
    parts: Sequence[Part], sourced: Sourced, layout: Layout, press: Press, before: Mapping[str, int]
) -> Outcome[tuple[Sheet, ...]]:
    return lay_out_all(parts, press, layout.recipe.filled, before, right_to_left=_leftwards(sourced))


def _targets(part: Carved) -> list[tuple[str, int, float, float]]:
    """What links and bookmarks lead to in a part, with places to a hundredth of a point."""
    anchors = [(one.name, one.page, round(one.x, 2), round(one.y, 2)) for one in part.anchors]
    return anchors + [(one.title, one.page, round(one.x, 2), round(one.y, 2)) for one in part.marks]


def _leftwards(sourced: Sourced) -> bool:
    return direction(sourced.booklet.language) == "rtl"


def _press(layout: Layout) -> Press:
    return Press(style_of(layout), {}, layout.recipe.page_sizes)


def _pictures(sourced: Sourced, layout: Layout) -> dict[str, bytes]:
    return {
        picture_path(one): greyed(one.name, one.data) if layout.grey else one.data for one in sourced.assets
    }


@cache
def style_of(layout: Layout) -> Style:
    """The layout's style sheet, parsed once; a StyleError where it cannot be."""
    css = _css_of(layout)
    set_elsewhere = {name for template in layout.templates for name in custom_properties(template)}
    return Style(folded(css, set_elsewhere), layout.assets)


def _css_of(layout: Layout) -> str:
    try:
        return layout.css
    except UnicodeDecodeError as error:
        raise StyleError(f"they are not UTF-8 ({error.reason})") from None
