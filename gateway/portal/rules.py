"""What the portal makes of a status it is told, given what it already holds (domain 1.6).

              same key again ──────────────► REPEATED   success, no new row
              older than the newest row ───► OLDER      success, ignored
    row ────► one legal step on ───────────► NEW        kept
              anything else ───────────────► ILLEGAL    refused, with both names

Pure functions on small values: no database, no clock. Whatever calls arrive, in whatever order and however
often, what they keep is a legal history without duplicates.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from contracts.status import DossierStatus, next_statuses, reachable


class Verdict(StrEnum):
    NEW = "new"
    REPEATED = "repeated"
    OLDER = "older"
    ILLEGAL = "illegal"


def bit(status: int) -> int:
    """The bit of a status in a mask of statuses."""
    return 1 << status


@dataclass(slots=True)
class Head:
    """The newest row of a dossier's progress: its time (14 digits, "" if there is none) and status, and as a
    mask every status held at that very second, since the wire cannot tell two steps of one second apart."""

    at: str = ""
    status: int | None = None
    at_last: int = 0

    def judge(self, at: str, status: int) -> Verdict:
        """What to do with a row of (ThoiDiemXuLy, TrangThai). OLDER covers repeats of rows before the head;
        only the rows themselves can tell the two apart."""
        if at < self.at:
            return Verdict.OLDER
        if at == self.at and self.at_last & bit(status):
            return Verdict.REPEATED
        source = None if self.status is None else DossierStatus(self.status)
        return Verdict.NEW if status in next_statuses(source) else Verdict.ILLEGAL

    def advance(self, at: str, status: int) -> None:
        """Take a NEW row as the head."""
        self.at_last = bit(status) | (self.at_last if at == self.at else 0)
        self.at = at
        self.status = status


@dataclass(frozen=True, slots=True)
class Refused:
    """The row at `position` is no legal step from the one before it."""

    position: int
    source: DossierStatus | None
    target: DossierStatus


def judge_rows(head: Head, rows: Iterable[tuple[str, int]]) -> list[Verdict] | Refused:
    """Judge one dossier's rows in the order they came, moving `head` along, up to the first illegal one."""
    verdicts: list[Verdict] = []
    for position, (at, status) in enumerate(rows):
        verdict = head.judge(at, status)
        if verdict is Verdict.ILLEGAL:
            source = None if head.status is None else DossierStatus(head.status)
            return Refused(position, source, DossierStatus(status))
        if verdict is Verdict.NEW:
            head.advance(at, status)
        verdicts.append(verdict)
    return verdicts


def judge_update(held: int, seen: int, told: int) -> Verdict:
    """What to do with a DongBoHoSoMC of status `told` when the dossier is at `held` and has been at `seen`
    (a mask). NEW: take it, the sender may have skipped steps; REPEATED: same status, take the newer content;
    OLDER: a late repeat, ignore it; ILLEGAL: refuse."""
    if told == held:
        return Verdict.REPEATED
    if DossierStatus(told) in reachable(DossierStatus(held)):
        return Verdict.NEW
    return Verdict.OLDER if seen & bit(told) else Verdict.ILLEGAL
