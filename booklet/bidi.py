"""Which way does text run, and how do both ways stand in one line?

In a line that is written from right to left, numbers and Latin words go on from left to right.
Left to itself, a line may turn "1 mg" into "mg 1", and "0808 808 0000" around; so each such stretch
is marked up by the program, never by an editor.
"""

import html
import math
import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain, groupby, pairwise, takewhile

from .prose import PAGE_TOKEN

#: What an attribute or a link has in place of an element: left-to-right isolate and its end (UAX 9, 2.4).
ISOLATE, END = "\u2066", "\u2069"
#: What begins a stretch from right to left.
RIGHT_TO_LEFT = "\u2067"

#: A stretch that runs from left to right: words and numbers, and what stands between two of them. A sign
#: may begin it, and a slash, as in an address, a plus or a percentage sign end it.
_LETTERS = (
    r"0-9A-Za-zªº²³¹¼-¾\u00ad\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u0370-\u052f"
    r"\u0660-\u0669\u06f0-\u06f9\u1e00-\u1fff\u2070-\u209c\u2011"
)
# Nothing is given back once it is taken (+): a bracket that does not end would take for ever.
_ATOM = rf"(?:[{_LETTERS}][{_LETTERS}°%µ®™+]*+|°[A-Z]|{PAGE_TOKEN.pattern.replace('(', '(?:')})"
_SPACE = r"[ \u00a0\u2009\u202f]"
_SIGN = rf"(?:[<>≥≤≈±+−]{_SPACE}?|(?<!\w)[-£€$])(?=\d)"
#: The space behind what ends a sentence or a clause goes on only from word to word, and behind Dr.: a
#: number may begin the next sentence.
_WORD_ENDS = r"(?:(?<=[A-Za-z]{3}[.,:;?])|(?<=\b[A-Z][a-z]\.)|(?<=\b[A-Z]\.))"
_ON = rf"(?:(?<![.,:;?])|{_WORD_ENDS}(?={_SPACE}[A-Za-z])){_SPACE}"
_SIGNS = r"[-–—−/.,:;@&'’_·×=+#?~%^<>≤≥±\u200b\u200e\u2060\u066a-\u066c]{1,3}"
_BETWEEN = (
    rf"(?:{_SPACE}|{_SIGNS}(?:{_ON})?(?:{_SIGN})?"
    rf"|{_SPACE}[-–—×=+&/<>≤≥]{_SPACE}|(?<=\d){_SPACE}:{_SPACE}(?=\d)|{_SPACE}{_SIGN})"
)
_INSIDE = rf"{_ATOM}(?:{_BETWEEN}{_ATOM}|{_SPACE}?\({_ATOM}\))*+"
_GROUP = rf"{_SPACE}?(?:\({_INSIDE}\)|\[{_INSIDE}\]|“{_INSIDE}”|‘{_INSIDE}’)(?:{_ATOM})?"
STRETCH = re.compile(
    rf"(?:{_SIGN})?(?:\(\+?\d+\){_SPACE}?(?=\d))?{_ATOM}(?:{_BETWEEN}{_ATOM}|{_GROUP})*"
    rf"(?:/(?!\w)|{_SPACE}%|[?!](?=»))?"
)

#: Brackets that are drawn the other way around where text runs from right to left (UAX 9, 3.4, rule L4).
MIRRORED = dict(zip("()[]{}<>≤≥«»‹›", ")(][}{><≥≤»«›‹", strict=True))

#: In points: origins that differ by less are one.
SAME_ORIGIN = 0.1

#: Stretches of so many letters at the most stand in one line: broken, they are read in jumps.
TOGETHER = 24

#: A stretch that is a number and no more.
NUMBER = re.compile(r"\d[\d.,:/–-]*")

_TAG = re.compile(r"(<[^>]*>)")
#: What the page's own text does not stand in, and the elements that a line runs through.
_APART, _INLINE = ("head", "style", "svg"), ("a", "br", "em", "span", "strong")
#: Elements that may begin and end in the midst of a stretch; others hold it.
_STYLES = ("<em>", "<strong>", "<span>")
#: What stands in an element without text, such as a line to write on (object replacement character).
_EMPTY = "\ufffc"
#: Digits that take the direction of the text around them: there is nothing to mark up.
_ARABIC_DIGITS = re.compile(r"[\u0660-\u066c.,:/ \u00a0–-]+")
_TITLE = re.compile(r"<h2([^>]*)>([^<]*)</h2>")
_SPOKEN = re.compile(r'(?<= data-running=")[^"]*|(?<= data-edition=")[^"]*')

#: The bidirectional classes (UAX 9, table 4) of letters that run from right to left, and of those and
#: the digits that do not.
_LEFTWARDS, _RIGHTWARDS = ("R", "AL"), ("L", "EN", "AN")
_SEPARATORS = ("ES", "CS", "ET")


#: All letters that may run from right to left, and many that do not: most texts have none at all.
_BEYOND = re.compile("[\u0590-\U0010ffff]")


