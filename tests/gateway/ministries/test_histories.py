"""Random histories of a desk: tasks, personas, outages, cancellations and time in any order."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from contracts.envelope import Event
from contracts.tasks import System
from gateway.ministries.commands.personas import set_persona
from gateway.ministries.commands.turns import give
from gateway.ministries.desks import StandIn
from gateway.ministries.models import Task, Turn, metadata
from gateway.ministries.personas import Outage, Persona
from gateway.ministries.queries.due import due_turns
from services.bus.kit.clock import FixedClock
from services.bus.kit.engines import writer_engine
from services.bus.kit.tables import KitBase, Outbox
from services.bus.kit.tx import Tx
from tests.gateway.ministries.office import NOW, TRANSFER, cancelled, requested, resumed

TAX = "tax.assess"
rates = st.sampled_from([0.0, 0.0, 0.5, 1.0])
moods = st.builds(
    Persona,
    seed=st.integers(0, 20),
    manual=st.sampled_from([False, False, False, True]),
    latency=st.builds(dict, seconds=st.sampled_from([0, 5, 60])),
    refusal_rate=rates,
    supplement_rate=rates,
    lie_rate=rates,
    forget_rate=st.sampled_from([0.0, 0.0, 0.2]),
    twice_rate=rates,
    twice_after_seconds=st.sampled_from([0, 30]),
    correct_rate=rates,
    outage=st.sampled_from([None, None, Outage(for_seconds=100)]),
)
steps = st.one_of(
    st.tuples(st.just("request"), st.integers(0, 3)),
    st.tuples(st.just("supply"), st.integers(0, 3)),
    st.tuples(st.just("cancel"), st.integers(0, 3)),
    st.tuples(st.just("wait"), st.sampled_from([1, 10, 90])),
    st.tuples(st.just("mood"), moods),
)


class World:
    """One desk on a database of its own."""

    def __init__(self, folder: str) -> None:
        self.engine = writer_engine(f"sqlite:///{Path(folder) / 'm.db'}")
        for each in (KitBase.metadata, metadata):
            each.create_all(self.engine)
        self.clock = FixedClock(NOW)
        self.desk = StandIn(System.TAX, self.clock, seed=7)
        self.told: dict[str, int] = {}
        self.silent_since: dict[str, int] = {}

    def close(self) -> None:
        self.engine.dispose()

    def write(self, command: Callable[[Tx], Any]) -> Any:
        with Tx(self.engine, source="/truc/ministries") as tx:
            result = command(tx)
            tx.run_later()
            tx.commit()
        return result

    def hear(self, event: Event) -> None:
        self.write(lambda tx: self.desk.react(tx, event))

    def next_version(self, task: str) -> int:
        self.told[task] = self.told.get(task, 0) + 1
        return self.told[task]

    def give_due(self) -> None:
        while True:
            due, _ = self.write(lambda tx: due_turns(tx, (System.TAX,), self.clock.now(), most=10))
            for turn in due:
                self.write(partial(give, desks={"tax": self.desk}, turn_id=turn, now=self.clock.now()))
            if not due:
                return

    def said(self, task: str) -> list[dict[str, Any]]:
        payloads = self.write(lambda tx: list(tx.scalars(select(Outbox.payload).order_by(Outbox.id))))
        events = [orjson.loads(each) for each in payloads]
        return [each for each in events if each["data"]["task_id"] == task]

    def state(self, task: str) -> str | None:
        return self.write(lambda tx: None if (row := tx.find(Task, task)) is None else row.state)  # type: ignore[no-any-return]

    def take(self, what: str, of: Any) -> None:
        task = f"t-{of}"
        if what == "mood":
            now = self.clock.now()
            self.write(lambda tx: set_persona(tx, System.TAX, None, of, expected=None, by="me", now=now))
        elif what == "wait":
            self.clock.advance(timedelta(seconds=of))
        elif what == "request" and self.state(task) in (None, "refused", "cancelled"):
            self.silent_since.pop(task, None)
            self.hear(requested(task, TAX, self.next_version(task), earlier=TRANSFER))
        elif what == "supply" and self.waits_for(task) is not None:
            supplied = self.waits_for(task) or ""
            paid = 25_000_000 if supplied == "payment" else 0
            self.hear(resumed(task, TAX, self.next_version(task), supplied, paid))
        elif what == "cancel" and self.state(task) == "open":
            self.hear(cancelled(task, TAX, self.next_version(task)))
            self.silent_since[task] = len(self.said(task))
        self.give_due()

    def waits_for(self, task: str) -> str | None:
        said = self.said(task)
        if self.state(task) != "open" or not said:
            return None
        return {"needs_payment": "payment", "needs_supplement": "supplement"}.get(
            said[-1]["data"]["answer"]["kind"]
        )


@settings(max_examples=50)
@given(st.lists(steps, max_size=25))
def test_whatever_happens_versions_count_up_and_nothing_is_left(history: list[tuple[str, Any]]) -> None:
    with tempfile.TemporaryDirectory() as folder, closing(World(folder)) as world:
        for what, of in history:
            world.take(what, of)
        world.take("mood", Persona())  # everything is held no longer
        for _ in range(3):
            world.take("wait", 90)
        for task in (f"t-{n}" for n in range(4)):
            said = world.said(task)
            assert [each["version"] for each in said] == list(range(1, len(said) + 1))
            if task in world.silent_since:
                assert len(said) == world.silent_since[task]
            check_course([each["data"]["answer"]["kind"] for each in said])
        left = world.write(lambda tx: list(tx.scalars(select(Turn.id).where(Turn.state == "waiting"))))
        assert left == []


def check_course(kinds: list[str]) -> None:
    """After a completion nothing but the same again or a correction; after a refusal that, or a new round."""
    for before, after in itertools.pairwise(kinds):
        if before == "completed":
            assert after == "completed"
        if before == "refused":
            assert after in ("refused", "accepted")
