"""Tables by unit, district, procedure, field or channel and period: the columns are data, the shares follow."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Literal

from contracts.catalogue.indicators import Column, DossierSet, columns
from services.bus.hub.indicators import schemas
from services.bus.hub.indicators.book import Book
from services.bus.hub.indicators.counting import By, Grain, Tally, Where, counted
from services.bus.hub.indicators.sets import BITS, Mask
from services.bus.kit.tx import Tx

Rows = Literal["unit", "district", "procedure", "field", "channel"]

_CHANNELS = {"direct": "Trực tiếp", "online": "Trực tuyến", "post": "Bưu chính công ích"}
_TOTAL = "Tổng"


def table(tx: Tx, book: Book, where: Where, *, rows: Rows, grain: Grain, now: datetime) -> schemas.Table:
    """The table. Rows come by key, then by period; units and procedures without a dossier have none."""
    counts = [column for column in columns() if column.of is None]
    tally = Tally([Mask.of(column) for column in counts])
    whole = Tally(tally.masks)
    key_of = _KEYS[rows](book)
    for found in counted(tx, where, _by(rows, where), grain=grain, at=where.compared_at(now)):
        tally.add((key_of(found.key, found.flags), found.period), found.flags, found.dossiers)
        whole.add("", found.flags, found.dossiers)
    name_of = _NAMES[rows](book)
    received = [column.id for column in counts].index("received")
    return schemas.Table(
        first_day=where.since,
        last_day=where.last,
        rows_by=rows,
        period=grain,
        columns=[
            schemas.TableColumn(id=each.id, name_vi=each.name.vi, name_en=each.name.en, of=each.of)
            for each in columns()
        ],
        rows=[
            schemas.TableRow(
                key=key, name=name_of(key), period=label(period, grain, where), cells=_cells(counts, sums)
            )
            for (key, period), sums in sorted(tally.by_key.items())
            if sums[received]
        ],
        total=schemas.TableRow(
            key="", name=_TOTAL, period=label(where.since, "total", where), cells=_cells(counts, whole.total())
        ),
    )


def _by(rows: Rows, where: Where) -> By:
    """What to count by. Channels can be told from either: from the one that whole months are kept by."""
    if rows == "channel":
        return "agency" if where.procedures is None else "procedure"
    return "procedure" if rows in ("procedure", "field") else "agency"


def label(period: date, grain: Grain, where: Where) -> str:
    """2023-05, 2023-Q2, 2023; for the whole, its first and last day."""
    match grain:
        case "month":
            return f"{period:%Y-%m}"
        case "quarter":
            return f"{period.year}-Q{(period.month + 2) // 3}"
        case "year":
            return str(period.year)
    return f"{where.since} – {where.last}"


def _cells(counts: Sequence[Column], sums: Sequence[int]) -> list[float | int | None]:
    by_id = {column.id: number for column, number in zip(counts, sums, strict=True)}
    cells: list[float | int | None] = []
    for column in columns():
        if column.of is None:
            cells.append(by_id[column.id])
        else:
            above, below = (by_id[each] for each in column.of)
            cells.append(round(above / below, 6) if below else None)
    return cells


KeyOf = Callable[[str, int], str]
NameOf = Callable[[str], str]

_ONLINE, _POST = BITS[DossierSet.ONLINE], BITS[DossierSet.POST]


def _channel(_: str, flags: int) -> str:
    return "online" if flags & _ONLINE else "post" if flags & _POST else "direct"


def district_of(agency: str) -> str:
    """The agency directly below the province: H08.31 of H08.31.21."""
    return ".".join(agency.split(".")[:2])


_KEYS: dict[Rows, Callable[[Book], KeyOf]] = {
    "unit": lambda book: lambda key, _: key,
    "district": lambda book: lambda key, _: district_of(key),
    "procedure": lambda book: lambda key, _: key,
    "field": lambda book: lambda key, _: book.field_of(key),
    "channel": lambda book: _channel,
}
_NAMES: dict[Rows, Callable[[Book], NameOf]] = {
    "unit": lambda book: book.name_of,
    "district": lambda book: book.name_of,
    "procedure": lambda book: book.service_name,
    "field": lambda book: lambda key: key,
    "channel": lambda book: lambda key: _CHANNELS[key],
}
