"""Is all that differs between two versions told, once, as what it is, and the numbers first?"""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from booklet.amounts import figures
from booklet.differences import Change, Differences, Kind, Op, differences
from booklet.model import Booklet, House
from booklet.prose import Prose
from booklet.source import Asset, Sourced
from booklet.texts import COVER, EDITION, IMPRINT

TAKE = "Take one tablet every morning with a glass of water and something to eat."
CALL = "Call the ward at once if you have a temperature or feel shivery, even at night."
REST = "Rest when you are tired, and ask your family and friends to help you at home."
WALK = "A short walk each day can help you to sleep better and to feel less anxious."
HOUSE: dict[str, Any] = {"name": "The House of Health"}


def section(*content: Any, name: str = "care", title: str = "Your care", **more: Any) -> dict[str, Any]:
    """A section as YAML has it."""
    return {"id": name, "title": title, "content": list(content), **more}


def version(*sections: dict[str, Any], house: dict[str, Any] | None = None, **more: Any) -> Sourced:
    """A version of a booklet with these sections."""
    assets = tuple(more.pop("assets", ()))
    tree = {
        "title": "All about colds",
        "code": "HI900",
        "language": "en-GB",
        "version": "1.0",
        "published": "2026-11-23",
        "next_review": "2029-11-23",
        "credits": {
            "produced_by": "The writers",
            "approved_by": [{"name": "Ann Bell"}],
            "reviewers": ["readers"],
        },
        "sections": list(sections),
        **more,
    }
    return Sourced(Booklet.model_validate(tree), House.model_validate(HOUSE | (house or {})), assets, ())


def told(found: Differences) -> list[tuple[str, str, str, str]]:
    """Each change: what became of it, what it is, and its words before and now."""
    return [(str(change.kind), change.called, *_words(change)) for change in found.changes]


def _words(change: Change) -> tuple[str, str]:
    before = " | ".join(pair.before.text for pair in change.pairs if pair.before)
    return before, " | ".join(pair.now.text for pair in change.pairs if pair.now)


def swaps(found: Differences) -> list[tuple[str, str]]:
    """The numbers that are others now."""
    return [(swap.before, swap.now) for swap, _ in found.swaps]


# --- Paragraphs and blocks ------------------------------------------------------------------


def test_what_stands_behind_an_added_paragraph_is_as_it_was() -> None:
    found = differences(version(section(TAKE, CALL, REST)), version(section(TAKE, WALK, CALL, REST)))
    assert told(found) == [("added", "paragraph", "", WALK)]


def test_a_removed_paragraph_is_told_in_its_place() -> None:
    found = differences(version(section(TAKE, CALL, REST)), version(section(TAKE, REST)))
    assert told(found) == [("removed", "paragraph", CALL, "")]
    assert found.changes[0].behind[-1].said[0].text == TAKE


def test_of_a_reworded_paragraph_only_the_words_that_differ_are_marked() -> None:
    now = TAKE.replace("glass of water", "cup of tea")
    (change,) = differences(version(section(TAKE, CALL)), version(section(now, CALL))).changes
    assert change.kind is Kind.REWORDED
    assert [run for run in change.pairs[0].runs("en-GB") if run[0] is not Op.SAME] == [
        (Op.GONE, "glass of water"),
        (Op.NEW, "cup of tea"),
    ]


def test_one_string_of_two_paragraphs_is_the_same_as_two_strings() -> None:
    assert differences(version(section(f"{TAKE}\n\n{CALL}")), version(section(TAKE, CALL))).changes == ()


def test_a_paragraph_moves_in_its_section_and_to_another() -> None:
    other = section(WALK, name="home", title="At home")
    found = differences(version(section(TAKE, CALL, REST), other), version(section(CALL, REST, TAKE), other))
    assert told(found) == [("moved", "paragraph", TAKE, TAKE)]
    found = differences(
        version(section(TAKE, CALL), other),
        version(section(CALL), section(WALK, TAKE, name="home", title="At home")),
    )
    assert told(found) == [("moved", "paragraph", TAKE, TAKE)]
    assert found.changes[0].origin == "from ‘Your care’"


