"""What can go wrong with what a page draws? Faults of lines, blocks, figures and margins."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import cycle

import numpy as np
from places import (
    PIXEL,
    Clean,
    Line,
    Place,
    Spoiling,
    around,
    bare_of,
    every_page,
    kind,
    of_line,
    operators_of,
)
from pypdf.generic import (
    ArrayObject,
    DecodedStreamObject,
    DictionaryObject,
    FloatObject,
    NameObject,
    NumberObject,
    TextStringObject,
)

SIGHT = {"words-unseen", "words-cut", "words-faint"}
LOST = {"words-missing"}
ADDED = {"words-stray"}

PHONE = r"\b(?:0\d{2,4} \d{3,4} \d{2,4}(?: \d{2})?|999|111)\b"
DOSE = (
    r"\d+(?:[.,]\d+)?[\s\u00a0]?(?:mg|ml|mcg|°C|hours?|days?|weeks?|months?|minutes?|years?|litres?|in \d+)"
)
POINT = r"(?<=\d)[.,-–−](?=\d)|(?<!\w)[-−](?=\d)"
REFERENCE = r"page\u00a0(\d+)"

#: The contents list the sections above this level.
LISTED = 3

#: A line of fewer letters says little.
MANY = 8

Wanted = Callable[[Line], bool]


# --- Places ---------------------------------------------------------------------------------


def text_lines(one: Clean) -> list[Place]:
    """The lines of the sections' text, but for the shortest."""
    return [of_line(line) for line in one.text_lines()]


def lines(wanted: Wanted) -> Callable[[Clean], list[Place]]:
    """The lines that are wanted."""
    return lambda one: [of_line(line) for line in one.lines if wanted(line)]


def saying(regex: str) -> Callable[[Clean], list[Place]]:
    """The lines of the source's text that say something."""
    return lines(lambda line: line.piece >= 0 and re.search(regex, line.said) is not None)


def whole_pieces(wanted: Wanted) -> Callable[[Clean], list[Place]]:
    """The pieces of the source that stand on one page, by their first lines."""
    return lambda one: [_of_lines(several) for several in one.pieces().values() if wanted(several[0])]


def _of_lines(several: list[Line]) -> Place:
    first = several[0]
    box = around(line.box for line in several)
    return Place(first.page, first.block, first.where, tuple(several), box, first.said)


def paragraphs_with_room(one: Clean) -> list[Place]:
    """Paragraphs under whose page's last line there is room for them once more; the box is that room."""
    found = []
    for place in whole_pieces(lambda line: line.role == "P" and "/" in line.block)(one):
        assert place.box
        free = _room_on(one, place.page)
        if len(place.thing) > 1 and place.box[3] - place.box[1] < free[3] - free[1] - 10:
            left, top, right, bottom = place.box
            there = left, free[1] + 5, right, free[1] + 5 + bottom - top
            found.append(Place(place.page, "", place.where, place.thing, there, place.said))
    return found


def room_for_a_line(one: Clean) -> list[Place]:
    """The pages with room under their last line."""
    rooms = ((page, _room_on(one, page)) for page in range(2, one.facts.pages))
    texts = {line.page: line for line in one.lines if line.role == "P" and line.piece >= 0}
    return [Place(p, "", thing=texts[p], box=box) for p, box in rooms if p in texts and box[3] - box[1] > 25]


def _room_on(one: Clean, page: int) -> tuple[float, float, float, float]:
    """What is free between the text and the foot of a page."""
    tagged = [line.box[3] for line in one.lines if line.page == page and line.role]
    wide, high = one.facts.sizes[page - 1]
    return 40, max(tagged, default=60), wide - 40, high - 55


def figures(one: Clean) -> list[Place]:
    """The figures that the source asks for."""
    found = []
    for picture in one.facts.pictures:
        where = one.case.where_of(picture)
        if where.file:
            box = _figure_box(one, picture.page, picture.tags[0])
            block = one.case.blocks.name(where)
            found.append(Place(picture.page, block, where, picture.tags[0], box, picture.alt))
    return found


def labelled_figures(one: Clean) -> list[Place]:
    """The figures in which words are drawn, and not in forms of their own."""
    found = []
    for place in figures(one):
        operators = operators_of(one.reader.pages[place.page - 1])
        start, end = figure(place, operators)
        if any(operator.endswith(" TJ") for operator in operators[start:end]):
            found.append(place)
    return found


