"""What can go wrong with what the tags and the bookmarks tell a listener?"""

from collections.abc import Callable
from dataclasses import replace

from faulty_objects import bookmarks, tags, unlink
from faulty_pages import text_lines
from places import Clean, Place, Spoiling, kind
from pypdf.generic import (
    ArrayObject,
    DecodedStreamObject,
    DictionaryObject,
    FloatObject,
    NameObject,
    NumberObject,
    TextStringObject,
)

#: What a tag says in place of its words.
OTHER = "Take none"

#: The level that a heading is given in place of its own.
OTHER_LEVEL = {"/H2": "/H3", "/H3": "/H4", "/H4": "/H3"}


def of_roles(*roles: str) -> Callable[[Clean], list[Place]]:
    """The tags of several roles, but for those of no block."""
    return lambda one: [place for role in roles for place in tags(role)(one) if place.block]


def _headings(one: Clean, *, of_sections: bool) -> list[Place]:
    ids = {section.id for _, section in one.sourced.booklet.walk()}
    return [p for p in of_roles("/H2", "/H3", "/H4")(one) if (p.block in ids) == of_sections]


# --- Headings -------------------------------------------------------------------------------


def _other_level(spoiling: Spoiling) -> None:
    spoiling.thing[NameObject("/S")] = NameObject(OTHER_LEVEL[spoiling.thing["/S"]])


kind(
    "section's heading tagged with another level",
    {"heading-level"},
    lambda one: _headings(one, of_sections=True),
)(_other_level)
kind(
    "layout's heading tagged with another level",
    {"heading-level", "bookmarks"},
    lambda one: _headings(one, of_sections=False),
)(_other_level)


def nested_bookmarks(one: Clean) -> list[Place]:
    """The bookmarks behind others; those behind the title's may hang under it."""
    return [p for p in bookmarks(one) if "/Prev" in one.objects[p.thing]["/Prev"]]  # type: ignore[operator]


@kind("bookmark under the one before it", {"bookmarks"}, nested_bookmarks)
def _(spoiling: Spoiling) -> None:
    item, own = spoiling.thing, spoiling.thing.indirect_reference
    above = item.raw_get("/Prev")
    before = above.get_object()
    unlink(item)
    item.pop("/Next", None)
    if "/Last" in before:
        before["/Last"][NameObject("/Next")] = own
        item[NameObject("/Prev")] = before.raw_get("/Last")
    else:
        before[NameObject("/First")] = own
        del item["/Prev"]
    before[NameObject("/Last")], item[NameObject("/Parent")] = own, above


# --- What is said ---------------------------------------------------------------------------


def _says(name: str, key: str, *roles: str) -> None:
    """A tag with another text for a listener."""

    @kind(name, {"text-replaced"}, of_roles(*roles))
    def _(spoiling: Spoiling) -> None:
        spoiling.thing[NameObject(key)] = TextStringObject(OTHER)


_says("other words for a listener (ActualText)", "/ActualText", "/P", "/LBody", "/TD", "/L")
_says("another long form for a listener (E)", "/E", "/Span", "/P")
_says("alt text on words", "/Alt", "/P", "/LBody", "/H2")


@kind("other words for a listener in the page's marks", {"text-replaced", "words-missing"}, text_lines)
def _(spoiling: Spoiling) -> None:
    operators = spoiling.operators
    at = next(i for i in range(spoiling.line.first, -1, -1) if operators[i].startswith("<</MCID "))
    operators[at] = operators[at].removesuffix(">>") + f" /ActualText ({OTHER})>>"
    spoiling.draw(operators)


@kind("paragraph in another language", {"language"}, of_roles("/P", "/LBody", "/TD", "/H3", "/L"))
def _(spoiling: Spoiling) -> None:
    spoiling.thing[NameObject("/Lang")] = TextStringObject("fr-FR")


# --- Tables, lists and forms ----------------------------------------------------------------


