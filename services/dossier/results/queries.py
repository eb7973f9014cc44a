"""Reads of results: one, those of an owner or a dossier, what a procedure need not ask for, how often reused."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, literal, or_, select, tuple_

from contracts.catalogue.plans import plan_of
from contracts.catalogue.result_kinds import Label, ResultKind
from contracts.problems import NOT_FOUND, Problem
from contracts.results import ResultState
from contracts.results.views import (
    JwkSet,
    Offer,
    ResultLine,
    ResultLookupEntry,
    ResultView,
    ReuseCount,
    ReuseCounts,
    Verification,
)
from contracts.times import vn_date
from services.bus.kit.columns import UtcDateTime, to_micros
from services.bus.kit.paging import Cursor, Page
from services.bus.kit.tx import Tx
from services.dossier.queries.dossiers import find as find_dossier
from services.dossier.results import views
from services.dossier.results.models import IssuedResult, ResultHolder, ResultKey, ResultLookup, ResultReuse
from services.dossier.results.verify import NotVerifiedError, verify


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which of an owner's results: of a kind, with a national code (MaKetQua), only those that hold."""

    kind: str | None = None
    code: str | None = None
    valid_only: bool = False


def find_result(tx: Tx, result_id: str, field: str = "path.id") -> IssuedResult:
    """The row of the result with this id. Raises NOT_FOUND."""
    row = tx.find(IssuedResult, result_id)
    if row is None:
        raise Problem(NOT_FOUND, field=field, what="electronic result", id=result_id)
    return row


def find_by_code(tx: Tx, code: str) -> IssuedResult:
    """The result with this verification code. Raises NOT_FOUND."""
    result_id = tx.scalar(select(IssuedResult.id).where(IssuedResult.verification_code == code))
    if result_id is None:
        raise Problem(NOT_FOUND, field="path.code", what="electronic result", id=code)
    return find_result(tx, result_id)


def result(result_id: str, now: datetime) -> Callable[[Tx], ResultView]:
    return lambda tx: views.whole(find_result(tx, result_id), now)


def of_dossier(code: str, now: datetime) -> Callable[[Tx], list[ResultLine]]:
    """What a dossier left, in the order it was issued. Raises NOT_FOUND."""

    def query(tx: Tx) -> list[ResultLine]:
        find_dossier(tx, code)
        ids = tx.scalars(
            select(IssuedResult.id).where(IssuedResult.dossier_code == code).order_by(IssuedResult.id)
        )
        return [views.line(row, now) for row in _rows(tx, list(ids))]

    return query


def of_owner(
    tx: Tx, owner: str, wanted: Wanted, *, now: datetime, cursor: str | None, limit: int
) -> Page[ResultLine]:
    """One page of what lies in somebody's store, newest first."""
    statement = (
        select(IssuedResult.id, IssuedResult.issued_at)
        .join(ResultHolder, ResultHolder.result_id == IssuedResult.id)
        .where(ResultHolder.holder_id == owner)
        .order_by(IssuedResult.issued_at.desc(), IssuedResult.id.desc())
        .limit(limit + 1)
    )
    if wanted.kind is not None:
        statement = statement.where(IssuedResult.kind == wanted.kind)
    if wanted.code is not None:
        statement = statement.where(IssuedResult.code == wanted.code)
    if wanted.valid_only:
        statement = statement.where(*_holds(now))
    if cursor is not None:
        at, last_id = _place(cursor)
        place = tuple_(IssuedResult.issued_at, IssuedResult.id)
        statement = statement.where(place < tuple_(literal(at, UtcDateTime), last_id))
    found = list(tx.execute(statement))
    shown = found[:limit]
    return Page(
        items=[views.line(row, now) for row in _rows(tx, [id for id, _ in shown])],
        next_cursor=Cursor.encode([to_micros(shown[-1][1]), shown[-1][0]]) if len(found) > limit else None,
    )


def offers(tx: Tx, owner: str, procedure_code: str, *, now: datetime) -> list[Offer]:
    """The papers of a procedure that results of `owner` can stand in for, each with those that hold, newest
    first. Empty where a procedure has no plan: nobody has said which results would do."""
    plan = plan_of(procedure_code)
    components = [each for each in plan.components if each.replaced_by] if plan is not None else []
    kinds = {kind for each in components for kind in each.replaced_by}
    if not kinds:
        return []
    ids = tx.scalars(
        select(IssuedResult.id)
        .join(ResultHolder, ResultHolder.result_id == IssuedResult.id)
        .where(ResultHolder.holder_id == owner, IssuedResult.kind.in_(kinds), *_holds(now))
        .order_by(IssuedResult.issued_at.desc(), IssuedResult.id.desc())
    )
    held = [views.line(row, now) for row in _rows(tx, list(ids))]
    made = []
    for each in components:
        fitting = [line for line in held if line.kind in each.replaced_by and line.state is ResultState.VALID]
        if fitting:
            name = Label(vi=each.name.vi, en=each.name.en)
            made.append(Offer(component=each.code, name=name, required=each.required, results=fitting))
    return made