def _figure_box(one: Clean, page: int, tag: int) -> tuple[float, float, float, float]:
    element = next(
        e
        for e in one.objects.values()
        if e.get("/S") == "/Figure" and tag in e.get("/K", ()) and one.pages[e.raw_get("/Pg").idnum] == page
    )
    left, top, right, bottom = (float(side) * PIXEL for side in element["/A"]["/BBox"])  # type: ignore[index]
    return left, top, right, bottom


def contents_numbers(one: Clean) -> list[Place]:
    """The page numbers that lead to a heading."""
    posts = {one.facts.passages.index(post.passage): post for post in one.case.reading.signposts}
    return [of_line(line) for line in one.lines if line.passage in posts and bare_of(line).isdigit()]


# --- Hidden, lost or moved lines ------------------------------------------------------------


@kind("hidden (render mode 3)", SIGHT, text_lines)
def _(spoiling: Spoiling) -> None:
    spoiling.enclose("3 Tr")


@kind("white on white", SIGHT, text_lines)
def _(spoiling: Spoiling) -> None:
    spoiling.insert(spoiling.line.first + 1, "1 1 1 rg")


@kind("too faint", {"words-faint", "words-unseen"}, text_lines)
def _(spoiling: Spoiling) -> None:
    spoiling.insert(spoiling.line.first + 1, "0.75 0.75 0.75 rg")


@kind("transparent", {"words-veiled"}, text_lines)
def _(spoiling: Spoiling) -> None:
    spoiling.add_resource("/ExtGState", "/Veil", _veil(0.5))
    spoiling.insert(spoiling.line.first + 1, "/Veil gs")
    spoiling.insert(spoiling.line.last + 2, "/a1.0 gs")


def _veil(strength: float) -> DictionaryObject:
    return DictionaryObject({NameObject("/ca"): FloatObject(strength)})


@kind("one letter paler than its word", {"words-faint"}, text_lines)
def _(spoiling: Spoiling) -> None:
    line = spoiling.line
    at = spoiling.random.choice([i for i, letter in enumerate(line.said) if letter.isalnum()])
    before, letter, behind = spoiling.parts(line, at, at + 1)
    spoiling.show_parts(line, before, "0.75 0.75 0.75 rg", letter, spoiling.colour(line), behind)


@kind("one letter under a veil", {"words-faint", "words-unseen"}, text_lines)
def _(spoiling: Spoiling) -> None:
    spoiling.add_resource("/ExtGState", "/Veil", _veil(0.8))
    x, y, wide, high = spoiling.upright(_letter(spoiling))
    area = f"{x - 0.2:.2f} {y - 0.2:.2f} {wide + 0.4:.2f} {high + 0.4:.2f} re"
    spoiling.put_on_top("/Veil gs", "1 1 1 rg", area, "f")


def _letter(spoiling: Spoiling) -> tuple[float, float, float, float]:
    """The box of one of the line's letters or digits."""
    letters, line = spoiling.one.facts.letters, spoiling.line
    own = np.flatnonzero((letters.page == line.page) & (letters.tag == line.tag)).tolist()
    at = spoiling.random.choice([index for index in own if letters.letter(index).isalnum()])
    left, top, right, bottom = letters.box[at].tolist()
    return left, top, right, bottom


@kind("one word paler", {"words-pale", "words-faint"}, text_lines)
def _(spoiling: Spoiling) -> None:
    line = spoiling.line
    word = spoiling.random.choice(list(re.finditer(r"\w{2,}", line.said)))
    before, said, behind = spoiling.parts(line, *word.span())
    spoiling.show_parts(line, before, "0.42 0.42 0.42 rg", said, spoiling.colour(line), behind)


@kind("block of the text's colour under it", {"words-faint", "words-unseen"}, text_lines)
def _(spoiling: Spoiling) -> None:
    line, operators, colour = spoiling.line, spoiling.operators, spoiling.colour(spoiling.line)
    high, wide = line.size * 1.4, (line.box[2] - line.box[0]) / PIXEL + 4
    area = f"{line.x - 2:.2f} {line.y - line.size:.2f} {wide:.2f} {high:.2f} re"
    start = _opening(operators, line)
    spoiling.insert(start, "/Artifact", "BMC", "q", colour, area, "f", "Q", "EMC")


