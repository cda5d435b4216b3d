"""Is any text, in any kind of block, on the paper or told, and is any change of it found?"""

import json
import re
import shutil
import unicodedata
from datetime import date
from pathlib import Path

import pytest
from command import PROJECT, TODAY
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st
from publisher import BOOKLET, BOOKLET_FILE, block, with_block, write_publisher
from pypdf import PdfReader

from booklet.chapters import chapters
from booklet.inspect import Facts, inspect_pdf
from booklet.judge import judge
from booklet.layout import Layout, load_layout
from booklet.make import Job, Made, make
from booklet.problem import Severity
from booklet.source import Source

#: Each example prints a booklet: a failure is told as it was met, and not made smaller for minutes.
ANY = settings(
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def made(root: Path) -> Made:
    """Make the booklet `colds` in this process."""
    return make([Job((root, PROJECT), root / "dist", "colds", "", "a5-booklet", date.fromisoformat(TODAY))])[
        0
    ]


LETTERS = st.text("abcdefghijkLMNOPéŵŷß0123456789", min_size=1, max_size=9)
SIGNS = st.sampled_from(
    ["&", "<b>", "'", '"', "%", "50%", "—", "{{x}}", "{%", "$", "#", "£5", "½", "‘so’", "–"]
)
WORDS = st.lists(LETTERS | SIGNS, min_size=1, max_size=14).map(lambda words: ["a", *words, "z"])


@st.composite
def markdown(draw: st.DrawFn) -> tuple[str, str]:
    """A Markdown paragraph, and the words that it says."""
    shown, written = [], []
    for word in draw(WORDS):
        style = draw(st.sampled_from(["", "", "", "*", "**"]))
        plain = word.isalnum()
        shown.append(word)
        escaped = re.sub(r"([\\`*_{}\[\]<>#&!|~$])", r"\\\1", word)
        written.append(f"{style}{escaped}{style}" if plain else escaped)
    return " ".join(written), " ".join(shown)


@settings(ANY, max_examples=4)
@given(texts=st.lists(markdown(), min_size=16, max_size=16))
def test_whatever_is_written_in_any_kind_of_block_is_on_the_paper(
    tmp_path_factory: pytest.TempPathFactory, texts: list[tuple[str, str]]
) -> None:
    booklet = BOOKLET
    shown = iter(texts)
    said = []

    def text() -> str:
        written, words = next(shown)
        said.append(words)
        return "'" + written.replace("'", "''") + "'"

    for kind, keys in {
        "text": {"markdown": text()},
        "terms": {"items": f"[{{term: Virus, text: {text()}}}]"},
        "key_points": {"items": f"[{text()}, {text()}]"},
        "callout": {"content": text()},
        "quote": {"text": text()},
        "table": {"rows": f"[[{text()}, {text()}]]"},
        "steps": {"items": f"[{text()}, {text()}]"},
        "checklist": {"items": f"[{text()}]"},
        "questions": {"items": f"[{text()}]"},
        "statistic": {"text": text()},
        "organisations": {"items": f"[{{name: Colds UK, text: {text()}}}]"},
        "contacts": {"items": f"[{{name: Nurse line, text: {text()}}}]"},
    }.items():
        booklet = with_block(block(kind, **keys), booklet)
    about = f"about: {text()}\n"
    root = write_publisher(tmp_path_factory.mktemp("any"), about + booklet)
    edition = made(root)
    facts = inspect_pdf((root / "dist" / edition.pdf).read_bytes()).value if edition.pages else None
    assert facts, edition.problems
    there = _bare(" ".join(passage.text for passage in facts.passages))
    assert [words for words in said if _bare(words) not in there] == []
    # Nonsense is no plain English, but that is advice.
    assert [problem for problem in edition.problems if problem.severity is not Severity.ADVICE] == []


def _bare(text: str) -> str:
    return re.sub(r"\s", "", unicodedata.normalize("NFC", text))


# --- Letters that are drawn in another form than they are typed, or not at all --------------

AWKWARD = st.sampled_from(
    [
        *(
            "cafe\u0301",
            "n\u0303w\u0302y\u0302",
            "ŵŷ",
            "İstanbul",
            "ığdır",
            "STRAẞE",
            "\ufb01nd",
            "o\ufb03ce",
        ),
        *("hyper\u00adchole\u00adsterol\u00adaemia", "well\u2011being", "well-being", "a\u200db", "a\u200cb"),
        *(
            "10\u00a0ml",
            "10\u202fml",
            "37.5°C",
            "5\u2009×\u200910²",
            "½",
            "⅓",
            "−3",
            "±",
            "€",
            "£5",
            "\u00b5g",
        ),
        *("β-blocker", "שלום", "مرحبا", "٣٤", "漢字", "สวัสดี", "नमस्ते", "😀", "❤\ufe0f", "👩🏽\u200d⚕️"),
        *(
            "z\u0335\u0322",
            "\u0301a",
            "a\u200fb",
            "\u2067abc\u2069",
            "abc\u202edef",
            "1\u20e3",
            "\uff21\uff11",
        ),
        *(
            "\u212a",
            "\u212b",
            "‘so’",
            "“so”",
            "…",
            "—",
            "a/b",
            "x" * 60,
            "www.example.org/a/long/path",
            "$",
            "#1",
        ),
        *("a\u0007b", "a\u2028b", "a\ufeffb", "a\ue000b", "a\u0085b", "\U000e0061"),
    ]
)
TEXTS = st.lists(AWKWARD, min_size=1, max_size=4).map(lambda words: f"Say {' then '.join(words)} now")
KEYS = {
    "text": {"markdown": "{}"},
    "terms": {"items": "[{{term: Virus, text: {}}}]"},
    "key_points": {"items": "[{}]"},
    "callout": {"content": "{}"},
    "quote": {"text": "{}"},
    "table": {"rows": "[[{}, {}]]"},
    "steps": {"items": "[{}]"},
    "checklist": {"items": "[{}]"},
    "questions": {"items": "[{}]"},
    "contacts": {"items": "[{{name: Nurse line, text: {}}}]"},
}


@settings(ANY, max_examples=24)
@given(text=TEXTS, kind=st.sampled_from(sorted(KEYS)))
def test_awkward_letters_are_on_the_paper_or_told_at_their_line(
    tmp_path_factory: pytest.TempPathFactory, text: str, kind: str
) -> None:
    written = json.dumps(text, ensure_ascii=False)
    keys = {
        key: form.replace("{}", written).replace("{{", "{").replace("}}", "}")
        for key, form in KEYS[kind].items()
    }
    booklet = with_block(block(kind, **keys), BOOKLET)
    root = write_publisher(tmp_path_factory.mktemp("any"), booklet)
    edition = made(root)
    told = [problem for problem in edition.problems if problem.severity is not Severity.ADVICE]
    lines = {number for number, line in enumerate(booklet.split("\n"), 1) if "Say " in line}
    assert {(problem.where.file, problem.where.line in lines) for problem in told} <= {(BOOKLET_FILE, True)}
    assert edition.pages or told
    if not told:
        # Read by another program than the checker's own.
        pages = PdfReader(root / "dist" / edition.pdf).pages
        assert _seen(text) in _seen("".join(page.extract_text() for page in pages))


def _seen(text: str) -> str:
    """The letters that are seen; hyphens are left out, because a soft one may be seen or not."""
    return re.sub(r"[\s\u00ad\u200c-\u200f-]", "", unicodedata.normalize("NFKC", text))


# --- Changes -------------------------------------------------------------------------------

FILE = "source/booklets/having-a-lumbar-puncture/booklet.yaml"


@pytest.fixture(scope="module")
def printed(editions: Path) -> Facts:
    """A booklet as it was printed."""
    [pdf] = (editions / "having-a-lumbar-puncture").glob("*/*.pdf")
    facts = inspect_pdf(pdf.read_bytes()).value
    assert facts
    return facts


@pytest.fixture(scope="module")
def publisher(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the source, to be changed after the print."""
    folder = tmp_path_factory.mktemp("changed")
    shutil.copytree(PROJECT / "source", folder / "source")
    return folder


def words_of(root: Path, layout: Layout) -> list[tuple[int, str]]:
    """Words that are to be printed, each with the line of the source that it stands in once."""
    lines = (root / FILE).read_text(encoding="utf-8").split("\n")
    sourced, fixed = Source(root).booklet("having-a-lumbar-puncture").value, layout.words("en-GB").value
    assert sourced
    assert fixed
    pieces = [piece for chapter in chapters(sourced, fixed) for piece in chapter.pieces]
    return sorted(
        {
            (piece.where.line, word)
            for piece in pieces
            for word in re.findall(r"\w+", piece.text)
            if piece.where.file == FILE and len(re.findall(rf"\b{word}\b", lines[piece.where.line - 1])) == 1
        }
    )


def slipped(draw: st.DrawFn, word: str) -> str:
    """The word with a slip in it."""
    at = draw(st.integers(0, len(word) - 1))
    other = draw(st.sampled_from("0123456789" if word[at].isdigit() else "aeiounst"))
    ways = [word[:at] + other + word[at + 1 :], word[:at] + word[at:][:1] * 2 + word[at + 1 :]]
    ways += [
        word[:at] + word[at + 1 :],
        word[:at] + word[at + 1 : at + 2] + word[at : at + 1] + word[at + 2 :],
    ]
    return draw(st.sampled_from(ways))


@settings(ANY, max_examples=40)
@given(data=st.data())
def test_any_slip_since_the_print_is_found_at_its_line(
    printed: Facts, publisher: Path, data: st.DataObject
) -> None:
    layout = load_layout("a5-booklet", (PROJECT,)).value
    assert layout
    text = (PROJECT / FILE).read_text(encoding="utf-8")
    (publisher / FILE).write_text(text, encoding="utf-8")
    number, word = data.draw(st.sampled_from(words_of(publisher, layout)))
    slip = data.draw(st.composite(slipped)(word))
    assume(slip != word)
    lines = text.split("\n")
    lines[number - 1] = re.sub(rf"\b{word}\b", slip, lines[number - 1])
    (publisher / FILE).write_text("\n".join(lines), encoding="utf-8")
    sourced = Source(publisher).booklet("having-a-lumbar-puncture").value
    assume(sourced)  # a key of the file may have been hit
    assert sourced

    found = judge(printed, sourced, layout, date.fromisoformat(TODAY))

    errors = [problem for problem in found if problem.severity is Severity.ERROR]
    assert (FILE, number) in {(problem.where.file, problem.where.line) for problem in errors}, (word, slip)
