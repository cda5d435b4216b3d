"""Does each letter read back from the PDF as it was typed, in every script, and is it drawn right?"""

import io
import itertools
import json
import re
import unicodedata
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import page as validation
import pypdfium2
import pytest
from PIL import Image, ImageDraw, ImageFont
from publisher import write_publisher
from pypdf import PdfReader

from booklet.assemble import About, assemble
from booklet.bidi import STRETCH, isolated, runs_leftwards
from booklet.bind import style_of
from booklet.checks.reading import pattern
from booklet.inspect import Facts, inspect_pdf
from booklet.language import direction, script_of
from booklet.layout import Layout, load_layout
from booklet.render import Press

PROJECT = Path(__file__).parents[1]

#: Sentences that an editor may write, with letters that join, stack, change places or have two forms.
SENTENCES = {
    "en": "Call us at once if your temperature is 37.5°C or above – on 0808 808 00 00, office hours too.",
    "cy": "Ffoniwch ni ar unwaith os yw eich tymheredd yn 38°C neu’n uwch: dŵr, tŷ, ŵyl, gẃraidd, ïon.",
    "pl": "Zadzwoń do nas, jeśli masz gorączkę 38°C: łzy, ćma, źdźbło, żółć, ęą, ŚĆ.",
    "vi": "Nếu nhiệt độ của bạn là 38°C trở lên, hãy gọi ngay; đừng uống thuốc giảm đau trước: ỡ, ặ, ỗ, Ứ.",
    "tr": "Ateşiniz 38°C veya üzerindeyse hemen arayın: İstanbul, ılık, şöğüç, ÇĞ.",
    "so": "Na soo wac isla markiiba haddii heerkulkaagu yahay 38°C ama ka badan; ha sugin ilaa subaxda.",
    "el": "Καλέστε μας αμέσως αν έχετε πυρετό 38°C ή περισσότερο· ΐ, ΰ, ώ, Ύ, ς.",
    "ru": "Позвоните нам сразу, если температура 38°C или выше; щёки, объём, ЙЁ.",
    "uk": "Зателефонуйте нам негайно, якщо температура 38°C або вище: їжак, ґанок, єдність, ціль.",
    "ar": "إذا كانت حرارتك 38 درجة أو أكثر فاتصل بنا فورًا. لا تنتظر (الأطباء والله الآلام)، مُهِمّ، لأنّ، شيء.",
    "fa": "اگر دمای بدن شما ۳۸ درجه یا بیشتر است، فوراً تماس بگیرید؛ پزشک می‌گوید ژاکت، چای، گرم، لاله.",
    "ur": "اگر آپ کا درجۂ حرارت 38 یا اس سے زیادہ ہے تو فوراً فون کریں۔ ٹھنڈ، ڈاکٹر، گھر، بھائی، ہے، نہیں۔",
    "bn": "আপনার জ্বর ৩৮ ডিগ্রি হলে সঙ্গে সঙ্গে ফোন করুন। চিকিৎসক, ক্যান্সার, চিহ্ন, কোষ, রক্ত, স্ত্রী, ভর্তি, কৌশল, কো।",
    "gu": "જો તમને ૩૮ ડિગ્રી કે વધુ તાવ હોય, તો તરત ફોન કરો. વિદ્યાર્થી, ક્રિયા, શ્રી, સ્થિતિ, પ્રશ્ન, કૌ.",
    "pa": "ਜੇ ਤੁਹਾਨੂੰ 38 ਡਿਗਰੀ ਜਾਂ ਵੱਧ ਬੁਖ਼ਾਰ ਹੈ, ਤਾਂ ਤੁਰੰਤ ਫ਼ੋਨ ਕਰੋ। ਸ੍ਰੀ, ਪ੍ਰਸ਼ਨ, ਕਿਸਮ, ਖਿੱਚ, ਸਵੈ.",
    "hi": "यदि आपको 38 डिग्री या अधिक बुखार है, तो तुरंत फ़ोन करें। चिकित्सक, स्थिति, कर्म, शक्ति, विद्यार्थी, ज्ञान, र्कि।",
    "ta": "உங்களுக்கு 38 டிகிரி காய்ச்சல் இருந்தால் உடனே அழைக்கவும். கொடுக்க, பௌர்ணமி, ஸ்ரீ, க்ஷ, மேல், சொல்.",
    "th": "หากคุณมีไข้ 38 องศาขึ้นไป โปรดโทรหาเราทันที น้ำ ที่ ปั๊ม กำลัง ผู้ป่วย",
    "zh-Hans": "如果您的体温达到38°C或更高，请立即致电0808 808 0000。不要等！门诊、骨髓、化疗、腘窝、噁唑。",
    "zh-Hant": "如果您的體溫達到38°C或更高，請立即致電0808 808 0000。不要等！門診、骨髓、喹啉、酶、飲咗。",
}

