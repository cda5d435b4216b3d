"""Which custom properties of a style sheet are the same everywhere? They are worked out once.

WeasyPrint looks up var() and works out calc() for each box anew. What :root alone defines is written
where it is used, and sums of it are done, before WeasyPrint sees the sheet (CSS Custom Properties 1, 3;
CSS Values 4, 10).
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import tinycss2

#: Absolute lengths in points (CSS Values 4, 6.2).
POINTS = {"pt": 1.0, "px": 0.75, "mm": 72 / 25.4, "cm": 72 / 2.54, "in": 72.0, "pc": 12.0, "q": 18 / 25.4}

_DEFINED = re.compile(r"(?<![\w-])(--[\w-]+)\s*:")

#: A selector that cannot mean the root.
_INSIDE = re.compile(r"\s*body\s+[^,]*")

Tokens = Sequence[Any]


def custom_properties(text: str) -> set[str]:
    """The custom properties that a text, such as a template's, gives a value."""
    return set(_DEFINED.findall(text))


def folded(css: str, varying: Collection[str] = ()) -> str:
    """The style sheet with all that is the same everywhere worked out.

    `varying` are custom properties that are given other values elsewhere. A sheet with a broken rule
    stays as it is: WeasyPrint tells what is wrong with it.
    """
    rules = tinycss2.parse_stylesheet(css, skip_comments=True)
    if any(token.type == "error" for token in _every(rules)):
        return css
    roots = dict(_roots(rules))
    anywhere = set(varying) | set(_elsewhere(rules, inside=True))
    unsure = set(varying) | set(_elsewhere(rules, inside=False))
    known: dict[str, Tokens] = {}
    for name in roots:
        _resolve(name, roots, unsure, known)
    constant = {name: value for name, value in known.items() if name not in anywhere}
    return str(tinycss2.serialize(_replaced(rules, constant)))


def _every(tokens: Iterable[Any]) -> Iterator[Any]:
    """All tokens, those in blocks and rules too."""
    for token in tokens:
        yield token
        for inner in ("prelude", "content", "arguments"):
            yield from _every(getattr(token, inner, None) or ())


def _is_root(rule: Any) -> bool:
    return bool(rule.type == "qualified-rule" and tinycss2.serialize(rule.prelude).strip() == ":root")


def _roots(rules: Tokens) -> Iterator[tuple[str, Tokens]]:
    """What the root's rules define; a later one goes over one before."""
    for rule in filter(_is_root, rules):
        for one in tinycss2.parse_blocks_contents(rule.content, skip_comments=True, skip_whitespace=True):
            if one.type == "declaration" and one.name.startswith("--"):
                yield one.name, _trimmed(one.value)


def _elsewhere(rules: Tokens, *, inside: bool) -> Iterator[str]:
    """What other rules define; those that cannot mean the root only where `inside` is asked for."""
    for rule in rules:
        prelude = tinycss2.serialize(rule.prelude) if hasattr(rule, "prelude") else ""
        if not _is_root(rule) and (inside or not _INSIDE.fullmatch(prelude)):
            yield from custom_properties(tinycss2.serialize(getattr(rule, "content", None) or ()))


def _resolve(
    name: str, roots: Mapping[str, Tokens], unsure: Collection[str], known: dict[str, Tokens], depth: int = 0
) -> bool:
    """Put the root's value of a property into `known`, where it can be told."""
    if name in known:
        return True
    if name not in roots or name in unsure or depth > len(roots):
        return False
    used = [token for token in _every(roots[name]) if _is_var(token)]
    if not all(_resolve(str(_variable(token)), roots, unsure, known, depth + 1) for token in used):
        return False
    known[name] = _replaced(roots[name], known)
    return True


def _is_var(token: Any) -> bool:
    return bool(token.type == "function" and token.lower_name == "var")


def _variable(token: Any) -> str | None:
    """What a var() without a fallback looks up."""
    words = [one for one in token.arguments if one.type not in ("whitespace", "comment")]
    return words[0].value if len(words) == 1 and words[0].type == "ident" else None


def _replaced(tokens: Iterable[Any], values: Mapping[str, Tokens]) -> list[Any]:
    """The tokens with the values in place of what looks them up, and with sums done."""
    done: list[Any] = []
    for token in tokens:
        if _is_var(token) and _variable(token) in values:
            done += values[str(_variable(token))]
            continue
        for inner in ("prelude", "content", "arguments"):
            if getattr(token, inner, None):
                setattr(token, inner, _replaced(getattr(token, inner), values))
        done.append(_summed(token) if token.type == "function" else token)
    return done


# --- Sums ----------------------------------------------------------------------------------


class _Amount(NamedTuple):
    """A number with its unit; empty where it has none."""

    number: float
    unit: str = ""

    @property
    def points(self) -> float | None:
        """An absolute length in points."""
        return self.number * POINTS[self.unit] if self.unit in POINTS else None


def _summed(token: Any) -> Any:
    """The value of a function, where all that it takes can be told; else the function."""
    amount = _function(token)
    if amount is None:
        return token
    written = f"{amount.number:.12g}{amount.unit}"
    return tinycss2.parse_one_component_value(written)


def _function(token: Any) -> _Amount | None:
    if token.lower_name == "calc":
        return _sum(_trimmed(token.arguments))
    if token.lower_name in ("max", "min"):
        amounts = [_sum(_trimmed(part)) for part in _split(token.arguments, ",")]
        points = [amount.points if amount else None for amount in amounts]
        if amounts and None not in points:
            chosen = (max if token.lower_name == "max" else min)(p for p in points if p is not None)
            return amounts[points.index(chosen)]
    return None


def _split(tokens: Iterable[Any], sign: str) -> list[list[Any]]:
    parts: list[list[Any]] = [[]]
    for token in tokens:
        if token == sign:
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


def _trimmed(tokens: Tokens) -> list[Any]:
    """Without spaces and comments at the ends."""
    blank = [token.type in ("whitespace", "comment") for token in tokens]
    if all(blank):
        return []
    return list(tokens[blank.index(False) : len(blank) - blank[::-1].index(False)])


def _sum(tokens: Tokens) -> _Amount | None:
    """A sum of products; in it a sign stands between spaces (CSS Values 4, 10.8)."""
    total, sign, product = _Amount(0.0), 1, list[Any]()
    started = False
    for one in (*tokens, None):
        if one is not None and one not in ("+", "-"):
            product.append(one)
            continue
        amount = _product(product)
        if amount is None or (started and amount.unit != total.unit):
            return None
        total = _Amount(total.number + sign * amount.number, amount.unit)
        started, product, sign = True, [], -1 if one == "-" else 1
    return total


def _product(tokens: Tokens) -> _Amount | None:
    """A product: one of its factors may have a unit, and no divisor."""
    result, divide = None, False
    for one in (token for token in tokens if token.type not in ("whitespace", "comment")):
        if one in ("*", "/"):
            divide = one == "/"
            continue
        factor = _value(one)
        if factor is None or (divide and (factor.unit or not factor.number)):
            return None
        if result is None:
            result = factor
        elif result.unit and factor.unit:
            return None
        else:
            number = result.number / factor.number if divide else result.number * factor.number
            result = _Amount(number, result.unit or factor.unit)
    return result


def _value(token: Any) -> _Amount | None:
    if token.type == "number":
        return _Amount(token.value)
    if token.type == "dimension":
        return _Amount(token.value, token.lower_unit)
    if token.type == "percentage":
        return _Amount(token.value, "%")
    if token.type == "() block":
        return _sum(_trimmed(token.content))
    return None
