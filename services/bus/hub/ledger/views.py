"""What the ledger shows as JSON. Durations are milliseconds; what there is nothing of is null."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel

from services.bus.hub.ledger.trend import Verdict


class Durations(BaseModel):
    """Of one hop over a stretch of time. Quantiles are at most 5 % off, the rest is exact. `skewed`: not counted
    in any of them, because clocks disagree or a time is missing."""

    count: int
    skewed: int
    mean_ms: float | None
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None
    max_ms: float | None


class LinkView(BaseModel):
    """A link over a window of time, and as it stands now. `id` is stable. `rate` is what was done per second;
    `oldest_s` the age of the oldest thing not acknowledged, null if nothing waits; `backlog` what is not
    acknowledged (of all types its consumer hears); `as_of` when the slowest witness of that was asked."""

    id: str
    source: str
    type: str
    consumer: str
    verb: str | None
    total: Durations
    rate: float
    oldest_at: datetime | None
    oldest_s: float | None
    backlog: int
    held: int
    dead: int
    retries: int
    duplicates: int
    dead_letters: int
    discarded: int
    trend: Verdict
    as_of: datetime | None


class Links(BaseModel):
    """Every link, those with the oldest waiting thing first."""

    at: datetime
    window: str
    items: list[LinkView]


class HopView(BaseModel):
    """One hop of a link."""

    hop: str
    durations: Durations


class PartView(BaseModel):
    """A link as far as one agency or one procedure is concerned."""

    code: str
    total: Durations


class LinkDetail(LinkView):
    """A link with its hops, and by agency and procedure: the busiest first, at most a hundred of each."""

    hops: list[HopView]
    agencies: list[PartView]
    procedures: list[PartView]


class Bucket(BaseModel):
    """How many took at most `upto_ms`, and more than the bucket before. Null: without limit."""

    upto_ms: float | None
    count: int


class Moment(BaseModel):
    """One second, minute or hour of a series; those in which nothing was done are left out."""

    at: datetime
    durations: Durations
    buckets: list[Bucket]


class LinkSeries(BaseModel):
    """One hop of a link over time."""

    id: str
    hop: str
    step: Literal["second", "minute", "hour"]
    moments: list[Moment]


class RecordView(BaseModel):
    """One event of a dossier on one link. Milliseconds from one hop to the next, negative where clocks disagree;
    `why_vi` and `why_en` say in a sentence where the time went."""

    link: str
    version: int
    outcome: Literal["applied", "duplicate", "held", "dead", "discarded"]
    committed_at: datetime | None
    ended_at: datetime
    total_ms: float | None
    publish_ms: float | None
    broker_ms: float | None
    lane_ms: float | None
    errors_ms: float | None
    call_ms: float | None
    attempts: int
    trouble: str | None
    why_vi: str
    why_en: str


class DossierRecords(BaseModel):
    """Everything the ledger recorded of one dossier in the last seven days, the oldest first."""

    code: str
    items: list[RecordView]
