"""How do other engines read the same booklet? As HTML with a print style sheet, and as Typst markup.

The words are those that the press prints, its fixed words too; how each engine is told to look is in
`stock/`: `booklet.css` for all that read HTML, `look.typ` for Typst.

`python bench/markup.py` writes stock/booklet.html and stock/booklet.typ from the first of the booklets.
"""

import shutil
import sys
from collections.abc import Callable, Iterator
from html import escape
from pathlib import Path
from typing import Any

import yaml
from content import Content, booklet
from markdown_it import MarkdownIt
from markdown_it.token import Token

PROJECT = Path(__file__).resolve().parent.parent
STOCK = Path(__file__).with_name("stock")
FONTS = PROJECT / "fonts/atkinson-hyperlegible-next"
WORDS: dict[str, str] = yaml.safe_load((PROJECT / "layouts/base/words/en.yaml").read_text(encoding="utf-8"))
MONTHS = {"2026-11-23": "23 November 2026", "2029-11-23": "23 November 2029"}
MARKDOWN = MarkdownIt("commonmark")
Tree = dict[str, Any]

#: How a clinic's place begins and ends in the HTML.
PLACE = "<!-- the place of a clinic's details -->", "<!-- the end of it -->"


def readable(href: str) -> str:
    """An address as it is printed."""
    return href.removeprefix("https://").removeprefix("mailto:")


# HTML ------------------------------------------------------------------------------------------


def to_html(content: Content, clinic: Tree | None = None) -> str:
    """The booklet as one document, in a clinic's edition where one is given."""
    tree, house = content.tree, content.house
    body = "\n".join(
        [
            _cover(tree, house),
            *_front(tree),
            *(_html_section(section, 1) for section in tree["sections"]),
            *_back(tree, house),
            f'<section class="local"><h2 id="local">{WORDS["local"]}</h2>',
            PLACE[0],
            panel(clinic),
            PLACE[1],
            "</section>",
            _back_cover(tree, house),
        ]
    )
    return (
        '<!DOCTYPE html>\n<html lang="en-GB">\n<head>\n<meta charset="utf-8">\n'
        f"<title>{escape(tree['title'])}</title>\n"
        f'<meta name="author" content="{escape(house["name"])}">\n'
        '<link rel="stylesheet" href="booklet.css">\n</head>\n'
        f'<body data-running="{escape(tree["running_title"])}" data-edition="{_edition(tree)}">\n'
        f"{body}\n</body>\n</html>\n"
    )


def _edition(tree: Tree) -> str:
    return WORDS["folio_code"].format(code=tree["code"], version=tree["version"])


def _cover(tree: Tree, house: Tree) -> str:
    return (
        f'<section class="cover"><h1>{escape(tree["title"])}</h1>\n'
        f'<p class="subtitle">{tree["subtitle"]}</p>\n'
        f'<div class="foot"><p class="publisher">{house["name"]}</p><p>{house["strapline"]}</p>'
        f"<p>{_edition(tree)}</p></div></section>"
    )


def _front(tree: Tree) -> Iterator[str]:
    yield f'<section class="about"><h2 id="about">{WORDS["about"]}</h2>\n{_html(tree["about"])}'
    keys = "".join(f"<li>{WORDS['key_' + box]}</li>" for box in boxes(tree))
    yield f"<h3>{WORDS['box_key']}</h3><ul>{keys}</ul></section>" if keys else "</section>"
    points = "".join(f"<li>{_inline(point)}</li>" for point in tree["key_points"])
    yield f'<section class="glance"><h2 id="glance">{WORDS["at_a_glance"]}</h2><ul>{points}</ul></section>'
    lines = "\n".join(
        f'<li class="level-{level}"><a href="#{name}">{escape(title)}</a></li>'
        for level, name, title in contents(tree)
    )
    yield f'<section class="contents"><h2 id="contents">{WORDS["contents"]}</h2>'
    yield f"<ul>\n{lines}\n</ul></section>"


def boxes(tree: Tree) -> list[str]:
    """The kinds of boxes that a booklet with parts explains, in the order of the press."""
    if not any("sections" in one and one["id"].startswith("part-") for one in tree["sections"]):
        return []
    used = {block.get("tone", block["kind"]) for block in _blocks(tree["sections"])}
    order = ("urgent", "warning", "tip", "info", "key_points", "questions", "checklist")
    return [name for name in order if name in used]


