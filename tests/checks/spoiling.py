"""Ways in which a finished PDF can be spoiled, by the names that mutants call them.

Each changes the file through pypdf, in an update that leaves all other bytes as they were.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from io import BytesIO
from typing import Any

from fontTools.ttLib import TTFont
from pypdf import PdfWriter
from pypdf.generic import (
    ArrayObject,
    DecodedStreamObject,
    DictionaryObject,
    FloatObject,
    NameObject,
    NumberObject,
    StreamObject,
    TextStringObject,
)

WAYS: dict[str, Callable[..., None]] = {}


def way(spoil: Callable[..., None]) -> Callable[..., None]:
    """Let mutants call this function by its name."""
    WAYS[spoil.__name__] = spoil
    return spoil


def spoiled(pdf: bytes, ways: Mapping[str, Mapping[str, Any]]) -> bytes:
    """The PDF after all of the ways, each with its arguments."""
    writer = PdfWriter(BytesIO(pdf), incremental=True)
    for name, arguments in ways.items():
        WAYS[name](writer, **arguments)
    made = BytesIO()
    writer.write(made)
    return made.getvalue()


def _dictionary(found: Any) -> DictionaryObject:
    found = found.get_object()
    assert isinstance(found, DictionaryObject)
    return found


def _links(writer: PdfWriter, page: int, to: str) -> Iterator[tuple[ArrayObject, Any, DictionaryObject]]:
    """The list, the reference and the annotation of each link of a page to an address or #id."""
    references = writer.pages[page - 1]["/Annots"]
    assert isinstance(references, ArrayObject)
    for reference in list(references):
        link = reference.get_object()
        address = link["/A"]["/URI"] if "/A" in link else f"#{link['/Dest']}"
        if address == to:
            yield references, reference, link


def _tags(writer: PdfWriter, role: str) -> Iterator[DictionaryObject]:
    """The structure elements of a role."""
    for number in range(1, len(writer._objects) + 1):
        tag = writer.get_object(number)
        if isinstance(tag, DictionaryObject) and tag.get("/S") == role and "/P" in tag:
            yield tag


def _bookmarks(writer: PdfWriter) -> Iterator[DictionaryObject]:
    waiting: list[Any] = [writer.root_object["/Outlines"]]
    while waiting:
        item = waiting.pop()
        waiting += [item[key].get_object() for key in ("/First", "/Next") if key in item]
        if "/Title" in item:
            yield item


@way
def remove_link(writer: PdfWriter, page: int, to: str) -> None:
    """The words stay, but nothing happens when they are pressed."""
    references, reference, _ = next(_links(writer, page, to))
    references.remove(reference)


@way
def untag_link(writer: PdfWriter, page: int, to: str) -> None:
    """A link stays live, but no tag refers to it."""
    _, reference, _ = next(_links(writer, page, to))
    for number in range(1, len(writer._objects) + 1):
        holder = writer.get_object(number)
        if isinstance(holder, DictionaryObject) and holder.get("/Obj") == reference:
            del holder["/Obj"]


@way
def lead_astray(writer: PdfWriter, page: int, to: str, there: str) -> None:
    """A link leads to another section."""
    _, _, link = next(_links(writer, page, to))
    link[NameObject("/Dest")] = TextStringObject(there)


@way
def call_address(writer: PdfWriter, page: int, to: str, address: str) -> None:
    """A link to an address leads to another address."""
    _, _, link = next(_links(writer, page, to))
    _dictionary(link["/A"])[NameObject("/URI")] = TextStringObject(address)


@way
def run_action(writer: PdfWriter, page: int, to: str, action: str) -> None:
    """A link does something else than to open an address."""
    _, _, link = next(_links(writer, page, to))
    link[NameObject("/A")] = DictionaryObject({NameObject("/S"): NameObject(action)})


def _script() -> DictionaryObject:
    script = {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("app.beep()")}
    return DictionaryObject(script)


@way
def act_on_opening(writer: PdfWriter) -> None:
    """A script runs when the file is opened."""
    writer.root_object[NameObject("/OpenAction")] = _script()


