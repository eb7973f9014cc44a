"""Faults of the wire on demand: a seeded plan that decides, call by call, what goes wrong.

The same seed and the same order of calls give the same faults: every call draws the same fixed number of
random numbers, whether it uses them or not. Only decisions are made here; `api/mapi.py` carries them out. A
fault never half does a call: it comes before the work, or (a lost reply) after it is durable.
"""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from statistics import NormalDist
from typing import Annotated, Any, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from contracts.portal import Verb

Rate = Annotated[float, Field(ge=0, le=1)]
Milliseconds = Annotated[float, Field(ge=0, le=120_000)]
_NORMAL = NormalDist()
_ALMOST_ONE = 1 - 1e-12


class _Plan(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class Latency(_Plan):
    """How long a call is held before it is worked on, in milliseconds; `max_ms` cuts every tail.

    constant: `ms`. uniform: from `min_ms` to `ms`. lognormal: median `ms`, shape `sigma`. pareto: at least
    `ms`, tail index `alpha` (the smaller, the heavier).
    """

    distribution: Literal["constant", "uniform", "lognormal", "pareto"] = "constant"
    ms: Milliseconds
    min_ms: Milliseconds = 0
    sigma: Annotated[float, Field(gt=0, le=5)] = 0.5
    alpha: Annotated[float, Field(gt=0.1, le=50)] = 2.0
    max_ms: Milliseconds = 60_000

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.distribution == "uniform" and self.min_ms > self.ms:
            raise ValueError("min_ms must not be above ms")
        return self

    def seconds(self, chance: float) -> float:
        """The delay for a random number in [0, 1)."""
        match self.distribution:
            case "constant":
                ms = self.ms
            case "uniform":
                ms = self.min_ms + (self.ms - self.min_ms) * chance
            case "lognormal":
                ms = self.ms * math.exp(self.sigma * _NORMAL.inv_cdf(min(max(chance, 1e-12), _ALMOST_ONE)))
            case "pareto":
                ms = self.ms * (1 - min(chance, _ALMOST_ONE)) ** (-1 / self.alpha)
        return min(ms, self.max_ms) / 1000


class Outage(_Plan):
    """The portal is away until a moment, or for so many seconds from now: it drops calls or says 503."""

    until: AwareDatetime | None = None
    for_seconds: Annotated[float | None, Field(gt=0, le=86_400)] = None
    manner: Literal["drop", "503"] = "503"

    @model_validator(mode="after")
    def _one_end(self) -> Self:
        if (self.until is None) == (self.for_seconds is None):
            raise ValueError("give one of until and for_seconds")
        return self


class Refuse(_Plan):
    """Refuse, for its content, a call in which `field` (of the call or of an item of its data) equals so."""

    field: Annotated[str, Field(min_length=1, max_length=60)]
    equals: Annotated[str, Field(max_length=500)]
    error_code: Annotated[str, Field(min_length=1, max_length=20)] = "-1"
    message: Annotated[str, Field(min_length=1, max_length=500)] = "Dữ liệu bị từ chối theo quy tắc thử nghiệm"
    verb: Verb | None = None


class FaultPlan(_Plan):
    """What is to go wrong. Rates are shares of calls. Of one call at most one of error, rubbish, timeout,
    expired session and lost reply happens, looked for in this order; latency comes on top of any."""

    seed: int = 0
    latency: Latency | None = None
    error_rate: Rate = 0
    rubbish_rate: Rate = 0
    timeout_rate: Rate = 0
    expire_sessions_rate: Rate = 0
    lost_reply_rate: Rate = 0
    timeout_seconds: Annotated[float, Field(gt=0, le=600)] = 65
    outage: Outage | None = None
    refuse: Annotated[list[Refuse], Field(max_length=100)] = []


class Fault(StrEnum):
    """What can be injected, as the counters call it."""

    LATENCY = "latency"
    ERROR = "error"
    RUBBISH = "rubbish"
    TIMEOUT = "timeout"
    EXPIRED_SESSION = "expired_session"
    LOST_REPLY = "lost_reply"
    OUTAGE = "outage"
    REFUSED = "refused"


ERRORS = (500, 502, 503, 504)
RUBBISH: tuple[tuple[str, bytes], ...] = (
    ("text/html", b"<html><head><title>502 Bad Gateway</title></head><body><h1>nginx</h1></body></html>"),
    ("application/json", b""),
    ("application/json", b'{"error_code":"0","mess'),
    ("application/json", b'["ok"]'),
    ("application/json", b'{"status":"success","data":{}}'),
    ("application/json", '{"error_code":"0","message":"Lỗi kết nối cơ sở dữ liệu"}'.encode()),
    ("text/plain", b"java.lang.NullPointerException"),
)
"""What broken adapters have been seen to answer with 200: HTML, nothing, half a document, another shape, a
success code over an error text, a stack trace."""


@dataclass(frozen=True, slots=True)
class Injection:
    """What is to happen to one call."""

    delay: float = 0.0
    fault: Fault | None = None
    status: int = 500
    rubbish: tuple[str, bytes] = RUBBISH[0]
    drop: bool = False
    patience: float = 65.0


NOTHING = Injection()


@dataclass(slots=True)
class FaultBox:
    """The plan in force, its random numbers and what it has done so far. For one event loop."""

    plan: FaultPlan | None = None
    since: datetime | None = None
    outage_until: datetime | None = None
    calls: int = 0
    injected: Counter[Fault] = field(default_factory=Counter)
    _random: random.Random = field(default_factory=random.Random)

    def set(self, plan: FaultPlan, now: datetime) -> None:
        """Put a plan in force from its first random number on, with all counters at zero."""
        self.plan = plan
        self.since = now
        self.calls = 0
        self.injected = Counter()
        self._random = random.Random(plan.seed)
        self.outage_until = None
        if plan.outage is not None:
            self.outage_until = (
                plan.outage.until
                if plan.outage.for_seconds is None
                else now + timedelta(seconds=plan.outage.for_seconds)
            )

    def clear(self) -> None:
        """Nothing goes wrong any more."""
        self.plan = None
        self.outage_until = None

    def next(self, now: datetime) -> Injection:
        """Decide about the next call, and count what it will suffer."""
        plan = self.plan
        if plan is None:
            return NOTHING
        self.calls += 1
        chances = [self._random.random() for _ in range(7)]
        delay = plan.latency.seconds(chances[0]) if plan.latency is not None else 0.0
        if delay:
            self.injected[Fault.LATENCY] += 1
        if self.outage_until is not None and now < self.outage_until:
            self.injected[Fault.OUTAGE] += 1
            drop = plan.outage is not None and plan.outage.manner == "drop"
            return Injection(fault=Fault.OUTAGE, status=503, drop=drop)
        fault = self._draw(plan, chances)
        if fault is not None:
            self.injected[fault] += 1
        return Injection(
            delay,
            fault,
            status=ERRORS[int(chances[6] * len(ERRORS))],
            rubbish=RUBBISH[int(chances[6] * len(RUBBISH))],
            patience=plan.timeout_seconds,
        )

    @staticmethod
    def _draw(plan: FaultPlan, chances: list[float]) -> Fault | None:
        rates = (
            (plan.error_rate, Fault.ERROR),
            (plan.rubbish_rate, Fault.RUBBISH),
            (plan.timeout_rate, Fault.TIMEOUT),
            (plan.expire_sessions_rate, Fault.EXPIRED_SESSION),
            (plan.lost_reply_rate, Fault.LOST_REPLY),
        )
        for chance, (rate, fault) in zip(chances[1:6], rates, strict=True):
            if chance < rate:
                return fault
        return None

    def refusal(self, verb: str, call: Mapping[str, Any]) -> Refuse | None:
        """The first rule this call falls under, counted; `call` is the JSON object as it came."""
        if self.plan is None:
            return None
        for rule in self.plan.refuse:
            if (rule.verb is None or rule.verb.value == verb) and _falls_under(rule, call):
                self.injected[Fault.REFUSED] += 1
                return rule
        return None


def _falls_under(rule: Refuse, call: Mapping[str, Any]) -> bool:
    items = call.get("data")
    candidates = [call, *(each for each in items if isinstance(each, dict))] if isinstance(items, list) else [call]
    return any(rule.field in each and str(each[rule.field]) == rule.equals for each in candidates)
