"""What the hub hears on the axis: facts for the indicators, latencies for the ledger, in one commit a page.

The hub only watches, so nobody may pay for its listening: it reads the stream by sequence, a page at a time
(`kit.browsing`), and stores its place in the commit that uses what it read. Nothing it cannot use stops it: that
lies among the dead letters of `NAME`, and the place moves on.

    page ──► prepare (plain JSON) ──► one command: facts, counts, records, place
                  │ cannot be read        │ raises
                  └──────────┬────────────┘
                             └──► the page again, with headers, in halves down to what is to blame: a dead letter
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

import orjson
import structlog
from nats.aio.msg import Msg
from pydantic import ValidationError
from sqlalchemy.exc import InterfaceError, OperationalError

from contracts.envelope import Event
from contracts.problems import Problem
from services.bus.hub.indicators.reactions import COUNTED, FACTS, Changing, Fact, change, on_counted, read
from services.bus.hub.ledger.entries import REFUSED, Entry, entries_in
from services.bus.hub.ledger.models import ReadUpTo
from services.bus.hub.ledger.numbers import Numbers
from services.bus.hub.ledger.recording import move, record_acknowledged
from services.bus.kit import metrics
from services.bus.kit.browsing import StreamPage, sequence_of, stored_at
from services.bus.kit.bus import DUPLICATE_WINDOW_S
from services.bus.kit.clock import Clock
from services.bus.kit.columns import to_micros
from services.bus.kit.consumer import ConsumerSpec
from services.bus.kit.inbox import DEAD, UNREADABLE, Apply, Arrival, bury
from services.bus.kit.statements import Lookup
from services.bus.kit.store import Store
from services.bus.kit.tables import Held
from services.bus.kit.tx import Tx

log = structlog.get_logger(__name__)

NAME: Final = "hub-ear"
"""Under this name the hub's inbox and its dead letters stand in the tables of the axis."""
PLAIN: Final = ("axis.dossier.>", "axis.portal.>")
"""Subjects of which there are many: read without headers."""
SINGLE: Final = ("axis.result.>", "axis.population.identity-checks-recorded")
"""Subjects on which every single event counts."""
SUBJECTS: Final = (*PLAIN, *SINGLE)

_CERTAIN_S: Final = DUPLICATE_WINDOW_S / 2
"""What was over so short a time ago cannot be a repetition the broker let through."""


class Place(NamedTuple):
    """Where a message lies, and when the broker took it."""

    sequence: int
    stored_at: datetime


class Heard(NamedTuple):
    """A message, prepared: what it says of a dossier, what the ledger records, or the event itself if every single
    one counts. `dead` says why it cannot be used."""

    payload: bytes
    place: Place | None = None
    code: str = ""
    version: int = 0
    fact: Fact | None = None
    told: Any = None
    entries: Sequence[Entry] = ()
    counted: Event | None = None
    dead: str | None = None


class Part(NamedTuple):
    """Messages of one pattern of subjects, all there are behind `after` up to `upto`."""

    subjects: str
    after: int
    upto: int
    messages: Sequence[Heard]


def part_of(page: StreamPage, *, headers: bool) -> Part:
    """A page, prepared for `Hear`."""
    return Part(page.subjects, page.after, page.upto, [_heard(each, headers) for each in page.messages])


def _heard(message: Msg, headers: bool) -> Heard:
    return prepared(message.data, Place(sequence_of(message), stored_at(message)) if headers else None)


def prepared(payload: bytes, place: Place | None = None) -> Heard:
    """A message, prepared. Never raises: what does not fit becomes a dead letter."""
    try:
        told = orjson.loads(payload)
        type_, data, version = told["type"], told["data"], told["version"]
        if told["specversion"] != "1.0" or not isinstance(type_, str) or type(version) is not int or version < 1:
            raise ValueError("not an event of the axis")
    except (ValueError, TypeError, LookupError):
        return Heard(payload, place, dead="not a CloudEvents event of the axis")
    try:
        fact = FACTS.get(type_)
        if fact is not None:
            code, what = read(fact, data)
            return Heard(payload, place, code, version, fact, what, entries_in(type_, data))
        if type_ == REFUSED:
            return Heard(payload, place, entries=entries_in(type_, data))
        if type_ in COUNTED:
            return Heard(payload, place, counted=Event.model_validate(told))
    except (ValueError, TypeError, LookupError) as error:
        return Heard(payload, place, dead=f"{type(error).__name__}: {error}")
    return Heard(payload, place)  # says nothing here


