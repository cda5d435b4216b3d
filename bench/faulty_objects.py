"""What can go wrong with what a file says beside its drawing? Links, tags, fonts, pages, metadata."""

import io
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from faulty_pages import text_lines
from fontTools.ttLib import TTFont
from places import Clean, Line, Place, Spoiling, around, every_page, kind, of_line, touch, whole_file
from pypdf.generic import (
    ArrayObject,
    DecodedStreamObject,
    DictionaryObject,
    FloatObject,
    NameObject,
    NumberObject,
    TextStringObject,
)

from booklet.problem import NOWHERE

# --- Links ----------------------------------------------------------------------------------


def links(key: str) -> Callable[[Clean], list[Place]]:
    """The links that have the key, each with the words that it lies over."""

    def found(one: Clean) -> Iterator[Place]:
        for number, link in one.objects.items():
            if link.get("/Subtype") == "/Link" and key in link:
                yield _over_words(one, number, link)

    return lambda one: list(found(one))


def _over_words(one: Clean, number: int, link: DictionaryObject) -> Place:
    page = next(n for n, p in enumerate(one.reader.pages, 1) if _holds(p, number))
    x0, y0, x1, y1 = (float(side) for side in link["/Rect"])  # type: ignore[attr-defined]
    high = one.facts.sizes[page - 1][1]
    box = min(x0, x1), high - max(y0, y1), max(x0, x1), high - min(y0, y1)
    over = [line for line in one.lines if line.page == page and touch(line.box, box)]
    block, where = next(((line.block, line.where) for line in over if line.block), ("", NOWHERE))
    said = str(link.get("/Dest", "")) or str(link.get("/Contents", ""))
    return Place(page, block, where, number, box, said)


def _holds(page: Any, number: int) -> bool:
    return any(reference.idnum == number for reference in page.get("/Annots", ()))


@kind("link removed", {"link-missing"}, links("/Rect"))
def _(spoiling: Spoiling) -> None:
    references = spoiling.page["/Annots"]
    references.remove(next(r for r in references if r.idnum == spoiling.place.thing))


@kind("link to nowhere", {"link-dead", "link-missing"}, links("/Dest"))
def _(spoiling: Spoiling) -> None:
    spoiling.thing[NameObject("/Dest")] = TextStringObject("nowhere")


@kind("link to another section", {"link-missing"}, links("/Dest"))
def _(spoiling: Spoiling) -> None:
    links_ = (one for one in spoiling.one.objects.values() if one.get("/Subtype") == "/Link")
    names = sorted(str(link["/Dest"]) for link in links_ if "/Dest" in link)
    other = next(name for name in names if name != spoiling.thing["/Dest"])
    spoiling.thing[NameObject("/Dest")] = TextStringObject(other)


@kind("link to another site", {"link-stray", "link-missing"}, links("/A"))
def _(spoiling: Spoiling) -> None:
    action = spoiling.thing["/A"].get_object()
    action[NameObject("/URI")] = TextStringObject("https://other.example.org/page")


def moved_links(one: Clean) -> list[Place]:
    """The links, each at the corner into which it is moved."""
    high = one.facts.sizes[0][1]
    return [replace(place, box=(1, high - 4, 4, high - 1)) for place in links("/Rect")(one)]


@kind("link moved off its words", {"link-missing", "link-stray"}, moved_links)
def _(spoiling: Spoiling) -> None:
    spoiling.thing[NameObject("/Rect")] = ArrayObject(FloatObject(side) for side in (1, 1, 4, 4))


@kind("link that nobody wrote", {"link-stray"}, every_page)
def _(spoiling: Spoiling) -> None:
    link = DictionaryObject({NameObject("/Type"): NameObject("/Annot")})
    link[NameObject("/Subtype")] = NameObject("/Link")
    link[NameObject("/Rect")] = ArrayObject(FloatObject(side) for side in (60, 200, 300, 400))
    action = {
        NameObject("/S"): NameObject("/URI"),
        NameObject("/URI"): TextStringObject("https://a.example.org"),
    }
    link[NameObject("/A")] = DictionaryObject(action)
    link[NameObject("/F")] = NumberObject(4)
    links_ = ArrayObject([*spoiling.page.get("/Annots", ()), spoiling.writer._add_object(link)])
    spoiling.page[NameObject("/Annots")] = links_