def test_a_paragraph_that_moved_and_was_reworded_is_one_change() -> None:
    now = CALL.replace("at night", "on a Sunday")
    before = version(section(TAKE, CALL), section(WALK, name="home", title="At home"))
    found = differences(before, version(section(TAKE), section(WALK, now, name="home", title="At home")))
    assert told(found) == [("moved", "paragraph", CALL, now)]


def test_emphasis_that_is_gone_is_told() -> None:
    found = differences(version(section("Do **not** stop.")), version(section("Do not stop.")))
    assert found.changes[0].pairs[0].runs("en-GB")[1:3] == ((Op.GONE, "**not**"), (Op.NEW, "not"))


def test_a_paragraph_that_becomes_a_step_has_moved() -> None:
    steps = {"kind": "steps", "items": [CALL]}
    assert told(differences(version(section(CALL)), version(section(steps)))) == [
        ("moved", "paragraph → step", CALL, CALL)
    ]


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        (
            {"kind": "steps", "items": ["Wash your hands.", "Dry them."]},
            {"kind": "steps", "items": ["Wash your hands.", "Use soap.", "Dry them."]},
            ("added", "step", "", "Use soap."),
        ),
        (
            {
                "kind": "contacts",
                "items": [{"name": "Ward", "phone": "020 7946 0000", "hours": "Day and night"}],
            },
            {
                "kind": "contacts",
                "items": [{"name": "Ward", "phone": "020 7946 0101", "hours": "Day and night"}],
            },
            (
                "reworded",
                "contact",
                "Ward | 020 7946 0000 | Day and night",
                "Ward | 020 7946 0101 | Day and night",
            ),
        ),
        (
            {"kind": "callout", "tone": "tip", "title": "Water", "content": TAKE},
            {"kind": "callout", "tone": "warning", "title": "Water", "content": TAKE},
            ("reworded", "box", f"tip | Water | {TAKE}", f"warning | Water | {TAKE}"),
        ),
        (
            {"kind": "statistic", "count": "1", "of": "7", "text": "people have a cold"},
            {"kind": "statistic", "count": "1", "of": "9", "text": "people have a cold"},
            ("reworded", "statistic", "1 in 7 | people have a cold", "1 in 9 | people have a cold"),
        ),
        (
            {"kind": "questions", "items": ["How long?"]},
            {"kind": "questions", "items": ["How long?"], "lines": "5"},
            ("reworded", "title of questions", "2", "5"),
        ),
    ],
)
def test_each_kind_of_block_is_compared_item_by_item(
    before: dict[str, Any], now: dict[str, Any], expected: tuple[str, str, str, str]
) -> None:
    assert told(differences(version(section(before)), version(section(now)))) == [expected]


def test_rows_of_a_table_are_compared_cell_by_cell() -> None:
    def table(*rows: list[str]) -> dict[str, Any]:
        return {"kind": "table", "caption": "Doses", "header": ["Medicine", "Dose"], "rows": list(rows)}

    before = version(section(table(["Aspirin", "5 mg"], ["Codeine", "5 mg"])))
    found = differences(
        before, version(section(table(["Aspirin", "5 mg"], ["Heparin", "2 ml"], ["Codeine", "10 mg"])))
    )
    assert told(found) == [
        ("added", "row of a table", "", "Heparin | 2 ml"),
        ("reworded", "row of a table", "Codeine | 5 mg", "Codeine | 10 mg"),
    ]
    assert swaps(found) == [("", "2 ml"), ("5 mg", "10 mg")]


def test_a_picture_is_another_by_its_bytes_not_by_its_name() -> None:
    def figure(name: str) -> dict[str, Any]:
        return {"kind": "figure", "image": name, "alt": "A round ball", "caption": "The virus"}

    before = version(section(figure("ball.svg")), assets=[Asset("ball.svg", b"<svg/>")])
    renamed = version(section(figure("virus.svg")), assets=[Asset("virus.svg", b"<svg/>")])
    redrawn = version(section(figure("ball.svg")), assets=[Asset("ball.svg", b"<svg></svg>")])
    assert differences(before, renamed).changes == ()
    (change,) = differences(before, redrawn).changes
    assert (change.kind, change.called) == (Kind.REWORDED, "picture")
    assert change.pairs[0].runs("en-GB") == ((Op.SAME, "ball.svg "), (Op.NEW, "drawn anew"))


