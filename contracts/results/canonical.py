"""Canonical JSON (RFC 8785): the one way of writing a value, so that the same content has the same signature
wherever it was stored, indented or reordered in between."""

from __future__ import annotations

import math
from json.encoder import encode_basestring
from typing import Any, Final

MAX_DEPTH: Final = 32
_LARGEST: Final = 2**53 - 1


def canonical_json(value: Any) -> bytes:
    """The value in UTF-8. A ValueError says what of it has no canonical form: a number JSON readers disagree
    about, half a character, a key that is no text, something that is not JSON, or nesting without end."""
    return _written(value, MAX_DEPTH).encode("utf-8")


def _written(value: Any, depth: int) -> str:
    if depth == 0:
        raise ValueError(f"nested deeper than {MAX_DEPTH} levels")
    if isinstance(value, str):
        return encode_basestring(value)
    if value is None or isinstance(value, bool):
        return "null" if value is None else "true" if value else "false"
    if isinstance(value, int):
        if abs(value) > _LARGEST and not _is_exact(value):
            raise ValueError("an integer that many readers would round")
        return str(value)
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, dict):
        if not all(isinstance(key, str) for key in value):
            raise ValueError("a key that is no text")
        members = sorted(value.items(), key=lambda member: member[0].encode("utf-16-be"))
        return "{" + ",".join(f"{encode_basestring(k)}:{_written(v, depth - 1)}" for k, v in members) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(_written(each, depth - 1) for each in value) + "]"
    raise ValueError(f"{type(value).__name__} is not JSON")


def _is_exact(value: int) -> bool:
    """Whether these digits are what is written for the nearest number readers know: large ones come from
    numbers with an exponent."""
    return abs(value) < 10**21 and _number(float(value)) == str(value)


def _number(value: float) -> str:
    """A number as ECMAScript writes it: the fewest digits that give it back, an exponent only outside
    1e-6 to 1e21."""
    if not math.isfinite(value):
        raise ValueError("a number that is not finite")
    if value == 0:
        return "0"
    mantissa, _, exponent = f"{abs(value)!r}".partition("e")
    whole, _, fraction = mantissa.partition(".")
    fraction = "" if fraction == "0" else fraction
    point = len(whole) + int(exponent or 0)
    digits = (whole + fraction).lstrip("0")
    point -= len(whole + fraction) - len(digits)
    digits = digits.rstrip("0")
    count = len(digits)
    if count <= point <= 21:
        text = digits + "0" * (point - count)
    elif 0 < point <= 21:
        text = f"{digits[:point]}.{digits[point:]}"
    elif -6 < point <= 0:
        text = "0." + "0" * -point + digits
    else:
        power = point - 1
        shown = digits if count == 1 else f"{digits[0]}.{digits[1:]}"
        text = f"{shown}e{'+' if power > 0 else '-'}{abs(power)}"
    return f"-{text}" if value < 0 else text