@way
def open_at(writer: PdfWriter, page: int) -> None:
    """The file opens at a page."""
    place = [writer.pages[page - 1].indirect_reference, NameObject("/Fit")]
    writer.root_object[NameObject("/OpenAction")] = ArrayObject(place)


@way
def act_by_name(writer: PdfWriter) -> None:
    """A script of the whole file."""
    names = ArrayObject([TextStringObject("beep"), _script()])
    scripts = DictionaryObject({NameObject("/Names"): names})
    _dictionary(writer.root_object["/Names"])[NameObject("/JavaScript")] = scripts


@way
def act_on_page(writer: PdfWriter, page: int) -> None:
    """A script runs when a page is shown."""
    shown = DictionaryObject({NameObject("/O"): _script()})
    writer.pages[page - 1][NameObject("/AA")] = shown


@way
def act_on_bookmark(writer: PdfWriter, title: str) -> None:
    """A script runs where a bookmark is pressed."""
    item = next(item for item in _bookmarks(writer) if str(item["/Title"]) == title)
    item[NameObject("/A")] = _script()


@way
def act_after(writer: PdfWriter, page: int, to: str) -> None:
    """A script runs after a link is followed."""
    _, _, link = next(_links(writer, page, to))
    _dictionary(link["/A"])[NameObject("/Next")] = _script()


@way
def act_instead(writer: PdfWriter, page: int, to: str, keys: Mapping[str, str]) -> None:
    """A link's action, or a part of it, is another: names begin with a slash."""
    _, _, link = next(_links(writer, page, to))
    action = _dictionary(link.setdefault(NameObject("/A"), DictionaryObject()))
    for key, value in keys.items():
        said = NameObject(value) if value.startswith("/") else TextStringObject(value)
        action[NameObject(f"/{key}")] = said


@way
def move_target(writer: PdfWriter, target: str, page: int) -> None:
    """The place that links name is on another page."""
    names = writer.root_object["/Names"]["/Dests"]["/Names"]  # type: ignore[index]
    place = names[names.index(target) + 1].get_object()
    place = place["/D"] if isinstance(place, DictionaryObject) else place
    assert isinstance(place, ArrayObject)
    place[0] = writer.pages[page - 1].indirect_reference


@way
def lower_target(writer: PdfWriter, target: str) -> None:
    """The place that links name is at the foot of its page."""
    names = writer.root_object["/Names"]["/Dests"]["/Names"]  # type: ignore[index]
    place = names[names.index(target) + 1].get_object()
    place = place["/D"] if isinstance(place, DictionaryObject) else place
    assert isinstance(place, ArrayObject)
    place[3] = FloatObject(20)


@way
def lose_target(writer: PdfWriter, target: str) -> None:
    """The place that links name is nowhere."""
    names = writer.root_object["/Names"]["/Dests"]["/Names"]  # type: ignore[index]
    at = names.index(target)
    del names[at : at + 2]


@way
def remove_bookmark(writer: PdfWriter, title: str) -> None:
    """The outline has no entry of that title."""
    gone = next(item for item in _bookmarks(writer) if str(item["/Title"]) == title)
    for back, forth, edge in (("/Prev", "/Next", "/First"), ("/Next", "/Prev", "/Last")):
        neighbour = _dictionary(gone[back] if back in gone else gone["/Parent"])
        key = NameObject(forth if back in gone else edge)
        if forth in gone:
            neighbour[key] = gone.raw_get(forth)
        else:
            del neighbour[key]


@way
def retag(writer: PdfWriter, role: str, number: int, to: str) -> None:
    """A tag of a role, counted from 1, has another."""
    list(_tags(writer, f"/{role}"))[number - 1][NameObject("/S")] = NameObject(f"/{to}")


@way
def say_otherwise(writer: PdfWriter, role: str, number: int, key: str, to: str) -> None:
    """A tag of a role, counted from 1, has a language or a text of its own, by its key in the file."""
    list(_tags(writer, f"/{role}"))[number - 1][NameObject(f"/{key}")] = TextStringObject(to)


