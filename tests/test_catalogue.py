"""Does the catalogue lead everybody to the right file, and tell of each copy whether it may be used?"""

import hashlib
import json
import os
import re
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from shutil import which
from urllib.parse import unquote, urljoin, urlsplit

import pypdfium2 as pdfium
import pytest
import zxingcpp
from axe_playwright_python.sync_playwright import Axe
from command import PROJECT, Ran, run, run_apart
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from publisher import BOOKLET, BOOKLET_FILE, HOUSE, changed, write_publisher
from test_feeds import left_behind
from test_target import S3, s3, server  # noqa: F401 - fixtures

sys.path.insert(0, str(PROJECT / "bench"))

from find import write_catalogue
from serve import served

from booklet.catalogue import Wanted, Written, write_pages
from booklet.model import House
from booklet.register import Entry, Register, State
from booklet.released import EditionFile, FileSaid, InLanguage, Manifest
from booklet.rows import misnamed, named, rows_of
from booklet.search import lists, telling, words_in
from booklet.shelf import Shelf
from booklet.site import built, site_before

CHROMIUM = which("chromium")
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium on this machine")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

DAY = "2026-11-29"
OTHER = BOOKLET.replace("colds", "sleep").replace("HI900", "HI901").replace("Most sleep", "Most nights")
FILES = {
    "source/booklets/sleep/booklet.yaml": OTHER,
    "layouts/releases.yaml": "desk: true\nsizes: [18]\ngrey: true\n",
}
SIGNED_HOUSE = HOUSE + "sign_off_roles: [clinical]\ncatalogue: https://booklets.example.org\n"
PDF = "colds-1.0-en-GB-a5-booklet.pdf"


def release(root: Path, booklet: str, day: str = DAY) -> None:
    """Sign a booklet off, and release it."""
    signed = root / f"source/booklets/{booklet}/sign-offs.yaml"
    signed.unlink(missing_ok=True)
    asked = run("release", booklet, "--root", root, "--today", day)
    line = re.search(r"- (\{version: .*digest: [0-9a-f]{64}\})", asked.out)
    assert line, asked
    signed.write_text(f"sign_offs:\n  - {line[1].replace('…', 'Ann Bell')}\n", encoding="utf-8")
    ran = run("release", booklet, "--root", root, "--today", day)
    assert ran.status == 0, ran


