"""What do the booklets say that the press is timed with? Neutral sample text about a town's library.

The same seed gives the same booklet. It is a booklet.yaml's tree, from which `markup` makes what other
engines read: all of them print the same words.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any

import yaml

#: So many sections below its parts make a booklet of 32 pages.
SECTIONS = 20
PARTS = ("Before you come", "Finding and borrowing", "Taking part")

KINDS = (
    "quiet",
    "lower",
    "upper",
    "open",
    "corner",
    "garden",
    "north",
    "long",
    "small",
    "old",
    "new",
    "round",
)
PLACES = (
    *("reading room", "lending desk", "map shelf", "music shelf", "study table", "local history room"),
    *("newspaper rack", "book group", "computer desk", "notice board", "story corner", "reference shelf"),
    *("photograph store", "meeting room", "copying desk", "returns box", "picture wall", "recording booth"),
    *("evening class", "seed library", "tool cupboard", "games table", "writing desk", "family room"),
)
PEOPLE = ("the librarian", "the person at the desk", "a member of staff", "a volunteer", "the caretaker")
THINGS = ("a book", "an atlas", "a record", "a magazine", "a folder of letters", "a set of plans", "a film")
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
HOURS = ("9am", "10am", "noon", "2pm", "4pm", "6pm")
NEEDS = ("your card", "a pencil", "the shelf number", "a note of the title", "a letter", "a bag")
WAYS = ("by the stairs", "near the door", "next to the window", "behind the first shelf", "across the yard")

SENTENCES = (
    "You can find it {way}, and the door is open from {hour}.",
    "On {day} it is less busy, so come then if you like to have room.",
    "Ask {person} for {thing}, and bring {need}.",
    "Most people stay for about an hour and take {thing} home.",
    "If it is full, wait {way} until a chair is free.",
    "There is no need to book, but {person} can keep a place for you.",
    "Please put {thing} back where you found it.",
    "{Person} walks round before the doors close and helps with what is left.",
    "Nothing here costs money, and you may come as often as you wish.",
    "Bring {need} when you come for the first time.",
    "When you have finished, tell {person} which shelf you used.",
    "A short list {way} says what is new this month.",
    "Children are welcome with a grown-up until {hour}.",
    "Every {day} somebody reads aloud for half an hour.",
    "You may copy a few pages of {thing} for yourself.",
    "The lamps are bright, and each table has a plug.",
    "Large things lie flat in the drawers, with their names in front.",
    "Some of it is kept {way}, and {person} fetches it twice a day.",
    "What you ask for before {hour} is ready on the same day.",
    "If you cannot find {thing}, it may have been lent to another town.",
    "Write your question on a card, and you get an answer by {day}.",
    "We close at 6pm on {day}, and ring a bell before that.",
)
ITEMS = (
    "a card with your name",
    "{need}, if you have it",
    "the number of {thing}",
    "what you borrowed before {day}",
    "a question for {person}",
    "anything that you found {way}",
)
STEPS = (
    "Look up {thing} on the screen {way}.",
    "Write the shelf number on a slip.",
    "Give the slip to {person} before {hour}.",
    "Wait until your number is called.",
    "Show your card, and take {thing} with you.",
    "Bring it back by {day}.",
)
SAYINGS = (
    "I came in for {thing}, and stayed the whole of {day}.",
    "It was {person} who showed me where to look.",
    "My favourite chair is {way}, and I am there by {hour}.",
)

HOUSE: dict[str, Any] = {
    "name": "The Town Library",
    "strapline": "Books, maps and music for everyone",
    "address": "1 Sample Street, Exampletown EX1 1EX",
    "web": "https://library.example.org",
    "email": "hello@library.example.org",
    "phone": "020 7946 0000",
    "how_we_can_help": [
        "These are the ways to reach the library. All of them are samples.",
        {
            "kind": "contacts",
            "items": [
                {
                    "name": "The lending desk",
                    "text": "Ask about anything that can be borrowed.",
                    "phone": "020 7946 0001",
                    "hours": "Monday to Saturday, 9am to 6pm",
                },
                {
                    "name": "The catalogue",
                    "email": "catalogue@library.example.org",
                    "web": "https://catalogue.example.org",
                },
            ],
        },
    ],
    "formats": "You can ask for this booklet in larger type. Call the library, or ask at the desk.",
    "imprint": "There is no such library: this sample is made to measure how long a booklet takes.",
    "sign_off_roles": ["editorial"],
}


@dataclass(frozen=True)
class Content:
    """A booklet as its booklet.yaml has it, with its drawings by their names."""

    id: str
    tree: dict[str, Any]
    drawings: dict[str, str] = field(default_factory=dict)
    house: dict[str, Any] = field(default_factory=lambda: HOUSE)


def booklet(seed: int, sections: int = SECTIONS) -> Content:
    """One of any number of booklets; one of fewer than 13 sections has no parts."""
    chance = random.Random(seed)
    said = _Said(chance)
    names = list(product(KINDS, PLACES))
    chance.shuffle(names)
    titles = [f"The {kind} {place}" for kind, place in names[:sections]]
    inner = [_section(said, number, title) for number, title in enumerate(titles)]
    tree = {
        "title": f"Your library, volume {seed + 1}",
        "subtitle": "A sample of what a booklet holds",
        "running_title": f"Your library {seed + 1}",
        "code": f"LB{seed + 100}",
        "language": "en-GB",
        "version": "1.0",
        "published": "2026-11-23",
        "next_review": "2029-11-23",
        "about": _about(said, inner),
        "key_points": [said.sentence() for _ in range(5)],
        "sections": _parts(said, inner) if sections > 12 else inner,
        "glossary": [
            {"term": word.capitalize(), "meaning": f"{said.sentence()} {said.sentence()}"}
            for word in ("atlas", "catalogue", "folio", "index", "loan", "shelf mark", "volume")
        ],
        "credits": {
            "produced_by": "The library's own writers",
            "approved_by": [{"name": "Ann Bell", "post": "Librarian"}],
            "reviewers": ["people who use the library"],
            "sources": ["Letters from readers, 2025."],
            "conflicts": "none declared",
        },
        "quality_mark": False,
        "quality_mark_reason": "This is a sample.",
    }
    return Content(f"library-{seed + 1}", tree, {name: _drawing(name) for name in DRAWINGS})


class _Said:
    """Sentences, each with words of its own."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.last: list[str] = []

    def of(self, forms: tuple[str, ...]) -> str:
        form = self.chance.choice([one for one in forms if one not in self.last[-4:]])
        self.last.append(form)
        person = self.chance.choice(PEOPLE)
        return form.format(
            way=self.chance.choice(WAYS),
            hour=self.chance.choice(HOURS),
            day=self.chance.choice(DAYS),
            person=person,
            Person=person.capitalize(),
            thing=self.chance.choice(THINGS),
            need=self.chance.choice(NEEDS),
        )

    def sentence(self) -> str:
        return self.of(SENTENCES)

    def paragraph(self, sentences: int) -> str:
        return " ".join(self.sentence() for _ in range(sentences))

    def listed(self, forms: tuple[str, ...], count: int) -> list[str]:
        return [self.of(forms) for _ in range(count)]


