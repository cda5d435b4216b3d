"""Do numbers, links and bookmarks lead where they say?"""

from collections import Counter
from collections.abc import Iterator
from urllib.parse import unquote

from . import Case, Finding, check
from .reading import bare
from .words import _excerpt

LIVE = ("https://", "mailto:", "tel:")


@check(
    "page-reference",
    why="A page number that leads to the wrong page leaves a reader without help.",
    hint="build the booklet again",
)
def page_reference(case: Case) -> Iterator[Finding]:
    for found in case.reading.found:
        for target, number in found.numbers:
            true = case.reading.heading_pages.get(target)
            if true is not None and number != true:
                message = f"'{_excerpt(found.piece.text, 40)}' says page {number}, but it is page {true}"
                yield Finding(message, found.piece.where, found.pages[0])


@check(
    "contents-page",
    why="The contents page is how most readers find their way.",
    hint="build the booklet again",
)
def contents_page(case: Case) -> Iterator[Finding]:
    for post in case.reading.signposts:
        true = case.reading.pages_of(post)
        if true and post.number not in true:
            wanted = " or ".join(map(str, true))
            message = f"'{_excerpt(post.passage.text, 60)}' should say page {wanted}"
            yield Finding(message, page=post.passage.page)


@check(
    "contents-incomplete",
    why="A section that the contents page leaves out is hard to find.",
    hint="the layout's contents page must list every section of the first two levels",
)
def contents_incomplete(case: Case) -> Iterator[Finding]:
    heading = bare(case.words["contents"])
    if "contents" in case.matter or any(text == heading for text, _ in case.reading.headings):
        listed = {post.section for post in case.reading.signposts if post.under == heading}
        for level, section in case.sourced.booklet.walk():
            if level < 3 and section.id not in listed:
                yield Finding(f"The contents page does not list '{section.title}'", section.where)


@check(
    "link-missing",
    why="On a screen, a link that is not live cannot be followed.",
    hint="build the booklet again; if that does not help, the layout drops the link",
)
def link_missing(case: Case) -> Iterator[Finding]:
    live = Counter((link.page, unquote(link.address or f"#{link.name}")) for link in case.facts.links)

    def is_live(href: str, *pages: int) -> bool:
        page = next((page for page in pages if live[page, unquote(href)] > 0), 0)
        live[page, unquote(href)] -= 1
        return page > 0

    for found in case.reading.found:
        for href in found.piece.links:
            if not href.startswith("booklet:") and not is_live(href, *found.pages):
                yield Finding(f"The link to {href} is not live", found.piece.where, found.pages[0])
    for post in case.reading.signposts:
        if post.section and not is_live(f"#{post.section}", post.passage.page):
            yield Finding(f"The link to #{post.section} is not live", page=post.passage.page)
        leads = {link.to_page for link in case.facts.links if link.page == post.passage.page}
        pages = case.reading.pages_of(post)
        if not post.section and pages and leads.isdisjoint(pages):
            yield Finding(f"No link leads to '{post.title}'", page=post.passage.page)


@check(
    "link-dead",
    why="A link must land where its words say.",
    hint="build the booklet again",
)
def link_dead(case: Case) -> Iterator[Finding]:
    for link in case.facts.links:
        true = case.reading.heading_pages.get(link.name)
        if not link.address and (not link.to_page or (true and link.to_page != true)):
            yield Finding(f"The link '{link.name}' leads to page {link.to_page or 'nowhere'}", page=link.page)


@check(
    "link-scheme",
    why="Links to files, scripts or unprotected pages can harm the reader, or show where the file was made.",
    hint="use https:, mailto: or tel:",
)
def link_scheme(case: Case) -> Iterator[Finding]:
    for link in case.facts.links:
        if link.address and not link.address.startswith(LIVE):
            yield Finding(f"A link leads to '{link.address}'", page=link.page)


@check(
    "bookmarks",
    why="Bookmarks are the contents page of a screen reader.",
    hint="build the booklet again",
)
def bookmarks(case: Case) -> Iterator[Finding]:
    there = {(bare(mark.title), mark.page) for mark in case.facts.bookmarks}
    for _, section in case.sourced.booklet.walk():
        page = case.reading.heading_pages.get(section.id)
        if page and (bare(section.title), page) not in there:
            yield Finding(f"'{section.title}' has no bookmark to page {page}", section.where, page)
