"""Do annotations come back as remarks, whichever program wrote them, and does no file do harm?"""

import io
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pypdfium2 as pdfium
import pytest
from command import Ran, build, run
from publisher import BOOKLET, changed, write_publisher
from pypdf import PdfReader, PdfWriter
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    FloatObject,
    NameObject,
    NullObject,
    TextStringObject,
)

from booklet import annotated
from booklet.source import Source

TEXTS = {
    "colds": ("Most colds go away by themselves.", "Rest, and drink enough water each day."),
    "help": ("Ask for help if you cannot breathe well.", "The nurses answer day and night."),
}
WRITTEN = (
    BOOKLET
    + f"      - {TEXTS['colds'][1]}\n"
    + "  - id: help\n    title: Where help is\n    content:\n"
    + "".join(f"      - {text}\n" for text in TEXTS["help"])
)
FILE = "source/booklets/colds/remarks.yaml"
DAY = ("--today", "2026-11-29")
Annotation = Mapping[str, Any]


class Proof:
    """An edition that became a proof, and where its paragraphs stand: from the lower edge, as PDF counts."""

    def __init__(self, pdf: bytes) -> None:
        self.pdf = pdf
        self.places = dict(self._found())
        self.said: dict[str, Any] = {
            "format": 1,
            "booklet": "colds",
            "language": "en-GB",
            "version": "1.0",
            "proof": 3,
            "layout": "a5-booklet",
            "digest": "0" * 64,
            "blocks": [self._block(section, text) for section, texts in TEXTS.items() for text in texts],
        }

    def _found(self) -> Any:
        document = pdfium.PdfDocument(self.pdf)
        for number, page in enumerate(document, 1):
            letters = page.get_textpage()
            for text in (text for texts in TEXTS.values() for text in texts):
                found = letters.search(text).get_next()
                if found:
                    boxes = [letters.get_charbox(at) for at in range(found[0], found[0] + found[1])]
                    sides = list(zip(*boxes, strict=True))
                    box = (min(sides[0]), min(sides[1]), max(sides[2]), max(sides[3]))
                    yield text, (number, page.get_height(), box)
        document.close()

    def _block(self, section: str, text: str) -> dict[str, Any]:
        number, high, (left, low, right, up) = self.places[text]
        box = {"page": number, "box": [left, high - up, right, high - low]}
        return {"section": section, "quote": text, "file": "f", "line": 1, "boxes": [box]}

    def write(
        self, path: Path, annotations: Sequence[tuple[int, Annotation]] = (), said: bytes | None = None
    ) -> Path:
        """Write it with annotations: the page of each, and what it has; /IRT is the place of another."""
        writer = PdfWriter(clone_from=PdfReader(io.BytesIO(self.pdf)))
        if said != b"":
            writer.add_attachment("proof.json", said or json.dumps(self.said).encode())
        made: list[DictionaryObject] = []
        for number, keys in annotations:
            one = DictionaryObject({NameObject("/Type"): NameObject("/Annot")})
            one.update({NameObject(key): _pdf(value) for key, value in keys.items() if key != "/IRT"})
            made.append(writer._add_object(one).get_object())  # type: ignore[arg-type]
            page = writer.pages[number - 1]
            listed = page.get("/Annots", ArrayObject()).get_object()
            page[NameObject("/Annots")] = ArrayObject([*listed, made[-1].indirect_reference])
        for (_, keys), one in zip(annotations, made, strict=True):
            if "/IRT" in keys:
                one[NameObject("/IRT")] = made[keys["/IRT"]].indirect_reference
        with path.open("wb") as file:
            writer.write(file)
        return path


def _pdf(value: Any) -> Any:
    if isinstance(value, str):
        return NameObject(value) if value.startswith("/") else TextStringObject(value)
    return ArrayObject(map(FloatObject, value)) if isinstance(value, tuple) else value


@pytest.fixture(scope="module")
def proof(tmp_path_factory: pytest.TempPathFactory) -> Proof:
    root = write_publisher(tmp_path_factory.mktemp("edition"), WRITTEN)
    assert build(root).status == 0
    (pdf,) = root.glob("dist/colds/1.0/*.pdf")
    found = Proof(pdf.read_bytes())
    assert len(found.places) == 4
    return found


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write_publisher(tmp_path / "house", WRITTEN)


