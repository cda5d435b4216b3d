"""Does the guide for editors do what it says? Its commands are run, its lines written, its pictures made.

    GUIDE_PICTURES=docs/pictures python3 make_booklet.py test tests/test_guide.py

puts the pictures where the guide has them.
"""

import os
import re
import shlex
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pypdfium2 as pdfium
import pytest
from command import PROJECT, command, run, settings
from PIL import Image, ImageChops, ImageStat
from playwright.sync_api import Browser, Locator, Page, expect
from publisher import changed
from test_review import browser, needs_chromium  # noqa: F401 - a fixture
from test_studio import DAY, PATIENCE

from booklet.source import Source

GUIDE = (PROJECT / "docs/first-proof.md").read_text(encoding="utf-8")
BOOKLET = "having-a-blood-test"
FILE = f"source/booklets/{BOOKLET}/booklet.yaml"
#: Pictures are alike if their smallest ones differ by no more than so much of 255, whatever the fonts.
SMALL, ALIKE = (40, 25), 14


@dataclass
class Reader:
    """Somebody who does what the guide says, step by step."""

    folder: Path
    made: Path
    pictures: list[str] = field(default_factory=list)

    @property
    def root(self) -> Path:
        """The publisher's folder."""
        return self.folder / "my-leaflets"

    def step(self, number: int) -> str:
        """What the guide says of a step."""
        found = re.search(rf"^## {number}\. .*?(?=^## |\Z)", GUIDE, re.MULTILINE | re.DOTALL)
        assert found
        return found[0]

    def words(self, number: int) -> list[str]:
        """The command of a step, in this folder."""
        (line,) = re.findall(r"^    python3 make_booklet\.py (.*)$", self.step(number), re.MULTILINE)
        return [str(self.root) if word == "my-leaflets" else word for word in shlex.split(line)]

    def write(self, number: int, old: str) -> tuple[str, str]:
        """Put the line of a step in the place of the only one that begins so; both lines."""
        (line,) = re.findall(r"```yaml\n(.*)\n```", self.step(number))
        text = (self.root / FILE).read_text(encoding="utf-8")
        (found,) = (one for one in text.split("\n") if one.startswith(old))
        self.replace(found, line)
        return found, line

    def replace(self, old: str, new: str) -> None:
        """Change a file as an editor does."""
        text = (self.root / FILE).read_text(encoding="utf-8")
        (self.root / FILE).write_text(changed(text, old, new), encoding="utf-8")

    def picture(self, name: str, of: Page | Locator | Image.Image) -> None:
        """Take a picture of what the guide shows here."""
        path = self.made / f"guide-{name}.png"
        if isinstance(of, Image.Image):
            of.save(path)
        else:
            of.screenshot(path=path)
        with Image.open(path) as taken:
            taken.convert("RGB").quantize(128, dither=Image.Dither.NONE).save(path, optimize=True)
        self.pictures.append(f"pictures/{path.name}")


@pytest.fixture
def reader(tmp_path: Path) -> Reader:
    made = Path(os.environ.get("GUIDE_PICTURES", tmp_path / "pictures")).resolve()
    made.mkdir(exist_ok=True)
    return Reader(tmp_path, made)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:  # noqa: F811
    shown = browser.new_page(viewport={"width": 1200, "height": 750})
    shown.set_default_timeout(PATIENCE)
    expect.set_options(timeout=PATIENCE)
    yield shown
    shown.close()


@needs_chromium
def test_the_guide_leads_from_an_empty_folder_to_a_signed_off_proof(reader: Reader, page: Page) -> None:
    assert run(*reader.words(1), "--today", DAY).status == 0
    words = command(*reader.words(2), "--no-browser", "--port", "0", "--today", DAY)
    with subprocess.Popen(words, env=settings(), stdout=subprocess.PIPE, text=True) as studio:
        assert studio.stdout
        try:
            page.goto(studio.stdout.readline().split(" at ")[1].split()[0])
            see_and_write(reader, page)
            prove_and_sign(reader, page)
        finally:
            studio.send_signal(signal.SIGINT)
            assert studio.wait(30) == 0
    assert reader.pictures == re.findall(r"\]\((pictures/.*?)\)", GUIDE)
    for name in reader.pictures:
        with Image.open(PROJECT / "docs" / name) as shown, Image.open(reader.made / Path(name).name) as taken:
            assert shown.size == taken.size, name
            small = [one.convert("L").resize(SMALL, Image.Resampling.BOX) for one in (shown, taken)]
            assert ImageStat.Stat(ImageChops.difference(*small)).mean[0] < ALIKE, name


