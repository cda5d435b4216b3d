"""Do the feeds say what the register says, in the form that others read, whatever the texts hold?"""

import csv
import hashlib
import io
import json
import re
import shutil
import subprocess
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import icalendar
import pytest
from command import PROJECT, Ran, run
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker
from publisher import write_publisher
from test_release import DAY, SIGNED_HOUSE, release, sign, tree

from booklet.feeds import feeds
from booklet.layout import load_layout
from booklet.model import House
from booklet.parcel import Parcel, changed, current
from booklet.register import Register, State, append
from booklet.release import publish
from booklet.released import EditionFile, FileSaid, InLanguage, Manifest
from booklet.shelf import DamagedError, Shelf, read_shelf
from booklet.source import Source
from booklet.states import notice_file
from booklet.store import Folder

BASE = "https://example.org/booklets"
ATHOME = House(name="The House of Health", catalogue=BASE)
#: A UUID of version 8 as an address (RFC 9562).
NAME = re.compile(r"urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
ATOM = "{http://www.w3.org/2005/Atom}"
NOTICE = b"%PDF of a notice"


def put(
    shop: Folder,
    register: Register,
    version: str,
    day: date,
    *,
    title: str = "All about colds",
    languages: tuple[str, ...] = ("en-GB", "cy"),
    review: date = date(2029, 8, 31),
    booklet: str = "colds",
    replaces: Mapping[str, str] | None = None,
) -> Register:
    """A release whose files are no PDFs: nobody looks into them here."""
    texts, editions, files = {}, [], {}
    for language in languages:
        said = title, "And what helps", day, review, hashlib.sha256(version.encode()).hexdigest(), ("Colds",)
        texts[language] = InLanguage(*said, translation_of=version if language == "cy" else "")
        for form, points, grey, place in (
            ("a5-booklet", 0, False, ""),
            ("large-print-18", 18, False, ""),
            ("a5-booklet-grey", 0, True, ""),
            ("a5-booklet.desk", 0, False, "desk"),
            ("a5-booklet.press-coated", 0, False, "press-coated"),
        ):
            name = f"{booklet}-{version}-{language}-{form}.pdf"
            files[name] = f"%PDF {name}".encode()
            layout = "large-print" if points else "a5-booklet"
            editions.append(EditionFile(name, language, layout, points, grey, place, 8))
    sums = {name: FileSaid.of(data) for name, data in files.items()}
    about = booklet, version, "HI900", day, replaces or {}
    return publish(shop, register, Manifest(*about, texts, tuple(editions), {}, sums), files)


def say(shop: Folder, register: Register, version: str, state: State, day: date, **more: Any) -> Register:
    """Another state of a version, with a notice where it is withdrawn."""
    first = register.release("colds", version)
    assert first
    more["languages"] = {
        language: first.languages[language] for language in more.get("languages", first.languages)
    }
    entry = replace(first, manifest="", state=state, day=day, **more)
    if state is State.WITHDRAWN:
        shop.write(notice_file("colds", version, entry.languages, first), NOTICE)
        entry = replace(entry, notice=hashlib.sha256(NOTICE).hexdigest())
    return append(shop, register, entry)


def history(folder: Path) -> Shelf:
    """1.0 is superseded in Welsh and withdrawn in English, 1.1 is under review, 2.0 of another is current."""
    shop = Folder(folder)
    register = put(shop, Register(), "1.0", date(2026, 9, 3))
    register = put(shop, register, "1.1", date(2026, 10, 5), replaces={"en-GB": "1.0", "cy": "1.0"})
    register = say(shop, register, "1.1", State.REVIEW, date(2026, 10, 20), reason="Page 3 is asked about.")
    gone = {"languages": ["en-GB"], "reason": "A dose is wrong.", "stock": "Pulp all copies."}
    register = say(shop, register, "1.0", State.WITHDRAWN, date(2026, 11, 2), **gone)
    put(shop, register, "2.0", date(2026, 11, 29), title="Coughs", languages=("en-GB",), booklet="coughs")
    return shelf_of(folder)


def shelf_of(folder: Path) -> Shelf:
    read = read_shelf(Folder(folder))
    assert read.value, read.problems
    return read.value


def left_behind(folder: Path, *, withdrawn: bool = False) -> Shelf:
    """The English text has a second version, of which there is no translation; it may be withdrawn."""
    shop = Folder(folder)
    register = put(shop, Register(), "1.0", date(2026, 9, 3))
    register = put(shop, register, "1.1", date(2026, 10, 5), languages=("en-GB",), replaces={"en-GB": "1.0"})
    if withdrawn:
        say(shop, register, "1.1", State.WITHDRAWN, date(2026, 11, 2), reason="A dose is wrong.")
    return shelf_of(folder)


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    return history(tmp_path_factory.mktemp("shop"))


def texts_of(shelf: Shelf, house: House = ATHOME) -> dict[str, bytes]:
    """The feeds that are no zips."""
    return {path: one for path, one in feeds(shelf, house) if isinstance(one, bytes)}


def zip_of(parcel: Parcel | None) -> bytes:
    assert parcel
    file = io.BytesIO()
    parcel.write(file)
    return file.getvalue()


def held_in(data: bytes) -> dict[str, str]:
    """The files of a zip, as text, without what proves them."""
    with zipfile.ZipFile(io.BytesIO(data)) as whole:
        assert whole.testzip() is None
        return {name: whole.read(name).decode() for name in whole.namelist() if name != "SHA256SUMS"}


def test_the_same_shelf_gives_the_same_bytes(shelf: Shelf, tmp_path: Path) -> None:
    again = history(tmp_path)
    first = {path: one if isinstance(one, bytes) else zip_of(one) for path, one in feeds(shelf, ATHOME)}
    assert first == {
        path: one if isinstance(one, bytes) else zip_of(one) for path, one in feeds(again, ATHOME)
    }
    assert list(first) == [
        "feeds/catalogue.json",
        "feeds/catalogue.schema.json",
        "feeds/atom.xml",
        "feeds/stock.csv",
        "feeds/reviews.ics",
        "feeds/current.zip",
        "feeds/changed/2026-11.zip",
        "feeds/changed/2026-10.zip",
    ]


# --- Data -----------------------------------------------------------------------------------


def validated(made: dict[str, bytes]) -> Any:
    """The data, once the published schema allows it."""
    schema = json.loads(made["feeds/catalogue.schema.json"])
    Draft202012Validator.check_schema(schema)
    data = json.loads(made["feeds/catalogue.json"])
    Draft202012Validator(schema, format_checker=FormatChecker()).validate(data)
    return data


def test_the_data_have_all_editions_with_what_has_become_of_them(shelf: Shelf) -> None:
    data = validated(texts_of(shelf))
    assert [(one["version"], one["language"], one["state"], one["since"]) for one in data["editions"]] == [
        ("1.0", "en-GB", "withdrawn", "2026-11-02"),
        ("1.0", "cy", "superseded", "2026-10-05"),
        ("1.1", "en-GB", "under review", "2026-10-20"),
        ("1.1", "cy", "under review", "2026-10-20"),
        ("2.0", "en-GB", "current", "2026-11-29"),
    ]
    gone, old, review = data["editions"][:3]
    assert (gone["reason"], gone["stock"], gone["replaced_by"]) == (
        "A dose is wrong.",
        "Pulp all copies.",
        "1.1",
    )
    assert gone["notice"] == {
        "address": f"{BASE}/colds/colds-1.0-en-GB-withdrawn.pdf",
        "sha256": hashlib.sha256(NOTICE).hexdigest(),
    }
    assert (old["page"], review["page"]) == (f"{BASE}/HI900/1.0/cy/", f"{BASE}/HI900/1.1/")
    assert (review["released"], review["next_review"], review["notice"]) == ("2026-10-05", "2029-08-31", None)
    assert data["register"] == {"head": shelf.register.head, "count": 5}
    assert data["$schema"] == json.loads(texts_of(shelf)["feeds/catalogue.schema.json"])["$id"]


def test_the_data_have_the_files_by_purpose(shelf: Shelf) -> None:
    gone, _, review = validated(texts_of(shelf))["editions"][:3]
    assert [(one["purpose"], one["points"], one["grey"], one["profile"]) for one in review["files"]] == [
        ("read", 0, False, ""),
        ("large print", 18, False, ""),
        ("read", 0, True, ""),
        ("desk", 0, False, ""),
        ("print shop", 0, False, "coated"),
    ]
    name = "colds-1.1-en-GB-a5-booklet.pdf"
    data = f"%PDF {name}".encode()
    assert review["files"][0] == {
        "file": name,
        "layout": "a5-booklet",
        "purpose": "read",
        "points": 0,
        "grey": False,
        "profile": "",
        "pages": 8,
        "size": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
        "address": f"{BASE}/colds/1.1/{name}",
    }
    # A copy of it can be recognised, but not fetched.
    assert {one["address"] for one in gone["files"]} == {None}
    assert all(one["sha256"] for one in gone["files"])


def test_without_an_address_of_the_catalogue_addresses_are_relative(shelf: Shelf) -> None:
    made = texts_of(shelf, House(name="The House of Health"))
    data = validated(made)
    assert data["editions"][2]["files"][0]["address"] == "../colds/1.1/colds-1.1-en-GB-a5-booklet.pdf"
    assert data["current"] == "../feeds/current.zip"
    assert b"https://" not in made["feeds/reviews.ics"]
    assert b'href="../HI900/1.1/"' in made["feeds/atom.xml"]


@pytest.mark.parametrize(
    "wrong",
    [
        lambda data: data.pop("register"),
        lambda data: data["editions"][0].update(state="gone"),
        lambda data: data["editions"][0].update(since="yesterday"),
        lambda data: data["editions"][0]["files"][0].pop("sha256"),
        lambda data: data.update(format=2),
    ],
)
def test_the_schema_allows_no_other_data(wrong: Any, shelf: Shelf) -> None:
    made = texts_of(shelf)
    data = json.loads(made["feeds/catalogue.json"])
    wrong(data)
    schema = json.loads(made["feeds/catalogue.schema.json"])
    assert not Draft202012Validator(schema, format_checker=FormatChecker()).is_valid(data)


# --- News -----------------------------------------------------------------------------------


def news(made: dict[str, bytes]) -> ET.Element:
    """The feed, once it has what RFC 4287 asks for."""
    feed = ET.fromstring(made["feeds/atom.xml"])
    assert feed.tag == f"{ATOM}feed"
    assert feed.find(f"{ATOM}author/{ATOM}name") is not None
    ids = [one.text or "" for one in feed.iter(f"{ATOM}id")]
    assert len(set(ids)) == len(ids)
    assert all(
        re.fullmatch(r"urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", id_)
        for id_ in ids
    )
    for whole in (feed, *feed.findall(f"{ATOM}entry")):
        assert [len(whole.findall(f"{ATOM}{tag}")) for tag in ("id", "title", "updated")] == [1, 1, 1]
        assert datetime.fromisoformat(whole.findtext(f"{ATOM}updated") or "").tzinfo == UTC
        links = [link.attrib for link in whole.findall(f"{ATOM}link")]
        kinds = [(link["rel"], link.get("type"), link.get("hreflang")) for link in links]
        assert len(set(kinds)) == len(kinds)
        assert all(link["href"] for link in links)
    return feed


def test_the_news_have_an_entry_for_each_thing_that_happened(shelf: Shelf) -> None:
    feed = news(texts_of(shelf))
    entries = feed.findall(f"{ATOM}entry")
    assert [(one.findtext(f"{ATOM}title"), one.findtext(f"{ATOM}updated")) for one in entries] == [
        ("Released: Coughs (HI900, version 2.0)", "2026-11-29T00:00:00Z"),
        ("Withdrawn: All about colds (HI900, version 1.0)", "2026-11-02T00:00:00Z"),
        ("Under review: All about colds (HI900, version 1.1)", "2026-10-20T00:00:00Z"),
        ("Released: All about colds (HI900, version 1.1)", "2026-10-05T00:00:00Z"),
        ("Released: All about colds (HI900, version 1.0)", "2026-09-03T00:00:00Z"),
    ]
    assert feed.findtext(f"{ATOM}updated") == "2026-11-29T00:00:00Z"
    gone, newer = entries[1], entries[3]
    said = gone.findtext(f"{ATOM}summary") or ""
    assert said.startswith("In en-GB: All about colds. Do not use it any more.")
    assert "Why: A dose is wrong. Printed copies: Pulp all copies." in said
    assert [link.get("href") for link in gone.findall(f"{ATOM}link")] == [
        f"{BASE}/HI900/1.0/",
        f"{BASE}/colds/colds-1.0-en-GB-withdrawn.pdf",
    ]
    assert "It replaces version 1.0." in (newer.findtext(f"{ATOM}summary") or "")


def test_an_entry_of_the_news_never_changes(tmp_path: Path) -> None:
    shop = Folder(tmp_path)
    register = put(shop, Register(), "1.0", date(2026, 9, 3))
    before = news(texts_of(shelf_of(tmp_path)))
    register = put(shop, register, "1.1", date(2026, 10, 5))
    say(shop, register, "1.0", State.WITHDRAWN, date(2026, 11, 2))
    moved = House(name="Elsewhere", catalogue="https://other.example.com")
    after = news(texts_of(shelf_of(tmp_path), moved))
    entries = [
        ET.tostring(one.findall(f"{ATOM}entry")[-1]) for one in (before, news(texts_of(shelf_of(tmp_path))))
    ]
    assert entries[0] == entries[1]
    assert before.findtext(f"{ATOM}id") == after.findtext(f"{ATOM}id")
    ids = [one.findall(f"{ATOM}entry")[-1].findtext(f"{ATOM}id") for one in (before, after)]
    assert ids[0] == ids[1]


# --- Stock list -----------------------------------------------------------------------------


def stock(made: dict[str, bytes]) -> list[dict[str, str]]:
    data = made["feeds/stock.csv"]
    assert data.startswith(b"\xef\xbb\xbf")
    assert data.endswith(b"\r\n")
    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True))
    assert all(None not in row and None not in row.values() for row in rows)
    return rows


