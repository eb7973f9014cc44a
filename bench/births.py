"""`truc bench births`: an interlinked birth (2.002621), all systems answering at once, from receipt to the last
status on the portal.

Beside it, in the same run and at the same rate: one status of a dossier that an officer moves. A birth is four
statuses and three tasks in three systems, one after the other where the procedure wants it so.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

import httpx
import orjson

from bench.dossiers import Acknowledgements, hops, life, take_in
from bench.load import Load, percentile, post, run
from bench.mesh import Mesh, cpu_note, folder, mesh
from bench.pacing import Punctuality, paced
from bench.report import Figure
from contracts.identifiers import Sex
from contracts.times import VN
from deploy.local.errors import RunnerError
from services.population.generator.names import Names

P50_MS = 150.0
AGENCY = "H08.31.21"
PATIENCE_S = 120.0
MOTHERS_A_CALL = 500
STATUSES = 4
SEED = 20_260_101
KINH = "01"
Say = Callable[[str], None]


@dataclass(frozen=True)
class Result:
    """Seconds from receipt to the acknowledgement of the last status, and those of a single status by hand."""

    births: list[float]
    single: list[float]
    punctuality: Punctuality
    cpu: str

    def figures(self) -> list[Figure]:
        def ms(values: list[float], share: float) -> float:
            return percentile(values, share) * 1000

        return [
            Figure(
                "receipt to the last status, p50", ms(self.births, 0.5), "ms", ms(self.single, 0.5), bound=P50_MS
            ),
            Figure("receipt to the last status, p95", ms(self.births, 0.95), "ms", ms(self.single, 0.95)),
            Figure("receipt to the last status, p99", ms(self.births, 0.99), "ms", ms(self.single, 0.99)),
        ]

    def notes(self) -> list[str]:
        return [
            f"{len(self.births):,} births; the generator was late by {self.punctuality.p99_ms:.1f} ms (p99).",
            self.cpu,
        ]


def measure(rate: float, seconds: float, say: Say) -> Result:
    """Births at `rate` a second for `seconds`, after as many single statuses."""
    count = max(1, round(rate * seconds))
    with folder() as place, mesh(place / "data") as ours:
        say(f"The mesh is ready; registering {count:,} mothers.")
        mothers = _register(ours, count)
        with ours.client("ministries") as ministries:
            at_once = {"accepts_first": False}
            ministries.put("/v1/personas/social-insurance", json=at_once).raise_for_status()
        say(f"{count:,} single statuses at {rate:g}/s.")
        single = _single(ours, rate, count)
        say(f"{count:,} births at {rate:g}/s.")
        before = ours.cpu_seconds()
        requests = list(_births(mothers, ours.token))
        load, punctuality, codes = _handed_in(ours, requests, rate)
        load.require(201)
        births = [_to_the_end(ours, code) for code in codes]
        return Result(births, single, punctuality, cpu_note(before, ours.cpu_seconds(), count * STATUSES))


HOME = {"kind": "permanent", "unit_code": "21961", "detail": "Thôn An Hòa", "valid_from": "2016-05-01"}


def _mothers(count: int) -> list[dict[str, Any]]:
    """Women of the commune, with names as common as they are."""
    rng = Random(SEED)
    names = Names(rng)
    found = []
    for number in range(count):
        born = date(1995, 1, 1) + timedelta(days=rng.randrange(365))
        found.append(
            {
                "personal_id": f"052195{number:06d}",
                "full_name": names.full(names.family(KINH), Sex.FEMALE, born.year),
                "date_of_birth": born.isoformat(),
                "sex": "female",
                "residences": [HOME],
            }
        )
    return found


def _register(ours: Mesh, count: int) -> list[dict[str, Any]]:
    mothers = _mothers(count)
    with ours.client("population") as population:
        for start in range(0, count, MOTHERS_A_CALL):
            population.post("/v1/citizens", json=mothers[start : start + MOTHERS_A_CALL]).raise_for_status()
    return mothers


def _births(mothers: list[dict[str, Any]], token: str) -> Iterator[bytes]:
    """A child of each of these mothers, a month old at most."""
    rng = Random(SEED + 1)
    names = Names(rng)
    today = datetime.now(VN).date()
    for mother in mothers:
        born = today - timedelta(days=rng.randint(1, 30))
        sex = rng.choice([Sex.FEMALE, Sex.MALE])
        name = names.full(names.family(KINH), sex, born.year)
        yield _birth(mother, name, sex, f"{born}T{rng.randrange(24):02d}:{rng.randrange(60):02d}:00+07:00", token)


def _birth(mother: dict[str, Any], name: str, sex: Sex, born_at: str, token: str) -> bytes:
    who = {field: mother[field] for field in ("personal_id", "full_name", "date_of_birth")}
    body = {
        "procedure_code": "2.002621",
        "receiving_agency": AGENCY,
        "channel": "direct",
        "handling": "systems",
        "applicant": who,
        "form": {
            "child_name": name,
            "child_sex": sex.value,
            "child_born_at": born_at,
            "place_of_birth": "Bệnh viện Đa khoa tỉnh",
            "mother": who,
            "relation_of_applicant": "mother",
            "residence": {"with": "mother"},
        },
    }
    return post("/v1/dossiers", orjson.dumps(body), token)


def _single(ours: Mesh, rate: float, count: int) -> list[float]:
    codes = take_in(ours, count)
    acknowledgements = Acknowledgements(ours)
    load, _ = run(paced(ours.port("dossier"), [next(life([code], ours.token)) for code in codes], rate))
    load.require(200)
    acknowledgements.wait(count)
    return [each.latency for each in hops(ours, codes)]


def _handed_in(ours: Mesh, requests: list[bytes], rate: float) -> tuple[Load, Punctuality, list[str]]:
    """Hand them in on time; the codes of the dossiers that came of it."""
    with ours.client("dossier") as dossier:
        began = datetime.now(UTC)
        load, punctuality = run(paced(ours.port("dossier"), requests, rate))
        codes = list(_codes(dossier, began))
    if len(codes) != len(requests):
        raise RunnerError(f"{len(requests):,} births were handed in, and {len(codes):,} dossiers are there")
    return load, punctuality, codes


def _codes(dossier: httpx.Client, since: datetime) -> Iterator[str]:
    cursor = None
    while True:
        asked = {"procedure_code": "2.002621", "created_from": since.isoformat(), "limit": "500"}
        page = dossier.get("/v1/dossiers", params=asked | ({"cursor": cursor} if cursor else {})).json()
        yield from (line["code"] for line in page["items"])
        cursor = page["next_cursor"]
        if cursor is None:
            return


def _to_the_end(ours: Mesh, code: str) -> float:
    """Seconds from receipt to the acknowledgement of the fourth status."""
    deadline = time.monotonic() + PATIENCE_S
    with ours.client("dossier") as dossier:
        while True:
            steps = dossier.get(f"/v1/dossiers/{code}/timeline").raise_for_status().json()["steps"]
            acknowledged = [step["sync"]["acknowledged_at"] for step in steps]
            if len(steps) == STATUSES and all(acknowledged):
                return (_at(max(acknowledged)) - _at(steps[0]["at"])).total_seconds()
            if time.monotonic() > deadline:
                statuses = [step["status"] for step in steps]
                raise RunnerError(f"{code} stands at {statuses} after {PATIENCE_S:.0f} s")
            time.sleep(0.05)


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)