@kind("shrunk", {"words-small", "words-unseen"}, text_lines)
def _(spoiling: Spoiling) -> None:
    line, operators = spoiling.line, spoiling.operators
    for index in range(line.first, line.last):
        smaller = rf"\1 {line.size * 0.6:.2f} Tf"
        operators[index] = re.sub(r"^(/\S+) \S+ Tf$", smaller, operators[index])
    spoiling.draw(operators)


@kind("clipped", SIGHT, text_lines)
def _(spoiling: Spoiling) -> None:
    line = spoiling.line
    area = f"{line.x - 5:.2f} {line.y - line.size * 0.28:.2f} 900 {line.size:.2f} re"
    spoiling.enclose(area, "W", "n")


def _white(spoiling: Spoiling, top: float, bottom: float) -> None:
    """Paint over the line from above its baseline to below, in parts of the type's size."""
    line = spoiling.line
    base, size = line.y * PIXEL, line.size * PIXEL
    box = line.box[0] - 1, base - top * size, line.box[2] + 1, base - bottom * size
    x, y, wide, high = spoiling.upright(box)
    spoiling.put_on_top("1 1 1 rg", f"{x:.2f} {y:.2f} {wide:.2f} {high:.2f} re", "f")


@kind("covered", SIGHT, text_lines)
def _(spoiling: Spoiling) -> None:
    _white(spoiling, 1.0, -0.4)


@kind("half covered", SIGHT, text_lines)
def _(spoiling: Spoiling) -> None:
    _white(spoiling, 0.24, -0.4)


def _strike(name: str, thick: float, colour: str) -> None:
    """A thin line through the middle of the small letters, in points; drawn before or after them."""

    @kind(name, {"words-cut"}, text_lines)
    def _(spoiling: Spoiling) -> None:
        line = spoiling.line
        middle = line.y * PIXEL - 0.25 * line.size * PIXEL
        box = line.box[0] - 1, middle - thick / 2, line.box[2] + 1, middle + thick / 2
        x, y, wide, high = spoiling.upright(box)
        spoiling.put_on_top(colour or spoiling.colour(line), f"{x:.2f} {y:.2f} {wide:.2f} {high:.2f} re", "f")


_strike("struck through with 0.5 points of white", 0.5, "1 1 1 rg")
_strike("struck through with 0.5 points of red", 0.5, "0.8 0 0 rg")
_strike("struck through with 0.3 points of the text's colour", 0.3, "")


@kind("squeezed", {"words-small"}, text_lines)
def _(spoiling: Spoiling) -> None:
    spoiling.insert(spoiling.line.first + 1, "60 Tz")
    spoiling.insert(spoiling.line.last + 2, "100 Tz")


def _annotate(spoiling: Spoiling, subtype: str, drawn: str) -> None:
    """Put an annotation over the line, with its own appearance (ISO 32000-1, 12.5.5)."""
    left, bottom, wide, high = spoiling.upright(spoiling.line.box)
    form = DecodedStreamObject()
    form.set_data(f"1 1 1 rg 0 0 {wide + 4:.2f} {high + 4:.2f} re f {drawn}".encode())
    form[NameObject("/Subtype")] = NameObject("/Form")
    form[NameObject("/BBox")] = ArrayObject(FloatObject(side) for side in (0, 0, wide + 4, high + 4))
    form[NameObject("/Resources")] = DictionaryObject(
        {NameObject("/Font"): spoiling.page["/Resources"]["/Font"]}
    )
    note = DictionaryObject({NameObject("/Type"): NameObject("/Annot")})
    note[NameObject("/Subtype")] = NameObject(subtype)
    corners = (left - 2, bottom - 2, left + wide + 2, bottom + high + 2)
    note[NameObject("/Rect")] = ArrayObject(FloatObject(side) for side in corners)
    note[NameObject("/F")] = NumberObject(4)
    note[NameObject("/Contents")] = TextStringObject("Ask for more")
    note[NameObject("/AP")] = DictionaryObject({NameObject("/N"): spoiling.writer._add_object(form)})
    notes = ArrayObject([*spoiling.page.get("/Annots", ()), spoiling.writer._add_object(note)])
    spoiling.page[NameObject("/Annots")] = notes


