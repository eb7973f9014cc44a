"""`truc bench observing`: what watching costs the way of a status, with it and without, by turns: the latency
ledger, or so many consoles that look at it.

Each turn is a mesh of its own, as `truc bench sync` raises it, under the same load. The only difference is
whether the hub collects receipts and asks who is behind; or, with the ledger on in all turns, whether overviews
are open and are sent what changes. The figure is the median turn of each side.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
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
    turns: dict[bool, list[list[float]]] = {True: [], False: []}
    cpu: dict[bool, str] = {}
    for number in range(rounds):
        for watched in (True, False) if number % 2 == 0 else (False, True):
            say(f"Turn {number + 1} {'with' if watched else 'without'} {what}.")
            ledger = bool(consoles) or watched
            latencies, note = _turn(rate, seconds, ledger=ledger, consoles=consoles if watched else 0)
            turns[watched].append(latencies)
            cpu[watched] = f"{'With' if watched else 'Without'}: {note}"
    bound = BOUND_OF_CONSOLES if consoles else BOUND
    return Result(what, bound, turns[True], turns[False], [cpu[True], cpu[False]])


def _turn(rate: float, seconds: float, *, ledger: bool, consoles: int) -> tuple[list[float], str]:
    """The latencies, and what a status cost each process."""
    count = max(1, round(rate * seconds))
    with folder() as place, mesh(place / "data", [f"TRUC_HUB_LEDGER={str(ledger).lower()}"]) as ours:
        codes = take_in(ours, dossiers_for(count) + WARM_UP_DOSSIERS)
        with _looking_on(ours, consoles):
            warm_up(ours, codes[:WARM_UP_DOSSIERS])
            measured = codes[WARM_UP_DOSSIERS:]
            before = ours.cpu_seconds()
            paced_load(ours, measured, count, rate)
            note = cpu_note(before, ours.cpu_seconds(), count)
        return [each.latency for each in hops(ours, measured)], note


@contextlib.contextmanager
def _looking_on(ours: Mesh, consoles: int) -> Iterator[None]:
    """So many overviews are open, in a process of their own."""
    if not consoles:
        yield
        return
    visitor = [sys.executable, "-P", "-m", "bench.consoles.visitor", ours.url("hub")]
    lookers = subprocess.Popen(
        [*visitor, str(ours.layout.administrator), str(consoles)],
        env=os.environ | {"PYTHONPATH": str(SOURCE_ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert lookers.stdout is not None and lookers.stderr is not None
    try:
        if lookers.stdout.readline().strip() != OPENED:
            raise RunnerError(
                "The consoles did not open. They said:", details=lookers.stderr.read().splitlines()[-5:]
            )
        yield
        if lookers.poll() is not None:
            raise RunnerError("The consoles closed. They said:", details=lookers.stderr.read().splitlines()[-5:])
    finally:
        lookers.terminate()
        lookers.communicate()
