"""What the API of the indicators answers with."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel

from contracts.catalogue.indicators import Group, Input, OnTimeRule


class Definitions(BaseModel):
    """All that figures are made by: groups of indicators, the on-time rule, figures somebody has to give."""

    groups: tuple[Group, ...]
    on_time: OnTimeRule
    inputs: list[Input]


class SideValue(BaseModel):
    """One side of a ratio. `value` is None where it cannot be known. `counts` says what of; `dossiers` is the
    query for those behind it, where there are any."""

    value: int | None
    counts: str
    dossiers: str | None = None


class Value(BaseModel):
    """An indicator's value. `ratio` is 0 to 1 (unrounded); `percent` has two decimals. `why` says in both
    languages why there is none."""

    id: str
    name_vi: str
    name_en: str
    numerator: SideValue
    denominator: SideValue
    ratio: float | None
    percent: float | None
    times: float | None = None
    """The ratio it was multiplied with."""
    points: float | None
    points_max: float | None
    why_vi: str | None = None
    why_en: str | None = None
    mark: str
    source: str


class GroupValue(BaseModel):
    """A group's indicators. `points` adds up those that are known, `points_known` what they could have earned."""

    id: str
    number: str
    name_vi: str
    name_en: str
    points: float | None
    points_known: float | None
    points_max: float | None
    indicators: list[Value]


class Values(BaseModel):
    """The indicators of a period, both days included. Unfinished dossiers were compared with `compared_at`."""

    first_day: date
    last_day: date
    compared_at: datetime
    dossiers: int
    groups: list[GroupValue]


class DossierLine(BaseModel):
    """A dossier behind a figure: its code and what decided."""

    code: str
    procedure_code: str
    agency: str
    channel: str
    status: int
    received_at: datetime
    due_at: datetime | None
    ended_at: datetime | None


class TableColumn(BaseModel):
    """A column: a count, or with `of` a share."""

    id: str
    name_vi: str
    name_en: str
    of: tuple[str, str] | None = None


class TableRow(BaseModel):
    """A row: `cells` in the order of the columns; a share without a denominator is None."""

    key: str
    name: str
    period: str
    cells: list[float | int | None]


class Table(BaseModel):
    """Figures by unit, procedure or channel and period. The last row is the total."""

    first_day: date
    last_day: date
    rows_by: str
    period: str
    columns: list[TableColumn]
    rows: list[TableRow]
    total: TableRow


class UnitWithout(BaseModel):
    """A commune with no online dossier in the period; `received` is how many it took in all."""

    code: str
    name: str
    received: int


class WithoutOnline(BaseModel):
    """Communes without online dossiers (xã không phát sinh hồ sơ trực tuyến)."""

    first_day: date
    last_day: date
    communes: int
    without: int
    items: list[UnitWithout]


class CheckCount(BaseModel):
    """Checks and distinct dossiers of one value of a dimension."""

    value: str
    events: int
    dossiers: int


class IdentityChecks(BaseModel):
    """Both counts, side by side: checks (lượt) and distinct dossiers (hồ sơ), as the population service told them,
    and the dossiers whose applicant the one-stop shop recorded as verified. Nobody makes them agree: a dossier may
    be checked on two channels, or a second time."""

    first_day: date
    last_day: date
    events: int
    dossiers: int
    matched_events: int
    matched_dossiers: int
    recorded_dossiers: int
    recorded_verified: int
    by_kind: list[CheckCount]
    by_channel: list[CheckCount]
    by_outcome: list[CheckCount]


ClockState = Literal["due_today", "overdue", "suspended", "running"]


class ClockLine(BaseModel):
    """Dossiers in hand at one office, of one procedure. `running` counts those due after today."""

    agency: str
    agency_name: str
    procedure_code: str
    procedure_name: str
    due_today: int
    overdue: int
    suspended: int
    running: int


class LegalClock(BaseModel):
    """The legal clock (thời hạn giải quyết) of everything in hand now."""

    at: datetime
    due_today: int
    overdue: int
    suspended: int
    running: int
    oldest_overdue: datetime | None
    lines: list[ClockLine]


class Reason(BaseModel):
    """Why a day did not count."""

    kind: str
    date: date
    vi: str
    en: str


class ClockDossier(BaseModel):
    """One dossier on the clock and why its deadline falls where it falls. `original` is the deadline as receipt
    gave it; `moved` says that pauses have moved it since."""

    code: str
    procedure_code: str
    agency: str
    status: int
    state: ClockState
    received_at: datetime
    due_at: datetime | None
    paused_at: datetime | None
    original: datetime | None
    moved: bool
    reasons: list[Reason]
