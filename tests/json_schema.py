"""Does a value keep to a JSON Schema? As much of the standard as our schemas use, and no more."""

import re
from collections.abc import Iterator
from typing import Any

#: The standard's keywords (and OpenAPI's discriminator) that our schemas may use.
KEYWORDS = frozenset(
    (
        *("$schema", "$defs", "$ref", "title", "description", "default", "type", "format", "const", "enum"),
        *("properties", "required", "additionalProperties", "items", "minItems", "anyOf", "oneOf"),
        *("discriminator", "minLength", "maxLength", "pattern", "minimum", "maximum"),
    )
)
TYPES: dict[str, type] = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "boolean": bool,
    "null": type(None),
}


def subschemas(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The schema and all that are in it."""
    yield schema
    inner = [part for key in ("properties", "$defs") for part in schema.get(key, {}).values()]
    inner += [part for key in ("anyOf", "oneOf") for part in schema.get(key, ())]
    inner += [schema["items"]] if "items" in schema else []
    for part in inner:
        yield from subschemas(part)


def breaches(value: Any, schema: dict[str, Any], whole: dict[str, Any], name: str = "") -> Iterator[str]:
    """The keys whose values the schema does not allow; a key of no branch is told by its holder's name."""
    if "$ref" in schema:
        schema = whole["$defs"][schema["$ref"].removeprefix("#/$defs/")]
    branches = schema.get("anyOf", schema.get("oneOf"))
    if branches and not any(next(breaches(value, branch, whole, "-"), "") == "" for branch in branches):
        yield name
    if not _is_allowed(value, schema):
        yield name
    elif isinstance(value, list):
        for item in value:
            yield from breaches(item, schema.get("items", {}), whole, name)
    elif isinstance(value, dict):
        yield from _in_mapping(value, schema, whole)


def _is_allowed(value: Any, schema: dict[str, Any]) -> bool:
    if not isinstance(value, TYPES.get(schema.get("type", ""), object)):
        return False
    if value != schema.get("const", value) or value not in schema.get("enum", [value]):
        return False
    if isinstance(value, str):
        fits = schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value))
        return fits and bool(re.search(schema.get("pattern", ""), value))
    if isinstance(value, int):
        return bool(schema.get("minimum", value) <= value <= schema.get("maximum", value))
    return not isinstance(value, list) or len(value) >= schema.get("minItems", 0)


def _in_mapping(value: dict[str, Any], schema: dict[str, Any], whole: dict[str, Any]) -> Iterator[str]:
    known = schema.get("properties", {})
    yield from (key for key in schema.get("required", ()) if key not in value)
    for key, inner in value.items():
        if key in known:
            yield from breaches(inner, known[key], whole, key)
        elif schema.get("additionalProperties") is False:
            yield key