def test_the_stock_list_says_what_to_do_with_the_boxes(shelf: Shelf) -> None:
    rows = stock(texts_of(shelf))
    assert [(row["Version"], row["Language"], row["What to do with printed copies"]) for row in rows] == [
        ("v1.0", "en-GB", "Pulp all copies."),
        ("v1.0", "cy", "Hand out version 1.1 in their place."),
        ("v1.1", "en-GB", "Hand them out; they are under review."),
        ("v1.1", "cy", "Hand them out; they are under review."),
        ("v2.0", "en-GB", "Hand them out."),
    ]
    assert rows[0] == {
        "Code": "HI900",
        "Title": "All about colds",
        "Version": "v1.0",
        "Language": "en-GB",
        "State": "withdrawn",
        "Since": "2026-11-02",
        "What to do with printed copies": "Pulp all copies.",
        "Replaced by": "v1.1",
        "Next review": "2029-08-31",
        "Pages": "8",
        "Size in bytes": str(len("%PDF colds-1.0-en-GB-a5-booklet.pdf")),
        "File": "colds-1.0-en-GB-a5-booklet.pdf",
    }


@pytest.mark.parametrize(
    "title",
    ["=cmd|' /C calc'!A0", "+1+1", "-2", "@SUM(A1)", "＝1+1", "1.10", "3/4", "1e5", "\t=1", "\u202e=1"],
)
def test_no_cell_of_the_stock_list_is_worked_out(title: str, tmp_path: Path) -> None:
    put(Folder(tmp_path), Register(), "1.0", date(2026, 9, 3), title=title)
    cell = stock(texts_of(shelf_of(tmp_path)))[0]["Title"]
    assert cell == "'" + title.strip().replace("\u202e", "")


