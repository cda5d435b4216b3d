"""Is a style sheet whose constants are worked out the same to every box?"""

import pypdfium2
import pytest
from command import PROJECT

from booklet import bind as binding
from booklet.bind import print_edition, style_of
from booklet.fold import custom_properties, folded
from booklet.layout import layout_for
from booklet.source import Source


def rule(css: str, root: str = "--a: 2mm; --b: calc(var(--a) * 3)") -> str:
    """A rule as it is folded, beside a root's."""
    return folded(f":root {{ {root} }} {css}").partition("}")[2].strip()


@pytest.mark.parametrize(
    ("css", "says"),
    [
        ("p { margin: var(--a) }", "p { margin: 2mm }"),
        ("p { margin: var( --a ) var(--b) }", "p { margin: 2mm 6mm }"),
        ("@page { margin: calc(var(--b) - 1mm) }", "@page { margin: 5mm }"),
        ("p { margin: calc(-1 * (var(--a) + 1mm) / 2) }", "p { margin: -1.5mm }"),
        ("p { height: max(var(--a), 3pt) }", "p { height: 2mm }"),
        ("p { height: min(var(--a), 3pt, 1in) }", "p { height: 3pt }"),
        ("p { color: rgb(1 2 calc(1 + 2)) }", "p { color: rgb(1 2 3) }"),
        ('p { content: "var(--a)" }', 'p { content: "var(--a)" }'),
        # What the box alone knows.
        ("p { height: calc(50% + 2mm) }", "p { height: calc(50% + 2mm) }"),
        ("p { height: calc(1em * 2) }", "p { height: 2em }"),
        ("p { height: max(2em, var(--a)) }", "p { height: max(2em, 2mm) }"),
        ("p { height: calc(var(--a) / 0) }", "p { height: calc(2mm / 0) }"),
        ("p { height: calc(var(--a) * var(--a)) }", "p { height: calc(2mm * 2mm) }"),
        ("p { height: var(--none) }", "p { height: var(--none) }"),
        ("p { height: var(--a, 1mm) }", "p { height: var(--a, 1mm) }"),
        # What is another thing elsewhere.
        (".x { --a: 4mm } p { margin: var(--a) }", ".x { --a: 4mm } p { margin: var(--a) }"),
        ("@media all { p { --a: 1mm } } p { top: var(--b) }",) * 2,
        ("body p { --a: 1mm } p { top: var(--b) }", "body p { --a: 1mm } p { top: 6mm }"),
        (".x { --a: 1mm } p { top: var(--b) }", ".x { --a: 1mm } p { top: var(--b) }"),
        ("body, .x { --a: 1mm } p { top: var(--b) }", "body, .x { --a: 1mm } p { top: var(--b) }"),
    ],
)  # fmt: skip
def test_what_is_the_same_everywhere_is_worked_out(css: str, says: str) -> None:
    assert rule(css) == says


def test_the_last_of_the_roots_rules_counts() -> None:
    assert rule(":root { --a: 1mm } p { top: var(--b) }").endswith("p { top: 3mm }")


@pytest.mark.parametrize(
    "root", ["--a: var(--b); --b: var(--a)", "--a: var(--a)", "--a: calc(var(--c) * 2)", "--A: 1mm"]
)
def test_what_leads_nowhere_stays(root: str) -> None:
    assert rule("p { top: var(--a) }", root) == "p { top: var(--a) }"


@pytest.mark.parametrize(
    "wrong", ["h1 } color: red", "p { top: url(var(--a) }", "p { top: 'x\n }", "p ) { top: 1mm }"]
)
def test_a_sheet_with_a_broken_rule_stays_as_it_is(wrong: str) -> None:
    css = f":root {{ --a: 1mm }} i {{ top: var(--a) }} {wrong}"
    assert folded(css) == css


def test_what_templates_set_is_not_the_same_everywhere() -> None:
    names = custom_properties('<p style="--a: 1mm">{{ x }} --no</p><style>:root { --b : 2mm }</style>')
    assert names == {"--a", "--b"}
    assert folded(":root { --a: 1mm } p { top: var(--a) }", names).endswith("p { top: var(--a) }")


@pytest.mark.parametrize(
    ("booklet", "language", "layout"),
    [
        ("checking-your-temperature", "", "a5-booklet"),
        ("checking-your-temperature", "", "large-print"),
        ("having-a-lumbar-puncture", "", "dl-leaflet"),
        ("acute-lymphoblastic-leukaemia", "ar", "a5-booklet"),
    ],
)
def test_pages_are_the_same_to_the_pixel(
    monkeypatch: pytest.MonkeyPatch, booklet: str, language: str, layout: str
) -> None:
    sourced = Source(PROJECT).booklet(booklet, language).value
    found = layout_for(sourced, layout, (PROJECT,)).value
    assert sourced
    assert found
    words = found.words(sourced.booklet.language).value
    assert words
    files = []
    for fold in (folded, lambda css, _varying: css):
        monkeypatch.setattr(binding, "folded", fold)
        style_of.cache_clear()
        pdf = print_edition(sourced, found, words).value
        assert pdf
        files.append([page.render().to_pil().tobytes() for page in pypdfium2.PdfDocument(pdf)])
    style_of.cache_clear()
    assert files[0] == files[1]
