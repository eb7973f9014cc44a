"""The fields of a parcel, one by one.

This is run a million times over: fields are checked by hand, in the order and by the rules of `contracts.land`,
whose own parsers are only asked where something looks wrong.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from functools import lru_cache
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError
from pydantic_core import PydanticCustomError

from contracts.catalogue.loader import check_unit, versions
from contracts.identifiers import CertificateCode
from contracts.land import CertificateSerial, RightSource
from contracts.land.geometry import inside_vietnam
from contracts.land.values import Area, Geohash, LandUseCode
from contracts.population.values import Day
from contracts.rules import refuse
from services.bus.kit.importing.sheet import Error, error_of

_UNIT: Final = re.compile(r"[0-9]{5}")
_NUMBER: Final = re.compile(r"[1-9][0-9]{0,5}")
_AREA: Final = re.compile(r"([0-9]{1,10})(?:\.([0-9]{1,2}))?")
_GEOHASH: Final = re.compile(r"w[0-9b-hjkmnp-z]{11}")
_SERIAL: Final = re.compile(r"[A-Z]{2}(?:[0-9]{8}|[0-9]{6})")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_SOURCES: Final = frozenset(each.value for each in RightSource)


class WrongError(Exception):
    """A field breaks a rule that is told with this context."""

    def __init__(self, rule: str, context: dict[str, Any]) -> None:
        super().__init__()
        self.rule = rule
        self.context = context


class Reader:
    """Reads fields, noting what is wrong with each; None for one that is empty or at fault."""

    def __init__(self, told: Mapping[str, Any], wrong: list[Error]) -> None:
        self.told = told
        self.wrong = wrong

    def __call__(self, name: str, parse: Callable[[Any], Any]) -> Any:
        value = self.told.get(name)
        if value is None or value == "":
            return None
        try:
            return parse(value)
        except PydanticCustomError as error:
            self.wrong.append(error_of(name, error))
        except ValidationError as error:
            first = error.errors()[0]
            self.wrong.append((name, first["type"], _plain(first.get("ctx") or {})))
        except WrongError as error:
            self.wrong.append((name, error.rule, error.context))
        return None


def _plain(context: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value if type(value) is int else str(value)[:200] for name, value in context.items()}


def refuse_control_characters(text: str) -> None:
    """What no form holds, and PostgreSQL refuses; a tab may be."""
    if _CONTROL.search(text):
        raise refuse("import.control_character")


def checked(kind: Any) -> Callable[[Any], Any]:
    """The parser of a type of `contracts`."""
    adapter: TypeAdapter[Any] = TypeAdapter(kind)
    return adapter.validate_python


_slow_area, _slow_geohash, _slow_serial = checked(Area), checked(Geohash), checked(CertificateSerial)
_slow_use, _slow_day, certificate_code = checked(LandUseCode), checked(Day), checked(CertificateCode)


@lru_cache(maxsize=50_000)
def _date(text: str) -> date:
    parsed: date = _slow_day(text)
    return parsed


def day(value: Any) -> date:
    """A calendar day."""
    return _date(value) if isinstance(value, str) else _slow_day(value)


@lru_cache(maxsize=8)
def past(today: date) -> Callable[[Any], date]:
    """A day that has come."""

    def parse(value: Any) -> date:
        found = day(value)
        if found > today:
            raise WrongError("effective.not-future", {"effective": found.isoformat()})
        return found

    return parse


def unit(value: Any) -> str:
    """The code of a commune, by its form."""
    if not isinstance(value, str) or not _UNIT.fullmatch(value):
        raise WrongError("unit_code.format", {})
    return value


def unit_faults(code: str, on: date) -> Iterator[Error]:
    """What is wrong with this commune on this day."""
    if any(since <= on < until for since, until in _commune_periods(code)):
        return
    try:
        check_unit(code, on, level="commune")
    except PydanticCustomError as error:
        yield error_of("unit_code", error)


@lru_cache(maxsize=20_000)
def _commune_periods(code: str) -> tuple[tuple[date, date], ...]:
    """When this code was that of a commune: from the first day to the one after the last."""
    return tuple(
        (one.valid_from or date.min, one.valid_to or date.max) for one in versions(code) if one.level == "commune"
    )


@lru_cache(maxsize=2)
def number(limit: int) -> Callable[[Any], int]:
    """A whole number from 1 to the limit."""

    def parse(value: Any) -> int:
        text = str(value) if type(value) is int else value
        if not isinstance(text, str) or not _NUMBER.fullmatch(text):
            raise WrongError("int_parsing", {})
        number = int(text)
        if number > limit:
            raise WrongError("less_than_equal", {"le": limit})
        return number

    return parse


def hundredths(value: Any) -> int:
    """Square metres, in hundredths."""
    match = _AREA.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return int(_slow_area(value) * 100)
    whole, rest = match.groups()
    area = int(whole) * 100 + (int(rest.ljust(2, "0")) if rest else 0)
    if not area:
        raise WrongError("greater_than", {"gt": 0})
    return area


def m2(area: int) -> str:
    """Hundredths of a square metre as they are written."""
    return f"{area // 100}.{area % 100:02d}"


def uses(value: Any) -> list[list[Any]]:
    """Pairs of land use and area."""
    if isinstance(value, str):
        parts = [part.partition(":") for part in value.split(";")]
        told = [(code.strip(), area.strip()) for code, _, area in parts]
    elif isinstance(value, list) and all(isinstance(each, dict) for each in value):
        told = [(each.get("code"), each.get("area_m2")) for each in value]
    else:
        raise WrongError("list_type", {})
    if not 1 <= len(told) <= 10:
        raise WrongError("too_long" if told else "too_short", {"min_length": 1, "max_length": 10})
    found = [[_use(code), hundredths(area)] for code, area in told]
    if len({code for code, _ in found}) != len(found):
        raise WrongError("land-uses.distinct", {"code": found[0][0]})
    return found


def _use(code: Any) -> str:
    return code if isinstance(code, str) and code in _USES else str(_slow_use(code))


_USES: Final = frozenset(("ONT", "ODT", "CLN", "LUC", "BHK", "NTS", "RSX"))
"""The usual ones."""


def geohash(value: Any) -> str:
    """The parcel's identifier."""
    if not isinstance(value, str) or not _GEOHASH.fullmatch(value) or not inside_vietnam(value):
        return str(_slow_geohash(value))
    return value


def source(value: Any) -> str:
    """How the right came about."""
    if not isinstance(value, str) or value not in _SOURCES:
        raise WrongError("enum", {"expected": ", ".join(sorted(_SOURCES))})
    return value


def serial(value: Any) -> str:
    """The serial of a certificate."""
    if isinstance(value, str) and _SERIAL.fullmatch(value):
        return value
    return str(_slow_serial(value))


@lru_cache(maxsize=4)
def text(limit: int) -> Callable[[Any], str]:
    """A line of text."""

    def parse(value: Any) -> str:
        if not isinstance(value, str):
            raise WrongError("string_type", {})
        if len(value) > limit:
            raise WrongError("string_too_long", {"max_length": limit})
        refuse_control_characters(value)
        return value

    return parse