def take_in(root: Path, file: Path, *words: object) -> Ran:
    return run("remarks", "import", file, "--root", root, *DAY, *words)


def kept(root: Path) -> list[tuple[str, str, str | None, str]]:
    read = Source(root).remarks("colds")
    assert read.value is not None, read.problems
    return [(one.name, one.section, one.quote, one.remark) for one in read.value]


# --- As programs write them ----------------------------------------------------------------


def quads(box: tuple[float, float, float, float], order: str) -> tuple[float, ...]:
    left, low, right, up = box
    corners = {"a": (left, up), "b": (right, up), "c": (left, low), "d": (right, low)}
    return tuple(side for corner in order for side in corners[corner])


def acrobat(box: tuple[float, float, float, float]) -> list[Annotation]:
    """Marks as Acrobat writes them: corners in the order of a Z, a note's answer and its states hidden."""
    low, right = box[1:3]
    icon = (right + 6, low - 6, right + 26, low + 14)
    about = {"/M": "D:20261127101500+01'00'", "/CreationDate": "D:20261127101400+01'00'"}
    ann, sam = {"/T": "Ann Bell", **about}, {"/T": "Sam", **about}
    note = {"/Subtype": "/Text", "/Name": "/Comment", "/F": FloatObject(28), "/Rect": icon}
    hidden = {"/Subtype": "/Text", "/F": FloatObject(30), "/Rect": icon, "/IRT": 0}
    agreed = {"/StateModel": "Review", "/State": "Accepted", "/Contents": "Accepted set by Sam"}
    return [
        {**note, **ann, "/NM": "a-1", "/Contents": "Which of them?\rAll?"},
        {**hidden, **sam, "/NM": "a-2", "/Contents": "Nearly all."},
        {**hidden, **sam, "/NM": "a-3", **agreed},
        {"/Subtype": "/Popup", "/Rect": (0.0, 0.0, 9.0, 9.0), "/Contents": "never a remark"},
        {"/Subtype": "/Caret", **ann, "/NM": "a-4", "/Rect": box, "/Contents": "vanish"},
        {
            "/Subtype": "/StrikeOut",
            **ann,
            "/NM": "a-5",
            "/Rect": box,
            "/IRT": 4,
            "/RT": "/Group",
            "/QuadPoints": quads(box, "abcd"),
        },
    ]


def okular(box: tuple[float, float, float, float]) -> list[Annotation]:
    """Marks as Okular writes them: corners around, names that say so."""
    said = {"/T": "Żaneta", "/M": "D:20261128090000+01'00'", "/Rect": box}
    return [
        {
            "/Subtype": "/Highlight",
            **said,
            "/NM": "okular-{1}",
            "/Contents": "How much? 5 µl?",
            "/QuadPoints": quads(box, "cdba"),
        },
        {
            "/Subtype": "/Squiggly",
            **said,
            "/NM": "okular-{2}",
            "/Contents": "",
            "/QuadPoints": quads(box, "cdba"),
        },
        {"/Subtype": "/Ink", **said, "/NM": "okular-{3}", "/InkList": ArrayObject()},
    ]


def preview(box: tuple[float, float, float, float]) -> list[Annotation]:
    """Marks as Preview writes them: without names of their own."""
    left, low, right, up = box
    said = {"/T": "Dr Bo", "/M": "D:20261128090000Z00'00'"}
    around = (left - 4, low - 4, right + 4, up + 4)
    away = (left, 20.0, left + 60, 32.0)
    return [
        {"/Subtype": "/Square", **said, "/Rect": around, "/Contents": "Say it first."},
        {
            "/Subtype": "/FreeText",
            **said,
            "/Rect": away,
            "/Contents": "And where?",
            "/DA": "Helvetica 12",
            "/CL": (left + 1, low + 1, left, 60.0, left, 32.0),
        },
        {"/Subtype": "/Underline", "/Rect": box, "/QuadPoints": quads(box, "abcd")},
    ]


WAYS: dict[str, tuple[Callable[..., list[Annotation]], list[tuple[str, str]]]] = {
    "Acrobat": (
        acrobat,
        [
            ("Ann Bell", "vanish\nAnn Bell: (struck out)"),
            ("Ann Bell", "Which of them?\nAll?\nSam: Nearly all."),
        ],
    ),
    "Okular": (okular, [("Żaneta", "How much? 5 μl?"), ("Żaneta", "(underlined with a wavy line)")]),
    "Preview": (
        preview,
        [
            ("Dr Bo", "Say it first."),
            ("(no name given)", "(underlined)"),
            ("Dr Bo", "And where?"),
        ],
    ),
}