def _blocks(sections: list[Tree]) -> Iterator[Tree]:
    for section in sections:
        yield from (block for block in section["content"] if isinstance(block, dict))
        yield from _blocks(section.get("sections", []))


def contents(tree: Tree) -> Iterator[tuple[int, str, str]]:
    """The lines of the contents: level, id and title."""
    yield 1, "glance", WORDS["at_a_glance"]
    for section in tree["sections"]:
        yield 1, section["id"], section["title"]
        yield from ((2, below["id"], below["title"]) for below in section.get("sections", ()))
    yield 1, "glossary", WORDS["glossary"]
    yield 1, "help", WORDS["how_we_can_help"]
    yield 1, "information", WORDS["information"]
    yield 1, "local", WORDS["local"]


def _html_section(section: Tree, level: int) -> str:
    part = level == 1 and section["id"].startswith("part-")
    head = f'<h{level + 1} id="{section["id"]}">{escape(section["title"])}</h{level + 1}>'
    if part:
        inside = "".join(f'<li><a href="#{one["id"]}">{one["title"]}</a></li>' for one in section["sections"])
        number = WORDS["part"].format(number=section["id"].removeprefix("part-"))
        head = f'<div class="opener"><p>{number}</p>{head}<ul class="inside">{inside}</ul></div>'
    said = "\n".join(_html(one) if isinstance(one, str) else _html_block(one) for one in section["content"])
    below = "\n".join(_html_section(one, level + 1) for one in section.get("sections", ()))
    return f'<section class="{"part" if part else "level"}">{head}\n{said}\n{below}</section>'


def _html_block(block: Tree) -> str:
    return _HTML_BLOCKS[block["kind"]](block)


def _box(kind: str, label: str, inside: str, title: str = "") -> str:
    named = f'<p class="title">{title}</p>' if title else ""
    return f'<div class="box {kind}"><p class="label">{label}</p>{named}{inside}</div>'


def _html_items(tag: str, items: list[str], kind: str = "") -> str:
    inside = "".join(f"<li>{_inline(item)}</li>" for item in items)
    return f"<{tag}{f' class={kind}' if kind else ''}>{inside}</{tag}>"


def _html_table(block: Tree) -> str:
    head = "".join(f'<th scope="col">{cell}</th>' for cell in block["header"])
    rows = "".join(
        f'<tr><th scope="row">{first}</th>{"".join(f"<td>{cell}</td>" for cell in rest)}</tr>'
        for first, *rest in block["rows"]
    )
    return (
        f"<table><caption>{block['caption']}</caption><thead><tr>{head}</tr></thead>"
        f"<tbody>{rows}</tbody></table>"
    )


def _html_terms(block: Tree) -> str:
    inside = "".join(f"<dt>{one['term']}</dt><dd>{_inline(one['text'])}</dd>" for one in block["items"])
    return f"<dl>{inside}</dl>"


def _html_entries(block: Tree) -> str:
    return "".join(f'<div class="entry">{"".join(_entry(item))}</div>' for item in block["items"])


def _entry(item: Tree) -> Iterator[str]:
    yield f'<p class="name">{item["name"]}</p>'
    if "text" in item:
        yield f"<p>{item['text']}</p>"
    if "phone" in item:
        yield f'<p><a href="tel:{item["phone"].replace(" ", "")}">{item["phone"]}</a></p>'
    if "hours" in item:
        yield f"<p>{item['hours']}</p>"
    if "web" in item:
        yield f'<p><a href="{item["web"]}">{readable(item["web"])}</a></p>'
    if "email" in item:
        yield f'<p><a href="mailto:{item["email"]}">{item["email"]}</a></p>'


_HTML_BLOCKS: dict[str, Callable[[Tree], str]] = {
    "table": _html_table,
    "callout": lambda it: _box(it["tone"], WORDS[it["tone"]], _html(it["content"]), it["title"]),
    "figure": lambda it: (
        f'<figure><img src="{it["image"]}" alt="{escape(it["alt"])}">'
        f"<figcaption>{it['caption']}</figcaption></figure>"
    ),
    "terms": _html_terms,
    "steps": lambda it: _html_items("ol", it["items"]),
    "key_points": lambda it: _box("points", WORDS["key_points"], _html_items("ul", it["items"])),
    "checklist": lambda it: _box("checks", WORDS["checklist"], _html_items("ul", it["items"])),
    "quote": lambda it: (
        f'<div class="quote"><blockquote><p>{it["text"]}</p></blockquote><p>{it["who"]}</p></div>'
    ),
    "contacts": _html_entries,
}


