"""Are the facts of a PDF what stands in it, and is a broken or hostile file only ever a problem?"""

import re
from collections.abc import Callable, Iterator
from io import BytesIO

import numpy as np
import pytest
from command import PROJECT
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfWriter
from pypdf.generic import (
    ArrayObject,
    DecodedStreamObject,
    DictionaryObject,
    NameObject,
    NumberObject,
)

from booklet.assemble import About, assemble
from booklet.inspect import MAX_PAGES, Bookmark, Facts, inspect_pdf
from booklet.layout import load_layout
from booklet.render import Press, Style

PAGE = """
<!DOCTYPE html>
<html lang="en-GB"><head><title>All about colds</title><meta name="code" content="HI900"></head><body>
<h1 id="colds">All about colds</h1>
<p>A cold is <strong>common</strong>, see <a href="#care">care</a> or
<a href="https://example.org">the site</a>.</p>
<ul><li>Rest</li></ul>
<figure><img src="pictures/nose.svg" alt="A red nose"><figcaption>A nose</figcaption></figure>
<h2 id="care">Care</h2>
<p class="narrow">Stay well-hydrated and re\u00adhy\u00addrat\u00aded, it’s fine: ½ cup at 8\u00a0am.</p>
</body></html>
"""

NOSE = """
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 20 9" width="20mm" height="9mm">
<text x="10" y="6" font-family="Atkinson Hyperlegible Next" font-size="4" text-anchor="middle">Red</text>
</svg>
"""

STYLE = """
@page { size: 110mm 120mm; margin: 12mm }
@page { @bottom-left { content: "HI900" } @bottom-right { content: counter(page) } }
html { font: 12pt "Atkinson Hyperlegible Next"; hyphenate-character: "-" }
h2 { break-before: page; bookmark-level: 2 }
h1 { bookmark-level: 1 }
.narrow { width: 19mm }
"""


def printed(css: str = "", nose: str = NOSE) -> bytes:
    """A PDF of two pages with a little of everything."""
    layout = load_layout("a5-booklet", (PROJECT,)).value
    assert layout
    faces = layout.css.partition("/*")[0]
    press = Press(Style(faces + STYLE + css, layout.assets), {"pictures/nose.svg": nose.encode()})
    return assemble(
        [press.lay_out(PAGE, 1).carved("1", grey=False)],
        About(b"1" * 32, ("Front", "Back"), {"care": "Care"}),
    ).pdf


def facts_of(data: bytes) -> Facts:
    read = inspect_pdf(data)
    assert read.value, read.problems
    return read.value


@pytest.fixture(scope="module")
def pdf() -> bytes:
    return printed()


@pytest.fixture(scope="module")
def facts(pdf: bytes) -> Facts:
    return facts_of(pdf)


def why_not(data: bytes) -> str:
    """What is said of a PDF that cannot be read."""
    read = inspect_pdf(data)
    assert read.value is None
    [problem] = read.problems
    assert problem.code == "pdf-unreadable"
    assert problem.hint
    assert "\n" not in problem.message
    return problem.message


# --- Facts -----------------------------------------------------------------------------------


def said(facts: Facts, *roles: str) -> list[str]:
    return [" ".join(p.text.split()) for p in facts.passages if p.role in roles]


def test_words_come_in_reading_order_with_their_tags(facts: Facts) -> None:
    assert [(passage.page, passage.role) for passage in facts.passages] == [
        (1, "H1"),
        (1, "P"),
        (1, "Lbl"),
        (1, "LBody"),
        (1, "Figure"),
        (1, "Caption"),
        (2, "H2"),
        (2, "P"),
    ]


def test_styles_and_links_are_part_of_their_paragraph(facts: Facts) -> None:
    assert said(facts, "P")[0] == "A cold is common , see care or the site ."


def test_words_of_a_drawing_belong_to_its_figure(facts: Facts) -> None:
    assert said(facts, "Figure") == ["Red"]
    [picture] = facts.pictures
    assert (picture.page, picture.alt) == (1, "A red nose")
    assert facts.letters.text(picture.letters) == "Red"


def test_a_drawing_is_measured_with_its_shapes() -> None:
    square = '<rect x="1" y="2" width="5" height="5" fill="#00543c"/>'
    stroke = '<path d="M9 2h6" fill="none" stroke="red"/>'
    [picture] = facts_of(printed(nose=NOSE.replace("</svg>", f"{square}{stroke}</svg>"))).pictures
    millimetre, [area, line] = 72 / 25.4, picture.drawing.shapes
    assert area.box[2] - area.box[0] == pytest.approx(5 * millimetre, abs=0.1)
    assert (area.fill, line.fill) == ((0, 0x54, 0x3C), None)
    assert picture.drawing.seen == 1
    assert picture.drawing.box


