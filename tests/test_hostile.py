"""Does `check` answer whatever a hostile PDF holds, in bounded time and memory, without a traceback?

Each group of files is checked by the command in a process of its own, which may use MEMORY, and
is judged as the tests' booklet, so that the checks and the report see what the readers let pass.
"""

import json
import re
import resource
import subprocess
import zlib
from collections.abc import Iterable, Mapping
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
from command import PROJECT, TODAY, build, command, settings
from publisher import write_publisher

from booklet.letters import MAX_LETTERS

MEMORY = 6 * 1024**3


def checked(folder: Path, files: Mapping[str, bytes], seconds: int = 240) -> dict[str, dict[str, str]]:
    """For each file the problems that the command finds, by their codes."""
    root = write_publisher(folder, files={f"post/{name}.pdf": data for name, data in files.items()})
    paths = [root / f"post/{name}.pdf" for name in files]
    options = "--booklet", "colds", "--root", root, "--today", TODAY, "--json", "--report", root / "report"
    ran = subprocess.run(
        command("check", *paths, *options),
        env=settings(),
        capture_output=True,
        text=True,
        check=False,
        timeout=seconds,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY)),
    )
    assert ran.stderr == ""
    assert ran.returncode in (1, 2)
    html = (root / "report/report.html").read_text(encoding="utf-8")
    found: dict[str, dict[str, str]] = {name: {} for name in files}
    for problem in json.loads(ran.stdout)["problems"]:
        found[problem["pdf"].removesuffix(".pdf")][problem["code"]] = problem["message"]
    assert [name for name in files if not found[name] or f">{name}.pdf</h2>" not in html] == []
    return found


# --- PDFs from their objects -----------------------------------------------------------------


def pdf(objects: Iterable[bytes], trailer: str = "") -> bytes:
    """A PDF of these objects, numbered from 1; the first is the catalogue."""
    parts = [b"%PDF-1.7\n"]
    parts += [b"%d 0 obj\n%b\nendobj\n" % (number, one) for number, one in enumerate(objects, 1)]
    ends = [0]
    for part in parts:
        ends.append(ends[-1] + len(part))
    table = "".join(f"{start:010} 00000 n \n" for start, _ in pairwise(ends[1:]))
    return b"".join(parts) + (
        f"xref\n0 {len(parts)}\n0000000000 65535 f \n{table}"
        f"trailer <</Size {len(parts)} /Root 1 0 R {trailer}>>\nstartxref\n{ends[-1]}\n%%EOF\n"
    ).encode("latin-1")


def stream(data: bytes, keys: str = "") -> bytes:
    return f"<<{keys} /Length {len(data)}>>\nstream\n".encode() + data + b"\nendstream"


def bomb(keys: str = "") -> bytes:
    """A stream of a gigabyte of zeros, in a megabyte."""
    return stream(gigabyte_packed(), f"{keys} /Filter /FlateDecode")


@cache
def gigabyte_packed() -> bytes:
    packer, piece = zlib.compressobj(), bytes(10_000_000)
    return b"".join([*(packer.compress(piece) for _ in range(100)), packer.flush()])


HELVETICA = b"<</Type /Font /Subtype /Type1 /BaseFont /Helvetica>>"
HELLO = b"/P <</MCID 0>> BDC BT /F 12 Tf 10 50 Td (Hello) Tj ET EMC"


def page(
    *more: bytes,
    content: bytes = stream(HELLO),
    font: bytes = HELVETICA,
    catalogue: str = "",
    keys: str = "",
    resources: str = "/Font <</F 5 0 R>>",
    trailer: str = "",
) -> bytes:
    """A PDF of one page with a word on it; `more` objects are numbered from 6."""
    own = f"<</Type /Page /Parent 2 0 R /Resources <<{resources}>> /Contents 4 0 R {keys}>>"
    if "/MediaBox" not in keys:
        own = own.replace("<<", "<</MediaBox [0 0 200 200] ", 1)
    catalogue = f"<</Type /Catalog /Pages 2 0 R {catalogue}>>"
    pages = b"<</Type /Pages /Kids [3 0 R] /Count 1>>"
    return pdf([catalogue.encode(), pages, own.encode(), content, font, *more], trailer)


def pages(count: int) -> bytes:
    kids = " ".join(f"{number} 0 R" for number in range(3, count + 3))
    one = b"<</Type /Page /Parent 2 0 R /MediaBox [0 0 9 9]>>"
    tree = f"<</Type /Pages /Count {count} /Kids [{kids}]>>".encode()
    return pdf([b"<</Type /Catalog /Pages 2 0 R>>", tree, *[one] * count])


def form(drawing: str, inner: int) -> bytes:
    """A form that draws the form of that number."""
    keys = f"/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources <</XObject <</X {inner} 0 R>>>>"
    return stream(drawing.encode(), keys)


def forms(*more: bytes) -> bytes:
    return page(*more, content=stream(b"/X Do"), resources="/XObject <</X 6 0 R>>")


