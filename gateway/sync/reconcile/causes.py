"""Why a side differs, as far as sync can tell; and what is only under way."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select

from gateway.sync.models import PARKED, Lane, Step
from gateway.sync.reconcile.compare import Difference, Kind, Side
from services.bus.kit.inbox import DEAD
from services.bus.kit.statements import MAX_IN
from services.bus.kit.tables import Held, Position
from services.bus.kit.tx import Tx

CONSUMER: Final = "sync-dossiers"
ARRIVES_WITHIN: Final = timedelta(minutes=10)
"""What is in an outbox or at the broker longer than this is not just under way any more."""

NOT_ARRIVED, HELD_BACK, DEAD_LETTER = "not-arrived", "held", "dead-letter"
GIVEN_UP, NOT_ACKNOWLEDGED = "given-up", "not-acknowledged"
REMOVED_AT: Final = {"province": "removed-at-province", "axis": "removed-from-axis", "portal": "removed-at-portal"}
CHANGED: Final = "changed"


@dataclass(frozen=True, slots=True)
class Facts:
    """What sync knows of some dossiers besides their steps: how far its inbox is, what it holds back, which lanes
    are parked, which steps it has acknowledged, and which lanes are behind."""

    inbox: dict[str, int]
    held: dict[tuple[str, int], str]
    parked: frozenset[str]
    behind: frozenset[str]
    acknowledged: frozenset[tuple[str, int]]


def facts(tx: Tx, codes: Collection[str]) -> Facts:
    """Of these dossiers."""
    some = sorted(codes)[:MAX_IN]
    lanes = tx.execute(select(Lane.code, Lane.state, Lane.waiting_since).where(Lane.code.in_(some))).all()
    inbox = select(Position.key, Position.version).where(Position.consumer == CONSUMER, Position.key.in_(some))
    held = select(Held.key, Held.version, Held.state).where(Held.consumer == CONSUMER, Held.key.in_(some))
    steps = select(Step.code, Step.version).where(Step.code.in_(some), Step.acknowledged_at.is_not(None))
    return Facts(
        {row.key: row.version for row in tx.execute(inbox)},
        {(key, version): state for key, version, state in tx.execute(held)},
        frozenset(lane.code for lane in lanes if lane.state == PARKED),
        frozenset(lane.code for lane in lanes if lane.state != PARKED and lane.waiting_since is not None),
        frozenset((code, version) for code, version in tx.execute(steps)),
    )


def cause(difference: Difference, known: Facts) -> str:
    """One of the causes above."""
    code, version = difference.code, difference.version or 0
    if difference.side is Side.AXIS:
        if difference.kind is Kind.EXTRA:
            return REMOVED_AT["province"]
        if difference.kind is not Kind.MISSING:
            return CHANGED
        if known.inbox.get(code, 0) >= version:
            return REMOVED_AT["axis"]
        state = known.held.get((code, version))
        return NOT_ARRIVED if state is None else DEAD_LETTER if state == DEAD else HELD_BACK
    if difference.kind is Kind.MISSING:
        if difference.detail.get("discarded"):
            return GIVEN_UP
        if code in known.parked and (code, version) not in known.acknowledged:
            return DEAD_LETTER
        return REMOVED_AT["portal"] if (code, version) in known.acknowledged else NOT_ACKNOWLEDGED
    return CHANGED


def still(
    found: Iterable[Difference], known: Facts, committed: dict[tuple[str, int], datetime], now: datetime
) -> list[Difference]:
    """What is not explained by something on its way: a lane that is behind, an outbox, the broker, an event
    held back for the one before it. Where the axis lacks a step, it cannot say what the portal has to hold:
    that comes when the axis has it again."""
    kept = []
    for each in found:
        if each.side is Side.PORTAL and each.code in known.behind:
            continue
        if each.side is Side.AXIS and each.kind is Kind.MISSING:
            at = committed.get((each.code, each.version or 0))
            young = at is not None and now - at < ARRIVES_WITHIN
            if young and cause(each, known) in (NOT_ARRIVED, HELD_BACK):
                continue
        kept.append(each)
    skipped = {each.code for each in found} - {each.code for each in kept}
    unsure = {each.code for each in kept if each.side is Side.AXIS and each.kind is Kind.MISSING}
    return [
        each
        for each in kept
        if each.code not in skipped and not (each.side is Side.PORTAL and each.code in unsure)
    ]
