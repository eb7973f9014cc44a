"""The figures of a rehearsal as one document. The names of its members are public: `--report` writes them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from pydantic import BaseModel

from deploy.demo.accounting import Account, Side
from deploy.demo.acks import HOPS, Acks, percentiles
from deploy.demo.replay import Taken

SHARES: Final = (0.5, 0.95, 0.99, 1.0)


class Percentiles(BaseModel):
    """Milliseconds."""

    p50: float
    p95: float
    p99: float
    max: float


class Held(BaseModel):
    """How much one side holds of the dossiers of this rehearsal."""

    dossiers: int
    statuses: int


class Verification(BaseModel):
    """Dossiers by what the population data said of their applicants; `confirmations` counts every check that
    matched, second looks included, by channel: the report's two counts, side by side."""

    matched: int
    mismatched: int
    not_found: int
    pending: int
    matched_share: float
    confirmations: int
    confirmations_by_channel: dict[str, int]


class Runs(BaseModel):
    """Dossiers of one procedure that the systems of the province carried out, by what came of them."""

    procedure_code: str
    completed: int
    partly: int
    refused: int
    cancelled: int


class Report(BaseModel):
    """All of it. `dossiers` and `statuses` are those the one-stop shop was told were taken; `seconds` is the whole
    rehearsal, `replay_seconds` from the first dossier to the portal's last acknowledgement."""

    dossiers: int
    statuses: int
    portal: Held
    lost: int
    duplicated: int
    out_of_order: int
    latency_ms: Percentiles
    intake_per_s: float
    sync_per_s: float
    seconds: float
    ok: bool
    complete: bool
    seed: int
    profile: str
    started_at: datetime
    replay_seconds: float
    citizens: int
    province: Held
    axis: Held
    by_status: dict[int, int]
    latency_of: int
    hops_ms: dict[str, Percentiles]
    verification: Verification
    by_systems: list[Runs]
    findings: list[str]


def _held(side: Side) -> Held:
    return Held(dossiers=side.dossiers, statuses=side.statuses)


def make_report(
    account: Account,
    taken: Taken,
    acks: Acks,
    *,
    complete: bool,
    seed: int,
    profile: str,
    started_at: datetime,
    citizens: int,
    seconds: float,
) -> Report:
    """Put the figures together. `complete`: the portal came to hold everything before patience ran out."""
    hops = {hop: _percentiles(acks.hops[hop]) for hop in HOPS}
    replay = _span(acks) or taken.seconds
    return Report(
        dossiers=taken.dossiers,
        statuses=taken.all_statuses,
        portal=_held(account.portal),
        lost=account.lost,
        duplicated=account.duplicated,
        out_of_order=account.out_of_order,
        latency_ms=hops["total"],
        intake_per_s=_rate(taken.dossiers, taken.seconds),
        sync_per_s=_rate(acks.statuses, replay),
        seconds=round(seconds, 3),
        ok=complete and account.agrees,
        complete=complete,
        seed=seed,
        profile=profile,
        started_at=started_at,
        replay_seconds=round(replay, 3),
        citizens=citizens,
        province=_held(account.province),
        axis=_held(account.axis),
        by_status=dict(sorted(account.newest.items())),
        latency_of=acks.statuses,
        hops_ms=hops,
        verification=_verification(taken, acks),
        by_systems=_runs(acks),
        findings=account.findings,
    )


def _percentiles(micros: Sequence[int]) -> Percentiles:
    p50, p95, p99, most = (round(each, 3) for each in percentiles(micros, SHARES))
    return Percentiles(p50=p50, p95=p95, p99=p99, max=most)


def _span(acks: Acks) -> float:
    if acks.first_commit is None or acks.last_acknowledged is None:
        return 0.0
    return (acks.last_acknowledged - acks.first_commit).total_seconds()


def _rate(count: int, seconds: float) -> float:
    return round(count / seconds, 1) if seconds > 0 else 0.0


def _runs(acks: Acks) -> list[Runs]:
    outcomes = ("completed", "partly", "refused", "cancelled")
    return [
        Runs(procedure_code=code, **{outcome: acks.runs[code, outcome] for outcome in outcomes})
        for code in sorted({code for code, _ in acks.runs})
    ]


def _verification(taken: Taken, acks: Acks) -> Verification:
    outcomes = {
        name: sum(count for (outcome, _), count in acks.verified.items() if outcome == name)
        for name in ("matched", "mismatched", "not_found")
    }
    confirmed = {
        channel: acks.verified["matched", channel] + taken.second_looks["matched", channel]
        for channel in ("direct", "online")
    }
    return Verification(
        **outcomes,
        pending=max(0, taken.dossiers - sum(outcomes.values())),
        matched_share=round(outcomes["matched"] / taken.dossiers, 4) if taken.dossiers else 0.0,
        confirmations=sum(confirmed.values()),
        confirmations_by_channel=confirmed,
    )
