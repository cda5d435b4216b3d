"""Does the page for screens say all that the booklet says, to everybody, and can nothing on it do harm?"""

import os
import re
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import pairwise
from pathlib import Path
from shutil import which

import pytest
from axe_playwright_python.sync_playwright import Axe
from command import PROJECT
from playwright.sync_api import Browser, Page, Route, sync_playwright
from publisher import (
    BLOCKS,
    BOOKLET,
    DRAWING,
    FILES,
    HOUSE,
    PICTURE_FILE,
    block,
    changed,
    with_block,
    write_publisher,
)

from booklet.layout import layout_names, load_layout
from booklet.problem import Outcome, Problem
from booklet.proofread import Expected, proofread
from booklet.source import Source, Sourced
from booklet.web import POLICY, Banner, Kind, WebEdition, web_edition, web_layout
from booklet.yamlfile import read_yaml

CHROMIUM = which("chromium")
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium on this machine")

SOURCE = Source(PROJECT)
SAMPLES = [(name, language) for name in SOURCE.ids for language in SOURCE.translations(name)]
WEB, BASE = PROJECT / "layouts/web", PROJECT / "layouts/base"
BANNER = Banner("superseded", "This edition was superseded on 1 March 2027.", "../", "Read the new one", "en")

#: A booklet with every kind of block, in a house with all that it can say.
FULL_HOUSE = (
    HOUSE
    + """\
strapline: Good care for all
address: 2 River Street
web: https://health.example.org
phone: 020 7946 0001
email: hello@health.example.org
formats: Ask for large print.
languages:
  - {language: ar, text: "للمعلومات"}
feedback: Tell us.
disclaimer: Ask your doctor.
imprint: Charity 123.
how_we_can_help:
  - Call us.
"""
)
FULL_BOOKLET = changed(BOOKLET, "Most colds go", "See [colds](#colds). Most colds go")
for kind in BLOCKS:
    FULL_BOOKLET = with_block(block(kind), FULL_BOOKLET)
FULL_BOOKLET = with_block("|\n  3. Take three\n  4. Take four", FULL_BOOKLET)
FULL_BOOKLET = (
    """\
subtitle: And how to bear them
notice: This is a sample.
about: This is about [colds](https://colds.example.org/more).
key_points: [Colds pass.]
glossary:
  - {term: Germ, meaning: A small thing.}
"""
    + FULL_BOOKLET
)


@cache
def sample(name: str, language: str) -> WebEdition:
    """A sample's page, as it is published where another edition has taken its place."""
    sourced = SOURCE.booklet(name, language).value
    assert sourced
    made = web_edition(sourced, (PROJECT,), BANNER, printed="booklet.pdf")
    assert made.problems == ()
    assert made.value
    return made.value


@cache
def full(folder: Path) -> Sourced:
    """The booklet with every kind of block."""
    write_publisher(folder, FULL_BOOKLET, FULL_HOUSE, FILES)
    outcome = Source(folder).booklet("colds")
    assert outcome.value, outcome.problems
    return outcome.value


@pytest.fixture(scope="module")
def sourced(tmp_path_factory: pytest.TempPathFactory) -> Sourced:
    return full(tmp_path_factory.mktemp("full"))


def template(name: str) -> str:
    """A template as the page uses it."""
    path = next(path for folder in (WEB, BASE) if (path := folder / name).is_file())
    return path.read_text(encoding="utf-8")


def made_with(
    root: Path, sourced: Sourced, files: Mapping[str, str], banner: Banner | None = None
) -> Outcome[WebEdition]:
    """The page of a publisher with templates of its own."""
    for name, text in files.items():
        path = root / "layouts/web" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return web_edition(sourced, (root, PROJECT), banner)


# --- What it says ----------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "language"), SAMPLES)
def test_every_sample_has_a_page_that_says_all(name: str, language: str) -> None:
    html = sample(name, language).html
    assert "\ue000" not in html
    assert 'class="line"' not in html
    assert 'class="pg"' not in html
    assert 'href="booklet.pdf"' in html


@pytest.mark.parametrize(("name", "language"), SAMPLES)
def test_a_page_is_small(name: str, language: str) -> None:
    made = sample(name, language)
    sheets = (len(data) for file, data in made.files.items() if file.endswith(".css"))
    assert len(made.html.encode()) + sum(sheets) < 100_000


