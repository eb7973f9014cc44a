"""Entries: one event on one link, read from a receipt or from what sync says of the portal. Pure functions.

Times are microseconds since 1970, null where nobody knows them. An entry is a plain tuple, because there are
thousands of them a second: its link, then the columns of a record (`COLUMNS`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from contracts.events.portal import StatusAcknowledged, StatusRefused
from services.bus.hub.ledger.names import link_of, portal_link
from services.bus.kit.columns import to_micros
from services.bus.kit.receipts import APPLIED, DEAD, micros

COLUMNS: Final = (
    "code", "version", "outcome", "end_us", "committed_us", "publish", "broker", "lane", "errors", "call",
    "attempts", "trouble", "agency", "procedure",
)  # fmt: skip
"""`end_us` is when it was applied, acknowledged or given up. The hops are named in `names.HOPS`; the last two are
only told on the way to the portal."""
HOPS_TO_CONSUMER: Final = 3
"""How many of the hops there are on a link within the province."""

Entry = tuple[Any, ...]

ACKNOWLEDGED: Final = StatusAcknowledged.cloudevents_type()
REFUSED: Final = StatusRefused.cloudevents_type()
_TO_PORTAL: Final = portal_link()


def between(earlier: int | None, later: int | None) -> int | None:
    return None if earlier is None or later is None else later - earlier


def entries_of(receipts: Iterable[dict[str, Any]]) -> list[Entry]:
    """The entries of receipts as `GET /v1/axis/receipts` gives them."""
    found: list[Entry] = []
    for receipt in receipts:
        end = to_micros(datetime.fromisoformat(receipt["at"]))
        consumer = receipt["consumer"]
        kinds = [
            (link_of(source, type_, consumer), agency, procedure)
            for source, type_, procedure, agency in receipt["kinds"]
        ]
        for place, version, outcome, committed, published, received, code in receipt["events"]:
            link, agency, procedure = kinds[place]
            publish = None if committed is None or published is None else published - committed
            broker = None if published is None or received is None else received - published
            lane = None if received is None else end - received
            found.append(
                (link, code, version, outcome, end, committed, publish, broker, lane, None, None, 1, None,
                 agency, procedure)
            )  # fmt: skip
    return found


def entries_in(type_: str, data: Mapping[str, Any]) -> list[Entry]:
    """The entries of an event of the axis, if it is one that tells of the portal. Raises pydantic's
    ValidationError if its data do not fit."""
    if type_ == ACKNOWLEDGED:
        return entries_of_acknowledged(data)
    if type_ == REFUSED:
        return [entry_of_refused(StatusRefused.model_validate(data))]
    return []


def entries_of_acknowledged(told: Mapping[str, Any]) -> list[Entry]:
    """One entry for each step the portal acknowledged, from the data of a `portal.status-acknowledged`. Data of a
    form of their own are read as the contract says: raises pydantic's ValidationError if they do not fit it."""
    try:
        return _acknowledged(told)
    except (LookupError, TypeError, ValueError, AttributeError):
        return _acknowledged(StatusAcknowledged.model_validate(told).model_dump(mode="json"))


def _acknowledged(told: Mapping[str, Any]) -> list[Entry]:
    code, agency, procedure = told["code"], told["receiving_agency"], told["procedure_code"]
    found: list[Entry] = []
    for step in told["steps"]:
        end = to_micros(datetime.fromisoformat(step["acknowledged_at"]))
        committed, published, received = (_micros(step[name]) for name in _BEFORE)
        sent = _micros(step["sent_at"])
        first_sent = _micros(step["first_sent_at"]) or sent
        found.append(
            (_TO_PORTAL, code, step["version"], APPLIED, end, committed, between(committed, published),
             between(published, received), between(received, first_sent), between(first_sent, sent),
             between(sent, end), step["attempts"], step["trouble"], agency, procedure)
        )  # fmt: skip
    return found


_BEFORE: Final = ("committed_at", "published_at", "received_at")


def _micros(written: str | None) -> int | None:
    return None if written is None else micros(datetime.fromisoformat(written))


def entry_of_refused(told: StatusRefused) -> Entry:
    """The portal refused it: a dead letter on the link of the verb that was refused."""
    return (
        portal_link(told.verb), told.code, told.step_version, DEAD, to_micros(told.at), None, None, None, None,
        None, None, told.attempts, told.error_code[:20], None, None,
    )  # fmt: skip
