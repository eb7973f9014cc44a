"""Rows of several dossiers in one call: who goes with whom, who waits how long, and what each is told."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gateway.sync.client import Settled
from gateway.sync.outcomes import Delivered, Exists, Refused, Retry, Trouble, Unknown
from gateway.sync.sharing import LONGEST_WAIT_S, Rows, SharedCalls, Told
from tests.gateway.sync.province import code_of, eventually, history, settings_for, status_event, syncing
from tests.gateway.sync.test_sending import REFUSED, refusing
from tests.gateway.sync.wire import Fault, WirePortal

pytestmark = pytest.mark.anyio

DONE = Delivered()
AWAY = Retry(Trouble.AWAY, "HTTP 503")
FAULTY = Retry(Trouble.FAULTY, "HTTP 500", blames=True)
WRONG = Refused(frozenset(), "-1", "no")


class Calls:
    """Calls that last until they are let go; `answer` says what becomes of the rows of one."""

    def __init__(self, answer: Callable[[list[str]], Settled] = lambda names: DONE) -> None:
        self.made: list[list[str]] = []
        self.answer = answer
        self._gates: list[asyncio.Event] = []

    async def push(self, rows: Rows, traceparent: str | None, on_leave: Told | None) -> Settled:
        names = [row["name"] for row in rows]
        self.made.append(names)
        gate = asyncio.Event()
        self._gates.append(gate)
        await gate.wait()
        return self.answer(names)

    def end(self, number: int) -> None:
        """Answer the call with this number."""
        self._gates[number].set()

    async def end_all(self, *tasks: asyncio.Task[Settled]) -> list[Settled]:
        """Answer everything there is and will be."""
        while not all(task.done() for task in tasks):
            for gate in self._gates:
                gate.set()
            await asyncio.sleep(0.001)
        return [task.result() for task in tasks]


def rows(*names: str) -> list[dict[str, Any]]:
    return [{"name": name} for name in names]


def pushing(shared: SharedCalls, *names: str) -> asyncio.Task[Settled]:
    return asyncio.get_running_loop().create_task(shared.push(rows(*names), None))


async def turns(number: int = 5) -> None:
    for _ in range(number):
        await asyncio.sleep(0)


async def test_rows_that_find_no_call_go_at_once() -> None:
    calls = Calls()
    shared = SharedCalls(calls.push, 10)
    for name in "ab":
        task = pushing(shared, name)
        await turns()
        assert calls.made[-1] == [name]
        assert await calls.end_all(task) == [DONE]


async def test_those_that_wait_for_a_call_go_together() -> None:
    calls = Calls()
    shared = SharedCalls(calls.push, 10)
    tasks = [pushing(shared, "a"), pushing(shared, "b1", "b2"), pushing(shared, "c")]
    await turns()
    assert calls.made == [["a"]]
    calls.end(0)
    await turns()
    assert calls.made == [["a"], ["b1", "b2", "c"]]
    assert await calls.end_all(*tasks) == [DONE] * 3


async def test_nobody_waits_long_for_another_call() -> None:
    calls = Calls()
    shared = SharedCalls(calls.push, 10)
    tasks = [pushing(shared, "a"), pushing(shared, "b"), pushing(shared, "c")]
    await asyncio.sleep(3 * LONGEST_WAIT_S)
    assert calls.made == [["a"], ["b", "c"]]
    tasks.append(pushing(shared, "d"))
    await asyncio.sleep(3 * LONGEST_WAIT_S)
    assert calls.made == [["a"], ["b", "c"], ["d"]]
    assert await calls.end_all(*tasks) == [DONE] * 4


async def test_a_call_carries_no_more_than_it_may() -> None:
    calls = Calls()
    shared = SharedCalls(calls.push, 3)
    names = [["a"], ["b1", "b2"], ["c1", "c2", "c3"], ["d"], ["e"], ["f"], ["g"]]
    tasks = [pushing(shared, *each) for each in names]
    assert await calls.end_all(*tasks) == [DONE] * 7
    assert calls.made == [["a"], ["b1", "b2"], ["c1", "c2", "c3"], ["d", "e", "f"], ["g"]]


async def test_a_portal_that_is_away_is_away_for_all_of_them() -> None:
    calls = Calls(lambda names: AWAY)
    shared = SharedCalls(calls.push, 10)
    tasks = [pushing(shared, name) for name in "abc"]
    assert await calls.end_all(*tasks) == [AWAY] * 3
    assert calls.made == [["a"], ["b", "c"]]


@pytest.mark.parametrize(
    "bad", [FAULTY, WRONG, Unknown(frozenset("b"), "-1", "chưa tồn tại"), Exists(frozenset(), "3", "đã tồn tại")]
)
async def test_whose_rows_are_at_fault_is_found_by_calls_of_their_own(bad: Settled) -> None:
    calls = Calls(lambda names: bad if "b" in names else DONE)
    shared = SharedCalls(calls.push, 10)
    tasks = [pushing(shared, name) for name in "abcd"]
    assert await calls.end_all(*tasks) == [DONE, bad, DONE, DONE]
    assert calls.made[:2] == [["a"], ["b", "c", "d"]]
    assert sorted(calls.made[2:]) == [["b"], ["c"], ["d"]]


async def test_a_call_that_breaks_sends_its_fellows_on_their_own_way() -> None:
    def answer(names: list[str]) -> Settled:
        if names[0] == "b":
            raise RuntimeError("a surprise")
        return DONE

    calls = Calls(answer)
    shared = SharedCalls(calls.push, 10)
    tasks = [pushing(shared, name) for name in "abc"]
    with pytest.raises(RuntimeError):
        await calls.end_all(*tasks)
    assert await calls.end_all(tasks[0], tasks[2]) == [DONE] * 2


@pytest.mark.parametrize("gone", ["a", "b", "c"])
@pytest.mark.parametrize("patience", [0, 1, 2, 3])
async def test_one_that_is_cancelled_holds_nobody_up(gone: str, patience: int) -> None:
    """At any moment: while it leads, while it waits, and when it has just been told to lead."""
    calls = Calls()
    shared = SharedCalls(calls.push, 10)
    tasks = {name: pushing(shared, name) for name in "abc"}
    await turns()
    calls.end(0)
    await turns(patience)
    cancelled = tasks.pop(gone)
    cancelled.cancel()
    await calls.end_all(*tasks.values())
    with contextlib.suppress(asyncio.CancelledError):
        await cancelled
    assert await calls.end_all(pushing(shared, "d")) == [DONE]
    assert calls.made[-1] == ["d"]


# -- at a portal -------------------------------------------------------------------------------------------

MANY = range(1, 31)


def told_of(portal: WirePortal) -> list[list[str]]:
    """The dossiers each call with rows was about."""
    return [
        [row["MaHoSo"] for row in call["data"]]
        for call in portal.calls
        if call["service"] == "CapNhatTienDoHoSoMC"
    ]


async def test_a_busy_portal_is_told_of_several_dossiers_in_a_call(portal: WirePortal, tmp_path: Path) -> None:
    async with syncing(settings_for(portal.url, f"sqlite:///{tmp_path / 'sync.db'}")) as sync:
        await sync.hear(*(event for number in MANY for event in history(code_of(number), 2, 4)))
        await sync.drained()
        calls = told_of(portal)
        assert sum(len(call) for call in calls) == 60
        assert 6 <= len(calls) < 30
        assert max(len(call) for call in calls) <= 10
        assert all(portal.dossiers[code_of(number)].statuses == [2, 4] for number in MANY)
        assert portal.overlaps == 0


async def test_a_portal_that_takes_one_dossier_a_call_gets_that(portal: WirePortal, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'sync.db'}"
    async with syncing(settings_for(portal.url, url, share_rows=False)) as sync:
        await sync.hear(*(event for number in MANY for event in history(code_of(number), 2, 4)))
        await sync.drained()
        assert all(len(set(call)) == 1 for call in told_of(portal))
        assert len(portal.dossiers) == 30


@pytest.mark.parametrize("named", [True, False])
async def test_a_bad_row_hurts_nobody_else(portal: WirePortal, tmp_path: Path, named: bool) -> None:
    bad = code_of(7)
    portal.refuses = refusing(bad, "4")  # type: ignore[assignment]
    portal.names_the_bad = named
    async with syncing(settings_for(portal.url, f"sqlite:///{tmp_path / 'sync.db'}")) as sync:
        await sync.hear(*(event for number in MANY for event in history(code_of(number), 2, 4)))
        await sync.drained()
        assert portal.dossiers[bad].statuses == [2]
        assert all(portal.dossiers[code_of(number)].statuses == [2, 4] for number in MANY if number != 7)
        assert [key for kind, key, _, _ in await sync.announced() if kind == REFUSED] == [bad]


@pytest.mark.parametrize("fault", list(Fault))
async def test_every_fault_costs_a_retry_and_nothing_else(
    portal: WirePortal, tmp_path: Path, fault: Fault
) -> None:
    """Whatever becomes of calls many share, a lost reply among them has no second effect."""
    url = f"sqlite:///{tmp_path / 'sync.db'}"
    async with syncing(settings_for(portal.url, url, read_timeout_s=0.3)) as sync:
        await sync.hear(*(status_event(code_of(number), 1, 2) for number in MANY))
        await sync.drained()
        portal.script.extend([None, fault, fault, None, fault, None, None, fault] * 3)
        await sync.hear(*(status_event(code_of(number), 2, 4) for number in MANY))
        await sync.drained()
        await eventually(lambda: all(portal.dossiers[code_of(number)].statuses == [2, 4] for number in MANY))
        assert REFUSED not in [event[0] for event in await sync.announced()]