def font(program: bytes, texts: bytes = b"") -> bytes:
    """A page in an embedded font."""
    keys = "/Type /Font /BaseFont /AAAAAA+X"
    outer = f"<<{keys} /Subtype /Type0 /Encoding /Identity-H /DescendantFonts [6 0 R] /ToUnicode 9 0 R>>"
    system = "/CIDSystemInfo <</Registry (Adobe) /Ordering (Identity) /Supplement 0>>"
    inner = f"<<{keys} /Subtype /CIDFontType2 {system} /FontDescriptor 7 0 R /DW 500>>"
    descriptor = (
        "<</Type /FontDescriptor /FontName /AAAAAA+X /Flags 4 /FontBBox [0 0 1 1] /ItalicAngle 0 "
        "/Ascent 1 /Descent 0 /CapHeight 1 /StemV 1 /FontFile2 8 0 R>>"
    )
    said = stream(b"BT /F 12 Tf 10 50 Td <00240025> Tj ET")
    more = inner.encode(), descriptor.encode(), stream(program), stream(texts)
    return page(*more, content=said, font=outer.encode())


def tags(*more: str) -> bytes:
    """A page with a tree of tags, whose root is number 6."""
    keys = "/StructTreeRoot 6 0 R /MarkInfo <</Marked true>>"
    return page(*(one.encode() for one in more), catalogue=keys, keys="/StructParents 0")


def outline(*more: str) -> bytes:
    top = "<</Type /Outlines /First 7 0 R /Last 7 0 R>>"
    return page(top.encode(), *(one.encode() for one in more), catalogue="/Outlines 6 0 R")


def link(keys: str) -> bytes:
    return page(keys=f"/Annots [<</Type /Annot /Subtype /Link {keys}>>]")


def row(count: int) -> bytes:
    """Content with so many letters in one line."""
    return stream(b"BT /F 1 Tf (" + b"a" * count + b") Tj ET")


def box(sides: str) -> bytes:
    return page(keys=f"/MediaBox [{sides}]")


def flipped(data: bytes, count: int, seed: int) -> bytes:
    """The data with so many bytes changed by chance, all but its beginning and end."""
    chance, changed = np.random.default_rng(seed), bytearray(data)
    for place, value in zip(chance.integers(20, len(data) - 10, count), chance.bytes(count), strict=True):
        changed[place] = value
    return bytes(changed)


FACE = next((PROJECT / "fonts").glob("*/*400Regular.ttf")).read_bytes()
DEEP = "reference chain exceeds the configured depth"
FAR = "page 1 is not between 0 and 14400 points wide and high"
PACKED = "exceeds the decoded-size limit"


def test_what_would_cost_all_time_or_memory_is_refused(tmp_path: Path) -> None:
    twice = "/X Do /X Do"
    refused = {
        "many-pages": (pages(2000), "it has more than 1000 pages"),
        "many-letters": (page(content=row(1_000_000)), f"a page has more than {MAX_LETTERS} letters"),
        "one-letter-too-many": (
            page(content=row(MAX_LETTERS + 1)),
            f"a page has more than {MAX_LETTERS} letters",
        ),
        "form-of-itself": (forms(form(twice, 6)), "it has a form that draws itself"),
        "forms-in-a-ring": (forms(form(twice, 7), form(twice, 6)), "it has a form that draws itself"),
        "forms-in-forms": (
            forms(*(form("/X Do", number) for number in range(7, 1007)), stream(b"")),
            "it is nested too deeply",
        ),
        "forms-that-double": (
            forms(*(form(twice, number) for number in range(7, 47)), stream(b"")),
            "Form XObject invocations exceed",
        ),
        "tags-in-a-ring": (
            tags(
                "<</K [7 0 R]>>", "<</S /Div /P 6 0 R /K [8 0 R 7 0 R]>>", "<</S /P /P 8 0 R /K [7 0 R 0]>>"
            ),
            DEEP,
        ),
        "tags-in-tags": (
            tags("<</K [7 0 R]>>", *(f"<</S /Div /P {n} 0 R /K [{n + 2} 0 R]>>" for n in range(6, 10_006))),
            DEEP,
        ),
        "texts-of-millions": (
            font(FACE, b"beginbfrange " + b"<0000> <ffff> <0041> " * 100 + b"endbfrange"),
            "65536 codes",
        ),
        "texts-of-all-codes": (
            font(FACE, b"beginbfrange <00000000> <ffffffff> <0041> endbfrange"),
            "65536 codes",
        ),
        "text-too-long": (
            font(FACE, b"beginbfrange <0000> <ffff> <" + b"0041" * 100_000 + b"> endbfrange"),
            "a font gives a code a text that is far too long",
        ),
        "box-of-a-billion": (box("0 0 1000000000 1000000000"), FAR),
        "box-of-a-line": (box("0 0 1000000000 1"), FAR),
        "box-cropped-away": (page(keys="/CropBox [5000 5000 4000 4000]"), FAR),
        "box-of-no-number": (box("0 0 NaN NaN"), "in pypdf._page:"),
        "bomb-of-content": (page(content=bomb()), PACKED),
        "bomb-of-metadata": (
            page(bomb("/Type /Metadata /Subtype /XML"), catalogue="/Metadata 6 0 R"),
            PACKED,
        ),
        "bomb-attached": (
            page(
                b"<</Type /Filespec /F (a) /UF (a) /EF <</F 7 0 R>>>>",
                bomb("/Type /EmbeddedFile"),
                catalogue="/Names <</EmbeddedFiles <</Names [(a) 6 0 R]>>>>",
            ),
            PACKED,
        ),
        "bombs-that-nobody-uses": (page(*[bomb()] * 25), "its streams hold more than 400 MB"),
        "bookmarks-without-end": (
            outline(*(f"<</Title (a) /Next {number} 0 R>>" for number in range(8, 30_000))),
            "it has more than 5000 bookmarks",
        ),
        "bookmarks-below-bookmarks": (
            outline(*(f"<</Title (a) /First {number} 0 R>>" for number in range(8, 5_000))),
            "",
        ),
    }
    found = checked(tmp_path, {name: data for name, (data, _) in refused.items()})
    missed = {
        name: found[name]
        for name, (_, why) in refused.items()
        if not re.search(
            f"^The PDF cannot be read: .*{re.escape(why)}", found[name].get("pdf-unreadable", "")
        )
    }
    assert missed == {}


