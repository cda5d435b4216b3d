"""Is all in a job bag that an assessor asks for, just as it was released, and is nothing ticked in it?"""

import hashlib
import io
import json
import re
import shutil
import zipfile
from pathlib import Path

import pytest
from command import Ran, build, run
from playwright.sync_api import Browser
from publisher import BOOKLET, BOOKLET_FILE, write_publisher
from test_release import (
    DAY,
    FILES,
    PDF,
    RELEASED,
    SIGN_OFFS,
    SIGNED_HOUSE,
    edit,
    register,
    release,
    sign,
    tree,
)
from test_review import assert_everybody_can_use_it, browser, needs_chromium  # noqa: F401 - a fixture
from test_sign import identity, keys
from test_target import S3, s3, server  # noqa: F401 - fixtures

from booklet.inspect import inspect_pdf

LONG = (
    "A cold is an illness of the nose and the throat. It comes from a virus, and most people have one each "
    "year. You may cough, sneeze and feel tired. Rest, drink enough, and stay at home until you are well. "
    "Ask your pharmacist what helps. You need no antibiotics, as they do nothing against a virus. "
)
TEXT = BOOKLET.replace("Most colds go away by themselves.", f"Most colds go away by themselves. {LONG}")
CREDITS = """\
  sources:
    - "Ann Bell. [Colds & people](https://colds.example.org/?a=1&b=2). 2025."
  conflicts: none declared
"""
PAPERS = {"criteria", "evidence", "history", "readability", "sign-offs", "START-HERE", "what-changed"}
CRITERIA = [
    *("Systems", "Training", "Need", "Evidence", "Involving users"),
    *("Health inequalities", "Content and design", "Feedback", "Disseminating", "Impact"),
]


def bag(root: Path, *words: object) -> Ran:
    return run("bag", "colds", *words, "--root", root)


def unpacked(root: Path, version: str = "1.0") -> dict[str, bytes]:
    """The files of a bag in dist/."""
    with zipfile.ZipFile(root / f"dist/colds/{version}/colds-{version}-job-bag.zip") as file:
        assert file.testzip() is None
        return {name: file.read(name) for name in file.namelist()}


