"""Asking the broker how far every durable consumer is, and when the oldest thing it has not acknowledged was made.

One request for all consumers; for one that is behind, the oldest message itself, from behind its last
acknowledgement on. Only what the envelope says of it is looked at.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from nats.js import JetStreamContext, api
from nats.js.errors import NotFoundError

from contracts.envelope import Event
from services.bus.hub.ledger.names import LinkName, common_pattern, link_of, subject_of
from services.bus.hub.ledger.standing import ConsumerState
from services.bus.kit.bus import STREAM, SUBJECTS

PAGE = 256


async def consumers(js: JetStreamContext, known: Iterable[LinkName]) -> dict[str, ConsumerState]:
    """Every durable consumer of the axis. `known` are links that exist: types are looked for one by one."""
    links = list(known)
    found: dict[str, ConsumerState] = {}
    offset = 0
    while True:
        page = await js.consumers_info(STREAM, offset)
        for info in page:
            if info.config.durable_name:
                found[info.name] = await _state(js, info, [each for each in links if each.consumer == info.name])
        offset += len(page)
        if len(page) < PAGE:
            return found


async def _state(js: JetStreamContext, info: api.ConsumerInfo, links: list[LinkName]) -> ConsumerState:
    subjects = tuple(info.config.filter_subjects or [info.config.filter_subject or SUBJECTS])
    backlog = (info.num_pending or 0) + (info.num_ack_pending or 0)
    oldest: dict[LinkName, datetime] = {}
    if backlog:
        start = (info.ack_floor.stream_seq if info.ack_floor is not None else 0) + 1
        for pattern in _patterns(subjects, links):
            message = await _first(js, start, pattern)
            if message is not None:
                event, at = message
                link = link_of(event.source, event.type, info.name)
                oldest[link] = min(at, oldest.get(link, at))
    return ConsumerState(info.name, subjects, backlog, info.num_redelivered or 0, oldest)


def _patterns(subjects: Iterable[str], links: Iterable[LinkName]) -> list[str]:
    """What to look for: everything the consumer hears, and each type it is known to hear."""
    wanted = dict.fromkeys(subjects)
    for link in links:
        for subject in subjects:
            pattern = common_pattern(subject_of(link.type), subject)
            if pattern is not None:
                wanted[pattern] = None
    return list(wanted)


async def _first(js: JetStreamContext, start: int, pattern: str) -> tuple[Event, datetime] | None:
    """The first message from `start` on that fits, and when it was made: by its own account, else the broker's."""
    try:
        message = await js.get_msg(STREAM, seq=start, subject=pattern, direct=True, next=True)
    except NotFoundError:
        return None
    try:
        event = Event.model_validate_json(message.data or b"")
    except ValueError:
        return None
    at = event.time if event.time.tzinfo is not None else message.time
    return (event, at) if at is not None else None
