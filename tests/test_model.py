"""Does the schema explain every key to an editor, and does a booklet answer what is asked of it?"""

import json
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from command import PROJECT
from publisher import BLOCKS, BOOKLET, CLINIC, FILES, HOUSE, block, changed, with_block, write_publisher

from booklet.blocks import KINDS, Block, Local, Text, Voice, Written
from booklet.model import Booklet, Clinic, House, Person, Section, every_block, every_prose
from booklet.prose import Prose, Reference
from booklet.source import Source
from booklet.yamlfile import read_yaml

ROOTS: tuple[type[Written], ...] = (Booklet, House, Clinic)
WORDS = dict(read_yaml((PROJECT / "layouts/base/words/en.yaml").read_bytes(), "en.yaml").value or {})


def shapes(root: type[Written]) -> dict[str, dict[str, Any]]:
    """The schema's objects by name: the file's own, and all that it is made of."""
    schema = root.model_json_schema()
    return {root.__name__: schema, **schema.get("$defs", {})}


def keys(root: type[Written]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for name, shape in shapes(root).items():
        for key, facts in shape.get("properties", {}).items():
            yield name, key, facts


@pytest.mark.parametrize("root", ROOTS)
def test_every_key_of_the_schema_is_explained(root: type[Written]) -> None:
    silent = [f"{name}.{key}" for name, key, facts in keys(root) if len(facts.get("description", "")) < 9]
    assert silent == []


@pytest.mark.parametrize("root", ROOTS)
def test_every_object_of_the_schema_is_explained(root: type[Written]) -> None:
    assert [name for name, shape in shapes(root).items() if not shape.get("description")] == []


@pytest.mark.parametrize("root", ROOTS)
def test_no_object_of_the_schema_takes_an_unknown_key(root: type[Written]) -> None:
    assert [
        name for name, shape in shapes(root).items() if shape.get("additionalProperties") is not False
    ] == []


@pytest.mark.parametrize("kind", KINDS)
def test_the_schema_explains_a_kind_where_it_is_named(kind: str) -> None:
    shape = shapes(Booklet)[KINDS[kind].__name__]
    assert shape["properties"]["kind"]["const"] == kind
    assert shape["properties"]["kind"]["description"] == KINDS[kind].__doc__
    assert "kind" in shape["required"]


def test_the_schema_offers_every_kind_of_block_and_a_plain_text() -> None:
    content = shapes(Booklet)["Section"]["properties"]["content"]
    text, blocks = content["anyOf"]
    assert (text["type"], text["description"]) == ("string", Text.__doc__)
    item, kinds = blocks["items"]["anyOf"]
    assert item["type"] == "string"
    assert set(kinds["discriminator"]["mapping"]) == set(KINDS)
    assert len(kinds["oneOf"]) == len(KINDS)


def test_the_schema_names_what_is_required() -> None:
    required = {"title", "code", "language", "version", "published", "next_review", "sections", "credits"}
    assert set(Booklet.model_json_schema()["required"]) == required
    assert shapes(Booklet)["Credits"]["required"] == ["produced_by", "approved_by", "reviewers"]
    assert shapes(Booklet)["Section"]["required"] == ["id", "title"]
    assert House.model_json_schema()["required"] == ["name"]
    assert shapes(House)["Certificate"]["required"] == ["from", "to"]
    assert Clinic.model_json_schema()["required"] == ["name"]


def test_the_schema_has_the_bounds_of_numbers() -> None:
    lines, count = (shapes(Booklet)[name]["properties"] for name in ("Notes", "Statistic"))
    assert (lines["lines"]["minimum"], lines["lines"]["maximum"]) == (1, 200)
    assert (count["of"]["type"], count["of"]["minimum"]) == ("integer", 1)


def test_the_schema_is_json_and_always_the_same() -> None:
    once, again = (json.dumps(Booklet.model_json_schema()) for _ in range(2))
    assert once == again


def read(folder: Path, text: str = BOOKLET) -> Booklet:
    outcome = Source(write_publisher(folder, text, files=FILES)).booklet("colds")
    assert outcome.value is not None, outcome.problems
    return outcome.value.booklet


def house(folder: Path, text: str = HOUSE) -> House:
    value = Source(write_publisher(folder, house=text)).house.value
    assert value is not None
    return value


@pytest.mark.parametrize(
    ("published", "printed"),
    [("2026-05-31", False), ("2026-06-01", True), ("2027-05-31", True), ("2027-06-01", False)],
)
def test_the_statement_is_printed_only_while_the_certificate_holds(
    tmp_path: Path, published: str, printed: bool
) -> None:
    booklet = read(tmp_path, changed(BOOKLET, "published: 2026-11-23", f"published: {published}"))
    statement = house(tmp_path).statement_for(booklet)
    assert (statement is not None) is printed
    assert statement is None or statement.text == "This booklet was made with care."


def test_a_booklet_can_do_without_the_statement(tmp_path: Path) -> None:
    booklet = read(tmp_path, f"quality_mark: false\nquality_mark_reason: A draft\n{BOOKLET}")
    assert house(tmp_path).statement_for(booklet) is None
    assert house(tmp_path, "name: No mark\n").statement_for(read(tmp_path)) is None


def test_dates_flags_and_numbers_are_what_they_say(tmp_path: Path) -> None:
    booklet = read(tmp_path, with_block(block("statistic"), f"quality_mark: true\n{BOOKLET}"))
    assert (booklet.published, booklet.next_review) == (date(2026, 11, 23), date(2029, 11, 23))
    assert booklet.quality_mark is True
    assert booklet.sections[0].content[1].model_dump(include={"count", "of"}) == {"count": 1, "of": 7}


NESTED = f"""{BOOKLET}\
    sections:
      - id: signs
        title: Signs
        content: Sneezing.
        sections:
          - {{id: fever, title: Fever, content: [Hot., {{kind: local}}]}}
"""


def test_sections_are_walked_in_reading_order_with_their_levels(tmp_path: Path) -> None:
    booklet = read(tmp_path, NESTED)
    assert [(level, section.id) for level, section in booklet.walk()] == [
        (1, "colds"),
        (2, "signs"),
        (3, "fever"),
    ]
    assert [part.kind for part in every_block(booklet)] == ["text", "text", "text", "local"]


def test_a_booklet_knows_its_parts_and_its_local_place(tmp_path: Path) -> None:
    assert (read(tmp_path, NESTED).has_parts, read(tmp_path, NESTED).has_local_place) == (True, True)
    assert (read(tmp_path).has_parts, read(tmp_path).has_local_place) == (False, False)


def test_content_may_be_one_text(tmp_path: Path) -> None:
    one = read(tmp_path, changed(BOOKLET, "\n      - Most colds", " Most colds"))
    assert [part.where.line for part in one.sections[0].content] == [17]
    assert [prose.text for prose in every_prose(one)] == [prose.text for prose in every_prose(read(tmp_path))]


def test_every_part_of_a_booklet_knows_its_line(tmp_path: Path) -> None:
    booklet = read(tmp_path, with_block(block("terms")))
    (section,) = booklet.sections
    assert (booklet.where.line, booklet.credits.where.line, section.where.line) == (1, 8, 15)
    assert [part.where.line for part in section.content] == [18, 19]


def test_a_booklet_cannot_be_changed(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="frozen"):
        read(tmp_path).title = "Flu"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("person", "line"),
    [
        (Person(name="Ann Bell"), "Ann Bell"),
        (Person(post="Doctor"), "Doctor"),
        (Person(name="Ann Bell", post="Doctor", capacity="Editor"), "Ann Bell, Doctor, Editor"),
    ],
)
def test_a_person_is_one_line(person: Person, line: str) -> None:
    assert person.line("en") == line