#: A word that is compared with another program's: its size in points, and how many pixels a point has.
LARGE, SCALE = 36, 6

#: How many pixels its ink may be off, because the other program puts each letter on a whole one: a
#: hundredth of its size. And the share of the ink that may be further off, at corners.
OFF, ASTRAY = 2, 0.002

LEFTWARDS = sorted(language for language in SENTENCES if direction(language) == "rtl")


@dataclass
class Page:
    """A page of sentences in one language, printed in its layout."""

    language: str
    layout: Layout
    pdf: bytes

    @property
    def facts(self) -> Facts:
        """What the checker reads of it."""
        facts = inspect_pdf(self.pdf).value
        assert facts
        return facts


def in_its_family(language: str) -> Layout:
    """The layout in the family that it has where the fixed words have the sentences' letters."""
    english = (PROJECT / "layouts/base/words/en.yaml").read_text(encoding="utf-8")
    words = english.replace("contents: Contents", "contents: " + json.dumps(SENTENCES[language]))
    with TemporaryDirectory() as folder:
        root = write_publisher(Path(folder), None, None, {f"layouts/base/words/{language}.yaml": words})
        layout = load_layout("a5-booklet", (root, PROJECT), language=language).value
    assert layout
    return layout


def printed(language: str) -> Page:
    """The sentences as a heading, a paragraph and a list item, on a page of their own."""
    layout = in_its_family(language)
    missing = {ord(letter) for letter in SENTENCES[language] if not letter.isspace()} - layout.letters
    assert missing <= {0x200C}, "the family has not all letters"
    text, way = SENTENCES[language].replace("&", "&amp;"), direction(language)
    html = (
        f'<html lang="{language}" dir="{way}"><head><meta charset="utf-8"><title>x</title>'
        '<meta name="description" content="x"></head>'
        f"<body><h1>{text}</h1><p>{text}</p><ul><li><strong>{text}</strong></li></ul></body></html>"
    )
    page = isolated(html) if way == "rtl" else html
    laid = Press(style_of(layout), {}).lay_out(page, 1, right_to_left=way == "rtl")
    assert laid.warnings == ()
    made = assemble([laid.carved("1", grey=False)], About(b"0" * 32, ("", ""), {}))
    assert made.warnings == ()
    return Page(language, layout, made.pdf)


PRINTED: dict[str, Page] = {}


@pytest.fixture(params=SENTENCES)
def sheet(request: pytest.FixtureRequest) -> Page:
    """The page of each language, printed once."""
    language = str(request.param)
    return PRINTED.setdefault(language, PRINTED.get(language) or printed(language))


def plain(text: str) -> str:
    """The text in one form, without white space and the bullet."""
    return "".join(unicodedata.normalize("NFC", text.replace("•", "")).split())


def test_a_page_is_of_both_standards(sheet: Page) -> None:
    for profile in (validation.ValidationProfile.PDF_UA_1, validation.ValidationProfile.PDF_A_2A):
        report = validation.validate_pdf_bytes(sheet.pdf, profile=profile)
        assert [f"{one.rule_id}: {one.message}" for one in report.failures] == []


def test_the_checker_reads_each_sentence_whole_and_in_its_order(sheet: Page) -> None:
    # Which way around a bracket was typed, pdfium does not tell.
    turned = str.maketrans(")»", "(«") if direction(sheet.language) == "rtl" else {}
    wanted = plain(SENTENCES[sheet.language]).replace("\u200c", "").translate(turned)
    passages = [passage for passage in sheet.facts.passages if plain(passage.text)]
    assert [plain(one.text).replace("\u200c", "").translate(turned) for one in passages] == [wanted] * 3


def test_pypdf_reads_each_letter_as_it_was_typed(sheet: Page) -> None:
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(sheet.pdf)).pages)
    if direction(sheet.language) == "ltr":
        assert plain(text).count(plain(SENTENCES[sheet.language])) == 3
    else:
        # pypdf puts the stretches of a line in another order, and turns the digits of Arabic around.
        found = unicodedata.normalize("NFC", text)
        for word in words(SENTENCES[sheet.language]):
            assert found.count(word) >= 3 or (word.isdecimal() and found.count(word[::-1]) >= 3), word


