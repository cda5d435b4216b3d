"""What does WeasyPrint do slowly that can be done faster, with the same bytes?

Each function here stands in the place of one of WeasyPrint's, and leaves to it what is not plain.
"""

from collections.abc import Sequence
from operator import itemgetter
from typing import Any
from weakref import WeakKeyDictionary

from weasyprint.css import ComputedStyle, Pending, StyleFor, computed_values, units
from weasyprint.css.computed_values import COMPUTER_FUNCTIONS, PHYSICAL_FUNCTIONS
from weasyprint.css.functions import check_math
from weasyprint.css.properties import INHERITED, INITIAL_NOT_COMPUTED, INITIAL_VALUES
from weasyprint.formatting_structure.boxes import Box
from weasyprint.layout import inline, page
from weasyprint.text import line_break
from weasyprint.text.constants import LST_TO_ISO, PANGO_DIRECTION
from weasyprint.text.ffi import ffi, gobject, pango, unicode_to_char_p
from weasyprint.text.fonts import FontConfiguration, font_features, get_font_description

# Computed values ---------------------------------------------------------------------------------

#: Properties whose value depends on those of others.
_ODD = {"page", "position", "float", "display", *(name for name in INITIAL_VALUES if "decoration_" in name)}
#: The logical properties that may stand for a physical one (CSS Logical Properties 1, section 4).
_LOGICAL = {
    name: tuple(function(block="ttb", inline=inline) for inline in ("ltr", "rtl"))
    for name, function in PHYSICAL_FUNCTIONS.items()
}
_INITIAL = {
    name: value
    for name, value in INITIAL_VALUES.items()
    if name not in INHERITED and name not in INITIAL_NOT_COMPUTED and not check_math(value)
}
_WIDTHS = {f"border_{side}_width": f"border_{side}_style" for side in ("top", "right", "bottom", "left")}

_computed = ComputedStyle.__missing__


def computed(style: Any, key: str) -> Any:
    """The computed value of a property (CSS Cascading 4, section 4.4), which most elements do not set."""
    cascaded, logical = style.cascaded, _LOGICAL.get(key)
    if key in _ODD or (logical and (logical[0] in cascaded or logical[1] in cascaded)):
        return _computed(style, key)
    if key in cascaded:
        value = cascaded[key][0]
        if isinstance(value, Pending) or value in ("inherit", "initial") or check_math(value):
            return _computed(style, key)
        function = COMPUTER_FUNCTIONS.get(key)
        value = function(style, key, value) if function else value
    elif key in _INITIAL:
        value = _INITIAL[key]
    elif key in INHERITED and style.parent_style is not None:
        value = style.parent_style[key]
        if check_math(value):
            return _computed(style, key)
    elif key in _WIDTHS and style[_WIDTHS[key]] == "none":
        value = 0
    else:
        return _computed(style, key)
    style[key] = value
    return value


# Text --------------------------------------------------------------------------------------------

_features = itemgetter(
    "font_kerning",
    "font_variant_ligatures",
    "font_variant_position",
    "font_variant_caps",
    "font_variant_numeric",
    "font_variant_alternates",
    "font_variant_east_asian",
    "font_feature_settings",
)
_type = itemgetter(
    "direction",
    "lang",
    "font_language_override",
    "font_family",
    "font_style",
    "font_stretch",
    "font_weight",
    "font_size",
    "font_variation_settings",
)

_set_up = line_break.Layout.setup


