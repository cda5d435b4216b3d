"""Does a page for screens say what its booklet says, and can nothing on it do harm?

What the checker asks of a PDF is asked of the HTML here, before anybody meets it: every piece of the
source, once, in order, under its heading, and nothing besides. What is marked as hidden does not count;
what a style sheet does is not looked at. Numbers of pages are the only words that a screen has no use for.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser

from .bidi import END, ISOLATE
from .blocks import Figure
from .chapters import Chapter, chapters
from .model import every_block
from .problem import NOWHERE, Problem, Where
from .prose import Piece
from .source import Sourced

#: What can be found: why it matters, and what to do about it.
FINDINGS = {
    "web-missing": (
        "Who reads on a phone must meet every word that stands on paper, in the same order.",
        "a template in layouts/web/ drops, changes or moves these words; compare it with the project's own",
    ),
    "web-stray": (
        "Words that nobody wrote in the source were reviewed by nobody.",
        "every word on the page comes from the source, or from the words/ of its layout",
    ),
    "web-link": (
        "A telephone number or an address that cannot be touched is of little use on a phone.",
        "a template in layouts/web/ drops the address; compare it with the project's own",
    ),
    "web-picture": (
        "A picture is part of what is explained, and its alt text all that some readers have of it.",
        "a template in layouts/web/ drops the picture, or its alt text",
    ),
    "web-unsafe": (
        "A page for patients runs nothing, asks nobody else for anything, and tells nobody who reads it.",
        "use classes and page.css in place of styles, and no scripts, forms or files from elsewhere",
    ),
}

#: Elements that hold nothing.
_VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
#: Elements whose text nobody reads as the booklet's. What is in a navigation stands elsewhere again.
_QUIET = {"head", "nav", "noscript", "script", "style", "svg", "template"}
#: What a heading inside opens a chapter of.
_HOLDERS = {"article", "aside", "body", "footer", "header", "main", "nav", "section"}
_HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
#: Elements that a page of text and pictures needs; all others are refused.
_ALLOWED = {
    *("html", "head", "meta", "title", "link", "body", "header", "footer", "main", "nav", "section"),
    *("article", "aside", "div", "p", "span", "strong", "em", "br", "a", "ul", "ol", "li", "dl", "dt", "dd"),
    *("figure", "figcaption", "img", "blockquote", "table", "caption", "thead", "tbody", "tr", "th", "td"),
    *("svg", "path", "rect", "details", "summary", *_HEADINGS),
}
#: Sections of so many levels stand in the contents.
LISTED = 2
_SCHEMES = ("https:", "mailto:", "tel:")
#: Attributes that fetch something, or lead somewhere.
_ADDRESSES = {"action", "background", "cite", "data", "formaction", "href", "poster", "src", "srcset"}


@dataclass(frozen=True, slots=True)
class Expected:
    """What a page may use besides the booklet's own words."""

    files: Collection[str]
    """The files that lie beside it, by their addresses."""
    policy: str
    """What it must allow itself at the most (CSP)."""
    links: Collection[str] = ()
    """Where it may lead besides, such as to what replaces it."""
    said: tuple[Piece, ...] = ()
    """What it must say beside the booklet: a banner."""


@dataclass(slots=True)
class _Region:
    """The text under one heading, without white space; what is known of it is noted by where it begins."""

    heading: str = ""
    tag: str = ""
    text: str = ""
    numbers: dict[int, int] = field(default_factory=dict)
    links: list[tuple[int, str]] = field(default_factory=list)
    languages: list[tuple[int, str]] = field(default_factory=list)
    pictures: list[tuple[str, str]] = field(default_factory=list)


@dataclass(slots=True)
class _Open:
    """An element that is open, and what holds for the text in it."""

    tag: str
    region: str = ""
    quiet: bool = False
    language: str = ""
    heading: str = ""
    next_item: int | None = None


