"""Changes of a parcel (biến động): judged, then registered at once, or pending until the tax is settled.

    file ──► pending ──► confirm ──► registered        a change that needs a tax notice
      │         └──────► give up ──► given up
      └──► registered                                  every other change

While a change is pending the right is locked: another one is refused with the change that is in the way. The rules
are asked again at the confirmation, because the land may have come under a block meanwhile.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from pydantic import TypeAdapter

from contracts.events.land import LandChangeRegistered
from contracts.land import AnyChange, ChangeKind, ChangeState, RegisteredChange
from contracts.problems import CHANGE_CLOSED, NOT_FOUND, Problem
from contracts.times import vn_date
from services.bus.kit.api import check_version
from services.bus.kit.ids import new_id
from services.bus.kit.tx import Tx
from services.registry.land.commands import numbering
from services.registry.land.commands.book import Book, Outcome, told_holders
from services.registry.land.commands.effects import EFFECTS
from services.registry.land.commands.rows import locked_parcel
from services.registry.land.models import Change, Parcel
from services.registry.land.queries.changes import parcels_of
from services.registry.land.queries.situation import gather, live_rights
from services.registry.land.rules import Situation, Verdict, judge, needs_tax_notice

ANY_CHANGE: Final[TypeAdapter[Any]] = TypeAdapter(AnyChange)


@dataclass(frozen=True, slots=True)
class TaxSettled:
    """How the financial obligation was settled: the notice, what was paid, or why nothing was due."""

    notice: str = ""
    amount_vnd: int = 0
    exempt: bool = False
    reason: str = ""

    def document(self) -> dict[str, Any]:
        return {
            "notice": self.notice,
            "amount_vnd": self.amount_vnd,
            "exempt": self.exempt,
            "reason": self.reason,
        }


def change_not_found(change_id: str) -> Problem:
    """The refusal for an id no change bears."""
    return Problem(NOT_FOUND, what="land change", id=change_id)


def file(
    tx: Tx,
    key: str,
    asked: Any,
    *,
    expected: int | None = None,
    settled: TaxSettled | None = None,
    dossier: str | None = None,
    now: datetime,
) -> RegisteredChange:
    """File a change; with `settled` it is registered whatever its kind.

    Raises NOT_FOUND, STALE_VERSION, CHANGE_PENDING, LAND_RULES_BROKEN; all before anything is touched.
    """
    parcel, verdict = judged(tx, key, asked, expected=expected, now=now)
    row = Change(
        id=new_id(),
        number=None,
        parcel_key=key,
        kind=asked.kind,
        state=ChangeState.PENDING.value,
        effective_on=asked.effective_on,
        requested_at=now,
        registered_at=None,
        closed_because=None,
        dossier=dossier or asked.dossier,
        request=asked.model_dump(mode="json"),
        effects={},
        warnings=[each.rule.id for each in verdict.warnings],
    )
    tx.add(row)
    book = Book(tx, row.id, now)
    book.note_sources(asked.documents)
    if needs_tax_notice(asked.kind) and settled is None:
        book.note_parcels({key: "same"})
        return answer_of(row, parcel, (key,), Outcome())
    return _register(book, row, parcel, verdict.situation, settled)


def confirm(
    tx: Tx, change_id: str, settled: TaxSettled, *, expected: int | None = None, now: datetime
) -> RegisteredChange:
    """Register a pending change. Raises NOT_FOUND, CHANGE_CLOSED, STALE_VERSION, LAND_RULES_BROKEN."""
    row, parcel = _pending(tx, change_id)
    check_version(expected, parcel.version)
    asked = ANY_CHANGE.validate_python(row.request)
    situation = gather(tx, parcel, asked, today=vn_date(now), but=row.id)
    verdict = judge(row.kind, situation)
    verdict.refuse()
    row.warnings = [each.rule.id for each in verdict.warnings]
    return _register(Book(tx, row.id, now), row, parcel, situation, settled)


def give_up(tx: Tx, change_id: str, reason: str) -> RegisteredChange:
    """Unlock the right without a change. Raises NOT_FOUND, CHANGE_CLOSED."""
    row, parcel = _pending(tx, change_id)
    row.state, row.closed_because, row.registered_at = ChangeState.GIVEN_UP.value, reason, None
    return answer_of(row, parcel, (parcel.key,), Outcome())


def judged(tx: Tx, key: str, asked: Any, *, expected: int | None = None, now: datetime) -> tuple[Parcel, Verdict]:
    """The parcel, locked, and what the rules say if they let the change through; raises what `file` raises."""
    parcel = locked_parcel(tx, key, getattr(asked, "others", ()))
    check_version(expected, parcel.version)
    verdict = judge(asked.kind, gather(tx, parcel, asked, today=vn_date(now)))
    verdict.refuse()
    return parcel, verdict


def _pending(tx: Tx, change_id: str) -> tuple[Change, Parcel]:
    row = tx.find(Change, change_id)
    if row is None:
        raise change_not_found(change_id)
    parcel = locked_parcel(tx, row.parcel_key)
    tx.refresh(row)
    if row.state != ChangeState.PENDING:
        raise Problem(CHANGE_CLOSED, change=change_id, state=row.state)
    return row, parcel


def _register(
    book: Book, row: Change, parcel: Parcel, situation: Situation, settled: TaxSettled | None
) -> RegisteredChange:
    number = numbering.change_number(book.tx, book.today.year)
    outcome = EFFECTS[ChangeKind(row.kind)](book, parcel, situation, number)
    tax = {"tax": settled.document()} if settled is not None else {}
    row.state, row.number, row.registered_at = ChangeState.REGISTERED.value, number, book.now
    row.effects = {**outcome.effects, **tax}
    before = [one.parcel for one in situation.together]
    roles = dict.fromkeys(before, "before" if outcome.became else "same") | dict.fromkeys(outcome.became, "after")
    noted = set(parcels_of(book.tx, row.id))
    book.note_parcels({key: role for key, role in roles.items() if key not in noted})
    for key in before:
        _announce(book, row, key, outcome)
    return answer_of(row, parcel, tuple(roles), outcome)


def _announce(book: Book, row: Change, key: str, outcome: Outcome) -> None:
    parcel = book.tx.find(Parcel, key)
    assert parcel is not None
    rights = live_rights(book.tx, key)
    told = LandChangeRegistered(
        parcel_key=key,
        change_id=row.id,
        number=row.number or "",
        kind=row.kind,
        effective_on=row.effective_on,
        holders=told_holders(rights[0][1]) if rights else (),
        became=outcome.became,
        dossier_code=row.dossier,
        at=book.now,
    )
    book.announce(parcel, told)


def answer_of(row: Change, parcel: Parcel, parcels: tuple[str, ...], outcome: Outcome) -> RegisteredChange:
    """What the caller is told."""
    return RegisteredChange(
        id=row.id,
        number=row.number,
        state=ChangeState(row.state),
        kind=ChangeKind(row.kind),
        parcel_key=parcel.key,
        version=parcel.version,
        parcels=list(parcels),
        certificates=outcome.certificates,
        restriction=outcome.restriction,
        warnings=row.warnings,
    )
