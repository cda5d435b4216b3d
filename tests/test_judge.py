"""Is a PDF on disk known for what it is, and told apart from what its source says now?"""

import json
import subprocess
import sys
from collections import Counter
from datetime import date
from io import BytesIO
from pathlib import Path

import pytest
from command import PROJECT, TODAY, settings
from publisher import BOOKLET, BOOKLET_FILE, HOUSE, changed, write_publisher
from pypdf import PdfWriter
from pypdf.generic import NameObject, TextStringObject

from booklet.judge import LONGEST_MESSAGE, Judged, Question, judge_file
from booklet.make import Job, make
from booklet.problem import Problem, Where

#: Judges files where nothing that lays out can be imported; prints the codes of what it finds.
APART = """
import json, sys
from datetime import date
from pathlib import Path

class Barrier:
    def find_spec(self, name, path=None, target=None):
        if name in ("booklet.typeset", "booklet.render", "booklet.assemble", "booklet.make", "weasyprint"):
            raise ImportError(name)

sys.meta_path.insert(0, Barrier())
from booklet.judge import Question, judge_file

today, roots, *files = sys.argv[1:]
for file in files:
    asked = Question(Path(file), tuple(map(Path, roots.split(":"))), date.fromisoformat(today))
    judged = judge_file(asked)
    codes = [problem.code for problem in judged.problems]
    print(json.dumps([judged.facts is not None, judged.sourced is not None, codes]))
"""


