"""Is a letter that the fonts lack told at its line, before anything is printed?"""

from pathlib import Path

import pytest
from command import build
from publisher import BOOKLET, CLINIC, write_publisher
from pypdf import PdfReader

from booklet import cli


@pytest.mark.parametrize("letter", ["→", "✓", "あ", "漢"])
def test_a_letter_that_no_font_has_is_told_at_its_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], letter: str
) -> None:
    text = BOOKLET.replace("Most colds", f"Most {letter} colds")
    line = text[: text.index(letter)].count("\n") + 1
    write_publisher(tmp_path, text)

    status = cli.main(["--root", str(tmp_path)])

    said = capsys.readouterr().out
    assert status == 2
    assert (
        f"error[letter-missing]: The layout's fonts have no letter '{letter}' (U+{ord(letter):04X})" in said
    )
    assert f"booklet.yaml:{line}:" in said
    assert "words-missing" not in said


def test_a_line_in_another_script_is_told_once(tmp_path: Path) -> None:
    clinic = {"source/clinics/hope.yaml": CLINIC.replace("Riverside", "مستشفى الأمل")}
    ran = build(write_publisher(tmp_path, files=clinic), "--clinic", "hope")
    assert ran.status == 2
    assert ran.out.count("error[letter-missing]") == 1
    assert (
        "have no letters 'أ' (U+0623), 'ا' (U+0627), 'ت' (U+062A), 'س' (U+0633), 'ش' (U+0634) and 4"
        in ran.out
    )


def test_a_letter_that_another_family_has_is_printed_and_read_back(tmp_path: Path) -> None:
    write_publisher(tmp_path, BOOKLET.replace("Most colds", "Most interferon α colds"))

    status = cli.main(["--root", str(tmp_path)])

    (pdf,) = tmp_path.glob("dist/**/*.pdf")
    assert status == 0
    assert "interferon α" in " ".join(page.extract_text() for page in PdfReader(pdf).pages)