def test_a_change_says_of_what_it_is() -> None:
    def box(tone: str) -> dict[str, Any]:
        return {"kind": "callout", "tone": tone, "title": "Water", "content": TAKE}

    (change,) = differences(version(section(box("tip"))), version(section(box("urgent")))).changes
    assert [pair.key for pair in change.telling] == ["tone", "title"]


# --- Sections and other matter --------------------------------------------------------------


def test_sections_are_added_removed_and_retitled() -> None:
    home = section(WALK, name="home", title="At home")
    found = differences(version(section(TAKE)), version(section(TAKE, title="Medicine"), home))
    assert told(found) == [
        ("reworded", "title", "Your care", "Medicine"),
        ("added", "title", "", "At home"),
        ("added", "paragraph", "", WALK),
    ]
    assert told(differences(version(section(TAKE), home), version(section(TAKE)))) == [
        ("removed", "title", "At home", ""),
        ("removed", "paragraph", WALK, ""),
    ]


def test_a_section_with_another_id_is_the_same_one() -> None:
    before, now = version(section(TAKE, CALL)), version(section(TAKE, CALL, name="medicine"))
    assert differences(before, now).changes == ()


def test_a_section_that_moves_is_told_once_and_its_content_is_not() -> None:
    one, two, three = (
        section(text, name=f"s{n}", title=f"Part {n}") for n, text in enumerate((TAKE, CALL, REST))
    )
    found = differences(version(one, two, three), version(two, three, one))
    assert told(found) == [("moved", "section", "Part 0", "Part 0")]
    found = differences(version(one, two), version({**one, "sections": [two]}))
    assert [(change.kind, change.called) for change in found.changes] == [(Kind.MOVED, "section")]


def test_all_matter_is_compared() -> None:
    before = version(
        section(TAKE),
        house={"phone": "020 7946 0000", "feedback": "Write to us.", "disclaimer": "Ask your doctor."},
        about="For adults.",
        key_points=["Colds pass.", "Keep warm."],
        glossary=[{"term": "Virus", "meaning": "A small germ."}],
        notice="A sample.",
    )
    now = version(
        section(TAKE),
        house={"phone": "020 7946 0101", "feedback": "Phone us.", "disclaimer": "Ask your doctor or nurse."},
        about="For adults and carers.",
        key_points=["Keep warm."],
        glossary=[{"term": "Virus", "meaning": "A very small germ."}],
        notice="A proof.",
        title="All about the cold",
        version="1.1",
    )
    titles = [place.title for place, _ in differences(before, now).by_place]
    assert titles == [
        *("Cover", "About this booklet", "At a glance", "Glossary", "About our information", "Imprint"),
        "This edition",
    ]


def test_every_key_of_a_booklet_and_a_house_is_compared_or_is_not_printed() -> None:
    of_sections = {
        "about",
        "key_points",
        "sections",
        "glossary",
        "credits",
        "quality_mark",
        "quality_mark_reason",
    }
    assert {*COVER, *EDITION} | of_sections | {"conditions"} == set(Booklet.model_fields)
    of_places = {"how_we_can_help", "formats", "languages", "feedback", "disclaimer", "quality_mark"}
    assert {*IMPRINT} | of_places | {"sign_off_roles"} == set(House.model_fields)