def about_subjects(tx: Tx, about: ResultKind, subjects: Iterable[str]) -> list[IssuedResult]:
    """The results that one of this kind about these subjects puts an end to, oldest first."""
    wanted = list(subjects)
    if about.replaces is None or not wanted:
        return []
    ids = tx.scalars(
        select(IssuedResult.id)
        .where(
            IssuedResult.subject.in_(wanted),
            IssuedResult.kind.in_(about.replaces.kinds),
            IssuedResult.revoked_at.is_(None),
        )
        .order_by(IssuedResult.id)
    )
    return [row for row in _rows(tx, list(ids)) if row.revoked_at is None]


def verification(code: str, now: datetime) -> Callable[[Tx], Verification]:
    """What anybody is told of a result. Its signature is checked each time: nobody has to trust this table.
    Raises NOT_FOUND."""

    def query(tx: Tx) -> Verification:
        row = find_by_code(tx, code)
        return views.verification(row, now, signature_valid=is_signed(tx, row))

    return query


def is_signed(tx: Tx, row: IssuedResult) -> bool:
    """Whether the document as it is kept has a good signature, and is the one the row stands for."""
    key = tx.find(ResultKey, row.key_id)
    try:
        good = verify(views.document_of(row), {"keys": [key.public_jwk] if key is not None else []}).result
    except NotVerifiedError:
        return False
    told = (good.id, good.verification_code, good.kind, good.number, good.valid_until, good.owner.id)
    return told == (row.id, row.verification_code, row.kind, row.number, row.valid_until, row.owner_id)


def public_keys(tx: Tx) -> JwkSet:
    """Every key that ever signed a result, newest first."""
    rows = tx.execute(select(ResultKey.public_jwk).order_by(ResultKey.created_at.desc(), ResultKey.kid))
    return JwkSet(keys=[jwk for (jwk,) in rows])


def reuse_counts(since: datetime | None, until: datetime | None) -> Callable[[Tx], ReuseCounts]:
    """Reuse by kind of result and procedure, in [since, until)."""
    conditions = []
    if since is not None:
        conditions.append(ResultReuse.at >= since)
    if until is not None:
        conditions.append(ResultReuse.at < until)
    times, dossiers = func.count(), func.count(ResultReuse.dossier_code.distinct())
    group = (ResultReuse.kind, ResultReuse.code, ResultReuse.procedure_code)

    def query(tx: Tx) -> ReuseCounts:
        rows = tx.execute(select(*group, times, dossiers).where(*conditions).group_by(*group).order_by(*group))
        items = [
            ReuseCount(kind=kind, code=code, procedure_code=procedure, times=many, dossiers=distinct)
            for kind, code, procedure, many, distinct in rows
        ]
        all_times, all_dossiers = tx.execute(
            select(times, dossiers).select_from(ResultReuse).where(*conditions)
        ).one()
        return ReuseCounts(times=all_times, dossiers=all_dossiers, items=items)

    return query


def lookups(owner: str, cursor: str | None, limit: int) -> Callable[[Tx], Page[ResultLookupEntry]]:
    """Who looked into somebody's store, newest first."""

    def query(tx: Tx) -> Page[ResultLookupEntry]:
        statement = (
            select(ResultLookup)
            .where(ResultLookup.owner_id == owner)
            .order_by(ResultLookup.at.desc(), ResultLookup.id.desc())
            .limit(limit + 1)
        )
        if cursor is not None:
            at, last_id = _place(cursor)
            older = ResultLookup.at < at
            statement = statement.where(or_(older, (ResultLookup.at == at) & (ResultLookup.id < last_id)))
        rows = list(tx.scalars(statement))
        shown = rows[:limit]
        names = ResultLookupEntry.model_fields
        return Page(
            items=[
                ResultLookupEntry.model_validate({name: getattr(row, name) for name in names}) for row in shown
            ],
            next_cursor=Cursor.encode([to_micros(shown[-1].at), shown[-1].id]) if len(rows) > limit else None,
        )

    return query


def _holds(now: datetime) -> list[Any]:
    today = vn_date(now)
    return [
        IssuedResult.revoked_at.is_(None),
        or_(IssuedResult.valid_until.is_(None), IssuedResult.valid_until >= today),
    ]


def _rows(tx: Tx, ids: Iterable[str]) -> list[IssuedResult]:
    """The rows with these ids, in their order, as this transaction knows them."""
    wanted = list(ids)
    tx.preload(IssuedResult, wanted)
    return [find_result(tx, id) for id in wanted]


def _place(cursor: str) -> tuple[datetime, str]:
    micros, last_id = Cursor.decode(cursor, (int, str))
    return Cursor.instant(micros), last_id