def test_what_is_only_strange_has_findings(tmp_path: Path) -> None:
    strange = {
        "bookmarks-in-a-ring": outline(
            "<</Title (a) /Next 8 0 R>>", "<</Title (b) /Next 7 0 R /First 7 0 R>>"
        ),
        "bookmark-of-no-title": outline("<</Title 7 /Dest 9>>"),
        "names-in-a-ring": page(b"<</Kids [6 0 R 6 0 R]>>", catalogue="/Names <</Dests 6 0 R>>"),
        "names-that-double": page(
            *(f"<</Kids [{number} 0 R {number} 0 R]>>".encode() for number in range(7, 47)),
            b"<</Names [(a) [3 0 R /Fit]]>>",
            catalogue="/Names <</Dests 6 0 R>>",
        ),
        "name-of-itself": page(b"<</D 6 0 R>>", catalogue="/Names <</Dests <</Names [(a) 6 0 R]>>>>"),
        "labels-in-a-ring": page(b"<</Kids [6 0 R 6 0 R]>>", catalogue="/PageLabels 6 0 R"),
        "labels-of-nothing": page(catalogue="/PageLabels <</Nums [(a) 7 /b]>>"),
        "labels-of-many-letters": page(catalogue="/PageLabels <</Nums [0 <</S /r /St 99999999>>]>>"),
        "rect-of-words": link("/Rect [/a (b) null [1]] /A <</S /URI /URI (https://a.example)>>"),
        "rect-too-short": link("/Rect [1 2] /Dest [3 0 R /Fit]"),
        "rect-missing": link("/A /GoTo"),
        "rect-too-large": link("/Rect [-1e39 1e400 999999999999999999999999 7] /A [7]"),
        "annotations-that-are-none": page(keys="/Annots [null 7 [[]] (a)]"),
        "annotations-of-a-word": page(keys="/Annots /a"),
        "box-of-five-metres": box("0 0 14400 14400"),
        "box-of-one-line": box("0 0 14400 1"),
        "box-of-nothing": box("0 0 0 0"),
        "box-below-nothing": box("0 0 -200 -200"),
        "font-of-garbage": font(
            np.random.default_rng(1).bytes(50_000), b"beginbfchar <0024> <0041> endbfchar"
        ),
        "font-with-flipped-bytes": font(
            flipped(FACE, 300, 1), b"beginbfrange <0000> <0400> <0041> endbfrange"
        ),
        "font-of-nothing": font(b""),
        "texts-that-never-end": font(
            FACE, b"beginbfchar " * 500_000 + b"beginbfrange <00> <01> [ " * 200_000
        ),
        "texts-of-half-letters": font(FACE, b"beginbfchar <0024> <d8> <0025> <d8 00 endbfchar"),
        "streams-that-never-end": page(b"<<>> stream\n" * 100_000),
        "information-of-no-text": page(trailer="/Info <</Title [7] /layout <<>> /language /x>>"),
        "words-of-no-size": page(content=stream(b"BT /F 1e30 Tf 1e38 1e38 1e38 1e38 0 0 Tm (Hello) Tj ET")),
    }
    found = checked(tmp_path, strange)
    assert {name: said["pdf-unreadable"] for name, said in found.items() if "pdf-unreadable" in said} == {}


def test_a_booklet_with_flipped_bytes_is_told(tmp_path: Path) -> None:
    root = write_publisher(tmp_path)
    assert build(root).status == 0
    [edition] = root.glob("dist/*/*/*.pdf")
    files = {f"flipped-{seed}": flipped(edition.read_bytes(), 50, seed) for seed in range(60)}
    found = checked(tmp_path / "flipped", files, seconds=300)
    assert not any("could not be checked" in message for said in found.values() for message in said.values())
