"""Is a layout what its folder and those that it extends say, and is a faulty one told with its line?"""

from pathlib import Path

import pytest
from command import PROJECT
from publisher import write_publisher

from booklet.layout import Layout, default_layouts, layout_names, load_layout
from booklet.problem import Problem, Where

HAND = "layouts/hand/layout.yaml"
RECIPE = "extends: base\ndescription: As large as a hand.\n"
ENGLISH = (PROJECT / "layouts/base/words/en.yaml").read_text(encoding="utf-8")


def loaded(root: Path, name: str = "hand", **files: str) -> Layout:
    """A layout of the publisher's that has no fault."""
    outcome = load_layout(name, roots(root, files))
    assert outcome.value, outcome.problems
    return outcome.value


def faults(root: Path, files: dict[str, str], name: str = "hand") -> tuple[Problem, ...]:
    """What is wrong with a layout of the publisher's."""
    outcome = load_layout(name, roots(root, files))
    assert outcome.value is None
    return outcome.problems


def roots(root: Path, files: dict[str, str]) -> tuple[Path, Path]:
    """The publisher's folder with these files, and the project's."""
    return write_publisher(root, None, None, files), PROJECT


def with_words(root: Path, language: str, words: str) -> Layout:
    """A layout that brings the fixed words of a language."""
    outcome = load_layout("hand", roots(root, {HAND: RECIPE, f"layouts/hand/words/{language}.yaml": words}))
    assert outcome.value
    return outcome.value


# --- What a layout inherits ----------------------------------------------------------------


def test_a_layout_inherits_what_it_does_not_say(tmp_path: Path) -> None:
    base, hand = loaded(tmp_path, "base"), loaded(tmp_path, **{HAND: RECIPE + "multiple_of: 8\n"})
    assert (hand.recipe.order, hand.recipe.fonts) == (base.recipe.order, base.recipe.fonts)
    assert (hand.recipe.multiple_of, base.recipe.multiple_of) == (8, None)
    assert hand.folders == (tmp_path / "layouts/hand", PROJECT / "layouts/base")


def test_a_longer_chain_is_followed_to_its_end(tmp_path: Path) -> None:
    files = {
        HAND: "extends: palm\ndescription: x\n",
        "layouts/palm/layout.yaml": "extends: base\ndescription: x\norder: [[cover], [body]]\n",
    }
    hand = loaded(tmp_path, **files)
    assert [folder.name for folder in hand.folders] == ["hand", "palm", "base"]
    assert hand.recipe.order == (("cover",), ("body",))


def test_style_sheets_follow_one_another_from_the_base_up(tmp_path: Path) -> None:
    hand = loaded(tmp_path, **{HAND: RECIPE, "layouts/hand/page.css": "/* the hand's own */"})
    assert hand.css.index("@font-face") < hand.css.index("@page") < hand.css.index("/* the hand's own */")
    assert "the hand's own" not in loaded(tmp_path, "base").css


def test_a_size_and_its_want_of_colour_are_part_of_a_layouts_name_and_style(tmp_path: Path) -> None:
    files = {
        HAND: RECIPE + "sizes: {least: 14, most: 20, default: 16}\n",
        "layouts/hand/page.css": "p { top: 1px }",
        "layouts/hand/grey.css": "p { top: 2px }",
    }
    places = roots(tmp_path, files)
    plain, large = load_layout("hand", places).value, load_layout("hand", places, 20, grey=True).value
    assert plain
    assert large
    assert (plain.form, large.form) == ("hand-16pt", "hand-20pt-grey")
    assert ("--size: 16pt" in plain.css, "top: 2px" in plain.css) == (True, False)
    assert ("--size: 20pt" in large.css, large.css.index("top: 1px") < large.css.index("top: 2px")) == (
        True,
        True,
    )
    assert large.recipe.smallest
    assert (large.recipe.smallest.text, large.recipe.smallest.labels) == (20, 20)