def test_every_kind_of_block_is_there(sourced: Sourced) -> None:
    made = web_edition(sourced, (PROJECT,), BANNER)
    assert made.problems == ()
    assert made.value
    html = made.value.html
    assert '<a href="#colds">colds</a>' in html
    assert "(page" not in html
    assert '<ol start="3">' in html
    assert "The printed booklet has lines to write on here." in html
    assert "Ask your team for these" in html
    assert html.index("superseded") < html.index("<h1")
    assert ' style="' not in html


def test_the_same_source_gives_the_same_page_and_names_tell_content(sourced: Sourced) -> None:
    one, other = web_edition(sourced, (PROJECT,)).value, web_edition(sourced, (PROJECT,)).value
    assert one == other
    assert one
    assert all(re.fullmatch(r"web\.[0-9a-f]{24}\.(css|svg|png|jpg)", name) for name in one.files)
    elsewhere = web_edition(sourced, (PROJECT,), folder="../../assets/").value
    assert elsewhere
    assert elsewhere.files == one.files
    named = re.findall(r'(?:src|href)="\.\./\.\./assets/([^"]+)"', elsewhere.html)
    assert named
    assert set(named) <= set(one.files)


def test_a_clinics_details_stand_in_their_place() -> None:
    edition = SOURCE.edition("checking-your-temperature", "", "riverside").value
    assert edition
    made = web_edition(edition, (PROJECT,))
    assert made.problems == ()
    assert made.value
    assert 'href="tel:02079460101"' in made.value.html


@pytest.mark.parametrize("language", sorted(path.stem for path in BASE.glob("words/*.yaml")))
def test_every_language_has_the_words_of_the_page(language: str) -> None:
    def words(name: str) -> set[str]:
        return set(read_yaml((WEB / f"words/{name}.yaml").read_bytes(), name).value or {})

    assert words(language) == words("en")


@pytest.mark.parametrize("language", sorted(path.stem for path in BASE.glob("words/*.yaml")))
def test_a_booklet_in_any_language_has_a_page(tmp_path: Path, language: str) -> None:
    text = changed(with_block(block("notes"), with_block(block("steps"))), "en-GB", language)
    write_publisher(tmp_path, text, FULL_HOUSE)
    outcome = Source(tmp_path).booklet("colds")
    assert outcome.value, outcome.problems
    made = web_edition(outcome.value, (PROJECT,), BANNER, printed="x.pdf")
    assert made.problems == ()
    assert made.value
    way = "rtl" if language in ("ar", "ur") else "ltr"
    assert f'<html lang="{language}" dir="{way}">' in made.value.html


def test_a_language_without_those_words_is_told(tmp_path: Path, sourced: Sourced) -> None:
    made = made_with(tmp_path, sourced, {"words/en.yaml": "skip: {x: y}\n"})
    assert [problem.code for problem in made.problems] == ["wrong-words"]
    assert made.value is None


def test_a_page_is_made_from_the_files_of_its_layout_alone(tmp_path: Path, sourced: Sourced) -> None:
    layout = web_layout(sourced, (PROJECT,)).value
    assert layout
    for path in layout.files:
        if path.is_file():
            copied = tmp_path / path.relative_to(PROJECT)
            copied.parent.mkdir(parents=True, exist_ok=True)
            copied.write_bytes(path.read_bytes())
    assert web_edition(sourced, (tmp_path,)) == web_edition(sourced, (PROJECT,))
    assert web_edition(sourced, (tmp_path, PROJECT)) == web_edition(sourced, (PROJECT,))


def test_nobody_prints_it() -> None:
    assert "web" not in layout_names((PROJECT,))
    assert [problem.code for problem in load_layout("web", (PROJECT,)).problems] == ["unknown-layout"]


def test_a_publishers_style_comes_behind_the_projects(tmp_path: Path, sourced: Sourced) -> None:
    made = made_with(tmp_path, sourced, {"own.css": ":root { --strong: #123456 }"}).value
    assert made
    (sheet,) = (data.decode() for name, data in made.files.items() if name.endswith(".css"))
    assert sheet.index("--strong: #00543c") < sheet.index("--strong: #123456")


# --- What is told ----------------------------------------------------------------------------

