"""Forms drawn from their JSON Schemas: what a citizen might have filled in, valid by the schema.

Fields of well-known names get people, places and days; everything else what its type allows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from random import Random
from typing import Any, Final

from jsonschema import Draft202012Validator, FormatChecker

Schema = Mapping[str, Any]
Draw = Callable[[Random], str]

_FAMILIES: Final = ("Nguyễn", "Trần", "Lê", "Phạm", "Võ", "Đặng", "Bùi", "Huỳnh")
_GIVEN: Final = ("An", "Bình", "Hoa", "Minh", "Ngọc", "Phúc", "Thảo", "Tuấn")
_STREETS: Final = ("Nguyễn Huệ", "Trần Hưng Đạo", "Lê Lợi", "Quang Trung", "Tăng Bạt Hổ")
_OPTIONAL_SHARE: Final = 0.3
_ATTEMPTS: Final = 40
_EARLIEST: Final = date(1950, 1, 1)
_DAYS: Final = 26_000
"""Days of birth and of papers: from 1950 to the early twenties of this century."""

_PATTERNS: Final[dict[str, Draw]] = {
    "^[0-9]{12}$": lambda rng: f"05209{rng.randint(0, 9)}{rng.randrange(1_000_000):06d}",
    "^[0-9]{5}$": lambda rng: "21550",
    "^([0-9]{2}|[0-9]{3}|[0-9]{5})$": lambda rng: "52",
    "^[A-Z]{2}$": lambda rng: "VN",
    "^(0[1-9]|[1-4][0-9]|5[0-5])$": lambda rng: "01",
    "^[0-9]{4}(-[0-9]{2}-[0-9]{2})?$": lambda rng: _day(rng).isoformat(),
    "^[0-9]{4}-[0-9]{2}-[0-9]{2}$": lambda rng: _day(rng).isoformat(),
    "^[0-9]{4}-(0[1-9]|1[0-2])$": lambda rng: _day(rng).isoformat()[:7],
    "^[0-9]{5}-[1-9][0-9]{0,4}-[1-9][0-9]{0,5}$": lambda rng: f"21964-{rng.randint(1, 90)}-{rng.randint(1, 900)}",
    "^[A-Z]{2} ?([0-9]{8}|[0-9]{6})$": lambda rng: f"AA {rng.randrange(10**8):08d}",
    "^([0-9]{12}|[0-9]{10}(-[0-9]{3})?)$": lambda rng: f"05209{rng.randrange(10**7):07d}",
    "^[0-9]{10}(-[0-9]{3})?$": lambda rng: "4100259564",
    "^[0-9]{6,19}$": lambda rng: f"{rng.randrange(10**10):010d}",
    "^[0-9]{1,10}([.][0-9]{1,2})?$": lambda rng: f"{rng.randint(40, 900)}.5",
    "^[A-Z]{3}: ?[0-9]{1,10}([.][0-9]{1,2})?$": lambda rng: f"ONT: {rng.randint(40, 900)}",
    "^[1-9][0-9]{0,5}: ?[0-9]{1,10}([.][0-9]{1,2})?$": lambda rng: (
        f"{rng.randint(1, 900)}: {rng.randint(40, 400)}"
    ),
    "^[1-9][0-9]{0,8}(/[1-9][0-9]{0,8})?$": lambda rng: "1/2",
}
_NAMED: Final[dict[str, Draw]] = {
    "full_name": lambda rng: _person(rng),
    "child_name": lambda rng: _person(rng),
    "place_of_birth": lambda rng: "Bệnh viện Đa khoa tỉnh Bình Định",
    "residence": lambda rng: _address(rng),
    "address": lambda rng: _address(rng),
    "reason": lambda rng: "Theo đề nghị của người dân",
}


def sample(schema: Schema, rng: Random) -> Any:
    """A value that fits a schema of a form. Conditions between fields are met by drawing again, at last with
    every field filled in. Raises ValueError for a schema that this cannot meet."""
    validator = Draft202012Validator(schema, format_checker=FormatChecker())
    for attempt in range(_ATTEMPTS):
        drawn = _Sampler(schema, rng, everything=attempt > _ATTEMPTS // 2).value(schema, "")
        if validator.is_valid(drawn):
            return drawn
    raise ValueError(f"no form could be drawn for {schema.get('title')}")


class _Sampler:
    """Draws from one schema, whose definitions it knows."""

    def __init__(self, whole: Schema, rng: Random, *, everything: bool) -> None:
        self._whole = whole
        self._rng = rng
        self._everything = everything

    def value(self, schema: Schema, name: str) -> Any:
        """A value of this (sub)schema; `name` is the field's."""
        schema = self._resolved(schema)
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return self._rng.choice(schema["enum"])
        for either in ("oneOf", "anyOf"):
            if either in schema and "properties" not in schema:
                return self.value(schema[either][0], name)
        kind = schema.get("type", "object" if "properties" in schema else "string")
        if isinstance(kind, list):
            kind = kind[0]
        return getattr(self, f"_{kind}")(schema, name)

    def _resolved(self, schema: Schema) -> Schema:
        reference = schema.get("$ref")
        if reference is None:
            return schema
        found: Any = self._whole
        for part in str(reference).removeprefix("#/").split("/"):
            found = found[part]
        return self._resolved({**found, **{key: value for key, value in schema.items() if key != "$ref"}})

    def _object(self, schema: Schema, name: str) -> dict[str, Any]:
        properties = schema.get("properties", {})
        required = set(schema.get("required", ()))
        unwanted: set[str] = set()
        for branches in (schema.get("oneOf"), schema.get("anyOf")):
            if branches:
                chosen = self._rng.choice(branches)
                required |= set(chosen.get("required", ()))
                unwanted |= {each for branch in branches for each in branch.get("required", ())} - required
        drawn = {
            key: self.value(each, key)
            for key, each in properties.items()
            if key in required or (key not in unwanted and self._is_filled_in(each))
        }
        missing = schema.get("minProperties", 0) - len(drawn)
        for key in list(properties)[: max(0, missing)]:
            drawn.setdefault(key, self.value(properties[key], key))
        return drawn

    def _is_filled_in(self, schema: Schema) -> bool:
        if self._everything:
            return True
        grouped = self._resolved(schema).get("type") in ("object", "array")
        return not grouped and self._rng.random() < _OPTIONAL_SHARE

    def _array(self, schema: Schema, name: str) -> list[Any]:
        count = max(schema.get("minItems", 0), 1)
        items = [self.value(schema.get("items", {}), name) for _ in range(count)]
        for key, wanted in schema.get("contains", {}).get("properties", {}).items():
            items[0][key] = self.value(wanted, key)
        return list(dict.fromkeys(items)) if schema.get("uniqueItems") and isinstance(items[0], str) else items

    def _string(self, schema: Schema, name: str) -> str:
        rng = self._rng
        if "pattern" in schema:
            draw_matching: Draw = _PATTERNS[schema["pattern"]]
            return draw_matching(rng)
        if schema.get("format") == "date":
            return _day(rng).isoformat()
        if schema.get("format") == "date-time":
            return f"{_day(rng).isoformat()}T{rng.randint(0, 23):02d}:{rng.randint(0, 59):02d}:00+07:00"
        draw = _NAMED.get(name)
        text = draw(rng) if draw is not None else "Theo hồ sơ kèm theo"
        return text[: schema.get("maxLength", len(text))].ljust(schema.get("minLength", 0), ".")

    def _integer(self, schema: Schema, name: str) -> int:
        lowest = schema.get("minimum", 0)
        return self._rng.randint(lowest, min(schema.get("maximum", lowest + 9), lowest + 9))

    def _number(self, schema: Schema, name: str) -> float:
        lowest = schema.get("minimum", schema.get("exclusiveMinimum", 0))
        return float(lowest + self._rng.randint(1, 9))

    def _boolean(self, schema: Schema, name: str) -> bool:
        return self._rng.random() < 0.5


def _person(rng: Random) -> str:
    return f"{rng.choice(_FAMILIES)} {rng.choice(('Văn', 'Thị'))} {rng.choice(_GIVEN)}"


def _address(rng: Random) -> str:
    return f"{rng.randint(1, 400)} {rng.choice(_STREETS)}"


def _day(rng: Random) -> date:
    return _EARLIEST + timedelta(days=rng.randrange(_DAYS))