def runs_leftwards(text: str) -> bool:
    """Has the text a letter of a script that is written from right to left?"""
    return any(unicodedata.bidirectional(letter) in _LEFTWARDS for letter in _BEYOND.findall(text))


def stretches_of(text: str) -> Iterator[str]:
    """The stretches of a text that must run from left to right.

    What stands in brackets is told apart: it may belong to another element, such as the address of a link.
    """
    for found in STRETCH.finditer(text):
        if not _ARABIC_DIGITS.fullmatch(found[0]):
            yield from filter(None, re.split(r"\s?[()\[\]]\s?", found[0]))


def isolated(page: str) -> str:
    """A page (HTML) that is written from right to left, with each other stretch in an element of its own.

    Links hold nothing but text: one that is such a stretch has its direction, others have signs in it.
    """
    # What stands above the text has no elements in it.
    page = _TITLE.sub(
        lambda title: f'<h2{title[1]} data-said="{_with_signs(title[2])}">{title[2]}</h2>', page
    )
    return "".join(chain.from_iterable(map(_isolated, _flows(_TAG.split(page)))))


def _flows(pieces: Iterable[str]) -> Iterator[list[str]]:
    """Texts and tags, cut into what flows as one: all that stands between two tags of blocks.

    What is no text of the page goes with the tag before it.
    """
    flow: list[str] = []
    block, apart = "", ""
    for piece in pieces:
        name = _tag(piece)
        if apart:
            block += piece
            apart = "" if name == f"/{apart}" else apart
        elif piece.startswith("<") and name.strip("/") not in _INLINE:
            yield flow
            yield [block]
            flow, block = [], piece
            apart = name if name in _APART else ""
        else:
            yield [block]
            block = ""
            flow.append(piece)
    yield flow
    yield [block]


def _tag(piece: str) -> str:
    """The name of a tag, with a slash before it where it ends an element; empty for text."""
    found = re.match(r"<(/?\w+)", piece)
    return found[1] if found else ""


def _isolated(flow: list[str]) -> Iterator[str]:
    text = html.unescape("".join(piece for piece in flow if not piece.startswith("<")))
    if len(flow) == 1 and flow[0].startswith("<"):
        yield _SPOKEN.sub(lambda said: _with_signs(said[0]), flow[0])
    elif runs_leftwards(text):
        yield from _mixed(flow)
    elif any(map(str.isalnum, text)):
        yield f'<span class="other-way" dir="ltr">{"".join(flow)}</span>'
    else:
        yield from flow


@dataclass(frozen=True, slots=True)
class _Piece:
    """Some text of a flow, with the elements around it, the outermost first, and its link's tag.

    The elements have numbers, so that one that ends where a like one begins stays another.
    """

    text: str
    holders: tuple[tuple[int, str], ...]
    styles: tuple[tuple[int, str], ...]
    link: str = ""


def _mixed(flow: Sequence[str]) -> Iterator[str]:
    """A flow in which each stretch is an element, whatever elements of style begin or end inside it."""
    pieces = list(_pieces(flow))
    text = "".join(piece.text for piece in pieces)
    begins = list(accumulate((len(piece.text) for piece in pieces), initial=0))
    stretches = list(_stretches(text, pieces, begins))
    for begin, end in stretches:
        if end - begin <= TOGETHER:
            text = text[:begin] + text[begin:end].replace(" ", "\u00a0") + text[end:]
        if NUMBER.fullmatch(text[begin:end]) and text[end : end + 1] == " ":
            # A number stays on the line of what is counted.
            text = text[:end] + "\u00a0" + text[end + 1 :]
    links = {_span(begins, at) for at, piece in zip(begins, pieces, strict=False) if piece.link}
    marked = {begin for begin, end in stretches if (begin, end) not in links}
    opened: tuple[tuple[int, str], ...] = ()
    cuts = sorted({0, len(text), *begins, *chain.from_iterable(stretches)})
    for begin, end in pairwise(cuts):
        piece = pieces[bisect_right(begins, begin) - 1]
        inside = next((one for one in stretches if one[0] <= begin < one[1]), None)
        mark = ((0, '<span dir="ltr">'),) if inside and inside[0] in marked else ()
        wanted = (*piece.holders, *mark, *piece.styles)
        shared = len(list(takewhile(lambda pair: pair[0] == pair[1], zip(opened, wanted, strict=False))))
        if inside and inside[0] == begin:
            shared = min(shared, len(piece.holders))
        yield from (f"</{_tag(tag)}>" for _, tag in reversed(opened[shared:]))
        yield from (tag for _, tag in wanted[shared:])
        opened = wanted
        yield from _shown(text[begin:end], piece, bool(inside), end in marked)
    yield from (f"</{_tag(tag)}>" for _, tag in reversed(opened))


def _span(begins: Sequence[int], at: int) -> tuple[int, int]:
    """Where the piece begins and ends in which something stands."""
    index = bisect_right(begins, at)
    return begins[index - 1], begins[index]