@pytest.mark.parametrize("title", ["10 things to know", "Colds = misery", "2026: a year of colds"])
def test_other_texts_of_the_stock_list_stay_as_they_are(title: str, tmp_path: Path) -> None:
    put(Folder(tmp_path), Register(), "1.0", date(2026, 9, 3), title=title)
    assert stock(texts_of(shelf_of(tmp_path)))[0]["Title"] == title


# --- Reviews --------------------------------------------------------------------------------


def events(made: dict[str, bytes]) -> list[Any]:
    """The events, once the calendar keeps to RFC 5545."""
    data = made["feeds/reviews.ics"]
    lines = data.split(b"\r\n")
    assert lines[0] == b"BEGIN:VCALENDAR"
    assert lines[-2:] == [b"END:VCALENDAR", b""]
    assert b"\n" not in b"".join(lines)
    assert max(map(len, lines)) <= 75
    found = icalendar.Calendar.from_ical(data).walk("VEVENT")
    names = [str(one["UID"]) for one in found]
    assert len(set(names)) == len(names)
    return list(found)


def test_each_review_is_in_the_calendar_three_times(shelf: Shelf) -> None:
    found = events(texts_of(shelf))
    assert [(str(one["SUMMARY"]), one["DTSTART"].dt, str(one["URL"])) for one in found[:3]] == [
        (f"Review {due}: HI900 All about colds (1.1, en-GB)", day, f"{BASE}/HI900/1.1/")
        for due, day in (
            ("due in 6 months", date(2029, 2, 28)),
            ("due in 3 months", date(2029, 5, 31)),
            ("due today", date(2029, 8, 31)),
        )
    ]
    # Two languages of 1.1, and one of 2.0: what is superseded or withdrawn is reviewed no more.
    assert len(found) == 9
    assert {one["DTSTAMP"].dt for one in found[:3]} == {datetime(2026, 10, 5, tzinfo=UTC)}