@pytest.mark.parametrize("text", [text for texts in TEXTS.values() for text in texts])
@pytest.mark.parametrize("way", WAYS)
def test_annotations_become_remarks_on_their_paragraph(
    way: str, text: str, proof: Proof, root: Path, tmp_path: Path
) -> None:
    write, expected = WAYS[way]
    number, _, box = proof.places[text]
    file = proof.write(tmp_path / "back.pdf", [(number, one) for one in write(box)])
    ran = take_in(root, file)
    assert ran.status == 0, ran
    section = next(section for section, texts in TEXTS.items() if text in texts)
    assert sorted(kept(root)) == sorted((name, section, text, said) for name, said in expected)
    assert f"{len(expected)} added, 0 known already" in ran.out
    assert ("1 without words passed over" in ran.out) == (write is okular)


def test_what_is_known_of_a_proof_is_kept_with_the_remark(proof: Proof, root: Path, tmp_path: Path) -> None:
    number, _, box = proof.places[TEXTS["help"][0]]
    marks = [(number, acrobat(box)[0]), (number, {**preview(box)[0], "/M": "yesterday"})]
    ran = take_in(root, proof.write(tmp_path / "back.pdf", marks), "--json")
    found = {one["remark"]: one for one in ran.data["remarks"]}
    assert {(one["version"], one["proof"], one["role"], one["state"]) for one in found.values()} == {
        ("1.0", 3, "reviewer", "open")
    }
    assert found["Which of them?\nAll?"]["date"] == "2026-11-27"
    assert found["Say it first."]["date"] == "2026-11-29"
    assert {one["hangs_on"] for one in found.values()} == {"quote"}


def test_a_note_beside_the_text_is_on_what_is_at_its_height(proof: Proof, root: Path, tmp_path: Path) -> None:
    # The first is far shorter than what stands below it.
    short, long = TEXTS["colds"]
    number, _, (left, low, _, up) = proof.places[short]
    boxes = [list(block["boxes"][0]["box"]) for block in proof.said["blocks"][:2]]
    boxes[0][2], boxes[1][2] = left + 20, left + 300
    boxes[1][1] = boxes[0][3] + 2
    said = proof.said | {
        "blocks": [
            {"section": "colds", "quote": text, "boxes": [{"page": number, "box": box}]}
            for text, box in zip((short, long), boxes, strict=True)
        ]
    }
    note = {"/Subtype": "/Text", "/Contents": "Here.", "/Rect": (left + 400, low, left + 420, up)}
    take_in(root, proof.write(tmp_path / "back.pdf", [(number, note)], json.dumps(said).encode()))
    assert [quote for _, _, quote, _ in kept(root)] == [short]


# --- Again ---------------------------------------------------------------------------------


@pytest.mark.parametrize("write", [acrobat, okular, preview])
def test_the_same_file_adds_nothing_again(
    write: Callable[..., list[Annotation]], proof: Proof, root: Path, tmp_path: Path
) -> None:
    number, _, box = proof.places[TEXTS["colds"][0]]
    file = proof.write(tmp_path / "back.pdf", [(number, one) for one in write(box)])
    take_in(root, file)
    before = (root / FILE).read_bytes()
    assert run("remarks", "done", "colds", "1", "--root", root).status == 0
    changed_ = (root / FILE).read_bytes()
    ran = take_in(root, file)
    assert ran.status == 0
    assert ran.out.startswith("0 added")
    assert (root / FILE).read_bytes() == changed_ != before


def test_an_answer_that_comes_later_is_added(proof: Proof, root: Path, tmp_path: Path) -> None:
    number, _, box = proof.places[TEXTS["colds"][1]]
    note, answer = acrobat(box)[:2]
    take_in(root, proof.write(tmp_path / "first.pdf", [(number, note)]))
    take_in(root, proof.write(tmp_path / "then.pdf", [(number, note), (number, answer)]))
    assert kept(root) == [
        ("Ann Bell", "colds", TEXTS["colds"][1], "Which of them?\nAll?"),
        ("Sam", "colds", TEXTS["colds"][1], "Nearly all."),
    ]