def targets(one: Clean) -> list[Place]:
    """The places that links name, each on its section's page."""
    pages = one.case.reading.heading_pages
    return [Place(said=link.name) for link in one.facts.links if link.name in pages]


@kind("target of a link on another page", {"link-dead"}, targets)
def _(spoiling: Spoiling) -> None:
    root: Any = spoiling.writer.root_object
    names = root["/Names"]["/Dests"]["/Names"]
    target = names[names.index(spoiling.place.said) + 1].get_object()
    target[0] = spoiling.writer.pages[1].indirect_reference


@kind("link untagged", {"pdf-ua"}, lambda one: _tags(one, "/Link"))
def _(spoiling: Spoiling) -> None:
    kids = [kid for kid in spoiling.thing["/K"] if "/Obj" not in _dictionary(kid)]
    spoiling.thing[NameObject("/K")] = ArrayObject(kids)


def _dictionary(value: Any) -> Any:
    found = value.get_object()
    return found if isinstance(found, DictionaryObject) else {}


# --- Tags -----------------------------------------------------------------------------------


def _tags(one: Clean, role: str) -> list[Place]:
    """The tags of a role, each with its page and block."""
    found = ((number, tag) for number, tag in one.objects.items() if tag.get("/S") == role and "/P" in tag)
    return [_tagged(number, one.lines_of(tag)) for number, tag in found if one.lines_of(tag)]


def _tagged(number: int, lines: list[Line]) -> Place:
    first = next((line for line in lines if line.block), lines[0])
    on_page = [line for line in lines if line.page == first.page]
    return Place(first.page, first.block, first.where, number, around(x.box for x in on_page), first.said)


def tags(role: str) -> Callable[[Clean], list[Place]]:
    """The tags of a role."""
    return lambda one: _tags(one, role)


def figures(one: Clean) -> list[Place]:
    """The tags of the figures that the source asks for."""
    found = []
    for number, tag in one.objects.items():
        picture = next((p for p in one.facts.pictures if p.alt == tag.get("/Alt")), None)
        if picture and tag.get("/S") == "/Figure":
            where = one.case.where_of(picture)
            if where.file:
                block = one.case.blocks.name(where)
                found.append(Place(picture.page, block, where, number, said=picture.alt))
    return found


@kind("alt text lost", {"alt-missing"}, figures)
def _(spoiling: Spoiling) -> None:
    del spoiling.thing["/Alt"]


@kind("alt text is a file's name", {"alt-missing"}, figures)
def _(spoiling: Spoiling) -> None:
    spoiling.thing[NameObject("/Alt")] = TextStringObject("picture.svg")


def lists(one: Clean) -> list[Place]:
    """The lists of the sections on one page, with their second items, which turning moves too."""
    found = []
    for place in tags("/L")(one):
        tag = one.objects[place.thing]
        held = one.lines_of(tag)
        if len(tag["/K"]) > 2 and "/" in place.block and {x.page for x in held} == {place.page}:  # type: ignore[arg-type]
            found.append(place)
    return found


@kind("reading order turned", {"words-order", "words-missing"}, lists)
def _(spoiling: Spoiling) -> None:
    spoiling.thing[NameObject("/K")] = ArrayObject(reversed(list(spoiling.thing["/K"])))


@kind("scope of a header cell lost", {"header-scope"}, tags("/TH"))
def _(spoiling: Spoiling) -> None:
    attributes = spoiling.thing["/A"]
    for holder in attributes if isinstance(attributes, ArrayObject) else [attributes]:
        holder.get_object().pop(NameObject("/Scope"), None)


@kind(
    "paragraph tagged as a heading",
    {"bookmarks"},
    lambda one: [p for p in _tags(one, "/P") if "/" in p.block],
)
def _(spoiling: Spoiling) -> None:
    spoiling.thing[NameObject("/S")] = NameObject("/H2")


@kind("heading tagged as a paragraph", {"bookmarks"}, lambda one: _tags(one, "/H2") + _tags(one, "/H3"))
def _(spoiling: Spoiling) -> None:
    spoiling.thing[NameObject("/S")] = NameObject("/P")