@way
def say_in_passing(writer: PdfWriter, page: int, said: str, key: str, to: str) -> None:
    """A line of a page has a language or a text of its own, where it is drawn and not in its tag."""
    lines = _Lines(writer, page)
    number = next(number for number, text in lines.said.items() if said in text)
    lines.operators[number] = f"/Span <</{key} ({to})>> BDC\n{lines.operators[number]}\nEMC"
    lines.save()


@way
def rename_bookmark(writer: PdfWriter, title: str, to: str) -> None:
    """An entry of the outline says something else."""
    item = next(item for item in _bookmarks(writer) if str(item["/Title"]) == title)
    item[NameObject("/Title")] = TextStringObject(to)


@way
def nest_bookmark(writer: PdfWriter, title: str) -> None:
    """An entry of the outline, and those behind it of its level, hang under the one before."""
    item = next(item for item in _bookmarks(writer) if str(item["/Title"]) == title)
    above, last = item.raw_get("/Prev"), _dictionary(item["/Parent"]).raw_get("/Last")
    before, parent = _dictionary(above), _dictionary(item["/Parent"])
    before[NameObject("/First")], before[NameObject("/Last")] = before.raw_get("/Next"), last
    parent[NameObject("/Last")] = above
    del before["/Next"], item["/Prev"]
    while item:
        item[NameObject("/Parent")] = above
        item = _dictionary(item["/Next"]) if "/Next" in item else DictionaryObject()


@way
def raise_bookmark(writer: PdfWriter, title: str) -> None:
    """The last entry of its level in the outline stands behind the one that it hung under."""
    item = next(item for item in _bookmarks(writer) if str(item["/Title"]) == title)
    parent, last = _dictionary(item["/Parent"]), _dictionary(item["/Prev"])
    own = last.raw_get("/Next")
    parent[NameObject("/Last")] = item.raw_get("/Prev")
    del last["/Next"]
    item[NameObject("/Prev")], item[NameObject("/Parent")] = (
        item.raw_get("/Parent"),
        parent.raw_get("/Parent"),
    )
    if "/Next" in parent:
        item[NameObject("/Next")] = parent.raw_get("/Next")
        _dictionary(parent["/Next"])[NameObject("/Prev")] = own
    parent[NameObject("/Next")] = own


@way
def set_language(writer: PdfWriter, language: str) -> None:
    """The file says that it is written in another language."""
    writer.root_object[NameObject("/Lang")] = TextStringObject(language)


@way
def set_metadata(writer: PdfWriter, key: str, value: str) -> None:
    """The document information has another value."""
    writer.add_metadata({f"/{key}": value})


@way
def set_xmp(writer: PdfWriter, was: str, now: str) -> None:
    """The metadata that are written as XML say something else."""
    old = writer.root_object["/Metadata"].get_object()
    assert isinstance(old, StreamObject)
    changed = DecodedStreamObject()
    changed.set_data(old.get_data().replace(was.encode(), now.encode()))
    changed.update({NameObject("/Type"): NameObject("/Metadata"), NameObject("/Subtype"): NameObject("/XML")})
    writer.root_object[NameObject("/Metadata")] = writer._add_object(changed)


@way
def remove_labels(writer: PdfWriter) -> None:
    """A reader numbers the pages as it likes."""
    del writer.root_object["/PageLabels"]


@way
def unembed_font(writer: PdfWriter, name: str) -> None:
    """The file of a font is gone."""
    for number in range(1, len(writer._objects) + 1):
        descriptor = writer.get_object(number)
        if isinstance(descriptor, DictionaryObject) and str(descriptor.get("/FontName")).endswith(name):
            for key in ("/FontFile", "/FontFile2", "/FontFile3"):
                descriptor.pop(NameObject(key), None)


def _programs(writer: PdfWriter, name: str) -> Iterator[tuple[DictionaryObject, TTFont]]:
    """The descriptor and the program of a font."""
    for number in range(1, len(writer._objects) + 1):
        descriptor = writer.get_object(number)
        if isinstance(descriptor, DictionaryObject) and str(descriptor.get("/FontName")).endswith(name):
            program = descriptor["/FontFile2"].get_object()
            assert isinstance(program, StreamObject)
            yield descriptor, TTFont(BytesIO(program.get_data()))


