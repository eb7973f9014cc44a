"""`truc bench growth`: what a status costs with a thousand dossiers on the tables and with a million.

Two meshes stand side by side, a small one and a full one, and take the same load in turns (small, full, small,
full ...), so that a slow moment of the machine strikes both. The full one is filled by `filling.py`: every table
of the way has its million. The dossiers that are moved lie anywhere among the others.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bench.dossiers import LIFE, Acknowledgements, life, take_in
from bench.filling import code_of, fill
from bench.load import drive, run
from bench.mesh import Mesh, folder, mesh
from bench.report import Figure
from deploy.local.errors import RunnerError

SMALL = 1_000
ROWS = 1_000_000
ROUNDS = 3
DOSSIERS_A_ROUND = 300
WARM_UP = 90
CLIENTS = 16
MOST = 1.25
SEED = 20_261_122

Say = Callable[[str], None]


@dataclass(frozen=True)
class Cost:
    """Of one status in one round: CPU of all processes together, and wall time, in milliseconds."""

    cpu_ms: float
    wall_ms: float


@dataclass(frozen=True)
class Result:
    rows: int
    small: list[Cost]
    full: list[Cost]

    def figures(self) -> list[Figure]:
        """The bound holds for the CPU; wall time is shown beside it."""
        figures = []
        for what, pick in (("CPU", lambda cost: cost.cpu_ms), ("wall time", lambda cost: cost.wall_ms)):
            small, full = median(map(pick, self.small)), median(map(pick, self.full))
            figures.append(Figure(f"{what} a status, {self.rows:,} dossiers", full, "ms", small, small * MOST))
        return figures

    def notes(self) -> list[str]:
        return [f"Beside it: with {SMALL:,} dossiers. Median of {len(self.small)} rounds, taken in turns."]


def measure(rows: int, rounds: int, say: Say) -> Result:
    """Fill, then measure both in turns."""
    with folder() as place:
        small_data, full_data = place / "small", place / "full"
        for data, count in ((small_data, SMALL), (full_data, rows)):
            began = time.perf_counter()
            _prepare(data, count)
            say(f"{count:,} dossiers on every table of the way ({time.perf_counter() - began:.0f} s).")
        with mesh(small_data) as small, mesh(full_data) as full:
            sides = ((small, _chosen(SMALL, rounds)), (full, _chosen(rows, rounds)))
            for side, codes in sides:
                _cost(side, codes[-1])
            costs: tuple[list[Cost], list[Cost]] = ([], [])
            for number in range(rounds):
                for (side, codes), found in zip(sides, costs, strict=True):
                    found.append(_cost(side, codes[number]))
                say(f"Round {number + 1} of {rounds}.")
            return Result(rows, *costs)


def _prepare(data: Path, count: int) -> None:
    """One dossier goes the whole way; then every row it left behind is multiplied."""
    with mesh(data) as running:
        [code] = take_in(running, 1)
        _wait_verified(running, code)
    fill(data, code, count)


def _wait_verified(running: Mesh, code: str) -> None:
    """Its checking writes once more: the row to be multiplied has to be final."""
    deadline = time.monotonic() + 30
    with running.client("dossier") as dossier, running.client("dossier") as timeline:
        while True:
            found = dossier.get(f"/v1/dossiers/{code}").raise_for_status().json()
            steps = timeline.get(f"/v1/dossiers/{code}/timeline").raise_for_status().json()["steps"]
            if found["verification"] != "pending" and steps[0]["sync"]["state"] == "acknowledged":
                return
            if time.monotonic() > deadline:
                raise RunnerError(f"{code} is still {found['verification']}, {steps[0]['sync']['state']}")
            time.sleep(0.05)


def _chosen(rows: int, rounds: int) -> list[list[str]]:
    """Codes for each round, none twice, anywhere among all; the last ones are for warming up."""
    numbers = random.Random(SEED).sample(range(rows), DOSSIERS_A_ROUND * rounds + WARM_UP)
    codes = [code_of(number) for number in numbers]
    cuts = [*range(0, DOSSIERS_A_ROUND * rounds, DOSSIERS_A_ROUND), DOSSIERS_A_ROUND * rounds]
    return [codes[cut : cut + DOSSIERS_A_ROUND] for cut in cuts]


def _cost(side: Mesh, codes: Sequence[str]) -> Cost:
    statuses = len(LIFE) * len(codes)
    acknowledgements = Acknowledgements(side)
    before, began = sum(side.cpu_seconds().values()), time.perf_counter()
    run(drive(side.port("dossier"), life(codes, side.token), CLIENTS)).require(200)
    acknowledgements.wait(statuses)
    took, spent = time.perf_counter() - began, sum(side.cpu_seconds().values()) - before
    return Cost(spent / statuses * 1000, took / statuses * 1000)
