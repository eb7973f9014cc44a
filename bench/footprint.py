"""`truc bench up`: how long `truc up` takes on a warm cache, and how much memory all processes hold when idle.

The services are forked from one process and share its pages. PSS shares these out, so its sum is what the machine
gives, and what the bound is about; RSS counts them once a process, USS leaves them away.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from bench.mesh import Mesh, folder, mesh
from bench.report import Figure

READY_S, MEMORY_MIB = 10.0, 900.0
IDLE_S = 5.0
MIB = 1024 * 1024

Say = Callable[[str], None]


@dataclass(frozen=True)
class Memory:
    """Of one process, in MiB."""

    name: str
    rss: float
    pss: float
    uss: float


@dataclass(frozen=True)
class Result:
    """`ready_s` on a fresh data folder with warm caches; `again_s` on data that is there."""

    ready_s: float
    again_s: float
    memory: list[Memory]

    def figures(self) -> list[Figure]:
        total = Memory(
            "all",
            sum(each.rss for each in self.memory),
            sum(each.pss for each in self.memory),
            sum(each.uss for each in self.memory),
        )
        return [
            Figure("ready, new data folder", self.ready_s, "s", bound=READY_S),
            Figure("ready, second start on the data", self.again_s, "s", bound=READY_S),
            Figure("memory of all when idle, PSS", total.pss, "MiB", bound=MEMORY_MIB),
            Figure("  shared pages counted each time, RSS", total.rss, "MiB"),
            Figure("  own pages only, USS", total.uss, "MiB"),
            *(Figure(f"  {each.name}, PSS", each.pss, "MiB") for each in self.memory),
        ]


def measure(say: Say, *, idle_s: float = IDLE_S) -> Result:
    """One start to warm the caches, then one on a new folder and one on the same folder again."""
    with folder() as place:
        say("A first start, so that the caches are warm.")
        with mesh(place / "warm"):
            pass
        say("The start that counts.")
        with mesh(place / "data") as first:
            ready_s = first.ready_s
        say("A second start on the same data, then idle.")
        with mesh(place / "data") as second:
            time.sleep(idle_s)  # idle is what is measured
            return Result(ready_s, second.ready_s, _memory(second))


def _memory(running: Mesh) -> list[Memory]:
    found = []
    for name, process in running.processes().items():
        full = process.memory_full_info()
        found.append(Memory(name, full.rss / MIB, getattr(full, "pss", full.uss) / MIB, full.uss / MIB))
    return found