def test_a_later_version_moves_its_days_in_the_calendar(tmp_path: Path) -> None:
    shop = Folder(tmp_path)
    register = put(shop, Register(), "1.0", date(2026, 9, 3), languages=("en-GB",))
    before = events(texts_of(shelf_of(tmp_path)))
    put(shop, register, "1.1", date(2026, 10, 5), languages=("en-GB",), review=date(2030, 1, 1))
    after = events(texts_of(shelf_of(tmp_path)))
    assert [str(one["UID"]) for one in before] == [str(one["UID"]) for one in after]
    assert [(one["SEQUENCE"], two["SEQUENCE"]) for one, two in zip(before, after, strict=True)] == [
        (0, 1)
    ] * 3
    assert after[-1]["DTSTART"].dt == date(2030, 1, 1)


# --- Zips -----------------------------------------------------------------------------------


def test_what_is_current_proves_itself(shelf: Shelf, tmp_path: Path) -> None:
    parcel = dict(feeds(shelf, ATHOME))["feeds/current.zip"]
    assert isinstance(parcel, Parcel)
    (tmp_path / "current.zip").write_bytes(zip_of(parcel))
    if shutil.which("unzip") is None:
        pytest.skip("needs unzip")
    subprocess.run(["unzip", "-q", "current.zip", "-d", "out"], cwd=tmp_path, check=True)
    ran = subprocess.run(
        ["sha256sum", "--strict", "-c", "SHA256SUMS"],
        cwd=tmp_path / "out",
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    files = tree(tmp_path / "out")
    assert len(ran.stdout.splitlines()) == len(files) - 1 == 9
    assert {name for name in files if "1.0" in name or "desk" in name or "press" in name} == set()
    assert files["coughs/coughs-2.0-en-GB-a5-booklet.pdf"] == b"%PDF coughs-2.0-en-GB-a5-booklet.pdf"
    assert (tmp_path / "out/SHA256SUMS").stat().st_mode & 0o777 == 0o644


def test_a_zip_is_sorted_stored_and_dated_alike(shelf: Shelf) -> None:
    with zipfile.ZipFile(io.BytesIO(zip_of(current(shelf)))) as whole:
        names = whole.namelist()
        assert names == sorted(names)
        assert {(one.date_time[:3], one.compress_type) for one in whole.infolist()} == {((1980, 1, 1), 0)}


def test_copies_of_a_withdrawn_version_are_recycled_as_its_notice_says(tmp_path: Path) -> None:
    shelf = left_behind(tmp_path, withdrawn=True)
    words = load_layout("a5-booklet", (PROJECT,), language="en-GB")
    assert words.value
    said = words.value.words("en-GB").value
    assert said
    told = "they were translated from version 1.0 in English, which was superseded by 1.1"
    assert [row["What to do with printed copies"] for row in stock(texts_of(shelf))] == [
        "Hand out no more of them; ask first.",
        f"Ask before you hand them out: {told}.",
        said["withdrawn_recycle"],
    ]


def test_a_translation_of_what_is_superseded_is_to_be_asked_about(tmp_path: Path) -> None:
    shelf = left_behind(tmp_path)
    data = json.loads(texts_of(shelf)["feeds/catalogue.json"])
    originals = {(one["version"], one["language"]): one["original"] for one in data["editions"]}
    assert originals == {("1.0", "en-GB"): None, ("1.0", "cy"): "superseded", ("1.1", "en-GB"): None}
    said = held_in(zip_of(changed(shelf, date(2026, 9, 1))))["CHANGES.txt"]
    assert "Ask before you use it: it was translated from version 1.0 in English" in said


def test_whoever_changes_a_state_is_told_of_translations_left_behind(tmp_path: Path) -> None:
    left_behind(tmp_path / "shop")
    root = write_publisher(tmp_path / "house")
    words = "--language", "en-GB", "--reason", "A dose.", "--root", root, "--shop", tmp_path / "shop"
    ran = run("withdraw", "colds", "1.0", *words, "--today", "2026-12-01")
    told = "warning[translation-behind]: 1.0 in cy was translated from version 1.0 in English"
    assert (ran.status, f"{told}, which was withdrawn" in ran.out) == (0, True), ran
    ran = run("withdraw", "colds", "1.0", "--language", "cy", *words[2:], "--today", "2026-12-01")
    assert (ran.status, "translation-behind" in ran.out) == (0, False), ran


def test_what_has_changed_since_a_day(shelf: Shelf) -> None:
    held = held_in(zip_of(changed(shelf, date(2026, 10, 20))))
    assert {name for name in held if "1.0" in name} == {"colds/colds-1.0-en-GB-withdrawn.pdf"}
    assert sum("colds-1.1" in name for name in held) == 6
    assert (
        held["CHANGES.txt"]
        == """\
What has changed since 2026-10-20

WITHDRAWN: do not use any more

2026-11-02  HI900 1.0 en-GB  All about colds
    Why: A dose is wrong.
    Printed copies: Pulp all copies.
    Use instead: version 1.1
    Notice: colds/colds-1.0-en-GB-withdrawn.pdf

UNDER REVIEW: may be used meanwhile

2026-10-20  HI900 1.1 en-GB  All about colds
    Why: Page 3 is asked about.
2026-10-20  HI900 1.1 cy  All about colds
    Why: Page 3 is asked about.

CURRENT: released, or reviewed and found to hold

2026-11-29  HI900 2.0 en-GB  Coughs
"""
    )
    assert (
        "SUPERSEDED: a later version took its place"
        in held_in(zip_of(changed(shelf, date(2026, 10, 5))))["CHANGES.txt"]
    )
    assert changed(shelf, date(2026, 11, 30)) is None


def test_the_months_from_one_on_are_all_that_changed_since(shelf: Shelf) -> None:
    made = {path: zip_of(one) for path, one in feeds(shelf, ATHOME) if isinstance(one, Parcel)}
    months = [held_in(data) for path, data in made.items() if "/changed/" in path]
    since = held_in(zip_of(changed(shelf, date(2026, 10, 1))))
    together = {name: text for month in months for name, text in month.items()}
    assert together.keys() == since.keys()
    assert sum(map(len, months)) == len(since) + 1  # each month has a CHANGES of its own
    listed = json.loads(texts_of(shelf)["feeds/catalogue.json"])["changed"]
    assert [one["address"] for one in listed] == [f"{BASE}/{path}" for path in made if "/changed/" in path]


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("colds/1.1/colds-1.1-cy-a5-booklet.pdf", "colds/1.1/colds-1.1-cy-a5-booklet.pdf"),
        ("colds/colds-1.0-en-GB-withdrawn.pdf", "colds/colds-1.0-en-GB-withdrawn.pdf"),
    ],
)
def test_what_is_damaged_is_never_packed(file: str, name: str, tmp_path: Path) -> None:
    shelf = history(tmp_path)
    (tmp_path / file).write_bytes(b"%PDF of somebody else")
    with pytest.raises(DamagedError, match=re.escape(name)):
        zip_of(changed(shelf, date(2026, 1, 1)))
    (tmp_path / file).unlink()
    with pytest.raises(DamagedError, match=re.escape(name)):
        zip_of(changed(shelf, date(2026, 1, 1)))