@kind("white annotation over it", SIGHT, text_lines)
def _(spoiling: Spoiling) -> None:
    _annotate(spoiling, "/Square", "")


@kind("note stuck over it", SIGHT | {"words-overlap"}, text_lines)
def _(spoiling: Spoiling) -> None:
    font, codes = spoiling.written("Ask for more")
    _annotate(spoiling, "/FreeText", f"0 0 0 rg BT {font} 9 Tf 2 4 Td <{codes}> Tj ET")


@kind("moved off the page", {"words-off-page"}, text_lines)
def _(spoiling: Spoiling) -> None:
    spoiling.enclose("1 0 0 1 3000 0 cm")


@kind("moved into the edge", {"words-at-edge", "words-off-page"}, text_lines)
def _(spoiling: Spoiling) -> None:
    spoiling.enclose(f"1 0 0 1 {6 - spoiling.line.x:.2f} 0 cm")


@kind("printed over another line", {"words-overlap"}, text_lines)
def _(spoiling: Spoiling) -> None:
    line = spoiling.line
    others = [o for o in _beside(spoiling) if abs(o.size - line.size) < 1]
    other = min(others, key=lambda o: abs(o.y - line.y) + abs(o.x - line.x))
    spoiling.enclose(f"1 0 0 1 {other.x - line.x:.2f} {other.y - line.y + 1:.2f} cm")


def _beside(spoiling: Spoiling) -> Iterator[Line]:
    """The other lines of the page."""
    line = spoiling.line
    return (o for o in spoiling.one.text_lines() if o.page == line.page and o.first != line.first)


@kind("drawn twice at one place", {"words-overlap"}, text_lines)
def _(spoiling: Spoiling) -> None:
    line = spoiling.line
    drawn = spoiling.operators[line.first : line.last + 1]
    spoiling.insert(line.last + 1, "q", "1 0 0 1 0 2 cm", *drawn, "Q")


def _turned(name: str, matrix: str) -> None:
    """A line that is turned or mirrored about its middle."""

    @kind(name, {"words-turned"}, text_lines)
    def _(spoiling: Spoiling) -> None:
        line = spoiling.line
        x, y = line.x + (line.box[2] - line.box[0]) / PIXEL / 2, line.y - line.size * 0.3
        spoiling.enclose(f"1 0 0 1 {x:.2f} {y:.2f} cm", f"{matrix} 0 0 cm", f"1 0 0 1 {-x:.2f} {-y:.2f} cm")


_turned("on its side", "0 1 -1 0")
_turned("upside down", "-1 0 0 -1")
_turned("mirrored", "-1 0 0 1")
_turned("mirrored from top to foot", "1 0 0 -1")


@kind("digit upside down", {"words-turned"}, saying(r"\d"))
def _(spoiling: Spoiling) -> None:
    line = spoiling.line
    at = spoiling.random.choice([i for i, letter in enumerate(line.said) if letter.isdigit()])
    before, digit, behind = spoiling.parts(line, at, at + 1)
    left, right = (_advance(spoiling, shown) for shown in (before, before + digit))
    turned = f"-1 0 0 1 {line.x + right:.2f} {line.y - line.size * 0.66:.2f} Tm"
    onwards = f"1 0 0 -1 {line.x + right:.2f} {line.y:.2f} Tm"
    assert right > left
    spoiling.show_parts(line, before, turned, digit, onwards, behind)


def _advance(spoiling: Spoiling, shown: str) -> float:
    """How far what is shown moves on, in the page's own pixels (ISO 32000-1, 9.7.4.3)."""
    font = spoiling.page["/Resources"]["/Font"][spoiling.line.font].get_object()
    held = font["/DescendantFonts"][0].get_object()["/W"]
    runs = zip(held[::2], held[1::2], strict=True)
    widths = {first + i: float(wide) for first, run in runs for i, wide in enumerate(run)}
    letters = re.findall(r"<(....)>([-\d.]*)", shown)
    moved = sum(widths[int(code, 16)] - float(back or 0) for code, back in letters)
    return moved * spoiling.line.size / 1000


# --- Other words ----------------------------------------------------------------------------


@kind("deleted", LOST, text_lines)
def _(spoiling: Spoiling) -> None:
    spoiling.show(spoiling.line, "[] TJ")