def bare(text: str) -> str:
    """The text without white space, and without the signs that the program puts around other directions."""
    return "".join(text.replace(ISOLATE, "").replace(END, "").split())


class _Page(HTMLParser):
    """What stands where on a page."""

    def __init__(self, headings: Collection[str]) -> None:
        super().__init__()
        self.headings = headings
        self.regions: dict[str, _Region] = {"": _Region()}
        self.open = [_Open("")]
        self.ids: Counter[str] = Counter()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.listed: set[str] = set()

    @property
    def _region(self) -> _Region:
        return self.regions[self.open[-1].region]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        self.tags.append((tag, told))
        if tag == "a" and any(one.tag == "nav" for one in self.open):
            self.listed.add(told.get("href", ""))
        name = told.get("id", "")
        if name:
            self.ids[name] += 1
        now = self.open[-1]
        made = _Open(tag, now.region, now.quiet, told.get("lang", now.language), now.heading)
        made.quiet |= tag in _QUIET or "hidden" in told or told.get("aria-hidden") == "true"
        if tag in _HEADINGS and name in self.headings:
            self._begin(name, tag)
            made.region, made.heading = name, name
        if tag in ("ol", "ul"):
            start = told.get("start", "1")
            made.next_item = int(start) if tag == "ol" and start.isdecimal() else None
        if tag == "li" and now.next_item is not None and not made.quiet:
            self._region.numbers[len(self._region.text)] = now.next_item
            now.next_item += 1
        if tag not in _VOID:
            self.open.append(made)
        if not made.quiet:
            self._note(tag, told)

    def _begin(self, name: str, tag: str) -> None:
        """Let what follows in the element around a heading stand under it."""
        at = max(index for index, one in enumerate(self.open) if one.tag in (*_HOLDERS, ""))
        for one in self.open[at:]:
            one.region = name
        self.regions.setdefault(name, _Region()).tag = tag

    def _note(self, tag: str, told: Mapping[str, str]) -> None:
        region = self._region
        if tag == "a":
            region.links.append((len(region.text), told.get("href", "")))
        if tag == "img":
            region.pictures.append((told.get("src", ""), bare(told.get("alt", ""))))

    def handle_endtag(self, tag: str) -> None:
        at = max((index for index, one in enumerate(self.open) if one.tag == tag), default=0)
        if at:
            del self.open[at:]

    def handle_data(self, data: str) -> None:
        now, said = self.open[-1], bare(data)
        if now.heading:
            self._region.heading += said
        elif said and not now.quiet:
            self._region.languages.append((len(self._region.text), now.language))
            self._region.text += said


def proofread(
    html: str, sourced: Sourced, words: Mapping[str, str], expected: Expected
) -> tuple[Problem, ...]:
    """All that is wrong with a page (HTML) of the booklet, whose layout has those fixed words."""
    # A screen has no pages: a link's own words lead to its place.
    told = tuple(chapters(sourced, {**words, "page_reference": ""}))
    page = _Page({chapter.id for chapter in told if chapter.title})
    page.feed(html)
    page.close()
    reader = _Reader(sourced, words, page, expected)
    return tuple(
        problem if problem.where.file else replace(problem, where=sourced.booklet.where)
        for found in (reader.headings(told), reader.pieces(told), reader.pictures(), reader.harm())
        for problem in found
    )


def _problem(code: str, message: str, where: Where = NOWHERE) -> Problem:
    return Problem(code, message, where, FINDINGS[code][1])


def _excerpt(text: str, length: int = 60) -> str:
    shown = " ".join(text.split())
    return shown if len(shown) <= length else shown[: length - 1] + "…"


