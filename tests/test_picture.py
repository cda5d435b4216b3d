"""Is every picture that could harm, or could not be drawn, refused before it is drawn?"""

import struct
import zlib
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageFile
from publisher import DRAWING

from booklet.picture import MAX_DEPTH, MAX_ELEMENTS, faults, greyed

TOLD = tuple[tuple[str, str], ...]


def told(name: str, data: bytes | str) -> TOLD:
    return tuple(faults(name, data.encode() if isinstance(data, str) else data))


def svg(inner: str, root: str = 'viewBox="0 0 9 9"') -> str:
    spaces = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
    return f"<svg {spaces} {root}>{inner}</svg>"


def raster(form: str, size: tuple[int, int] = (9, 9)) -> bytes:
    file = BytesIO()
    Image.new("RGB", size, "teal").save(file, form)
    return file.getvalue()


def png_chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_header(width: int, height: int) -> bytes:
    """The beginning of a PNG that promises this many pixels."""
    header = png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + png_chunk(b"IDAT", zlib.compress(b"")) + png_chunk(b"IEND", b"")


#: What a drawing may not hold, how it is told, and the same thing harmless.
DRAWINGS = {
    "a script": ("<script>alert(1)</script>", "holds <script>", "<desc>alert(1)</desc>"),
    "another language inside": ("<foreignObject/>", "holds <foreignObject>", "<g/>"),
    "a frame": ("<iframe/>", "holds <iframe>", "<g/>"),
    "a movement": ('<rect><animate attributeName="x"/></rect>', "holds <animate>", "<rect/>"),
    "a turning": ("<g><animateTransform/></g>", "holds <animateTransform>", "<g/>"),
    "a change": ("<g><set/></g>", "holds <set>", "<g/>"),
    "what runs on a click": ('<g onclick="x()"/>', "outside itself: onclick", '<g id="onclick"/>'),
    "a picture from the network": ('<image href="https://x.org/a.png"/>', "outside itself: href", "<g/>"),
    "a picture from the disk": ('<image xlink:href="file:///etc/passwd"/>', "href=file:///etc", "<g/>"),
    "a neighbouring file": ('<use href="other.svg#a"/>', "href=other.svg#a", '<use href="#a"/>'),
    "a picture inside": ('<image href="data:image/png;base64,AA"/>', "holds another picture", "<g/>"),
    "a drawing inside": ('<image href="data:image/svg+xml,x"/>', "holds another picture", "<g/>"),
    "a link": ('<a href="https://x.org"/>', "outside itself", '<a href="#b"/>'),
    "a script as link": ('<a href="javascript:x"/>', "outside itself", "<a/>"),
    "a fill from the network": (
        '<g fill="url(http://x.org/a#b)"/>',
        "outside itself: fill",
        '<g fill="url(#b)"/>',
    ),
    "a style from the network": (
        "<g style=\"fill: URL( 'http://x.org/a')\"/>",
        "outside itself: style",
        "<g style=\"fill: url( '#b')\"/>",
    ),
    "a hidden address": ('<g style="fill: u\\72l(http://x.org)"/>', "outside itself: style", "<g/>"),
    "a style sheet with an address": (
        "<style>g { fill: url(//x.org/a) }</style>",
        "a style that refers",
        "<style>g { fill: url(#a) }</style>",
    ),
    "a style sheet that fetches another": (
        "<style>@IMPORT 'http://x.org/a.css';</style>",
        "a style that refers",
        "<style>g { fill: red }</style>",
    ),
}


@pytest.mark.parametrize(("wrong", "message", "right"), DRAWINGS.values(), ids=DRAWINGS)
def test_what_reaches_out_of_a_drawing_or_runs_in_it_is_refused(wrong: str, message: str, right: str) -> None:
    (fault,) = told("a.svg", svg(wrong))
    assert message in fault[0]
    assert "'a.svg'" in fault[0]
    assert "without it" in fault[1]
    assert told("a.svg", svg(right)) == ()


def test_every_fault_of_a_drawing_is_told() -> None:
    drawing = svg('<script/><g onload="x"/><image href="http://x.org"/>', root="")
    assert len(told("a.svg", drawing)) == 4


def test_a_clean_drawing_passes() -> None:
    inner = '<defs><path id="p" d="M0 0h9"/></defs><use href="#p"/><use xlink:href="#p"/><text>é</text>'
    assert told("a.svg", svg(inner)) == ()
    assert told("a.svg", DRAWING) == ()
    assert told("a.svg", '<?xml version="1.0" encoding="utf-8"?>\n' + svg(inner)) == ()
    assert told("a.svg", "\ufeff" + svg(inner)) == ()


BOMB = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 9))