def test_two_readers_marks_in_one_place_are_both_kept(proof: Proof, root: Path, tmp_path: Path) -> None:
    number, _, box = proof.places[TEXTS["colds"][0]]
    same = {"/Subtype": "/Text", "/Rect": box, "/NM": "1", "/Contents": "Why?"}
    marks = [(number, {**same, "/T": name}) for name in ("Ann", "Sam")]
    take_in(root, proof.write(tmp_path / "back.pdf", marks))
    assert [name for name, *_ in kept(root)] == ["Ann", "Sam"]


def test_answers_in_a_ring_are_all_kept(proof: Proof, root: Path, tmp_path: Path) -> None:
    number, _, box = proof.places[TEXTS["colds"][0]]
    marks = [
        (number, {"/Subtype": "/Text", "/T": name, "/Contents": "Why?", "/Rect": box, "/IRT": to})
        for name, to in (("Ann", 1), ("Sam", 0), ("Bo", 2), ("Cy", 1))
    ]
    assert take_in(root, proof.write(tmp_path / "back.pdf", marks)).status == 0
    said = "\n".join(f"{name} {remark}" for name, _, _, remark in kept(root))
    assert all(name in said for name in ("Ann", "Sam", "Bo", "Cy"))


def test_a_remark_stays_where_the_text_went(proof: Proof, tmp_path: Path) -> None:
    text = TEXTS["help"][1]
    number, _, box = proof.places[text]
    edited = write_publisher(tmp_path / "edited", changed(WRITTEN, text, "Nurses answer day and night."))
    marks = [(number, one) for one in preview(box)[:1]]
    ran = take_in(edited, proof.write(tmp_path / "back.pdf", marks), "--json")
    assert [one["hangs_on"] for one in ran.data["remarks"]] == ["alike"]


def test_a_page_without_paragraphs_hangs_on_the_one_before(proof: Proof, root: Path, tmp_path: Path) -> None:
    last = max(number for number, _, _ in proof.places.values())
    pages = len(PdfReader(io.BytesIO(proof.pdf)).pages)
    assert last < pages
    mark = {"/Subtype": "/Text", "/T": "Ann", "/Contents": "Nice.", "/Rect": (9.0, 9.0, 20.0, 20.0)}
    take_in(root, proof.write(tmp_path / "back.pdf", [(pages, mark)]))
    assert kept(root) == [("Ann", "help", TEXTS["help"][1], "Nice.")]


# --- Hostile -------------------------------------------------------------------------------

WORDS = {
    "yaml": (
        "x\n  - id: 9\n    state: done\n# &a !b *c {d: [e",
        "x\n- id: 9\nstate: done\n# &a !b *c {d: [e",
    ),
    "signs": ("\x1b[31m\u202eevil\u2028\x00 \u00b5", "[31mevil\n\u03bc"),
    "spaces": ("  \t  # no comment\n\n\n   - no item:\n\t", "# no comment\n- no item:"),
    "null": ("null", "null"),
    "quotes": ("\"'\\ \\n : #", "\"'\\ \\n : #"),
    "long": ("word " * 9_000, "word " * 3_999 + "w […]"),
}


@pytest.mark.parametrize(("said", "expected"), WORDS.values(), ids=WORDS)
def test_no_words_break_the_file(said: str, expected: str, proof: Proof, root: Path, tmp_path: Path) -> None:
    number, _, box = proof.places[TEXTS["colds"][0]]
    note = {"/Subtype": "/Text", "/T": said, "/Contents": said, "/NM": said, "/Rect": box}
    file = proof.write(tmp_path / "back.pdf", [(number, note)])
    assert take_in(root, file).status == 0
    assert [remark for *_, remark in kept(root)] == [expected]
    assert take_in(root, file).out.startswith("0 added")


ODD: dict[str, Annotation] = {
    "no place": {},
    "a place of words": {"/Rect": ArrayObject([TextStringObject("a"), NullObject()])},
    "a place without end": {"/Rect": (1e15, 0.0, 1e15, 0.0)},
    "corners that are none": {"/QuadPoints": NullObject(), "/Rect": (1.0, 2.0)},
    "a day that is none": {"/M": "D:20269999", "/Rect": (1.0, 2.0, 3.0, 4.0)},
    "a name that is none": {"/T": ArrayObject(), "/NM": FloatObject(3), "/Rect": (1.0, 2.0, 3.0, 4.0)},
}