@kind("swapped with another line", {"words-missing", "words-order"}, text_lines)
def _(spoiling: Spoiling) -> None:
    line, operators = spoiling.line, spoiling.operators
    other = next(o for o in _beside(spoiling) if bare_of(o) != bare_of(line) and o.font == line.font)
    a, b = line.shown, other.shown
    operators[a], operators[b] = operators[b], operators[a]
    spoiling.draw(operators)


@kind("letter changed", LOST, text_lines)
def _(spoiling: Spoiling) -> None:
    line = spoiling.line
    spoiling.say(line, 1, next(letter for letter in line.said if letter not in (line.said[1], " ", "\u00a0")))


@kind("word left out", LOST, text_lines)
def _(spoiling: Spoiling) -> None:
    word = spoiling.random.choice(list(re.finditer(r"\w{2,}\W*", spoiling.line.said)))
    spoiling.leave_out(spoiling.line, *word.span())


def _digit(spoiling: Spoiling, regex: str) -> None:
    """Change one digit of what the line says."""
    line = spoiling.line
    match = spoiling.random.choice(list(re.finditer(regex, line.said)))
    at = spoiling.random.choice([i for i in range(*match.span()) if line.said[i].isdigit()])
    there = [text for text in spoiling.one.fonts[line.font].values() if text.isdigit()]
    spoiling.say(line, at, spoiling.random.choice([d for d in sorted(there) if d != line.said[at]]))


@kind("digit of a phone number changed", LOST | ADDED, saying(PHONE))
def _(spoiling: Spoiling) -> None:
    _digit(spoiling, PHONE)


@kind("digit of a dose or measure changed", LOST, saying(DOSE))
def _(spoiling: Spoiling) -> None:
    _digit(spoiling, DOSE)


@kind("decimal point, minus or dash of a number lost", LOST | ADDED, saying(POINT))
def _(spoiling: Spoiling) -> None:
    at = spoiling.random.choice(list(re.finditer(POINT, spoiling.line.said)))
    spoiling.leave_out(spoiling.line, *at.span())


@kind("words joined", {"words-spacing"}, saying(r"[a-z]{3} [a-z]{3}"))
def _(spoiling: Spoiling) -> None:
    at = spoiling.random.choice(list(re.finditer(r"(?<=[a-z]{3}) (?=[a-z]{3})", spoiling.line.said)))
    spoiling.leave_out(spoiling.line, *at.span())


@kind("word split by a wide space", {"words-spacing"}, saying(r"[a-z]{6}"))
def _(spoiling: Spoiling) -> None:
    line = spoiling.line
    word = spoiling.random.choice(list(re.finditer(r"[a-z]{6}", line.said)))
    numbered = iter(range(len(line.codes)))
    spoiling.show(
        line,
        re.sub(
            r"(<....>)[-\d.]*",
            lambda old: old[1] + "-700" if next(numbered) == word.start() + 2 else old[0],
            spoiling.operators[line.shown],
        ),
    )


# --- Blocks ---------------------------------------------------------------------------------


def _blank(spoiling: Spoiling) -> None:
    operators = spoiling.operators
    for line in spoiling.place.thing:
        operators[line.shown] = "[] TJ"
    spoiling.draw(operators)


kind("paragraph blanked", LOST, whole_pieces(lambda line: line.role == "P" and "/" in line.block))(_blank)
kind("item of a list blanked", LOST, whole_pieces(lambda line: line.role == "LBody" and "/" in line.block))(
    _blank
)
kind("cell of a table blanked", LOST, whole_pieces(lambda line: line.role == "TD"))(_blank)
kind("caption blanked", LOST, whole_pieces(lambda line: line.role == "Caption"))(_blank)
kind("heading blanked", LOST | {"bookmarks"}, whole_pieces(lambda line: line.role in ("H2", "H3", "H4")))(
    _blank
)
kind(
    "reviewer's name deleted",
    {"credits-missing"},
    whole_pieces(lambda line: line.kind == "credits" and line.role == "LBody"),
)(_blank)
kind(
    "line of the imprint deleted",
    {"imprint-missing"},
    whole_pieces(lambda line: line.kind == "identity"),
)(_blank)


@kind("quality mark's statement short of a word", {"mark-missing"}, lines(lambda line: line.kind == "mark"))
def _(spoiling: Spoiling) -> None:
    word = spoiling.random.choice(list(re.finditer(r"\w{2,}\W*", spoiling.line.said)))
    spoiling.leave_out(spoiling.line, *word.span())