def _embed(writer: PdfWriter, descriptor: DictionaryObject, program: TTFont) -> None:
    data, stream = BytesIO(), DecodedStreamObject()
    program.save(data)
    stream.set_data(data.getvalue())
    stream[NameObject("/Length1")] = NumberObject(len(data.getvalue()))
    descriptor[NameObject("/FontFile2")] = writer._add_object(stream)


@way
def widen_font(writer: PdfWriter, name: str) -> None:
    """A font's letters are drawn by somebody else."""
    for descriptor, program in _programs(writer, name):
        for glyph in program.getGlyphOrder():
            outline = program["glyf"][glyph]
            if outline.numberOfContours > 0:
                outline.coordinates.scale((1.02, 1))
        _embed(writer, descriptor, program)


@way
def exchange_glyphs(writer: PdfWriter, name: str, one: str, other: str) -> None:
    """Two letters of a font read as before, but each is drawn as the other."""
    codes = {
        letter: int(code, 16)
        for number in range(1, len(writer._objects) + 1)
        for font in [writer.get_object(number)]
        if isinstance(font, DictionaryObject)
        and str(font.get("/BaseFont")).endswith(name)
        and "/ToUnicode" in font
        for code, letter in _letters(font).items()
    }
    for descriptor, program in _programs(writer, name):
        glyphs, names = program["glyf"], program.getGlyphOrder()
        a, b = names[codes[one]], names[codes[other]]
        glyphs[a], glyphs[b] = glyphs[b], glyphs[a]
        _embed(writer, descriptor, program)


@way
def map_codes(writer: PdfWriter, name: str, one: str, other: str) -> None:
    """The codes of a font lead to other glyphs by a map, which exchanges two letters."""
    for font, codes in _fonts(writer, name):
        swapped = {codes[one]: codes[other], codes[other]: codes[one]}
        stream = DecodedStreamObject()
        most = max(codes.values()) + 1
        stream.set_data(b"".join(swapped.get(code, code).to_bytes(2, "big") for code in range(most)))
        font["/DescendantFonts"][0].get_object()[NameObject("/CIDToGIDMap")] = writer._add_object(stream)


@way
def encode(writer: PdfWriter, name: str, one: str, other: str) -> None:
    """The codes of a font lead to other glyphs by an encoding of its own."""
    for font, codes in _fonts(writer, name):
        stream = DecodedStreamObject()
        stream.set_data(
            b"/CIDInit /ProcSet findresource begin begincmap /CMapName /Own def /CMapType 1 def\n"
            b"1 begincodespacerange <0000> <ffff> endcodespacerange\n"
            b"1 begincidrange <0000> <ffff> 0 endcidrange\n"
            b"1 begincidchar <%04x> %d endcidchar\nendcmap end" % (codes[one], codes[other])
        )
        stream[NameObject("/Type")], stream[NameObject("/CMapName")] = NameObject("/CMap"), NameObject("/Own")
        font[NameObject("/Encoding")] = writer._add_object(stream)


def _fonts(writer: PdfWriter, name: str) -> Iterator[tuple[Any, dict[str, int]]]:
    """The fonts of a name, with the code of each letter."""
    for number in range(1, len(writer._objects) + 1):
        font = writer.get_object(number)
        if (
            isinstance(font, DictionaryObject)
            and str(font.get("/BaseFont")).endswith(name)
            and "/ToUnicode" in font
        ):
            yield font, {letter: int(code, 16) for code, letter in _letters(font).items()}


@way
def shrink_font(writer: PdfWriter, name: str, units: int) -> None:
    """A font has more units to its em, so that all its letters are smaller."""
    for descriptor, program in _programs(writer, name):
        program["head"].unitsPerEm = units
        _embed(writer, descriptor, program)


@way
def draw_lines(writer: PdfWriter, page: int, mode: int, width: float) -> None:
    """The letters of a page are drawn by lines along their outlines."""
    lines = _Lines(writer, page)
    lines.operators[0] = f"{mode} Tr {width} w\n{lines.operators[0]}"
    lines.save()