def see_and_write(reader: Reader, page: Page) -> None:
    """Steps 2 to 7."""
    expect(page.locator("td[data-label=Findings]")).to_have_text("none")
    reader.picture("list", page)
    page.get_by_role("link", name="Having a blood test", exact=True).click()
    expect(page.locator("#count")).to_have_text("No findings")
    turn_to(page, 2)
    reader.picture("pages", page)
    reader.write(4, "subtitle: ")
    expect(page.locator("#told")).to_have_text("Changed: page 1, 8.")
    turn_to(page, 1)
    expect(page.locator("#count")).to_have_text("No findings")
    reader.picture("change", page)
    wrong = reader.write(5, "subtitle: ")
    expect(page.locator("#findings")).to_contain_text("did you mean `subtitle`?")
    expect(page.locator("#pages")).to_have_class("pages spreads stale")
    reader.picture("mistake", page)
    reader.replace(*reversed(wrong))
    expect(page.locator("#count")).to_have_text("No findings")
    click_on(page, "What comes first.")
    expect(page.locator("#lines mark")).to_contain_text("What comes first.")
    reader.picture("source", page)
    wrong = reader.write(7, "  Say here whom")
    expect(page.locator("#count")).to_contain_text("Findings: ")
    page.locator("#findings button").first.click()
    expect(page.locator("#lines mark")).to_contain_text("This booklet is for everybody")
    reader.picture("finding", page)
    reader.replace(*reversed(wrong))
    expect(page.locator("#count")).to_have_text("No findings")


def prove_and_sign(reader: Reader, page: Page) -> None:
    """Steps 8 to 10."""
    assert run(*reader.words(8), "--today", DAY).status == 0
    (name,) = re.findall(r"`(dist/.*?\.pdf)`", reader.step(8))
    proof = pdfium.PdfDocument(reader.root / name)
    reader.picture("proof", proof[2].render(scale=1.2).to_pil())
    assert all("PROOF 1, not for patients" in one.get_textpage().get_text_range() for one in proof)
    proof.close()
    click_on(page, "What comes first.")
    page.get_by_label("Remark on this").fill("Say how long it takes: a few minutes.")
    page.locator("#remark").get_by_label("Your name").fill("A. Reader")
    page.locator("#remark").get_by_label("Your role").fill("clinical")
    page.get_by_role("button", name="Write it down").click()
    expect(page.locator("#written")).to_have_text("It is written down.")
    page.get_by_role("link", name="Remarks and sign-offs").click()
    reader.picture("remarks", page)
    page.get_by_role("button", name="Remark 1 is done").click()
    for number, role in enumerate(("clinical", "editorial"), 1):
        page.get_by_role("radio", name=role).check()
        page.locator("#signer").fill(f"{'AB'[number - 1]}. Reader")
        page.get_by_label("I have read version 1.0").check()
        page.get_by_role("button", name="Sign off").click()
        expect(page.locator(".holds")).to_have_count(number)
    reader.picture("signed", page)
    source = Source(reader.root)
    assert [one.role for one in source.sign_offs(BOOKLET).value or ()] == ["clinical", "editorial"]
    assert [one.state for one in source.remarks(BOOKLET).value or ()] == ["done"]


def turn_to(page: Page, number: int) -> None:
    """Have a page in view, with its picture."""
    page.locator(f"#page-{number}").scroll_into_view_if_needed()
    image = page.locator(f"#page-{number} img")
    expect(image).to_have_js_property("complete", True)
    page.wait_for_function("(one) => one.naturalWidth > 0", arg=image.element_handle())


def click_on(page: Page, said: str) -> None:
    """Click on a paragraph, where it is printed."""
    page.wait_for_function("(said) => news.blocks.some((one) => one.quote === said)", arg=said)
    at = page.evaluate("(said) => news.blocks.find((one) => one.quote === said).lines[0]", said)
    turn_to(page, at[0])
    scale = page.evaluate("() => scale()")
    middle = {"x": (at[1] + at[3]) / 2 * scale, "y": (at[2] + at[4]) / 2 * scale}
    page.locator(f"#page-{at[0]} .touch").click(position=middle)  # type: ignore[arg-type]
