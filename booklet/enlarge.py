"""What must change in a booklet for the reader's size of type? Labels of drawings, and wide tables.

Where a layout says what it has room for, labels that would be smaller than its type become letters
with a key below the drawing, and a table without room for its longest words becomes a list for each
row. The checker asks here too, so that both know which words are printed where.
"""

import re
from dataclasses import replace

from .blocks import Block, Content, Figure, Table
from .faces import FaceFile
from .labels import keyed, view_box
from .layout import MILLIMETRE, Layout, Room
from .model import Section
from .prose import Paragraph, Prose, unbroken
from .source import Asset, Sourced

#: The share of the column's width that a figure takes.
WIDTHS = {"full": 1.0, "half": 1 / 2, "third": 1 / 3}

#: In millimetres: what a cell has beside its words, on both sides together; in parts of the type's size:
#: how far the items of a list are indented. As page.css has them.
CELL, INDENT = 5.0, 1.6

#: A cell of more lines is hard to read beside others.
LINES = 4

#: Shaping makes words a little wider or narrower than their letters are together.
SLACK = 1.02

#: Where a line may end: at white space, behind a hyphen, and where a soft hyphen allows it.
_END = re.compile(r"[ \t\n]+|(?<=-)|\u00ad")


def enlarged(sourced: Sourced, layout: Layout) -> Sourced:
    """The booklet as the layout can print it."""
    return _Enlarging(sourced, layout, layout.recipe.room).done() if layout.recipe.room else sourced


class _Enlarging:
    def __init__(self, sourced: Sourced, layout: Layout, room: Room) -> None:
        self.sourced, self.layout, self.room = sourced, layout, room
        self.drawings = {one.name: one.data for one in sourced.assets if one.name.endswith(".svg")}
        self.made: dict[str, Asset] = {}

    def done(self) -> Sourced:
        booklet, house = self.sourced.booklet, self.sourced.house
        booklet = booklet.model_copy(update={"sections": tuple(map(self._section, booklet.sections))})
        house = house.model_copy(update={"how_we_can_help": self._content(house.how_we_can_help)})
        assets = (*self.sourced.assets, *self.made.values())
        return replace(self.sourced, booklet=booklet, house=house, assets=assets)

    def _section(self, section: Section) -> Section:
        inner = tuple(map(self._section, section.sections))
        return section.model_copy(update={"content": self._content(section.content), "sections": inner})

    def _content(self, content: Content) -> Content:
        return tuple(map(self._block, content))

    def _block(self, block: Block) -> Block:
        if isinstance(block, Figure) and block.image in self.drawings:
            return self._figure(block)
        if isinstance(block, Table) and self._narrowest(block) > self.room.width * MILLIMETRE:
            return block.in_lists()
        return block

    def _figure(self, figure: Figure) -> Figure:
        """The figure, its small labels in a key."""
        data = self.drawings[figure.image]
        left, top, right, bottom = view_box(data)
        width = self.room.width * WIDTHS[figure.width]
        points = min(width / (right - left), self.room.height / (bottom - top)) * MILLIMETRE
        drawing, labels = keyed(data, points, self._size, (self.layout.face(400), self.layout.face(700)))
        if drawing == data:
            return figure
        # A colon, so that it is no name of a file beside booklet.yaml.
        name = f"{figure.width}:{figure.image}"
        self.made[name] = Asset(name, drawing)
        return figure.with_key(name, labels)

    @property
    def _size(self) -> float:
        return float(self.layout.size)

    def _narrowest(self, table: Table) -> float:
        """How wide a table must be at the least, in points: no word is broken, and no cell too high."""
        bold, plain = self.layout.face(700), self.layout.face(400)
        columns = [self._needed(head, bold) for head in table.header]
        for row in table.rows:
            for number, cell in enumerate(row):
                face = bold if table.row_headers and not number else plain
                columns[number] = max(columns[number], self._cell(cell, face, bold))
        return sum(columns) * self._size * SLACK + len(columns) * CELL * MILLIMETRE

    def _cell(self, cell: Prose, face: FaceFile, bold: FaceFile) -> float:
        """How wide a cell must be, in parts of the type's size."""

        def needed(paragraph: Paragraph) -> float:
            strong = any(span.strong for span in paragraph.spans)
            said = "".join(span.text for span in paragraph.spans)
            return self._needed(said, bold if strong else face) + INDENT * (paragraph.number is not None)

        return max(map(needed, cell.paragraphs))

    def _needed(self, said: str, face: FaceFile) -> float:
        words = (face.width(word) for word in _END.split(unbroken(said)))
        return max(*words, face.width(said) / LINES)