# --- Numbers --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        ("Take 5 mg at night.", "Take 10 mg at night.", [("5 mg", "10 mg")]),
        ("Take 5 mg at night.", "Take 5 ml at night.", [("5 mg", "5 ml")]),
        ("Take 5 mg at night.", "Take 5 milligrams at bedtime.", []),
        ("Above 37.5 call us.", "Above 38 call us.", [("37.5", "38")]),
        ("Take it twice a day.", "Take it once a day.", [("twice", "once")]),
        ("Take 2 tablets.", "Take some tablets.", [("2 tablets", "")]),
        ("Take some tablets.", "Take 2 tablets.", [("", "2 tablets")]),
        ("From 5 to 10 days.", "From 10 to 5 days.", [("5 to 10 days", "10 to 5 days")]),
        ("Of 3 and 4, 3.", "Of 4 and 3, 3.", [("3 and 4", "4 and 3")]),
        ("On 3 March 2026 we meet.", "On 4 March 2026 we meet.", [("3 March 2026", "4 March 2026")]),
        ("Open at 8am daily.", "Open at 8pm daily.", [("8am", "8pm")]),
        ("Call 020 7946 0000 now.", "Call 020 7946 0101 now.", [("020 7946 0000", "020 7946 0101")]),
        ("Call 020 7946 0000 now.", "Call 02079460000 now.", []),
        (
            "See https://a.example.org now.",
            "See https://b.example.org now.",
            [("https://a.example.org", "https://b.example.org")],
        ),
        (
            "[Call us](tel:02079460000) now.",
            "[Call us](tel:02079460101) now.",
            [("tel:02079460000", "tel:02079460101")],
        ),
        ("It costs 1,000 pounds.", "It costs 1000 pounds.", []),
        ("About 1 in 7 people.", "About 1 in 10 people.", [("1 in 7 people", "1 in 10 people")]),
        ("One of the nurses helps.", "A nurse helps.", []),
        ("Drink one cup.", "Drink two cups.", [("one cup", "two cups")]),
    ],
)
def test_changed_numbers_are_named(before: str, now: str, expected: list[tuple[str, str]]) -> None:
    assert swaps(differences(version(section(before)), version(section(now)))) == expected


