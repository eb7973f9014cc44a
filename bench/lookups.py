"""`truc bench lookups`: civil and land lookups by key and by name over a million records, and likely duplicates.

One registry at a time runs on a full database; each kind of question comes at a constant rate, open loop, about
records that lie anywhere among the others. Beside it, in the same run: one row by its key in the barest code. A
look at the civil registry is written down, durably, before it is answered; its floor does the same.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import psutil

from bench.load import Load, get, percentile, run
from bench.mesh import folder as temporary_folder
from bench.pacing import Punctuality, paced
from bench.processes import process
from bench.questions import QUESTIONS, Question
from bench.registers.shelf import Database, Filled, Registry, shelf
from bench.report import Figure
from services.bus.kit.testing import NatsServer, PostgresServer, TestIssuer, free_port, nats_server

P50_MS, P99_MS, DUPLICATES_P99_MS = 5.0, 25.0, 60.0
RATE: Final = 200.0
WARM_UP_S: Final = 1.0
_KEYS: Final = {"civil": ("record_versions", "record_id", "id"), "land": ("parcels", "key", "key")}
"""What the floor reads: table, column, and the name of its values among the samples."""

Say = Callable[[str], None]


@dataclass
class Answered:
    """How long the answers to one kind of question took, and what each cost the service's process."""

    what: str
    load: Load
    punctuality: Punctuality
    cpu_ms: float
    duplicates: bool = False

    def ms(self, share: float) -> float:
        return percentile(self.load.latencies, share) * 1000


@dataclass
class Round:
    """One registry on one database."""

    registry: Registry
    database: Database
    floor: Answered
    answered: list[Answered] = field(default_factory=list)

    def figures(self) -> Iterator[Figure]:
        for each in self.answered:
            p50, p99 = (None, DUPLICATES_P99_MS) if each.duplicates else (P50_MS, P99_MS)
            for share, bound in ((0.5, p50), (0.95, None), (0.99, p99)):
                what = f"{self.registry}, {self.database}: {each.what}, p{share * 100:.0f}"
                yield Figure(what, each.ms(share), "ms", self.floor.ms(share), bound)

    def notes(self) -> Iterator[str]:
        costs = ", ".join(f"{each.what} {each.cpu_ms:.1f}" for each in self.answered)
        yield f"CPU of one answer in the {self.registry} process on {self.database}, in ms: {costs}."
        late = max(each.punctuality.p99_ms for each in self.answered)
        yield f"The generator was late by at most {late:.1f} ms (p99 of each kind)."


@dataclass
class Result:
    rounds: list[Round]
    records: int

    def figures(self) -> list[Figure]:
        return [figure for each in self.rounds for figure in each.figures()]

    def notes(self) -> list[str]:
        return [
            *(note for each in self.rounds for note in each.notes()),
            "Yardstick at a million records, from OpenCRVS: reads 50/150/300 ms, writes 100/300/500 ms"
            " (p50/p95/p99).",
        ]


def measure(
    records: int, rate: float, seconds: float, databases: Sequence[Database], kept: Path | None, say: Say
) -> Result:
    """Both registries on these databases, with `records` each. `kept`: where full databases are kept."""
    result = Result([], records)
    with temporary_folder() as place:
        place.chmod(0o755)
        for database in databases:
            with shelf(kept or place / "shelf", database) as full, nats_server(place / "nats") as broker:
                for registry in QUESTIONS:
                    filled = full.filled(registry, records, say)
                    full.read_through()
                    result.rounds.append(_round(registry, database, filled, broker, place, rate, seconds, say))
    return result


def available(database: str) -> list[Database]:
    """The databases meant by `sqlite`, `postgresql` or `both`, as far as they are on this machine."""
    chosen: list[Database] = []
    if database in ("sqlite", "both"):
        chosen.append("sqlite")
    if database == "postgresql" or (database == "both" and PostgresServer.available()):
        chosen.append("postgresql")
    return chosen


def _round(
    registry: Registry,
    database: Database,
    filled: Filled,
    broker: NatsServer,
    place: Path,
    rate: float,
    seconds: float,
    say: Say,
) -> Round:
    floor = _floor(registry, database, filled, place, rate, seconds)
    found = Round(registry, database, floor)
    issuer = TestIssuer(place)
    token = issuer.token()
    port = free_port()
    prefix = f"TRUC_{registry.upper()}"
    environment = {
        f"{prefix}_PORT": str(port),
        f"{prefix}_DATABASE_URL": filled.url,
        f"{prefix}_DATA_DIR": str(place),
        "TRUC_NATS_URL": broker.url,
        "TRUC_JWKS_FILE": str(issuer.jwks_file),
        "TRUC_HUB_URL": "http://127.0.0.1:8000",
    }
    ready = f"http://127.0.0.1:{port}/readyz"
    with process(f"services.registry.{registry}", environment, ready, place) as running:
        service = psutil.Process(running.pid)
        for question in QUESTIONS[registry]:
            answered = _asked(question, filled, token, service, port, rate, seconds)
            found.answered.append(answered)
            say(
                f"{registry} on {database}: {question.what}: {answered.ms(0.5):.1f} / {answered.ms(0.95):.1f} / "
                f"{answered.ms(0.99):.1f} ms, CPU {answered.cpu_ms:.1f} ms"
            )
    return found


def _asked(
    question: Question, filled: Filled, token: str, service: psutil.Process, port: int, rate: float, seconds: float
) -> Answered:
    requests = question.requests(filled.samples, token)
    asked = list(itertools.islice(itertools.cycle(requests), max(1, round(rate * (seconds + WARM_UP_S)))))
    warm = min(round(rate * WARM_UP_S), len(asked) - 1)
    run(paced(port, asked[:warm], rate))
    before = service.cpu_times()
    load, punctuality = run(paced(port, asked[warm:], rate))
    load.require(200)
    after = service.cpu_times()
    spent = after.user + after.system - before.user - before.system
    return Answered(
        question.what, load, punctuality, spent / len(load.latencies) * 1000, duplicates=question.duplicates
    )


def _floor(
    registry: Registry, database: Database, filled: Filled, place: Path, rate: float, seconds: float
) -> Answered:
    table, key, sample = _KEYS[registry]
    port = free_port()
    environment = {
        "TRUC_BARE_PORT": str(port),
        "TRUC_BARE_DATABASE_URL": filled.url,
        "TRUC_BARE_TABLE": table,
        "TRUC_BARE_KEY": key,
    }
    if registry == "civil":
        environment["TRUC_BARE_LOG"] = str(place / "bare.db")
    with process("bench.bare_lookups", environment, f"http://127.0.0.1:{port}/", place) as running:
        [samples] = [each for name, each in filled.samples.items() if name != "commonest"]
        question = Question("one row by its key", lambda _: [get(f"/{each[sample]}", "none") for each in samples])
        return _asked(question, filled, "none", psutil.Process(running.pid), port, rate, seconds)
