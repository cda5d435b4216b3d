"""Which way does text run, and how do both ways stand in one line?

In a line that is written from right to left, numbers and Latin words go on from left to right.
Left to itself, a line may turn "1 mg" into "mg 1", and "0808 808 0000" around; so each such stretch
is marked up by the program, never by an editor.
"""

import html
import math
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, groupby

from .prose import PAGE_TOKEN

#: What an attribute or a link has in place of an element: left-to-right isolate and its end (UAX 9, 2.4).
ISOLATE, END = "\u2066", "\u2069"
#: What begins a stretch from right to left.
RIGHT_TO_LEFT = "\u2067"

#: A stretch that runs from left to right: words and numbers, and what stands between two of them. A sign
#: may begin it, and a slash, as in an address, or a percentage sign end it.
_LETTERS = (
    r"0-9A-Za-zªº\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u0370-\u052f\u0660-\u0669\u06f0-\u06f9\u1e00-\u1fff"
)
_ATOM = rf"(?:[{_LETTERS}][{_LETTERS}°%µ]*|°[A-Z]|{PAGE_TOKEN.pattern.replace('(', '(?:')})"
_SPACE = r"[ \u00a0\u202f]"
_BETWEEN = rf"(?:{_SPACE}|[-–−/.,:;@&'’_·×=+#?~\u066a-\u066c]{{1,3}}{_SPACE}?|{_SPACE}[-–×=+&/]{_SPACE})"
_GROUP = rf"{_SPACE}?\({_ATOM}(?:{_BETWEEN}{_ATOM})*\)(?:{_ATOM})?"
STRETCH = re.compile(rf"(?:[+−<>≥≤£€$](?=\d))?{_ATOM}(?:{_BETWEEN}{_ATOM}|{_GROUP})*(?:/(?!\w)|[?!](?=»))?")

#: Brackets that are drawn the other way around where text runs from right to left (UAX 9, 3.4, rule L4).
MIRRORED = dict(zip("()[]{}<>«»‹›", ")(][}{><»«›‹", strict=True))

#: In points: origins that differ by less are one.
SAME_ORIGIN = 0.1

#: Stretches of so many letters at the most stand in one line: broken, they are read in jumps.
TOGETHER = 24

#: A stretch that is a number and no more.
NUMBER = re.compile(r"\d[\d.,:/–-]*")

_TAG = re.compile(r"(<[^>]*>)")
#: What the page's own text does not stand in, and the elements that a line runs through.
_APART, _INLINE = ("head", "style", "svg"), ("a", "br", "em", "span", "strong")
_SPOKEN = re.compile(r'(?<= data-running=")[^"]*|(?<= data-edition=")[^"]*')

#: The bidirectional classes (UAX 9, table 4) of letters that run from right to left, and of those and
#: the digits that do not.
_LEFTWARDS, _RIGHTWARDS = ("R", "AL"), ("L", "EN", "AN")
_SEPARATORS = ("ES", "CS", "ET")


def runs_leftwards(letter: str) -> bool:
    """Is it a letter of a script that is written from right to left?"""
    return unicodedata.bidirectional(letter) in _LEFTWARDS


def isolated(page: str) -> str:
    """A page (HTML) that is written from right to left, with each other stretch in an element of its own.

    Links hold nothing but text: one that is such a stretch has its direction, others have signs in it.
    """
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
    elif any(map(runs_leftwards, text)):
        yield from _mixed(flow)
    elif any(map(str.isalnum, text)):
        yield f'<span class="other-way" dir="ltr">{"".join(flow)}</span>'
    else:
        yield from flow


def _mixed(flow: Sequence[str]) -> Iterator[str]:
    link = ""
    for piece in flow:
        name = _tag(piece)
        if name == "a":
            link = piece
        elif link and not name:
            # The words of a link decide the direction of its tag, which waits for them.
            whole = STRETCH.fullmatch(html.unescape(piece).strip())
            link = link[:-1] + ' dir="ltr">' + piece if whole else link + _with_signs(piece)
        elif name:
            yield link + piece
            link = ""
        else:
            yield from _marked_up(html.unescape(piece))


def _with_signs(text: str) -> str:
    """A text of HTML with signs around its stretches."""
    return html.escape(STRETCH.sub(lambda found: ISOLATE + found[0] + END, html.unescape(text)))


def _marked_up(text: str) -> Iterator[str]:
    at = 0
    for found in STRETCH.finditer(text):
        before = html.escape(text[at : found.start()], quote=False)
        # A space before an element is one itself: see macros.html.
        yield f"{before[:-1]}<span> </span>" if before.endswith(" ") and before.strip() else before
        stretch = found[0].replace(" ", "\u00a0") if len(found[0]) <= TOGETHER else found[0]
        yield f'<span dir="ltr">{html.escape(stretch, quote=False)}</span>'
        at = found.end()
        if NUMBER.fullmatch(found[0]) and text[at : at + 1] == " ":
            # A number stays on the line of what is counted.
            yield "\u00a0"
            at += 1
    yield html.escape(text[at:], quote=False)


def as_read(letters: Sequence[str], places: Sequence[float], empty: Sequence[bool]) -> list[int]:
    """The order in which the letters of a line are read, by their indices.

    `places` are their origins, from left to right, in points. What is `empty` is drawn with the letter
    that has the same origin; such letters come in the order in which they are given. A line of signs
    alone stands between two stretches of a text that runs from right to left.
    """
    indices = range(len(letters))
    if any(unicodedata.bidirectional(one) in _RIGHTWARDS for one in letters) and not any(
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
        between = kinds[at] in _SEPARATORS and 0 < at < len(order) - 1
        yield index, kinds[at] in _RIGHTWARDS or (between and around[0] == around[-1] in ("EN", "AN"))
