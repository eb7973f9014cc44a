"""Citizens' requests: each becomes one event, however often the portal gives it; and declines get told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from contracts.envelope import EventData
from contracts.portal import Verb
from gateway.sync.models import OPEN, REFUSED, SENT, CitizenRequest, DeadLetter, Decline
from services.bus.kit.ids import new_id
from services.bus.kit.outbox import emit
from services.bus.kit.tx import Tx


@dataclass(frozen=True, slots=True)
class TakenRequest:
    """A request as it was polled. `event` is what it becomes; without one it could not be read, and `reason`
    says why."""

    reference: str
    number: int
    kind: str
    event: EventData | None
    reason: str
    payload: Any


def take_requests(tx: Tx, requests: Sequence[TakenRequest], *, now: datetime) -> list[TakenRequest]:
    """Keep those that are new and announce them, in the order of each reference. Returns the new ones.

    The event's version counts up by one per reference, so it is the request's running number unless an
    earlier request could not be read.
    """
    new = []
    for request in sorted(requests, key=lambda each: (each.reference, each.number)):
        if tx.find(CitizenRequest, (request.reference, request.number)) is not None:
            continue
        new.append(request)
        version = None
        if request.event is None:
            tx.append(DeadLetter, _letter(request, now))
        else:
            version = _next_version(tx, request.reference)
            emit(tx, request.event, key=request.reference, version=version, at=now)
        tx.add(
            CitizenRequest(
                reference=request.reference,
                number=request.number,
                kind=request.kind,
                version=version,
                taken_at=now,
            )
        )
    return new


def _next_version(tx: Tx, reference: str) -> int:
    last = tx.scalar(select(func.max(CitizenRequest.version)).where(CitizenRequest.reference == reference))
    return (last or 0) + 1


def _letter(request: TakenRequest, now: datetime) -> dict[str, Any]:
    return {
        "id": new_id(),
        "key": request.reference,
        "number": request.number,
        "status": None,
        "verb": Verb.POLL_REQUESTS.value,
        "error_code": "unreadable",
        "reason": request.reason,
        "payload": request.payload,
        "attempts": 1,
        "at": now,
        "state": OPEN,
    }


def decline_told(tx: Tx, reference: str, request: int, *, attempts: int, now: datetime) -> None:
    """The portal knows that this request was declined."""
    decline = tx.find(Decline, (reference, request))
    if decline is not None:
        decline.state, decline.sent_at, decline.attempts = SENT, now, attempts


def decline_refused(
    tx: Tx, reference: str, request: int, *, error_code: str, reason: str, attempts: int, now: datetime
) -> None:
    """The portal will not hear of it: a dead letter, and nothing is sent again by itself."""
    decline = tx.find(Decline, (reference, request))
    if decline is None:
        return
    decline.state, decline.attempts = REFUSED, attempts
    tx.append(
        DeadLetter,
        {
            "id": new_id(),
            "key": reference,
            "number": request,
            "status": None,
            "verb": Verb.DECLINE_REQUESTS.value,
            "error_code": error_code[:40],
            "reason": reason,
            "payload": {"MaThamChieu": reference, "SoYeuCau": str(request), "LyDo": decline.reason},
            "attempts": attempts,
            "at": now,
            "state": OPEN,
        },
    )