def catalogue(root: Path, *words: object) -> Ran:
    return run("catalogue", "--root", root, "--today", "2026-12-06", *words)


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A publisher with a booklet of which the first version is withdrawn, and one under review."""
    root = write_publisher(tmp_path_factory.mktemp("once") / "house", house=SIGNED_HOUSE, files=FILES)
    release(root, "colds")
    release(root, "sleep")
    path = root / BOOKLET_FILE
    text = changed(path.read_text(encoding="utf-8"), '"1.0"', '"1.1"')
    path.write_text(changed(text, "away by themselves", "away after 7 days"), encoding="utf-8")
    release(root, "colds", "2026-12-01")
    told = ("--reason", "It says <nothing> of fever.", "--today", "2026-12-02", "--root", root)
    assert run("withdraw", "colds", "1.0", "--stock", "Pulp them.", *told).status == 0
    assert run("releases", "review", "sleep", "1.0", *told).status == 0
    ran = catalogue(root)
    assert (ran.status, ran.err) == (0, ""), ran
    assert re.search(r"^2 booklets in 2 editions, \d+ files, in ", ran.out)
    assert ran.out.endswith(f" serve --root {root}\n")
    return root


@pytest.fixture
def root(once: Path, tmp_path: Path) -> Path:
    shutil.copytree(once, tmp_path / "house", copy_function=shutil.copy2)
    return tmp_path / "house"


def tree(folder: Path) -> dict[str, bytes]:
    """All that a reader may ask for."""
    paths = (path for path in sorted(folder.rglob("*")) if path.is_file())
    found = {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}
    return {name: data for name, data in found.items() if not name.startswith(".")}


def pages(folder: Path) -> dict[str, str]:
    """All pages, by the addresses that lead to them."""
    return {
        name.removesuffix("index.html"): data.decode()
        for name, data in tree(folder).items()
        if name.endswith(".html")
    }


def words(html: str) -> str:
    """What a page says, in one line."""
    return " ".join(re.sub(r"<[^>]*>", " ", html).split())


# --- What it holds ---------------------------------------------------------------------------------


def test_every_link_leads_to_something_that_is_there(once: Path) -> None:
    there = tree(once / "public")
    followed = set()
    for name, html in pages(once / "public").items():
        for link in re.findall(r'(?:href|src|action|data-index)="([^"]*)"', html):
            parts = urlsplit(urljoin(f"http://site/{name}", link))
            if parts.netloc == "site" and not link.startswith("#"):
                path = unquote(parts.path).removeprefix("/")
                target = f"{path}index.html" if path.endswith("/") or not path else path
                assert target in there, (name, link)
                followed.add(target)
    assert {f"colds/1.1/{PDF.replace('1.0', '1.1')}", "HI900/1.0/en-GB/index.html"} <= followed


def test_nothing_is_asked_of_others_and_nothing_is_inline(once: Path) -> None:
    for name, html in pages(once / "public").items():
        assert "Content-Security-Policy" in html, name
        assert not re.search(r"<style|<script(?! src=)| style=| on\w+=", html), name
        assert not re.search(r'(?:src|action)="(?:https?:)?//', html), name
        assert "{{" not in html


def test_every_page_is_small(once: Path) -> None:
    there = tree(once / "public")
    own = sum(
        len(data) for name, data in there.items() if re.search(r"/(site\.\w+\.css|find\.\w+\.js)$", name)
    )
    assert own > 10_000
    assert all(len(data) + own < 100_000 for name, data in there.items() if name.endswith(".html"))


def test_names_of_assets_tell_their_content(once: Path) -> None:
    assets = list((once / "public/assets").iterdir())
    assert {path.suffix for path in assets} >= {".css", ".js", ".json", ".txt", ".svg", ".webp"}
    for path in assets:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        assert path.name.split(".")[1] == digest[:24], path.name


def test_files_are_those_of_the_release_by_what_they_are_for(once: Path) -> None:
    html = pages(once / "public")["colds/"]
    said = json.loads((once / "releases/colds/1.1/manifest.json").read_text())
    for edition in said["editions"]:
        data = (once / "public/colds/1.1" / edition["file"]).read_bytes()
        digest = hashlib.sha256(data).hexdigest()
        assert digest == said["files"][edition["file"]]["sha256"]
        assert digest in html
        assert f"../colds/1.1/{edition['file']}" in html
    text = words(html)
    for told in ("Read on screen", "Print at the clinic", "Large print", "18 point", "Little ink"):
        assert told in text
    assert "Next review 23 November 2029" in text
    assert 'alt="Front cover of All about colds"' in html


def test_nothing_of_a_withdrawn_version_is_offered_but_its_notice(once: Path) -> None:
    there = tree(once / "public")
    assert not [name for name in there if "colds-1.0-en-GB" in name]
    notice = "colds/colds-1.0-withdrawn.pdf"
    assert there[notice] == (once / "releases" / notice).read_bytes()
    for address in ("HI900/1.0/", "HI900/1.0/en-GB/", "colds/1.0/en-GB/read/"):
        text = words(there[f"{address}index.html"].decode())
        main = text.partition("About ")[2]
        assert main.index("Withdrawn on 2 December 2026: stop using it") < main.index(
            "Use version 1.1 instead"
        )
        assert "It says &lt;nothing&gt; of fever." in text
        assert "Pulp them." in text
        assert "Most colds" not in text


def test_a_version_says_first_what_may_be_done_with_it(once: Path) -> None:
    found = pages(once / "public")
    assert "This copy is current" in words(found["HI900/1.1/"])
    assert "This copy is under review" in words(found["HI901/1.0/"])
    assert "under review since 2 December 2026" in words(found["sleep/1.0/en-GB/read/"])
    assert words(found["sleep/"]).index("Under review since") < words(found["sleep/"]).index(
        "All about sleep", 60
    )


def test_it_is_told_what_changed_numbers_first(once: Path) -> None:
    found = pages(once / "public")
    assert "../colds/1.1/en-GB/changes/" in found["colds/"]
    text = words(found["colds/1.1/en-GB/changes/"])
    assert "removed: by themselves added: after 7 days" in text
    assert text.index("7 days is new") < text.index("removed: by")


def test_the_registers_head_is_published_and_verify_takes_it(once: Path) -> None:
    said = json.loads((once / "public/register.json").read_text())
    assert said["count"] == 5
    assert said["head"] == said["heads"][-1]
    assert said["head"] in pages(once / "public")["about/"]
    assert run("releases", "verify", "--head", said["head"], "--root", once).status == 0


def test_programs_are_led_to_feeds(once: Path, tmp_path: Path) -> None:
    html = pages(once / "public")[""]
    assert '<link rel="alternate" type="application/atom+xml" href="feeds/atom.xml"' in html
    for name in ("catalogue.json", "stock.csv", "reviews.ics", "current.zip"):
        assert (once / "public/feeds" / name).is_file()
        assert html.count(f'href="feeds/{name}"') == 2
    assert "feeds/" not in pages(write(made_up(), tmp_path))[""]


def test_clinics_are_led_to_their_editions_where_there_is_a_server(root: Path) -> None:
    assert "editions/" not in pages(root / "public")["colds/"]
    ran = catalogue(root, "--editions")
    assert (ran.status, ran.out.split(" serve ")[1]) == (0, f"--root {root} --editions\n")
    assert 'href="../editions/colds/1.1/en-GB/"' in pages(root / "public")["colds/"]


def test_one_is_said_as_one() -> None:
    assert str(Written(1, 2, 1)) == "1 booklet in 2 editions, 1 file"


def test_the_code_that_is_shown_for_an_example_is_of_a_current_version(root: Path) -> None:
    # The first of all is withdrawn, and the second, too, but the last is current.
    told = ("--reason", "No.", "--today", "2026-12-03", "--root", root)
    assert run("withdraw", "colds", "1.1", *told).status == 0
    assert run("releases", "confirm", "sleep", "1.0", "--today", "2026-12-03", "--root", root).status == 0
    assert catalogue(root).status == 0
    assert "for example HI901, version 1.0." in words(pages(root / "public")["codes/"])
    assert "its code in capitals: HI901/1.0" in words(pages(root / "public")["404.html"])


def test_a_house_without_an_address_has_a_catalogue_too(tmp_path: Path) -> None:
    folder = write(made_up(), tmp_path)
    assert "https://" not in "".join(pages(folder).values())
    assert 'action="/codes/"' in pages(folder)["404.html"]


def test_the_page_for_no_page_leads_home_from_anywhere(tmp_path: Path) -> None:
    folder = write(made_up(), tmp_path, catalogue="https://example.org/our/booklets/")
    assert 'action="/our/booklets/codes/"' in pages(folder)["404.html"]


# --- How it is written -----------------------------------------------------------------------------


def test_the_same_shop_gives_the_same_bytes_and_nothing_is_written_twice(root: Path) -> None:
    ran = catalogue(root, "--out", root / "other")
    assert (ran.status, ran.out.split(" serve ")[1]) == (0, f"--root {root} --public {root / 'other'}\n")
    assert tree(root / "other") == tree(root / "public")
    paths = [
        path for path in (root / "other").rglob("*") if path.is_file() and ".catalogue" not in path.parts
    ]
    before = {path: path.stat().st_ino for path in paths}
    assert catalogue(root, "--out", root / "other").status == 0
    assert {path: path.stat().st_ino for path in paths} == before


def test_what_was_altered_in_the_site_is_put_right(root: Path) -> None:
    before = tree(root / "public")
    for name in (
        f"colds/1.1/{PDF.replace('1.0', '1.1')}",
        "colds/index.html",
        "colds/1.1/en-GB/read/index.html",
    ):
        (root / "public" / name).write_bytes(b"other")
    assert catalogue(root).status == 0
    assert tree(root / "public") == before


def test_pages_that_are_no_longer_right_go(root: Path) -> None:
    told = ("--reason", "No.", "--today", "2026-12-03", "--root", root)
    assert run("withdraw", "sleep", "1.0", *told).status == 0
    assert (root / "public/sleep/1.0/sleep-1.0-en-GB-a5-booklet.pdf").exists()
    assert catalogue(root).status == 0
    assert not (root / "public/sleep/1.0/sleep-1.0-en-GB-a5-booklet.pdf").exists()
    text = words(pages(root / "public")["sleep/"])
    assert "Withdrawn on 3 December 2026: stop using it" in text
    assert "All about sleep" not in words(pages(root / "public")[""])


@pytest.mark.parametrize("name", [PDF.replace("1.0", "1.1"), "press/source/house.yaml", "manifest.json"])
def test_a_damaged_release_is_refused_and_the_old_site_stays(root: Path, name: str) -> None:
    before = tree(root / "public")
    path = root / "releases/colds/1.1" / name
    path.write_bytes(path.read_bytes() + b" ")
    # What is not read again cannot be found damaged: `releases verify` reads all.
    shutil.rmtree(root / "public/.catalogue/shown", ignore_errors=True)
    listed = json.loads((root / "public/.catalogue/files.json").read_text())
    listed["files"] = {
        one: said for one, said in listed["files"].items() if not one.startswith(".catalogue/")
    }
    (root / "public/.catalogue/files.json").write_text(json.dumps(listed))
    ran = catalogue(root)
    assert ran.status == 2
    assert f"colds/1.1/{name}" in ran.err
    assert "was released" in ran.err
    assert tree(root / "public") == before
    assert not list(root.glob(".public.*"))


def test_a_damaged_pdf_is_found_without_reading_those_that_are_not(root: Path) -> None:
    path = root / "releases/colds/1.1" / PDF.replace("1.0", "1.1")
    path.write_bytes(path.read_bytes() + b" ")
    assert catalogue(root).status == 2


def test_a_folder_with_other_files_is_left_alone(root: Path) -> None:
    (root / "public/CNAME").write_text("booklets.example.org")
    ran = catalogue(root)
    assert ran.status == 2
    assert "holds what no catalogue has written: CNAME" in ran.err
    (root / "mine").mkdir()
    (root / "mine/thesis.txt").write_text("all my work")
    assert catalogue(root, "--out", root / "mine").status == 2
    assert (root / "mine/thesis.txt").read_text() == "all my work"


def test_an_empty_shop_gives_no_site(root: Path, tmp_path: Path) -> None:
    before = tree(root / "public")
    ran = catalogue(root, "--shop", tmp_path / "nothing")
    assert ran.status == 2
    assert "Nothing has been released there yet." in ran.err
    assert tree(root / "public") == before


def test_readers_meet_the_old_site_until_the_new_one_is_whole(tmp_path: Path) -> None:
    folder = write(made_up(), tmp_path)
    before = tree(folder)
    known = site_before(folder).value
    assert known

    def broken_off() -> None:
        with built(known) as site:
            site.put("index.html", b"half")
            assert tree(folder) == before
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        broken_off()
    assert tree(folder) == before
    assert [path.name for path in tmp_path.iterdir()] == ["public"]


def test_a_disk_that_cannot_exchange_folders_gets_the_site_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write(made_up(), tmp_path)
    monkeypatch.setattr("booklet.site.ctypes.CDLL", lambda *_, **__: object())
    write(made_up("Another title"), tmp_path)
    assert "Another title" in pages(folder)[""]
    assert [path.name for path in tmp_path.iterdir()] == ["public"]


def test_a_shop_in_a_bucket_gives_the_same_site(once: Path, tmp_path: Path, s3: S3) -> None:  # noqa: F811
    for path in (once / "releases").rglob("*"):
        if path.is_file():
            s3.put(path.relative_to(once / "releases").as_posix(), path.read_bytes())
    place = ("--root", once, "--shop", s3.address, "--out", tmp_path / "public", "--today", "2026-12-06")
    # Its workers are children of this process's, which began without the bucket's key.
    ran = run_apart("catalogue", *place)
    assert ran.status == 0, ran
    assert tree(tmp_path / "public") == tree(once / "public")
    s3.put(f"colds/1.1/{PDF.replace('1.0', '1.1')}", b"%PDF-1.7 forged")
    ran = run_apart("catalogue", *place)
    assert ran.status == 2
    assert "was released" in ran.err
    assert tree(tmp_path / "public") == tree(once / "public")


# --- Made up ---------------------------------------------------------------------------------------


class Files:
    """A shop whose files are all empty."""

    def listing(self) -> dict[str, str]:
        return {}

    def read(self, _name: str) -> bytes:
        return b""


def made_up(
    title: str = "All about colds",
    code: str = "HI900",
    booklet: str = "colds",
    languages: tuple[str, ...] = ("en-GB",),
) -> Shelf:
    """A shop with one booklet, of which nothing is told but its names."""
    day = date(2026, 11, 29)
    texts = {
        one: InLanguage(
            title, title, day, date(2029, 1, 1), "0", (title[:40],), (), "" if one == "en-GB" else "1.0"
        )
        for one in languages
    }
    files = tuple(EditionFile(f"{one}.pdf", one, "a5-booklet", 0, False, "", 4) for one in languages)
    said = {one.file: FileSaid.of(b"") for one in files}
    manifest = Manifest(booklet, "1.0", code, day, {}, texts, files, {}, said)
    entry = Entry(booklet, "1.0", code, day, State.CURRENT, dict.fromkeys(languages, "0"), "0")
    return Shelf(Files(), Register((entry,), ("0",)), {(booklet, "1.0"): manifest})  # type: ignore[arg-type]


def write(shelf: Shelf, folder: Path, *, catalogue: str | None = None) -> Path:
    """The pages of such a shop."""
    before = site_before(folder / "public").value
    assert before
    house = House(name="The House of Health", catalogue=catalogue)
    with built(before) as site:
        wanted = Wanted(shelf, house, (PROJECT,), folder / "public", date(2026, 12, 6))
        write_pages(wanted, site, rows_of(shelf), {})
    return folder / "public"


@pytest.mark.parametrize("withdrawn", [False, True], ids=["superseded", "withdrawn"])
def test_copies_whose_original_or_successor_is_gone_are_not_called_current(
    tmp_path: Path, *, withdrawn: bool
) -> None:
    public = write(left_behind(tmp_path / "shop", withdrawn=withdrawn), tmp_path)
    told = {path: words(html) for path, html in pages(public).items()}
    translated = "it was translated from version 1.0 in English, which was superseded by 1.1"
    assert "Ask before you use this copy" in told["HI900/1.0/cy/"]
    assert translated in told["HI900/1.0/cy/"]
    assert "This copy is current" not in told["HI900/1.0/cy/"]
    assert f"Ask before you use it: {translated}" in told["colds/cy/"]
    old = told["HI900/1.0/"]
    if withdrawn:
        assert "No longer current: do not hand it out" in old
        assert "Version 1.1, which took its place, was withdrawn" in old
        assert "No version in English takes its place yet." in old
        assert "Hand out no more of them; ask first." in old
        assert "1.1, which replaced it, was withdrawn" in told["colds/"]
        assert "version 1.1 is not for use any more" in told["colds/"]
    else:
        assert "Superseded by version 1.1" in old
        assert "Hand out version 1.1 in their place." in old
        assert "This copy is current" in told["HI900/1.1/"]


@pytest.mark.parametrize(
    ("code", "booklet", "told"),
    [
        ("../HI900", "colds", "cannot stand in an address"),
        ("HI//900", "colds", "cannot stand in an address"),
        ("/HI900", "colds", "cannot stand in an address"),
        (".git", "colds", "cannot stand in an address"),
        ("Codes/1", "colds", "the catalogue's own pages"),
        ("HI900", "about", "has pages of its own in about/"),
    ],
)
def test_a_code_that_cannot_be_an_address_is_told(code: str, booklet: str, told: str) -> None:
    problems = list(misnamed(rows_of(made_up(code=code, booklet=booklet))))
    assert len(problems) == 1
    assert told in problems[0].message


def test_a_code_may_be_its_own_booklets_id_but_no_others() -> None:
    assert list(misnamed(rows_of(made_up(code="Colds")))) == []
    one, other = made_up(code="Sleep"), made_up(booklet="sleep")
    both = Shelf(
        one.store,
        Register((*one.register.entries, *other.register.entries), ("0", "0")),
        {**one.manifests, **other.manifests},
    )
    [problem] = misnamed(rows_of(both))
    assert "would have the address of the booklet 'sleep'" in problem.message


def test_two_booklets_never_share_an_address(root: Path) -> None:
    path = root / "source/booklets/sleep/booklet.yaml"
    text = path.read_text(encoding="utf-8").replace("HI901", "hi900").replace('"1.0"', '"1.1"')
    path.write_text(text, encoding="utf-8")
    release(root, "sleep", "2026-12-04")
    before = tree(root / "public")
    ran = catalogue(root)
    assert ran.status == 2
    assert "Two pages would have the address" in ran.err
    assert tree(root / "public") == before


def test_a_code_that_is_the_booklets_id_has_both_pages(tmp_path: Path) -> None:
    found = pages(write(made_up(code="colds"), tmp_path))
    assert "Download and print" in found["colds/"]
    assert "This copy is current" in found["colds/1.0/"]


def test_each_language_has_its_pages(tmp_path: Path) -> None:
    found = pages(write(made_up(code="HI/900", languages=("en-GB", "cy", "ar")), tmp_path))
    assert {"colds/", "colds/cy/", "colds/ar/", "HI/900/", "HI/900/1.0/", "HI/900/1.0/cy/"} <= set(found)
    assert "in other languages" in found["HI/900/1.0/"]
    assert 'lang="ar" dir="rtl"' in found["colds/ar/"]
    translations = pages(write(made_up(languages=("cy", "ar")), tmp_path / "translated"))
    assert "This copy is current" in translations["HI900/1.0/cy/"]


def test_a_publishers_own_style_and_pages_come_first(root: Path) -> None:
    own = root / "layouts/catalogue"
    own.mkdir()
    (own / "own.css").write_text(":root { --strong: #123456 }")
    (own / "about.html").write_text('{% extends "page.html" %}{% block text %}<h1>Ours</h1>{% endblock %}')
    assert catalogue(root).status == 0
    assert "<h1>Ours</h1>" in pages(root / "public")["about/"]
    [sheet] = (root / "public/assets").glob("site.*.css")
    assert sheet.read_text().endswith("#123456 }")


def test_a_fault_in_a_template_of_their_own_is_told(root: Path) -> None:
    (root / "layouts/catalogue").mkdir()
    (root / "layouts/catalogue/about.html").write_text("{{ nobody.knows }}")
    ran = catalogue(root)
    assert ran.status == 2
    assert "about.html" in ran.err


# --- Words -----------------------------------------------------------------------------------------


def test_words_are_folded_and_divided() -> None:
    said = "Crème brûlée, don’t! ΑΣ 体温计 co\u00adoper\u200bate \u202eEVIL"
    assert list(words_in(said)) == ["creme", "brulee", "don", "t", "ας", "体温", "温计", "cooperate", "evil"]
    assert list(words_in("ঠান্ডা")) == ["ঠান্ডা"]


def test_a_word_that_all_have_leads_nowhere_and_lists_are_divided() -> None:
    found = [("en", {"the", f"word{number}"}) for number in range(10)]
    leads = telling(found)
    assert "the" not in leads
    assert leads["word7"] == [7]
    assert telling(found[:3])["the"] == [0, 1, 2]
    many = {f"{'ab'[number % 2]}{number:06}": [0, 35, 35 + 1297] for number in range(8_000)}
    divided = lists(many)
    assert all(len(data) <= 48_000 for data in divided.values())
    assert all(
        line.startswith(begin) for begin, data in divided.items() for line in data.decode().splitlines()
    )
    assert sum(data.count(b"\n") for data in divided.values()) == 8_000
    assert b"a000000 0 z 101\n" in b"".join(divided.values())


def test_layouts_have_names() -> None:
    assert [named(one) for one in ("a5-booklet", "dl-leaflet", "large-print")] == [
        "A5 booklet",
        "DL leaflet",
        "Large print",
    ]


# --- In a browser -----------------------------------------------------------------------------------


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


@pytest.fixture(scope="module")
def base(once: Path) -> Iterator[str]:
    with served(once / "public") as address:
        yield address


@contextmanager
def reader(browser: Browser, base: str, *, scripts: bool = True, width: int = 1280) -> Iterator[Page]:
    """A page of a browser that tells whatever goes wrong, and whatever is asked of others."""
    context: BrowserContext = browser.new_context(
        java_script_enabled=scripts, viewport={"width": width, "height": 900}, accept_downloads=True
    )
    said: list[str] = []
    page = context.new_page()
    page.on("console", lambda message: None if "404" in message.text else said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda asked: None if asked.url.startswith(base) else said.append(asked.url))
    yield page
    assert said == []
    context.close()


def tab_to(page: Page, name: str) -> None:
    """Go on with the tabulator until what has this name has the focus."""
    for _ in range(60):
        page.keyboard.press("Tab")
        focused = page.evaluate("(document.activeElement.labels?.[0] || document.activeElement).textContent")
        if name in focused:
            return
    raise AssertionError(name)


@needs_chromium
def test_a_booklet_is_found_and_downloaded_by_keyboard_and_is_what_was_released(
    browser: Browser, base: str, once: Path
) -> None:
    with reader(browser, base) as page:
        page.goto(base)
        tab_to(page, "Search for a title")
        page.keyboard.type("colds")
        expect(page.locator("#-told")).to_have_text("1 booklet found.")
        tab_to(page, "All about colds")
        page.keyboard.press("Enter")
        page.wait_for_url("**/colds/")
        tab_to(page, "Check that a file arrived whole")
        page.keyboard.press("Enter")
        name = PDF.replace("1.0", "1.1")
        told = page.locator(f"dt:text-is('{name}') + dd").inner_text()
        page.goto(page.url)
        # A PDF is shown by the browser; with Alt it is saved.
        tab_to(page, "A5 booklet")
        with page.expect_download() as download:
            page.keyboard.press("Alt+Enter")
        data = download.value.path().read_bytes()
    said = json.loads((once / "releases/colds/1.1/manifest.json").read_text())
    assert hashlib.sha256(data).hexdigest() == told == said["files"][name]["sha256"]
    assert download.value.suggested_filename == name


@needs_chromium
@pytest.mark.parametrize("scripts", [True, False])
def test_the_code_of_a_withdrawn_copy_says_so_and_leads_to_the_new_one(
    browser: Browser, base: str, once: Path, scripts: bool
) -> None:
    document = pdfium.PdfDocument(once / "releases/colds/1.0" / PDF)
    picture = document[len(document) - 1].render(scale=150 / 72).to_pil()
    document.close()
    [code] = zxingcpp.read_barcodes(picture)
    address = urlsplit(code.text)
    assert address.netloc == "booklets.example.org"
    with reader(browser, base, scripts=scripts) as page:
        page.goto(base.rstrip("/") + address.path)
        assert (
            page.get_by_role("heading", level=1).inner_text() == "Withdrawn on 2 December 2026: stop using it"
        )
        page.get_by_role("link", name="Go to version 1.1").focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**/colds/")
        assert page.get_by_role("heading", level=1).inner_text() == "All about colds"


@needs_chromium
def test_without_a_script_everything_is_there(browser: Browser, base: str) -> None:
    with reader(browser, base, scripts=False) as page:
        page.goto(base)
        assert page.get_by_role("link", name="All about sleep").is_visible()
        # Text in this element is not looked for by get_by_text.
        told = page.locator("noscript p")
        assert told.is_visible()
        assert told.inner_text() == "Searching needs JavaScript. All booklets are listed below."
        assert (
            page.get_by_role("combobox").count() == 0 or not page.get_by_role("combobox").first.is_visible()
        )
        page.goto(f"{base}nothing/here/")
        assert told.is_visible()
        assert "Looking it up needs JavaScript." in told.inner_text()
        page.get_by_role("searchbox").fill("HI900")
        page.keyboard.press("Enter")
        page.wait_for_url("**/codes/?code=HI900")
        assert told.is_visible()
        assert told.inner_text() == "Searching needs JavaScript. All codes are listed below."
        page.get_by_role("link", name="HI900 version 1.0").click()
        assert "stop using it" in page.get_by_role("heading", level=1).inner_text()


@needs_chromium
def test_filters_words_of_the_text_and_the_way_back(browser: Browser, base: str) -> None:
    with reader(browser, base) as page:
        page.goto(base)
        told = expect(page.locator("#-told"))
        words_ = page.get_by_label("Search for a title")
        words_.fill("after")
        told.to_have_text("1 booklet found.")
        words_.fill("zebra")
        told.to_have_text("No booklet found. Try fewer letters, or another filter.")
        words_.fill("")
        page.get_by_role("combobox", name="State").select_option("Withdrawn")
        told.to_have_text("1 booklet found.")
        assert page.url.endswith("?state=3")
        page.get_by_role("link", name="All about colds").click()
        page.wait_for_url("**/HI900/1.0/en-GB/")
        page.go_back()
        told.to_have_text("1 booklet found.")
        assert page.get_by_role("combobox", name="State").input_value() == "3"
        page.get_by_role("combobox", name="State").select_option("Current")
        expect(page.locator("#-all")).to_be_visible()


@needs_chromium
def test_a_code_is_looked_up_where_it_was_not_found(browser: Browser, base: str) -> None:
    with reader(browser, base) as page:
        page.goto(f"{base}HI999/1.0/")
        page.get_by_role("searchbox").fill("hi900")
        page.keyboard.press("Enter")
        page.wait_for_url("**/codes/?code=hi900")
        expect(page.locator("#-told")).to_have_text("2 versions found.")
        assert page.locator("#-found .mark").all_inner_texts() == ["Current", "Withdrawn"]


@needs_chromium
def test_a_code_in_an_address_is_put_where_it_is_looked_up(browser: Browser, base: str) -> None:
    with reader(browser, base) as page:
        for path, put in (
            ("hi900/1.0/", "hi900/1.0"),
            ("hi900/1.0/en-gb", "hi900/1.0"),
            ("hi900", "hi900"),
            ("nothing/here/", ""),
            ("nothing%22%3E<b>1", ""),
        ):
            page.goto(base + path)
            assert page.get_by_role("searchbox").input_value() == put, path
        page.goto(f"{base}hi900/1.0/")
        page.get_by_role("button", name="Look it up").click()
        page.wait_for_url("**/codes/?code=hi900%2F1.0")
        expect(page.locator("#-told")).to_have_text("1 version found.")
        assert page.locator("#-found .mark").all_inner_texts() == ["Withdrawn"]


@needs_chromium
def test_a_code_with_a_version_finds_that_version_alone(browser: Browser, base: str) -> None:
    with reader(browser, base) as page:
        page.goto(f"{base}codes/")
        told = expect(page.locator("#-told"))
        field = page.get_by_label("Type the code")
        for asked, number, state in (
            ("HI900/1.1", "1 version", "Current"),
            ("HI900, version 1.0", "1 version", "Withdrawn"),
            ("hi900 v1.0", "1 version", "Withdrawn"),
            ("HI900/1.0/en-GB/", "1 version", "Withdrawn"),
        ):
            field.fill(asked)
            told.to_have_text(f"{number} found.")
            assert page.locator("#-found .mark").all_inner_texts() == [state], asked
            field.fill("HI900/1")
            told.to_have_text("2 versions found.")
        field.fill("HI900/1.2")
        told.to_have_text("No version found. Try fewer letters, or another filter.")


@needs_chromium
def test_who_has_an_old_copy_in_hand_is_told_of_it(browser: Browser, root: Path) -> None:
    told = ("--reason", "No.", "--today", "2026-12-03", "--root", root)
    assert run("withdraw", "sleep", "1.0", *told).status == 0
    assert catalogue(root).status == 0
    with served(root / "public") as address, reader(browser, address) as page:
        page.goto(address)
        field = page.get_by_label("Search for a title")
        for asked, where in (("HI901", "HI901/1.0"), ("sleep", "HI901/1.0"), ("HI900/1.0", "HI900/1.0")):
            field.fill(asked)
            expect(page.locator("#-told")).to_have_text("Nothing current found; 1 withdrawn:")
            assert page.locator("#-found .mark").all_inner_texts() == ["Withdrawn"]
            assert page.locator("#-found a").evaluate("e => e.pathname") == f"/{where}/en-GB/"
        field.fill("zebra")
        expect(page.locator("#-told")).to_have_text("No booklet found. Try fewer letters, or another filter.")


@needs_chromium
def test_a_long_word_does_not_widen_a_page(browser: Browser, tmp_path: Path) -> None:
    word = "Hypercholesterolaemia and pseudohypoparathyroidism"
    with served(write(made_up(word), tmp_path)) as address:
        page = browser.new_page(viewport={"width": 320, "height": 800})
        for path in ("", "colds/", "HI900/1.0/", "codes/", "?q=hyper", "nothing/"):
            page.goto(address + path)
            page.wait_for_load_state("networkidle")
            assert page.evaluate("document.documentElement.scrollWidth") == 320, path
        # Where there is no cover its column is not left for the words either.
        page.set_viewport_size({"width": 1280, "height": 800})
        page.goto(f"{address}colds/")
        assert page.locator("h1").evaluate("e => e.clientWidth") > 600
        page.close()


KINDS = [
    "",
    "codes/",
    "about/",
    "nothing/",
    "colds/",
    "sleep/",
    "HI900/1.0/",
    "HI900/1.1/",
    "HI901/1.0/",
    "HI900/",
]


@needs_chromium
@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_everybody_can_use_it(browser: Browser, base: str, width: int, colours: str) -> None:
    page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=colours)  # type: ignore[arg-type]
    for path in (*KINDS, "colds/1.1/en-GB/changes/", "?q=all&state="):
        page.goto(base + path)
        page.wait_for_load_state("networkidle")
        found = Axe().run(page, options={"runOnly": {"type": "tag", "values": TAGS}})
        assert found.violations_count == 0, (path, found.generate_report())
        wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        assert not page.evaluate(wide), path
    page.close()


HOSTILE = {
    "script": "<script>alert(1)</script>",
    "picture": '"><img src=x onerror=alert(1)>',
    "template": "{{ house }} {% raw %}",
    "link": "javascript:alert(1)//",
    "override": "\u202eelttit\u2066 turned",
    "quotes": "'\"`&amp;<!--",
}


@needs_chromium
@pytest.mark.parametrize("title", HOSTILE.values(), ids=HOSTILE)
def test_a_title_stays_a_title(browser: Browser, tmp_path: Path, title: str) -> None:
    folder = write(made_up(title), tmp_path)
    assert "<script>" not in "".join(pages(folder).values())
    with served(folder) as address, reader(browser, address) as page:
        for path in ("", "colds/", "HI900/1.0/", "codes/"):
            page.goto(address + path)
            assert page.evaluate(f"document.body.textContent.includes({json.dumps(title)})")
            assert not re.search("[\u202a-\u202e\u2066-\u2069]", page.title())
        page.goto(f"{address}?q=HI900")
        expect(page.locator("#-told")).to_have_text("1 booklet found.")
        link = page.locator("#-found a")
        assert link.evaluate("e => e.textContent") == title
        assert link.evaluate("e => getComputedStyle(e).unicodeBidi") in ("isolate", "plaintext")


@needs_chromium
def test_many_booklets_are_listed_in_parts_and_found(browser: Browser, tmp_path: Path) -> None:
    said, rows = write_catalogue(tmp_path / "public", 500)
    there = pages(tmp_path / "public")
    assert {"", "all/17/", "in/cy/", "in/cy/4/", "codes/", "codes/4/"} <= set(there)
    assert max(map(len, there.values())) < 60_000
    listed = sum(
        html.count('<li class="card">') for path, html in there.items() if not path.startswith("in/")
    )
    assert listed == 500
    with served(tmp_path / "public") as address, reader(browser, address) as page:
        page.goto(address)
        page.get_by_role("combobox", name="Language").select_option("Cymraeg")
        expect(page.locator("#-told")).to_have_text("100 booklets found.")
        assert page.locator("#-found li").count() == 20
        page.get_by_role("button", name="Show more").focus()
        page.keyboard.press("Enter")
        assert page.locator("#-found li").count() == 40
        assert page.locator("#-found li").nth(20).locator("a").evaluate("e => e === document.activeElement")
        word = next(word for word in reversed(said) if sum(word in row.words for row in rows) == 2)
        page.get_by_role("combobox", name="Language").select_option("")
        page.get_by_label("Search for a title").fill(word)
        number = sum(any(own.startswith(word) for own in row.words) for row in rows)
        expect(page.locator("#-told")).to_have_text(f"{number} booklets found.")