def packed(root: Path, *words: object, version: str = "1.0") -> dict[str, bytes]:
    ran = bag(root, *words)
    assert ran.status == 0, ran
    return unpacked(root, version)


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A publisher that has released two versions, the second one signed."""
    root = tmp_path_factory.mktemp("bags") / "house"
    text = TEXT.replace("sections:\n", f"{CREDITS}sections:\n")
    write_publisher(root, text, house=SIGNED_HOUSE, files=FILES)
    sign(root)
    assert release(root).status == 0
    edit(root, 'version: "1.0"', 'version: "1.1"')
    edit(root, "most people have one each year", "most people have 2 each year")
    (root / SIGN_OFFS).unlink()
    sign(root, version='"1.1"', name="Ann <i>Bell</i>")
    assert release(root, *keys(root, identity().file())).status == 0
    return root


@pytest.fixture
def root(once: Path, tmp_path: Path) -> Path:
    shutil.copytree(once, tmp_path / "house")
    return tmp_path / "house"


# --- What is in it ---------------------------------------------------------------------------


def test_a_bag_holds_what_was_released_and_how_it_came_to_be(root: Path) -> None:
    files = packed(root, "1.0")
    released = tree(root / RELEASED)
    own = {name: data for name, data in files.items() if name.partition("/")[0] in ("editions", "sources")}
    sources = {name for name in released if name.startswith("press/source/")}
    assert own == {
        **{f"editions/{name}": data for name, data in released.items() if name.endswith(".pdf")},
        **{f"sources/{name.removeprefix('press/source/')}": released[name] for name in sources},
    }
    assert files["manifest.json"] == released["manifest.json"]
    assert files["check-report/report.html"] == released["report.html"]
    assert files["sign-offs/sign-offs.yaml"] == released[f"press/{SIGN_OFFS}"]
    for number in (1, 2):
        entry = f"{number:06}.json"
        assert files[f"history/{entry}"] == (root / "releases/register" / entry).read_bytes()
    assert {f"{name}.html" for name in PAPERS} == {
        name for name in files if re.fullmatch(r"[\w-]+\.html", name)
    }


def test_its_sums_are_those_of_every_other_file(root: Path) -> None:
    files = packed(root, "1.0")
    lines = files.pop("SHA256SUMS").decode().splitlines()
    assert {line[66:]: line[:64] for line in lines} == {
        name: hashlib.sha256(data).hexdigest() for name, data in files.items()
    }


def test_the_first_page_leads_to_all_of_it(root: Path) -> None:
    files = packed(root, "1.0")
    first = files["START-HERE.html"].decode()
    targets = set(re.findall(r'href="([^"]+)"', first))
    ids = set(re.findall(r'id="([^"]+)"', first))
    assert {one.partition("#")[2] for one in targets if one.startswith("#")} <= ids
    assert {f"START-HERE.html#{one}" for one in ("sources", "editions")} <= targets
    assert {"sources", "editions"} <= ids
    assert set(files) - {"START-HERE.html"} == {one for one in targets if "#" not in one}


def test_no_link_of_its_papers_leads_nowhere(root: Path) -> None:
    files = packed(root, "1.1", version="1.1")
    for name in PAPERS:
        for target in re.findall(r'href="([^"#][^"#]*)', files[f"{name}.html"].decode()):
            assert target in files or target.startswith("https://"), (name, target)


def test_the_papers_say_who_signed_what_it_rests_on_and_what_became_of_it(root: Path) -> None:
    files = packed(root, "1.0")
    signed, evidence, history = (
        files[f"{name}.html"].decode() for name in ("sign-offs", "evidence", "history")
    )
    content = register(root).entries[0].languages["en-GB"]
    assert f'<th scope="row">clinical</th><td>Ann Bell</td><td class="day">{DAY}</td>' in signed
    assert content in signed
    for said in ("people living with colds", "Family doctor", "none declared", "The writers", "2029-11-23"):
        assert said in evidence
    assert "PIF TICK, The House of Health, from 2026-06-01 to 2027-05-31" in evidence
    assert 'href="https://colds.example.org/?a=1&amp;b=2"' in evidence
    assert "superseded" in history
    assert "replaced by 1.1" in history
    assert f"releases verify --head {register(root).head}" in history
    first = files["START-HERE.html"].decode()
    assert "en-GB superseded since 2026-11-29" in first
    assert "It approves nothing" in first


def test_reading_ages_are_those_of_the_report(root: Path) -> None:
    files = packed(root, "1.0")
    ages = json.loads(files["check-report/report.json"])["reading_ages"]
    assert ages
    for age in ages:
        row = f'<th scope="row">{age["section"]}</th><td>{age["words"]}</td><td>{age["age"]}</td>'
        assert row in files["readability.html"].decode()
    assert "Sections of fewer than 60 words have none" in files["readability.html"].decode()


def test_what_has_changed_is_in_it_with_a_proof(root: Path) -> None:
    files = packed(root, version="1.1")
    html = files["what-changed/en-GB-since-1.0.html"].decode()
    assert re.search(r"<ins[^>]*>(<bdi>)?2", html)
    (proof,) = (data for name, data in files.items() if name.endswith(".proof.pdf"))
    facts = inspect_pdf(proof).value
    assert facts
    assert facts.pages == 8
    assert facts.failures["PDF/UA-1"] == ()
    assert b"/ByteRange" not in proof
    assert "since version 1.0: " in files["what-changed.html"].decode()
    first = packed(root, "1.0")
    assert "this was the first release" in first["what-changed.html"].decode()
    assert not [name for name in first if name.startswith("what-changed/")]


def test_words_of_people_are_no_html(root: Path) -> None:
    files = packed(root, version="1.1")
    assert "Ann &lt;i&gt;Bell&lt;/i&gt;" in files["sign-offs.html"].decode()
    for name in PAPERS:
        assert not re.search(
            r"<script|<i>|<b>|\b(?:src|srcset|action)=|url\(", files[f"{name}.html"].decode()
        )


# --- The criteria ----------------------------------------------------------------------------


def test_the_criteria_are_asked_and_never_ticked(root: Path) -> None:
    page = packed(root, "1.0")["criteria.html"].decode()
    titles = re.findall(r"<h2[^>]*>\d+\. ([^<]+)</h2>", page)
    assert titles == CRITERIA
    asked = re.findall(r'<li><span class="box" aria-hidden="true"></span>([^<]+)<span class="room"', page)
    assert len(asked) == page.count('class="box"') >= 10
    assert all(question.endswith("?") for question in asked)
    assert not re.search(r"<input|checked=|[☑✓✔☒]", page)
    assert "promises no approval" in page
    assert "was not compared with the scheme’s requirements in force" in page
    assert "PIF TICK, version 2022-06-07" in page


OWN = """\
scheme: Our own mark
version: "3"
source: https://mark.example.org
checked: true
note: Compared by Sam on 1 May.
criteria:
  - {id: truth, title: Truth, summary: It is true., in_bag: [{part: evidence, says: why}], asks: [Is it?]}
