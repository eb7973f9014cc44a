"""Tables by unit, district, procedure, field or channel and period: the columns are data, the shares follow."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Literal

from contracts.catalogue.indicators import Column, DossierSet, columns
from services.bus.hub.indicators import schemas
from services.bus.hub.indicators.book import Book
from services.bus.hub.indicators.counting import Counted, Grain, Tally, Where, counted, of_agencies
from services.bus.hub.indicators.sets import BITS, Mask
from services.bus.kit.tx import Tx

Rows = Literal["unit", "district", "procedure", "field", "channel"]

_CHANNELS = {"direct": "Trực tiếp", "online": "Trực tuyến", "post": "Bưu chính công ích"}
_TOTAL = "Tổng"


def table(tx: Tx, book: Book, where: Where, *, rows: Rows, grain: Grain, now: datetime) -> schemas.Table:
    """The table. Rows come by key, then by period; units and procedures without a dossier have none."""
    counts = [column for column in columns() if column.of is None]
    masks = [Mask.of(column) for column in counts]
    tally = _tally(tx, book, where, rows, masks, grain, where.compared_at(now))
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
            key="", name=_TOTAL, period=label(where.since, "total", where), cells=_cells(counts, tally.total())
        ),
    )


def _tally(
    tx: Tx, book: Book, where: Where, rows: Rows, masks: Sequence[Mask], grain: Grain, at: datetime
) -> Tally:
    """By row and period."""
    if rows in ("unit", "district"):
        found = of_agencies(tx, where, masks, grain=grain, at=at)
        if rows == "unit":
            return found
        districts = Tally(masks)
        for (agency, period), sums in found.by_key.items():
            districts.add_sums((district_of(agency), period), sums)
        return districts
    tally = Tally(masks)
    for each in counted(tx, where, "procedure", grain=grain, at=at):
        tally.add((_key(book, rows, each), each.period), each.flags, each.dossiers)
    return tally


def _key(book: Book, rows: Rows, counted: Counted) -> str:
    """The row that dossiers counted by procedure belong to."""
    match rows:
        case "channel":
            return channel_of(counted.flags)
        case "field":
            return book.field_of(counted.key)
    return counted.key


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


NameOf = Callable[[str], str]

_ONLINE, _POST = BITS[DossierSet.ONLINE], BITS[DossierSet.POST]


def channel_of(flags: int) -> str:
    return "online" if flags & _ONLINE else "post" if flags & _POST else "direct"


def district_of(agency: str) -> str:
    """The agency directly below the province: H08.31 of H08.31.21."""
    return ".".join(agency.split(".")[:2])


_NAMES: dict[Rows, Callable[[Book], NameOf]] = {
    "unit": lambda book: book.name_of,
    "district": lambda book: book.name_of,
    "procedure": lambda book: book.service_name,
    "field": lambda book: lambda key: key,
    "channel": lambda book: lambda key: _CHANNELS[key],
}
