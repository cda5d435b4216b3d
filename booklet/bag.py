"""What does somebody need who asks how a released version came to be? All of it in one zip: its job bag.

All is taken from the shop, and looked at before it is packed: no byte comes from what the source says today.
What a bag cannot know is asked in it; the press answers no question, and ticks no box.
"""

import hashlib
import io
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from .bars import proof
from .changes import changes_as_html
from .differences import differences
from .inspect import inspect_pdf
from .layout import layout_for
from .papers import SUMS, Cell, Criteria, Packing, Text, papers
from .printing import Edition
from .problem import Outcome, Problem
from .register import NOTHING, as_file, file_of
from .released import MANIFEST, PRESS, Kept, Manifest, folder_of, read_manifest
from .shelf import DamagedError, Held, Shelf
from .source import Source, file_bytes, read_file

#: By what a bag is laid out; the publisher's own file comes first.
CRITERIA = "layouts/criteria.yaml"

#: Where the texts are in a release.
TEXTS, LAYOUTS = f"{PRESS}/source/", f"{PRESS}/layouts/"


@dataclass(frozen=True, slots=True)
class Bag:
    """A job bag: its files by their names."""

    manifest: Manifest
    files: Mapping[str, bytes]

    @property
    def name(self) -> str:
        """Where it is put among the editions."""
        about = self.manifest.booklet, self.manifest.version
        return f"{folder_of(*about)}/{'-'.join(about)}-job-bag.zip"

    @property
    def packed(self) -> bytes:
        """The zip, whose bytes are the same for the same files.

        They are not compressed: PDFs and pictures are so already, and another zlib would give other bytes.
        All bear the day of the release.
        """
        out, day = io.BytesIO(), self.manifest.released
        with zipfile.ZipFile(out, "w") as file:
            for name, data in sorted(self.files.items()):
                entry = zipfile.ZipInfo(name, (day.year, day.month, day.day, 0, 0, 0))
                entry.create_system, entry.external_attr = 3, 0o100644 << 16
                file.writestr(entry, data)
        return out.getvalue()


def bag(shelf: Shelf, roots: tuple[Path, ...], booklet: str, version: str = "") -> Outcome[Bag]:
    """The job bag of a released version; of the current one where none is named."""
    held = _meant(shelf, booklet, version)
    root = next((root for root in roots if file_bytes(root, CRITERIA) is not None), roots[-1])
    criteria = read_file(root, CRITERIA, Criteria.model_validate).outcome
    if held.value is None or criteria.value is None:
        return Outcome(None, held.problems + criteria.problems)
    try:
        with ExitStack() as stack:
            kept = stack.enter_context(shelf.kept(held.value[0]))
            texts = _texts(shelf, held.value, kept)
            if texts.value is None:
                return Outcome(None, texts.problems)
            packing = Packing(shelf, criteria.value, texts.value)
            _take_files(packing)
            faults = [problem for text in texts.value for problem in _compare(packing, text, kept, stack)]
    except DamagedError as error:
        return Outcome(None, (error.problem,))
    if faults:
        return Outcome(None, tuple(faults))
    files = packing.files
    files["criteria.yaml"] = file_bytes(root, CRITERIA) or b""
    files |= papers(packing)
    sums = (f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in sorted(files.items()))
    return Outcome(Bag(packing.manifest, {**files, SUMS: "".join(sums).encode()}))


def _meant(shelf: Shelf, booklet: str, version: str) -> Outcome[tuple[Held, ...]]:
    """A version in all its languages, the one that it was written in first."""
    there = shelf.of(booklet)
    current = [one for one in shelf.current if one.booklet == booklet]
    wanted = version or next((one.version for one in sorted(current, key=_translated)), "")
    found = [one for one in there if one.version == wanted]
    if found:
        return Outcome(tuple(sorted(found, key=_translated)))
    released = ", ".join(dict.fromkeys(one.version for one in there)) or "no version"
    missing = f"'{booklet}' {version} was not released"
    message = missing if version else f"No version of '{booklet}' is current"
    return Outcome(None, (Problem("unknown-version", message, hint=f"released: {released}"),))