@pytest.mark.parametrize(
    ("name", "size", "message", "hint"),
    [
        ("a5-booklet", 18, "The layout 'a5-booklet' has but one size of type", "--layout large-print"),
        ("large-print", 13, "The layout 'large-print' has type of 14 to 28 points, not of 13", "--size 14"),
        ("large-print", 29, "The layout 'large-print' has type of 14 to 28 points, not of 29", "--size 28"),
    ],
)
def test_a_size_that_a_layout_has_not_is_told(name: str, size: int, message: str, hint: str) -> None:
    outcome = load_layout(name, (PROJECT,), size)
    [problem] = outcome.problems
    assert outcome.value is None
    assert (problem.code, problem.message) == ("wrong-size", message)
    assert hint in problem.hint


def test_an_icon_of_the_layout_takes_the_place_of_the_bases(tmp_path: Path) -> None:
    hand = loaded(tmp_path, **{HAND: RECIPE, "layouts/hand/icons/tip.svg": "<svg/>"})
    assert hand.assets["icons/tip.svg"] == b"<svg/>"
    assert hand.assets["icons/info.svg"] == (PROJECT / "layouts/base/icons/info.svg").read_bytes()
    assert any(name.startswith("fonts/atkinson") for name in hand.assets)


def test_the_publishers_layout_of_a_name_comes_before_the_projects(tmp_path: Path) -> None:
    files = {"layouts/a5-booklet/layout.yaml": RECIPE}
    assert loaded(tmp_path, "a5-booklet", **files).folders[0] == tmp_path / "layouts/a5-booklet"
    assert loaded(tmp_path, "base").folders == (PROJECT / "layouts/base",)


def test_names_and_defaults_come_from_both_folders(tmp_path: Path) -> None:
    both = roots(tmp_path, {HAND: RECIPE + "default: true\n", "layouts/palm/layout.yaml": RECIPE})
    assert layout_names(both) == ("a4-leaflet", "a5-booklet", "dl-leaflet", "hand", "large-print", "palm")
    assert default_layouts(both) == ("a5-booklet", "hand")


def test_a_layout_names_what_would_take_precedence_over_its_files(tmp_path: Path) -> None:
    hand = loaded(tmp_path, **{HAND: RECIPE})
    assert [str(path.relative_to(tmp_path)) for path in hand.absent] == [
        "layouts/base/layout.yaml",
        "fonts/atkinson-hyperlegible-next/family.yaml",
        "layouts/base/words/en.yaml",
        "layouts/hand/words/en.yaml",
    ]
    assert tmp_path / HAND in hand.files
    assert PROJECT / "layouts/base/blocks" in hand.files


# --- Faulty layouts ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("files", "code", "line", "message"),
    [
        ({}, "unknown-layout", 1, "There is no layout 'hand'"),
        ({HAND: "description: Alone.\n"}, "missing-key", 1, "`fonts` is missing"),
        ({HAND: "description: x\nfonts: [atkinson-hyperlegible-next]\n"}, "missing-key", 1, "`order` is"),
        ({HAND: RECIPE + "order: []\n"}, "empty-value", 3, "`order` needs at least one item"),
        ({HAND: RECIPE + "order: [[]]\n"}, "empty-value", 3, "`order` needs at least one item"),
        ({HAND: RECIPE + "larger: yes\n"}, "unknown-key", 3, "There is no key `larger` here"),
        ({HAND: "extends: hand\ndescription: x\n"}, "layout-circle", 1, "'hand' extends itself"),
        ({HAND: RECIPE + "fonts: [papyrus]\n"}, "unknown-font", 1, "There is no fonts/papyrus/family.yaml"),
        ({HAND: "extends: palm\ndescription: x\n"}, "unknown-layout", 1, "There is no layout 'palm'"),
        ({HAND: "extends: palm--big\ndescription: x\n"}, "unknown-layout", 1, "No layout can have that name"),
        ({HAND: RECIPE + "smallest: {text: big, labels: 9}\n"}, "wrong-value", 3, "'big' is no size"),
        ({HAND: RECIPE + "panels: [99, 99, 99]\n"}, "wrong-value", 3, "the widths of six pages"),
        ({HAND: RECIPE + "panels: [99, 99, 99, 99, 98, 100]\n"}, "wrong-value", 3, "the widths of six"),
        ({HAND: RECIPE + "panels: [99, 99, 99, 99, 99, 98]\n"}, "wrong-value", 3, "the widths of six"),
        ({HAND: "extends: @base\n"}, "yaml-syntax", 1, "This is not YAML"),
    ],
)
def test_a_faulty_recipe_is_told(
    tmp_path: Path, files: dict[str, str], code: str, line: int, message: str
) -> None:
    (fault,) = faults(tmp_path, files)
    assert (fault.code, fault.where.line) == (code, line)
    assert message in fault.message
    assert fault.hint


