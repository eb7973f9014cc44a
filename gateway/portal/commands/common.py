"""What the province's commands share: bulk look-up for a whole batch, and a refusal that leaves its trace."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import DeclarativeBase

from contracts.portal import Verb
from gateway.portal.models import Refusal
from gateway.portal.replies import Voice, WireReply
from services.bus.kit.ids import new_id
from services.bus.kit.tx import Tx

KEYS_PER_SELECT = 1_000
BRIEF_ITEMS = 10
"""A call with more items than the strict profile sends is no longer brief work."""


@dataclass(frozen=True, slots=True)
class Sender:
    """In whose name a call is made (madonvi), in which voice it is answered, and when it came."""

    unit: str
    voice: Voice
    now: datetime


def preload(tx: Tx, model: type[DeclarativeBase], keys: Iterable[str]) -> None:
    """Look up many rows, in selects of a size every database takes."""
    wanted = list(dict.fromkeys(keys))
    for start in range(0, len(wanted), KEYS_PER_SELECT):
        tx.preload(model, wanted[start : start + KEYS_PER_SELECT])


def refuse(tx: Tx, reply: WireReply, sender: Sender, verb: Verb) -> WireReply:
    """Keep what the caller is told; nothing else of the call may have been done."""
    tx.append(
        Refusal,
        {
            "id": new_id(),
            "at": sender.now,
            "unit": sender.unit,
            "verb": verb.value,
            "error_code": str(reply.error_code),
            "message": reply.message[:4000],
        },
    )
    return reply