#: What a template may lose or add: its name, a part of it, what stands there instead, and what is told.
MUTANTS = [
    ("macros.html", "<p>{{ inline(block.spans) }}</p>", "", "web-missing", "Most colds go"),
    ("macros.html", '<p class="way hours">{{ item.hours }}</p>', "", "web-missing", "all day"),
    ("macros.html", '<p class="label">{{ label }}</p>', "", "web-missing", "Tip"),
    (
        "macros.html",
        '<a href="{{ telephone(item.phone) }}">{{ item.phone }}</a>',
        "{{ item.phone }}",
        "web-link",
        "tel:",
    ),
    ("macros.html", 'href="{{ span.href }}"', 'href="#_about"', "web-link", "https://colds.example.org/more"),
    ("blocks/steps.html", "<ol", "<ul", "web-missing", "is number 1 in its list, not None"),
    ("begins.html", 'start="{{ block.start }}"', "", "web-missing", "is number 3 in its list, not 1"),
    (
        "blocks/statistic.html",
        '<p class="figure-said">',
        '<p class="figure-said" hidden>',
        "web-missing",
        "1 in 7",
    ),
    ("blocks/figure.html", 'alt="{{ block.alt }}"', 'alt=""', "web-picture", "A round ball"),
    ("blocks/figure.html", "{{ block.caption }}", "{{ block.alt }}", "web-missing", "The virus"),
    ("blocks/terms.html", "<dt>{{ item.term }}</dt>", "", "web-missing", "Virus"),
    ("blocks/quote.html", "{{ block.who }}", "Somebody", "web-missing", "Sam"),
    ("columns.html", '<th scope="col">{{ cell }}</th>', "", "web-missing", "Age"),
    ("matter/information.html", "{{ person.line(booklet.language) }}", "", "web-missing", "Ann Bell"),
    (
        "matter/information.html",
        "<li>{{ line }}</li>",
        "<li hidden>{{ line }}</li>",
        "web-missing",
        "people living",
    ),
    ("matter/information.html", "{{ m.prose(statement) }}", "", "web-missing", "made with care"),
    ("matter/information.html", "<h3>{{ words.reviewed }}</h3>", "", "web-missing", "Reviewed by"),
    (
        "matter/edition.html",
        "{{ words.next_review.format(date=day(booklet.next_review)) }}",
        "",
        "web-missing",
        "Next review",
    ),
    ("matter/edition.html", "version=booklet.version", "version=3", "web-missing", "Edition 1.0"),
    ("matter/publisher.html", "{{ m.prose(house.imprint) }}", "", "web-missing", "Charity 123."),
    ("matter/formats.html", 'lang="{{ offer.language }}"', "", "web-missing", "the language 'ar'"),
    ("matter/glossary.html", "{{ m.item_of(item.meaning.content) }}", "", "web-missing", "A small thing."),
    ("matter/local.html", "words.local_urgent, ", "", "web-missing", "Urgent, day or night"),
    ("matter/cover.html", "{{ banner.text }}", "", "web-missing", "superseded"),
    (
        "matter/cover.html",
        '<a href="{{ banner.link }}">{{ banner.link_text }}</a>',
        "",
        "web-missing",
        "Read the new one",
    ),
    ("matter/cover.html", 'id="_cover"', "", "web-missing", "The heading 'All about colds'"),
    ("matter/body.html", ">{{ it.title }}<", ">Heading<", "web-missing", "reads 'Heading'"),
    ("matter/about.html", "</h2>", "</h2><p>Buy our pills.</p>", "web-stray", "Buyourpills."),
    ("page.html", "<footer>", "<footer><p>Half price</p>", "web-stray", "Halfprice"),
    ("page.html", "<footer>", '<footer><p onclick="x()"></p>', "web-unsafe", "onclick"),
    ("page.html", "<footer>", '<footer><p style="color: red"></p>', "web-unsafe", "style"),
    ("page.html", "<footer>", "<footer><script>x()</script>", "web-unsafe", "<script>"),
    (
        "page.html",
        "<footer>",
        '<footer><iframe src="https://example.org"></iframe>',
        "web-unsafe",
        "<iframe>",
    ),
    ("page.html", "<footer>", '<footer><img src="https://example.org/x.png" alt="">', "web-unsafe", "x.png"),
    ("page.html", "<footer>", '<footer><a href="java&#10;script:x()"></a>', "web-unsafe", "java"),
    ("page.html", "<footer>", '<footer><a href="#nowhere"></a>', "web-unsafe", "#nowhere"),
    (
        "page.html",
        "<footer>",
        '<footer><svg><path xlink:href="https://example.org"/></svg>',
        "web-unsafe",
        "example.org",
    ),
    (
        "page.html",
        "<meta charset",
        '<meta http-equiv="refresh" content="0"><meta charset',
        "web-unsafe",
        "<meta>",
    ),
    (
        "page.html",
        '<meta http-equiv="Content-Security-Policy" content="{{ policy }}">',
        "",
        "web-unsafe",
        "no policy",
    ),
    ("page.html", 'lang="{{ booklet.language }}"', "", "web-missing", "its language is 'en-GB'"),
    (
        "matter/contents.html",
        "{{ line(section.id, section.title, level) }}",
        "",
        "web-link",
        "lead to 'What a cold is'",
    ),
    ("page.html", 'href="{{ sheet }}"', 'href="//example.org/page.css"', "web-unsafe", "page.css"),
]


