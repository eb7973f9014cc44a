"""Entries: one event on one link, read from a receipt or from what sync says of the portal. Pure functions.

Times are microseconds since 1970, null where nobody knows them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from contracts.events.portal import StatusAcknowledged, StatusRefused
from services.bus.hub.ledger.names import LinkName, link_of, portal_link
from services.bus.kit.columns import to_micros
from services.bus.kit.receipts import APPLIED, DEAD, micros


@dataclass(frozen=True, slots=True)
class Entry:
    """What is known of one event on one link. `end` is when it was applied, acknowledged or given up; `first_sent`
    and `sent` are only told on the way to the portal."""

    link: LinkName
    version: int
    outcome: int
    end: int
    committed: int | None
    published: int | None = None
    received: int | None = None
    first_sent: int | None = None
    sent: int | None = None
    code: str | None = None
    agency: str | None = None
    procedure: str | None = None
    attempts: int = 1
    trouble: str | None = None

    @property
    def total(self) -> int | None:
        return between(self.committed, self.end)

    @property
    def hops(self) -> tuple[int | None, int | None, int | None, int | None, int | None]:
        """publish, broker, lane, errors, call; see `names.HOPS`."""
        publish, broker = between(self.committed, self.published), between(self.published, self.received)
        if self.sent is None:
            return publish, broker, between(self.received, self.end), None, None
        lane = between(self.received, self.first_sent)
        return publish, broker, lane, between(self.first_sent, self.sent), between(self.sent, self.end)


HOPS_TO_CONSUMER: Final = 3
"""How many of the hops there are on a link within the province."""


def between(earlier: int | None, later: int | None) -> int | None:
    return None if earlier is None or later is None else later - earlier


def entries_of(receipts: Iterable[dict[str, Any]]) -> Iterator[Entry]:
    """The entries of receipts as `GET /v1/axis/receipts` gives them."""
    for receipt in receipts:
        end = to_micros(datetime.fromisoformat(receipt["at"]))
        consumer = receipt["consumer"]
        kinds = [
            (link_of(source, type_, consumer), procedure, agency)
            for source, type_, procedure, agency in receipt["kinds"]
        ]
        for place, version, outcome, committed, published, received, code in receipt["events"]:
            link, procedure, agency = kinds[place]
            yield Entry(
                link, version, outcome, end, committed, published, received,
                code=code, agency=agency, procedure=procedure,
            )  # fmt: skip


def entries_of_acknowledged(told: StatusAcknowledged) -> Iterator[Entry]:
    """One entry for each step the portal acknowledged."""
    link = portal_link()
    for step in told.steps:
        sent = micros(step.sent_at)
        yield Entry(
            link,
            step.version,
            APPLIED,
            to_micros(step.acknowledged_at),
            micros(step.committed_at),
            micros(step.published_at),
            micros(step.received_at),
            micros(step.first_sent_at) or sent,
            sent,
            code=told.code,
            agency=told.receiving_agency,
            procedure=told.procedure_code,
            attempts=step.attempts,
            trouble=step.trouble,
        )


def entry_of_refused(told: StatusRefused) -> Entry:
    """The portal refused it: a dead letter on the link of the verb that was refused."""
    return Entry(
        portal_link(told.verb),
        told.step_version,
        DEAD,
        to_micros(told.at),
        None,
        code=told.code,
        attempts=told.attempts,
        trouble=told.error_code[:20],
    )