def _about(said: _Said, sections: list[dict[str, Any]]) -> str:
    first, last = sections[0], sections[-1]
    links = (
        f"Begin with [{first['title'].lower()}](#{first['id']}), or go straight on to "
        f"[{last['title'].lower()}](#{last['id']}). More is on [our pages](https://library.example.org/more)."
    )
    return "\n\n".join([said.paragraph(4), said.paragraph(3), links])


def _parts(said: _Said, sections: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The sections in parts of about seven."""
    count = round(len(sections) / 7)
    cuts = [len(sections) * number // count for number in range(count + 1)]
    return [
        {
            "id": f"part-{number + 1}",
            "title": PARTS[number % len(PARTS)] + (f" {number + 1}" if number >= len(PARTS) else ""),
            "content": [said.paragraph(2)],
            "sections": sections[cuts[number] : cuts[number + 1]],
        }
        for number in range(count)
    ]


def _section(said: _Said, number: int, title: str) -> dict[str, Any]:
    """About a page of text, with one block of each kind in turn."""
    content: list[Any] = [
        f"{said.paragraph(4)}\n\n{said.paragraph(3)} **{said.sentence()}**",
        _block(said, number),
        said.paragraph(3 if number % 3 == 0 else 4),
    ]
    if number % 3 == 0:
        listed = "\n".join(f"- {item}" for item in said.listed(ITEMS, 3))
        content.append(f"It helps to bring:\n\n{listed}")
    section: dict[str, Any] = {"id": f"section-{number + 1}", "title": title, "content": content}
    if number % 4 == 1:
        below = {
            "id": f"section-{number + 1}-more",
            "title": f"More about {title.lower()}",
            "content": [f"{said.paragraph(3)} You may go back to [the section](#section-{number + 1})."],
        }
        section["sections"] = [below]
    return section


def _block(said: _Said, number: int) -> dict[str, Any]:
    """The kinds follow one another; one in eight is a drawing."""
    kinds = (_table, _tip, _drawn, _terms, _steps, _points, _quote, _checks)
    return kinds[number % len(kinds)](said, number)


def _table(said: _Said, number: int) -> dict[str, Any]:
    rows = [
        [
            day,
            f"{said.chance.choice(HOURS[:3])} to {said.chance.choice(HOURS[3:])}",
            said.chance.choice(PEOPLE),
        ]
        for day in DAYS[::2]
    ]
    return {
        "kind": "table",
        "caption": f"When it is open, list {number + 1}",
        "header": ["Day", "Hours", "Ask for"],
        "rows": rows,
        "row_headers": True,
    }


def _tip(said: _Said, number: int) -> dict[str, Any]:
    tone = ("tip", "info", "warning")[number // 8 % 3]
    return {"kind": "callout", "tone": tone, "title": "Worth a look", "content": said.paragraph(2)}


def _terms(said: _Said, _: int) -> dict[str, Any]:
    names = said.chance.sample(PLACES, 3)
    return {
        "kind": "terms",
        "items": [{"term": name.capitalize(), "text": said.paragraph(2)} for name in names],
    }


def _drawn(_: _Said, number: int) -> dict[str, Any]:
    name = DRAWINGS[number // 8 % len(DRAWINGS)]
    return {
        "kind": "figure",
        "image": name,
        "alt": ALTS[name],
        "caption": f"{CAPTIONS[name]}, drawing {number + 1}",
        "width": "full",
    }


def _steps(said: _Said, _: int) -> dict[str, Any]:
    return {"kind": "steps", "items": said.listed(STEPS, 5)}


def _points(said: _Said, _: int) -> dict[str, Any]:
    return {"kind": "key_points", "items": [said.sentence() for _ in range(3)]}


def _quote(said: _Said, _: int) -> dict[str, Any]:
    return {"kind": "quote", "text": said.of(SAYINGS), "who": "A reader"}


def _checks(said: _Said, _: int) -> dict[str, Any]:
    return {"kind": "checklist", "items": said.listed(ITEMS, 4)}


DRAWINGS = ("visits.svg", "floor.svg", "loan.svg")
CAPTIONS = {"visits.svg": "Visits in a week", "floor.svg": "The ground floor", "loan.svg": "How a loan goes"}
ALTS = {
    "visits.svg": "Six columns, one for each day from Monday to Saturday; the last is the highest.",
    "floor.svg": "A plan of four rooms round a hall: reading, lending, maps and music.",
    "loan.svg": "Three boxes from left to right, joined by arrows: ask, borrow, bring back.",
}


def _drawing(name: str) -> str:
    """A drawing of 122 by 40 millimetres, with its labels in the booklet's own face."""
    shapes = {"visits.svg": _visits, "floor.svg": _floor, "loan.svg": _loan}[name]()
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 122 40" width="122mm" height="40mm">\n'
        f"<title>{CAPTIONS[name]}</title>\n"
        '<rect width="122" height="40" rx="4" fill="#e4f1ea"/>\n'
        f'<g font-family="Atkinson Hyperlegible Next" font-size="4" fill="#1b2622">{"".join(shapes)}</g>\n'
        "</svg>\n"
    )