@pytest.mark.parametrize("mutant", MUTANTS, ids=range(len(MUTANTS)))
def test_what_a_template_loses_or_adds_is_told(
    tmp_path: Path, sourced: Sourced, mutant: tuple[str, str, str, str, str]
) -> None:
    name, old, new, code, message = mutant
    text = template(name)
    assert old in text
    made = made_with(tmp_path, sourced, {name: text.replace(old, new)}, BANNER)
    found = [problem for problem in made.problems if problem.code == code]
    assert message in " ".join(problem.message for problem in found), made.problems
    assert all(problem.hint and problem.where.file for problem in made.problems)
    assert made.value is None


def told_of(html: str, sourced: Sourced, made: WebEdition) -> tuple[Problem, ...]:
    """What is told of a changed page."""
    layout = web_layout(sourced, (PROJECT,)).value
    assert layout
    words = layout.words("en-GB").value
    assert words
    expected = Expected(made.files, POLICY, (BANNER.link,), BANNER.pieces)
    return proofread(html, sourced, words, expected)


def test_each_text_that_is_lost_and_each_number_that_changes_is_told(sourced: Sourced) -> None:
    made = web_edition(sourced, (PROJECT,), BANNER).value
    assert made
    assert told_of(made.html, sourced, made) == ()
    begin = made.html.index("<h1")
    texts = [found for found in re.finditer(r">([^<>]*\w[^<>]*)<", made.html) if found.start() > begin]
    unnoticed = []
    for text in texts:
        before, behind = made.html[: text.start(1)], made.html[text.end(1) :]
        changed_numbers = re.sub(r"\d", lambda digit: str(9 - int(digit[0])), text[1])
        if not told_of(before + behind, sourced, made):
            unnoticed.append(text[1].strip())
        if changed_numbers != text[1] and not told_of(before + changed_numbers + behind, sourced, made):
            unnoticed.append(f"{text[1]}: {changed_numbers}")
    assert len(texts) > 100
    # What stands on the page twice, or helps about on it.
    again = {
        "All about colds",
        "And how to bear them",
        "The House of Health",
        "How we can help",
        "020 7946 0001",
    }
    listed = set(re.findall(r'<a href="#[^"]+">([^<]*)</a></li>', made.html))
    helping = {"HI900 · edition 1.0", "Quality mark", "The printed booklet has lines to write on here."}
    assert set(unnoticed) <= again | listed | helping | {"Contents", "Good care for all"}


def test_the_same_templates_of_a_publishers_own_are_well(tmp_path: Path, sourced: Sourced) -> None:
    files = {name: template(name) for name, *_ in MUTANTS}
    assert made_with(tmp_path, sourced, files, BANNER) == web_edition(sourced, (PROJECT,), BANNER)


def test_sections_in_another_order_are_told(tmp_path: Path) -> None:
    second = "  - {id: flu, title: What flu is, content: Flu is worse.}\n"
    write_publisher(tmp_path, BOOKLET + second)
    both = Source(tmp_path).booklet("colds").value
    assert both
    body = changed(template("matter/body.html"), "in booklet.sections %}", "in booklet.sections | reverse %}")
    problems = made_with(tmp_path, both, {"matter/body.html": body}).problems
    told = ["The heading 'What a cold is' is missing, or stands out of order"]
    assert [problem.message for problem in problems] == told


def test_a_template_that_cannot_be_filled_is_told_with_its_line(tmp_path: Path, sourced: Sourced) -> None:
    made = made_with(tmp_path, sourced, {"matter/about.html": "\n{{ nobody }}"})
    (problem,) = made.problems
    assert (problem.code, str(problem.where)) == ("template-fault", "layouts/web/matter/about.html:2:1")


# --- What does no harm -----------------------------------------------------------------------