@pytest.mark.parametrize("name", ["../out.pdf", "/etc/out.pdf", "a\nb.pdf", "a\\b.pdf", ".hidden.pdf"])
def test_a_name_that_leads_out_is_never_packed(name: str, tmp_path: Path) -> None:
    shelf = history(tmp_path)
    manifest = shelf.manifests["coughs", "2.0"]
    evil = replace(
        manifest,
        editions=(replace(manifest.editions[0], file=name),),
        files={name: FileSaid.of(b"")},
    )
    with pytest.raises(DamagedError):
        current(replace(shelf, manifests={**shelf.manifests, ("coughs", "2.0"): evil}))


def test_a_shop_with_nothing_in_it_has_empty_feeds(tmp_path: Path) -> None:
    made = texts_of(shelf_of(tmp_path))
    assert validated(made)["editions"] == []
    assert news(made).findall(f"{ATOM}entry") == []
    assert (stock(made), events(made)) == ([], [])


# --- By the command -------------------------------------------------------------------------


def export(root: Path, *words: object) -> Ran:
    return run("releases", "export", "--root", root, "--shop", root / "shop", *words)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A publisher's folder with a shop in it."""
    history(tmp_path / "shop")
    return tmp_path


def test_a_zip_of_what_has_changed_since_any_day(root: Path, shelf: Shelf) -> None:
    ran = export(root, "--since", "2026-10-20")
    path = root / "dist/changed-since-2026-10-20.zip"
    assert (ran.status, ran.out) == (0, f"wrote {path}; PDFs in it: 10\n")
    assert path.read_bytes() == zip_of(changed(shelf, date(2026, 10, 20)))