def _visits() -> Iterator[str]:
    for number, day in enumerate(DAYS):
        x, high = 8 + number * 18.5, 8 + number * 4
        yield f'<rect x="{x}" y="{32 - high}" width="12" height="{high}" fill="#00543c"/>'
        yield f'<text x="{x + 6}" y="37" text-anchor="middle">{day[:3]}</text>'


def _floor() -> Iterator[str]:
    for number, room in enumerate(("Reading", "Lending", "Maps", "Music")):
        x, y = 8 + number % 2 * 56, 4 + number // 2 * 17
        yield f'<rect x="{x}" y="{y}" width="50" height="15" fill="#ffffff" stroke="#4f9476"/>'
        yield f'<text x="{x + 25}" y="{y + 9}" text-anchor="middle">{room}</text>'


def _loan() -> Iterator[str]:
    for number, step in enumerate(("Ask", "Borrow", "Bring back")):
        x = 6 + number * 40
        yield f'<rect x="{x}" y="11" width="28" height="18" rx="3" fill="#ffffff" stroke="#4f9476"/>'
        yield f'<text x="{x + 14}" y="21.5" text-anchor="middle">{step}</text>'
        if number < 2:
            yield f'<path d="M{x + 29} 20h9m-3 -3l3 3l-3 3" fill="none" stroke="#b3470c"/>'