# --- Bookmarks, pages and metadata ----------------------------------------------------------


def bookmarks(one: Clean) -> list[Place]:
    """The entries of the outline, but for the first, each with the page that it leads to."""
    marks = [(n, mark) for n, mark in one.objects.items() if "/Title" in mark and "/Prev" in mark]
    pages = {mark.title: mark.page for mark in one.facts.bookmarks}
    return [Place(pages[str(mark["/Title"])], thing=n, said=str(mark["/Title"])) for n, mark in marks]


@kind("bookmark renamed", {"bookmarks"}, bookmarks)
def _(spoiling: Spoiling) -> None:
    spoiling.thing[NameObject("/Title")] = TextStringObject("Buy now")


@kind("bookmark removed", {"bookmarks"}, bookmarks)
def _(spoiling: Spoiling) -> None:
    unlink(spoiling.thing)


def unlink(gone: Any) -> None:
    """Take an entry out of the outline."""
    for back, forth, edge in (("/Prev", "/Next", "/First"), ("/Next", "/Prev", "/Last")):
        neighbour = gone[back if back in gone else "/Parent"].get_object()
        key = NameObject(forth if back in gone else edge)
        if forth in gone:
            neighbour[key] = gone.raw_get(forth)
        else:
            del neighbour[key]


@kind("bookmark to a wrong page", {"bookmarks"}, bookmarks)
def _(spoiling: Spoiling) -> None:
    other = spoiling.writer.pages[spoiling.place.page % (spoiling.one.facts.pages - 1)]
    holder = spoiling.thing if "/Dest" in spoiling.thing else spoiling.thing["/A"].get_object()
    target = ArrayObject(holder["/Dest" if "/Dest" in holder else "/D"])
    target[0] = other.indirect_reference
    holder[NameObject("/Dest" if "/Dest" in holder else "/D")] = target


def _page_list(spoiling: Spoiling) -> Any:
    root: Any = spoiling.writer.root_object
    return root["/Pages"]["/Kids"]


@kind("page removed", {"folio", "words-missing"}, every_page)
def _(spoiling: Spoiling) -> None:
    spoiling.writer.remove_page(spoiling.place.page - 1)


@kind("pages exchanged", {"folio", "words-order"}, every_page)
def _(spoiling: Spoiling) -> None:
    pages, first = _page_list(spoiling), spoiling.place.page - 1
    other = first + 1 if first + 2 < len(pages) else first - 1
    pages[first], pages[other] = pages[other], pages[first]


def behind_pages(one: Clean) -> list[Place]:
    """The place behind each page but the covers."""
    return [Place(number + 1) for number in range(2, one.facts.pages)]


@kind("page printed twice", {"folio", "words-stray"}, behind_pages)
def _(spoiling: Spoiling) -> None:
    before = spoiling.writer.pages[spoiling.place.page - 2]
    _page_list(spoiling).insert(
        spoiling.place.page - 1, spoiling.writer._add_object(DictionaryObject(before))
    )
    root: Any = spoiling.writer.root_object
    root["/Pages"][NameObject("/Count")] = NumberObject(spoiling.one.facts.pages + 1)


@kind("page turned", {"page-size"}, every_page)
def _(spoiling: Spoiling) -> None:
    spoiling.page.rotate(180)


@kind("page of another size", {"page-size"}, every_page)
def _(spoiling: Spoiling) -> None:
    for name in ("/MediaBox", "/CropBox", "/TrimBox", "/BleedBox"):
        if name in spoiling.page:
            left, bottom, right, top = (float(side) for side in spoiling.page[name])
            spoiling.page[NameObject(name)] = ArrayObject(
                FloatObject(side) for side in (left, bottom, right + 10, top + 10)
            )


@kind("page label wrong", {"folio"}, whole_file)
def _(spoiling: Spoiling) -> None:
    root: Any = spoiling.writer.root_object
    root["/PageLabels"]["/Nums"][3][NameObject("/St")] = NumberObject(3)


def _metadata(name: str, key: str, value: str, code: str) -> None:
    kind(name, {code}, whole_file)(lambda spoiling: spoiling.writer.add_metadata({key: value}))


