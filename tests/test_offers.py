"""Does every booklet say, in the readers' languages, how to ask for it in another?"""

import io
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from publisher import BOOKLET, HOUSE, HOUSE_FILE, assert_told, changed, marked, problems_of, write_publisher
from pypdf import PdfReader

from booklet.cli import main
from booklet.problem import Where

TODAY = date(2026, 11, 28)

#: A line in the main script of each family, with what its speakers call the language.
OFFERS = {
    "cy": ("Cymraeg", "ffoniwch 0808 808 00 00."),
    "ar": ("العربية", "اتصل بالرقم 0808 808 00 00 (خلال النهار)."),
    "ur": ("اردو", "0808 808 00 00 پر فون کریں۔"),
    "bn": ("বাংলা", "0808 808 00 00 নম্বরে ফোন করুন।"),
    "pa": ("ਪੰਜਾਬੀ", "0808 808 00 00 'ਤੇ ਫ਼ੋਨ ਕਰੋ।"),
    "zh-Hans": ("简体中文", "请致电 0808 808 00 00。"),
    "zh-Hant": ("繁體中文", "請致電 0808 808 00 00。"),
    "vi": ("Tiếng Việt", "hãy gọi 0808 808 00 00."),
}


def house(*languages: str) -> str:
    lines = (f'  - {{language: {one}, text: "{OFFERS[one][1]}"}}\n' for one in languages)
    return f"{HOUSE}languages:\n{''.join(lines)}"


def built(folder: Path, house: str, booklet: str = BOOKLET, *more: str) -> tuple[Path, str]:
    """The edition that was made, and what the program said."""
    out = io.StringIO()
    root = write_publisher(folder, booklet, house)
    status = main(["build", "colds", *more, "--root", str(root), "--today", str(TODAY)], out)
    assert status == 0, out.getvalue()
    [pdf] = root.glob("dist/colds/*/*.pdf")
    return pdf, out.getvalue()


def tags(element: Any) -> Iterator[Mapping[str, Any]]:
    """Every tag of a file, the upper ones first."""
    kids = element.get("/K", [])
    for kid in kids if isinstance(kids, list) else [kids]:
        if hasattr(kid.get_object(), "get"):
            yield kid.get_object()
            yield from tags(kid.get_object())


def said(pdf: Path) -> str:
    """The last page without white space, its letters in one form."""
    text = PdfReader(pdf).pages[-1].extract_text()
    return unicodedata.normalize("NFC", "".join(text.split()))


@pytest.mark.parametrize("layout", ["a5-booklet", "a4-leaflet", "large-print", "dl-leaflet"])
def test_a_booklet_says_in_the_readers_languages_how_to_ask_for_another(tmp_path: Path, layout: str) -> None:
    # Its checks read the lines back, letter by letter.
    pdf, _ = built(tmp_path, house("cy", "ar", "ur", "bn"), BOOKLET, "--layout", layout)
    for name, text in (OFFERS["cy"], OFFERS["bn"]):
        assert "".join(f"{name}: {text}".split()) in "".join(
            page.extract_text().replace("\xa0", " ") for page in PdfReader(pdf).pages
        ).replace(" ", "").replace("\n", "")


def test_each_line_is_in_a_face_of_its_script_and_tagged_with_its_language(tmp_path: Path) -> None:
    pdf, _ = built(tmp_path, house(*OFFERS))
    root: Any = PdfReader(pdf).trailer["/Root"]
    languages = [str(tag["/Lang"]) for tag in tags(root["/StructTreeRoot"]) if "/Lang" in tag]
    assert list(dict.fromkeys(languages)) == list(OFFERS)
    assert root["/Lang"] == "en-GB"
    resources: list[Any] = [page["/Resources"] for page in PdfReader(pdf).pages]
    fonts = " ".join(str(font["/BaseFont"]) for one in resources for font in one["/Font"].values())
    for family in ("Naskh", "Nastaliq", "Bengali", "Gurmukhi", "SC", "TC"):
        assert family in fonts, fonts


def test_a_booklet_offers_no_language_that_it_is_in(tmp_path: Path) -> None:
    pdf, _ = built(tmp_path, house("cy", "vi"), changed(BOOKLET, "language: en-GB", "language: cy"))
    assert "Tiếng" in PdfReader(pdf).pages[-1].extract_text()
    assert "Cymraeg" not in PdfReader(pdf).pages[-1].extract_text()


def test_the_lines_stand_below_the_text_on_other_formats(tmp_path: Path) -> None:
    pdf, _ = built(tmp_path, house("cy") + "formats: Ask us for large print.\n")
    assert "Askusforlargeprint.Cymraeg:ffoniwch" in said(pdf)


def test_a_language_that_nobody_knows_cannot_be_offered(tmp_path: Path) -> None:
    text = HOUSE + 'languages:\n  - {▸language: xq, text: "call us"}\n'
    problems = problems_of(write_publisher(tmp_path, BOOKLET, text))
    hint = "write its tag, for example cy, pl or zh-Hans (BCP 47)"
    message = "`language`: no language is known by 'xq'"
    assert_told(problems, "unknown-language", marked(text, HOUSE_FILE), message, hint)


def test_an_offer_that_no_family_prints_is_refused_at_its_line(tmp_path: Path) -> None:
    out = io.StringIO()
    text = HOUSE + 'languages:\n  - {▸language: am, text: "በአማርኛ"}\n'
    root = write_publisher(tmp_path, BOOKLET, text)
    assert main(["colds", "--root", str(root), "--today", str(TODAY)], out) == 2
    where: Where = marked(text, HOUSE_FILE)
    assert "No family in fonts/ prints Amharic ('am')" in out.getvalue()
    assert f"{HOUSE_FILE}:{where.line}:{where.column}" in out.getvalue()
    assert not list(root.glob("dist/colds/*/*.pdf"))


def test_a_house_that_offers_no_language_is_told(tmp_path: Path) -> None:
    note = "Nobody is told how to ask for another language, because house.yaml has no languages."
    for name, text, expected in (("none", HOUSE, True), ("some", house("cy"), False)):
        pdf, _ = built(tmp_path / name, text)
        assert (note in (pdf.parent / "report.json").read_text(encoding="utf-8")) is expected
