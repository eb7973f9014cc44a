"""Mortgage and its deletion (thế chấp, xóa thế chấp)."""

from __future__ import annotations

from contracts.land import RestrictionKind
from services.registry.land.commands.book import Book, Outcome
from services.registry.land.models import Parcel, Restriction
from services.registry.land.rules import Situation


def mortgage(book: Book, parcel: Parcel, now: Situation, number: str) -> Outcome:
    """Enter the mortgage."""
    asked = now.asked
    kind = RestrictionKind.MORTGAGE.value
    restriction_id = book.restrict(
        parcel.key,
        kind,
        holder=asked.mortgagee.name,
        holder_key=asked.mortgagee.key,
        document_number=asked.contract_number,
        document_date=asked.effective_on,
        amount_vnd=asked.amount_vnd,
        allows_disposal=asked.allows_disposal,
        note=asked.note,
    )
    book.announce_restriction(parcel, (restriction_id, kind), number, live=True)
    return Outcome(restriction=restriction_id, effects={"restriction": restriction_id})


def delete(book: Book, parcel: Parcel, now: Situation, number: str) -> Outcome:
    """End the mortgage."""
    row = book.tx.find(Restriction, now.asked.mortgage)
    assert row is not None
    book.end([row])
    book.announce_restriction(parcel, (row.id, row.kind), number, live=False)
    return Outcome(restriction=row.id, effects={"ended": row.id})