_metadata("other code in the metadata", "/code", "HI999", "metadata")
_metadata("other edition in the metadata", "/edition", "9.9", "metadata")
_metadata("other title in the metadata", "/Title", "Buy now", "metadata")
_metadata("other date in the metadata", "/nextreview", "2039-01-01", "metadata")
_metadata("file's path in the metadata", "/Subject", "/home/editor/booklets/draft.yaml", "file-leak")


@kind("other title in the XMP metadata", {"metadata"}, whole_file)
def _(spoiling: Spoiling) -> None:
    _rewrite_xmp(spoiling, spoiling.one.sourced.booklet.title.encode(), b"Buy now")


def _rewrite_xmp(spoiling: Spoiling, was: bytes, now: bytes) -> None:
    root: Any = spoiling.writer.root_object
    stream = DecodedStreamObject()
    stream.set_data(root["/Metadata"].get_object().get_data().replace(was, now))
    for key, name in {"/Type": "/Metadata", "/Subtype": "/XML"}.items():
        stream[NameObject(key)] = NameObject(name)
    root[NameObject("/Metadata")] = spoiling.writer._add_object(stream)


@kind("other language", {"language"}, whole_file)
def _(spoiling: Spoiling) -> None:
    root: Any = spoiling.writer.root_object
    root[NameObject("/Lang")] = TextStringObject("fr-FR")


# --- What the file does, and what it claims ------------------------------------------------


@kind("box that cuts the page", {"page-box"}, every_page)
def _(spoiling: Spoiling) -> None:
    name = spoiling.random.choice(("/CropBox", "/TrimBox", "/BleedBox", "/ArtBox"))
    left, bottom, right, top = map(float, spoiling.page["/MediaBox"])
    sides = (left + 20, bottom + 20, right - 20, top - 20)
    spoiling.page[NameObject(name)] = ArrayObject(map(FloatObject, sides))


@kind("page in units of its own", {"page-box"}, every_page)
def _(spoiling: Spoiling) -> None:
    spoiling.page[NameObject("/UserUnit")] = NumberObject(2)


def _action(kind_: str, **more: str) -> DictionaryObject:
    said = {NameObject(f"/{key}"): TextStringObject(value) for key, value in more.items()}
    return DictionaryObject({NameObject("/S"): NameObject(f"/{kind_}"), **said})


def _script() -> DictionaryObject:
    return _action("JavaScript", JS="app.beep()")


@kind("script on opening the file", {"link-scheme"}, whole_file)
def _(spoiling: Spoiling) -> None:
    spoiling.writer.root_object[NameObject("/OpenAction")] = _script()


@kind("script of the whole file", {"link-scheme"}, whole_file)
def _(spoiling: Spoiling) -> None:
    names: Any = spoiling.writer.root_object["/Names"]
    held = ArrayObject([TextStringObject("beep"), _script()])
    names[NameObject("/JavaScript")] = DictionaryObject({NameObject("/Names"): held})


@kind("script on a page", {"link-scheme"}, every_page)
def _(spoiling: Spoiling) -> None:
    spoiling.page[NameObject("/AA")] = DictionaryObject({NameObject("/O"): _script()})


@kind("script behind a link", {"link-scheme"}, lambda one: _pages_of(links("/A")(one)))
def _(spoiling: Spoiling) -> None:
    spoiling.thing["/A"].get_object()[NameObject("/Next")] = _script()


def _pages_of(places_: list[Place]) -> list[Place]:
    return [Place(place.page, thing=place.thing, said=place.said) for place in places_]


@kind("link that starts a program", {"link-scheme"}, links("/A"))
def _(spoiling: Spoiling) -> None:
    spoiling.thing[NameObject("/A")] = _action("Launch", F="notes.exe")


@kind("link that is not safe", {"link-scheme"}, links("/A"))
def _(spoiling: Spoiling) -> None:
    spoiling.thing[NameObject("/A")] = _action("URI", URI="http://www.example.org/more")