@dataclass(frozen=True)
class _Reader:
    sourced: Sourced
    words: Mapping[str, str]
    page: _Page
    expected: Expected

    def headings(self, told: Collection[Chapter]) -> Iterator[Problem]:
        """Headings that are missing, say something else, or follow one another in another order."""
        titles = {chapter.id: chapter.title for chapter in told if chapter.title}
        for name, title in titles.items():
            region = self.page.regions.get(name)
            if region is None or self.page.ids[name] != 1:
                yield _problem("web-missing", f"The heading '{_excerpt(title.text)}' is missing", title.where)
            elif region.heading != bare(title.text):
                message = f"The heading '{_excerpt(title.text)}' reads '{_excerpt(region.heading)}'"
                yield _problem("web-missing", message, title.where)
        yield from self._contents()

    def _contents(self) -> Iterator[Problem]:
        """Sections in another order, or to which nothing leads."""
        sections = list(self.sourced.booklet.walk())
        met = [name for name in self.page.regions if name in {section.id for _, section in sections}]
        for name, (level, section) in zip(met, sections, strict=False):
            if level <= LISTED and f"#{section.id}" not in self.page.listed:
                message = f"No contents lead to '{_excerpt(section.title)}'"
                yield _problem("web-link", message, section.where)
            if name != section.id:
                message = f"The heading '{_excerpt(section.title)}' is missing, or stands out of order"
                yield _problem("web-missing", message, section.where)
                return

    def pieces(self, told: Collection[Chapter]) -> Iterator[Problem]:
        """Pieces that are not in their place, and words that are no piece."""
        under: dict[str, list[Piece]] = {}
        for chapter in told:
            # The cover's words stand about the page, as those of the imprint.
            named = chapter.title and chapter.matter != "cover"
            under.setdefault(chapter.id if named else "", []).extend(chapter.pieces)
        loose = self.page.regions[""]
        loose.text += "\0" + self.page.regions.get("_cover", _Region()).text
        loose.links += self.page.regions.get("_cover", _Region()).links
        yield from self._anywhere([*self.expected.said, *under.pop("", ())], loose)
        for name, pieces in under.items():
            if name in self.page.regions:
                yield from self._along(pieces, self.page.regions[name])

    def _along(self, pieces: Collection[Piece], region: _Region) -> Iterator[Problem]:
        """Follow the text under a heading piece by piece."""
        at = 0
        for piece in pieces:
            wanted = bare(piece.text)
            found = region.text.find(wanted, at)
            if found < 0:
                yield _missing(piece, region.text[at : at + len(wanted)])
                continue
            yield from self._stray(region.text[at:found], self._in_chapters, piece.where)
            yield from self._belongings(piece, region, found, len(wanted))
            at = found + len(wanted)
        yield from self._stray(region.text[at:], self._in_chapters)

    def _belongings(self, piece: Piece, region: _Region, begin: int, length: int) -> Iterator[Problem]:
        """What a piece has besides its words: its number in a list, its links, its language."""
        number = region.numbers.get(begin)
        if piece.number is not None and piece.number >= 0 and piece.number != number:
            message = f"'{_excerpt(piece.text)}' is number {piece.number} in its list, not {number}"
            yield _problem("web-missing", message, piece.where)
        inside = {href for at, href in region.links if begin <= at < begin + length}
        for href in piece.links:
            if href not in inside and not href.startswith("booklet:"):
                message = f"The link to '{href}' in '{_excerpt(piece.text)}' is not live"
                yield _problem("web-link", message, piece.where)
        spoken = [language for at, language in region.languages if at <= begin][-1:]
        if piece.language and spoken != [piece.language]:
            message = f"'{_excerpt(piece.text)}' does not say that it is in the language '{piece.language}'"
            yield _problem("web-missing", message, piece.where)

    def _anywhere(self, pieces: Collection[Piece], region: _Region) -> Iterator[Problem]:
        """Find pieces that may stand anywhere outside of the chapters; the longest come first."""
        rest, hrefs = region.text, {href for _, href in region.links}
        for piece in sorted(pieces, key=lambda piece: -len(bare(piece.text))):
            before, wanted, behind = rest.partition(bare(piece.text))
            if not wanted:
                yield _missing(piece, "")
            else:
                rest = before + "\0" + behind
            for href in set(piece.links) - hrefs:
                yield _problem("web-link", f"The link to '{href}' is not live", piece.where)
        for text in rest.split("\0"):
            yield from self._stray(text, self._elsewhere)

    def _stray(self, text: str, known: Collection[str], where: Where = NOWHERE) -> Iterator[Problem]:
        """What stands in a text besides what is known."""
        rest = text
        for one in sorted(filter(None, map(bare, known)), key=len, reverse=True):
            rest = rest.replace(one, "\0")
        for one in rest.split("\0"):
            if one:
                yield _problem("web-stray", f"'{_excerpt(one)}' stands on the page, but in no source", where)

    @property
    def _in_chapters(self) -> set[str]:
        """What a layout may say in a chapter besides."""
        return {self.words["write_here"], self.words["mark"]}

    @property
    def _elsewhere(self) -> set[str]:
        """What a layout may say besides in no chapter."""
        booklet, house, words = self.sourced.booklet, self.sourced.house, self.words
        parts = sum(bool(section.sections) for section in booklet.sections)
        said = {words[key] for key in ("skip", "contents", "printed", "how_we_can_help")}
        said |= {words["part"].format(number=number) for number in range(1, parts + 1)}
        said |= {words["folio_code"].format(code=booklet.code, version=booklet.version)}
        named = (booklet.title, booklet.subtitle, house.name, house.strapline, house.phone)
        return said | {name for name in named if name}

    def pictures(self) -> Iterator[Problem]:
        """Figures without their picture or its alt text."""
        shown = Counter(alt for region in self.page.regions.values() for _, alt in region.pictures)
        blocks = (*every_block(self.sourced.booklet), *self.sourced.house.how_we_can_help)
        for block in blocks:
            if isinstance(block, Figure):
                shown[bare(block.alt)] -= 1
                if shown[bare(block.alt)] < 0:
                    yield _problem(
                        "web-picture", f"The picture '{_excerpt(block.alt)}' is missing", block.where
                    )

    def harm(self) -> Iterator[Problem]:
        """Whatever a browser might run, fetch from elsewhere, or lead to that nobody wrote."""
        policy = {"http-equiv": "Content-Security-Policy", "content": self.expected.policy}
        if ("meta", policy) not in self.page.tags:
            yield _problem("web-unsafe", "The page has no policy, or another one")
        if {told.get("lang") for tag, told in self.page.tags if tag == "html"} != {self._language}:
            yield _problem("web-missing", f"The page does not say that its language is '{self._language}'")
        for tag, told in self.page.tags:
            if tag not in _ALLOWED or told.get("http-equiv", "").casefold() == "refresh":
                yield _problem("web-unsafe", f"<{tag}> may not stand on the page")
            for name, value in told.items():
                if name == "style" or name.startswith("on"):
                    yield _problem("web-unsafe", f"<{tag}> may not have `{name}`")
                elif name.rpartition(":")[2] in _ADDRESSES and not self._may_lead(tag, name, value):
                    yield _problem("web-unsafe", f"<{tag}> may not lead to '{_excerpt(value)}'")

    @property
    def _language(self) -> str:
        return self.sourced.booklet.language

    def _may_lead(self, tag: str, name: str, value: str) -> bool:
        if (tag, name) == ("a", "href"):
            inside = value.startswith("#") and self.page.ids[value[1:]] == 1
            # Browsers pass over white space and controls, in which a scheme may hide.
            plain = not re.search(r"[\x00-\x20\\]", value)
            return inside or value in self.expected.links or (plain and value.startswith(_SCHEMES))
        return (tag, name) in (("img", "src"), ("link", "href")) and value in self.expected.files


def _missing(piece: Piece, there: str) -> Problem:
    message = f"'{_excerpt(piece.text)}' is missing from its place on the page"
    if there:
        message += f"; there stands '{_excerpt(there)}'"
    return _problem("web-missing", message, piece.where)
