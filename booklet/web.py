"""What does a booklet look like on a phone? One page of HTML, and the files that it needs.

It is made from the same source, and by the same fragments of blocks, as the pages of paper; layouts/web/
has what a screen wants otherwise. A publisher's own layouts/web/ may have any of its files in place of the
project's, and `own.css`, which comes behind `page.css`.
"""

import base64
import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal
from xml.etree.ElementTree import Element, tostring
from xml.etree.ElementTree import fromstring as parse_xml

from .enlarge import enlarged
from .faces import lettered
from .labels import view_box
from .layout import Layout, Room, layout_for
from .picture import size, words_of
from .problem import NOWHERE, Outcome
from .proofread import Expected, proofread
from .prose import Piece
from .source import Asset, Sourced
from .typeset import typeset_screen

#: What the page allows itself (CSP 3): its own style sheet and pictures, and nothing that runs. Whoever
#: serves it sends the same, with `frame-ancestors 'none'`, which a page cannot say of itself.
POLICY = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'"

#: The folder in layouts/ with its templates. It has no layout.yaml: nobody prints it.
FOLDER = "web"

#: Its style sheets, in order; the second is for what a publisher wants otherwise.
SHEETS = "page.css", "own.css"

#: What the narrowest screen has room for, 320 pixels of CSS less its margins, in millimetres: labels of
#: drawings that would be smaller there than so many points become a key, and wider tables become lists.
NARROWEST, LABELS = Room.model_construct(width=76.0, height=110.0), 10

#: In pixels of CSS: a drawing is no wider and no higher, however large the screen.
WIDEST, HIGHEST = 704, 640

SVG = "http://www.w3.org/2000/svg"
#: The weight of a font where none is said (CSS Fonts 4).
REGULAR = 400

#: What is said of an edition before all else.
Kind = Literal["notice", "review", "superseded", "withdrawn"]


@dataclass(frozen=True, slots=True)
class Banner:
    """What stands first on the page of an edition that readers should not simply take."""

    kind: Kind
    text: str
    link: str = ""
    """Where `link_text` leads, behind the text; an address on the same site, or one of https."""
    link_text: str = ""
    language: str = ""
    """Its own (BCP 47), where it is not the booklet's."""

    @property
    def pieces(self) -> tuple[Piece, ...]:
        """What a reader must meet of it."""
        led = (Piece(self.link_text, NOWHERE, (self.link,), language=self.language),) if self.link else ()
        return Piece(self.text, NOWHERE, language=self.language), *led


@dataclass(frozen=True, slots=True)
class WebEdition:
    """A page (HTML), and the files that lie in the folder that it names.

    Their names tell their content: what has one name is the same everywhere, and may be kept for ever.
    """

    html: str
    files: Mapping[str, bytes]


def web_edition(
    sourced: Sourced,
    roots: tuple[Path, ...],
    banner: Banner | None = None,
    *,
    folder: str = "",
    printed: str = "",
) -> Outcome[WebEdition]:
    """The booklet for screens, proofread; no value where it does not say what its source says.

    `folder` stands before the names of its files: the way from the page to them, with a slash at its end.
    `printed` is the address of the PDF to print. Templates and fixed words come from `roots`, the
    publisher's first.
    """
    loaded = web_layout(sourced, roots)
    words = loaded.value.words(sourced.booklet.language) if loaded.value else None
    if loaded.value is None or words is None or words.value is None:
        return Outcome(None, loaded.problems + (words.problems if words else ()))
    layout, fitted = loaded.value, enlarged(sourced, loaded.value)
    sheet, files = _style(layout)
    drawn = {asset.name: _named(_picture(asset, layout), asset.name) for asset in fitted.assets}
    shapes = {asset.name: _shape(asset) for asset in fitted.assets}
    own = {
        "policy": POLICY,
        "sheet": folder + sheet,
        "banner": banner,
        "paper": printed,
        "picture": lambda name: folder + drawn[name][0],
        "shape": shapes.__getitem__,
    }
    page = typeset_screen(fitted, layout, words.value, own)
    if page.value is None:
        return Outcome(None, page.problems)
    files |= {name: data for name, data in drawn.values() if name in page.value}
    links = {link for link in (printed, banner.link if banner else "") if _leads_safely(link)}
    expected = Expected({folder + name for name in files}, POLICY, links, banner.pieces if banner else ())
    problems = proofread(page.value, fitted, words.value, expected)
    return Outcome(None if problems else WebEdition(page.value, files), problems)