def test_two_layouts_that_extend_each_other_are_told(tmp_path: Path) -> None:
    files = {
        HAND: "extends: palm\ndescription: x\n",
        "layouts/palm/layout.yaml": "extends: hand\ndescription: x\n",
    }
    (fault,) = faults(tmp_path, files)
    assert (fault.code, fault.where) == ("layout-circle", Where(HAND))


def test_a_font_file_that_is_missing_is_told(tmp_path: Path) -> None:
    family = (
        "family: Own\nscripts: [Latin]\nlicence: OFL.txt\norigin: home\n"
        "faces:\n  - {file: own.ttf, weight: 400, style: normal}\n"
    )
    files = {HAND: RECIPE + "fonts: [own]\n", "fonts/own/family.yaml": family}
    (fault,) = faults(tmp_path, files)
    assert (fault.code, fault.message) == ("missing-file", "There is no fonts/own/own.ttf")


def test_a_faulty_family_is_told_with_its_line(tmp_path: Path) -> None:
    family = "family: Own\nscripts: [Latin]\nlicence: OFL.txt\norigin: home\nfaces:\n  - {file: a.ttf}\n"
    files = {HAND: RECIPE + "fonts: [own]\n", "fonts/own/family.yaml": family}
    assert [(fault.code, str(fault.where)) for fault in faults(tmp_path, files)] == [
        ("missing-key", "fonts/own/family.yaml:6:5")
    ] * 2


# --- Fixed words ---------------------------------------------------------------------------


def test_a_country_has_its_languages_words_but_for_its_own(tmp_path: Path) -> None:
    layout = with_words(tmp_path, "en-US", "contents: Inside\n")
    british, american = layout.words("en-GB").value, layout.words("en-US").value
    assert british
    assert american
    assert (british["contents"], american["contents"]) == ("Contents", "Inside")
    assert british["glossary"] == american["glossary"]


