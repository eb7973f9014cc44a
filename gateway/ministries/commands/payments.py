"""Marking entries of a payment list as paid."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from contracts.problems import PAYMENT_MADE, VALIDATION, FieldError, Problem, Text
from gateway.ministries.models import Payment
from gateway.ministries.payments import ListKey
from gateway.ministries.queries.payments import NOT_YET, payment_list
from gateway.ministries.schemas import PaymentList
from services.bus.kit.tx import Tx

UNKNOWN_ENTRY = Text("Danh sách không có dòng {entry}", "The list has no entry {entry}")
NAMED_TWICE = Text("Dòng {entry} được nêu hai lần", "The entry {entry} is named twice")


def mark_paid(
    tx: Tx, seed: int, key: ListKey, entries: Sequence[str], *, method: str, by: str, now: datetime
) -> PaymentList:
    """Mark all of these as paid, or none. Raises Problem VALIDATION, PAYMENT_MADE."""
    states = {each.id: each.state for each in payment_list(tx, seed, key, now).entries}
    wrong = []
    for place, entry in enumerate(entries):
        field = f"body.entries[{place}]"
        if entry not in states:
            wrong.append(FieldError(field, "payment_list.entry_unknown", UNKNOWN_ENTRY, {"entry": entry}))
        elif entry in entries[:place]:
            wrong.append(FieldError(field, "payment_list.entry_twice", NAMED_TWICE, {"entry": entry}))
    if wrong:
        raise Problem(VALIDATION, errors=wrong[:50], count=len(wrong))
    for place, entry in enumerate(entries):
        if states[entry] != NOT_YET:
            raise Problem(PAYMENT_MADE, field=f"body.entries[{place}]", entry=entry, list=str(key))
    for entry in entries:
        tx.insert(Payment, id=f"{key}/{entry}", list_id=str(key), method=method, paid_at=now, noted_by=by)
    return payment_list(tx, seed, key, now)