class Hear:
    """The command that takes in parts of the stream called `stream`, made at `since`. One that does not begin
    where the hub is, is passed over, so that repeating it changes nothing."""

    def __init__(
        self, parts: Sequence[Part], stream: str, since: datetime, numbers: Numbers, clock: Clock
    ) -> None:
        self._parts = parts
        self._stream = stream
        self._since = since
        self._numbers = numbers
        self._clock = clock

    def __call__(self, tx: Tx) -> None:
        now = self._clock.now()
        places, moved = places_in(tx, self._stream)
        parts = [each for each in self._parts if each.after == places.get(each.subjects, 0)]
        fresh = [each for part in parts for each in part.messages]
        self._change_facts(tx, fresh)
        self._record(tx, [entry for each in fresh for entry in each.entries], moved, now)
        self._count(tx, fresh, now)
        for each in fresh:
            if each.dead is not None:
                _bury(tx, each, each.dead, now)
        for part in parts:
            move(tx, part.subjects, part.upto, {"stream": self._stream, "before": moved}, now)

    def _change_facts(self, tx: Tx, fresh: Sequence[Heard]) -> None:
        changing = Changing(tx, {each.code for each in fresh if each.fact is not None})
        for each in fresh:
            if (fact := each.fact) is not None:
                row = changing.row(each.code)
                if fact.change(row, each.version, each.told):
                    changing.changed(each.code)
        changing.keep()

    def _record(self, tx: Tx, entries: Sequence[Entry], moved: bool, now: datetime) -> None:
        """Whatever is not sure to be new is looked up: also all that a new stream has at first, because relays
        tell it again what the old one did not acknowledge."""
        certain = to_micros(now) - round(_CERTAIN_S * 1_000_000)
        is_new = moved and (now - self._since).total_seconds() < DUPLICATE_WINDOW_S
        record_acknowledged(tx, self._numbers, entries, now, None if is_new else certain)

    def _count(self, tx: Tx, fresh: Sequence[Heard], now: datetime) -> None:
        counted = [_arrival(each, each.counted, now) for each in fresh if each.counted is not None]
        if counted:
            inbox = Apply(NAME, on_counted, counted, self._clock)
            inbox.receipts = False  # nobody waits for the hub
            inbox(tx)


def _arrival(heard: Heard, event: Event, now: datetime) -> Arrival:
    return Arrival(event, heard.payload, now if heard.place is None else heard.place.stored_at, now)


def _bury(tx: Tx, heard: Heard, reason: str, now: datetime) -> None:
    """Keep what cannot be used, so that nothing is lost, and stop nobody."""
    metrics.record_consumed(NAME, "dead")
    try:
        event = Event.model_validate_json(heard.payload)
    except ValidationError:
        letter = Held(
            consumer=NAME,
            key=f"{UNREADABLE}{heard.place.sequence if heard.place else 0}",
            version=1,
            state=DEAD,
            reason=reason[:2000],
            attempts=1,
            held_at=now,
            published_at=heard.place.stored_at if heard.place else now,
            payload=heard.payload,
        )
        tx.merge(letter)
    else:
        bury(tx, NAME, _arrival(heard, event, now), reason, 1, now, receipt=False)


def spec(numbers: Numbers, clock: Clock) -> ConsumerSpec:
    """As whom operators know the hub's ear: what a retried dead letter does."""

    def react(tx: Tx, event: Event) -> None:
        fact = FACTS.get(event.type)
        if fact is not None:
            code, told = read(fact, event.data)
            change(tx, code, lambda row: fact.change(row, event.version, told))
        record_acknowledged(tx, numbers, entries_in(event.type, event.data), clock.now())
        on_counted(tx, event)

    return ConsumerSpec(NAME, SUBJECTS, react, in_order=False)


def places_in(tx: Tx, stream: str) -> tuple[dict[str, int], bool]:
    """How far each pattern of subjects has been heard in this very stream, and whether there was another before
    it."""
    tx.run_later()
    rows = tx.look_up(_PLACES, SUBJECTS)
    places = {subjects: sequence for subjects, sequence, told in rows if told.get("stream") == stream}
    return places, any(told.get("before") or told.get("stream") != stream for *_, told in rows)


_PLACES: Final = Lookup(ReadUpTo.__table__, "process", columns=("process", "receipt", "standing"))

Command = Callable[[Sequence[Part]], Hear]


async def blame(part: Part, store: Store, command: Command) -> None:
    """Commit the messages of a part, which have their places: one that fails is halved until it is clear what is
    to blame. Raises what comes of a store that is busy or away."""
    try:
        await store.write(command([part]))
    except (Problem, OperationalError, InterfaceError):
        raise  # not the event's fault: come again
    except Exception as error:
        if len(part.messages) == 1:
            reason = f"{type(error).__name__}: {error}"
            log.error("hearing.dead-letter", sequence=part.upto, reason=type(error).__name__)
            dead = Heard(part.messages[0].payload, part.messages[0].place, dead=reason)
            await store.write(command([part._replace(messages=[dead])]))
            return
        for half in halves(part):
            await blame(half, store, command)


def halves(part: Part) -> tuple[Part, Part]:
    """The earlier messages and the later ones."""
    middle = len(part.messages) // 2
    last = part.messages[middle - 1].place
    assert last is not None
    earlier = Part(part.subjects, part.after, last.sequence, part.messages[:middle])
    return earlier, Part(part.subjects, last.sequence, part.upto, part.messages[middle:])
