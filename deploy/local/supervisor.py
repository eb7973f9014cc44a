"""Keeps programs running: starts them, waits until they are ready, starts again what dies, stops them.

    starting -> running -> (dies) restarting -> starting -> ...          any -> stopped

A program that dies before it has ever been ready makes the whole start fail: that is a mistake to be shown,
not to be retried. Knows programs and addresses only, nothing of services or brokers. Use it from the main
thread: the kernel ties the children's lives to the thread that started them (see `child`).
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import httpx

from deploy.local.errors import RunnerError
from deploy.local.logs import last_lines, open_log
from deploy.local.raising import CHILD_PROGRAM, Nursery, Running
from deploy.local.state import ProcessPhase, created_at

LINE_WIDTH = 400
LINES_OF_A_DEATH = 6


@dataclass(frozen=True, slots=True)
class Launch:
    """One program to run. It is ready when `ready_url` answers 200; all it writes goes to `log`. `module`: the
    Python module it is, if the nursery may raise it instead of running `argv`."""

    name: str
    argv: tuple[str, ...]
    env: Mapping[str, str]
    port: int
    url: str
    ready_url: str
    log: Path
    role: str = ""
    module: str | None = None


@dataclass(frozen=True, slots=True)
class Timing:
    """Deadlines and pauses, in seconds.

    A process that lived `settled` or longer starts again without a pause.
    """

    ready_deadline: float = 60.0
    stop_deadline: float = 12.0
    probe_every: float = 0.05
    probe_timeout: float = 2.0
    first_backoff: float = 0.2
    longest_backoff: float = 10.0
    settled: float = 30.0


@dataclass(slots=True)
class Child:
    """A launch and what has become of it."""

    launch: Launch
    process: Running
    created: float | None
    started_at: datetime
    log_offset: int
    phase: ProcessPhase = "starting"
    restarts: int = 0
    keeper: asyncio.Task[None] | None = field(default=None, repr=False)

    def last_words(self) -> list[str]:
        return last_lines(self.launch.log, since=self.log_offset)


class Supervisor:
    """Runs launches.

    `report` gets a line for the person watching, `on_change` is called after each change.
    """

    def __init__(
        self,
        *,
        report: Callable[[str], None],
        on_change: Callable[[], None] = lambda: None,
        timing: Timing | None = None,
        nursery: Nursery | None = None,
    ) -> None:
        self._nursery = nursery
        self._waves: list[list[Child]] = []
        self._report = report
        self._on_change = on_change
        self._timing = timing or Timing()
        self._hurry = asyncio.Event()
        self._http = httpx.AsyncClient(timeout=self._timing.probe_timeout, trust_env=False)

    @property
    def children(self) -> list[Child]:
        """In the order in which they were started."""
        return [child for wave in self._waves for child in wave]

    async def start(self, launches: Sequence[Launch]) -> None:
        """Start these together and return when each is ready.

        Raises RunnerError naming the process, its log and its last lines when one dies first or is not
        ready in time; call `stop` then (it is always safe).
        """
        wave: list[Child] = []
        self._waves.append(wave)
        for launch in launches:
            wave.append(await self._spawn(launch))
            self._on_change()
        waits = [asyncio.create_task(self._first_ready(child)) for child in wave]
        try:
            await asyncio.gather(*waits)
        finally:
            for wait in waits:
                wait.cancel()
            await asyncio.gather(*waits, return_exceptions=True)
        for child in wave:
            child.keeper = asyncio.create_task(self._keep(child), name=f"keep {child.launch.name}")

    async def stop(self) -> None:
        """Stop all, what was started last first: SIGTERM, and SIGKILL for what outlives the deadline."""
        for child in self.children:
            if child.keeper is not None:
                child.keeper.cancel()
        for wave in reversed(self._waves):
            for child in reversed(wave):
                _send(child, signal.SIGTERM)
            await asyncio.gather(*(self._end(child) for child in wave))
        if self._nursery is not None:
            await self._nursery.close()
        await self._http.aclose()

    def hurry(self) -> None:
        """Do not wait for the deadline: kill what is still running."""
        self._hurry.set()

    async def _first_ready(self, child: Child) -> None:
        name, began = child.launch.name, asyncio.get_running_loop().time()
        ready = asyncio.ensure_future(self._until_ready(child))
        died = asyncio.ensure_future(child.process.wait())
        try:
            await asyncio.wait(
                {ready, died}, timeout=self._timing.ready_deadline, return_when=asyncio.FIRST_COMPLETED
            )
            if ready.done():
                child.phase = "running"
                self._on_change()
                self._report(f"{name} is ready ({asyncio.get_running_loop().time() - began:.1f} s).")
                return
            raise RunnerError(self._start_failure(child, died.done()), details=child.last_words())
        finally:
            ready.cancel()
            died.cancel()

    def _start_failure(self, child: Child, died: bool) -> str:
        launch = child.launch
        if died:
            ending = _ending(child.process.returncode)
            return f"{launch.name} {ending} while it was starting. Its log: {launch.log}"
        return (
            f"{launch.name} was not ready at {launch.ready_url} within {self._timing.ready_deadline:.0f} s. "
            f"Its log: {launch.log}"
        )

    async def _until_ready(self, child: Child) -> None:
        while not await is_ready(self._http, child.launch.ready_url):
            await asyncio.sleep(self._timing.probe_every)  # another process: nothing to be woken by

    async def _keep(self, child: Child) -> None:
        """Start the program again each time it ends, with a growing pause if it keeps ending early."""
        early_deaths = 0
        while True:
            await self._watch(child)
            lived = (datetime.now(UTC) - child.started_at).total_seconds()
            early_deaths = 0 if lived >= self._timing.settled else early_deaths + 1
            pause = self._backoff(early_deaths)
            child.phase = "restarting"
            child.restarts += 1
            self._on_change()
            self._tell_death(child, pause)
            await asyncio.sleep(pause)
            await self._respawn(child)

    async def _watch(self, child: Child) -> None:
        """Return when the program has ended; note on the way that it became ready (again)."""
        died = asyncio.ensure_future(child.process.wait())
        ready = asyncio.ensure_future(self._until_ready(child))
        try:
            await asyncio.wait({died, ready}, return_when=asyncio.FIRST_COMPLETED)
            if ready.done() and not died.done():
                if child.phase != "running":
                    child.phase = "running"
                    self._on_change()
                    self._report(f"{child.launch.name} is ready again.")
                await died
        finally:
            died.cancel()
            ready.cancel()

    async def _respawn(self, child: Child) -> None:
        while True:
            try:
                fresh = await self._spawn(child.launch)
                break
            except OSError as error:  # no memory, no disk: it may pass
                self._report(f"{child.launch.name} cannot be started now: {error}. Trying again.")
                await asyncio.sleep(self._timing.longest_backoff)
        child.process, child.created = fresh.process, fresh.created
        child.started_at, child.log_offset = fresh.started_at, fresh.log_offset
        child.phase = "starting"
        self._on_change()

    async def _spawn(self, launch: Launch) -> Child:
        log, offset = open_log(launch.log, launch.name)
        process: Running
        with log:
            if launch.module is not None and self._nursery is not None:
                process = await self._nursery.bear(launch.module, launch.env, launch.log)
            else:
                process = await asyncio.create_subprocess_exec(
                    *(sys.executable, "-I", "-S", str(CHILD_PROGRAM), str(os.getpid()), *launch.argv),
                    env=dict(launch.env),
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    process_group=0,  # Ctrl-C reaches the supervisor alone, which then stops the rest in order
                )
        return Child(launch, process, created_at(process.pid), datetime.now(UTC), offset)

    def _backoff(self, early_deaths: int) -> float:
        if early_deaths == 0:
            return 0.0
        return float(min(self._timing.first_backoff * 2 ** (early_deaths - 1), self._timing.longest_backoff))

    def _tell_death(self, child: Child, pause: float) -> None:
        words = "".join(f"\n    {line[:LINE_WIDTH]}" for line in child.last_words()[-LINES_OF_A_DEATH:])
        self._report(
            f"{child.launch.name} {_ending(child.process.returncode)}; starting it again in {pause:.1f} s "
            f"(restart {child.restarts}). Its log: {child.launch.log}{words}"
        )

    async def _end(self, child: Child) -> None:
        gone = asyncio.ensure_future(child.process.wait())
        hurried = asyncio.ensure_future(self._hurry.wait())
        try:
            await asyncio.wait(
                {gone, hurried}, timeout=self._timing.stop_deadline, return_when=asyncio.FIRST_COMPLETED
            )
            if not gone.done():
                self._report(f"{child.launch.name} did not stop by itself and was killed.")
                _send(child, signal.SIGKILL)
                await gone
        finally:
            gone.cancel()
            hurried.cancel()
        child.phase = "stopped"
        self._on_change()


async def is_ready(http: httpx.AsyncClient, url: str) -> bool:
    """Whether the address answers 200 now."""
    try:
        return (await http.get(url)).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False


def _send(child: Child, number: signal.Signals) -> None:
    if child.process.returncode is None:
        with suppress(ProcessLookupError):
            os.killpg(child.process.pid, number)


def _ending(returncode: int | None) -> str:
    if returncode is not None and returncode < 0:
        return f"was killed by {signal.Signals(-returncode).name}"
    return f"ended with exit code {returncode}"