def _back(tree: Tree, house: Tree) -> Iterator[str]:
    glossed = [{"term": one["term"], "text": one["meaning"]} for one in tree["glossary"]]
    yield f'<section class="glossary"><h2 id="glossary">{WORDS["glossary"]}</h2>'
    yield f"{_html_terms({'items': glossed})}</section>"
    yield f'<section class="help"><h2 id="help">{WORDS["how_we_can_help"]}</h2>'
    yield from (_html(one) if isinstance(one, str) else _html_block(one) for one in house["how_we_can_help"])
    yield "</section>"
    yield f'<section class="level"><h2 id="information">{WORDS["information"]}</h2>'
    for title, texts, listed in information(tree):
        yield f"<h3>{title}</h3>" if title else ""
        yield _html_items("ul", texts) if listed else "".join(f"<p>{text}</p>" for text in texts)
    yield "</section>"


def information(tree: Tree) -> Iterator[tuple[str, list[str], bool]]:
    """What stands in 'About our information': a heading, texts, and whether they are a list."""
    credit = tree["credits"]
    approved = [f"{one['name']}, {one['post']}" for one in credit["approved_by"]]
    yield WORDS["produced"], [credit["produced_by"]], False
    yield WORDS["reviewed"], credit["reviewers"], True
    yield WORDS["approved"], approved, True
    yield "", [WORDS["conflicts"].format(conflicts=credit["conflicts"])], False
    yield "", [WORDS["no_mark"].format(reason=tree["quality_mark_reason"])], False
    yield WORDS["sources"], credit["sources"], True


def imprint(tree: Tree) -> list[str]:
    """The last lines of the back cover."""
    return [
        WORDS["code"].format(code=tree["code"]),
        WORDS["edition"].format(version=tree["version"]),
        WORDS["published"].format(date=MONTHS[tree["published"]]),
        WORDS["next_review"].format(date=MONTHS[tree["next_review"]]),
    ]


def panel(clinic: Tree | None) -> str:
    """A clinic's details as HTML, or the lines to write them on."""
    if clinic is None:
        asked = [("local_urgent", 3), ("local_name", 2), ("local_team", 2), ("local_day", 2)]
        return f"<p>{WORDS['local_hint']}</p>" + "".join(_to_write(WORDS[key], lines) for key, lines in asked)
    urgent = clinic["urgent"]
    entries = [{"name": clinic["name"], "text": clinic["address"]}, *clinic["contacts"]]
    return (
        f'<p class="write">{WORDS["urgent"]}</p><p>{urgent["text"]}</p><p class="name">{urgent["phone"]}</p>'
        f"<p>{urgent['hours']}</p>{_html_entries({'items': entries})}<p>{clinic['note']}</p>"
        + _to_write(WORDS["local_team"], 1)
    )


def _to_write(what: str, lines: int) -> str:
    return f'<p class="write">{what}</p>' + '<div class="line"></div>' * lines


def _back_cover(tree: Tree, house: Tree) -> str:
    phone = house["phone"]
    last = "".join(f"<p>{line}</p>" for line in imprint(tree))
    return (
        f'<section class="back"><p class="title">{tree["title"]}</p><p>{tree["subtitle"]}</p>'
        f'<p>{WORDS["how_we_can_help"]} <a href="tel:{phone.replace(" ", "")}">{phone}</a></p>'
        f"<h2>{WORDS['formats']}</h2><p>{house['formats']}</p>"
        f'<p class="title">{house["name"]}</p><p>{house["address"]}</p>'
        f'<p><a href="{house["web"]}">{readable(house["web"])}</a></p>'
        f'<p><a href="mailto:{house["email"]}">{house["email"]}</a></p>'
        f"<p>{house['imprint']}</p>{last}</section>"
    )


def _html(markdown: str) -> str:
    return "".join(_html_tokens(MARKDOWN.parse(markdown)))


def _inline(markdown: str) -> str:
    return "".join(_html_tokens(MARKDOWN.parseInline(markdown)))


