"""Asking the broker how far every durable consumer is, and when the oldest thing it has not acknowledged was made.

One request for all consumers; for one that is behind, the oldest message itself, from behind its last
acknowledgement on. Only what the envelope says of it is looked at.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

import orjson
from nats.js import JetStreamContext
from nats.js.errors import NotFoundError

from services.bus.hub.ledger.names import LinkName, common_pattern, link_of, subject_of
from services.bus.hub.ledger.standing import ConsumerState
from services.bus.kit.bus import STREAM, SUBJECTS, Bus

_LIST: Final = f"$JS.API.CONSUMER.LIST.{STREAM}"


async def consumers(bus: Bus, known: Iterable[LinkName]) -> dict[str, ConsumerState]:
    """Every durable consumer of the axis. `known` are links that exist: types are looked for one by one.

    The list is read as it comes: making the client's objects of it takes ten times as long, once a second.
    """
    links = list(known)
    found: dict[str, ConsumerState] = {}
    total = 1
    offset = 0
    while offset < total:
        answer = await bus.nc.request(_LIST, orjson.dumps({"offset": offset}), timeout=5)
        page = orjson.loads(answer.data)
        if "error" in page:
            raise ConnectionError(page["error"].get("description", "the broker refuses to list consumers"))
        for told in page["consumers"]:
            if told["config"].get("durable_name"):
                name = told["name"]
                found[name] = await _state(bus.js, told, [each for each in links if each.consumer == name])
        total, offset = page["total"], offset + max(len(page["consumers"]), 1)
    return found


async def _state(js: JetStreamContext, told: dict[str, Any], links: list[LinkName]) -> ConsumerState:
    config = told["config"]
    subjects = tuple(config.get("filter_subjects") or [config.get("filter_subject") or SUBJECTS])
    backlog = told.get("num_pending", 0) + told.get("num_ack_pending", 0)
    oldest: dict[LinkName, datetime] = {}
    if backlog:
        start = told["ack_floor"]["stream_seq"] + 1
        for pattern in _patterns(subjects, links):
            message = await _first(js, start, pattern)
            if message is not None:
                source, type_, at = message
                link = link_of(source, type_, told["name"])
                oldest[link] = min(at, oldest.get(link, at))
    return ConsumerState(told["name"], subjects, backlog, told.get("num_redelivered", 0), oldest)


def _patterns(subjects: Iterable[str], links: Iterable[LinkName]) -> list[str]:
    """What to look for: everything the consumer hears, and each type it is known to hear."""
    wanted = dict.fromkeys(subjects)
    for link in links:
        for subject in subjects:
            pattern = common_pattern(subject_of(link.type), subject)
            if pattern is not None:
                wanted[pattern] = None
    return list(wanted)


async def _first(js: JetStreamContext, start: int, pattern: str) -> tuple[str, str, datetime] | None:
    """The first message from `start` on that fits: its source, its type, and when it was made, by its own account
    if that has a time zone, else the broker's."""
    try:
        message = await js.get_msg(STREAM, seq=start, subject=pattern, direct=True, next=True)
    except NotFoundError:
        return None
    try:
        told = orjson.loads(message.data or b"")
        source, type_, at = told["source"], told["type"], datetime.fromisoformat(told["time"])
    except (ValueError, TypeError, LookupError):
        return None
    moment = at if at.tzinfo is not None else message.time
    return (source, type_, moment) if moment is not None else None
