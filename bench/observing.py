"""`truc bench observing`: what watching costs the way of a status, with it and without: the latency ledger, or so
many consoles that look at it.

Two meshes stand side by side and take the same load in turns, so that a slow moment of the machine strikes both.
Their only difference is whether the hub collects receipts and asks who is behind; or, with the ledger on in both,
whether overviews are open and are sent what changes. The figure is the median turn of each side.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from statistics import median
from typing import Final

from bench.dossiers import hops, take_in
from bench.load import percentile
from bench.mesh import Mesh, cpu_note, folder, mesh
from bench.report import Figure
from bench.sync import WARM_UP_DOSSIERS, dossiers_for, paced_load, warm_up
from deploy.local.errors import RunnerError
from deploy.local.plan import SOURCE_ROOT

BOUND: Final = 1.10
BOUND_OF_CONSOLES: Final = 1.05
SHARES = (("p50", 0.5), ("p99", 0.99))
OPENED: Final = "open"
CLOSED_WITHIN_S: Final = 10.0
REST_S: Final = 2.5
"""Between turns: a little longer than a round of the hub."""
Say = Callable[[str], None]


@dataclass(frozen=True)
class Result:
    """The latencies of each turn in seconds, watched and not; `bound` is what it may cost."""

    what: str
    bound: float
    watched: list[list[float]]
    without: list[list[float]]
    cpu: list[str]

    def figures(self) -> list[Figure]:
        lines = []
        for name, share in SHARES:
            ours, bare = (
                median(percentile(turn, share) * 1000 for turn in turns) for turns in (self.watched, self.without)
            )
            lines += [
                Figure(f"commit to acknowledgement, {name}", ours, "ms", bare),
                Figure(f"  times without, {name}", ours / bare, "", bound=self.bound),
            ]
        return lines

    def notes(self) -> list[str]:
        def told(turns: list[list[float]], share: float) -> str:
            return ", ".join(f"{percentile(turn, share) * 1000:.1f}" for turn in turns)

        return [
            *self.cpu,
            *(
                f"{name} of each turn in ms, with {self.what}: {told(self.watched, share)};"
                f" without: {told(self.without, share)}."
                for name, share in SHARES
            ),
        ]


def measure(rate: float, seconds: float, rounds: int, consoles: int, say: Say) -> Result:
    """So many turns of each side, begun by one side and by the other alternately. Without consoles it is the
    ledger that is switched on and off."""
    what = f"{consoles} consoles" if consoles else "the ledger"
    count = max(1, round(rate * seconds))
    off = [] if consoles else ["TRUC_HUB_LEDGER=false"]
    with folder() as place, mesh(place / "watched") as watched, mesh(place / "without", off) as without:
        sides = {True: _Side(watched, rounds, count), False: _Side(without, rounds, count)}
        say("Two meshes are ready.")
        with _looking_on(watched, consoles) as pushes:
            for number in range(rounds):
                for side in (True, False) if number % 2 == 0 else (False, True):
                    sides[side].turn(rate)
                say(f"Turn {number + 1} of {rounds}.")
        notes = [f"{'With' if on else 'Without'}: {side.cost()}" for on, side in sides.items()]
        notes += [f"The hub pushed {number:,} times to {what}." for number in pushes]
    bound = BOUND_OF_CONSOLES if consoles else BOUND
    return Result(what, bound, sides[True].turns, sides[False].turns, notes)


class _Side:
    """A mesh with enough dossiers for every turn."""

    def __init__(self, ours: Mesh, rounds: int, count: int) -> None:
        self.turns: list[list[float]] = []
        self._mesh = ours
        self._count = count
        self._cpu: Counter[str] = Counter()
        each = dossiers_for(count)
        codes = take_in(ours, rounds * each + WARM_UP_DOSSIERS)
        warm_up(ours, codes[:WARM_UP_DOSSIERS])
        rest = codes[WARM_UP_DOSSIERS:]
        self._codes = [rest[place * each : (place + 1) * each] for place in range(rounds)]

    def turn(self, rate: float) -> None:
        """Take the load once; what it left behind on the other side is done by then."""
        time.sleep(REST_S)
        codes = self._codes[len(self.turns)]
        before = Counter(self._mesh.cpu_seconds())
        paced_load(self._mesh, codes, self._count, rate)
        after = Counter(self._mesh.cpu_seconds())
        after.subtract(before)
        self._cpu.update(after)
        self.turns.append([each.latency for each in hops(self._mesh, codes)])

    def cost(self) -> str:
        """What a status cost each process."""
        return cpu_note(dict.fromkeys(self._cpu, 0.0), dict(self._cpu), self._count * len(self.turns))


@contextlib.contextmanager
def _looking_on(ours: Mesh, consoles: int) -> Iterator[list[int]]:
    """So many overviews are open, in a process of their own; behind the block, how often they were sent
    something."""
    pushes: list[int] = []
    if not consoles:
        yield pushes
        return
    visitor = [sys.executable, "-P", "-m", "bench.consoles.visitor", ours.url("hub")]
    lookers = subprocess.Popen(
        [*visitor, str(ours.layout.administrator), str(consoles)],
        env=os.environ | {"PYTHONPATH": str(SOURCE_ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert lookers.stdout is not None
    try:
        opened = lookers.stdout.readline().strip() == OPENED
        if opened:
            yield pushes
        told, said = lookers.communicate(timeout=CLOSED_WITHIN_S)
        if not opened or lookers.returncode or not int(told):
            raise RunnerError(
                "The consoles were not open all the time. They said:", details=said.splitlines()[-5:]
            )
        pushes.append(int(told))
    finally:
        lookers.kill()
        lookers.communicate()