def test_words_of_a_translucent_group_keep_their_tags() -> None:
    assert said(facts_of(printed("ul { opacity: .9 }")), "LBody") == ["Rest"]


COVER = "content: ''; position: absolute; inset: 0; background: white"


@pytest.mark.parametrize(
    "css",
    [
        ".narrow { color: white }",
        ".narrow { color: #00000001 }",
        ".narrow { opacity: 0 }",
        ".narrow { font-size: .1pt }",
        ".narrow { position: relative; left: 300mm }",
        ".narrow { position: relative; top: -300mm }",
        ".narrow { height: 0; overflow: hidden }",
        ".narrow { transform: scale(0.01) }",
        f".narrow {{ position: relative }} .narrow::after {{ {COVER} }}",
    ],
)
def test_words_that_nobody_sees_are_told(css: str) -> None:
    hidden = facts_of(printed(css))
    assert unseen(hidden).startswith("Staywell-")
    assert set(hidden.letters.page[~hidden.letters.seen & ~hidden.letters.blank]) == {2}


def unseen(facts: Facts) -> str:
    """The letters that cannot be seen, without spaces."""
    letters = facts.letters
    return letters.text(np.flatnonzero(~letters.seen & ~letters.blank).tolist())


def cut(facts: Facts) -> str:
    """The letters of which a part cannot be seen."""
    return facts.letters.text(np.flatnonzero(facts.letters.cut).tolist())


def test_all_words_of_a_sound_page_are_seen(facts: Facts) -> None:
    assert unseen(facts) == cut(facts) == ""
    assert not facts.letters.veiled.any()
    assert not facts.letters.inner.any()


def test_a_line_that_is_cut_in_half_is_told() -> None:
    half = facts_of(printed(".narrow { height: 6pt; line-height: 15pt; overflow: hidden; width: auto }"))
    # A hyphen in the middle of the line is whole.
    assert cut(half).startswith("Staywellhydrated")


def test_letters_know_their_size_their_place_and_their_contrast() -> None:
    letters = facts_of(printed("h1 { font-size: 20pt; line-height: 1; margin: 0; color: #767676 }")).letters
    heading = letters.run == letters.run[0]
    assert letters.text(np.flatnonzero(heading).tolist()) == "All about colds"
    assert letters.size[heading] == pytest.approx(20, abs=0.05)
    # The page's margin is 12 mm, and a browser's own margin of the body 8 pixels.
    left, top, _, bottom = letters.box[0].tolist()
    assert 40 < left < 43
    assert 40 < top < bottom < 40 + 20
    # WCAG's own example of 4.54 to 1.
    assert letters.contrast[heading].max() == pytest.approx(4.54, abs=0.05)


def test_a_group_that_is_translucent_is_told_of_its_words() -> None:
    letters = facts_of(printed("ul { opacity: .9 }")).letters
    assert letters.text(np.flatnonzero(letters.veiled).tolist()).strip("\u2022 ") == "Rest"


@pytest.mark.parametrize("rules", ["color: #767676", "color: white; background: black", "rotate: 90deg"])
def test_words_that_can_be_read_are_seen(rules: str) -> None:
    read = facts_of(printed(f".narrow {{ {rules} }}"))
    assert unseen(read) == cut(read) == ""


def test_words_of_a_drawing_can_be_hidden_too() -> None:
    assert unseen(facts_of(printed("img { opacity: 0 }"))) == "Red"


def test_hyphens_at_the_end_of_a_line_are_hyphens(facts: Facts) -> None:
    [_, passage] = [p for p in facts.passages if p.role == "P"]
    assert "well-\nhydrated" in passage.text
    assert "rehy-\ndrated" in passage.text
    assert passage.text.endswith("½ cup at\n8\xa0am.\n")


def test_lines_of_the_margin_are_furniture(facts: Facts) -> None:
    assert [(p.page, p.text) for p in facts.furniture] == [(1, "HI900"), (1, "1"), (2, "HI900"), (2, "2")]


def test_links_tell_where_they_lead(facts: Facts) -> None:
    inner, outer = facts.links
    assert (inner.page, inner.to_page, inner.name, inner.address) == (1, 2, "care", "")
    assert (outer.page, outer.to_page, outer.address) == (1, 0, "https://example.org")
    # It lands at the heading, and lies over its own word.
    [heading] = [passage for passage in facts.passages if passage.role == "H2"]
    top = facts.letters.box[heading.letters[0], 1]
    assert inner.to_top is not None
    assert top - 20 < inner.to_top < top
    words = facts.letters.text(
        index
        for index, (left, top, right, bottom) in enumerate(facts.letters.box.tolist())
        if facts.letters.page[index] == 1
        and inner.box[0] - 1 < left < right < inner.box[2] + 1
        and inner.box[1] < top < bottom < inner.box[3]
    )
    assert words == "care"