@pytest.mark.parametrize(
    ("before", "now"),
    [
        (".5 mg", "5 mg"),
        (".25 mg", "25 mg"),
        ("0.5 mg", "5 mg"),
        ("5 mg", "5 ng"),
        ("5 mg", "5 mg/kg"),
        ("5 mg/kg", "5 mg/m²"),
        ("5 ml/h", "5 ml/min"),
        ("5 mg/day", "5 mg/hour"),
        ("5 mg/kg/day", "5 mg/kg/hour"),
        ("5 mg a day", "5 mg an hour"),
        ("5 mg per day", "5 mg per hour"),
        ("twice a day", "twice a week"),
        ("two hours", "two days"),
        ("every day", "every other day"),
        ("every day", "every week"),
        ("every 4 to 6 hours", "every 4 to 6 days"),
        ("4-hourly", "6-hourly"),
        ("5 × 10⁹/L", "5 × 10⁶/L"),
        ("10⁹", "109"),
        ("10⁹", "10⁶"),
        ("1:1000", "1:10000"),
        ("2 tablets", "2 capsules"),
        ("2 white tablets", "3 white tablets"),
        ("10 drops", "10 puffs"),
        ("5 tsp", "5 tbsp"),
        ("5 MBq", "5 GBq"),
        ("5 MBq", "5 mBq"),
        ("5 MU", "5 mU"),
        ("5 kcal", "5 kJ"),
        ("5 mmol/L", "5 mmol"),
        ("third dose", "second dose"),
        ("a dozen", "ten"),
        ("twenty-five mg", "twenty mg"),
        ("half a tablet", "one and a half tablets"),
        ("½ tablet", "¼ tablet"),
        ("1 in 10 people", "1 in 100 people"),
        ("£5", "£50"),
        ("noon", "midnight"),
        ("2·5 ml", "25 ml"),
        ("up to 5 mg", "at least 5 mg"),
        ("a tablet", "a capsule"),
        ("a tablet", "two tablets"),
        ("every third day", "every other day"),
    ],
)
def test_a_dose_that_is_another_is_named_whole(before: str, now: str) -> None:
    found = differences(
        version(section(f"It was {before}, said he.")), version(section(f"It was {now}, said he."))
    )
    assert swaps(found) == [(before, now)]


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        ("Come on Monday at noon.", "Come on Tuesday at noon.", [("Monday", "Tuesday")]),
        ("Open Mon–Fri for you.", "Open Mon–Sat for you.", [("Fri", "Sat")]),
        ("The next one is in May.", "The next one is in June.", [("May", "June")]),
        ("Take 2 tablets a day now.", "Take 2 tablets a day for a week.", [("", "a week")]),
        ("Take one tablet for a week.", "Take one tablet for two weeks.", [("a week", "two weeks")]),
        ("Take 5 mg now.", "Take 10 mg a day now.", [("5 mg", "10 mg a day")]),
        ("Take one tablet now.", "Take some of it now.", [("one tablet", "")]),
        (
            "Take 2 tablets of A every day and 1 of B every week.",
            "Take 2 tablets of A every week and 1 of B every day.",
            [
                (
                    "2 tablets, every day, 1, every week",
                    "2 tablets, every week, 1, every day",
                )
            ],
        ),
        ("Call 111 with questions.", "Call 112 with questions.", [("111", "112")]),
        ("Give 250 mg/5 ml now.", "Give 250 mg/10 ml now.", [("5 ml", "10 ml")]),
        ("Take 2 tablets and 5 ml.", "Take 2 tablets and also 10 ml.", [("5 ml", "10 ml")]),
        ("Open from 9am to 5pm.", "Open from 9am until 6pm.", [("5pm", "6pm")]),
        ("Take one (5 mg) with food.", "Take two with food.", [("one", "two"), ("5 mg", "")]),
        ("Take 5 mg with food.", "Take it for 2 days, 9 mg each.", [("", "2 days"), ("5 mg", "9 mg")]),
        ("See chapter 1.1 for more.", "See chapter 1.10 for more.", [("1.1", "1.10")]),
        ("Open on Fri or Sat.", "Open on Fri or Sun.", [("Sat", "Sun")]),
        ("Take 2 mg (two milligrams).", "Take 3 mg (two milligrams).", [("2 mg", "3 mg")]),
        ("Take one with food.", "Take two with food.", [("one", "two")]),
        ("Phone 999 now please.", "Phone 998 now please.", [("999", "998")]),
    ],
)
def test_days_and_times_that_are_others_are_named(
    before: str, now: str, expected: list[tuple[str, str]]
) -> None:
    assert swaps(differences(version(section(before)), version(section(now)))) == expected


@pytest.mark.parametrize(
    ("before", "now"),
    [
        (".5 mg", "0.5 mg"),
        ("1.0 mg", "1 mg"),
        ("½ tablet", "half a tablet"),
        ("0.5 mg", "half a milligram"),
        ("1½ hours", "one and a half hours"),
        ("5 mg", "five mg"),
        ("5 mg", "5\u2009mg"),
        ("5 mg", "5\u00a0mg"),
        ("5 mg", "5mg"),
        ("5 milligrams", "5 milli\u00adgrams"),
        ("5 µg", "5 micrograms"),
        ("5 mL", "5 ml"),
        ("1 in 10 people", "One in 10 people"),
        ("1 in 10 people", "one in ten people"),
        ("twice a day", "2 times a day"),
        ("every day", "daily"),
        ("5 mg a day", "5 mg/day"),
        ("5 mg a day", "5 mg by mouth every day"),
        ("every other day", "every 2 days"),
        ("4-hourly", "every four hours"),
        ("a dozen", "twelve"),
        ("third dose", "3rd dose"),
        ("2 tablets", "two white tablets"),
        ("one tablet", "a tablet"),
        ("5 × 10⁹/L", "5 x 10^9/l"),
        ("3 March 2026", "March 3, 2026"),
        ("Mon to Fri", "Monday to Friday"),
        ("8am", "8 a.m."),
        ("it may help", "it might help"),
        ("at once", "now"),
        ("once you are well", "when you are well"),
        ("first of all", "before all"),
        ("5 mg¹", "5 mg"),
        ("2·5 ml", "2.5 ml"),
        ("250 mg in 5 ml", "250 mg/5 ml"),
        ("10 mg to 20 mg", "10–20 mg"),
        ("2 tablets and 5 ml", "2 tablets and also 5 ml"),
        ("2 in 24 hours", "2 within 24 hours"),
        ("at most 5 mg", "no more than 5 mg"),
        ("on alternate days", "every other day"),
        ("half of people", "½ of people"),
        ("a glass of water", "water"),
        ("the Act 2010 protects people", "the Act 2010 is for people"),
        ("my first visit", "my visit"),
    ],
)
def test_what_means_the_same_is_not_named(before: str, now: str) -> None:
    found = differences(
        version(section(f"It was {before}, said he.")), version(section(f"It was {now}, said he."))
    )
    assert swaps(found) == []