@pytest.fixture(scope="module")
def edition(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The PDF of the tests' booklet."""
    root = write_publisher(tmp_path_factory.mktemp("publisher"))
    [made] = make([Job((root, PROJECT), root / "dist", "colds", "", "a5-booklet", date.fromisoformat(TODAY))])
    assert made.problems == ()
    return (root / "dist" / made.pdf).read_bytes()


def judged(
    folder: Path,
    pdf: bytes,
    booklet: str = BOOKLET,
    house: str = HOUSE,
    today: str = TODAY,
    *,
    named: str = "",
) -> Judged:
    """What is found out about a PDF beside a source; `named` is the booklet that it should be."""
    root = write_publisher(folder, booklet, house)
    path = root / "colds.pdf"
    path.write_bytes(pdf)
    return judge_file(Question(path, (root, PROJECT), date.fromisoformat(today), named))


def the_one(found: Judged) -> Problem:
    [problem] = found.problems
    assert problem.pdf == found.question.path.name
    return problem


def codes(found: Judged) -> Counter[str]:
    return Counter(problem.code for problem in found.problems)


def test_an_edition_beside_its_source_has_no_problem(tmp_path: Path, edition: bytes) -> None:
    found = judged(tmp_path, edition)
    assert found.problems == ()
    assert found.facts
    assert found.sourced
    assert found.sourced.booklet.id == "colds"


# --- The source has changed since --------------------------------------------------------------


def test_a_changed_sentence_is_told_with_its_line_and_page(tmp_path: Path, edition: bytes) -> None:
    booklet = changed(BOOKLET, "Most colds go", "Some colds go")
    found = judged(tmp_path, edition, booklet)
    assert codes(found) == {"words-missing": 1}
    [missing] = [problem for problem in found.problems if problem.code == "words-missing"]
    line = booklet[: booklet.index("Some colds go")].count("\n") + 1
    assert (missing.where.file, missing.where.line, missing.pdf) == (BOOKLET_FILE, line, "colds.pdf")
    assert missing.page
    assert "'Some colds go away by themselves.' is missing from 'What a cold is'" in missing.message


def test_a_new_section_is_told(tmp_path: Path, edition: bytes) -> None:
    more = "  - id: care\n    title: Care\n    content: Rest.\n"
    found = judged(tmp_path, edition, BOOKLET + more)
    assert codes(found) == {"words-missing": 1, "contents-incomplete": 1}


def test_a_new_version_is_told_on_every_page(tmp_path: Path, edition: bytes) -> None:
    found = judged(tmp_path, edition, changed(BOOKLET, '"1.0"', '"1.1"'))
    pages = found.facts.pages if found.facts else 0
    assert codes(found)["page-code"] == pages
    assert codes(found)["metadata"] == 1


def test_a_statement_that_was_taken_back_is_told(tmp_path: Path, edition: bytes) -> None:
    booklet = "quality_mark: false\nquality_mark_reason: A draft.\n" + BOOKLET
    assert codes(judged(tmp_path, edition, booklet)) == {
        "mark-forbidden": 1,
        "words-stray": 1,
        "words-missing": 1,
    }


def test_dates_are_judged_by_the_day_of_the_check(tmp_path: Path, edition: bytes) -> None:
    assert codes(judged(tmp_path, edition, today="2029-11-24")) == {"review-past": 1, "mark-ended": 1}


def test_a_source_that_has_become_faulty_is_told_instead(tmp_path: Path, edition: bytes) -> None:
    found = judged(tmp_path, edition, changed(BOOKLET, "language: en-GB", "language: en-GB\ncolour: red"))
    assert the_one(found).code == "unknown-key"
    assert the_one(found).where == Where(BOOKLET_FILE, 4, 1)
    assert found.sourced is None


# --- Files that are none of ours -----------------------------------------------------------------


def foreign(**metadata: str) -> bytes:
    """A PDF by other software."""
    writer = PdfWriter()
    writer.add_blank_page(400, 600)
    writer.add_metadata({f"/{key}": value for key, value in metadata.items()})
    made = BytesIO()
    writer.write(made)
    return made.getvalue()


@pytest.mark.parametrize(
    "pdf",
    [
        foreign(),
        foreign(booklet="flu", layout="a5-booklet"),
        foreign(booklet="../colds", layout="a5-booklet"),
        foreign(booklet="colds"),
        foreign(booklet="colds", layout="../../layouts/a5-booklet"),
        foreign(booklet="colds", layout="a5\0booklet"),
    ],
)
def test_a_pdf_that_is_not_ours_is_unknown(tmp_path: Path, pdf: bytes) -> None:
    found = judged(tmp_path, pdf)
    assert the_one(found).code == "pdf-unknown"
    assert found.facts
    assert found.sourced is None


def test_a_layout_that_is_gone_is_told(tmp_path: Path) -> None:
    problem = the_one(judged(tmp_path, foreign(booklet="colds", layout="a6-booklet")))
    assert problem.code == "unknown-layout"


def test_a_pdf_that_only_claims_to_be_ours_is_found_out(tmp_path: Path) -> None:
    found = judged(tmp_path, foreign(booklet="colds", layout="a5-booklet", language="xx"))
    assert {"words-missing", "credits-missing", "mark-missing", "imprint-missing", "pdf-ua", "pdf-a"} <= set(
        codes(found)
    )


# --- Files of which somebody says which booklet they should be -----------------------------------


def relabelled(pdf: bytes, lang: str = "en-GB", **metadata: str) -> bytes:
    """The PDF with other metadata, and with another language of the file."""
    writer = PdfWriter(BytesIO(pdf), incremental=True)
    writer.metadata = {f"/{key}": value for key, value in metadata.items()}
    writer.root_object[NameObject("/Lang")] = TextStringObject(lang)
    made = BytesIO()
    writer.write(made)
    return made.getvalue()


@pytest.mark.parametrize("metadata", [{}, {"booklet": "flu"}, {"booklet": "flu", "layout": "none-such"}])
def test_a_pdf_that_does_not_name_its_booklet_is_judged_as_the_one_named(
    tmp_path: Path, edition: bytes, metadata: dict[str, str]
) -> None:
    found = judged(tmp_path, relabelled(edition, **metadata), named="colds")
    # Its pages are as they should be, and its metadata still not.
    assert set(codes(found)) - {"pdf-ua", "pdf-a"} == {"metadata"}
    said = metadata.get("booklet", "")
    assert f"The metadata has booklet '{said}', but the source 'colds'" in [p.message for p in found.problems]


def test_the_layout_is_the_metadatas_or_else_the_booklets_first(tmp_path: Path, edition: bytes) -> None:
    recipe = "extends: base\ndescription: x\nsmallest: {text: %d, labels: 8}\n"
    files = {f"layouts/{name}/layout.yaml": recipe % size for name, size in (("huge", 90), ("vast", 99))}
    write_publisher(tmp_path, files=files)
    booklet = "layouts: [huge, vast]\n" + BOOKLET
    for layout, needs in {"": {"90"}, "vast": {"99"}, "a5-booklet": set()}.items():
        found = judged(tmp_path, relabelled(edition, layout=layout), booklet, named="colds")
        small = [problem.message for problem in found.problems if problem.code == "words-small"]
        assert {message.rpartition(" needs ")[2] for message in small if "needs 8" not in message} == needs


@pytest.mark.parametrize(
    ("lang", "language", "judged_as"),
    [
        ("en-GB", "cy", "cy"),
        ("cy", "", "cy"),
        ("cy", "fr", "cy"),
        ("cy", "en-GB", "en-GB"),
        ("fr", "", "en-GB"),
    ],
)
def test_the_language_is_that_of_the_metadata_or_else_the_files_or_the_masters(
    tmp_path: Path, edition: bytes, lang: str, language: str, judged_as: str
) -> None:
    welsh = 'translation_of: "1.0"\n' + changed(BOOKLET, "language: en-GB", "language: cy")
    write_publisher(tmp_path, files={BOOKLET_FILE.replace(".yaml", ".cy.yaml"): welsh})
    found = judged(tmp_path, relabelled(edition, lang, language=language), named="colds")
    assert found.sourced
    assert found.sourced.booklet.language == judged_as


# --- Messages of foreign files -------------------------------------------------------------------


def test_messages_hold_nothing_that_misleads_a_terminal(tmp_path: Path) -> None:
    lies = {"booklet": "a\x1b[2K\u202eb" * 200, "layout": "\x9b31m\n"}
    message = the_one(judged(tmp_path, foreign(**lies))).message
    assert message.isprintable()
    assert len(message) == LONGEST_MESSAGE


def test_titles_with_escapes_are_shown_without_them(tmp_path: Path) -> None:
    pdf = foreign(booklet="colds", layout="a5-booklet", Title="\x1b]0;All is well\x07")
    [problem] = [p for p in judged(tmp_path, pdf).problems if "All is well" in p.message]
    assert problem.message.isprintable()


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7\n%%EOF\n", b"\x89PNG"])
def test_a_file_that_cannot_be_read_is_a_problem(tmp_path: Path, data: bytes) -> None:
    found = judged(tmp_path, data)
    assert the_one(found).code == "pdf-unreadable"
    assert (found.facts, found.sourced) == (None, None)


def test_a_file_that_is_not_there_is_a_problem(tmp_path: Path) -> None:
    for path in (tmp_path / "none.pdf", tmp_path):
        found = judge_file(Question(path, (tmp_path, PROJECT), date.fromisoformat(TODAY)))
        assert the_one(found).code == "pdf-unreadable"
        assert path.name in the_one(found).message


# --- Checking never lays out ---------------------------------------------------------------------


def test_checking_needs_nothing_that_lays_out(tmp_path: Path, edition: bytes, editions: Path) -> None:
    root = write_publisher(tmp_path)
    (root / "colds.pdf").write_bytes(edition)
    assert verdicts(f"{root}:{PROJECT}", root / "colds.pdf") == [[True, True, []]]
    finished = sorted(editions.glob("*/*/*.pdf"))
    assert verdicts(str(PROJECT), *finished) == [[True, True, []]] * 8


def verdicts(roots: str, *files: Path) -> list[object]:
    """Of each file: could it be read, was it recognised, and the codes of its problems."""
    words = [sys.executable, "-P", "-c", APART, TODAY, roots, *map(str, files)]
    ran = subprocess.run(words, env=settings(), capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    return [json.loads(line) for line in ran.stdout.splitlines()]