@way
def set_alt(writer: PdfWriter, alt: str, to: str | None) -> None:
    """A picture has another alt text, or none."""
    figure = next(tag for tag in _tags(writer, "/Figure") if tag.get("/Alt") == alt)
    del figure["/Alt"]
    if to is not None:
        figure[NameObject("/Alt")] = TextStringObject(to)


@way
def write_untagged(writer: PdfWriter, page: int, text: str, *, artifact: bool = False) -> None:
    """Words are painted on a page, and no tag holds them."""
    sheet = writer.pages[page - 1]
    fonts = sheet["/Resources"]["/Font"]  # type: ignore[index]
    subsets = ((n, {c: code for code, c in _letters(f.get_object()).items()}) for n, f in fonts.items())
    name, codes = next((name, codes) for name, codes in subsets if set(text) <= set(codes))
    shown = f"BT {name} 12 Tf 60 60 Td <{''.join(codes[letter] for letter in text)}> Tj ET"
    painted = DecodedStreamObject()
    painted.set_data((f"/Artifact BMC {shown} EMC" if artifact else shown).encode())
    before = DecodedStreamObject()
    before.set_data(b"q")
    between = DecodedStreamObject()
    between.set_data(b"Q")
    own = sheet.raw_get("/Contents")
    streams = [writer._add_object(before), own, writer._add_object(between), writer._add_object(painted)]
    sheet[NameObject("/Contents")] = ArrayObject(streams)


@way
def overwrite(writer: PdfWriter, page: int, was: str, now: str) -> None:
    """A line of a page, or a part of it, reads otherwise."""
    lines = _Lines(writer, page)
    [number] = [number for number, said in lines.said.items() if was in said]
    lines.write(number, lines.said[number].replace(was, now, 1))


@way
def respell(writer: PdfWriter, page: int, was: str, now: str) -> None:
    """A line of a page reads otherwise, and is as long as it comes out."""
    lines = _Lines(writer, page)
    [number] = [number for number, said in lines.said.items() if was in said]
    said = lines.said[number].replace(was, now, 1)
    lines.operators[number] = f"[{'<0000>' * len(said)}] TJ"
    lines.write(number, said)


@way
def draw_dots(writer: PdfWriter, page: int, at: list[tuple[float, float]]) -> None:
    """One path draws a dot at each place, in points from the page's top left corner."""
    lines, high = _Lines(writer, page), float(writer.pages[page - 1].mediabox.height)
    dots = [f"{x:.2f} {high - y:.2f} 1.1 1.1 re" for x, y in at]
    lines.operators = ["q", *lines.operators, "Q", "/Artifact", "BMC", "0 0 0 rg", *dots, "f", "EMC"]
    lines.save()


@way
def exchange_letters(writer: PdfWriter, page: int, pair: str) -> None:
    """Two letters side by side change their places on the paper, and keep their order in the file."""
    wide = 600  # in thousandths of the type's size: about a digit's width
    _redraw_pair(writer, page, pair, rf"{-wide}\g<one>{2 * wide}\g<other>{-wide}")


@way
def raise_letter(writer: PdfWriter, page: int, pair: str, by: float) -> None:
    """The second of two letters stands higher, by some of the page's pixels."""
    _redraw_pair(writer, page, pair, rf"\g<one>] TJ\n{by} Ts\n[\g<other>] TJ\n0 Ts\n[")


def _redraw_pair(writer: PdfWriter, page: int, pair: str, drawn: str) -> None:
    """Draw two letters, which stand in one line of a page, otherwise."""
    lines = _Lines(writer, page)
    [number] = [number for number, said in lines.said.items() if pair in said]
    one, other = ("|".join(c for c, said in lines.letters[number].items() if said == s) for s in pair)
    there = re.compile(f"(?P<one><(?:{one})>)[^<]*(?P<other><(?:{other})>)")
    lines.operators[number], changed = there.subn(drawn, lines.operators[number])
    assert changed == 1, lines.said[number]
    lines.save()


