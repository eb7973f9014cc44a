"""A persona: how a stand-in ministry behaves. All of it is drawn from `seed` and the task, so it can be repeated.

    task ─► forgets?  nothing is ever said
         ─► script?   the next answer of the script, and only that
         ─► refuses?  one of the reasons, by weight
         ─► asks for a supplement, once?
         ─► else what the ministry's own rules say, perhaps as a lie, twice, or corrected later

Rates are shares of tasks. Looked up in this order, of one task at most one of the first four happens.
"""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from enum import StrEnum
from statistics import NormalDist
from typing import Annotated, Any, Final, Literal, Self

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticKnownError

from contracts.identifiers import DossierCode
from contracts.rules import refuse
from contracts.tasks import Answer, SupplementWanted
from contracts.tasks.answers import Code

_NORMAL: Final = NormalDist()
_ALMOST_ONE: Final = 1 - 1e-12
_DAY_S: Final = 86_400


def _rfc3339(value: Any) -> Any:
    """Keep out the numbers and bare days that a lenient parser would take for a time."""
    if isinstance(value, datetime):
        return value
    if not isinstance(value, str) or not value[:11].endswith(("T", "t", " ")):
        raise PydanticKnownError("datetime_type")
    return value


Moment = Annotated[AwareDatetime, BeforeValidator(_rfc3339)]
Rate = Annotated[float, Field(ge=0, le=1, strict=True)]
Seconds = Annotated[float, Field(ge=0, le=30 * _DAY_S, strict=True)]
_Words = Annotated[str, Field(min_length=1, max_length=2_000)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Latency(_Part):
    """How long an answer takes. fixed: `seconds`. uniform: from `min_seconds` to `seconds`. lognormal: median
    `seconds`, shape `sigma`. `max_seconds` cuts every tail."""

    distribution: Literal["fixed", "uniform", "lognormal"] = "fixed"
    seconds: Seconds = 0
    min_seconds: Seconds = 0
    sigma: Annotated[float, Field(gt=0, le=5)] = 0.5
    max_seconds: Seconds = 30 * _DAY_S

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.distribution == "uniform" and self.min_seconds > self.seconds:
            raise refuse("persona.latency_order")
        return self

    def drawn(self, chance: float) -> float:
        """Seconds for a random number in [0, 1)."""
        match self.distribution:
            case "fixed":
                seconds = self.seconds
            case "uniform":
                seconds = self.min_seconds + (self.seconds - self.min_seconds) * chance
            case "lognormal":
                spread = _NORMAL.inv_cdf(min(max(chance, 1e-12), _ALMOST_ONE))
                seconds = self.seconds * math.exp(self.sigma * spread)
        return min(seconds, self.max_seconds)


class Outage(_Part):
    """The system is away until a moment, or for so many seconds from now. Nothing is taken up or said
    meanwhile; afterwards everything is caught up in order. Lookups get 503."""

    until: Moment | None = None
    for_seconds: Annotated[float | None, Field(gt=0, le=30 * _DAY_S)] = None

    @model_validator(mode="after")
    def _one_end(self) -> Self:
        if (self.until is None) == (self.for_seconds is None):
            raise refuse("persona.one_end")
        return self

    def end(self, now: datetime) -> datetime:
        """When it is over, if it begins now."""
        return self.until if self.until is not None else now + timedelta(seconds=self.for_seconds or 0)


class Reason(_Part):
    """A reason to refuse; `weight` is against the other reasons'."""

    code: Code
    vi: _Words
    en: _Words
    weight: Annotated[float, Field(gt=0, le=1_000_000)] = 1


class Scripted(_Part):
    """One answer to give: to the next task, or to the next one of this dossier or kind. A completed answer
    without results takes those the stand-in would have given. After `accepted` and `progress` nothing follows."""

    dossier: DossierCode | None = None
    kind: Annotated[str, Field(min_length=1, max_length=60)] | None = None
    after_seconds: Seconds = 0
    answer: Answer

    def meant_for(self, dossier: str, kind: str) -> bool:
        return self.dossier in (None, dossier) and self.kind in (None, kind)


_NO_REASON: Final = Reason(
    code="not-eligible",
    vi="Hồ sơ không đủ điều kiện giải quyết.",
    en="The conditions are not met.",
)
_NO_CONTENT: Final = SupplementWanted(content="Bổ sung bản chụp rõ nét của giấy tờ kèm theo hồ sơ.")


class Persona(_Part):
    """How a system behaves. With nothing said it answers every task at once, by its own rules."""

    seed: Annotated[int, Field(ge=0, lt=2**53)] = 0
    manual: bool = False
    """Nothing is answered by itself: somebody plays the ministry through the API."""
    latency: Latency = Latency()
    slow: Annotated[float, Field(gt=0, le=1_000)] = 1
    """Every delay times this."""
    accepts_first: bool = True
    progress: Annotated[list[_Words], Field(max_length=20)] = []
    """Notes given on the way, spread evenly over the latency."""
    refusal_rate: Rate = 0
    reasons: Annotated[list[Reason], Field(min_length=1, max_length=50)] = [_NO_REASON]
    supplement_rate: Rate = 0
    supplements: Annotated[list[SupplementWanted], Field(min_length=1, max_length=50)] = [_NO_CONTENT]
    outage: Outage | None = None
    lie_rate: Rate = 0
    """Lookups: 200 with an error text in the body. Tasks: completed, with results that fail their schema."""
    forget_rate: Rate = 0
    twice_rate: Rate = 0
    twice_after_seconds: Seconds = 0
    correct_rate: Rate = 0
    correct_after_seconds: Seconds = 5
    script: Annotated[list[Scripted], Field(max_length=1_000)] = []


class Mark(StrEnum):
    """Why something is said: the plain course, or one of the persona's doings."""

    PLAIN = ""
    HAND = "hand"
    SCRIPT = "script"
    REFUSAL = "refusal"
    SUPPLEMENT = "supplement"
    LIE = "lie"
    TWICE = "twice"
    CORRECTION = "correction"
    FORGOTTEN = "forgotten"
