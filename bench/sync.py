"""`truc bench sync --rate N`: from the commit of a status to the portal's acknowledgement, through the whole mesh.

The load is open: an action begins when the schedule says so. The times are those the services stored, not the
generator's. The floor is measured before and after, in the same run.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice

from bench.dossiers import LIFE, Acknowledgements, Hops, hops, legs, life, take_in
from bench.floor import floor
from bench.load import drive, percentile, run
from bench.mesh import Mesh, cpu_note, folder, mesh
from bench.pacing import Punctuality, paced
from bench.report import Figure

P50_MS, P99_MS = 10.0, 60.0
SHARES = (("p50", 0.5, P50_MS), ("p95", 0.95, None), ("p99", 0.99, P99_MS), ("max", 1.0, None))
WARM_UP_DOSSIERS = 30
FLOOR_SHARE = 1 / 3
"""Each of the two floor runs is this long, compared with ours."""

Say = Callable[[str], None]


@dataclass(frozen=True)
class Result:
    """What one run gave: the way of each status, the floor's seconds, and how punctual the generator was."""

    way: list[Hops]
    floor: list[float]
    punctuality: Punctuality
    per_second: float
    floor_punctuality: Punctuality
    cpu: str

    def figures(self) -> list[Figure]:
        ours = [each.latency for each in self.way]
        figures = [
            Figure(
                f"commit to acknowledgement, {name}",
                percentile(ours, share) * 1000,
                "ms",
                percentile(self.floor, share) * 1000,
                bound,
            )
            for name, share, bound in SHARES
        ]
        return figures + [
            Figure(f"  of it {name}, {share}", value, "ms")
            for name, p50, p99 in legs(self.way)
            for share, value in (("p50", p50), ("p99", p99))
        ]

    def notes(self) -> list[str]:
        said = [
            f"{len(self.way):,} statuses at {self.per_second:.1f}/s; the generator was late by "
            f"{self.punctuality.p99_ms:.1f} ms (p99), the floor's by {self.floor_punctuality.p99_ms:.1f} ms.",
            self.cpu,
        ]
        if self.punctuality.fell_behind or self.floor_punctuality.fell_behind:
            said.append("The generator fell behind its schedule: the machine was too busy for this rate.")
        return said


def measure(rate: float, seconds: float, profile: str, say: Say) -> Result:
    """Floor, ours, floor. Raises RunnerError when a status is not taken or does not arrive."""
    count = max(1, round(rate * seconds))
    with folder() as place, floor(place) as bare, mesh(place / "data", [f"TRUC_SYNC_PROFILE={profile}"]) as ours:
        say(f"The mesh is ready; taking in {dossiers_for(count):,} dossiers.")
        codes = take_in(ours, dossiers_for(count) + WARM_UP_DOSSIERS)
        warm_up(ours, codes[:WARM_UP_DOSSIERS])
        measured = codes[WARM_UP_DOSSIERS:]
        say("The floor, first half.")
        first, first_late = bare.paced(rate, seconds * FLOOR_SHARE)
        say(f"{count:,} statuses at {rate:g}/s.")
        before = ours.cpu_seconds()
        punctuality, per_second = paced_load(ours, measured, count, rate)
        cpu = cpu_note(before, ours.cpu_seconds(), count)
        say("The floor, second half.")
        second, second_late = bare.paced(rate, seconds * FLOOR_SHARE)
        late = Punctuality(first_late.late + second_late.late)
        return Result(hops(ours, measured), first + second, punctuality, per_second, late, cpu)


def paced_load(ours: Mesh, codes: Sequence[str], count: int, rate: float) -> tuple[Punctuality, float]:
    """`count` actions at this rate, until the portal has acknowledged them; statuses a second."""
    requests = list(islice(life(codes, ours.token), count))
    acknowledgements = Acknowledgements(ours)
    load, punctuality = run(paced(ours.port("dossier"), requests, rate))
    load.require(200)
    acknowledgements.wait(count)
    return punctuality, load.per_second


def warm_up(ours: Mesh, codes: Sequence[str]) -> None:
    """Lead these dossiers through their life, one after another."""
    acknowledgements = Acknowledgements(ours)
    run(drive(ours.port("dossier"), life(codes, ours.token), 1)).require(200)
    acknowledgements.wait(len(LIFE) * len(codes))


def dossiers_for(statuses: int) -> int:
    """How many dossiers it takes for so many actions."""
    return -(-statuses // len(LIFE))