def test_pdfium_reads_each_letter_as_it_was_typed(sheet: Page) -> None:
    document = pypdfium2.PdfDocument(sheet.pdf)
    text = "\n".join(page.get_textpage().get_text_range() for page in document)
    if direction(sheet.language) == "ltr":
        assert plain(text).count(plain(SENTENCES[sheet.language])) == 3
    else:
        # pdfium puts a full stop before the last mark of the word that it ends.
        found = unicodedata.normalize("NFC", text)
        for word in words(SENTENCES[sheet.language]):
            assert found.count(bare(word)) >= 3, word
    document.close()


def words(text: str) -> set[str]:
    """The words and numbers of a text, without punctuation."""
    kept = "".join(letter if letter.isalnum() or is_mark(letter) else " " for letter in text)
    return set(unicodedata.normalize("NFC", kept).split())


def is_mark(letter: str) -> bool:
    """Does it belong to the letter before it?"""
    return unicodedata.category(letter) == "Mn" or letter == "\u200c"


def bare(word: str) -> str:
    """The word without a mark at its end."""
    return word.rstrip("\u064b\u064c\u064d\u064e\u064f\u0650\u0651")


def ink(page: Page, number: int = 0, scale: float = 4) -> np.ndarray[Any, Any]:
    """Which pixels of a page are printed?"""
    document = pypdfium2.PdfDocument(page.pdf)
    pixels = document[number].render(scale=scale, grayscale=True).to_numpy()
    document.close()
    return np.asarray(pixels).reshape(pixels.shape[:2]) < 128


def outlines_of(page: Page) -> set[tuple[str, str]]:
    """The letters that the page's fonts have, with what they draw."""
    return {
        (unicodedata.normalize("NFC", text), outline)
        for font in page.facts.fonts
        for text, outlines in font.drawings.items()
        for outline in outlines
    }


def joined_words(page: Page) -> list[str]:
    """The words of a page's sentences that are of its own script."""
    text = SENTENCES[page.language]
    if direction(page.language) == "rtl":
        text = STRETCH.sub(" ", text)
    return re.findall(r"[^\W\d_](?:[^\W\d_]|[^\x00-\u02ff\w\s،؛.,:;()’–。！，、।·۔؟]|[\u200c\u200d])*", text)


def test_what_is_drawn_is_what_harfbuzz_draws(sheet: Page) -> None:
    """Each code's outline is that of HarfBuzz's glyphs, placed as HarfBuzz places them."""
    expected = {
        (unicodedata.normalize("NFC", said), outline)
        for face in sheet.layout.faces
        for said, outline in face.shaped(joined_words(sheet), sheet.language)
    }
    letters = {(said, outline) for said, outline in outlines_of(sheet) if any(map(str.isalpha, said))}
    plain_ones = {
        (said, outline)
        for said, outline in letters
        if any(face.draws(said, outline) for face in sheet.layout.faces)
    }
    assert letters - plain_ones <= expected
    assert letters


def test_each_word_looks_as_another_program_draws_it(sheet: Page) -> None:
    """FreeType draws each word of the sentences as HarfBuzz shapes it, in the same face and size."""
    language, way = sheet.language, direction(sheet.language)
    # A Latin letter beside a Chinese one is in a face of its own.
    latin = script_of(language) == "Latn"
    said = [word for word in joined_words(sheet) if latin or not re.search("[A-Za-z]", word)]
    lines = (f'<p style="break-before: page; font: {LARGE}pt/3 var(--face)">{word}</p>' for word in said)
    body = f"<head><title>x</title></head><body><p>.</p>{''.join(lines)}</body>"
    html = f'<html lang="{language}" dir="{way}">{body}</html>'
    laid = Press(style_of(sheet.layout), {}).lay_out(html, 1, right_to_left=way == "rtl")
    words = Page(
        language, sheet.layout, assemble([laid.carved("1", grey=False)], About(b"0" * 32, ("", ""), {})).pdf
    )
    face = ImageFont.truetype(sheet.layout.face(400).path, LARGE * SCALE, layout_engine=ImageFont.Layout.RAQM)
    margins = slice(40 * SCALE, -50 * SCALE)
    for number, word in enumerate(said, 1):
        drawn = Image.new("L", (3000, 1600))
        ImageDraw.Draw(drawn).text((900, 500), word, 255, face, direction=way, language=language)
        expected, found = cropped(np.asarray(drawn) > 127), cropped(ink(words, number, SCALE)[margins])
        assert np.abs(np.subtract(expected.shape, found.shape)).max() <= 2 * OFF, word
        astray = (expected & ~thickened(found, expected.shape)).sum() + (
            found & ~thickened(expected, found.shape)
        ).sum()
        assert astray <= ASTRAY * expected.sum(), word


