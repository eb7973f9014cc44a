"""What the console knows and does about reconciliation (đối soát) row by row: province, axis and portal compared
when somebody says so. What is compared all the time is in `continuous`.

A seam: the pages know `Comparison` and `Difference` and the four functions below, and nothing of who compares.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from services.bus.hub.console.remote import Remote
from services.bus.hub.operators.queries import Somebody

WHERE: Final = "sync"
PAGE: Final = 50

Kind = Literal["missing", "extra", "different", "out_of_order", "duplicated"]
KINDS: Final[tuple[Kind, ...]] = ("missing", "different", "extra", "out_of_order", "duplicated")


@dataclass(frozen=True, slots=True)
class Comparison:
    """One comparison. `counted`: dossiers and statuses of province, axis and portal; None while it runs."""

    id: str
    state: Literal["running", "done", "failed"]
    started_at: datetime
    finished_at: datetime | None
    by: str
    error: str | None
    lost: int
    differences: dict[str, int]
    counted: dict[str, dict[str, int]] | None
    seconds: float | None

    @property
    def found(self) -> int:
        return sum(self.differences.values())


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing in which a side differs from the province."""

    place: int
    kind: Kind
    side: Literal["axis", "portal"]
    code: str
    version: int | None
    repairable: bool
    repair_at: datetime | None


@dataclass(frozen=True, slots=True)
class Found:
    """A page of differences."""

    comparison: Comparison
    items: list[Difference]
    next_cursor: str | None


def read(told: dict[str, Any]) -> Comparison:
    """As sync tells it."""
    counts = told["counts"]
    finished = told["finished_at"]
    return Comparison(
        id=told["id"],
        state=told["state"],
        started_at=datetime.fromisoformat(told["started_at"]),
        finished_at=None if finished is None else datetime.fromisoformat(finished),
        by=told["started_by"],
        error=told["error"],
        lost=counts["lost"] if counts else 0,
        differences={kind: number for kind, number in counts["findings"].items() if number} if counts else {},
        counted={"dossiers": counts["dossiers"], "statuses": counts["statuses"]} if counts else None,
        seconds=counts["seconds"] if counts else None,
    )


def newest(page: dict[str, Any]) -> Comparison | None:
    """Of a list of comparisons, newest first."""
    return read(page["items"][0]) if page["items"] else None


async def history(remote: Remote, by: Somebody, limit: int = 10) -> list[Comparison]:
    """The last comparisons."""
    page = await remote.get(by, WHERE, "/v1/reconciliations", limit=limit)
    return [read(each) for each in page["items"]]


async def differences(
    remote: Remote, by: Somebody, id: str, kind: str | None = None, cursor: str | None = None
) -> Found:
    """What a comparison found, a page of it."""
    told = await remote.get(by, WHERE, f"/v1/reconciliations/{id}", kind=kind, cursor=cursor, limit=PAGE)
    items = [
        Difference(
            place=each["place"],
            kind=each["kind"],
            side=each["side"],
            code=each["code"],
            version=each["version"],
            repairable=each["repairable"],
            repair_at=None if each["repair_at"] is None else datetime.fromisoformat(each["repair_at"]),
        )
        for each in told["findings"]["items"]
    ]
    return Found(read(told), items, told["findings"]["next_cursor"])


async def compare(remote: Remote, by: Somebody) -> Comparison:
    """Begin to compare now."""
    return read(await remote.post(by, WHERE, "/v1/reconciliations"))


async def repair(remote: Remote, by: Somebody, id: str, places: list[int] | None = None) -> int:
    """Have what was found put right: these, or all that can be. How many dossiers are sent again."""
    body = {} if places is None else {"places": places}
    told = await remote.post(by, WHERE, f"/v1/reconciliations/{id}/repair", body=body)
    return int(told["dossiers"])