def _leads_safely(link: str) -> bool:
    """Is it an address of https, or on the same site? A colon before any slash names a scheme."""
    elsewhere = re.match(r"[^/?#]*:|//", link)
    return bool(link) and (link.startswith("https://") or not elsewhere)


def web_layout(sourced: Sourced, roots: tuple[Path, ...]) -> Outcome[Layout]:
    """The layout `base`, with what a screen has in place of it; its `files` are what pages are made from."""
    loaded = layout_for(sourced, "base", roots)
    if loaded.value is None:
        return loaded
    own = tuple(root / "layouts" / FOLDER for root in roots if (root / "layouts" / FOLDER).is_dir())
    recipe = loaded.value.recipe.model_copy(update={"room": NARROWEST})
    folders = (*own, *loaded.value.folders)
    return Outcome(replace(loaded.value, name=FOLDER, recipe=recipe, folders=folders, size=LABELS))


def _named(data: bytes, name: str) -> tuple[str, bytes]:
    """A file's name, which tells its content, and its bytes."""
    return f"web.{hashlib.sha256(data).hexdigest()[:24]}.{name.rpartition('.')[2]}", data


def _style(layout: Layout) -> tuple[str, dict[str, bytes]]:
    """The name of the style sheet, and it with the icons that it names."""
    folders = [folder for folder in layout.folders if folder.name == FOLDER]
    found = (next(filter(Path.is_file, (folder / name for folder in folders)), None) for name in SHEETS)
    css = "\n".join(path.read_text(encoding="utf-8") for path in found if path)
    files: dict[str, bytes] = {}
    for icon, data in layout.assets.items():
        if f"url({icon})" in css:
            name, _ = _named(data, icon)
            files[name] = data
            css = css.replace(f"url({icon})", f"url({name})")
    name, data = _named(css.encode(), "page.css")
    return name, {name: data, **files}


def _picture(asset: Asset, layout: Layout) -> bytes:
    """A picture as a browser can show it: the letters of a drawing are in it, as no font can be fetched."""
    if not asset.name.endswith(".svg"):
        return asset.data
    root = parse_xml(asset.data)  # noqa: S314 - a DOCTYPE was refused when the source was read
    said, space = "".join(words_of(asset.data)), root.tag.removesuffix("svg")
    if space and not said:
        return asset.data
    if not space:
        # A browser takes it for no drawing without.
        root.set("xmlns", SVG)
    style = Element(f"{space}style")
    rules = "".join(_faces(asset.data.decode("utf-8-sig"), said, layout))
    style.text = f'{rules} svg {{ font-family: "{layout.families[0][1].family}", sans-serif }}'
    root.insert(0, style)
    return bytes(tostring(root))


def _faces(drawing: str, said: str, layout: Layout) -> Iterator[str]:
    """The rules of style for the fonts that a drawing names; of each it has the letters that it shows."""
    first = layout.families[0]
    for folder, family in layout.families:
        for face in family.faces:
            weighs = face.weight == REGULAR or re.search(rf"\b({face.weight}|bold)\b", drawing)
            if (family.family in drawing or family is first[1]) and face.style == "normal" and weighs:
                font = base64.b64encode(lettered((folder / face.file).read_bytes(), said)).decode()
                yield (
                    f'@font-face {{ font-family: "{family.family}"; font-weight: {face.weight}; '
                    f"src: url(data:font/ttf;base64,{font}) }}"
                )


def _shape(asset: Asset) -> tuple[int, int]:
    """How wide and high a picture is shown at the most, in pixels of CSS."""
    if not asset.name.endswith(".svg"):
        return size(asset.data)
    left, top, right, bottom = view_box(asset.data)
    scale = min(WIDEST / (right - left), HIGHEST / (bottom - top))
    return max(round((right - left) * scale), 1), max(round((bottom - top) * scale), 1)