def test_a_zip_of_what_is_current(root: Path, shelf: Shelf) -> None:
    ran = export(root, "--current", "--out", root / "new/mine.zip", "--json")
    assert (ran.status, ran.data["zip"]) == (0, str(root / "new/mine.zip"))
    data = (root / "new/mine.zip").read_bytes()
    assert data == zip_of(current(shelf))
    assert sorted(ran.data["files"]) == sorted(held_in(data))


def test_where_nothing_has_changed_there_is_no_zip(root: Path) -> None:
    ran = export(root, "--since", "2026-11-30")
    assert (ran.status, ran.out) == (0, "Nothing has changed since 2026-11-30.\n")
    assert export(root, "--since", "2026-11-30", "--json").data == {"zip": None, "files": []}
    assert not (root / "dist").exists()


def test_of_a_damaged_release_there_is_no_zip(root: Path) -> None:
    assert export(root, "--current").status == 0
    before = tree(root / "dist")
    file = "coughs/2.0/coughs-2.0-en-GB-a5-booklet.pdf"
    (root / "shop" / file).write_bytes(b"%PDF of somebody else")
    for words in (("--current",), ("--since", "2026-11-29")):
        ran = export(root, *words)
        assert (ran.status, ran.out) == (2, "")
        assert "It is not as it was released" in ran.err
        assert file in ran.err
        assert "releases verify" in ran.err
    assert tree(root / "dist") == before
    assert {path.name for path in (root / "dist").iterdir()} == set(before)