@kind("header cell tagged as a data cell", {"header-scope"}, of_roles("/TH"))
def _(spoiling: Spoiling) -> None:
    spoiling.thing[NameObject("/S")] = NameObject("/TD")


@kind("data cell tagged as a header cell", {"header-scope"}, of_roles("/TD"))
def _(spoiling: Spoiling) -> None:
    spoiling.thing[NameObject("/S")] = NameObject("/TH")
    spoiling.thing[NameObject("/A")] = DictionaryObject(
        {NameObject("/O"): NameObject("/Table"), NameObject("/Scope"): NameObject("/Row")}
    )


@kind("header cell of the other scope", {"header-scope"}, of_roles("/TH"))
def _(spoiling: Spoiling) -> None:
    held = spoiling.thing["/A"]
    for holder in held if isinstance(held, ArrayObject) else [held]:
        attributes = holder.get_object()
        if "/Scope" in attributes:
            other = "/Row" if attributes["/Scope"] == "/Column" else "/Column"
            attributes[NameObject("/Scope")] = NameObject(other)


def anywhere(role: str) -> Callable[[Clean], list[Place]]:
    """The tags of a role, for findings that name no page."""
    return lambda one: [Place(thing=place.thing, said=place.said) for place in tags(role)(one)]


@kind("cell that is said to be two wide", {"pdf-ua"}, anywhere("/TD"))
def _(spoiling: Spoiling) -> None:
    spoiling.thing[NameObject("/A")] = DictionaryObject(
        {NameObject("/O"): NameObject("/Table"), NameObject("/ColSpan"): NumberObject(2)}
    )


def cells(one: Clean) -> list[Place]:
    """The cells of tables, each as its page's."""
    return [replace(place, block="", box=None) for place in of_roles("/TD")(one)]


@kind("cell's tag emptied", {"cell-empty"}, cells)
def _(spoiling: Spoiling) -> None:
    spoiling.thing[NameObject("/K")] = ArrayObject()


@kind("list tagged as a section", {"pdf-ua"}, anywhere("/L"))
def _(spoiling: Spoiling) -> None:
    spoiling.thing[NameObject("/S")] = NameObject("/Sect")


@kind("row of a table tagged as a section", {"pdf-ua"}, anywhere("/TR"))
def _(spoiling: Spoiling) -> None:
    spoiling.thing[NameObject("/S")] = NameObject("/Sect")


def contents_lists(one: Clean) -> list[Place]:
    """The lists of the sections that the contents hold."""
    posts = {
        one.facts.passages.index(p.passage) for p in one.case.reading.signposts if p.under == "_contents"
    }
    found = []
    for place in tags("/L")(one):
        held = one.lines_of(one.objects[place.thing])
        if len({x.passage for x in held}) > 1 and {x.passage for x in held} <= posts:
            found.append(replace(place, block=""))
    return found


@kind("contents in another order", {"contents-order"}, contents_lists)
def _(spoiling: Spoiling) -> None:
    spoiling.thing[NameObject("/K")] = ArrayObject(reversed(list(spoiling.thing["/K"])))


@kind("tagged inside a form", {"tags-in-form"}, text_lines)
def _(spoiling: Spoiling) -> None:
    operators, line = spoiling.operators, spoiling.line
    start = next(i for i in range(line.first, -1, -1) if operators[i] == "BDC") - 2
    end = operators.index("EMC", line.last) + 1
    form = DecodedStreamObject()
    form.set_data("\n".join([spoiling.colour(line), *operators[start:end]]).encode("latin-1"))
    form[NameObject("/Type")], form[NameObject("/Subtype")] = NameObject("/XObject"), NameObject("/Form")
    form[NameObject("/BBox")] = ArrayObject(FloatObject(side) for side in (0, 0, 2000, 2000))
    form[NameObject("/Resources")] = spoiling.page["/Resources"]
    spoiling.add_resource("/XObject", "/Line", spoiling.writer._add_object(form))
    spoiling.draw([*operators[:start], "/Line Do", *operators[end:]])
