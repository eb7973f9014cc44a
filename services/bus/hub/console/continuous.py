"""What the console knows and does about the continuous comparison: sync looks at all dossiers, over and over,
and names what a side has lost or has otherwise.

A seam like `reconciliation`: the pages know `Continuous`, `Known` and the functions below.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from services.bus.hub.console.reconciliation import WHERE, Kind
from services.bus.hub.console.remote import Remote
from services.bus.hub.operators.queries import Somebody

PATH: Final = "/v1/reconciliation"
PAGE: Final = 20
REPAIRED: Final = 10
Side = Literal["axis", "portal"]
State = Literal["open", "repairing", "repaired", "gone"]
SIDES: Final = ("province", "axis", "portal")


@dataclass(frozen=True, slots=True)
class Counted:
    """How much a side holds."""

    dossiers: int
    rows: int


@dataclass(frozen=True, slots=True)
class Whole:
    """The newest comparison of everything that went through. `counts`: by side; the portal is not among them if
    it does not tell what it holds."""

    finished_at: datetime
    seconds: float
    equal: bool
    counts: dict[str, Counted]

    @property
    def alike(self) -> int | None:
        """How many dossiers every side holds, if that is the same everywhere."""
        held = {each.dossiers for each in self.counts.values()}
        return held.pop() if len(held) == 1 else None


@dataclass(frozen=True, slots=True)
class Continuous:
    """How it stands. `differing`: dossiers with a difference that nobody has seen closed, by side; a dossier can
    differ on both."""

    whole: Whole | None
    comparing: bool
    error: str | None
    asks_portal: bool
    open: int
    repairing: int
    kinds: dict[str, int]
    dossiers: int
    differing: dict[str, int]

    @property
    def lost(self) -> int | None:
        """Dossiers that differ somewhere; None before the first comparison, as long as it has found nothing."""
        return None if self.whole is None and not self.dossiers else self.dossiers


@dataclass(frozen=True, slots=True)
class Known:
    """A difference, open or closed."""

    id: str
    state: State
    kind: Kind
    side: Side
    code: str
    version: int | None
    cause: str
    repairable: bool
    found_at: datetime
    repair_at: datetime | None
    repair_by: str | None
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of differences."""

    items: list[Known]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class Ordered:
    """What an order to repair came to: dossiers it takes up, and those for the next order."""

    dossiers: int
    left: int


def read(told: dict[str, Any]) -> Continuous:
    """As sync tells it."""
    last = told["last"]
    return Continuous(
        whole=None if last is None else _whole(last),
        comparing=told["comparing"],
        error=told["error"],
        asks_portal=told["portal"] == "extents",
        open=told["open"],
        repairing=told["repairing"],
        kinds=dict(told["open_by_kind"]),
        dossiers=told["dossiers"],
        differing=dict(told["dossiers_by_side"]),
    )


def _whole(told: dict[str, Any]) -> Whole:
    counts = told["counts"]
    return Whole(
        finished_at=datetime.fromisoformat(told["finished_at"]),
        seconds=told["seconds"],
        equal=told["equal"],
        counts={side: Counted(counts[side]["dossiers"], counts[side]["rows"]) for side in SIDES if side in counts},
    )


def known(told: dict[str, Any]) -> Known:
    """A difference as sync tells it."""
    return Known(
        id=told["id"],
        state=told["state"],
        kind=told["kind"],
        side=told["side"],
        code=told["code"],
        version=told["version"],
        cause=told["cause"],
        repairable=told["repairable"],
        found_at=datetime.fromisoformat(told["found_at"]),
        repair_at=_moment(told["repair_at"]),
        repair_by=told["repair_by"],
        closed_at=_moment(told["closed_at"]),
    )


def _moment(told: str | None) -> datetime | None:
    return None if told is None else datetime.fromisoformat(told)


async def state(remote: Remote, by: Somebody) -> Continuous:
    """How it stands now."""
    return read(await remote.get(by, WHERE, PATH))


async def differences(
    remote: Remote, by: Somebody, state: State, cursor: str | None = None, limit: int = PAGE
) -> Listed:
    """Those of one state, a page of them; what is no more comes newest first."""
    told = await remote.get(by, WHERE, f"{PATH}/differences", state=state, cursor=cursor, limit=limit)
    return Listed([known(each) for each in told["items"]], told["next_cursor"])


async def compare(remote: Remote, by: Somebody) -> Continuous:
    """Compare everything now, without pauses."""
    return read(await remote.post(by, WHERE, f"{PATH}/compare"))


async def repair(remote: Remote, by: Somebody, id: str) -> Known:
    """Have the dossier of this difference put right."""
    return known(await remote.post(by, WHERE, f"{PATH}/differences/{id}/repair"))


async def repair_all(remote: Remote, by: Somebody) -> Ordered:
    """Have everything put right that can be."""
    told = await remote.post(by, WHERE, f"{PATH}/differences/repair")
    return Ordered(told["dossiers"], told["left"])