def test_of_a_damaged_register_there_is_no_zip(root: Path) -> None:
    (root / "shop/register/000002.json").unlink()
    ran = export(root, "--current", "--json")
    assert (ran.status, ran.codes) == (2, ["register-damaged"])
    assert not (root / "dist").exists()


@pytest.mark.parametrize("words", [(), ("--current", "--since", "2026-01-01"), ("--since", "tomorrow")])
def test_it_must_be_said_what_is_wanted(words: tuple[str, ...], root: Path) -> None:
    assert export(root, *words).status == 2
    assert not (root / "dist").exists()


def test_a_booklet_that_was_really_released_and_withdrawn(tmp_path: Path) -> None:
    house = SIGNED_HOUSE + f"catalogue: {BASE}\n"
    root = write_publisher(tmp_path, house=house, files={"layouts/releases.yaml": "desk: true\n"})
    sign(root)
    assert release(root).status == 0
    assert run("releases", "export", "--root", root, "--current").status == 0
    name = "colds-1.0-en-GB-a5-booklet.pdf"
    with zipfile.ZipFile(root / "dist/current.zip") as whole:
        assert whole.namelist() == ["SHA256SUMS", f"colds/{name}"]
        assert whole.read(f"colds/{name}") == (root / "releases/colds/1.0" / name).read_bytes()
    assert run("withdraw", "colds", "1.0", "--root", root, "--reason", "Wrong", "--today", DAY).status == 0
    assert run("releases", "export", "--root", root, "--since", DAY).status == 0
    with zipfile.ZipFile(root / f"dist/changed-since-{DAY}.zip") as whole:
        assert whole.namelist() == ["CHANGES.txt", "SHA256SUMS", "colds/colds-1.0-withdrawn.pdf"]
    source = Source(root).house.value
    assert source
    made = texts_of(shelf_of(root / "releases"), source)
    (edition,) = validated(made)["editions"]
    assert (edition["state"], edition["page"]) == ("withdrawn", f"{BASE}/HI900/1.0/")
    assert [one["purpose"] for one in edition["files"]] == ["read", "desk"]
    assert events(made) == []