def test_what_is_written_in_a_booklet_is_no_html(tmp_path: Path) -> None:
    evil = "'<script>alert(1)</script>\" onload=\"x'"
    text = changed(BOOKLET, "All about colds", evil)
    text = with_block(
        f"{{kind: callout, tone: tip, title: {evil}, content: '&lt;b&gt; \\<img src=x\\>'}}", text
    )
    text = with_block(block("figure", alt=evil), text)
    write_publisher(tmp_path, text, files=FILES)
    made = Source(tmp_path).booklet("colds")
    assert made.value, made.problems
    page = web_edition(made.value, (PROJECT,), Banner("withdrawn", "<b>Do not use</b>"))
    assert page.problems == ()
    assert page.value
    assert "<script" not in page.value.html
    assert "<b>" not in page.value.html
    assert "<img src=x" not in page.value.html
    assert not re.search(r'<[^>]*" onload="', page.value.html)


def test_pictures_are_files_and_never_part_of_the_page(sourced: Sourced) -> None:
    made = web_edition(sourced, (PROJECT,)).value
    assert made
    assert "<circle" not in made.html
    assert DRAWING.encode() in made.files.values()


def test_a_drawing_without_its_namespace_is_shown_too(tmp_path: Path) -> None:
    bare = DRAWING.replace(' xmlns="http://www.w3.org/2000/svg"', "").replace(
        "</svg>", "<text>Ü ball</text></svg>"
    )
    write_publisher(tmp_path, with_block(block("figure")), files={**FILES, PICTURE_FILE: bare})
    made = Source(tmp_path).booklet("colds")
    assert made.value, made.problems
    page = web_edition(made.value, (PROJECT,)).value
    assert page
    drawing = next(data for name, data in page.files.items() if b"ball</" in data and name.endswith(".svg"))
    assert b'xmlns="http://www.w3.org/2000/svg"' in drawing
    assert b"url(data:font/ttf;base64," in drawing


@pytest.mark.parametrize(
    "link", ["javascript:x()", "//example.org", "http://example.org", "data:text/html,x"]
)
def test_a_banner_leads_nowhere_dangerous(sourced: Sourced, link: str) -> None:
    made = web_edition(sourced, (PROJECT,), Banner("superseded", "Old.", link, "New"))
    assert {problem.code for problem in made.problems} == {"web-unsafe"}
    assert made.value is None


# --- In a browser ----------------------------------------------------------------------------

HOST = "http://booklets.test/"
TYPES = {"css": "text/css", "svg": "image/svg+xml", "png": "image/png", "jpg": "image/jpeg"}
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
#: What a reader may set (WCAG 2.2, 1.4.12).
SPACED = (
    "* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }"
    "p { margin-bottom: 2em !important }"
)


#: Text that is not seen, though it is no navigation: what hides it, or how narrow it is.
UNSEEN = """[...document.querySelectorAll('body *')]
  .filter(e => !e.closest('nav, svg, .behind, .skip, .to-contents'))
  .filter(e => [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()))
  .filter(e => !e.checkVisibility({opacityProperty: true, visibilityProperty: true})
    || e.getBoundingClientRect().width < 2)
  .map(e => e.outerHTML)"""
#: Words in a box that would make columns of them and of the elements among them.
TORN = """[...document.querySelectorAll('body *')]
  .filter(e => /flex|grid/.test(getComputedStyle(e).display))
  .filter(e => e.children.length && [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()))
  .map(e => e.outerHTML)"""