def _html_tokens(tokens: list[Token]) -> Iterator[str]:
    """Markdown as HTML; an address is printed behind what leads to it."""
    away = ""
    for token in tokens:
        if token.type == "inline":
            yield "".join(_html_tokens(token.children or []))
        elif token.type == "text":
            yield escape(token.content, quote=False)
        elif token.type == "softbreak":
            yield " "
        elif token.hidden:
            continue
        elif token.type == "link_open":
            away = str(token.attrs["href"])
            yield f'<a href="{away}">'
        elif token.type == "link_close":
            yield "</a>" if away.startswith("#") else f"</a> ({readable(away)})"
        else:
            yield f"<{'/' if token.nesting < 0 else ''}{token.tag}>"


# Typst -----------------------------------------------------------------------------------------


def to_typst(content: Content) -> str:
    """The booklet as Typst markup.

    A clinic's details are read from clinic.json: where only that file changes, Typst lays out little else
    again, which takes a third of the time that details in `sys.inputs` do.
    """
    tree, house = content.tree, content.house
    return "\n".join(
        [
            '#import "look.typ": *',
            *_typst_cover(tree, house),
            *_typst_front(tree),
            *(line for section in tree["sections"] for line in _typst_section(section, 1)),
            *_typst_back(tree, house),
            "",
        ]
    )


def _typst_cover(tree: Tree, house: Tree) -> Iterator[str]:
    title, edition = _text(tree["title"]), _text(_edition(tree))
    named = f"title: {title}, author: {_text(house['name'])}, running: {_text(tree['running_title'])}"
    yield f"#show: booklet.with({named}, edition: {edition})"
    publisher = f"{_text(house['name'])}, {_text(house['strapline'])}"
    yield f"#cover({title}, {_text(tree['subtitle'])}, {publisher}, {edition})"


def _typst_front(tree: Tree) -> Iterator[str]:
    yield f"#unlisted[{_escaped(WORDS['about'])}]\n"
    yield _typst(tree["about"])
    if boxes(tree):
        yield f"#unlisted(level: 2)[{_escaped(WORDS['box_key'])}]\n"
        yield from (f"- {_escaped(WORDS['key_' + box])}" for box in boxes(tree))
    yield f"#pagebreak()\n= {_escaped(WORDS['at_a_glance'])} <glance>\n"
    yield _typst_items("-", tree["key_points"])
    yield f"#contents({_text(WORDS['contents'])})\n"


def _typst_section(section: Tree, level: int) -> Iterator[str]:
    if level == 1 and section["id"].startswith("part-"):
        number = WORDS["part"].format(number=section["id"].removeprefix("part-"))
        inside = ", ".join(f"({_text(one['id'])}, {_text(one['title'])})" for one in section["sections"])
        yield f"#opener({_text(number)}, {_text(section['title'])}, ({inside},)) <{section['id']}>\n"
    else:
        yield f"{'=' * level} {_escaped(section['title'])} <{section['id']}>\n"
    for one in section["content"]:
        yield f"{_typst(one)}\n" if isinstance(one, str) else f"{_TYPST_BLOCKS[one['kind']](one)}\n"
    for below in section.get("sections", ()):
        yield from _typst_section(below, level + 1)


def _typst_back(tree: Tree, house: Tree) -> Iterator[str]:
    yield f"#pagebreak()\n= {_escaped(WORDS['glossary'])} <glossary>\n"
    yield _typst_terms({"items": [{"term": one["term"], "text": one["meaning"]} for one in tree["glossary"]]})
    yield f"#pagebreak()\n= {_escaped(WORDS['how_we_can_help'])} <help>\n"
    for one in house["how_we_can_help"]:
        yield _typst(one) if isinstance(one, str) else _typst_entries(one)
    yield f"= {_escaped(WORDS['information'])} <information>\n"
    for title, texts, listed in information(tree):
        if title:
            yield f"#unlisted(level: 2)[{_escaped(title)}]\n"
        yield _typst_items("-", texts) if listed else "\n\n".join(map(_escaped, texts)) + "\n"
    asked = ("local_hint", "local_urgent", "local_name", "local_team", "local_day", "urgent")
    named = ", ".join(f"{key}: {_text(WORDS[key])}" for key in asked)
    yield f"#pagebreak()\n= {_escaped(WORDS['local'])} <local>\n#panel(({named}))\n"
    last = ", ".join(_text(line) for line in imprint(tree))
    yield (
        f"#back(({', '.join(f'{key}: {_text(str(house[key]))}' for key in _SHOWN)}), {_text(tree['title'])}, "
        f"{_text(tree['subtitle'])}, {_text(WORDS['how_we_can_help'])}, {_text(WORDS['formats'])}, ({last}))"
    )


