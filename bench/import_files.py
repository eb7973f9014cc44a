"""Files as they are digitised: books of births, land registers, and citizens, of any size.

Names, numbers and communes as `services.population.generator` draws them; in the order of the books, as they are
typed in. One line in a hundred is wrong, each in one of the ways lines are. The same seed makes the same file.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from itertools import count
from pathlib import Path
from random import Random
from typing import Any, Final, Literal

import orjson

from contracts.catalogue.agencies import agencies
from contracts.catalogue.loader import versions
from contracts.identifiers import Sex
from contracts.land.geometry import inside_vietnam
from contracts.land.imports import PARCEL_COLUMNS
from contracts.population.imports import CITIZEN_COLUMNS, COLUMN_OF
from services.population.generator import generate
from services.population.generator.draws import Deck, between, chance
from services.population.generator.names import Names
from services.population.generator.numbers import Numbers

Registry = Literal["population", "civil", "land"]
Form = Literal["csv", "ndjson"]

SEED: Final = 20_261_124
WRONG: Final = 0.01
FIRST_BOOK, LAST_BOOK = 1946, 2024
PREFIX: Final = "052"
MOST_CITIZENS: Final = 5_000_000
BIRTH_COLUMNS: Final = (
    "agency", "number", "volume", "page", "registered_on", "child_name", "child_sex", "child_born",
    "child_personal_id", "birth_place", "mother_name", "mother_born", "mother_personal_id", "father_name",
    "father_born", "father_personal_id",
)  # fmt: skip
_PLACES: Final = ("Trạm y tế xã", "Bệnh viện Đa khoa tỉnh Bình Định", '"Tại nhà", thôn An Hòa, xã Nhơn Lý', "")
_GEOHASH: Final = "0123456789bcdefghjkmnpqrstuvwxyz"
_USES: Final = Deck({"ONT": 40.0, "ODT": 15.0, "LUC": 20.0, "CLN": 15.0, "BHK": 10.0})
_OWNERS: Final = Deck({1: 50.0, 2: 42.0, 3: 5.0, 4: 3.0})

Values = dict[str, Any]


def write(path: Path, registry: Registry, rows: int, form: Form) -> list[str]:
    """Write a file of so many rows; its columns."""
    rng = Random(SEED)
    columns, made = {
        "population": (CITIZEN_COLUMNS, _flat_citizens if form == "csv" else _citizens),
        "civil": (BIRTH_COLUMNS, _births),
        "land": (PARCEL_COLUMNS, _parcels),
    }[registry]
    line_of = _csv_line if form == "csv" else _json_line
    with path.open("wb") as file:
        if form == "csv":
            file.write(b"\xef\xbb\xbf" + _csv_line(dict(zip(columns, columns, strict=True))))
        for _, values in zip(range(rows), made(rng), strict=False):
            line = line_of(values)
            file.write(_spoilt(rng, line) if chance(rng, WRONG) else line)
    return list(columns)


def _citizens(rng: Random) -> Iterator[Values]:
    for citizen in generate(rng.randrange(2**32), MOST_CITIZENS):
        yield citizen.model_dump(mode="json", exclude_defaults=True)


def _flat_citizens(rng: Random) -> Iterator[Values]:
    for values in _citizens(rng):
        parts = values | {stay["kind"]: stay for stay in values["residences"]}
        flat = {name: parts.get(name, "") for name in CITIZEN_COLUMNS}
        for column, (part, field) in COLUMN_OF.items():
            if part in parts:
                flat[column] = parts[part].get(field, "")
        yield flat


def _births(rng: Random) -> Iterator[Values]:
    names, numbers = Names(rng), Numbers(rng)
    communes = [each.code for each in agencies() if each.level == "commune"]
    for year in range(FIRST_BOOK, LAST_BOOK + 1):
        for agency in communes:
            days = sorted(between(rng, 0, 364) for _ in range(between(rng, 40, 160)))
            for number, day in enumerate(days, 1):
                place = {"agency": agency, "number": number, "volume": 1, "page": number}
                yield place | _birth(rng, names, numbers, date(year, 1, 1) + timedelta(days=day))


def _birth(rng: Random, names: Names, numbers: Numbers, registered_on: date) -> Values:
    born = registered_on - timedelta(days=between(rng, 0, 60))
    sex = Sex.MALE if chance(rng, 0.52) else Sex.FEMALE
    family, known = names.family("01"), 0.2 if born.year < 1975 else 0.85
    values: Values = {
        "registered_on": registered_on,
        "child_name": names.full(family, sex, born.year),
        "child_sex": sex.value,
        "child_born": born,
        "child_personal_id": numbers.personal_id(PREFIX, sex, born.year) if chance(rng, known) else "",
        "birth_place": rng.choice(_PLACES),
    }
    for role, parent_sex, name in (("mother", Sex.FEMALE, names.family("01")), ("father", Sex.MALE, family)):
        year = born.year - between(rng, 18, 42)
        day = date(year, 1, 1) + timedelta(days=between(rng, 0, 364))
        number = chance(rng, 0.1 if year < 1950 else 0.5)
        values |= {
            f"{role}_name": names.full(name, parent_sex, year),
            f"{role}_born": str(year) if year < 1960 and chance(rng, 0.5) else day,
            f"{role}_personal_id": numbers.personal_id(PREFIX, parent_sex, year) if number else "",
        }
    return values


def _parcels(rng: Random) -> Iterator[Values]:
    names, numbers = Names(rng), Numbers(rng)
    serials = count(1)
    communes = [each.unit_code for each in agencies() if each.level == "commune" and _long_there(each.unit_code)]
    for sheet in count(1):
        for commune in communes:
            for number in range(1, between(rng, 40, 220)):
                place = {"unit_code": commune, "map_sheet": sheet, "parcel_number": number}
                yield place | _parcel(rng, names, numbers, next(serials))


def _parcel(rng: Random, names: Names, numbers: Numbers, serial: int) -> Values:
    registered_on = date(2010, 1, 1) + timedelta(days=between(rng, 0, 5_000))
    area, house = between(rng, 60_00, 900_00), 50_00
    use = _USES.draw(rng)
    uses = f"{use}:{_m2(house)};CLN:{_m2(area - house)}" if use == "ONT" else f"{use}:{_m2(area)}"
    owners = _OWNERS.draw(rng)
    share = "1" if owners == 1 else f"1/{owners}"
    certified = chance(rng, 0.9)
    return {
        "area_m2": _m2(area),
        "land_uses": uses,
        "geohash": _point(rng),
        "address": rng.choice(("Thôn An Hòa", "Khu phố 5", 'Thôn "Xóm Đình", xã Nhơn Lý', "")),
        "source": rng.choice(("allocated", "recognised", "transfer", "inheritance")),
        "term_until": "2063-10-15" if use in ("LUC", "BHK") else "",
        "registered_on": registered_on,
        "serial": f"A{'ABCDE'[serial // 10**7 % 5]}{serial:08d}" if certified else "",
        "issue_number": f"CH{serial:06d}" if certified else "",
        "certificate_code": "",
        "issued_on": registered_on + timedelta(days=between(rng, 0, 60)) if certified else "",
        "owners": ";".join(_owner(rng, names, numbers, share) for _ in range(owners)),
    }


def _owner(rng: Random, names: Names, numbers: Numbers, share: str) -> str:
    sex, year = (Sex.MALE if chance(rng, 0.5) else Sex.FEMALE), between(rng, 1940, 2000)
    number = numbers.personal_id(PREFIX, sex, year)
    return f"{number}|{names.full(names.family('01'), sex, year)}|{share}"


def _m2(area: int) -> str:
    return f"{area // 100}.{area % 100:02d}"


def _point(rng: Random) -> str:
    while True:
        found = "w6u" + "".join(rng.choices(_GEOHASH, k=9))
        if inside_vietnam(found):
            return found


def _long_there(code: str) -> bool:
    return any(
        (each.valid_from or date.min) <= date(2010, 1, 1) and (each.valid_to or date.max) >= date(2024, 12, 31)
        for each in versions(code)
        if each.level == "commune"
    )


# -- lines -------------------------------------------------------------------------------------------------


def _csv_line(values: Values) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow(values.values())
    return out.getvalue().encode()


def _json_line(values: Values) -> bytes:
    return orjson.dumps({name: value for name, value in values.items() if value != ""}) + b"\n"


_SPOILING: Final[tuple[Callable[[bytes], bytes], ...]] = (
    lambda line: line.decode().encode("cp1258", "replace"),  # typed under another code page
    lambda line: line[: len(line) // 2] + b"\n",  # cut off
    lambda line: line.replace(b"-", b"/", 2),  # a date as people write it
    lambda line: line.replace(b'"', b"", 1) if b'"' in line else line[:-1] + b',""\n',
    lambda line: (
        line.replace(b"052", b"999", 1) if b"052" in line else line.replace(b"05", b"00", 1)
    ),  # no such province, or no such agency
)


def _spoilt(rng: Random, line: bytes) -> bytes:
    return rng.choice(_SPOILING)(line)
