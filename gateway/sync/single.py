"""One dossier alone: DongBoHoSoMC of its newest state, then every row of progress, in order.

A chunk of rows that is refused is sent again row by row, so that the rows before the bad one arrive and the
bad one is known.
"""

from __future__ import annotations

from typing import Final

from contracts.portal import Verb
from gateway.sync.lane import HotLane, HotStep
from gateway.sync.outcomes import Delivered, Exists, Refused, Retry, Trouble, Unknown
from gateway.sync.payloads import chunks
from gateway.sync.sending import Sending, item_of, row_of

MAX_TURNS: Final = 2
"""How often one send may change between create and update; more is no misunderstanding."""


async def send_alone(sending: Sending, lane: HotLane) -> None:
    """Send what waits in a taken lane, and release it."""
    steps = sending.begin(lane)
    if not await _push_dossier(sending, lane, steps):
        return
    shared = not lane.alone
    lane.alone = False
    for chunk in chunks(steps, sending.profile.rows):
        if not await _push_rows(sending, lane, list(chunk), shared=shared):
            return
    sending.lanes.release(lane)


async def _push_dossier(sending: Sending, lane: HotLane, steps: list[HotStep]) -> bool:
    """Create or update the dossier, whichever the portal needs. False: the lane has been dealt with."""
    item, newest = item_of(lane), steps[-1]
    for _ in range(MAX_TURNS + 1):
        outcome = await sending.push_dossiers([item], steps, updating=lane.knows, traceparent=lane.traceparent)
        match outcome:
            case Delivered():
                lane.knows = True
                return True
            case Exists() if not lane.knows:
                lane.knows = True
                continue
            case Unknown() if lane.knows:
                lane.knows = False
                continue
            case Retry():
                sending.failed(lane, newest, Verb.SYNC_DOSSIERS, outcome, item)
            case _:
                refusal = Refused(outcome.codes, outcome.error_code, outcome.reason)
                sending.refused(lane, newest, Verb.SYNC_DOSSIERS, refusal, item)
        return False
    assert not isinstance(outcome, Delivered | Retry)
    refusal = Refused(outcome.codes, outcome.error_code, outcome.reason)
    sending.refused(lane, newest, Verb.SYNC_DOSSIERS, refusal, item)
    return False


async def _push_rows(sending: Sending, lane: HotLane, steps: list[HotStep], *, shared: bool = False) -> bool:
    """Send a chunk of rows. False: the lane has been dealt with."""
    rows = [row_of(lane, step) for step in steps]
    outcome = await sending.push_progress(rows, steps, traceparent=lane.traceparent, shared=shared)
    match outcome:
        case Delivered():
            sending.delivered(lane, steps)
            return True
        case Retry():
            sending.failed(lane, steps[0], Verb.UPDATE_PROGRESS, outcome, rows)
        case Unknown():
            lane.knows = False  # the portal has lost the dossier since: the next try begins with a create
            gone = Retry(Trouble.FAULTY, outcome.reason, blames=True)
            sending.failed(lane, steps[0], Verb.UPDATE_PROGRESS, gone, rows)
        case Exists() | Refused() if len(steps) > 1:
            for step in steps:
                if not await _push_rows(sending, lane, [step]):
                    return False
            return True
        case Exists():
            sending.delivered(lane, steps)  # this very row is there
            return True
        case Refused():
            sending.refused(lane, steps[0], Verb.UPDATE_PROGRESS, outcome, rows)
    return False
