"""Many dossiers together: one call with the creates, one with the updates, then the rows of all, each
dossier's in order and never a later one before its earlier ones are acknowledged.

    refused, and the portal names whom   the named get calls of their own, the rest goes together again
    refused, and it names nobody         all of that call get calls of their own
    no answer                            all of that call pause

So one bad dossier costs the others at most a repetition.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import Any

from contracts.portal import Verb
from gateway.sync.client import Settled
from gateway.sync.lane import HotLane, HotStep
from gateway.sync.outcomes import Delivered, Exists, Refused, Retry, Unknown
from gateway.sync.payloads import chunks
from gateway.sync.sending import Sending, item_of, row_of
from gateway.sync.single import send_alone


@dataclass(frozen=True, slots=True)
class _Plan:
    """A lane, what this send is about, and its payload."""

    lane: HotLane
    steps: list[HotStep]
    item: dict[str, Any]


async def send_together(sending: Sending, lanes: list[HotLane]) -> None:
    """Send what waits in taken lanes, and release each of them."""
    alone = [lane for lane in lanes if lane.alone or len(lanes) == 1]
    together = [_Plan(lane, sending.begin(lane), item_of(lane)) for lane in lanes if lane not in alone]
    creates = [plan for plan in together if not plan.lane.knows]
    updates = [plan for plan in together if plan.lane.knows]
    created = await _push_dossiers(sending, creates, updating=False)
    updated = await _push_dossiers(sending, updates, updating=True)
    await _push_rows(sending, created + updated)
    for lane in alone:
        await send_alone(sending, lane)


async def _push_dossiers(sending: Sending, plans: list[_Plan], *, updating: bool) -> list[_Plan]:
    """One call. Those that may go on to their rows; the others have been dealt with."""
    if not plans:
        return []
    items = [plan.item for plan in plans]
    trace = plans[0].lane.traceparent
    steps = [step for plan in plans for step in plan.steps]
    outcome = await sending.push_dossiers(items, steps, updating=updating, traceparent=trace)
    match outcome:
        case Delivered():
            for plan in plans:
                plan.lane.knows = True
            return plans
        case Retry():
            for plan in plans:
                sending.failed(plan.lane, plan.steps[-1], Verb.SYNC_DOSSIERS, outcome, plan.item)
        case _:
            _sort_out(sending, [plan.lane for plan in plans], outcome, updating=updating)
    return []


def _sort_out(sending: Sending, lanes: list[HotLane], outcome: Settled, *, updating: bool) -> None:
    """A call about many was refused as a whole: who is named is dealt with alone, who is not goes again."""
    assert isinstance(outcome, Exists | Unknown | Refused)
    named = outcome.codes.intersection(lane.code for lane in lanes)
    for lane in lanes:
        if lane.code in named and isinstance(outcome, Exists) and not updating:
            lane.knows = True
        elif lane.code in named or not named:
            lane.alone = True
        sending.lanes.release(lane)


async def _push_rows(sending: Sending, plans: list[_Plan]) -> None:
    """The rows of all, chunk after chunk. A lane that had a row in a call that failed is out of the rest."""
    queue = [(plan.lane, step) for plan in plans for step in plan.steps]
    out: set[str] = set()
    for chunk in chunks(queue, sending.profile.rows):
        parts = [
            (lane, [step for _, step in part])
            for lane, part in groupby(chunk, key=lambda pair: pair[0])
            if lane.code not in out
        ]
        rows = [row_of(lane, step) for lane, steps in parts for step in steps]
        if not rows:
            continue
        sent = [step for _, steps in parts for step in steps]
        outcome = await sending.push_progress(rows, sent, traceparent=parts[0][0].traceparent)
        if isinstance(outcome, Delivered):
            for lane, steps in parts:
                sending.delivered(lane, steps)
            continue
        out.update(lane.code for lane, _ in parts)
        for lane, steps in parts:
            if isinstance(outcome, Retry):
                own = [row_of(lane, step) for step in steps]
                sending.failed(lane, steps[0], Verb.UPDATE_PROGRESS, outcome, own)
        if not isinstance(outcome, Retry):
            _sort_out(sending, [lane for lane, _ in parts], outcome, updating=True)
    for plan in plans:
        if plan.lane.code not in out:
            sending.lanes.release(plan.lane)