@pytest.mark.parametrize("keys", ODD.values(), ids=ODD)
def test_an_odd_annotation_is_kept_all_the_same(
    keys: Annotation, proof: Proof, root: Path, tmp_path: Path
) -> None:
    number = proof.places[TEXTS["colds"][0]][0]
    note = {"/Subtype": "/Text", "/Contents": "Odd.", **keys}
    assert take_in(root, proof.write(tmp_path / "back.pdf", [(number, note)])).status == 0
    assert [remark for *_, remark in kept(root)] == ["Odd."]


def _data(proof: Proof, **others: Any) -> bytes:
    return json.dumps(proof.said | others).encode()


REFUSED: dict[str, tuple[Callable[[Proof, Path], Any], str]] = {
    "an edition": (lambda proof, path: proof.write(path, said=b""), "no proof.json is attached to it"),
    "another booklet": (
        lambda proof, path: proof.write(path, said=_data(proof, booklet="flu")),
        "There is no booklet 'flu'",
    ),
    "another language": (
        lambda proof, path: proof.write(path, said=_data(proof, language="cy")),
        "is a proof of 'colds' in 'cy', which is not there",
    ),
    "a folder's name": (
        lambda proof, path: proof.write(path, said=_data(proof, booklet="../../etc")),
        "its proof.json is not as it should be: look at booklet",
    ),
    "another format": (
        lambda proof, path: proof.write(path, said=_data(proof, format=2)),
        "look at format",
    ),
    "no blocks": (lambda proof, path: proof.write(path, said=_data(proof, blocks=[])), "where anything"),
    "a box of words": (
        lambda proof, path: proof.write(
            path,
            said=_data(
                proof,
                blocks=[
                    {"section": "a", "quote": "", "boxes": [{"page": 1, "box": [1, 2, 3, float("nan")]}]}
                ],
            ),
        ),
        "look at blocks.0.boxes.0.box.3",
    ),
    "no JSON": (lambda proof, path: proof.write(path, said=b"["), "look at its form"),
    "deep JSON": (lambda proof, path: proof.write(path, said=b"[" * 99_999), "look at its form"),
    "half a file": (
        lambda proof, path: path.write_bytes(proof.pdf[: len(proof.pdf) // 2]),
        "cannot be taken",
    ),
    "no PDF": (lambda _, path: path.write_bytes(b"remarks: []"), "it is no PDF"),
    "nothing": (lambda _, path: path.write_bytes(b""), "it is empty"),
    "no file": (lambda _, path: path, "there is no such file"),
    "a folder": (lambda _, path: path.mkdir(), "it is no file"),
    "a bomb": (lambda proof, path: proof.write(path, said=b"[" + b" " * 30_000_000), "larger than 20 MB"),
}


@pytest.mark.parametrize(("write", "told"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_proof_of_a_booklet_is_refused(
    write: Callable[[Proof, Path], Any], told: str, proof: Proof, root: Path, tmp_path: Path
) -> None:
    write(proof, tmp_path / "back.pdf")
    ran = take_in(root, tmp_path / "back.pdf")
    assert ran.status == 2
    assert told in ran.err
    assert "Traceback" not in ran.err
    assert not (root / FILE).exists()


def test_a_huge_file_is_refused_unread(root: Path, tmp_path: Path) -> None:
    with (tmp_path / "back.pdf").open("wb") as file:
        file.truncate(annotated.MAX_BYTES + 1)
    ran = take_in(root, tmp_path / "back.pdf")
    assert (ran.status, "it is larger than 200 MB" in ran.err) == (2, True)


def test_more_annotations_than_anybody_makes_are_refused(proof: Proof, root: Path, tmp_path: Path) -> None:
    many = [(1, {"/Subtype": "/Popup"})] * (annotated.MAX_ANNOTATIONS + 1)
    ran = take_in(root, proof.write(tmp_path / "back.pdf", many))
    assert (ran.status, "it has more than 5000 annotations" in ran.err) == (2, True)


def test_a_locked_file_is_refused(proof: Proof, root: Path, tmp_path: Path) -> None:
    writer = PdfWriter(clone_from=PdfReader(proof.write(tmp_path / "open.pdf")))
    writer.encrypt("", "secret", algorithm="AES-256")
    writer.write(tmp_path / "back.pdf")
    ran = take_in(root, tmp_path / "back.pdf")
    assert (ran.status, "it is encrypted" in ran.err) == (2, True)