def test_the_catalogue_is_read(facts: Facts) -> None:
    assert facts.bookmarks == (Bookmark(1, "All about colds", 1), Bookmark(2, "Care", 2))
    assert facts.labels == ("Front", "Back")
    assert facts.language == "en-GB"
    assert facts.metadata["Title"] == "All about colds"
    assert facts.metadata["code"] == "HI900"
    assert {font.embedded for font in facts.fonts} == {True}
    assert {font.name for font in facts.fonts} >= {"Atkinson-Hyperlegible-Next"}
    assert facts.failures == {"PDF/UA-1": (), "PDF/A-2a": ()}


def written(writer: PdfWriter) -> bytes:
    made = BytesIO()
    writer.write(made)
    return made.getvalue()


def test_a_pdf_of_other_software_has_facts_too() -> None:
    writer = PdfWriter()
    writer.add_blank_page(100, 100)
    read = inspect_pdf(written(writer))
    assert read.value
    assert read.value.pages == 1
    assert read.value.passages == ()
    assert read.value.failures["PDF/UA-1"]


def test_a_thousand_pages_are_not_too_many() -> None:
    writer = PdfWriter()
    for _ in range(MAX_PAGES):
        writer.add_blank_page(100, 100)
    read = inspect_pdf(written(writer))
    assert read.value
    assert read.value.pages == MAX_PAGES


# --- Broken files ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "says"),
    [(b"", "it is empty"), (b"Dear reader,\n" * 90, "it is no PDF"), (b"%PDF-1.7\n", "its end is missing")],
)
def test_what_is_no_pdf_is_told_plainly(data: bytes, says: str) -> None:
    assert why_not(data) == f"The PDF cannot be read: {says}"


