"""What the continuous comparison came to: whether anything is lost now, and what has ever differed."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel
from sqlalchemy import literal, select, tuple_

from gateway.sync.models import DOSSIERS, FOUND, GONE, REPAIRED, REPAIRING, Comparison, DifferenceCount, Known
from services.bus.kit.columns import UtcDateTime, to_micros
from services.bus.kit.paging import Cursor, Page
from services.bus.kit.tx import Tx

State = Literal["open", "repairing", "repaired", "gone"]


class Counted(BaseModel):
    """How much a side holds."""

    dossiers: int
    rows: int


class ComparisonView(BaseModel):
    """One pass over all ranges. `equal`: nothing differs, what is under way aside. Province and axis are
    compared by statuses, axis (`axis_wire`) and portal by what stands on the wire: their digests are the same
    where nothing is under way. `looked_into`: ranges whose rows had to be read."""

    started_at: datetime
    finished_at: datetime
    seconds: float
    until: datetime
    ranges: int
    looked_into: int
    equal: bool
    counts: dict[str, Counted]
    digests: dict[str, str]


class ReconciliationState(BaseModel):
    """Whether anything is lost. `last`: the newest pass that went through; `portal`: "extents" if the portal tells
    what it holds, "acknowledged" if sync's own record of what it acknowledged has to do; `error`: why the pass
    under way does not go on; `dossiers`: how many have a difference that is open or being repaired."""

    last: ComparisonView | None
    comparing: bool
    error: str | None
    portal: Literal["extents", "acknowledged"]
    open: int
    repairing: int
    open_by_kind: dict[str, int]
    dossiers: int
    dossiers_by_side: dict[str, int]


class RepairOrder(BaseModel):
    """How many dossiers are put right now, and how many more could be: an order takes a thousand at most."""

    dossiers: int
    left: int


class DifferenceView(BaseModel):
    """A difference. `cause` as far as it is known; `repair_at`, `repair_by`: when somebody had it repaired, and
    who; `closed_at`: since when it is no more."""

    id: str
    state: State
    kind: Literal["missing", "extra", "different", "out_of_order", "duplicated"]
    side: Literal["axis", "portal"]
    code: str
    version: int | None
    at: str | None
    cause: str
    detail: dict[str, Any]
    repairable: bool
    found_at: datetime
    seen_at: datetime
    repair_at: datetime | None
    repair_by: str | None
    closed_at: datetime | None


def view(row: Known) -> DifferenceView:
    """A difference as it is shown."""
    return DifferenceView.model_validate({name: getattr(row, name) for name in DifferenceView.model_fields})


def state(tx: Tx, *, comparing: bool, error: str | None, asks_portal: bool) -> ReconciliationState:
    """How it stands."""
    last = tx.scalars(select(Comparison).order_by(Comparison.id.desc()).limit(1)).first()
    counts = _counts(tx)
    return ReconciliationState(
        last=None if last is None else _comparison(last),
        comparing=comparing,
        error=error,
        portal="extents" if asks_portal else "acknowledged",
        open=sum(_by(counts, FOUND).values()),
        repairing=sum(_by(counts, REPAIRING).values()),
        open_by_kind=_by(counts, FOUND),
        dossiers=counts.get(DOSSIERS, 0),
        dossiers_by_side=_by(counts, DOSSIERS),
    )


def _counts(tx: Tx) -> dict[str, int]:
    """What there is of, and how many (`commands.counts`)."""
    return {row.what: row.number for row in tx.scalars(select(DifferenceCount)) if row.number}


def _by(counts: dict[str, int], what: str) -> dict[str, int]:
    return {
        name.removeprefix(f"{what}."): number for name, number in counts.items() if name.startswith(f"{what}.")
    }


def compared(tx: Tx) -> datetime | None:
    """When all dossiers had last been compared."""
    return tx.scalar(select(Comparison.finished_at).order_by(Comparison.id.desc()).limit(1))


def known_by_kind(tx: Tx) -> dict[str, int]:
    """Differences that are open or being repaired."""
    counts = _counts(tx)
    return dict(Counter(_by(counts, FOUND)) + Counter(_by(counts, REPAIRING)))


def _comparison(row: Comparison) -> ComparisonView:
    values = {name: getattr(row, name) for name in ComparisonView.model_fields if name != "seconds"}
    seconds = round((row.finished_at - row.started_at).total_seconds(), 3)
    return ComparisonView.model_validate({**values, "seconds": seconds})


def differences(
    tx: Tx, state: State | None, code: str | None, cursor: str | None, limit: int
) -> Page[DifferenceView]:
    """Differences, of one state or dossier if that is given. Those that are no more: the newest first."""
    closed = state in (REPAIRED, GONE)
    statement = select(Known).limit(limit + 1)
    if state is not None:
        statement = statement.where(Known.state == state)
    if code is not None:
        statement = statement.where(Known.code == code)
    if closed:
        statement = statement.order_by(Known.closed_at.desc(), Known.id.desc())
        if cursor is not None:
            at, id = _place(cursor)
            place = tuple_(Known.closed_at, Known.id)
            statement = statement.where(place < tuple_(literal(at, UtcDateTime), id))
    else:
        statement = statement.order_by(Known.id)
        if cursor is not None:
            statement = statement.where(Known.id > Cursor.decode(cursor, (str,))[0])
    rows = list(tx.scalars(statement))
    following = None
    if len(rows) > limit:
        last = rows[limit - 1]
        following = Cursor.encode([to_micros(last.closed_at), last.id] if last.closed_at and closed else [last.id])
    return Page(items=[view(row) for row in rows[:limit]], next_cursor=following)


def _place(cursor: str) -> tuple[datetime, str]:
    micros, id = Cursor.decode(cursor, (int, str))
    return Cursor.instant(micros), id