#: What is cut off at a side and cannot be scrolled to.
CUT = """[...document.querySelectorAll('body *')]
  .filter(e => e.scrollWidth > e.clientWidth + 1 && !e.matches('.scrolled'))
  .filter(e => getComputedStyle(e).overflowX !== 'visible')
  .map(e => e.outerHTML)"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as play:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        # The press lets nobody see the machine's fonts, without which a page has no words.
        environment: dict[str, str | float | bool] = {**os.environ}
        environment.pop("FONTCONFIG_FILE", None)
        started = play.chromium.launch(executable_path=CHROMIUM, args=arguments, env=environment)
        yield started
        started.close()


def opened(browser: Browser, made: WebEdition, width: int, colours: str = "light") -> tuple[Page, list[str]]:
    """The page as a server would give it, and all that the browser has to say against it."""
    page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=colours)  # type: ignore[arg-type]
    said: list[str] = []

    def serve(route: Route) -> None:
        name = route.request.url.removeprefix(HOST)
        if name == "":
            route.fulfill(body=made.html, content_type="text/html; charset=utf-8")
        elif name in made.files:
            route.fulfill(body=made.files[name], content_type=TYPES[name.rpartition(".")[2]])
        else:
            if name != "favicon.ico":
                said.append(f"asked for {route.request.url}")
            route.fulfill(status=404)

    page.route("**/*", serve)
    page.on("console", lambda message: None if "404" in message.text else said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(HOST)
    page.wait_for_load_state("networkidle")
    return page, said


def is_narrow_enough(page: Page) -> bool:
    """Is there nothing to scroll to, sideways?"""
    return bool(page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))


@needs_chromium
@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize(("name", "language"), SAMPLES)
def test_everybody_can_use_it(browser: Browser, name: str, language: str, width: int, colours: str) -> None:
    page, said = opened(browser, sample(name, language), width, colours)
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": TAGS}})
    assert found.violations_count == 0, found.generate_report()
    assert is_narrow_enough(page)
    assert said == []
    page.close()


@needs_chromium
@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("kind", ["notice", "review", "superseded", "withdrawn"])
def test_every_block_and_banner_is_for_everybody(
    browser: Browser, sourced: Sourced, kind: Kind, colours: str
) -> None:
    made = web_edition(sourced, (PROJECT,), Banner(kind, "Please read this.", "../", "More")).value
    assert made
    page, said = opened(browser, made, 320, colours)
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": TAGS}})
    assert found.violations_count == 0, found.generate_report()
    assert is_narrow_enough(page)
    assert said == []
    page.close()


@needs_chromium
def test_faint_and_small_things_would_be_found(browser: Browser, sourced: Sourced) -> None:
    made = web_edition(sourced, (PROJECT,), BANNER).value
    assert made
    faint = (
        b".box-title { color: #999; background: #fff } nav a { line-height: 1; padding: 0; font-size: 9px }"
    )
    files = {file: data + faint if file.endswith(".css") else data for file, data in made.files.items()}
    page, _ = opened(browser, WebEdition(made.html, files), 320)
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": TAGS}})
    rules = {violation["id"] for violation in found.response["violations"]}
    assert {"color-contrast", "target-size"} <= rules
    page.close()


@needs_chromium
@pytest.mark.parametrize(("name", "language"), SAMPLES)
def test_text_may_be_spaced(browser: Browser, name: str, language: str) -> None:
    made = sample(name, language)
    files = {
        file: data + SPACED.encode() if file.endswith(".css") else data for file, data in made.files.items()
    }
    page, _ = opened(browser, WebEdition(made.html, files), 320)
    assert is_narrow_enough(page)
    assert page.evaluate(CUT) == []
    assert page.evaluate(TORN) == []
    page.close()


@needs_chromium
@pytest.mark.parametrize("width", [320, 1280])
def test_the_style_sheet_hides_nothing_that_must_be_read(
    browser: Browser, sourced: Sourced, width: int
) -> None:
    made = web_edition(sourced, (PROJECT,), BANNER).value
    assert made
    page, said = opened(browser, made, width)
    assert page.evaluate(UNSEEN) == []
    assert said == []
    page.close()


@needs_chromium
def test_pictures_are_seen_with_their_letters(browser: Browser) -> None:
    page, said = opened(browser, sample("starting-chemotherapy", ""), 320)
    for picture in page.locator("figure img").all():
        picture.scroll_into_view_if_needed()
        page.wait_for_function("e => e.complete && e.naturalWidth > 0", arg=picture.element_handle())
        assert picture.bounding_box()["width"] <= 288  # type: ignore[index]
    assert said == []
    page.close()


@needs_chromium
def test_the_keyboard_leads_past_the_contents_and_along_them(browser: Browser) -> None:
    page, _ = opened(browser, sample("having-a-lumbar-puncture", ""), 390)
    page.keyboard.press("Tab")
    skip = page.locator("a.skip")
    assert skip.evaluate("e => e === document.activeElement && e.getBoundingClientRect().left >= 0")
    assert skip.evaluate("e => getComputedStyle(e).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    assert page.url.endswith("#_text")
    link = page.locator("nav.contents a").nth(2)
    link.focus()
    page.keyboard.press("Enter")
    heading = page.locator(page.url.partition("#")[2].join(("[id='", "']")))
    page.wait_for_function("e => Math.abs(e.getBoundingClientRect().top) < 200", arg=heading.element_handle())
    page.close()


@needs_chromium
@pytest.mark.parametrize(("name", "language"), SAMPLES)
def test_headings_are_in_order(browser: Browser, name: str, language: str) -> None:
    page, _ = opened(browser, sample(name, language), 390)
    levels = page.evaluate("[...document.querySelectorAll('h1, h2, h3, h4, h5, h6')].map(e => +e.tagName[1])")
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    page.close()