@kind(
    "date or number of the credits or imprint changed",
    {"credits-missing", "imprint-missing"},
    lines(lambda line: line.kind in ("credits", "identity") and re.search(r"\d", line.said) is not None),
)
def _(spoiling: Spoiling) -> None:
    _digit(spoiling, r"\d+")


@kind(
    "two lines of the credits exchanged",
    {"credits-missing"},
    lines(lambda line: line.kind == "credits" and line.role != "H2"),
)
def _(spoiling: Spoiling) -> None:
    line, operators = spoiling.line, spoiling.operators
    others = (o for o in spoiling.one.lines if o.page == line.page and o.kind == "credits")
    other = next(o for o in others if o.font == line.font and o.passage != line.passage)
    a, b = line.shown, other.shown
    operators[a], operators[b] = operators[b], operators[a]
    spoiling.draw(operators)


def glossary(one: Clean) -> list[Place]:
    """The lines of the words that the booklet explains, and of what it says of them."""
    found = one.case.reading.found
    own = (x for x in one.lines if x.piece >= 0 and found[x.piece].chapter.name == "glossary")
    return [of_line(line) for line in own if line.role != "H2"]


@kind("word of the glossary left out", LOST, glossary)
def _(spoiling: Spoiling) -> None:
    word = spoiling.random.choice(list(re.finditer(r"\w{2,}\W*", spoiling.line.said)))
    spoiling.leave_out(spoiling.line, *word.span())


@kind(
    "letter changed outside the sections",
    LOST | {"credits-missing", "imprint-missing", "mark-missing"},
    lines(lambda line: line.piece >= 0 and line.block == "booklet" and len(bare_of(line)) >= MANY),
)
def _(spoiling: Spoiling) -> None:
    line = spoiling.line
    spoiling.say(line, 1, next(letter for letter in line.said if letter not in (line.said[1], " ", "\u00a0")))


def notices(one: Clean) -> list[Place]:
    """What the cover says of the booklet before all."""
    found = one.case.reading.found
    several = [line for line in one.lines if line.page == 1 and found[line.piece].chapter.name == "notice"]
    # The finding names no page, because the notice stands on another one, too.
    return [Place(thing=several, said=several[0].said)] if several else []


kind("notice on the cover blanked", LOST | {"notice-missing"}, notices)(_blank)


@kind("paragraph printed again further down", ADDED, paragraphs_with_room)
def _(spoiling: Spoiling) -> None:
    several, operators = spoiling.place.thing, spoiling.operators
    first = spoiling.tag("/P", len(several), spoiling.element(several[0], ("/P",)))
    assert spoiling.place.box
    old = around(line.box for line in several)
    down = (spoiling.place.box[1] - old[1]) / PIXEL
    again = ["q", f"1 0 0 1 0 {down:.2f} cm"]
    for number, line in enumerate(several, first):
        drawn = operators[line.first : line.last + 1]
        again += ["/P", f"<</MCID {number}>>", "BDC", spoiling.colour(line), *drawn, "EMC"]
    spoiling.insert(several[-1].last + 2, *again, "Q")


@kind("line added in the text", ADDED, room_for_a_line)
def _(spoiling: Spoiling) -> None:
    tag = spoiling.tag("/P", 1, spoiling.element(spoiling.line, ("/P",)))
    _write(spoiling, "Ask for more", f"/P <</MCID {tag}>> BDC")


def labels_again(one: Clean) -> list[Place]:
    """Room for a line, each with fixed words of the layout that stand elsewhere; they need no place there."""
    fixed = {text for text in one.case.words.values() if "{" not in text}
    labels = sorted(fixed & {found.piece.text for found in one.case.reading.found})
    return [replace(place, said=label) for place, label in zip(room_for_a_line(one), cycle(labels))]


@kind("label of the layout printed once more", ADDED, labels_again)
def _(spoiling: Spoiling) -> None:
    tag = spoiling.tag("/P", 1, spoiling.element(spoiling.line, ("/P",)))
    _write(spoiling, spoiling.place.said, f"/P <</MCID {tag}>> BDC")


