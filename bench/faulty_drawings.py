"""What can go wrong with pictures, statistics and lines to write on?"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from faulty_objects import figures as figure_tags
from faulty_pages import figure, figures, photograph, room_for_a_line
from places import PIXEL, Clean, Place, Spoiling, every_page, kind, operators_of
from pypdf.generic import (
    ArrayObject,
    DecodedStreamObject,
    DictionaryObject,
    FloatObject,
    NameObject,
    NumberObject,
    TextStringObject,
)

from booklet.blocks import Statistic
from booklet.model import every_block
from booklet.problem import Box

#: How far from a line's foot what clips it may end, in points.
NEAR = 1.0

PARTY_HAT = "A party hat"


# --- Pictures -------------------------------------------------------------------------------


@kind("picture that nobody asked for", {"picture-stray"}, room_for_a_line)
def _(spoiling: Spoiling) -> None:
    assert spoiling.place.box
    tag = spoiling.tag("/Figure", 1, spoiling.element(spoiling.line, ("/P",)), PARTY_HAT)
    x, y, _, high = spoiling.upright(spoiling.place.box)
    hat = f"{x:.2f} {y + high - 20:.2f} 60 15 re"
    spoiling.draw(
        ["q", *spoiling.operators, "Q", f"/Figure <</MCID {tag}>> BDC", "0 0 1 rg", hat, "f", "EMC"]
    )


@kind("alt text of another picture", {"alt-missing"}, figure_tags)
def _(spoiling: Spoiling) -> None:
    spoiling.thing[NameObject("/Alt")] = TextStringObject(PARTY_HAT)


def tags_with_boxes(one: Clean) -> list[Place]:
    """The tags of the figures, each with the place of its drawing."""
    boxes = {(place.page, place.said): place.box for place in figures(one)}
    return [replace(place, box=boxes[place.page, place.said]) for place in figure_tags(one)]


@kind("alt texts of two pictures exchanged", {"picture-unseen", "picture-words"}, tags_with_boxes)
def _(spoiling: Spoiling) -> None:
    others = (spoiling.writer.get_object(p.thing) for p in figure_tags(spoiling.one))
    other: Any = next(tag for tag in others if tag["/Alt"] != spoiling.thing["/Alt"])  # type: ignore[index]
    key = NameObject("/Alt")
    spoiling.thing[key], other[key] = other["/Alt"], spoiling.thing["/Alt"]


def captioned(one: Clean) -> list[Place]:
    """The tags of the figures, each with its caption; the findings are those of their pages."""
    captions = {p.page: " ".join(p.text.split()) for p in one.facts.passages if p.role == "Caption"}
    return [Place(p.page, thing=p.thing, said=captions[p.page]) for p in figure_tags(one)]


@kind("alt text is its caption again", {"alt-useless"}, captioned)
def _(spoiling: Spoiling) -> None:
    spoiling.thing[NameObject("/Alt")] = TextStringObject(spoiling.place.said)


@kind("picture tagged as a section", {"alt-missing", "text-replaced"}, figure_tags)
def _(spoiling: Spoiling) -> None:
    spoiling.thing[NameObject("/S")] = NameObject("/Sect")


def _figure_tag(spoiling: Spoiling, place: Place) -> Any:
    """The tag of the figure at a place."""
    found = (p.thing for p in figure_tags(spoiling.one) if p.page == place.page and p.said == place.said)
    return spoiling.writer.get_object(next(found))


@kind("picture drawn twice", {"picture-unseen"}, figures)
def _(spoiling: Spoiling) -> None:
    operators = spoiling.operators
    start, end = figure(spoiling.place, operators)
    element = _figure_tag(spoiling, spoiling.place)
    tag = spoiling.tag("/Figure", 1, element, element["/Alt"])
    again = ["q", "1 0 0 1 0 20 cm", "/Figure", f"<</MCID {tag}>>", "BDC", *operators[start:end], "EMC", "Q"]
    spoiling.insert(end + 1, *again)


def moved_figures(one: Clean) -> list[Place]:
    """The figures, each on the page behind its own; its own place is the thing."""
    return [
        Place(place.page + 1, place.block, place.where, place, said=place.said)
        for place in figures(one)
        if place.page + 1 < one.facts.pages
    ]


@kind("picture on another page than its caption", {"picture-unseen"}, moved_figures)
def _(spoiling: Spoiling) -> None:
    old = spoiling.place.thing
    before = Spoiling(spoiling.writer, old, spoiling.one, spoiling.random)
    operators = before.operators
    start, end = figure(old, operators)
    element = _figure_tag(spoiling, old)
    tag = spoiling.tag("/Figure", 1, element, element["/Alt"])
    siblings = element["/P"]["/K"]
    siblings.remove(next(kid for kid in siblings if kid.get_object() is element))
    before.draw([*operators[:start], *operators[end:]])
    spoiling.page[NameObject("/Resources")] = before.page["/Resources"]
    # The page's own units: pixels, from its top.
    units = f"{PIXEL} 0 0 -{PIXEL} 0 {spoiling.one.facts.sizes[old.page - 1][1]:.2f} cm"
    drawn = [f"/Figure <</MCID {tag}>> BDC", *operators[start:end], "EMC"]
    spoiling.draw(["q", *spoiling.operators, "Q", "q", units, *drawn, "Q"])


@kind("photograph that no tag holds", {"picture-stray"}, every_page)
def _(spoiling: Spoiling) -> None:
    photograph(spoiling, 300)
    spoiling.put_on_top("q 60 0 0 60 40 500 cm", "/Photograph Do", "Q")


@kind("photograph in a form that no tag holds", {"picture-stray"}, every_page)
def _(spoiling: Spoiling) -> None:
    photograph(spoiling, 300)
    form = _form(spoiling, "60 0 0 60 0 0 cm /Photograph Do", 60, 60)
    spoiling.add_resource("/XObject", "/Framed", form)
    spoiling.put_on_top("q 1 0 0 1 40 500 cm", "/Framed Do", "Q")


@kind("photograph inside the page's own operators", {"picture-stray"}, every_page)
def _(spoiling: Spoiling) -> None:
    pixels = "".join(f"{number % 251:02x}" for number in range(300 * 300))
    spoiling.put_on_top(
        "q 60 0 0 60 40 500 cm", f"BI /W 300 /H 300 /BPC 8 /CS /G /F /AHx ID {pixels}> EI", "Q"
    )


def rooms(one: Clean) -> list[Place]:
    """The pages with room under their last line, each with that room."""
    return [Place(place.page, thing=place.box) for place in room_for_a_line(one)]


@kind("photograph stuck where nothing is", {"pdf-ua"}, rooms)
def _(spoiling: Spoiling) -> None:
    photograph(spoiling, 100)
    _stick(spoiling, "/Stamp", "20 0 0 20 0 0 cm /Photograph Do")


@kind("note stuck where nothing is", {"pdf-ua"}, rooms)
def _(spoiling: Spoiling) -> None:
    font, codes = spoiling.written("Ask for more")
    _stick(spoiling, "/FreeText", f"0 0 0 rg BT {font} 11 Tf 2 4 Td <{codes}> Tj ET")


def _stick(spoiling: Spoiling, subtype: str, drawn: str) -> None:
    """Lay an annotation into the room, as long as a line and as high."""
    x, y, _, high = spoiling.upright(spoiling.place.thing)
    note = DictionaryObject({NameObject("/Type"): NameObject("/Annot")})
    note[NameObject("/Subtype")] = NameObject(subtype)
    corners = (x, y + high - 22, x + 100, y + high - 2)
    note[NameObject("/Rect")] = ArrayObject(FloatObject(side) for side in corners)
    note[NameObject("/F")] = NumberObject(4)
    note[NameObject("/Contents")] = TextStringObject("Ask for more")
    form = _form(spoiling, drawn, 100, 20)
    note[NameObject("/AP")] = DictionaryObject({NameObject("/N"): form})
    notes = ArrayObject([*spoiling.page.get("/Annots", ()), spoiling.writer._add_object(note)])
    spoiling.page[NameObject("/Annots")] = notes


def _form(spoiling: Spoiling, drawn: str, wide: float, high: float) -> Any:
    """What is drawn by itself, with all that the page knows."""
    form = DecodedStreamObject()
    form.set_data(drawn.encode("latin-1"))
    form[NameObject("/Type")], form[NameObject("/Subtype")] = NameObject("/XObject"), NameObject("/Form")
    form[NameObject("/BBox")] = ArrayObject(FloatObject(side) for side in (0, 0, wide, high))
    form[NameObject("/Resources")] = DictionaryObject(spoiling.page["/Resources"])
    return spoiling.writer._add_object(form)


# --- Statistics -----------------------------------------------------------------------------


def statistics(one: Clean) -> list[Place]:
    """The shapes of each statistic that are filled, by the operators that give them their colours."""
    found = []
    for block in every_block(one.sourced.booklet):
        if isinstance(block, Statistic):
            said = one.case.words["people_alt"].format(count=block.count, of=block.of)
            picture = next(picture for picture in one.facts.pictures if picture.alt == said)
            name = one.case.blocks.name(block.where)
            place = Place(picture.page, name, block.where, picture.tags[0], picture.drawing.box, said)
            operators = operators_of(one.reader.pages[picture.page - 1])
            start, end = figure(place, operators)
            fills = (i for i in range(start, end) if operators[i].endswith(" rg"))
            found += [replace(place, thing=index) for index in fills]
    return found


@kind("person of a statistic in another colour", {"statistic-picture"}, statistics)
def _(spoiling: Spoiling) -> None:
    operators, at = spoiling.operators, spoiling.place.thing
    operators[at] = "0 0.33 0.24 rg" if operators[at].startswith("1 ") else "1 1 1 rg"
    spoiling.draw(operators)


@kind("person of a statistic left out", {"statistic-picture"}, statistics)
def _(spoiling: Spoiling) -> None:
    operators, at = spoiling.operators, spoiling.place.thing
    ends = ("f", "f*", "B", "B*")
    last = next(i for i in range(at, len(operators)) if operators[i] in ends)
    spoiling.draw([*operators[:last], "n", *operators[last + 1 :]])


# --- Lines to write on ----------------------------------------------------------------------


def lines_to_write_on(one: Clean) -> list[Place]:
    """The lines below what asks for them, on its own page, each by the operators that draw it."""
    found = []
    for asked in (found for found in one.case.reading.found if found.piece.lines):
        page, where = min(asked.pages), asked.piece.where
        own = list(asked.letters)
        foot = float(one.facts.letters.box[own, 3].max())
        below = [x.box[1] for x in one.lines if x.page == page and x.role and x.box[1] > foot]
        for rule in one.facts.rules[page - 1]:
            drawn = _drawn(operators_of(one.reader.pages[page - 1]), rule)
            if drawn and foot < rule[3] < min(below, default=1e9):
                block = one.case.blocks.name(where)
                box = tuple(one.facts.letters.box[own[0]].tolist())
                found.append(Place(page, block, where, drawn, box, f"{asked.piece.text}"))
    return found


def _drawn(operators: list[str], rule: Box) -> tuple[int, int] | None:
    """Where the operators begin and end that draw a line and nothing else."""
    for start, end in _artifacts(operators):
        corners = [o.split() for o in operators[start:end] if o.endswith((" m", " l"))]
        if corners and abs(max(float(y) for _, y, _ in corners) * PIXEL - rule[3]) < NEAR:
            return start, end
    return None


def _artifacts(operators: list[str]) -> Iterator[tuple[int, int]]:
    for start, operator in enumerate(operators):
        if operator == "/Artifact":
            yield start, operators.index("EMC", start) + 1


@kind("line to write on removed", {"lines-missing"}, lines_to_write_on)
def _(spoiling: Spoiling) -> None:
    operators, (start, end) = spoiling.operators, spoiling.place.thing
    spoiling.draw([*operators[:start], *operators[end:]])


@kind("line to write on as pale as the paper", {"lines-missing"}, lines_to_write_on)
def _(spoiling: Spoiling) -> None:
    operators, (start, end) = spoiling.operators, spoiling.place.thing
    drawn = ["1 1 1 rg" if operator.endswith(" rg") else operator for operator in operators[start:end]]
    spoiling.draw([*operators[:start], *drawn, *operators[end:]])
