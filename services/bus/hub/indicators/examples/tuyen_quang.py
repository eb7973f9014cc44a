"""Tuyên Quang, 2022: services by the older levels, justice dossiers online, Na Hang, communes without any.

Which agencies there were is derived from the units of June 2025, of which one more was merged before; codes are
ours. How many justice dossiers there were is not published, only the shares; 10,000 give them all.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import cycle
from typing import Final

from contracts.catalogue.units import children
from contracts.status import Channel
from services.bus.hub.indicators.book import Book, Service, Unit
from services.bus.hub.indicators.counting import Where
from services.bus.hub.indicators.examples.drafts import Draft
from services.bus.hub.indicators.examples.example import LATER, Example, Figure, number, percent
from services.bus.hub.indicators.tables import table
from services.bus.hub.indicators.units import without_online
from services.bus.kit.tx import Tx

ROOT: Final = "H60"
UNITS_CODE: Final = "08"
UNITS_ON: Final = date(2025, 6, 30)
COMMUNES: Final = 138
JUSTICE: Final = "Tư pháp"
DEPARTMENT: Final = f"{ROOT}.03"
OFFICE: Final = f"{ROOT}.01"
FIRST: Final = date(2022, 1, 1)
END: Final = date(2023, 1, 1)

LEVELS: Final = (("level_2", 540), ("level_3", 282), ("level_4", 1_054))
USED: Final = 1_015
"""Services of level 3 and 4 with online dossiers: 76 % of 1,336."""
AT_DEPARTMENT: Final = (2_090, 1_714)
BELOW: Final = (7_910, 3_512)
NA_HANG: Final = (1_385, 195)
"""Dossiers, and how many of them online. Na Hang's are among those below."""
WITHOUT_CERTIFICATION: Final = 14
WITHOUT_ANY: Final = 4

CERTIFICATION: Final = "9.000001"
CIVIL: Final = "9.000002"


def example() -> Example:
    """The province."""
    return Example(
        title="Tuyên Quang, 2022",
        source="REPORT 2",
        book=book(),
        where=Where(FIRST, END),
        drafts=list(_drafts(book())),
        checks=(),
        figures=figures,
        notes=("Levels 1 to 4 are those of TT 32/2017; justice dossiers are scaled to 10,000.",),
    )


def book() -> Book:
    units = {
        ROOT: Unit(ROOT, "Ủy ban nhân dân tỉnh Tuyên Quang", "province"),
        OFFICE: Unit(OFFICE, "Văn phòng Ủy ban nhân dân tỉnh", "department"),
        DEPARTMENT: Unit(DEPARTMENT, "Sở Tư pháp tỉnh Tuyên Quang", "department"),
    }
    for place, district in enumerate(children(UNITS_CODE, UNITS_ON), start=31):
        code = f"{ROOT}.{place}"
        units[code] = Unit(code, f"Ủy ban nhân dân {district.name}", "district")
        for below, commune in enumerate(children(district.code, UNITS_ON), start=21):
            units[f"{code}.{below}"] = Unit(f"{code}.{below}", f"Ủy ban nhân dân {commune.name}", "commune")
    missing = COMMUNES - sum(unit.level == "commune" for unit in units.values())
    for place in range(missing):
        code = f"{ROOT}.37.{90 + place}"
        units[code] = Unit(code, "Ủy ban nhân dân xã đã sáp nhập trước tháng 6/2025", "commune")
    services = {}
    numbers = (f"9.{place:06d}" for place in range(1, 1_877))
    for level, count in reversed(LEVELS):
        for _ in range(count):
            code = next(numbers)
            field = JUSTICE if code in (CERTIFICATION, CIVIL) else "Khác"
            services[code] = Service(code, f"Thủ tục {code}", field, level, fee=False, pays_online=False)
    return Book(units, services)


def na_hang(book: Book) -> str:
    return next(code for code, unit in book.units.items() if unit.name.endswith("Huyện Na Hang"))