@kind("line added in the margin", ADDED, every_page)
def _(spoiling: Spoiling) -> None:
    _write(spoiling, "Ask for more", "/Artifact BMC")


def _write(spoiling: Spoiling, text: str, opening: str) -> None:
    font, codes = spoiling.written(text)
    wide, high = spoiling.one.facts.sizes[spoiling.place.page - 1]
    box = spoiling.place.box or (wide / 2 - 40, high - 40, wide, high)
    shown = f"BT {font} 12 Tf {box[0]:.2f} {high - box[1] - 20:.2f} Td <{codes}> Tj ET"
    spoiling.draw(["q", *spoiling.operators, "Q", "0 0 0 rg", opening, shown, "EMC"])


@kind("untagged", LOST, text_lines)
def _(spoiling: Spoiling) -> None:
    line, operators = spoiling.line, spoiling.operators
    start = _opening(operators, line)
    spoiling.draw([*operators[:start], "/Artifact", "BMC", *operators[start + 3 :]])


def _opening(operators: list[str], line: Line) -> int:
    """Where the marked content of a line begins."""
    return next(i for i in range(line.first, -1, -1) if operators[i] == "BDC") - 2


# --- Numbers and marks ----------------------------------------------------------------------


def _is_bullet_of_the_text(line: Line) -> bool:
    return line.role == "Lbl" and bare_of(line) == "•" and "/" in line.block


@kind("bullet taken away", {"list-number"}, lines(_is_bullet_of_the_text))
def _(spoiling: Spoiling) -> None:
    spoiling.show(spoiling.line, "[] TJ")


@kind(
    "bullet changed", ADDED | {"list-number"}, lines(lambda line: line.role == "Lbl" and bare_of(line) == "•")
)
def _(spoiling: Spoiling) -> None:
    spoiling.say(spoiling.line, spoiling.line.said.index("•"), "3")


def numbers_an_item(line: Line) -> bool:
    """Is it the number of a step, or of an item?"""
    label = line.role == "Lbl" and re.fullmatch(r"\d+[.)]", bare_of(line))
    return bool(label or (line.role == "LBody" and bare_of(line).isdigit() and line.block))


@kind("number of a step or item changed", ADDED | {"list-number"}, lines(numbers_an_item))
def _(spoiling: Spoiling) -> None:
    _digit(spoiling, r"\d+")


@kind("wrong page number in the contents", {"contents-page"}, contents_numbers)
def _(spoiling: Spoiling) -> None:
    _digit(spoiling, r"\d+")


def contents_lines(one: Clean) -> list[Place]:
    """The lines that the contents must have, each as its page's: the finding names the section."""
    posts = [post for post in one.case.reading.signposts if post.under == "_contents"]
    levels = {section.id: level for level, section in one.sourced.booklet.walk()}
    wanted = {one.facts.passages.index(p.passage) for p in posts if levels.get(p.to.id, LISTED) < LISTED}
    told = (line for line in one.lines if line.passage in wanted and not bare_of(line).isdigit())
    return [Place(line.page, thing=line, said=line.said) for line in told]


@kind("line of the contents blanked", {"contents-incomplete"}, contents_lines)
def _(spoiling: Spoiling) -> None:
    operators = spoiling.operators
    for line in spoiling.one.lines:
        if line.page == spoiling.place.page and line.passage == spoiling.line.passage:
            operators[line.shown] = "[] TJ"
    spoiling.draw(operators)


@kind("wrong page number in a reference", {"page-reference"}, saying(REFERENCE))
def _(spoiling: Spoiling) -> None:
    line = spoiling.line
    number = next(iter(re.finditer(REFERENCE, line.said)))
    there = sorted(text for text in spoiling.one.fonts[line.font].values() if text in "123456789")
    spoiling.say(line, number.start(1), next(digit for digit in there if digit != number[1][0]))


def in_margins(wanted: Wanted) -> Callable[[Clean], list[Place]]:
    """The lines outside the text that are wanted: each is its whole page's."""
    found = lines(lambda line: not line.role and wanted(line))
    return lambda one: [Place(place.page, thing=place.thing, said=place.said) for place in found(one)]


@kind("folio changed", {"folio"}, in_margins(lambda line: bare_of(line).isdigit()))
def _(spoiling: Spoiling) -> None:
    _digit(spoiling, r"\d+")