_SHOWN = ("name", "address", "web", "email", "phone", "formats", "imprint")


def _typst_items(mark: str, items: list[str]) -> str:
    return "\n".join(f"{mark} {_typst(item)}" for item in items) + "\n"


def _typst_terms(block: Tree) -> str:
    return "\n".join(f"/ {_escaped(one['term'])}: {_typst(one['text'])}" for one in block["items"]) + "\n"


def _typst_entries(block: Tree) -> str:
    keys = ("name", "text", "phone", "hours", "web", "email")
    entries = (
        "(" + ", ".join(f"{key}: {_text(item[key])}" for key in keys if key in item) + ")"
        for item in block["items"]
    )
    return f"#entries(({', '.join(entries)},))\n"


def _typst_table(block: Tree) -> str:
    cells = ", ".join(f"[{_escaped(cell)}]" for row in block["rows"] for cell in row)
    head = ", ".join(f"[{_escaped(cell)}]" for cell in block["header"])
    return f"#listed([{_escaped(block['caption'])}], ({head}), ({cells}))"


_TYPST_BLOCKS: dict[str, Callable[[Tree], str]] = {
    "table": _typst_table,
    "callout": lambda it: (
        f"#box-of({_text(it['tone'])}, {_text(WORDS[it['tone']])}, "
        f"title: {_text(it['title'])})[{_typst(it['content'])}]"
    ),
    "figure": lambda it: (
        f"#drawing(image({_text(it['image'])}, alt: {_text(it['alt'])}, width: 100%), [{it['caption']}])"
    ),
    "terms": _typst_terms,
    "steps": lambda it: _typst_items("+", it["items"]),
    "key_points": lambda it: (
        f'#box-of("points", {_text(WORDS["key_points"])})[\n{_typst_items("-", it["items"])}]'
    ),
    "checklist": lambda it: (
        f'#box-of("checks", {_text(WORDS["checklist"])})[\n{_typst_items("-", it["items"])}]'
    ),
    "quote": lambda it: f"#said({_text(it['who'])})[{_typst(it['text'])}]",
}


def _text(text: str) -> str:
    """A text as a string of Typst's."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _escaped(text: str) -> str:
    """A text as markup of Typst's, in which nothing has a meaning."""
    return "".join(f"\\{letter}" if letter in "\\#*_`$<>@[]=-+/~" else letter for letter in text)


def _typst(markdown: str) -> str:
    return "".join(_typst_tokens(MARKDOWN.parse(markdown))).strip()


def _typst_tokens(tokens: list[Token]) -> Iterator[str]:
    away = ""
    for token in tokens:
        if token.type == "inline":
            yield "".join(_typst_tokens(token.children or []))
        elif token.type == "text":
            yield _escaped(token.content)
        elif token.type == "softbreak":
            yield " "
        elif token.type == "link_open":
            away = str(token.attrs["href"])
            yield f"#inside({_text(away[1:])})[" if away[0] == "#" else f"#link({_text(away)})["
        elif token.type == "link_close":
            yield "]" if away[0] == "#" else f"] ({_escaped(readable(away))})"
        elif token.type in ("strong_open", "strong_close"):
            yield "#strong[" if token.nesting > 0 else "]"
        elif token.type == "list_item_open":
            yield "- "
        elif token.type == "paragraph_close":
            yield "\n" if token.hidden else "\n\n"


# Folders ---------------------------------------------------------------------------------------


def write_stock(folder: Path, content: Content) -> Path:
    """A folder in which any of the other engines can work: the document, its look, drawings and fonts."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "booklet.html").write_text(to_html(content), encoding="utf-8")
    (folder / "booklet.typ").write_text(to_typst(content), encoding="utf-8")
    (folder / "clinic.json").write_text("null\n", encoding="utf-8")
    for name, drawing in content.drawings.items():
        (folder / name).write_text(drawing, encoding="utf-8")
    for name in ("booklet.css", "look.typ"):
        if folder != STOCK:
            shutil.copy(STOCK / name, folder)
    fonts = folder / "fonts"
    if not fonts.exists() and folder != STOCK:
        fonts.symlink_to(FONTS)
    return folder


def main() -> int:
    """Write the booklet that is kept beside this file."""
    write_stock(STOCK, booklet(0))
    return 0


if __name__ == "__main__":
    sys.exit(main())
