"""What proves that nothing got lost, repeated or reordered: all that is held, in order of arrival."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import orjson
from sqlalchemy import func, select

from contracts.extents import Extents, ExtentsWanted
from contracts.portal import format_portal_time
from contracts.problems import NOT_FOUND, Problem
from gateway.portal.models import CitizenRequest, Dossier, Refusal, Step, Submission
from gateway.portal.schemas import DossierProof, DossierRow, HeldStep, Lag, Summary
from services.bus.kit.extents import Listing, extents, line
from services.bus.kit.paging import Cursor, Page
from services.bus.kit.tx import Tx

EXPORT_PAGE = 2_000

_ROWS: Final = Listing(
    Step.code, line(Step.code, Step.at, Step.status), (Step.code, Step.arrival), Step.at, alone=False
)
_HEADS: Final = Listing(
    Dossier.code, line(Dossier.code, "=", Dossier.status), (Dossier.code,), Dossier.last_at, heads=True
)


def held(tx: Tx, wanted: ExtentsWanted) -> Extents:
    """Every row of progress and what each dossier shows, as `contracts.extents.WIRE` says. A dossier shows the
    newest status it was told, so `until` asks when its newest row was."""
    until = None if wanted.until is None else format_portal_time(wanted.until)
    return Extents(extents=extents(tx, wanted, _ROWS, _HEADS, until=(until, until)))


def dossier_list(tx: Tx, cursor: str | None, limit: int) -> Page[DossierRow]:
    """Dossiers by code, `limit` a page."""
    query = select(Dossier.code, Dossier.status, Dossier.steps).order_by(Dossier.code).limit(limit + 1)
    if cursor is not None:
        (after,) = Cursor.decode(cursor, (str,))
        query = query.where(Dossier.code > after)
    rows = tx.execute(query).all()
    items = [DossierRow(code=code, status=status, steps=steps) for code, status, steps in rows[:limit]]
    more = len(rows) > limit
    return Page(items=items, next_cursor=Cursor.encode([items[-1].code]) if more else None)


def dossier_proof(tx: Tx, code: str) -> DossierProof:
    """One dossier with its progress rows; Problem NOT_FOUND."""
    dossier = tx.get(Dossier, code)
    if dossier is None:
        raise Problem(NOT_FOUND, what="dossier", id=code)
    steps = tx.scalars(select(Step).where(Step.code == code).order_by(Step.arrival))
    return DossierProof(
        code=code,
        unit=dossier.unit,
        reference=dossier.reference,
        status=dossier.status,
        status_at=dossier.status_at,
        duplicates_ignored=dossier.duplicates_ignored,
        older_ignored=dossier.older_ignored,
        steps=[
            HeldStep(
                arrival=each.arrival,
                at=each.at,
                status=each.status,
                received_at=each.received_at,
                lag_ms=each.lag_ms,
            )
            for each in steps
        ],
    )


def summary(tx: Tx) -> Summary:
    """Counts of everything; the lag is exact, over all rows."""
    by_status: dict[int, int] = {}
    dossiers = duplicates = older = 0
    for status, count, repeated, ignored in tx.execute(
        select(
            Dossier.status,
            func.count(),
            func.sum(Dossier.duplicates_ignored),
            func.sum(Dossier.older_ignored),
        )
        .group_by(Dossier.status)
        .order_by(Dossier.status)
    ):
        by_status[status] = count
        dossiers += count
        duplicates += repeated
        older += ignored
    steps = _count(tx, Step)
    return Summary(
        dossiers=dossiers,
        statuses=steps,
        by_status=by_status,
        duplicates_ignored=duplicates,
        older_ignored=older,
        refused=_count(tx, Refusal),
        submissions=_count(tx, Submission),
        requests_waiting=_count(tx, CitizenRequest, CitizenRequest.acknowledged_at.is_(None)),
        lag_ms=Lag(p50=_lag(tx, steps, 0.50), p95=_lag(tx, steps, 0.95)),
    )


def _count(tx: Tx, model: Any, *conditions: Any) -> int:
    return tx.scalar(select(func.count()).select_from(model).where(*conditions)) or 0


def _lag(tx: Tx, steps: int, share: float) -> int | None:
    """The lag that this share of the rows does not exceed (nearest rank)."""
    if not steps:
        return None
    rank = min(steps - 1, int(steps * share))
    return tx.scalar(select(Step.lag_ms).order_by(Step.lag_ms).offset(rank).limit(1))


def export_page(
    tx: Tx, after: str, below: str | None = None, *, including: bool = False
) -> tuple[bytes, str | None]:
    """The page of the export after a code (`including` it), and its last code (None when there is no more). NDJSON
    lines: {code, status, steps: [[at, status, arrival], ...]}."""
    wanted = select(Dossier.code, Dossier.status).order_by(Dossier.code).limit(EXPORT_PAGE)
    wanted = wanted.where(Dossier.code >= after if including else Dossier.code > after)
    if below is not None:
        wanted = wanted.where(Dossier.code < below)
    heads = tx.execute(wanted).all()
    if not heads:
        return b"", None
    last: str = heads[-1][0]
    rows = tx.execute(
        select(Step.code, Step.at, Step.status, Step.arrival)
        .where(Step.code >= heads[0][0], Step.code <= last)
        .order_by(Step.code, Step.arrival)
    )
    steps: dict[str, list[list[Any]]] = {}
    for code, at, status, arrival in rows:
        steps.setdefault(code, []).append([at, status, arrival])
    return b"".join(_lines(heads, steps)), last if len(heads) == EXPORT_PAGE else None


def _lines(heads: Any, steps: dict[str, list[list[Any]]]) -> Iterator[bytes]:
    for code, status in heads:
        row = {"code": code, "status": status, "steps": steps.get(code, [])}
        yield orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE)
