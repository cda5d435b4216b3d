"""How do objects become a file? (ISO 32000-1, 7.3 and 7.5)

A file is written in stretches: what many files have in common is one, and is written once.
"""

import hashlib
import re
import struct
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

#: How well streams are packed: higher levels take twice the time, and save one byte in a hundred.
LEVEL = 6

#: The cross-reference table is packed best, and thirty times faster, by the lowest.
TABLE_LEVEL = 1

#: What a file begins with: its version, and bytes that tell that it is no text (ISO 32000-1, 7.5.2).
HEAD = b"%PDF-1.7\n%\xf0\x9f\x96\xa4\n"

#: A row of the cross-reference stream: a kind, an offset or a number, and an index (7.5.8.3).
_ROW = struct.Struct(">BIH")
_FREE = _ROW.pack(0, 0, 65535)

#: Of a file, what names it for good and what tells this one from others (14.4), as they are written here,
#: and with a space more where it was signed.
_IDENTIFIER = re.compile(rb"/ID \[ ?<((?:[0-9a-f]{2})+)> ")

#: How many letters of an identifier name the national edition; as many name the clinic's details.
HALF = 16

#: So many rows of the table are packed together: of a file like another only some blocks are packed anew.
BLOCK = 256

#: What packed data begin with, for a window of 32 kB (RFC 1950, 2.2), and their last block, an empty one
#: (RFC 1951, 3.2.6).
_ZLIB, _LAST = b"\x78\x01", b"\x03\x00"


@dataclass(frozen=True, slots=True)
class Item:
    """An object; where it is a stream, its dictionary has no end, and `content` is what it holds, packed."""

    data: bytes
    content: bytes | None = None


def reference(number: int) -> bytes:
    """A reference to an object (7.3.10)."""
    return b"%d 0 R" % number


def array(items: Iterable[bytes]) -> bytes:
    """An array (7.3.6)."""
    return b"[%s]" % b" ".join(items)


def real(number: float) -> bytes:
    """A number (7.3.3), to a millionth, as WeasyPrint writes them."""
    return (f"{number:f}".rstrip("0").rstrip(".") or "0").encode()


def text(said: str) -> bytes:
    """A text string (7.9.2.2)."""
    if said.isascii():
        return b"(%s)" % re.sub(rb"([\\()])", rb"\\\1", said.encode())
    return b"<feff%s>" % said.encode("utf-16-be").hex().encode()


@dataclass(frozen=True)
class Stretch:
    """Objects that stand together in a file, at a place of their own."""

    data: bytes
    rows: Mapping[int, bytes]
    """The objects' rows in the cross-reference stream, by their numbers."""

    @cached_property
    def digest(self) -> bytes:
        """What tells it from others."""
        return hashlib.md5(self.data, usedforsecurity=False).digest()


def stretch(items: Mapping[int, Item], holder: int, position: int, level: int = LEVEL) -> Stretch:
    """Objects by their numbers as bytes that stand at a position of a file.

    Streams stand there as they are; all other objects in a stream of their own, the object `holder`.
    """
    written: list[bytes] = []
    rows: dict[int, bytes] = {}
    small = [(number, item.data) for number, item in items.items() if item.content is None]
    offsets = accumulate((len(data) + 1 for _, data in small), initial=0)
    head = b" ".join(b"%d %d" % (number, offset) for (number, _), offset in zip(small, offsets, strict=False))
    packed = zlib.compress(head + b"\n" + b"\n".join(data for _, data in small), level)
    kind = b"<</Type /ObjStm/N %d/First %d/Filter /FlateDecode" % (len(small), len(head) + 1)
    for number, item in (*items.items(), (holder, Item(kind, packed))):
        if item.content is not None:
            rows[number] = _ROW.pack(1, position, 0)
            written.append(_stream(number, item.data, item.content))
            position += len(written[-1])
    rows |= {number: _ROW.pack(2, holder, at) for at, (number, _) in enumerate(small)}
    return Stretch(b"".join(written), rows)


class Opening:
    """What files begin with that differ only in their last stretch."""

    def __init__(self, stretches: Sequence[Stretch]) -> None:
        self.data = b"".join((HEAD, *(one.data for one in stretches)))
        self._digest = b"".join(one.digest for one in stretches)
        rows = {number: row for one in stretches for number, row in one.rows.items()}
        self._table = b"".join(rows.get(number, _FREE) for number in range(max(rows) + 1))
        self._packed = [_packed(block) for block in _blocks(self._table)]

    def whole(self, last: Stretch, root: int, info: int, identifier: bytes) -> bytes:
        """The file that ends with a stretch, which stands right behind the others."""
        position = len(self.data) + len(last.data)
        table = bytearray(self._table)
        size = max(max(last.rows) + 1, len(table) // _ROW.size)
        table += _FREE * (size - len(table) // _ROW.size)
        for number, row in last.rows.items():
            table[number * _ROW.size : (number + 1) * _ROW.size] = row
        table += _ROW.pack(1, position, 0)
        digest = hashlib.md5(self._digest + last.digest, usedforsecurity=False).hexdigest()
        end = b"<</Type /XRef/W [1 4 2]/Size %d/Root %s/Info %s/ID [<%s> <%s>]/Filter /FlateDecode" % (
            *(size + 1, reference(root), reference(info)),
            *(identifier.hex().encode(), digest.encode()),
        )
        tail = _stream(size, end, self._deflated(table, last.rows))
        return b"".join((self.data, last.data, tail, b"startxref\n%d\n%%%%EOF\n" % position))

    def _deflated(self, table: bytearray, changed: Iterable[int]) -> bytes:
        """The table packed (RFC 1950 and 1951): blocks that are as they were are packed already."""
        new = {number // BLOCK for number in changed}
        blocks = (
            self._packed[at] if at < len(self._packed) - 1 and at not in new else _packed(block)
            for at, block in enumerate(_blocks(table))
        )
        return b"".join((_ZLIB, *blocks, _LAST, zlib.adler32(table).to_bytes(4, "big")))


def identifier_of(end: bytes) -> bytes:
    """The identifier of a file that was written here, from its end; empty where there is none (14.4)."""
    found = _IDENTIFIER.search(end)
    return bytes.fromhex(found[1].decode()) if found else b""


def _blocks(table: bytes | bytearray) -> Iterator[bytes | bytearray]:
    for begin in range(0, len(table), BLOCK * _ROW.size):
        yield table[begin : begin + BLOCK * _ROW.size]


def _packed(block: bytes | bytearray) -> bytes:
    """Bytes packed so that anything may stand before and behind them."""
    packer = zlib.compressobj(TABLE_LEVEL, wbits=-zlib.MAX_WBITS)
    return packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH)


def _stream(number: int, dictionary: bytes, content: bytes) -> bytes:
    """A stream (7.3.8).

    One that ends in a carriage return would seem a byte shorter, because the line feed before
    `endstream` makes an end of line of both.
    """
    head = b"%d 0 obj\n%s/Length %d>>\nstream\n" % (number, dictionary, len(content))
    end = b"\r\n" if content.endswith(b"\r") else b"\n"
    return b"".join((head, content, end, b"endstream\nendobj\n"))
