"""What an operator sees: lanes, the way of each step, dead letters, how the whole does."""

from __future__ import annotations

from datetime import datetime
from itertools import chain
from typing import Any, Final, Literal

from pydantic import BaseModel
from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import undefer

from contracts.problems import NOT_FOUND, Problem
from contracts.status import DossierStatus
from gateway.sync.models import IS_PARKED, LETTER_STATES, OPEN, PARKED, WAITS, DeadLetter, Lane, Step
from gateway.sync.payloads import wire_time
from services.bus.kit.columns import from_micros, to_micros
from services.bus.kit.paging import Cursor, Page
from services.bus.kit.tx import Tx

LaneState = Literal["ok", "waiting", "parked"]
"""ok: the portal holds everything; waiting: not yet; parked: behind a dead letter."""

StepState = Literal["waiting", "acknowledged", "discarded"]


class LaneView(BaseModel):
    """One dossier's lane. `waiting_since`: when the oldest status the portal lacks was committed."""

    code: str
    state: LaneState
    newest_version: int
    acknowledged_version: int
    portal_knows: bool
    waiting_since: datetime | None
    reason: str | None


class StepView(BaseModel):
    """One status on its way. `portal_time` is its ThoiDiemXuLy (yyyyMMddHHmmss in Vietnam)."""

    version: int
    status: int
    status_name: str
    state: StepState
    portal_time: str
    committed_at: datetime
    published_at: datetime | None
    received_at: datetime
    sent_at: datetime | None
    acknowledged_at: datetime | None
    latency_ms: float | None
    attempts: int


class LaneDetail(LaneView):
    """A lane with every step and its times."""

    steps: list[StepView]


class LetterView(BaseModel):
    """A call the portal refused. `key` and `number`: dossier and step, or reference and request."""

    id: str
    key: str
    number: int
    status: int | None
    verb: str
    error_code: str
    reason: str
    attempts: int
    at: datetime
    state: str
    closed_at: datetime | None
    closed_by: str | None
    why: str | None


class LetterDetail(LetterView):
    """With what was sent; personal data masked."""

    payload: Any


def lanes(tx: Tx, state: LaneState | None, cursor: str | None, limit: int) -> Page[LaneView]:
    """Lanes by code; those that wait by how long they have waited."""
    statement = select(Lane)
    if state == "waiting":
        return _waiting_lanes(tx, statement, cursor, limit)
    if state == "parked":
        statement = statement.where(IS_PARKED)
    elif state == "ok":
        statement = statement.where(Lane.state != PARKED, Lane.waiting_since.is_(None))
    if cursor is not None:
        statement = statement.where(Lane.code > Cursor.decode(cursor, (str,))[0])
    rows = list(tx.scalars(statement.order_by(Lane.code).limit(limit + 1)))
    return Page(
        items=[_lane(row) for row in rows[:limit]],
        next_cursor=Cursor.encode([rows[limit - 1].code]) if len(rows) > limit else None,
    )


def _waiting_lanes(tx: Tx, statement: Select[Any], cursor: str | None, limit: int) -> Page[LaneView]:
    statement = statement.where(WAITS)
    if cursor is not None:
        micros, code = Cursor.decode(cursor, (int, str))
        since = from_micros(micros)
        statement = statement.where(
            or_(Lane.waiting_since > since, and_(Lane.waiting_since == since, Lane.code > code))
        )
    rows = list(tx.scalars(statement.order_by(Lane.waiting_since, Lane.code).limit(limit + 1)))
    last = rows[limit - 1] if len(rows) > limit else None
    oldest = None if last is None else last.waiting_since
    return Page(
        items=[_lane(row) for row in rows[:limit]],
        next_cursor=None if last is None or oldest is None else Cursor.encode([to_micros(oldest), last.code]),
    )


def lane(tx: Tx, code: str) -> LaneDetail:
    """A lane and its steps; Problem NOT_FOUND if sync has never heard of the dossier."""
    row = tx.get(Lane, code)
    if row is None:
        raise Problem(NOT_FOUND, field="path.code", what="lane", id=code)
    steps = tx.scalars(select(Step).where(Step.code == code).order_by(Step.version))
    return LaneDetail(**_lane(row).model_dump(), steps=[_step(step) for step in steps])


def _lane(row: Lane) -> LaneView:
    state: LaneState = "ok" if row.waiting_since is None else "waiting"
    return LaneView(
        code=row.code,
        state="parked" if row.state == PARKED else state,
        newest_version=row.newest_version,
        acknowledged_version=row.acknowledged_version,
        portal_knows=row.portal_knows,
        waiting_since=row.waiting_since,
        reason=row.reason,
    )


def _step(row: Step) -> StepView:
    state: StepState = "waiting" if row.acknowledged_at is None else "acknowledged"
    latency = None
    if row.acknowledged_at is not None:
        latency = round((row.acknowledged_at - row.committed_at).total_seconds() * 1000, 3)
    return StepView(
        version=row.version,
        status=row.status,
        status_name=DossierStatus(row.status).text.vi,
        state="discarded" if row.discarded_at is not None else state,
        portal_time=wire_time(row.wire_second),
        committed_at=row.committed_at,
        published_at=row.published_at,
        received_at=row.received_at,
        sent_at=row.sent_at,
        acknowledged_at=row.acknowledged_at,
        latency_ms=latency,
        attempts=row.attempts,
    )