def _drafts(book: Book) -> Iterator[Draft]:
    district = na_hang(book)
    communes = [unit.code for unit in book.communes()]
    of_na_hang = [code for code in communes if code.startswith(f"{district}.")]
    others = [code for code in communes if code not in of_na_hang]
    silent = frozenset(others[:WITHOUT_ANY])
    uncertified = frozenset(others[:WITHOUT_CERTIFICATION])
    yield from _justice([DEPARTMENT], *AT_DEPARTMENT, silent, uncertified)
    yield from _justice(of_na_hang, *NA_HANG, silent, uncertified)
    yield from _justice(others, BELOW[0] - NA_HANG[0], BELOW[1] - NA_HANG[1], silent, uncertified)
    used = [code for code, each in book.services.items() if each.level != "level_2" and each.field != JUSTICE]
    for place, code in enumerate(used[: USED - 2]):
        yield Draft(OFFICE, code, _day(place), Channel.ONLINE)
    for place, code in enumerate(used):
        yield Draft(OFFICE, code, _day(place))


def _justice(
    agencies: list[str], dossiers: int, online: int, silent: frozenset[str], uncertified: frozenset[str]
) -> Iterator[Draft]:
    """So many at these agencies, of which so many online, none of those where nobody goes online."""
    for place, agency in zip(range(dossiers - online), cycle(agencies), strict=False):
        yield Draft(agency, CERTIFICATION if place // len(agencies) % 2 else CIVIL, _day(place))
    open_ones = [agency for agency in agencies if agency not in silent]
    for place, agency in zip(range(online), cycle(open_ones), strict=False):
        certifies = agency not in uncertified and place // len(open_ones) % 2 == 0
        yield Draft(agency, CERTIFICATION if certifies else CIVIL, _day(place), Channel.ONLINE)


def _day(place: int) -> date:
    return FIRST + timedelta(days=place * 37 % 365)


def figures(tx: Tx, example: Example) -> list[Figure]:
    """What the report says of services, of justice dossiers, of Na Hang, and of communes."""
    book, where = example.book, example.where
    levels = [example.values(tx)[name] for name in ("services-level-2", "services-level-3", "services-level-4")]
    used = example.values(tx)["online-services-used"]
    justice = Where(FIRST, END, None, book.of_field(JUSTICE))
    at_department = _online(tx, book, Where(FIRST, END, (DEPARTMENT,), justice.procedures))
    whole = _online(tx, book, justice)
    below = (whole[0] - at_department[0], whole[1] - at_department[1])
    district = _online(tx, book, Where(FIRST, END, book.below(na_hang(book))))
    certification = without_online(tx, book, Where(FIRST, END, None, (CERTIFICATION,)))
    silent = without_online(tx, book, where)
    services = levels[0].denominator.value or 0
    shares = [percent(each.numerator.value or 0, services, 1) for each in levels]
    return [
        Figure("services", "1,876", number(services)),
        Figure("level 1 and 2", "540 (28.8 %)", f"{number(levels[0].numerator.value or 0)} ({shares[0]})"),
        Figure("level 3", "282 (15.0 %)", f"{number(levels[1].numerator.value or 0)} ({shares[1]})"),
        Figure("level 4", "1,054 (56.2 %)", f"{number(levels[2].numerator.value or 0)} ({shares[2]})"),
        Figure("levels 3 and 4", "1,336", number(used.denominator.value or 0)),
        Figure("of them used online", "76 %", percent(used.numerator.value or 0, used.denominator.value or 1, 0)),
        Figure("justice online", "52.26 %", percent(whole[1], whole[0], 2)),
        Figure("at the province", "82 %", percent(at_department[1], at_department[0], 0)),
        Figure("districts and communes", "44.4 %", percent(below[1], below[0], 1)),
        Figure("Na Hang", "1,385", number(district[0])),
        Figure("Na Hang direct", "1,190 (85.9 %)", _of(district[0] - district[1], district[0])),
        Figure("Na Hang online", "195 (14.1 %)", _of(district[1], district[0])),
        Figure("communes", "138", number(certification.communes)),
        Figure("without e-certification", "14", number(certification.without)),
        Figure("without any online dossier", "4", number(silent.without)),
    ]


def _of(part: int, whole: int) -> str:
    return f"{number(part)} ({percent(part, whole, 1)})"


def _online(tx: Tx, book: Book, where: Where) -> tuple[int, int]:
    """Dossiers received, and those of them online, from the table."""
    made = table(tx, book, where, rows="channel", grain="total", now=LATER)
    names = [column.id for column in made.columns]
    cells = made.total.cells
    return int(cells[names.index("received")] or 0), int(cells[names.index("online")] or 0)