def test_a_language_without_words_is_told_with_the_file_to_add(tmp_path: Path) -> None:
    (fault,) = loaded(tmp_path, **{HAND: RECIPE}).words("eo-XX").problems
    assert fault.code == "unknown-language"
    assert "'eo-XX'" in fault.message
    assert fault.hint == "add layouts/base/words/eo.yaml"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("contents: Contents\n", "", "The fixed word `contents` is missing"),
        ("contents: Contents\n", "contents:\n", "The fixed word `contents` is missing"),
        ("contents: Contents\n", "contents: [x]\n", "The fixed word `contents` is missing"),
        ("contents: Contents\n", "contents: Cynnwys {title}\n", "`contents` must hold no {gap}"),
        ("part: Part {number}\n", "part: Rhan {rhif}\n", "`part` must hold {number}"),
        ("part: Part {number}\n", "part: Rhan\n", "`part` must hold {number}"),
        ('out_of: "{count} in', 'out_of: "{count:,} in', "`out_of` must hold {count}, {of}"),
    ],
)
def test_words_that_cannot_be_filled_in_are_told(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert ENGLISH.count(old) == 1
    (fault,) = with_words(tmp_path, "eo", ENGLISH.replace(old, new)).words("eo").problems
    assert fault.code == "wrong-words"
    assert message in fault.message
    assert fault.hint.startswith(("in English it is: ", "write"))


def test_words_that_are_no_yaml_are_told_with_their_line(tmp_path: Path) -> None:
    (fault,) = with_words(tmp_path, "cy", "contents: Cynnwys\ncontents: Eto\n").words("cy").problems
    assert (fault.code, str(fault.where)) == ("yaml-duplicate-key", "layouts/hand/words/cy.yaml:2:1")


def test_complete_words_in_another_language_are_taken(tmp_path: Path) -> None:
    words = with_words(tmp_path, "cy", ENGLISH.replace("contents: Contents", "contents: Cynnwys")).words(
        "cy-GB"
    )
    assert words.problems == ()
    assert words.value
    assert words.value["contents"] == "Cynnwys"


def test_the_publisher_may_add_the_words_of_a_language(tmp_path: Path) -> None:
    words = ENGLISH.replace("contents: Contents", "contents: Enhavo")
    own = roots(tmp_path, {"layouts/base/words/eo.yaml": words})
    layout = load_layout("a5-booklet", own, language="eo").value
    assert layout
    found = layout.words("eo").value
    assert found
    assert (found["contents"], found["notes"]) == ("Enhavo", "Notes")
    assert own[0] / "layouts/base/words/eo.yaml" in layout.files
    assert own[0] / "layouts/a5-booklet/words/eo.yaml" in layout.absent


# --- Families ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "family"),
    [
        ("en-GB", "Atkinson Hyperlegible Next"),
        ("cy", "Atkinson Hyperlegible Next"),
        ("pl", "Atkinson Hyperlegible Next"),
        ("el", "Noto Sans"),
        ("uk", "Noto Sans"),
        ("ar", "Noto Naskh Arabic"),
        ("fa", "Noto Naskh Arabic"),
        ("ur", "Noto Nastaliq Urdu"),
        ("ur-PK", "Noto Nastaliq Urdu"),
        ("bn", "Noto Sans Bengali"),
        ("gu", "Noto Sans Gujarati"),
        ("pa", "Noto Sans Gurmukhi"),
        ("hi", "Noto Sans Devanagari"),
        ("ta", "Noto Sans Tamil"),
        ("th", "Noto Sans Thai"),
        ("zh", "Noto Sans SC"),
        ("zh-Hant", "Noto Sans TC"),
    ],
)
def test_a_language_is_printed_in_a_family_of_its_script(language: str, family: str) -> None:
    layout = load_layout("a5-booklet", (PROJECT,), language=language).value
    assert layout
    assert layout.families[0][1].family == family
    assert layout.families[-1][1].family == "Atkinson Hyperlegible Next"
    assert f'--face: "{family}"' in layout.css


def test_a_family_that_lacks_a_letter_of_the_fixed_words_is_passed_over(tmp_path: Path) -> None:
    words = ENGLISH.replace("contents: Contents", "contents: Mục lục")
    own = roots(tmp_path, {"layouts/base/words/vi.yaml": words})
    layout = load_layout("a5-booklet", own, language="vi").value
    assert layout
    assert layout.families[0][1].family == "Noto Sans"


@pytest.mark.parametrize(
    ("language", "name"), [("am", "Amharic ('am')"), ("my", "Burmese ('my')"), ("ko-KR", "Korean")]
)
def test_a_language_without_a_family_is_refused_by_its_name(language: str, name: str) -> None:
    outcome = load_layout("a5-booklet", (PROJECT,), language=language)
    assert outcome.value is None
    (fault,) = outcome.problems
    assert fault.code == "language-without-font"
    assert name in fault.message
    assert "`scripts: [" in fault.hint
