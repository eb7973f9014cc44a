"""The province's indicators as data (bộ chỉ số): `indicators/*.json`, each with its source, mark and open points.

A side of a ratio names what it counts: dossiers in sets, procedures that have such dossiers, services of the
catalogue, or a figure somebody gives. The sets are pure functions in code (`services.bus.hub.indicators.sets`);
how they combine, what is worth how many points, thresholds and caps stand here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from contracts.catalogue.files import read_rows
from contracts.problems.text import Text

_FOLDER: Final = Path(__file__).with_name("indicators")

Mark = Literal["verified", "recalled", "derived", "ours"]
Empty = Literal["zero", "full", "na"]
Level = Literal["full", "partial", "information", "level_2", "level_3", "level_4"]
"""Of a service online: toàn trình, một phần, information only; and the older levels (TT 32/2017)."""


class DossierSet(StrEnum):
    """What can be said of one dossier, yes or no. A definition names dossiers that are in several of these."""

    RECEIVED = "received"
    ONLINE = "online"
    POST = "post"
    SYNCED = "synced"
    ENDED = "ended"
    LATE = "late"
    RESOLVED = "resolved"
    RESULT_REQUIRED = "result_required"
    RESULT_FILE = "result_file"
    RESULT_GIVEN = "result_given"
    SIGNED_RESULT = "signed_result"
    COMPONENT_FILE = "component_file"
    DIGITISED = "digitised"
    REUSED = "reused"
    FROM_STORE = "from_store"
    FEE_PROCEDURE = "fee_procedure"
    OBLIGATION = "obligation"
    PAID_ONLINE = "paid_online"
    CHECKED = "checked"
    VERIFIED = "verified"
    PERSON = "person"
    CONNECTED = "connected"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Words(_Part):
    """A text in both languages."""

    vi: str
    en: str

    @property
    def text(self) -> Text:
        return Text(self.vi, self.en)


class Within(_Part):
    """Dossiers that are in all of `within` and in none of `without`."""

    within: tuple[DossierSet, ...] = Field((), alias="in")
    without: tuple[DossierSet, ...] = Field((), alias="not")


class Dossiers(Within):
    """How many dossiers."""

    count: Literal["dossiers"]


class Procedures(Within):
    """How many procedures (TTHC) have at least one such dossier; `among` those whose service is of a level."""

    count: Literal["procedures"]
    among: tuple[Level, ...] = ()


class Services(_Part):
    """How many services of the catalogue are of these levels; all without any. `fee`: only those that cost
    something; `pays_online`: only those whose fee can be paid on the portal."""

    count: Literal["services"]
    level: tuple[Level, ...] = ()
    fee: bool = False
    pays_online: bool = False


class Given(_Part):
    """A figure no event tells: what `inputs.json` says, if it says anything."""

    count: Literal["given"]
    name: str


class Larger(_Part):
    """The largest of these."""

    count: Literal["larger"]
    of: tuple[Side, ...]


class Difference(_Part):
    """The first less the others."""

    count: Literal["difference"]
    of: tuple[Side, ...]


Side = Annotated[Dossiers | Procedures | Services | Given | Larger | Difference, Field(discriminator="count")]


class Indicator(_Part):
    """One ratio and what it is worth: `points` from a ratio of `full_from` on. `points` is None for a figure that
    earns none. `times` names another indicator whose ratio it is multiplied with. `empty` says what holds when
    there is nothing to divide by."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{1,59}$")]
    name: Words
    points: float | None = None
    full_from: Annotated[float, Field(gt=0, le=1)] = 1.0
    times: str | None = None
    numerator: Side
    denominator: Side
    empty: Empty = "zero"
    source: str
    mark: Mark
    open: tuple[Words, ...] = ()


class Group(_Part):
    """A group of indicators (nhóm chỉ số). `max` is what the regime gives for all of it, None where it gives
    none."""

    id: str
    number: str
    name: Words
    max: float | None
    regime: str
    source: str
    mark: Mark
    indicators: tuple[Indicator, ...]


class Column(Within):
    """A column of the tables: dossiers, or the share (`of`) of one such column in another."""

    id: str
    name: Words
    of: tuple[str, str] | None = None


class Input(_Part):
    """A figure that no event of the axis tells. `value` is None where nobody gave it: `why` says so."""

    name: str
    what: Words
    value: int | None
    as_of: str | None = None
    source: str
    mark: Mark
    why: Words | None = None

    @model_validator(mode="after")
    def _explained(self) -> Input:
        if self.value is None and self.why is None:
            raise ValueError(f"{self.name} has neither a value nor a reason")
        return self


class OnTimeRule(_Part):
    """The rule of on-time settlement (QĐ 766, group 2) as far as it is data. `ends` are statuses whose moment ends
    a dossier that has no moment of 9 or 10; `cut_while` statuses in which the time is cut at the request;
    `supplements` how many requests for papers a dossier may have and still be on time."""

    ends: tuple[int, ...]
    cut_while: tuple[int, ...]
    supplements: int
    source: str
    mark: Mark
    open: tuple[Words, ...] = ()


class OnlineService(_Part):
    """How far a procedure can be done online, and whether its fee can be paid on the portal."""

    code: str
    level: Level
    pays_online: bool


@cache
def groups() -> tuple[Group, ...]:
    """Every group in the order of the files. A ValueError if an indicator has two definitions or names one that
    is not there."""
    found = tuple(Group.model_validate(_read(path)) for path in sorted(_FOLDER.glob("group-*.json")))
    ids = [each.id for group in found for each in group.indicators]
    named = {each.times for group in found for each in group.indicators if each.times}
    if len(set(ids)) != len(ids) or not named <= set(ids):
        raise ValueError(f"indicators defined twice or missing: {sorted(ids)}")
    return found


@cache
def indicators() -> Mapping[str, Indicator]:
    """Every indicator by its id."""
    return {each.id: each for group in groups() for each in group.indicators}


@cache
def columns() -> tuple[Column, ...]:
    """The columns of the tables."""
    return tuple(Column.model_validate(each) for each in _read(_FOLDER / "columns.json"))


@cache
def inputs() -> Mapping[str, Input]:
    """The figures somebody has to give, by name."""
    return {each.name: each for each in (Input.model_validate(one) for one in _read(_FOLDER / "inputs.json"))}


@cache
def on_time_rule() -> OnTimeRule:
    return OnTimeRule.model_validate(_read(_FOLDER / "on-time.json"))


@cache
def online_services() -> Mapping[str, OnlineService]:
    """What is offered online, by procedure code."""
    rows = read_rows("indicators/online-services.csv", "code", "level", "pays_online", "mark")
    return {
        code: OnlineService.model_validate({"code": code, "level": level, "pays_online": pays == "yes"})
        for code, level, pays, _ in rows
    }


def _read(path: Path) -> Any:
    return json.loads(path.read_text("utf-8"))
