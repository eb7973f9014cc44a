"""A line as the rows it becomes, or everything that is wrong with it.

This is run a million times over: fields are checked by hand, in the order and by the rules of `contracts.land`,
whose own parsers are only asked where something looks wrong.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from fractions import Fraction
from functools import lru_cache
from typing import Any, Final, NamedTuple

from pydantic import TypeAdapter, ValidationError
from pydantic_core import PydanticCustomError

from contracts.catalogue.loader import check_unit, versions
from contracts.catalogue.prefixes import personal_id_prefixes
from contracts.catalogue.search import fold
from contracts.identifiers import CertificateCode, PersonalId, TaxCode
from contracts.land import CertificateSerial, RightSource, parse_share
from contracts.land.geometry import inside_vietnam
from contracts.land.values import Area, Geohash, LandUseCode, PartyName
from contracts.population.values import Day
from services.registry.land.importing.fields import REQUIRED, BadLineError, Wrong

MAX_OWNERS: Final = 100

_UNIT: Final = re.compile(r"[0-9]{5}")
_NUMBER: Final = re.compile(r"[1-9][0-9]{0,5}")
_AREA: Final = re.compile(r"([0-9]{1,10})(?:\.([0-9]{1,2}))?")
_GEOHASH: Final = re.compile(r"w[0-9b-hjkmnp-z]{11}")
_PERSONAL_ID: Final = re.compile(r"[0-9]{12}")
_SERIAL: Final = re.compile(r"[A-Z]{2}(?:[0-9]{8}|[0-9]{6})")
_SOURCES: Final = frozenset(each.value for each in RightSource)
_WHOLE: Final = Fraction(1)


class Owner(NamedTuple):
    """A share as it goes into the book."""

    party_key: str
    name: str
    folded_name: str
    personal_id: str | None
    tax_code: str | None
    numerator: int
    denominator: int


class Row(NamedTuple):
    """A parcel to take in."""

    key: str
    unit_code: str
    map_sheet: int
    parcel_number: int
    area: int
    land_uses: list[list[Any]]
    geohash: str
    address: str
    source: str
    term_until: date | None
    registered_on: date
    serial: str | None
    issue_number: str
    certificate_code: str | None
    issued_on: date
    owners: tuple[Owner, ...]


def row_of(told: Mapping[str, Any], today: date) -> Row:
    """The row a line becomes. Raises BadLineError with every field at fault."""
    wrong: list[Wrong] = [Wrong(name, "missing", {}) for name in REQUIRED if told.get(name) in (None, "")]
    if wrong:
        raise BadLineError(*sorted(wrong))
    read = _Reader(told, wrong)
    registered_on = read("registered_on", _past(today))
    unit_code = read("unit_code", _unit)
    map_sheet = read("map_sheet", _number(99_999))
    parcel_number = read("parcel_number", _number(999_999))
    area = read("area_m2", _hundredths)
    uses = read("land_uses", _uses)
    geohash = read("geohash", _geohash)
    owners = read("owners", _owners)
    source = read("source", _source) or "recognised"
    term_until = read("term_until", _day)
    serial = read("serial", _serial)
    address = read("address", _text(300)) or ""
    issue_number = read("issue_number", _text(30)) or ""
    certificate_code = read("certificate_code", _slow_code)
    issued_on = read("issued_on", _past(today)) or registered_on
    if unit_code is not None and registered_on is not None and (fault := _unit_fault(unit_code, registered_on)):
        wrong.append(Wrong("unit_code", fault[0], fault[1]))
    if uses is not None and area is not None and sum(each[1] for each in uses) != area:
        wrong.append(
            Wrong("land_uses", "land-uses.area", {"sum": _m2(sum(e[1] for e in uses)), "area": _m2(area)})
        )
    if wrong:
        raise BadLineError(*wrong)
    return Row(
        f"{unit_code}-{map_sheet}-{parcel_number}",
        unit_code,
        map_sheet,
        parcel_number,
        area,
        uses,
        geohash,
        address,
        source,
        term_until,
        registered_on,
        serial,
        issue_number,
        certificate_code,
        issued_on,
        owners,
    )


class _Reader:
    """Reads fields, noting what is wrong with each; None for one that is empty or at fault."""

    def __init__(self, told: Mapping[str, Any], wrong: list[Wrong]) -> None:
        self.told = told
        self.wrong = wrong

    def __call__(self, name: str, parse: Callable[[Any], Any]) -> Any:
        value = self.told.get(name)
        if value is None or value == "":
            return None
        try:
            return parse(value)
        except PydanticCustomError as error:
            self.wrong.append(Wrong(name, error.type, dict(error.context or {})))
        except ValidationError as error:
            first = error.errors()[0]
            self.wrong.append(Wrong(name, first["type"], _plain(first.get("ctx") or {})))
        except BadLineError as error:
            self.wrong += [each._replace(field=f"{name}{each.field}") for each in error.wrong]
        return None


def _plain(context: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value if isinstance(value, int) else str(value)[:200] for name, value in context.items()}


def _checked(kind: Any) -> Callable[[Any], Any]:
    adapter: TypeAdapter[Any] = TypeAdapter(kind)
    return adapter.validate_python


_slow_area, _slow_geohash, _slow_person = _checked(Area), _checked(Geohash), _checked(PersonalId)
_slow_tax, _slow_serial, _slow_name = _checked(TaxCode), _checked(CertificateSerial), _checked(PartyName)
_slow_use, _slow_day, _slow_code = _checked(LandUseCode), _checked(Day), _checked(CertificateCode)


@lru_cache(maxsize=50_000)
def _date(text: str) -> date:
    parsed: date = _slow_day(text)
    return parsed


def _day(value: Any) -> date:
    return _date(value) if isinstance(value, str) else _slow_day(value)


@lru_cache(maxsize=8)
def _past(today: date) -> Callable[[Any], date]:
    def parse(value: Any) -> date:
        day = _day(value)
        if day > today:
            raise BadLineError(Wrong("", "effective.not-future", {"effective": day.isoformat()}))
        return day

    return parse


def _unit(value: Any) -> str:
    if not isinstance(value, str) or not _UNIT.fullmatch(value):
        raise BadLineError(Wrong("", "unit_code.format", {}))
    return value


def _unit_fault(code: str, on: date) -> tuple[str, dict[str, Any]] | None:
    for since, until in _commune_periods(code):
        if since <= on < until:
            return None
    try:
        check_unit(code, on, level="commune")
    except PydanticCustomError as error:
        return error.type, dict(error.context or {})
    return None


@lru_cache(maxsize=20_000)
def _commune_periods(code: str) -> tuple[tuple[date, date], ...]:
    """When this code was that of a commune: from the first day to the one after the last."""
    return tuple(
        (one.valid_from or date.min, one.valid_to or date.max) for one in versions(code) if one.level == "commune"
    )


@lru_cache(maxsize=2)
def _number(limit: int) -> Callable[[Any], int]:
    def parse(value: Any) -> int:
        text = str(value) if type(value) is int else value
        if not isinstance(text, str) or not _NUMBER.fullmatch(text):
            raise BadLineError(Wrong("", "int_parsing", {}))
        number = int(text)
        if number > limit:
            raise BadLineError(Wrong("", "less_than_equal", {"le": limit}))
        return number

    return parse


def _hundredths(value: Any) -> int:
    match = _AREA.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return int(_slow_area(value) * 100)
    whole, rest = match.groups()
    area = int(whole) * 100 + (int(rest.ljust(2, "0")) if rest else 0)
    if not area:
        raise BadLineError(Wrong("", "greater_than", {"gt": 0}))
    return area


def _m2(area: int) -> str:
    return f"{area // 100}.{area % 100:02d}"


def _uses(value: Any) -> list[list[Any]]:
    if isinstance(value, str):
        parts = [part.partition(":") for part in value.split(";")]
        told = [(code.strip(), area.strip()) for code, _, area in parts]
    elif isinstance(value, list) and all(isinstance(each, dict) for each in value):
        told = [(each.get("code"), each.get("area_m2")) for each in value]
    else:
        raise BadLineError(Wrong("", "list_type", {}))
    if not 1 <= len(told) <= 10:
        raise BadLineError(Wrong("", "too_long" if told else "too_short", {"min_length": 1, "max_length": 10}))
    uses = [[_slow_use(code) if code not in _USES else code, _hundredths(area)] for code, area in told]
    if len({code for code, _ in uses}) != len(uses):
        raise BadLineError(Wrong("", "land-uses.distinct", {"code": uses[0][0]}))
    return uses


_USES: Final = frozenset(("ONT", "ODT", "CLN", "LUC", "BHK", "NTS", "RSX"))


def _geohash(value: Any) -> str:
    if not isinstance(value, str) or not _GEOHASH.fullmatch(value) or not inside_vietnam(value):
        return str(_slow_geohash(value))
    return value


def _source(value: Any) -> str:
    if value not in _SOURCES:
        raise BadLineError(Wrong("", "enum", {"expected": ", ".join(sorted(_SOURCES))}))
    return str(value)


def _serial(value: Any) -> str:
    if isinstance(value, str) and _SERIAL.fullmatch(value):
        return value
    return str(_slow_serial(value))


@lru_cache(maxsize=4)
def _text(limit: int) -> Callable[[Any], str]:
    def parse(value: Any) -> str:
        if not isinstance(value, str):
            raise BadLineError(Wrong("", "string_type", {}))
        if len(value) > limit:
            raise BadLineError(Wrong("", "string_too_long", {"max_length": limit}))
        return value

    return parse


def _owners(value: Any) -> tuple[Owner, ...]:
    if isinstance(value, str):
        told = [_split_owner(part) for part in value.split(";")]
    elif isinstance(value, list) and all(isinstance(each, dict) for each in value):
        told = [
            (each.get("personal_id") or each.get("tax_code") or "", each.get("name"), each.get("share") or "1")
            for each in value
        ]
    else:
        raise BadLineError(Wrong("", "list_type", {}))
    if len(told) > MAX_OWNERS:
        raise BadLineError(Wrong("", "too_long", {"max_length": MAX_OWNERS}))
    owners = [_owner(number, name, share) for number, name, share in told]
    if len(owners) == 1 and owners[0].numerator == owners[0].denominator:
        return tuple(owners)
    total = sum((Fraction(each.numerator, each.denominator) for each in owners), Fraction(0))
    if total != _WHOLE:
        raise BadLineError(
            Wrong("", "shares.sum", {"sum": f"{total.numerator}/{total.denominator}", "wanted": "1/1"})
        )
    if len({each.party_key for each in owners}) != len(owners):
        raise BadLineError(Wrong("", "parties.distinct", {}))
    return tuple(owners)


def _split_owner(part: str) -> tuple[str, str, str]:
    number, _, rest = part.partition("|")
    name, _, share = rest.partition("|")
    return number.strip(), name.strip(), share.strip() or "1"


def _owner(number: Any, name: Any, share: Any) -> Owner:
    if not isinstance(name, str) or not 2 <= len(name) <= 200:
        name = _slow_name(name)
    numerator, denominator = (1, 1) if share in ("1", "1/1") else _share(share)
    folded = fold(name)[:200]
    if isinstance(number, str) and _PERSONAL_ID.fullmatch(number):
        if number[:3] not in personal_id_prefixes():
            _slow_person(number)
        return Owner(f"p:{number}", name, folded, number, None, numerator, denominator)
    if number:
        tax_code = _slow_tax(number)
        return Owner(f"t:{tax_code}", name, folded, None, tax_code, numerator, denominator)
    return Owner(f"n:{folded}", name, folded, None, None, numerator, denominator)


def _share(text: Any) -> tuple[int, int]:
    if not isinstance(text, str):
        raise BadLineError(Wrong("", "string_type", {}))
    share = parse_share(text)
    return share.numerator, share.denominator