class _Type:
    """What all texts of one type share in Pango."""

    def __init__(self, style: Any) -> None:
        font_map = style.font_config.font_map
        self.context = ffi.gc(pango.pango_font_map_create_context(font_map), gobject.g_object_unref)
        pango.pango_context_set_round_glyph_positions(self.context, False)
        pango.pango_context_set_base_dir(self.context, PANGO_DIRECTION[style["direction"]])
        override = style["font_language_override"]
        named = style["lang"] if override == "normal" else LST_TO_ISO.get(override.lower(), override)
        self.language = pango.pango_language_get_default()
        if named:
            pointer, _text = unicode_to_char_p(named)
            self.language = pango.pango_language_from_string(pointer)
            pango.pango_context_set_language(self.context, self.language)
        self.font = get_font_description(style)
        features = ",".join(f"{key} {value}" for key, value in font_features(*_features(style)).items())
        self.features = pango.pango_attr_font_features_new(features.encode()) if features else None


_TYPES: WeakKeyDictionary[FontConfiguration, dict[Any, _Type]] = WeakKeyDictionary()


def set_up(layout: Any, style: Any) -> None:
    """Begin to lay out a text."""
    key = _type(style), _features(style)
    if style["text_decoration_line"] != "none" or isinstance(style["font_family"], list):
        _set_up(layout, style)
        return
    types = _TYPES.setdefault(style.font_config, {})
    if key not in types:
        types[key] = _Type(style)
    shared = types[key]
    layout.style, layout.language, layout.first_line_direction = style, shared.language, 0
    layout.ascent = layout.underline_position = layout.strikethrough_position = None
    layout.layout = ffi.gc(pango.pango_layout_new(shared.context), gobject.g_object_unref)
    pango.pango_layout_set_auto_dir(layout.layout, False)
    pango.pango_layout_set_font_description(layout.layout, shared.font)
    if shared.features:
        # A text may get further attributes, so each has a list of its own.
        attributes = pango.pango_attr_list_new()
        pango.pango_attr_list_insert(attributes, shared.features)
        pango.pango_layout_set_attributes(layout.layout, attributes)


_strut = line_break.strut

_STRUTS: WeakKeyDictionary[FontConfiguration, dict[Any, tuple[float, float]]] = WeakKeyDictionary()


def strut(style: Any) -> tuple[float, float]:
    """How high a line of a type is, and where its baseline is (CSS Inline 3, section 5.1)."""
    struts = _STRUTS.setdefault(style.font_config, {})
    key = _type(style), _features(style), style["line_height"]
    if key not in struts:
        struts[key] = _strut(style)
    return struts[key]


# Boxes and pages -----------------------------------------------------------------------------------


def in_flow(box: Any) -> bool:
    """Is a box in the normal flow (CSS 2.2, section 9.3)?"""
    style = box.style
    position = style["position"]
    return (
        style["float"] == "none"
        and position not in ("absolute", "fixed")
        and position[0] not in ("running()", "note()")
    )


_page_styles = page.set_page_type_computed_styles

_PAGES: WeakKeyDictionary[StyleFor, dict[Any, dict[Any, Any]]] = WeakKeyDictionary()


def page_styles(page_type: Any, html: Any, style_for: StyleFor) -> None:
    """Set the styles of a page and its margin boxes: the same for all pages that the same rules are for."""
    rules = tuple(
        (id(declarations), pseudo_type)
        for sheet, _, _ in style_for._sheets
        for _, selectors, declarations in sheet.page_rules
        for _, pseudo_type, selector in selectors
        if style_for._page_type_match(selector, page_type)
    )
    known, computed_styles = _PAGES.setdefault(style_for, {}), style_for.get_computed_styles()
    if rules in known:
        computed_styles |= {(page_type, kind): style for kind, style in known[rules].items()}
    else:
        _page_styles(page_type, html, style_for)
        known[rules] = {kind: style for (of, kind), style in computed_styles.items() if of == page_type}


#: Where they stand: in what, and under which name.
PLACES: Sequence[tuple[Any, str, Any]] = (
    (ComputedStyle, "__missing__", computed),
    (line_break.Layout, "setup", set_up),
    *((module, "strut", strut) for module in (computed_values, units, inline)),
    (Box, "is_in_normal_flow", in_flow),
    (page, "set_page_type_computed_styles", page_styles),
)