@kind("field of a form with a script", {"link-scheme"}, every_page)
def _(spoiling: Spoiling) -> None:
    field = DictionaryObject({NameObject("/Type"): NameObject("/Annot")})
    field[NameObject("/Subtype")], field[NameObject("/FT")] = NameObject("/Widget"), NameObject("/Btn")
    field[NameObject("/Rect")] = ArrayObject(FloatObject(side) for side in (60, 200, 300, 400))
    field[NameObject("/T")], field[NameObject("/A")] = TextStringObject("Send"), _script()
    own = spoiling.writer._add_object(field)
    spoiling.page[NameObject("/Annots")] = ArrayObject([*spoiling.page.get("/Annots", ()), own])
    form = DictionaryObject({NameObject("/Fields"): ArrayObject([own])})
    spoiling.writer.root_object[NameObject("/AcroForm")] = form


@kind("file attached", {"pdf-a"}, whole_file)
def _(spoiling: Spoiling) -> None:
    spoiling.writer.add_attachment("notes.exe", b"MZ")


@kind("colour profile lost", {"pdf-a"}, whole_file)
def _(spoiling: Spoiling) -> None:
    del spoiling.writer.root_object["/OutputIntents"]


@kind("not marked as tagged", {"pdf-ua", "pdf-a"}, whole_file)
def _(spoiling: Spoiling) -> None:
    del spoiling.writer.root_object["/MarkInfo"]


@kind("title not shown", {"pdf-ua"}, whole_file)
def _(spoiling: Spoiling) -> None:
    del spoiling.writer.root_object["/ViewerPreferences"]


def _claim(name: str, key: bytes, code: str) -> None:
    """A standard that the file says no more that it keeps."""

    @kind(name, {code}, whole_file)
    def _(spoiling: Spoiling) -> None:
        _rewrite_xmp(spoiling, key, b"pdfx:part")


_claim("claim to PDF/A lost", b"pdfaid:part", "pdf-a")
_claim("claim to PDF/UA lost", b"pdfuaid:part", "pdf-ua")


@kind("layer that is not printed", {"pdf-a"}, lambda one: [Place(thing=p.thing) for p in text_lines(one)])
def _(spoiling: Spoiling) -> None:
    printed = DictionaryObject({NameObject("/PrintState"): NameObject("/OFF")})
    layer = DictionaryObject({NameObject("/Type"): NameObject("/OCG")})
    layer[NameObject("/Name")] = TextStringObject("Layer")
    layer[NameObject("/Usage")] = DictionaryObject({NameObject("/Print"): printed})
    own = ArrayObject([spoiling.writer._add_object(layer)])
    event = DictionaryObject({NameObject("/Event"): NameObject("/Print"), NameObject("/OCGs"): own})
    event[NameObject("/Category")] = ArrayObject([NameObject("/Print")])
    shown = DictionaryObject({NameObject("/AS"): ArrayObject([event]), NameObject("/Order"): own})
    layers = DictionaryObject({NameObject("/OCGs"): own, NameObject("/D"): shown})
    spoiling.writer.root_object[NameObject("/OCProperties")] = layers
    spoiling.add_resource("/Properties", "/Layer", own[0])
    line, operators = spoiling.line, spoiling.operators
    drawn = ["/OC /Layer BDC", *operators[line.first : line.last + 1], "EMC"]
    spoiling.draw([*operators[: line.first], *drawn, *operators[line.last + 1 :]])


# --- Fonts ----------------------------------------------------------------------------------


def fonts(one: Clean) -> list[Place]:
    """The fonts, each where its first letters stand."""
    return [_first_use(one, name, lambda _: True) for name in one.fonts]


def _first_use(one: Clean, font: str, wanted: Callable[[str], bool]) -> Place:
    """The first line that says something wanted in a font."""
    found = (line for line in one.lines if line.font == font and any(map(wanted, line.said)))
    return of_line(next(found))


def digits(one: Clean) -> list[Place]:
    """The digits of each font, each where it is first said."""
    found: dict[tuple[str, str], Line] = {}
    for line in one.lines:
        for letter in filter(str.isdigit, line.said):
            found.setdefault((line.font, letter), line)
    return [
        Place(line.page, line.block, line.where, (line, letter), line.box, f"{letter} in {font}")
        for (font, letter), line in found.items()
    ]


def digits_everywhere(one: Clean) -> list[Place]:
    """The digits of each font, wherever they are said."""
    return [Place(thing=place.thing, said=place.said) for place in digits(one)]


