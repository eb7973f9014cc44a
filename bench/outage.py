"""`truc bench outage`: statuses go on while the portal is away; nothing may be lost, repeated or reordered, and
what has piled up has to be gone soon after its return."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

import httpx

from bench.accounting import Account, account, portal_histories, province_histories
from bench.dossiers import LIFE, Acknowledgements, hops, life, take_in
from bench.load import run
from bench.mesh import Mesh, folder, mesh
from bench.pacing import Punctuality, paced
from bench.report import Figure

DRAINED_WITHIN_S = 5.0
Say = Callable[[str], None]


@dataclass(frozen=True)
class Result:
    """`statuses` were accepted, `waited` of them while the portal was away; `drained_s` is from its return to
    the acknowledgement of the last that had waited."""

    statuses: int
    waited: int
    drained_s: float
    account: Account
    dead_letters: int
    punctuality: Punctuality

    def figures(self) -> list[Figure]:
        counts = (
            ("lost", self.account.lost),
            ("duplicated", self.account.duplicated),
            ("out of order", self.account.out_of_order),
            ("dead letters", self.dead_letters),
        )
        return [
            *(Figure(what, value, "statuses", bound=0) for what, value in counts),
            Figure("drained after the portal's return", self.drained_s, "s", bound=DRAINED_WITHIN_S),
        ]

    def notes(self) -> list[str]:
        return [
            f"{self.statuses:,} statuses, {self.waited:,} of them taken while the portal was away; both exports: "
            f"{self.account.dossiers:,} dossiers, {self.account.expected:,} statuses.",
            f"The generator was late by {self.punctuality.p99_ms:.1f} ms (p99).",
        ]


def measure(seconds: float, rate: float, say: Say, *, manner: str = "503") -> Result:
    """An outage of `seconds` under `rate` statuses a second; the load begins with the outage and ends with it."""
    count = max(1, round(rate * seconds))
    with folder() as place, mesh(place / "data") as ours:
        say("The mesh is ready; taking in dossiers.")
        codes = take_in(ours, -(-count // len(LIFE)))
        requests = list(islice(life(codes, ours.token), count))
        acknowledgements = Acknowledgements(ours)
        say(f"The portal is away for {seconds:g} s; {count:,} statuses at {rate:g}/s.")
        returned = _away(ours, seconds, manner)
        load, punctuality = run(paced(ours.port("dossier"), requests, rate))
        load.require(200)
        say("Waiting until the backlog is gone.")
        acknowledgements.wait(count)
        way = [each for each in hops(ours, codes) if each.committed_at < returned]
        drained = max((each.acknowledged_at for each in way), default=returned) - returned
        return Result(count, len(way), drained, _compare(ours), _dead_letters(ours), punctuality)


def _away(ours: Mesh, seconds: float, manner: str) -> float:
    """Begin an outage; when it will end, in seconds since 1970."""
    with ours.client("portal") as portal:
        plan = {"outage": {"for_seconds": seconds, "manner": manner}}
        state = portal.put("/v1/faults", json=plan).raise_for_status().json()
    return datetime.fromisoformat(state["outage_until"]).timestamp()


def _compare(ours: Mesh) -> Account:
    with ours.client("dossier") as dossier, ours.client("portal") as portal:
        return account(province_histories(_lines(dossier)), portal_histories(_lines(portal)))


def _lines(http: httpx.Client) -> Sequence[str]:
    return http.get("/v1/export").raise_for_status().text.splitlines()


def _dead_letters(ours: Mesh) -> int:
    with ours.client("sync") as sync:
        return len(sync.get("/v1/dead-letters").raise_for_status().json()["items"])