@way
def misnumber(writer: PdfWriter, page: int, after: str) -> None:
    """The first number behind some words of a page is another."""
    lines = _Lines(writer, page)
    start = next(number for number, said in lines.said.items() if after in said)
    number = next(n for n, said in lines.said.items() if n > start and re.search(r"\d", said))
    digit = re.search(r"\d(?=\D*$)", lines.said[number])
    assert digit
    other = str((int(digit[0]) + 1) % 10)
    lines.write(number, lines.said[number][: digit.start()] + other + lines.said[number][digit.end() :])


class _Lines:
    """The operators of a page, and what those say that show text."""

    def __init__(self, writer: PdfWriter, page: int) -> None:
        self.writer, self.page = writer, writer.pages[page - 1]
        stream = self.page["/Contents"].get_object()
        assert isinstance(stream, StreamObject)
        self.operators = stream.get_data().decode("latin-1").split("\n")
        self.said: dict[int, str] = {}
        self.letters: dict[int, dict[str, str]] = {}
        for number, line in enumerate(self.operators):
            if line.endswith(" Tf"):
                letters = _letters(self.page["/Resources"]["/Font"][line.split()[0]])  # type: ignore[index]
            elif line.endswith(" TJ"):
                self.said[number] = "".join(letters[code] for code in re.findall("<(....)>", line))
                self.letters[number] = letters

    def write(self, number: int, text: str) -> None:
        """Let an operator say something else, of the same length."""
        codes = {letter: code for code, letter in self.letters[number].items()}
        glyphs = iter(text)
        shown = re.sub("<....>", lambda _: f"<{codes[next(glyphs)]}>", self.operators[number])
        self.operators[number] = shown
        self.save()

    def save(self) -> None:
        """Let the page be drawn by the operators as they are now."""
        changed = DecodedStreamObject()
        changed.set_data("\n".join(self.operators).encode("latin-1"))
        self.page[NameObject("/Contents")] = self.writer._add_object(changed)


def _letters(font: DictionaryObject) -> dict[str, str]:
    """The letter of each code of a font."""
    stream = font["/ToUnicode"].get_object()
    assert isinstance(stream, StreamObject)
    pairs = re.findall("^<(....)> <(....)>$", stream.get_data().decode(), re.MULTILINE)
    return {code: chr(int(letter, 16)) for code, letter in pairs}


@way
def hide_title(writer: PdfWriter) -> None:
    """A reader shows the file's name in place of its title."""
    del writer.root_object["/ViewerPreferences"]


@way
def forget_colours(writer: PdfWriter) -> None:
    """The colours of the file are those of whatever device shows it."""
    del writer.root_object["/OutputIntents"]


@way
def turn_page(writer: PdfWriter, page: int) -> None:
    """A page stands on its side."""
    writer.pages[page - 1].rotate(90)


@way
def crop_page(writer: PdfWriter, page: int) -> None:
    """A page is smaller than the others, at its foot and its outer side."""
    sheet = writer.pages[page - 1]
    for name in ("/MediaBox", "/CropBox", "/TrimBox", "/BleedBox"):
        if name in sheet:
            left, bottom, right, top = (float(side) for side in sheet[name])  # type: ignore[attr-defined]
            sides = (left, bottom + 20, right - 20, top)
            sheet[NameObject(name)] = ArrayObject(FloatObject(side) for side in sides)


@way
def set_box(writer: PdfWriter, page: int, box: str, inset: float) -> None:
    """A box of a page is smaller than the page on all sides, in points."""
    sheet = writer.pages[page - 1]
    left, bottom, right, top = map(float, sheet.mediabox)
    sides = (left + inset, bottom + inset, right - inset, top - inset)
    sheet[NameObject(f"/{box}")] = ArrayObject(FloatObject(side) for side in sides)


@way
def set_unit(writer: PdfWriter, page: int, unit: float) -> None:
    """The units of a page are so many points."""
    writer.pages[page - 1][NameObject("/UserUnit")] = FloatObject(unit)


@way
def describe_link(writer: PdfWriter, page: int, to: str, said: str) -> None:
    """A screen reader says something else of a link."""
    for _, _, link in _links(writer, page, to):
        link[NameObject("/Contents")] = TextStringObject(said)


