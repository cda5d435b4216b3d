"""How does the number of another page get into text that is laid out already?

A cross-reference stands in the HTML as a token (`prose.PAGE_OF`), and is laid out with a number that
was guessed. Another number that is as wide takes no other room, so nothing need be laid out again:
the box with the number is told to draw the other one.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from weasyprint.formatting_structure.boxes import LineBox, TextBox
from weasyprint.text.line_break import Layout, line_size

from .prose import PAGE_TOKEN

#: Stands for the number of what is nowhere.
UNKNOWN = 88


def targets(html: str) -> tuple[str, ...]:
    """The ids whose pages a document refers to."""
    return tuple(dict.fromkeys(PAGE_TOKEN.findall(html)))


def put_in(root: Any, numbers: Mapping[str, int]) -> dict[Any, tuple[str, ...]]:
    """Write the numbers into a document's tree; told are the elements that hold some, with their targets."""
    holders: dict[Any, tuple[str, ...]] = {}

    def written(holder: Any, text: str | None) -> str | None:
        if text and "\ue000" in text:
            holders[holder] = (*holders.get(holder, ()), *PAGE_TOKEN.findall(text))
            return PAGE_TOKEN.sub(lambda token: str(numbers[token[1]]), text)
        return text

    for element in root.iter():
        for name, value in element.attrib.items():
            # It is drawn by no box of its own, so another number means another layout.
            element.set(name, PAGE_TOKEN.sub(lambda token: str(numbers[token[1]]), value))
        element.text = written(element, element.text)
        for child in element:
            child.tail = written(element, child.tail)
    return holders


class _Box(NamedTuple):
    """A box where it was laid out, in CSS pixels."""

    box: Any
    x: float
    width: float

    @classmethod
    def of(cls, box: Any) -> "_Box":
        return cls(box, box.position_x, box.width)


@dataclass(frozen=True, slots=True)
class _Place:
    """The text box of a cross-reference, with its text as it was laid out.

    `around` are the boxes around it where they hold nothing else, out of the flow: they may grow.
    """

    text: _Box
    before: str
    behind: str
    width: float
    around: tuple[_Box, ...]

    def says(self, number: int) -> str:
        """The box's text with a number."""
        return f"{self.before}{number}{self.behind}"

    def width_with(self, number: int) -> float:
        """How wide the box's text is with a number, in CSS pixels."""
        return _width(self.says(number), self.text.box.style)

    def write(self, number: int) -> None:
        """Have the number drawn."""
        self.text.box.text = self.text.box.pango_layout.text = self.says(number)
        if self.around:
            more = self.width_with(number) - self.width
            # What hangs from the right edge grows to the left.
            shift = 0 if self.around[0].box.style["right"] == "auto" else more
            for one in (self.text, *self.around):
                one.box.position_x, one.box.width = one.x - shift, one.width + more


def _width(text: str, style: Any) -> float:
    layout = Layout(style)
    layout.set_text(text)
    line, _ = layout.get_first_line()
    width: float = line_size(line, style)[0]
    return width


@dataclass
class Crossrefs:
    """The cross-references on pages that are laid out with certain numbers."""

    numbers: Mapping[str, int]
    holders: Mapping[Any, tuple[str, ...]]
    pages: Iterable[Any]
    _places: dict[str, list[_Place]] | None = None
    _fitting: dict[tuple[str, int], bool] = field(default_factory=dict)

    def fit(self, numbers: Mapping[str, int]) -> bool:
        """Would all be laid out alike with these numbers?"""
        return all(self._fits(*item) for item in numbers.items() if item not in self.numbers.items())

    def _fits(self, target: str, number: int) -> bool:
        key = target, number
        if key not in self._fitting:
            places = self._found().get(target)
            self._fitting[key] = places is not None and all(
                place.around or place.width_with(number) == place.width for place in places
            )
        return self._fitting[key]

    def write(self, numbers: Mapping[str, int]) -> None:
        """Have these numbers drawn, which fit."""
        if self._places is None and numbers == self.numbers:
            return
        for target, number in numbers.items():
            for place in self._found().get(target, ()):
                place.write(number)

    def _found(self) -> dict[str, list[_Place]]:
        """The places of each target; none of one where it is not certain which number is its own."""
        if self._places is None:
            boxes = self._boxes()
            self._places, doubtful = {}, set()
            for holder, held in self.holders.items():
                for target in held:
                    places = list(_places(boxes.get(holder, ()), self.numbers[target]))
                    self._places.setdefault(target, []).extend(places)
                    if len(held) != 1 or len(places) != 1:
                        doubtful.add(target)
            for target in doubtful:
                self._places.pop(target, None)
        return self._places

    def _boxes(self) -> dict[Any, list[Any]]:
        """The boxes of each element that holds a number."""
        boxes: dict[Any, list[Any]] = {}
        for page in self.pages:
            for box in page._page_box.descendants(placeholders=True):
                if box.element in self.holders:
                    boxes.setdefault(box.element, []).append(box)
        return boxes


def _places(boxes: Sequence[Any], number: int) -> Iterator[_Place]:
    """Where the number stands in the boxes' texts; in no text that is stretched to fill its line."""
    for box in boxes:
        if not isinstance(box, TextBox) or box.text != box.pango_layout.text or box.justification_spacing:
            continue
        for found in re.finditer(rf"(?<!\d){number}(?!\d)", box.text):
            before, behind = box.text[: found.start()], box.text[found.end() :]
            around = tuple(map(_Box.of, _around(box, boxes)))
            yield _Place(_Box.of(box), before, behind, _width(box.text, box.style), around)


def _around(text: Any, boxes: Sequence[Any]) -> Sequence[Any]:
    """The block and the line of a text that stands alone in them, out of the flow and as wide as its text."""
    blocks = [one for one in boxes if one is not text]
    if len(blocks) != 2 or not isinstance(blocks[1], LineBox) or blocks[1].children != [text]:
        return ()
    style = blocks[0].style
    free = style["position"] == "absolute" and style["width"] == "auto" and style["text_align_all"] == "start"
    return blocks if free and "auto" in (style["left"], style["right"]) else ()