def _pieces(flow: Iterable[str]) -> Iterator[_Piece]:
    holders: list[tuple[int, str]] = []
    styles: list[tuple[int, str]] = []
    link, last = "", ""
    for number, piece in enumerate(filter(None, flow)):
        name = _tag(piece)
        if not name:
            yield _Piece(html.unescape(piece), tuple(holders), tuple(styles), link)
        elif name == "br":
            # Nothing goes on behind it.
            yield _Piece("\n", tuple(holders), tuple(styles), piece)
        elif name in ("a", "/a"):
            link = piece if name == "a" else ""
        elif not name.startswith("/"):
            (styles if piece in _STYLES else holders).append((number, piece))
        elif styles and _tag(styles[-1][1]) == name[1:]:
            styles.pop()
        else:
            if last == name[1:]:
                yield _Piece(_EMPTY, tuple(holders), (), _EMPTY)
            holders.pop()
        last = name


def _stretches(text: str, pieces: Sequence[_Piece], begins: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Where the stretches of a flow begin and end: they hold a link whole, and cross no other element."""
    links = [(begins[at], begins[at + 1]) for at, piece in enumerate(pieces) if piece.link]
    for _, some in groupby(range(len(pieces)), key=lambda at: pieces[at].holders):
        first, *rest = some
        yield from _found(text, begins[first], begins[(rest or [first])[-1] + 1], links)


def _found(text: str, begin: int, end: int, links: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    for found in STRETCH.finditer(text, begin, end):
        first, last = found.span()
        cut = (
            one for one in links if one[0] < last and first < one[1] and not first <= one[0] < one[1] <= last
        )
        crossed = next(cut, None)
        if crossed:
            # What a link shares with others has signs in it.
            yield from _found(text, first, crossed[0], links)
            yield from _found(text, crossed[1], last, links)
        elif not _ARABIC_DIGITS.fullmatch(found[0]):
            yield first, last


def _shown(text: str, piece: _Piece, inside: bool, before_mark: bool) -> Iterator[str]:
    """Some text of a piece, or its link."""
    if piece.link == _EMPTY:
        return
    if piece.text == "\n" and piece.link:
        yield piece.link
    elif piece.link:
        # Links hold nothing but text: one that is a stretch has its direction, others have signs in it.
        way = ' dir="ltr"' if inside else ""
        said = html.escape(text, quote=False) if inside else _with_signs(html.escape(text, quote=False))
        yield f"{piece.link[:-1]}{way}>{said}</a>"
    else:
        said = html.escape(text, quote=False)
        # A space before an element is one itself: see macros.html.
        aside = before_mark and not inside and said.endswith(" ") and said.strip()
        yield f"{said[:-1]}<span> </span>" if aside else said


def _with_signs(text: str) -> str:
    """A text of HTML with signs around its stretches."""

    def marked(found: re.Match[str]) -> str:
        kept = found[0].replace(" ", "\u00a0") if len(found[0]) <= TOGETHER else found[0]
        return ISOLATE + kept + END

    return html.escape(STRETCH.sub(marked, html.unescape(text)))


def as_read(letters: Sequence[str], places: Sequence[float], empty: Sequence[bool]) -> list[int]:
    """The order in which the letters of a line are read, by their indices.

    `places` are their origins, from left to right, in points. What is `empty` is drawn with the letter
    that has the same origin; such letters come in the order in which they are given. A line of signs
    alone stands between two stretches of a text that runs from right to left.
    """
    indices = range(len(letters))
    if any(unicodedata.bidirectional(one) in ("L", "EN") for one in letters) and not any(
        map(runs_leftwards, letters)
    ):
        return sorted(indices, key=places.__getitem__)
    shared: dict[int, float] = {}
    for index in sorted(indices, key=lambda index: -places[index]):
        before = next(reversed(shared.values()), math.inf)
        shared[index] = before if before - places[index] < SAME_ORIGIN else places[index]
    order = sorted(indices, key=lambda index: (-shared[index], empty[index]))
    read: list[int] = []
    for rightwards, some in groupby(_classed(order, letters), key=lambda one: one[1]):
        stretch = [index for index, _ in some]
        read += reversed(stretch) if rightwards else stretch
    return read


def _classed(order: Sequence[int], letters: Sequence[str]) -> Iterator[tuple[int, bool]]:
    """Each letter of a line, and whether it belongs to a stretch that runs rightwards."""
    kinds = [unicodedata.bidirectional(letters[index]) for index in order]
    for at, index in enumerate(order):
        around = kinds[max(at - 1, 0) : at + 2]
        inside = 0 < at < len(order) - 1 and around[0] in _RIGHTWARDS and around[-1] in _RIGHTWARDS
        between = kinds[at] in _SEPARATORS and around[0] == around[-1] in ("EN", "AN")
        # Only what is marked up as a stretch has such spaces.
        yield index, kinds[at] in _RIGHTWARDS or (inside and (between or letters[index] == "\u00a0"))
