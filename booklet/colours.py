"""How do the colours of a finished page become those of another machine?"""

import re
from collections.abc import Iterator
from typing import Any

import pydyf

_COLOUR = re.compile(rb"(\S+) (\S+) (\S+) (rg|RG)")


def to_grey(pdf: pydyf.PDF) -> None:
    """Replace every colour that a page or a drawing names by as light a grey.

    Pictures made of pixels must be grey before: see `picture.greyed`.
    """
    for one in _held(pdf.objects):
        if isinstance(one, pydyf.Stream):
            one.stream = [_grey_operator(line) for line in one.stream]
        if isinstance(one, dict) and "C0" in one and "C1" in one:
            for end in ("C0", "C1"):  # an exponential function (ISO 32000-1, 7.10.3), as gradients have
                if len(one[end]) == 3:
                    one[end] = pydyf.Array([lightness(*one[end])] * 3)


def _held(objects: list[Any]) -> Iterator[Any]:
    """The objects, and all that they hold: a gradient's functions are in no list of their own."""
    seen, waiting = set[int](), [*objects]
    while waiting:
        one = waiting.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        inner = [*one.values()] if isinstance(one, dict) else [*one] if isinstance(one, list) else []
        if isinstance(one, pydyf.Stream):
            inner.append(one.extra)
        waiting += [part for part in inner if isinstance(part, dict | list | pydyf.Object)]


def _grey_operator(line: Any) -> Any:
    """An operator that sets red, green and blue, as one that sets grey (ISO 32000-1, 8.6.8)."""
    colour = _COLOUR.fullmatch(line) if isinstance(line, bytes) else None
    if colour is None:
        return line
    grey = lightness(*map(float, colour.groups()[:3]))
    return b"%g %s" % (grey, b"g" if colour[4] == b"rg" else b"G")


def lightness(red: float, green: float, blue: float) -> float:
    """What the eye takes for light, from 0 to 1 (ITU-R BT.601, 2.5.1)."""
    return round(0.299 * red + 0.587 * green + 0.114 * blue, 4)
