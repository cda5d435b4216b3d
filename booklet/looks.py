"""Does a page look as it did? What its boxes say and where they stand tells, long before it is drawn.

It tells pages of one style sheet and the same pictures apart. What a selector sees beyond the page (the
parity of a table's row that began on the page before) is not in it: who needs certainty draws the page.
"""

import hashlib
from typing import Any

#: Of the style, what can be another where all boxes stand as they did.
SEEN = ("color", "background_color", "font_family", "font_size", "font_style", "font_weight", "visibility")


def look_of(page: Any) -> bytes:
    """A digest of what WeasyPrint has put on a page, from the page's own box."""
    digest = hashlib.blake2b(digest_size=16)
    for box in page.descendants(placeholders=True):
        element = box.element
        told = (
            type(box).__name__,
            box.element_tag,
            sorted(element.attrib.items()) if element is not None and not hasattr(box, "text") else "",
            getattr(box, "text", ""),
            box.position_x,
            box.position_y,
            box.width,
            box.height,
            [box.style[key] for key in SEEN],
        )
        digest.update(repr(told).encode())
    return digest.digest()