@way
def add_note(writer: PdfWriter, page: int) -> None:
    """A note is stuck where nothing is, tagged as it should be."""
    references = writer.pages[page - 1]["/Annots"]
    assert isinstance(references, ArrayObject)
    copied = DictionaryObject(references[0].get_object())
    for key in ("/Dest", "/A"):
        copied.pop(NameObject(key), None)
    copied[NameObject("/Subtype")] = NameObject("/FreeText")
    copied[NameObject("/Rect")] = ArrayObject(FloatObject(side) for side in (20, 20, 60, 40))
    references.append(writer._add_object(copied))


@way
def add_link(writer: PdfWriter, page: int, address: str) -> None:
    """A link lies over a page, and nobody wrote it."""
    references = writer.pages[page - 1]["/Annots"]
    assert isinstance(references, ArrayObject)
    copied = DictionaryObject(references[0].get_object())
    box = writer.pages[page - 1].mediabox
    copied[NameObject("/Rect")] = ArrayObject(FloatObject(side) for side in box)
    copied.pop(NameObject("/Dest"), None)
    copied[NameObject("/A")] = DictionaryObject(
        {NameObject("/S"): NameObject("/URI"), NameObject("/URI"): TextStringObject(address)}
    )
    references.append(writer._add_object(copied))


@way
def shrink_link(writer: PdfWriter, page: int, to: str) -> None:
    """A link is live in a corner of the page only, and not where its words are."""
    _, _, link = next(_links(writer, page, to))
    link[NameObject("/Rect")] = ArrayObject(FloatObject(side) for side in (0, 0, 4, 4))


@way
def set_scope(writer: PdfWriter, number: int, scope: str) -> None:
    """A header cell, counted from 1, says that it heads something else."""
    attributes = list(_tags(writer, "/TH"))[number - 1]["/A"]
    for holder in attributes if isinstance(attributes, ArrayObject) else [attributes]:
        _dictionary(holder)[NameObject("/Scope")] = NameObject(f"/{scope}")


@way
def lose_scope(writer: PdfWriter) -> None:
    """The header cells of tables do not say what they head."""
    for cell in _tags(writer, "/TH"):
        attributes = cell["/A"]
        for holder in attributes if isinstance(attributes, ArrayObject) else [attributes]:
            _dictionary(holder).pop(NameObject("/Scope"), None)


@way
def tag_in_form(writer: PdfWriter, page: int) -> None:
    """All of a page is drawn by a form, with the marks of its tags inside."""
    sheet = writer.pages[page - 1]
    form = DecodedStreamObject()
    content = sheet["/Contents"].get_object()
    assert isinstance(content, StreamObject)
    form.set_data(content.get_data())
    form[NameObject("/Type")] = NameObject("/XObject")
    form[NameObject("/Subtype")] = NameObject("/Form")
    form[NameObject("/BBox")] = ArrayObject(FloatObject(side) for side in sheet.mediabox)
    form[NameObject("/Resources")] = sheet["/Resources"]
    resources = DictionaryObject(
        {NameObject("/XObject"): DictionaryObject({NameObject("/Whole"): writer._add_object(form)})}
    )
    sheet[NameObject("/Resources")] = resources
    drawn = DecodedStreamObject()
    drawn.set_data(b"/Whole Do")
    sheet[NameObject("/Contents")] = writer._add_object(drawn)


@way
def double(writer: PdfWriter, page: int, said: str, lower: int) -> None:
    """A line is drawn once more, by some points lower or at its own place, as by a printer that slips."""
    lines = _Lines(writer, page)
    shown = next(number for number, text in lines.said.items() if said in text)
    first = max(i for i in range(shown) if lines.operators[i] == "BT")
    last = min(i for i in range(shown, len(lines.operators)) if lines.operators[i] == "ET") + 1
    again = ["q", f"1 0 0 1 0 {lower} cm", *lines.operators[first:last], "Q"]
    changed = DecodedStreamObject()
    changed.set_data("\n".join([*lines.operators[:last], *again, *lines.operators[last:]]).encode("latin-1"))
    writer.pages[page - 1][NameObject("/Contents")] = writer._add_object(changed)