def test_a_pdf_that_is_cut_off_anywhere_is_a_problem(pdf: bytes) -> None:
    for length in range(0, len(pdf) - 20, len(pdf) // 60):
        assert why_not(pdf[:length])


def test_an_end_without_its_middle_is_a_problem(pdf: bytes) -> None:
    assert why_not(pdf[:1000] + pdf[-1000:])


@pytest.mark.parametrize("password", ["secret", ""])
def test_an_encrypted_pdf_is_a_problem(pdf: bytes, password: str) -> None:
    writer = PdfWriter(clone_from=BytesIO(pdf))
    writer.encrypt(password, "owner")
    assert why_not(written(writer)) == "The PDF cannot be read: it is encrypted"


def test_more_than_a_thousand_pages_are_a_problem() -> None:
    writer = PdfWriter()
    for _ in range(MAX_PAGES + 1):
        writer.add_blank_page(100, 100)
    assert why_not(written(writer)) == "The PDF cannot be read: it has more than 1000 pages"


def test_a_fault_of_the_program_is_told_with_its_place_and_without_folders(
    pdf: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_reader: object) -> None:
        raise ZeroDivisionError("in /home/me")

    monkeypatch.setattr("booklet.inspect._links", broken)
    place = rf"\(ZeroDivisionError in {__name__}:\d+ for booklet\.inspect:\d+\)"
    says = f"The PDF cannot be read: it is damaged, or a fault of the program {place}"
    assert re.fullmatch(says, why_not(pdf))


# --- Hostile files ---------------------------------------------------------------------------


def tags(writer: PdfWriter, role: str) -> Iterator[DictionaryObject]:
    for number in range(1, len(writer._objects) + 1):
        tag = writer.get_object(number)
        if isinstance(tag, DictionaryObject) and tag.get("/S") == role:
            yield tag


def dictionary(found: object) -> DictionaryObject:
    assert isinstance(found, DictionaryObject)
    return found


def page_tree_in_a_ring(writer: PdfWriter) -> None:
    pages = dictionary(writer.root_object["/Pages"])
    pages[NameObject("/Kids")] = ArrayObject([writer.root_object.raw_get("/Pages")])


def tag_that_holds_itself(writer: PdfWriter) -> None:
    tag = next(tags(writer, "/P"))
    tag[NameObject("/K")] = ArrayObject([tag.indirect_reference, tag.indirect_reference])


def tag_that_holds_all(writer: PdfWriter) -> None:
    tag = next(tags(writer, "/P"))
    root = next(tags(writer, "/Document"))
    tag[NameObject("/K")] = ArrayObject([root.indirect_reference, tag["/K"], root.indirect_reference])


def tags_that_double(writer: PdfWriter) -> None:
    """Each of twenty-five tags holds the next one twice, so that they hold the last for ever."""
    tag = next(tags(writer, "/LBody"))
    top, place = dictionary(tag["/P"]), tag.raw_get("/P")
    for _ in range(25):
        kids = ArrayObject([tag.indirect_reference, tag.indirect_reference])
        above = {NameObject("/S"): NameObject("/Div"), NameObject("/P"): place, NameObject("/K"): kids}
        tag[NameObject("/P")] = writer._add_object(DictionaryObject(above))
        tag = dictionary(tag["/P"])
    top[NameObject("/K")] = tag.indirect_reference or ArrayObject()


def tag_above_itself(writer: PdfWriter) -> None:
    for tag in tags(writer, "/P"):
        tag[NameObject("/P")] = tag.indirect_reference


def bookmark_after_itself(writer: PdfWriter) -> None:
    first = dictionary(dictionary(writer.root_object["/Outlines"])["/First"])
    first[NameObject("/Next")] = first.indirect_reference


def bookmark_below_itself(writer: PdfWriter) -> None:
    first = dictionary(dictionary(writer.root_object["/Outlines"])["/First"])
    first[NameObject("/First")] = first.indirect_reference


def names_in_a_ring(writer: PdfWriter) -> None:
    names = dictionary(writer.root_object["/Names"])
    reference = writer._add_object(names["/Dests"])
    names[NameObject("/Dests")] = reference
    dictionary(reference.get_object())[NameObject("/Kids")] = ArrayObject([reference, reference])


def labels_in_a_ring(writer: PdfWriter) -> None:
    reference = writer._add_object(DictionaryObject())
    dictionary(reference.get_object())[NameObject("/Kids")] = ArrayObject([reference])
    writer.root_object[NameObject("/PageLabels")] = reference


def role_of_itself(writer: PdfWriter) -> None:
    roles = DictionaryObject({NameObject("/P"): NameObject("/P"), NameObject("/LBody"): NameObject("/LBody")})
    dictionary(writer.root_object["/StructTreeRoot"])[NameObject("/RoleMap")] = roles


def annotations_that_are_none(writer: PdfWriter) -> None:
    writer.pages[0][NameObject("/Annots")] = ArrayObject([NumberObject(7)])


def contents_that_are_none(writer: PdfWriter) -> None:
    junk = DecodedStreamObject()
    junk.set_data(b"BT ( \\ Tj << [ ET Q Q Q /x BDC EMC EMC")
    writer.pages[0][NameObject("/Contents")] = writer._add_object(junk)


@pytest.mark.parametrize(
    "harm",
    [
        page_tree_in_a_ring,
        tag_that_holds_itself,
        tag_that_holds_all,
        tags_that_double,
        tag_above_itself,
        bookmark_after_itself,
        bookmark_below_itself,
        names_in_a_ring,
        labels_in_a_ring,
        role_of_itself,
        annotations_that_are_none,
        contents_that_are_none,
    ],
)
def test_a_twisted_pdf_comes_to_an_end(pdf: bytes, harm: Callable[[PdfWriter], None]) -> None:
    writer = PdfWriter(BytesIO(pdf), incremental=True)
    harm(writer)
    read = inspect_pdf(written(writer))
    assert (read.value is None) == bool(read.problems)
    if read.value:
        assert len(read.value.passages) <= 8


def test_words_that_are_no_letters_do_no_harm(pdf: bytes) -> None:
    """A font may claim that its glyphs are halves of letters."""
    writer = PdfWriter(BytesIO(pdf), incremental=True)
    for font in dictionary(dictionary(writer.pages[0]["/Resources"])["/Font"]).values():
        lie = DecodedStreamObject()
        lie.set_data(
            b"1 begincodespacerange <0000> <ffff> endcodespacerange\n"
            b"1 beginbfrange <0000> <ffff> <d800> endbfrange"
        )
        dictionary(font.get_object())[NameObject("/ToUnicode")] = writer._add_object(lie)
    read = inspect_pdf(written(writer))
    if read.value:
        assert "".join(p.text for p in read.value.passages).encode()


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_only_a_problem(data: bytes) -> None:
    assert why_not(data)
    assert why_not(b"%PDF-1.7\n" + data + b"\n%%EOF")


@settings(deadline=None)
@given(data=st.data())
def test_a_pdf_with_any_bytes_changed_has_facts_or_a_problem(pdf: bytes, data: st.DataObject) -> None:
    for _ in range(data.draw(st.integers(1, 5))):
        start = data.draw(st.integers(20, len(pdf) - 10))
        length = data.draw(st.integers(0, 30))
        pdf = pdf[:start] + data.draw(st.binary(max_size=30)) + pdf[start + length :]
    read = inspect_pdf(pdf)
    assert (read.value is None) == bool(read.problems)