def clinic(number: int) -> dict[str, Any]:
    """The details of one of any number of branches, which take the place of a clinic's.

    Not all are of one shape: some have a second contact, and some tell no hours.
    """
    desk = {"name": "The desk", "phone": f"020 7946 {(number + 300) % 1000:04d}"}
    if number % 3:
        desk["hours"] = "Monday to Friday, 9am to 6pm"
    other = {"name": "The van", "phone": f"020 7946 {(number + 600) % 1000:04d}"}
    return {
        "name": f"{PLACES[number % len(PLACES)].capitalize()} branch {number + 1}",
        "address": f"{number + 1} Sample Street, Exampletown EX1 1EX",
        "urgent": {
            "text": "If you have lost your card, call us.",
            "phone": f"020 7946 {number % 1000:04d}",
            "hours": "Day and night, 7 days a week",
        },
        "contacts": [desk] if number % 4 else [desk, other],
        "note": "Bring this booklet with you each time.",
    }


def write_folder(root: Path, contents: list[Content], clinics: int = 0) -> Path:
    """A publisher's folder with these booklets, and as many clinics; returns it."""
    _write(root / "source/house.yaml", HOUSE)
    for content in contents:
        folder = root / "source/booklets" / content.id
        _write(folder / "booklet.yaml", content.tree)
        for name, drawing in content.drawings.items():
            if f"image: {name}" in yaml.safe_dump(content.tree):
                (folder / name).write_text(drawing, encoding="utf-8")
    for number in range(clinics):
        _write(root / f"source/clinics/branch-{number + 1}.yaml", clinic(number))
    return root


def _write(path: Path, tree: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    dates = {key: tree[key] for key in ("published", "next_review") if key in tree}
    rest = {key: value for key, value in tree.items() if key not in dates}
    text = "".join(f"{key}: {value}\n" for key, value in dates.items())  # a date is written without quotes
    path.write_text(
        text + yaml.safe_dump(rest, allow_unicode=True, sort_keys=False, width=100), encoding="utf-8"
    )