def test_how_often_may_stand_before_the_dose() -> None:
    before, now = "Every day take 2 tablets with water.", "Take 2 tablets with water every day."
    assert swaps(differences(version(section(before)), version(section(now)))) == []


def test_a_paragraph_made_two_has_the_same_numbers() -> None:
    one = "Take 5 mg for 3 days and then rest. Drink 2 litres a day and stay in the warm."
    whole, parts = version(section(one, CALL)), version(section(*one.replace(". ", ".|").split("|"), CALL))
    assert swaps(differences(whole, parts)) == []
    assert swaps(differences(parts, whole)) == []


def test_a_dose_that_goes_to_another_sentence_is_named() -> None:
    before = version(section(f"{TAKE} Have 5 mg of it.", f"{CALL} Have some of it."))
    now = version(section(f"{TAKE} Have some of it.", f"{CALL} Have 5 mg of it."))
    assert swaps(differences(before, now)) == [("5 mg", ""), ("", "5 mg")]


def test_one_number_in_a_long_paragraph_is_named_with_its_place() -> None:
    long = f"{TAKE} {CALL} {REST} Stay in bed for 3 days. {WALK}"
    found = differences(version(section(long)), version(section(long.replace("3 days", "2 days"))))
    ((swap, where),) = found.swaps
    assert (swap.kind, swap.before, swap.now) == ("measure", "3 days", "2 days")
    assert [place.title for place in where] == ["Your care"]


def test_one_number_that_changed_everywhere_is_named_once_with_all_its_places() -> None:
    def booklet(phone: str) -> Sourced:
        return version(section(f"Call {phone} at night."), house={"phone": phone})

    ((swap, where),) = differences(booklet("020 7946 0000"), booklet("020 7946 0101")).swaps
    assert (swap.kind, swap.before, swap.now) == ("telephone", "020 7946 0000", "020 7946 0101")
    assert [place.title for place in where] == ["Your care", "Imprint"]


def test_the_editions_own_dates_are_told_but_not_with_the_doses() -> None:
    found = differences(version(section(TAKE)), version(section(TAKE), version="1.1", published="2027-01-01"))
    assert found.swaps == ()
    assert found.counts == {"added": 0, "removed": 0, "reworded": 0, "moved": 0}
    assert [change.called for change in found.changes] == ["version", "published"]


def test_numbers_are_read_in_other_languages() -> None:
    assert [one.meaning for one in figures("خذ ٥ ملغ", "ar")] == [("5",)]
    assert [one.said for one in figures("每次5毫克，两次", "zh-Hans")] == ["5毫克", "两"]
    assert [one.meaning for one in figures("Nimm ,5 mg, dann 0,5 mg", "de")] == [("1/2", "mg")] * 2
    assert figures("5 mg/Stunde", "de")[1].meaning == figures("5 mg an hour", "en")[1].meaning
    assert figures("Prenez 2 l'après-midi", "fr")[0].meaning == ("2",)


def test_digits_without_an_end_are_no_amount() -> None:
    assert [one.said for one in figures("1" * 5000, "en")] == ["1" * 5000]


# --- Any two versions -----------------------------------------------------------------------

