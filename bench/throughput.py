"""`truc bench sync --rate max`: how many statuses a second the whole mesh carries, and what each costs.

Two numbers, because they are two questions:

    while accepting   officers act as fast as the portal acknowledges: at most WINDOW statuses are under way.
                      Accepted and acknowledged counts over the time from the first action to the last
                      acknowledgement; dossier, sync, portal and the generator share the cores.
    after an outage   a backlog of one status for each of many dossiers (nothing to gather), built while the
                      portal was away, over the time from its return to the last acknowledgement.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import orjson

from bench.dossiers import CLIENTS, LIFE, Acknowledgements, act, hops, life, take_in
from bench.floor import floor
from bench.load import Connection, Load, drive, get, run
from bench.mesh import Mesh, cpu_note, folder, mesh
from bench.report import Figure

BOUNDS = {"strict": 300, "batch": 1_200}
WINDOW = 1_000
LOOK_EVERY_S = 0.1
MARGIN = 1.5
"""How many more statuses are prepared than the bound needs: a run must end by the clock, not for want of work."""
OUTAGE_S = 3_600

Say = Callable[[str], None]


@dataclass(frozen=True)
class Result:
    """One profile's numbers. `cpu` says what a status cost while accepting."""

    profile: str
    accepting: float
    draining: float
    floor: float
    cpu: str

    def figures(self) -> list[Figure]:
        bound = BOUNDS[self.profile]
        return [
            Figure(f"{self.profile}, {what}", value, "statuses/s", self.floor, bound, "at least")
            for what, value in (("while accepting", self.accepting), ("after an outage", self.draining))
        ]

    def notes(self) -> list[str]:
        return [f"{self.profile}: {self.cpu}"]


def measure(profile: str, seconds: float, say: Say, *, probe: Callable[[Mesh], None] | None = None) -> Result:
    """Both numbers for one profile, and the floor's, each over about `seconds`. `probe` is called when the
    load is about to begin: for a profiler to be attached."""
    bound = BOUNDS[profile]
    with folder() as place, floor(place) as bare, mesh(place / "data", [f"TRUC_SYNC_PROFILE={profile}"]) as ours:
        say(f"{profile}: the mesh is ready; taking in dossiers.")
        codes = take_in(ours, round(bound * seconds * MARGIN / len(LIFE)))
        say("The floor.")
        beside = bare.per_second(min(seconds, 10.0))
        if probe is not None:
            probe(ours)
        say(f"{profile}: accepting.")
        accepting, cpu = _accepting(ours, codes, seconds)
        say(f"{profile}: building a backlog while the portal is away.")
        draining = _draining(ours, round(bound * seconds / len(LIFE)))
        return Result(profile, accepting, draining, beside, cpu)


def _accepting(ours: Mesh, codes: list[str], seconds: float) -> tuple[float, str]:
    acknowledgements = Acknowledgements(ours)
    before, began = ours.cpu_seconds(), time.perf_counter()
    load = run(_in_step(ours, life(codes, ours.token), seconds))
    load.require(200)
    count = len(load.latencies)
    acknowledgements.wait(count)
    took = time.perf_counter() - began
    return count / took, cpu_note(before, ours.cpu_seconds(), count)


def _draining(ours: Mesh, backlog: int) -> float:
    codes = take_in(ours, backlog)
    acknowledgements = Acknowledgements(ours)
    with ours.client("portal") as portal:
        outage = {"outage": {"for_seconds": OUTAGE_S, "manner": "503"}}
        portal.put("/v1/faults", json=outage).raise_for_status()
        run(drive(ours.port("dossier"), (act(code, LIFE[0], ours.token) for code in codes), CLIENTS)).require(200)
        _wait_backlog(ours, backlog)
        portal.delete("/v1/faults").raise_for_status()
        returned = time.time()
    acknowledgements.wait(backlog)
    return backlog / (max(each.acknowledged_at for each in hops(ours, codes)) - returned)


def _wait_backlog(ours: Mesh, backlog: int) -> None:
    """Until sync holds all of it: what follows must be the way to the portal alone."""
    with ours.client("sync") as sync:
        while sync.get("/v1/status").raise_for_status().json()["backlog"] < backlog:
            time.sleep(LOOK_EVERY_S)


async def _in_step(ours: Mesh, requests: Iterator[bytes], seconds: float) -> Load:
    """Send requests as fast as they are answered, but never more than WINDOW ahead of the portal."""
    gate = _Gate()
    watch = asyncio.create_task(gate.watch(ours))
    load = Load()
    started = time.perf_counter()

    async def client() -> None:
        connection = await Connection.open(ours.port("dossier"))
        for request in requests:
            await gate.enter()
            began = time.perf_counter()
            if began - started >= seconds:
                break
            status, _ = await connection.ask(request)
            load.note(status, time.perf_counter() - began)
        connection.close()

    clients = [asyncio.create_task(client()) for _ in range(CLIENTS)]
    try:
        await asyncio.gather(*clients)
    finally:
        watch.cancel()
        load.seconds = time.perf_counter() - started
    return load


class _Gate:
    """Open while fewer than WINDOW statuses are between acceptance and acknowledgement."""

    def __init__(self) -> None:
        self._entered = 0
        self._acknowledged = 0
        self._moved = asyncio.Event()

    async def enter(self) -> None:
        while self._entered - self._acknowledged >= WINDOW:
            self._moved.clear()
            await self._moved.wait()
        self._entered += 1

    async def watch(self, ours: Mesh) -> None:
        connection = await Connection.open(ours.port("sync"))
        before: int | None = None
        while True:
            _, body = await connection.ask(get("/v1/status", ours.token))
            count = int(orjson.loads(body)["acknowledged"])
            before = count if before is None else before
            self._acknowledged = count - before
            self._moved.set()
            await asyncio.sleep(LOOK_EVERY_S)