def _translated(held: Held) -> bool:
    return bool(held.text.translation_of)


def _texts(shelf: Shelf, held: Sequence[Held], kept: Kept) -> Outcome[tuple[Text, ...]]:
    """What a version says in its languages, read from what was released."""
    source, booklet = Source(kept.roots[0]), kept.manifest.booklet
    read = [source.booklet(booklet, name) for name in source.translations(booklet)]
    said = {one.value.booklet.language: one.value for one in read if one.value}
    if not all(one.language in said for one in held):
        return Outcome(None, tuple(problem for one in read for problem in one.problems))
    return Outcome(tuple(Text(one, said[one.language], _before(shelf, one)) for one in held))


def _before(shelf: Shelf, held: Held) -> Held | None:
    """The version that was released before, in the same language."""
    versions = [one for one in shelf.of(held.booklet) if one.language == held.language]
    at = [one.version for one in versions].index(held.version)
    return versions[at - 1] if at else None


def _take_files(packing: Packing) -> None:
    """Put what was released into a bag; a DamagedError where anything is not as it was."""
    held, manifest, shelf = packing.texts[0].held, packing.manifest, packing.shelf
    signed = f"{TEXTS}booklets/{manifest.booklet}/sign-offs"
    for name in manifest.files:
        if name.startswith(TEXTS):
            packing.files[f"sources/{name.removeprefix(TEXTS)}"] = shelf.file(held, name)
        elif name.startswith(LAYOUTS):
            packing.files[f"sources/layouts/{name.removeprefix(LAYOUTS)}"] = shelf.file(held, name)
        elif "/" not in name:
            folder = "editions" if name.endswith(".pdf") else "check-report"
            packing.files[f"{folder}/{name}"] = shelf.file(held, name)
        if name.startswith(signed):
            packing.files[f"sign-offs/{PurePosixPath(name).name}"] = shelf.file(held, name)
    said = shelf.store.read(f"{held.folder}/{MANIFEST}")
    if said is None or read_manifest(said, held.folder, held.edition.entry.manifest).value is None:
        raise DamagedError(f"{held.folder}/{MANIFEST}")
    packing.files[MANIFEST] = said
    heads = NOTHING, *shelf.register.heads
    for number, entry in enumerate(shelf.register.entries, 1):
        if entry.booklet == manifest.booklet:
            packing.files[f"history/{file_of(number)}"] = as_file(entry, heads[number - 1])[0]


def _compare(packing: Packing, text: Text, kept: Kept, stack: ExitStack) -> Iterator[Problem]:
    """Put what has changed in a language into a bag, with a proof, or say why that cannot be told."""
    if text.before is None:
        packing.changes.append((Cell(f"{text.called}: this was the first release."),))
        return
    old = _texts(packing.shelf, (text.before,), stack.enter_context(packing.shelf.kept(text.before)))
    first = next(one for one in text.held.files if not one.place)
    layout = layout_for(text.sourced, first.layout, kept.roots, first.points, grey=first.grey)
    words = layout.value.words(text.language) if layout.value else Outcome(None)
    if old.value is None or layout.value is None or words.value is None:
        yield from (*old.problems, *layout.problems, *words.problems)
        return
    found, since = differences(old.value[0].sourced, text.sourced), text.before.version
    # What is drawn over a signed file breaks its signature.
    pdf = packing.files[f"editions/{first.file}"][: packing.manifest.unsigned[first.file].size]
    facts = inspect_pdf(pdf)
    if facts.value is None:
        yield from facts.problems
        return
    made = proof(Edition(pdf, text.sourced, layout.value, words.value), facts.value, found)
    page = f"what-changed/{text.language}-since-{since}.html"
    bars = f"what-changed/{first.file.removesuffix('.pdf')}-bars-since-{since}.proof.pdf"
    packing.files |= {page: changes_as_html(found).encode(), bars: made}
    links = Cell("what has changed", page), Cell(", and "), Cell("a proof with bars beside it", bars)
    packing.changes.append((Cell(f"{text.called}, since version {since}: "), *links))
