"""Service levels (mức phục vụ): how soon which share of a link's events has to be done, over how many days."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from contracts.problems.text import Text

_FILE: Final = Path(__file__).parent / "service-levels.json"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Name(_Part):
    """What is promised, in both languages."""

    vi: str
    en: str

    @property
    def text(self) -> Text:
        return Text(self.vi, self.en)


class Link(_Part):
    """On which link: who announces what to whom."""

    source: str
    type: str
    consumer: str
    verb: str = ""


class ServiceLevel(_Part):
    """`share` of the events have to be done `within_s` seconds of their commit, over `over_days` days."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$")]
    name: Name
    link: Link
    share: Annotated[float, Field(gt=0, lt=1)]
    within_s: Annotated[float, Field(gt=0, le=86_400)]
    over_days: Annotated[int, Field(ge=1, le=365)]

    @property
    def tolerated(self) -> float:
        """The share that may be late."""
        return 1 - self.share


@cache
def service_levels() -> tuple[ServiceLevel, ...]:
    """Every service level there is."""
    return TypeAdapter(tuple[ServiceLevel, ...]).validate_json(_FILE.read_bytes())