def cropped(pixels: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """What is printed, without the white around it."""
    rows, columns = np.flatnonzero(pixels.any(axis=1)), np.flatnonzero(pixels.any(axis=0))
    return pixels[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def thickened(pixels: np.ndarray[Any, Any], shape: tuple[int, ...]) -> np.ndarray[Any, Any]:
    """What is printed and all that is hardly off it, in a picture of another shape."""
    (high, wide), (rows, columns) = pixels.shape, shape
    whole = np.zeros((max(high, rows) + 2 * OFF, max(wide, columns) + 2 * OFF), bool)
    for down, right in itertools.product(range(2 * OFF + 1), repeat=2):
        whole[down : down + high, right : right + wide] |= pixels
    return whole[OFF : rows + OFF, OFF : columns + OFF]


@pytest.mark.parametrize("language", LEFTWARDS)
def test_a_number_and_a_name_keep_their_direction_on_paper(language: str) -> None:
    facts = printed(language).facts
    letters = facts.letters
    digits = [index for index in range(len(letters)) if letters.letter(index).isdecimal()]
    for one, other in itertools.pairwise(digits):
        if other == one + 1 and letters.run[one] == letters.run[other]:
            assert letters.box[one, 0] < letters.box[other, 0]
    assert digits


PHRASES = (
    *("<strong>5</strong> mg", "020 <strong>7946</strong> 0000", "(020) 7946 0000", "-5°C", "±5 mg"),
    *(
        "pH&lt;7.4",
        "1 : 1000",
        "5—10 mg",
        "10^9",
        "HER2+",
        "Oncovin®",
        "50 mg/m²",
        "1½ mg",
        "TPMT [gene] test",
    ),
    *("<em>E. coli</em> O157", "Talk “Big” Book", "https://a.org/%20x/?q=1&amp;b=%C3", "≥ 8 kPa", "50 %"),
)


def test_phrases_read_and_run_from_left_to_right_on_paper() -> None:
    layout = load_layout("a5-booklet", (PROJECT,), language="ar").value
    assert layout
    lines = "".join(f"<p>خذ {phrase} أو</p>" for phrase in PHRASES)
    html = f'<html lang="ar" dir="rtl"><head><title>x</title></head><body><h1>أ</h1>{lines}</body></html>'
    laid = Press(style_of(layout), {}).lay_out(isolated(html), 1, right_to_left=True)
    facts = Page(
        "ar", layout, assemble([laid.carved("1", grey=False)], About(b"0" * 32, ("", ""), {})).pdf
    ).facts
    paragraphs = [passage for passage in facts.passages if passage.role == "P"]
    for phrase, passage in zip(PHRASES, paragraphs, strict=True):
        said = unescape(re.sub("<.*?>", "", phrase)).replace(" ", "")
        assert pattern(f"خذ {said} أو").fullmatch(plain(passage.text)), said
        rest = [at for at in passage.printed if not runs_leftwards(facts.letters.letter(at))]
        ends = [float(facts.letters.box[at, 2]) for at in rest if not facts.letters.blank[at]]
        assert ends == sorted(ends), said


@pytest.mark.parametrize("language", LEFTWARDS)
def test_a_line_begins_on_the_right(language: str) -> None:
    page = printed(language)
    columns = np.flatnonzero(ink(page).any(axis=0))
    width = ink(page).shape[1]
    assert width - columns.max() < columns.min() + width * 0.05
    letters = page.facts.letters
    first = next(i for i in range(len(letters)) if not letters.blank[i])
    assert letters.box[first, 2] == pytest.approx(letters.box[:, 2].max(), abs=10)


def test_a_space_that_may_not_break_reads_back_as_one() -> None:
    layout = load_layout("a5-booklet", (PROJECT,)).value
    assert layout
    html = '<html lang="en"><head><title>x</title></head><body><h1>a b\u00a0c d</h1></body></html>'
    laid = Press(style_of(layout), {}).lay_out(html, 1)
    made = assemble([laid.carved("1", grey=False)], About(b"0" * 32, ("", ""), {}))
    assert "a b\u00a0c d" in PdfReader(io.BytesIO(made.pdf)).pages[0].extract_text()