@pytest.mark.parametrize(
    "drawing",
    [
        f'<!DOCTYPE svg [<!ENTITY e0 "x">{BOMB}]>{svg("&e8;")}',
        f'<!DOCTYPE svg [<!ENTITY e SYSTEM "file:///etc/passwd">]>{svg("&e;")}',
        f'<!DOCTYPE svg SYSTEM "http://x.org/a.dtd">{svg("")}',
        f'<?xml version="1.0"?><!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://x">{svg("")}',
    ],
)
def test_entities_and_a_document_type_are_refused(drawing: str) -> None:
    (fault,) = told("a.svg", drawing)
    assert "DOCTYPE" in fault[0]
    assert "plain SVG" in fault[1]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "latin-1", "cp037"])
def test_an_encoding_that_could_hide_something_is_refused(encoding: str) -> None:
    head = f'<?xml version="1.0" encoding="{encoding}"?>'
    drawing = f"<!DOCTYPE svg [<!ENTITY e 'é'>]>{svg('&e;')}"
    data = (head + drawing).encode(encoding)
    if encoding == "cp037":
        data = head.encode("ascii") + drawing.encode(encoding)
    (fault,) = told("a.svg", data)
    assert "not UTF-8" in fault[0]
    assert "UTF-8" in fault[1]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("", "no well-formed SVG"),
        ("<svg", "no well-formed SVG"),
        (svg("<g>"), "no well-formed SVG"),
        (svg("&nbsp;"), "no well-formed SVG"),
        ("\x89PNG", "no well-formed SVG"),
        ("<html><body/></html>", "XML, but no SVG"),
        (svg("", root=""), "no viewBox"),
        (svg("", root='width="9" height="9"'), "no viewBox"),
        (svg("", root='viewBox="0 0 9"'), "no viewBox"),
        (svg("", root='viewBox="0 0 0 9"'), "no viewBox"),
        (svg("", root='viewBox="0 0 nan 9"'), "no viewBox"),
        (svg("", root='viewBox="a b c d"'), "no viewBox"),
    ],
)
def test_what_is_no_drawing_or_has_no_size_is_refused(data: str, message: str) -> None:
    (fault,) = told("a.svg", data)
    assert message in fault[0]
    assert "SVG" in fault[1] or "viewBox" in fault[1]


@pytest.mark.parametrize(
    "box", ["0 0 9 9", "-1.5,-2 3e0 .5".replace("e0", ""), " 0, 0, 118, 96.5 ", "0\n0 9 9"]
)
def test_every_way_to_write_a_size_passes(box: str) -> None:
    assert told("a.svg", svg("", root=f'viewBox="{box}"')) == ()


def uses(*names: str) -> str:
    return "".join(f'<use href="#{name}"/>' for name in names)


def layers(count: int, fan: int) -> str:
    """Groups, each of which draws the one before it `fan` times."""
    groups = ['<g id="g0"><path/></g>']
    groups += [f'<g id="g{n}">{uses(*[f"g{n - 1}"] * fan)}</g>' for n in range(1, count)]
    return f"<defs>{''.join(groups)}</defs>{uses(f'g{count - 1}')}"


@pytest.mark.parametrize(
    "inner",
    [
        layers(12, 10),
        layers(40, 2),
        uses("a") + f'<g id="a">{uses("a")}</g>',
        f'<g id="a">{uses("b")}</g><g id="b">{uses("a")}</g>',
        f'<use id="a" href="#a"/>{uses("a")}',
        layers(3000, 1),
        uses("g2999") + layers(3000, 1),
        "<g>" * (MAX_DEPTH + 1) + "</g>" * (MAX_DEPTH + 1),
        "<g>" * 50_000 + "</g>" * 50_000,
        "<g/>" * (MAX_ELEMENTS + 1),
    ],
    ids=[
        "tens",
        "twos",
        "itself",
        "each other",
        "a use of itself",
        "chain",
        "chain backwards",
        "deep",
        "very deep",
        "many",
    ],
)
def test_a_drawing_that_grows_or_nests_without_end_is_refused(inner: str) -> None:
    (fault,) = told("a.svg", svg(inner))
    assert "too complicated" in fault[0]
    assert "simplify" in fault[1]


@pytest.mark.parametrize(
    "inner",
    [layers(4, 10), layers(30, 1), uses("none") * 9, "<g>" * 60 + "</g>" * 60, "<g/>" * 9_000],
    ids=["thousand", "chain", "of nothing", "deep", "many"],
)
def test_a_drawing_that_repeats_and_nests_with_measure_passes(inner: str) -> None:
    assert told("a.svg", svg(inner)) == ()


def test_a_hundred_thousand_references_are_counted_quickly() -> None:
    inner = "".join(f'<use href="#n{n}"/>' for n in range(80_000))
    assert "too complicated" in told("a.svg", svg(inner))[0][0]


@pytest.mark.parametrize(("name", "form"), [("a.png", "PNG"), ("a.jpg", "JPEG"), ("a.jpeg", "JPEG")])
def test_a_clean_photograph_passes(name: str, form: str) -> None:
    assert told(name, raster(form)) == ()