def test_every_text_of_a_booklet_is_found(tmp_path: Path) -> None:
    text = (
        f"about: A.\nkey_points: [B., C.]\nglossary: [{{term: x, meaning: D.}}]\n{with_block(block('table'))}"
    )
    texts = {prose.text for prose in every_prose(read(tmp_path, text))}
    assert texts == {
        "A.",
        "B.",
        "C.",
        "D.",
        "Most colds go away by themselves.",
        "Child",
        "ten",
        "Adult",
        "seven",
    }


#: Keys that are seen or obeyed, but not read.
UNSAID = {"kind", "image", "alt", "width", "tone", "lines", "row_headers"}


@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"shared", "local"}))
def test_every_word_of_a_block_is_said_in_its_order(tmp_path: Path, kind: str) -> None:
    part = read(tmp_path, with_block(block(kind))).sections[0].content[1]
    said = " ".join(piece.text for piece in part.says(Voice(WORDS, {}, "en")))
    written = " ".join(value for key, value in BLOCKS[kind].items() if key not in UNSAID)
    words = re.findall(r"[\w@.]+\w", re.sub(r"\w+: |https://|[*]", "", written))
    assert words
    at = 0
    for word in words:
        assert word in said[at:]
        at = said.index(word, at) + len(word)


def test_what_is_said_of_a_section_begins_with_its_title(tmp_path: Path) -> None:
    text = with_block("'See [flu](booklet:flu) and [here](#colds).'")
    files = {"source/booklets/flu/booklet.yaml": changed(BOOKLET, "HI900", "HI901")}
    outcome = Source(write_publisher(tmp_path, text, files=files)).booklet("colds")
    assert outcome.value is not None
    booklet = outcome.value.booklet
    assert booklet.references == {"flu": Reference("All about colds", "HI901")}
    pieces = list(booklet.sections[0].says(Voice(WORDS, booklet.references, "en")))
    assert [piece.text for piece in pieces] == [
        "What a cold is",
        "Most colds go away by themselves.",
        "See flu (see our booklet ‘All about colds’, HI901) and here (page\xa0\ue000colds\ue001).",
    ]
    assert pieces[-1].links == ("booklet:flu", "#colds")


def test_the_place_of_a_clinics_details_says_what_belongs_there() -> None:
    said = [piece.text for piece in Local(kind="local").says(Voice(WORDS, {}, "en"))]
    assert said == [
        WORDS[key] for key in ("local", "local_hint", "local_urgent", "local_name", "local_team", "local_day")
    ]


def test_a_model_can_be_made_without_a_file() -> None:
    section = Section(id="a", title="A", content=(Text(kind="text", markdown=Prose("b")),))
    assert isinstance(section.content[0], Block)
    assert (section.where.file, section.where.line) == ("", 0)


def test_a_clinic_adds_its_own_details(tmp_path: Path) -> None:
    text = (
        f"{CLINIC}urgent: {{text: Call us, phone: 020 7946 0001, hours: day and night}}\nnote: Ring twice.\n"
    )
    root = write_publisher(tmp_path, files={"source/clinics/riverside.yaml": text})
    clinic = Source(root).clinic("riverside").value
    assert clinic is not None
    assert clinic.urgent is not None
    assert (clinic.urgent.phone, clinic.contacts[0].name) == ("020 7946 0001", "Ward desk")
    assert clinic.booklets is None