"""


def test_a_publisher_may_have_criteria_of_its_own(root: Path) -> None:
    (root / "layouts/criteria.yaml").write_text(OWN, encoding="utf-8")
    files = packed(root, "1.0")
    page = files["criteria.html"].decode()
    assert files["criteria.yaml"].decode() == OWN
    assert re.findall(r"<h2[^>]*>\d+\. ([^<]+)</h2>", page) == ["Truth"]
    assert "was not compared" not in page


@pytest.mark.parametrize(
    ("old", "new"),
    [("part: evidence", "part: nowhere"), ("asks: [Is it?]", "asks: []"), ("scheme:", "skeme:")],
)
def test_criteria_that_cannot_be_read_are_told_with_their_line(old: str, new: str, root: Path) -> None:
    (root / "layouts/criteria.yaml").write_text(OWN.replace(old, new), encoding="utf-8")
    ran = bag(root)
    assert ran.status == 2
    assert re.search(r"layouts/criteria\.yaml:\d+", ran.err)
    assert not (root / "dist").exists()


# --- The same bytes --------------------------------------------------------------------------


def test_the_same_releases_give_the_same_bytes_whatever_the_source_says_today(root: Path) -> None:
    path = root / "dist/colds/1.1/colds-1.1-job-bag.zip"
    packed(root, version="1.1")
    before = path.read_bytes()
    edit(root, "Most colds", "No colds")
    (root / "source/house.yaml").unlink()
    packed(root, "--today", "2031-01-01", version="1.1")
    assert path.read_bytes() == before
    with zipfile.ZipFile(io.BytesIO(before)) as file:
        entries = file.infolist()
    assert [one.filename for one in entries] == sorted(one.filename for one in entries)
    assert {one.date_time for one in entries} == {(2026, 11, 29, 0, 0, 0)}


def test_out_says_where_it_goes(root: Path, tmp_path: Path) -> None:
    ran = bag(root, "--out", tmp_path / "bags", "--json")
    assert ran.status == 0
    assert Path(ran.data["file"]) == tmp_path / "bags/colds/1.1/colds-1.1-job-bag.zip"
    assert "START-HERE.html" in ran.data["files"]
    assert not (root / "dist").exists()


def test_a_bag_of_a_bucket_is_that_of_a_folder(root: Path, s3: S3) -> None:  # noqa: F811
    for name, data in tree(root / "releases").items():
        s3.put(name, data)
    here = packed(root, version="1.1")
    assert packed(root, "--shop", s3.address, version="1.1") == here


# --- Which version ---------------------------------------------------------------------------


def test_a_version_that_was_not_released_is_told(root: Path) -> None:
    ran = bag(root, "1.7")
    assert (ran.status, "'colds' 1.7 was not released" in ran.err) == (2, True)
    assert "hint: released: 1.0, 1.1" in ran.err


def test_where_nothing_is_current_a_version_has_to_be_named(root: Path) -> None:
    why = ("--reason", "The <b>number</b> is wrong.", "--today", "2026-12-01")
    assert run("withdraw", "colds", "1.1", "--root", root, *why).status == 0
    ran = bag(root)
    assert (ran.status, "No version of 'colds' is current" in ran.err) == (2, True)
    files = packed(root, "1.1", version="1.1")
    assert "withdrawn since 2026-12-01" in files["START-HERE.html"].decode()
    assert "The &lt;b&gt;number&lt;/b&gt; is wrong." in files["history.html"].decode()


def test_where_nothing_was_released_that_is_told(tmp_path: Path) -> None:
    ran = bag(write_publisher(tmp_path))
    assert (ran.status, "hint: released: no version" in ran.err) == (2, True)


# --- Damage ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        f"colds/1.1/{PDF.replace('1.0', '1.1')}",
        "colds/1.1/report.json",
        f"colds/1.1/press/{BOOKLET_FILE}",
        "colds/1.1/manifest.json",
        f"colds/1.0/press/{BOOKLET_FILE}",
        "register/000001.json",
    ],
)
def test_nothing_is_packed_of_a_release_that_is_damaged(name: str, root: Path) -> None:
    path = root / "releases" / name
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    ran = bag(root, "--json")
    assert ran.status == 2
    assert [problem["file"] for problem in ran.data["problems"]] == [name]
    assert not (root / "dist").exists()


def test_a_file_that_is_missing_is_told(root: Path) -> None:
    (root / "releases/colds/1.1/report.html").unlink()
    ran = bag(root)
    assert (ran.status, "It is not as it was released" in ran.err) == (2, True)


def test_a_build_leaves_a_bag_as_it_is(root: Path) -> None:
    packed(root, version="1.1")
    assert build(root, "--today", DAY).status == 0
    assert unpacked(root, "1.1")


# --- For everybody ---------------------------------------------------------------------------


@needs_chromium
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everybody_can_use_its_papers(browser: Browser, once: Path, tmp_path: Path, scheme: str) -> None:  # noqa: F811
    assert bag(once, "--out", tmp_path).status == 0
    with zipfile.ZipFile(tmp_path / "colds/1.1/colds-1.1-job-bag.zip") as file:
        file.extractall(tmp_path / "bag")
    page = browser.new_page(color_scheme="dark" if scheme == "dark" else "light")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for name in sorted(PAPERS):
        page.goto((tmp_path / f"bag/{name}.html").as_uri())
        assert_everybody_can_use_it(page)
    assert len(asked) == len(PAPERS)
    page.close()