@kind("code of a page changed", {"page-code"}, in_margins(lambda line: "·" in line.said))
def _(spoiling: Spoiling) -> None:
    _digit(spoiling, r"\d+")


def running_titles(one: Clean) -> list[Place]:
    """The headers that name a section; `said` is the title of another section."""
    titles = [section.title for _, section in one.sourced.booklet.walk()]
    headers = [line for line in one.lines if not line.role and line.said in titles]
    printed = sorted({line.said for line in headers})
    return [
        Place(line.page, "", thing=line, box=line.box, said=next(t for t in printed if t != line.said))
        for line in headers
        if len(printed) > 1
    ]


@kind("running title of another section", ADDED | {"running-title"}, running_titles)
def _(spoiling: Spoiling) -> None:
    codes = {letter: code for code, letter in spoiling.one.fonts[spoiling.line.font].items()}
    spoiling.show(spoiling.line, f"[<{''.join(codes[letter] for letter in spoiling.place.said)}>] TJ")


# --- Figures and whole pages ----------------------------------------------------------------


def figure(place: Place, operators: list[str]) -> tuple[int, int]:
    """Where the figure's marked content begins, and its end."""
    start = operators.index(f"<</MCID {place.thing}>>") + 2
    depth = 1
    for index in range(start, len(operators)):
        depth += operators[index] in ("BDC", "BMC")
        depth -= operators[index] == "EMC"
        if not depth:
            return start, index
    raise LookupError(place)


@kind("figure's drawing removed", {"picture-unseen"}, figures)
def _(spoiling: Spoiling) -> None:
    operators = spoiling.operators
    start, end = figure(spoiling.place, operators)
    spoiling.draw([*operators[:start], *operators[end:]])


@kind("figure's drawing covered, but for its words", {"picture-unseen"}, figures)
def _(spoiling: Spoiling) -> None:
    start, end = figure(spoiling.place, spoiling.operators)
    drawn = spoiling.operators[start:end]
    first_words = start + drawn.index("BT") if "BT" in drawn else end
    spoiling.insert(first_words, "q", "1 1 1 rg", "0 0 2000 2000 re", "f", "Q")


@kind("figure covered", {"words-unseen", "picture-unseen"}, figures)
def _(spoiling: Spoiling) -> None:
    assert spoiling.place.box
    x, y, wide, high = spoiling.upright(spoiling.place.box)
    spoiling.put_on_top("1 1 1 rg", f"{x:.2f} {y:.2f} {wide:.2f} {high:.2f} re", "f")


@kind("figure's words hidden", {"words-unseen"}, labelled_figures)
def _(spoiling: Spoiling) -> None:
    operators = spoiling.operators
    start, end = figure(spoiling.place, operators)
    hidden = ["3 Tr" if operator.endswith(" Tr") else operator for operator in operators[start:end]]
    spoiling.draw([*operators[:start], *hidden, *operators[end:]])


@kind("figure's words deleted", {"picture-words"}, labelled_figures)
def _(spoiling: Spoiling) -> None:
    operators = spoiling.operators
    start, end = figure(spoiling.place, operators)
    drawn = [operator for operator in operators[start:end] if not operator.endswith(" TJ")]
    spoiling.draw([*operators[:start], *drawn, *operators[end:]])


@kind("page emptied by a later revision", {"page-code"}, every_page)
def _(spoiling: Spoiling) -> None:
    spoiling.draw([])


@kind("coarse picture", {"picture-coarse"}, every_page)
def _(spoiling: Spoiling) -> None:
    photograph(spoiling, 10)
    spoiling.put_on_top("q 60 0 0 60 40 500 cm", "/Photograph Do", "Q")


def photograph(spoiling: Spoiling, pixels: int) -> None:
    """Let the page know a picture of so many pixels on each side."""
    picture = DecodedStreamObject()
    picture.set_data(bytes(number % 251 for number in range(pixels**2)))
    for key, value in {"/Type": "/XObject", "/Subtype": "/Image", "/ColorSpace": "/DeviceGray"}.items():
        picture[NameObject(key)] = NameObject(value)
    for key, size in {"/Width": pixels, "/Height": pixels, "/BitsPerComponent": 8}.items():
        picture[NameObject(key)] = NumberObject(size)
    spoiling.add_resource("/XObject", "/Photograph", spoiling.writer._add_object(picture))