def letters(
    tx: Tx,
    state: str | None,
    key: str | None,
    cursor: str | None,
    limit: int,
    *,
    verb: str | None = None,
    error_code: str | None = None,
) -> Page[LetterView]:
    """Dead letters, newest first; however many there are, a page is read from an index."""
    after = None if cursor is None else Cursor.decode(cursor, (str,))[0]
    same = [(DeadLetter.verb, verb), (DeadLetter.error_code, error_code)]
    wanted = [(column, value) for column, value in same if value is not None]
    if key is not None:  # a dossier has few: nothing else may lead the search
        others = [*wanted, *([(DeadLetter.state, state)] if state is not None else [])]
        rows = _letters(
            tx,
            after,
            limit,
            DeadLetter.key == key,
            *(func.coalesce(column, "") == value for column, value in others),
        )
    elif state is None and not wanted:
        rows = _letters(tx, after, limit)
    else:  # each state has its index
        states = LETTER_STATES if state is None else (state,)
        narrow = [column == value for column, value in wanted]
        parts = (_letters(tx, after, limit, DeadLetter.state == each, *narrow) for each in states)
        rows = sorted(chain.from_iterable(parts), key=lambda row: row.id, reverse=True)
    return Page(
        items=[letter_view(row) for row in rows[:limit]],
        next_cursor=Cursor.encode([rows[limit - 1].id]) if len(rows) > limit else None,
    )


def _letters(tx: Tx, after: str | None, limit: int, *conditions: ColumnElement[bool]) -> list[DeadLetter]:
    statement = select(DeadLetter).where(*conditions).order_by(DeadLetter.id.desc()).limit(limit + 1)
    if after is not None:
        statement = statement.where(DeadLetter.id < after)
    return list(tx.scalars(statement))


def letter(tx: Tx, id: str) -> LetterDetail:
    """One dead letter with what was sent; Problem NOT_FOUND."""
    row = tx.get(DeadLetter, id, options=[undefer(DeadLetter.payload)])
    if row is None:
        raise Problem(NOT_FOUND, field="path.id", what="dead letter", id=id)
    return LetterDetail(**letter_view(row).model_dump(), payload=masked(row.payload))


def letter_view(row: DeadLetter) -> LetterView:
    """A letter without its payload."""
    return LetterView(**{name: getattr(row, name) for name in LetterView.model_fields})


_OPEN_TO_SEE = frozenset(
    {"MaHoSo", "MaTTHC", "KenhThucHien", "LoaiDoiTuong", "LoaiDinhDanh", "TrangThaiHoSo", "HinhThuc"}
    | {"NgayNopHoSo", "NgayTiepNhan", "NgayHenTra", "NgayKetThucXuLy", "NgayTra", "NgayTuChoi"}
    | {"DonViXuLy", "NoiNopHoSo", "MaCSDL", "Gia", "MaPhiLePhi"}
    | {"ThoiDiemXuLy", "TrangThai", "PhongBanXuLy", "NgayKetThucTheoQuyDinh"}
    | {"MaThamChieu", "SoYeuCau", "LoaiYeuCau", "ThoiDiemGui", "MaCoQuan"}
)


def masked(payload: Any, name: str | None = None) -> Any:
    """The payload with every value that may be personal replaced by its length."""
    if isinstance(payload, dict):
        return {key: masked(value, key) for key, value in payload.items()}
    if isinstance(payload, list):
        return [masked(each, name) for each in payload]
    if not isinstance(payload, str) or name in _OPEN_TO_SEE:
        return payload
    return f"*** ({len(payload)})"


NEWEST_LETTERS: Final = 20_000


def open_letters(tx: Tx) -> int:
    """How many dead letters nobody has dealt with, among the newest."""
    newest = select(DeadLetter.state).order_by(DeadLetter.id.desc()).limit(NEWEST_LETTERS).subquery()
    return tx.scalar(select(func.count()).select_from(newest).where(newest.c.state == OPEN)) or 0


MOST_LATE: Final = 10_000


def late(tx: Tx, before: datetime) -> int:
    """How many statuses committed before then the portal lacks, parked ones aside; ten thousand at most."""
    rows = (
        select(Step.version)
        .join(Lane, Lane.code == Step.code)
        .where(
            WAITS,
            Lane.waiting_since < before,
            Step.version > Lane.acknowledged_version,
            Step.committed_at < before,
            Step.discarded_at.is_(None),
        )
        .limit(MOST_LATE)
    )
    return tx.scalar(select(func.count()).select_from(rows.subquery())) or 0


def oldest_waiting(tx: Tx) -> datetime | None:
    """When the oldest status the portal lacks was committed, parked ones aside."""
    return tx.scalar(select(func.min(Lane.waiting_since)).where(WAITS))