# --- Whatever the texts hold ----------------------------------------------------------------

HOSTILE = (
    *("=cmd|' /C calc'!A0", "]]>", "<script>alert(1)</script>", '"', "a,b;c", "\r\n", "BEGIN:VEVENT", "\\n"),
    *(
        "\x00",
        "\x0b",
        "\x1b[2J",
        "\ufffe",
        "\uffff",
        "\u202e",
        "\u2066",
        "\u2028",
        "\ud7ff",
        "عنوان",
        "𝒳",
        "&amp;",
    ),
)
titles = st.lists(st.sampled_from(HOSTILE) | st.text(max_size=40), min_size=1, max_size=6).map("".join)


@settings(deadline=None)  # each example releases a booklet
@given(titles, titles)
def test_no_text_breaks_a_feed(title: str, reason: str) -> None:
    with TemporaryDirectory() as folder:
        shop = Folder(Path(folder))
        register = put(shop, Register(), "1.0", date(2026, 9, 3), title=title, languages=("en-GB",))
        say(shop, register, "1.0", State.REVIEW, date(2026, 10, 3), reason=reason)
        shelf = shelf_of(Path(folder))
        made = texts_of(shelf)
        notes = held_in(zip_of(changed(shelf, date(2026, 1, 1))))["CHANGES.txt"]
    shown = validated(made)["editions"][0]["title"]
    assert not re.search("[\\x00-\\x1f\\x7f-\\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]", shown)
    entries = news(made).findall(f"{ATOM}entry")
    assert len(entries) == 2
    assert entries[1].findtext(f"{ATOM}title") == f"Released: {shown} (HI900, version 1.0)"
    (row,) = stock(made)
    assert row["Title"].removeprefix("'") == shown.removeprefix("'")
    assert not row["Title"].startswith(("=", "+", "-", "@", "\t"))
    assert [str(one["SUMMARY"]) for one in events(made)] == [
        f"Review {due}: HI900 {shown} (1.0, en-GB)"
        for due in ("due in 6 months", "due in 3 months", "due today")
    ]
    assert notes.splitlines()[4] == f"2026-10-03  HI900 1.0 en-GB  {shown}"


def test_of_a_shop_without_a_release_nothing_is_packed(tmp_path: Path) -> None:
    for words in (("--current",), ("--since", "2026-11-01")):
        ran = run("releases", "export", *words, "--root", write_publisher(tmp_path / words[0]))
        assert (ran.status, "Nothing was released here" in ran.err) == (2, True), ran
        assert not list(tmp_path.rglob("*.zip"))
