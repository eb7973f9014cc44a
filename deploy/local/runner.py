"""Brings the axis up on one data folder, keeps it up for the length of a block, takes it down again.

The order is: the lock, what a killed run left behind, free ports, secrets, the broker and its stream, the
services. Whatever happens inside the block, everything that was started has stopped when it is left.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar

from deploy.local import nats, ports, secrets
from deploy.local.layout import Layout
from deploy.local.plan import SOURCE_ROOT, Plan, broker_ports, make_plan
from deploy.local.raising import Nursery
from deploy.local.state import (
    ProcessState,
    RunPhase,
    RunState,
    created_at,
    exclusive,
    stop_survivors,
    write_state,
)
from deploy.local.supervisor import Supervisor, Timing
from deploy.local.topology import DEFAULT_BASE_PORT, OPERATOR, PEOPLE, PROCESSES, Process
from deploy.local.watched import write_targets

T = TypeVar("T")
Report = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Options:
    """What to run and where. `given` are `TRUC_*` values from outside (environment, then `--set`)."""

    layout: Layout
    base_port: int = DEFAULT_BASE_PORT
    given: Mapping[str, str] = field(default_factory=dict)
    processes: Sequence[Process] = PROCESSES
    timing: Timing = field(default_factory=Timing)


class Run:
    """One run in progress: its plan, its supervisor, and the state file that tells others about it."""

    def __init__(self, options: Options, plan: Plan, report: Report) -> None:
        self.layout = options.layout
        self.plan = plan
        self.started_at = datetime.now(UTC)
        self.phase: RunPhase = "starting"
        self.supervisor = Supervisor(
            report=report, on_change=self.publish, timing=options.timing, nursery=_nursery(options.layout)
        )
        self._created = created_at(os.getpid())

    def state(self) -> RunState:
        return RunState(
            pid=os.getpid(),
            phase=self.phase,
            started_at=self.started_at,
            base_port=self.plan.base_port,
            processes=[
                ProcessState(
                    name=child.launch.name,
                    role=child.launch.role,
                    phase=child.phase,
                    pid=child.process.pid if child.process.returncode is None else None,
                    created=child.created,
                    started_at=child.started_at,
                    restarts=child.restarts,
                    port=child.launch.port,
                    url=child.launch.url,
                    ready_url=child.launch.ready_url,
                    log=str(child.launch.log),
                )
                for child in self.supervisor.children
            ],
        )

    def publish(self) -> None:
        """Tell others. A disk that is full must not keep the supervisor from its work."""
        with suppress(OSError):
            write_state(self.layout, self.state())

    def enter(self, phase: RunPhase) -> None:
        self.phase = phase
        self.publish()

    async def start(self) -> None:
        self.enter("starting")
        await self.supervisor.start([self.plan.broker])
        await nats.ensure_stream(self.plan.broker.url, self.layout.seed(OPERATOR))
        await self.supervisor.start(self.plan.services)
        self.enter("ready")

    async def stop(self) -> None:
        self.enter("stopping")
        await self.supervisor.stop()
        self.layout.run_state.unlink(missing_ok=True)


def _nursery(layout: Layout) -> Nursery | None:
    """What services are forked from; None where a fork without exec is not safe."""
    if sys.platform != "linux":
        return None
    path = os.pathsep.join(filter(None, [str(SOURCE_ROOT), os.environ.get("PYTHONPATH")]))
    env = {key: value for key, value in os.environ.items() if not key.startswith("TRUC_")}
    return Nursery(env | {"PYTHONPATH": path}, layout.log("nursery"))


@asynccontextmanager
async def running(options: Options, report: Report) -> AsyncIterator[Run]:
    """The axis, ready, for the length of the block. Raises RunnerError when it cannot be brought up."""
    layout = options.layout
    layout.create()
    with exclusive(layout):
        left = stop_survivors(layout)
        if left:
            report(f"Stopped what an earlier run had left behind: {', '.join(left)}.")
        plan = prepare(options)
        ports.require_free(plan.ports)
        run = Run(options, plan, report)
        try:
            await run.start()
            yield run
        finally:
            await _stop_for_good(run)


async def _stop_for_good(run: Run) -> None:
    """Stop even when asked to stop once more meanwhile: that means, do not wait for the slow ones."""
    stopping = asyncio.create_task(run.stop())
    while not stopping.done():
        try:
            await asyncio.shield(stopping)
        except asyncio.CancelledError:
            run.supervisor.hurry()


def prepare(options: Options) -> Plan:
    """Make or refresh secrets, the broker's configuration and what Prometheus is told; say what is to be run."""
    layout, processes = options.layout, options.processes
    keys = secrets.ensure_broker_keys(
        layout, [*(process.name for process in processes if process.on_axis), OPERATOR]
    )
    port, monitor_port = broker_ports(options.base_port)
    configuration = nats.write_configuration(
        layout, port=port, monitor_port=monitor_port, processes=processes, public_keys=keys
    )
    plan = make_plan(
        layout,
        processes,
        base_port=options.base_port,
        given=options.given,
        broker_argv=(str(nats.server_binary()), "-c", str(configuration)),
        members=secrets.ensure_members(layout, processes, PEOPLE),
        account=secrets.ensure_portal_account(layout),
    )
    write_targets(layout, plan.services)
    return plan


def until_stopped(main: Coroutine[Any, Any, T]) -> T | None:
    """Run `main` to its end, or until Ctrl-C, SIGTERM or SIGHUP: it is then cancelled and may tidy up.

    Returns what `main` returned, None when it was stopped.
    """

    async def guarded() -> T | None:
        task = asyncio.ensure_future(main)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, task.cancel)
        try:
            return await task
        except asyncio.CancelledError:
            return None

    return asyncio.run(guarded())
