"""Tables by unit, district, procedure, field or channel and period: the columns are data, the shares follow."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import cache
from typing import Literal

from contracts.catalogue.indicators import Column, columns
from services.bus.hub.indicators import schemas
from services.bus.hub.indicators.book import Book
from services.bus.hub.indicators.counting import By, Grain, Tally, Where, counts, months_with_any
from services.bus.hub.indicators.sets import CHANNELS, RECEIVED, Mask
from services.bus.kit.tx import Tx

Rows = Literal["unit", "district", "procedure", "field", "channel"]

_CHANNELS = {"direct": "Trực tiếp", "online": "Trực tuyến", "post": "Bưu chính công ích"}
_TOTAL = "Tổng"


def table(tx: Tx, book: Book, where: Where, *, rows: Rows, grain: Grain, now: datetime) -> schemas.Table:
    """The table. Rows come by key, then by period; units and procedures without a dossier have none."""
    tally = _tally(tx, book, where, rows, _masks(), grain, where.compared_at(now))
    return _table(book, where, rows, grain, tally, tally.total())


def beginning(
    tx: Tx, book: Book, where: Where, most: int, *, rows: Rows, grain: Grain, now: datetime
) -> tuple[schemas.Table, int]:
    """The same with its first rows only, and how many there are: only those of units or procedures that are shown
    are counted in full."""
    if rows not in ("unit", "procedure") or grain != "month":
        whole = table(tx, book, where, rows=rows, grain=grain, now=now)
        return whole.model_copy(update={"rows": whole.rows[:most]}), len(whole.rows)
    of_key = months_with_any(tx, where, _by(rows))
    shown: list[str] = []
    for key in sorted(of_key):
        if sum(map(of_key.__getitem__, shown)) >= most:
            break
        shown.append(key)
    within = replace(where, agencies=tuple(shown)) if rows == "unit" else replace(where, procedures=tuple(shown))
    at = where.compared_at(now)
    part = _tally(tx, book, within, rows, _masks(), grain, at)
    total = _tally(tx, book, where, rows, _masks(), "total", at).total()
    found = _table(book, where, rows, grain, part, total)
    return found.model_copy(update={"rows": found.rows[:most]}), of_key.total()


def _table(
    book: Book, where: Where, rows: Rows, grain: Grain, tally: Tally, total: Sequence[int]
) -> schemas.Table:
    name_of = _NAMES[rows](book)
    received = tally.masks.index(RECEIVED)
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
            schemas.TableRow(key=key, name=name_of(key), period=label(period, grain, where), cells=_cells(sums))
            for (key, period), sums in sorted(tally.by_key.items())
            if sums[received]
        ],
        total=schemas.TableRow(
            key="", name=_TOTAL, period=label(where.since, "total", where), cells=_cells(total)
        ),
    )


@cache
def _counted() -> tuple[Column, ...]:
    """The columns that are counts, not shares."""
    return tuple(column for column in columns() if column.of is None)


@cache
def _masks() -> tuple[Mask, ...]:
    return tuple(Mask.of(column) for column in _counted())


def _tally(
    tx: Tx, book: Book, where: Where, rows: Rows, masks: Sequence[Mask], grain: Grain, at: datetime | None
) -> Tally:
    """By row and period."""
    if rows == "channel":
        return _by_channel(tx, where, masks, grain, at)
    found = counts(tx, where, _by(rows), masks, grain=grain, at=at)
    if rows in ("unit", "procedure"):
        return found
    joined = Tally(masks)
    for (key, period), sums in found.by_key.items():
        joined.add_sums((district_of(key) if rows == "district" else book.field_of(key), period), sums)
    return joined


def _by(rows: Rows) -> By:
    return "agency" if rows in ("unit", "district") else "procedure"


def _by_channel(tx: Tx, where: Where, masks: Sequence[Mask], grain: Grain, at: datetime | None) -> Tally:
    """Each mask on each channel."""
    on = {channel: [mask.on(channel) for mask in masks] for channel in CHANNELS}
    wanted = sorted({mask for masks in on.values() for mask in masks if mask is not None})
    place_of = {mask: place for place, mask in enumerate(wanted)}
    found = counts(tx, where, "procedure", wanted, grain=grain, at=at)
    joined = Tally(masks)
    for (_, period), sums in found.by_key.items():
        for channel, narrowed in on.items():
            part = [0 if mask is None else sums[place_of[mask]] for mask in narrowed]
            joined.add_sums((channel, period), part)
    return joined


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


def _cells(sums: Sequence[int]) -> list[float | int | None]:
    by_id = {column.id: number for column, number in zip(_counted(), sums, strict=True)}
    cells: list[float | int | None] = []
    for column in columns():
        if column.of is None:
            cells.append(by_id[column.id])
        else:
            above, below = (by_id[each] for each in column.of)
            cells.append(round(above / below, 6) if below else None)
    return cells


NameOf = Callable[[str], str]


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
