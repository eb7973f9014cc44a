"""`truc bench observing`: what the latency ledger costs the way of a status, with it and without, by turns.

Each turn is a mesh of its own, as `truc bench sync` raises it, under the same load; the only difference is whether
the hub collects receipts and asks who is behind. The figure is the median turn of each side.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

from bench.dossiers import hops, take_in
from bench.load import percentile
from bench.mesh import cpu_note, folder, mesh
from bench.report import Figure
from bench.sync import WARM_UP_DOSSIERS, dossiers_for, paced_load, warm_up

BOUND = 1.10
SHARES = (("p50", 0.5), ("p99", 0.99))
Say = Callable[[str], None]


@dataclass(frozen=True)
class Result:
    """The latencies of each turn in seconds, with the ledger and without."""

    with_ledger: list[list[float]]
    without: list[list[float]]
    cpu: list[str]

    def figures(self) -> list[Figure]:
        lines = []
        for name, share in SHARES:
            ours, bare = (
                median(percentile(turn, share) * 1000 for turn in turns)
                for turns in (self.with_ledger, self.without)
            )
            lines += [
                Figure(f"commit to acknowledgement, {name}", ours, "ms", bare),
                Figure(f"  times without, {name}", ours / bare, "", bound=BOUND),
            ]
        return lines

    def notes(self) -> list[str]:
        def told(turns: list[list[float]]) -> str:
            return ", ".join(f"{percentile(turn, 0.99) * 1000:.1f}" for turn in turns)

        return [
            *self.cpu,
            f"p99 of each turn in ms, with: {told(self.with_ledger)}; without: {told(self.without)}.",
        ]


def measure(rate: float, seconds: float, rounds: int, say: Say) -> Result:
    """So many turns of each side, begun by one side and by the other alternately."""
    turns: dict[bool, list[list[float]]] = {True: [], False: []}
    cpu: dict[bool, str] = {}
    for number in range(rounds):
        for ledger in (True, False) if number % 2 == 0 else (False, True):
            say(f"Turn {number + 1} {'with' if ledger else 'without'} the ledger.")
            latencies, note = _turn(rate, seconds, ledger)
            turns[ledger].append(latencies)
            cpu[ledger] = f"{'With' if ledger else 'Without'}: {note}"
    return Result(turns[True], turns[False], [cpu[True], cpu[False]])


def _turn(rate: float, seconds: float, ledger: bool) -> tuple[list[float], str]:
    """The latencies, and what a status cost each process."""
    count = max(1, round(rate * seconds))
    with folder() as place, mesh(place / "data", [f"TRUC_HUB_LEDGER={str(ledger).lower()}"]) as ours:
        codes = take_in(ours, dossiers_for(count) + WARM_UP_DOSSIERS)
        warm_up(ours, codes[:WARM_UP_DOSSIERS])
        measured = codes[WARM_UP_DOSSIERS:]
        before = ours.cpu_seconds()
        paced_load(ours, measured, count, rate)
        note = cpu_note(before, ours.cpu_seconds(), count)
        return [each.latency for each in hops(ours, measured)], note