def _descriptor(spoiling: Spoiling, font: str) -> Any:
    resources: Any = spoiling.writer.pages[spoiling.place.page - 1]["/Resources"]
    return resources["/Font"][font]["/DescendantFonts"][0].get_object()["/FontDescriptor"].get_object()


def _embed(spoiling: Spoiling, descriptor: Any, program: TTFont) -> None:
    data, stream = io.BytesIO(), DecodedStreamObject()
    program.save(data)
    stream.set_data(data.getvalue())
    stream[NameObject("/Length1")] = NumberObject(len(data.getvalue()))
    descriptor[NameObject("/FontFile2")] = spoiling.writer._add_object(stream)


def _program(descriptor: Any) -> TTFont:
    return TTFont(io.BytesIO(descriptor["/FontFile2"].get_object().get_data()))


@kind("digit drawn as another", {"glyph-wrong"}, digits)
def _(spoiling: Spoiling) -> None:
    line, letter = spoiling.place.thing
    descriptor = _descriptor(spoiling, line.font)
    program = _program(descriptor)
    codes = {text: int(code, 16) for code, text in spoiling.one.fonts[line.font].items()}
    other = next(d for d in sorted(codes) if d.isdigit() and d != letter)
    glyphs, names = program["glyf"], program.getGlyphOrder()
    glyphs[names[codes[letter]]] = glyphs[names[codes[other]]]
    _embed(spoiling, descriptor, program)


@kind("digit read as another", {"glyph-wrong"}, digits_everywhere)
def _(spoiling: Spoiling) -> None:
    line, letter = spoiling.place.thing
    resources: Any = spoiling.writer.pages[line.page - 1]["/Resources"]
    font = resources["/Font"][line.font].get_object()
    codes = {text: code for code, text in spoiling.one.fonts[line.font].items()}
    other = next(d for d in sorted(codes) if d.isdigit() and d != letter)
    written = font["/ToUnicode"].get_object().get_data().decode("latin-1")
    lies = written.replace(f"<{codes[letter]}> <{ord(letter):04x}>", f"<{codes[letter]}> <{ord(other):04x}>")
    stream = DecodedStreamObject()
    stream.set_data(lies.encode("latin-1"))
    font[NameObject("/ToUnicode")] = spoiling.writer._add_object(stream)


@kind("font's letters drawn by somebody else", {"font-foreign"}, fonts)
def _(spoiling: Spoiling) -> None:
    descriptor = _descriptor(spoiling, spoiling.line.font)
    program = _program(descriptor)
    for glyph in program.getGlyphOrder():
        outline = program["glyf"][glyph]
        if outline.numberOfContours > 0:
            outline.coordinates.scale((1.02, 1))
    _embed(spoiling, descriptor, program)


@kind("codes of a font lead to other digits", {"font-foreign", "glyph-wrong"}, digits_everywhere)
def _(spoiling: Spoiling) -> None:
    line, letter = spoiling.place.thing
    resources: Any = spoiling.writer.pages[line.page - 1]["/Resources"]
    font = resources["/Font"][line.font].get_object()["/DescendantFonts"][0].get_object()
    codes = {text: int(code, 16) for code, text in spoiling.one.fonts[line.font].items()}
    other = next(d for d in sorted(codes) if d.isdigit() and d != letter)
    swapped = {codes[letter]: codes[other], codes[other]: codes[letter]}
    stream = DecodedStreamObject()
    every = range(max(codes.values()) + 1)
    stream.set_data(b"".join(swapped.get(code, code).to_bytes(2, "big") for code in every))
    font[NameObject("/CIDToGIDMap")] = spoiling.writer._add_object(stream)


@kind("font of more units to its em", {"font-foreign"}, fonts)
def _(spoiling: Spoiling) -> None:
    descriptor = _descriptor(spoiling, spoiling.line.font)
    program = _program(descriptor)
    program["head"].unitsPerEm = program["head"].unitsPerEm * 5 // 4
    _embed(spoiling, descriptor, program)


@kind("font not embedded", {"font-not-embedded"}, fonts)
def _(spoiling: Spoiling) -> None:
    _descriptor(spoiling, spoiling.line.font).pop(NameObject("/FontFile2"))