def _redraw(writer: PdfWriter, page: int, alt: str, redraw: Callable[[list[str]], list[str]]) -> None:
    """Draw a picture otherwise: `redraw` gets the operators between its marks."""
    lines, first, last = _picture(writer, page, alt)
    lines.operators[first:last] = redraw(lines.operators[first:last])
    lines.save()


def _picture(writer: PdfWriter, page: int, alt: str) -> "tuple[_Lines, int, int]":
    """A page's operators, and which of them draw a picture."""
    figure = next(tag for tag in _tags(writer, "/Figure") if tag.get("/Alt") == alt)
    marks = figure["/K"]
    assert isinstance(marks, ArrayObject)
    number = marks[0]
    lines = _Lines(writer, page)
    first = lines.operators.index(f"<</MCID {number}>>") + 2
    return lines, first, lines.operators.index("EMC", first)


@way
def undraw(writer: PdfWriter, page: int, alt: str) -> None:
    """Nothing is painted for a picture, but its tag stays."""
    _redraw(writer, page, alt, lambda _: [])


@way
def shift_picture(writer: PdfWriter, page: int, alt: str) -> None:
    """A picture is painted beside the page."""
    _redraw(writer, page, alt, lambda drawn: ["q", "1 0 0 1 2000 0 cm", *drawn, "Q"])


@way
def cover_picture(writer: PdfWriter, page: int, alt: str, share: float) -> None:
    """A white sheet lies over the lower part of a picture's place: that share of it."""
    lines, first, last = _picture(writer, page, alt)
    place = next(o for o in reversed(lines.operators[:first]) if o.endswith(" re"))
    left, top, width, height = map(float, place.split()[:4])
    sheet = f"{left} {top + height * (1 - share)} {width} {height * share} re"
    lines.operators[last + 1 : last + 1] = ["/Artifact", "BMC", "q", "1 1 1 rg", sheet, "f", "Q", "EMC"]
    lines.save()


@way
def recolour(writer: PdfWriter, page: int, alt: str, shape: int, colour: str) -> None:
    """A shape of a picture, counted from 1, is filled with another colour."""

    def redraw(drawn: list[str]) -> list[str]:
        fills = [number for number, operator in enumerate(drawn) if operator.endswith(" rg")]
        return [f"{colour} rg" if number == fills[shape - 1] else o for number, o in enumerate(drawn)]

    _redraw(writer, page, alt, redraw)


@way
def blot(writer: PdfWriter, page: int, alt: str, square: list[int], colour: str) -> None:
    """A blot lies on a code: the modules from its left and its top, and how many it is wide."""
    left, top, side = square

    def redraw(drawn: list[str]) -> list[str]:
        # What is drawn last is the code; its modules are the units there.
        last = max(number for number, operator in enumerate(drawn) if operator == "f") + 1
        return [*drawn[:last], f"{colour} rg", f"{left} {top} {side} {side} re", "f", *drawn[last:]]

    _redraw(writer, page, alt, redraw)


@way
def add_photograph(writer: PdfWriter, page: int) -> None:
    """A sharp photograph lies on a page as its decoration: no tag holds it."""
    sheet = writer.pages[page - 1]
    photograph = DecodedStreamObject()
    photograph.set_data(bytes(400 * 400))
    for key, value in {"Type": "XObject", "Subtype": "Image", "ColorSpace": "DeviceGray"}.items():
        photograph[NameObject(f"/{key}")] = NameObject(f"/{value}")
    for key, number in {"Width": 400, "Height": 400, "BitsPerComponent": 8}.items():
        photograph[NameObject(f"/{key}")] = NumberObject(number)
    resources = DictionaryObject(_dictionary(sheet["/Resources"]))
    drawings = DictionaryObject(_dictionary(resources.get("/XObject", DictionaryObject())))
    drawings[NameObject("/Photograph")] = writer._add_object(photograph)
    resources[NameObject("/XObject")] = drawings
    sheet[NameObject("/Resources")] = resources
    lines = _Lines(writer, page)
    lines.operators += ["/Artifact BMC", "q", "72 0 0 72 440 560 cm", "/Photograph Do", "Q", "EMC"]
    lines.save()
