"""Đồng Tháp, 2024: services fully and partly online, electronic results, digitised dossiers.

1,739 services follow from 574 being 33 %. How many dossiers there were is not published; 10,000 give the shares.
The report writes 46.86 % for 815 of 1,739, which is 46.866 %: cut off, not rounded.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from contracts.catalogue.units import children
from contracts.status import Channel
from services.bus.hub.indicators.book import Book, Service, Unit
from services.bus.hub.indicators.counting import Where
from services.bus.hub.indicators.examples.drafts import Draft
from services.bus.hub.indicators.examples.example import Example, Figure, number, percent
from services.bus.kit.tx import Tx

ROOT: Final = "H20"
UNITS_CODE: Final = "87"
UNITS_ON: Final = date(2025, 6, 30)
FIRST: Final = date(2024, 1, 1)
END: Final = date(2025, 1, 1)
LEVELS: Final = (("full", 815), ("partial", 574), ("information", 350))
DOSSIERS: Final = 10_000
WITH_E_RESULT: Final = 6_200
DIGITISED: Final = 5_469


def example() -> Example:
    """The province."""
    made = book()
    communes = [unit.code for unit in made.communes()]
    codes = list(made.offered(("full", "partial")))
    return Example(
        title="Đồng Tháp, 2024",
        source="REPORT 0",
        book=made,
        where=Where(FIRST, END),
        drafts=[
            Draft(
                agency=communes[place % len(communes)],
                procedure=codes[place % len(codes)],
                day=FIRST + timedelta(days=place * 37 % 366),
                channel=Channel.ONLINE if place % 2 else Channel.DIRECT,
                signed=place < WITH_E_RESULT,
                digitised=place >= DOSSIERS - DIGITISED,
            )
            for place in range(DOSSIERS)
        ],
        checks=(),
        figures=figures,
        notes=("Dossiers are scaled to 10,000; the report cuts 46.866 % off at two digits.",),
    )


def book() -> Book:
    units = {ROOT: Unit(ROOT, "Ủy ban nhân dân tỉnh Đồng Tháp", "province")}
    for place, district in enumerate(children(UNITS_CODE, UNITS_ON), start=31):
        code = f"{ROOT}.{place}"
        units[code] = Unit(code, f"Ủy ban nhân dân {district.name}", "district")
        for below, commune in enumerate(children(district.code, UNITS_ON), start=21):
            units[f"{code}.{below}"] = Unit(f"{code}.{below}", f"Ủy ban nhân dân {commune.name}", "commune")
    numbers = (f"9.{place:06d}" for place in range(1, 1_740))
    services = {}
    for level, count in LEVELS:
        for _ in range(count):
            code = next(numbers)
            services[code] = Service(code, f"Thủ tục {code}", "Khác", level, fee=False, pays_online=False)
    return Book(units, services)


def figures(tx: Tx, example: Example) -> list[Figure]:
    """What the report says of services and of digitisation."""
    found = example.values(tx)
    full, partial = found["services-full"], found["services-partial"]
    services = full.denominator.value or 0
    online = found["online-services"]
    results, digitised = found["signed-results"], found["digitised-resolved"]
    cut_off = int(10_000 * (full.numerator.value or 0) / services) / 100
    return [
        Figure("services", "1,739", number(services)),
        Figure("fully online", "815", number(full.numerator.value or 0)),
        Figure("share, cut off", "46.86 %", f"{cut_off:.2f} %"),
        Figure("partly online", "574", number(partial.numerator.value or 0)),
        Figure("share of those", "33 %", percent(partial.numerator.value or 0, services, 0)),
        Figure("online in all", "1,389", number(online.numerator.value or 0)),
        Figure(
            "electronic results", "62 %", percent(results.numerator.value or 0, results.denominator.value or 1, 0)
        ),
        Figure(
            "components and results digitised",
            "54.69 %",
            percent(digitised.numerator.value or 0, digitised.denominator.value or 1, 2),
        ),
    ]