@pytest.mark.parametrize(
    ("name", "data", "message", "hint"),
    [
        ("a.png", raster("JPEG"), "is a JPEG file by its content", "right ending"),
        ("a.jpg", raster("PNG"), "is a PNG file by its content", "right ending"),
        ("a.png", raster("GIF"), "cannot be read", "as PNG"),
        ("a.png", raster("PNG", (99, 99))[:-60], "cannot be read", "as PNG"),
        ("a.jpg", raster("JPEG", (99, 99))[:-300], "cannot be read", "as JPEG"),
        ("a.jpg", b"", "cannot be read", "as JPEG"),
        ("a.png", DRAWING.encode(), "cannot be read", "as PNG"),
        ("a.png", png_header(10_000, 10_000), "10000 × 10000 pixels", "scale it down"),
        ("a.png", png_header(20_000, 20_000), "far too many pixels", "scale it down"),
        ("a.png", png_header(2**31 - 1, 2**31 - 1), "far too many pixels", "scale it down"),
        ("a.png", png_header(0, 9), "cannot be read", "as PNG"),
    ],
)
def test_a_photograph_that_is_broken_huge_or_misnamed_is_refused(
    name: str, data: bytes, message: str, hint: str
) -> None:
    (fault,) = told(name, data)
    assert message in fault[0]
    assert hint in fault[1]


@pytest.mark.parametrize(("name", "form"), [("a.png", "PNG"), ("a.jpg", "JPEG")])
@pytest.mark.parametrize("lenient", [True, False])
def test_half_a_photograph_is_refused_whatever_pillow_was_told(
    monkeypatch: pytest.MonkeyPatch, name: str, form: str, lenient: bool
) -> None:
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", lenient)
    whole = raster(form, (99, 99))
    (fault,) = told(name, whole[: len(whole) * 3 // 4])
    assert "cannot be read" in fault[0]
    assert told(name, whole) == ()
    assert lenient is ImageFile.LOAD_TRUNCATED_IMAGES


def test_the_colours_of_a_press_are_refused_in_a_photograph() -> None:
    data = BytesIO()
    Image.new("CMYK", (9, 9)).save(data, "JPEG")
    [(message, hint)] = faults("ball.jpg", data.getvalue())
    assert "CMYK" in message
    assert "RGB" in hint


def test_the_size_of_a_file_has_its_limit() -> None:
    (fault,) = told("a.png", raster("PNG") + b"\0" * 20_000_000)
    assert "larger than 20 MB" in fault[0]
    (fault,) = told("a.svg", svg(" " * 2_000_000))
    assert "larger than 2 MB" in fault[0]
    assert told("a.svg", svg(" " * 1_999_000)) == ()


@settings(deadline=None)
@given(st.sampled_from(["PNG", "JPEG"]), st.integers(0, 700), st.binary(min_size=1, max_size=12))
def test_no_damage_to_a_photograph_makes_the_judge_fail(form: str, at: int, junk: bytes) -> None:
    whole = raster(form)
    at %= len(whole)
    for data in (whole[:at] + junk + whole[at + len(junk) :], whole[:at] + junk):
        assert all(message and hint for message, hint in told(f"a.{form.lower()}", data))


@given(st.text(max_size=60) | st.text(alphabet='<>/="#svguse id&;!?[]-\n', max_size=60))
def test_no_text_makes_the_judge_of_drawings_fail(text: str) -> None:
    assert told("a.svg", text.encode("utf-8", "surrogatepass"))
    assert all(message and hint for message, hint in told("a.svg", svg(text)))


# --- Without colour -----------------------------------------------------------------------


@pytest.mark.parametrize(("name", "form", "mode"), [("a.png", "PNG", "RGBA"), ("a.jpg", "JPEG", "RGB")])
def test_a_photograph_loses_its_colour_and_nothing_else(name: str, form: str, mode: str) -> None:
    data = BytesIO()
    Image.new(mode, (30, 20), (200, 40, 40, 128)[: len(mode)]).save(data, form)
    grey = Image.open(BytesIO(greyed(name, data.getvalue())))
    assert (grey.format, grey.size, grey.mode) == (form, (30, 20), "LA" if mode == "RGBA" else "L")
    # 0.299 * 200 + 0.587 * 40 + 0.114 * 40
    assert 86 <= grey.convert("L").tobytes()[0] <= 90


def test_a_photograph_that_is_turned_when_it_is_shown_stays_so() -> None:
    data, turned = BytesIO(), Image.Exif()
    turned[0x0112] = 6  # the first row is the right-hand side (Exif 2.3, 4.6.4)
    Image.new("RGB", (30, 20)).save(data, "JPEG", exif=turned)
    assert Image.open(BytesIO(greyed("a.jpg", data.getvalue()))).size == (20, 30)