WORDS = st.sampled_from(
    ["take", "5", "mg", "10", "water", "daily", "**not**", "rest", "call", "ward", "home"]
)
LINES = st.lists(WORDS, min_size=1, max_size=9).map(lambda words: f"x {' '.join(words)}")
PROSE = st.one_of(
    LINES, st.lists(LINES, min_size=2, max_size=3).map("\n\n".join), LINES.map(lambda line: f"- {line}\n- y")
)
PLAIN = LINES.map(lambda line: line.replace("*", ""))
BLOCKS = st.one_of(
    PROSE,
    st.fixed_dictionaries({"kind": st.just("steps"), "items": st.lists(PROSE, min_size=1, max_size=3)}),
    st.fixed_dictionaries(
        {"kind": st.just("callout"), "tone": st.just("tip"), "title": PLAIN, "content": PROSE}
    ),
    st.fixed_dictionaries(
        {
            "kind": st.just("contacts"),
            "items": st.lists(st.fixed_dictionaries({"name": PLAIN, "hours": PLAIN}), min_size=1, max_size=3),
        }
    ),
    st.lists(st.tuples(PROSE, PROSE), min_size=1, max_size=3).map(
        lambda rows: {"kind": "table", "caption": "c", "header": ["a", "b"], "rows": rows}
    ),
)
SECTIONS = st.recursive(
    st.builds(section, BLOCKS, BLOCKS, name=st.sampled_from("abcdef"), title=PLAIN),
    lambda inner: st.builds(
        lambda of, within: {**of, "sections": within},
        st.builds(section, BLOCKS, name=st.sampled_from("abcdef"), title=PLAIN),
        st.lists(inner, max_size=2),
    ),
    max_leaves=3,
)
VERSIONS = st.builds(
    lambda sections, points, feedback: version(*sections, key_points=points, house={"feedback": feedback}),
    st.lists(SECTIONS, min_size=1, max_size=3),
    st.lists(PROSE, max_size=3),
    PROSE,
).filter(lambda made: len({s.id for _, s in made.booklet.walk()}) == len(list(made.booklet.walk())))


def leaves(value: Any) -> Iterator[str]:
    """Every text of a version, read without the module that is tested."""
    if isinstance(value, Prose):
        yield from ("".join(span.text for span in paragraph.spans) for paragraph in value.paragraphs)
    elif isinstance(value, BaseModel):
        for key in type(value).model_fields:
            if key not in ("id", "kind", "credits", "published", "next_review"):
                yield from leaves(getattr(value, key))
    elif isinstance(value, tuple):
        for inner in value:
            yield from leaves(inner)
    elif isinstance(value, str):
        yield value


@given(VERSIONS)
@settings(max_examples=60, deadline=None)
def test_a_version_does_not_differ_from_itself(made: Sourced) -> None:
    assert differences(made, made).changes == ()


@given(VERSIONS, VERSIONS)
@settings(max_examples=150, deadline=None)
def test_nothing_that_differs_is_lost(before: Sourced, now: Sourced) -> None:
    balance = Counter[str]()
    for change in differences(before, now).changes:
        for pair in change.pairs:
            balance.update([pair.now.text] if pair.now else [])
            balance.subtract([pair.before.text] if pair.before else [])
    expected = Counter([*leaves(now.booklet), *leaves(now.house)])
    expected.subtract([*leaves(before.booklet), *leaves(before.house)])
    assert {text: n for text, n in balance.items() if n} == {text: n for text, n in expected.items() if n}


@given(VERSIONS, VERSIONS)
@settings(max_examples=100, deadline=None)
def test_the_other_way_round_added_is_removed(before: Sourced, now: Sourced) -> None:
    there, back = differences(before, now), differences(now, before)
    mirrored = {"added": "removed", "removed": "added"}
    ways = Counter((kind, called.split(" → ")[0], was, is_) for kind, called, was, is_ in told(there))
    others = Counter(
        (mirrored.get(kind, kind), called.split(" → ")[-1], is_, was) for kind, called, was, is_ in told(back)
    )
    # Of a section that changed places with others either one may be the one that moved.
    assert {key: n for key, n in ways.items() if key[1] != "section"} == {
        key: n for key, n in others.items() if key[1] != "section"
    }
