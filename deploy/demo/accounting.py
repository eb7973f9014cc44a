"""What differs between what the province did, what the axis carried and what the portal holds, dossier by dossier.

    lost          a status of the province that the axis or the portal does not have
    duplicated    a row of the portal that the province has no (other) status for
    out_of_order  a status the portal has in another place, or at another time, than it happened

Pure, and made without a look at sync's own reconciliation: it is the second opinion. The portal's rows are laid
beside the province's by their longest common subsequence, so that one that is missing does not make the rest
look wrong.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from contracts.status import is_legal_history

Row = tuple[int, int]
"""A status and its second since 1970."""


@dataclass(frozen=True, slots=True)
class Held:
    """One dossier on all three sides.

    `province`: its rows in order. `axis`: the newest version, and the newest one acknowledged; None if unknown
    there. `portal`: its status and its rows in order of arrival; None if unknown there.
    """

    code: str
    province: Sequence[Row]
    axis: tuple[int, int] | None
    portal: tuple[int, Sequence[Row]] | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is wrong with one dossier, in numbers of statuses; `why` in words, empty if nothing is."""

    lost: int = 0
    duplicated: int = 0
    out_of_order: int = 0
    why: str = ""


FINE = Verdict()


def judge(held: Held) -> Verdict:
    """Compare the three sides of one dossier."""
    rows = () if held.portal is None else held.portal[1]
    kept = _laid_beside(held.province, rows)
    missing = [row[0] for place, row in enumerate(held.province) if place not in kept]
    surplus = [row[0] for place, row in enumerate(rows) if place not in set(kept.values())]
    moved = []
    for status in list(surplus):
        if status in missing:
            missing.remove(status)
            surplus.remove(status)
            moved.append(status)
    why = [
        f"the portal {what} {', '.join(map(str, statuses))}"
        for what, statuses in (
            ("lacks status", missing),
            ("holds too much: status", surplus),
            ("has in another place or at another time: status", moved),
        )
        if statuses
    ]
    lost, out_of_order = len(missing), len(moved)
    newest, acknowledged = held.axis or (0, 0)
    if newest < len(held.province):
        lost = max(lost, len(held.province) - newest)
        why.append(f"the axis knows {newest} of {len(held.province)} statuses")
    elif not why and acknowledged != len(held.province):
        why.append(f"the axis believes the portal holds {acknowledged} of {len(held.province)} statuses")
    if not why and held.portal is not None and held.province and held.portal[0] != held.province[-1][0]:
        out_of_order = 1
        why.append(f"the portal shows status {held.portal[0]}, the province is at {held.province[-1][0]}")
    if not is_legal_history(status for status, _ in held.province):
        why.append("the province's own history is not a legal one")
    return Verdict(lost, len(surplus), out_of_order, f"{held.code}: {'; '.join(why)}") if why else FINE


def _laid_beside(province: Sequence[Row], portal: Sequence[Row]) -> dict[int, int]:
    """The longest common subsequence: place at the province -> place at the portal."""
    if len(province) == len(portal) and all(
        _same(ours, theirs, len(province)) for ours, theirs in zip(province, portal, strict=True)
    ):
        return {index: index for index in range(len(province))}
    lengths = [[0] * (len(portal) + 1) for _ in range(len(province) + 1)]
    for i in range(len(province) - 1, -1, -1):
        for j in range(len(portal) - 1, -1, -1):
            if _same(province[i], portal[j], len(province)):
                lengths[i][j] = lengths[i + 1][j + 1] + 1
            else:
                lengths[i][j] = max(lengths[i + 1][j], lengths[i][j + 1])
    kept: dict[int, int] = {}
    i = j = 0
    while i < len(province) and j < len(portal):
        if _same(province[i], portal[j], len(province)):
            kept[i] = j
            i, j = i + 1, j + 1
        elif lengths[i + 1][j] >= lengths[i][j + 1]:
            i += 1
        else:
            j += 1
    return kept


def _same(ours: Row, theirs: Row, steps: int) -> bool:
    """The wire counts whole seconds, and steps of one second are put into seconds of their own: each can be
    told as later than it was, by at most one second a step."""
    return ours[0] == theirs[0] and 0 <= theirs[1] - ours[1] <= steps


@dataclass(slots=True)
class Side:
    """How much one side holds."""

    dossiers: int = 0
    statuses: int = 0


@dataclass(slots=True)
class Account:
    """All dossiers of one replay, added up. `promised` counts by status what callers were told was taken."""

    promised: dict[int, int]
    promised_dossiers: int
    province: Side = field(default_factory=Side)
    axis: Side = field(default_factory=Side)
    portal: Side = field(default_factory=Side)
    kept: dict[int, int] = field(default_factory=dict)
    newest: dict[int, int] = field(default_factory=dict)
    lost: int = 0
    duplicated: int = 0
    out_of_order: int = 0
    findings: list[str] = field(default_factory=list)

    MOST_FINDINGS = 20

    def add(self, held: Held) -> None:
        """Count one dossier in."""
        if held.province:
            self.province.dossiers += 1
            self.province.statuses += len(held.province)
            self.newest[held.province[-1][0]] = self.newest.get(held.province[-1][0], 0) + 1
        for status, _ in held.province:
            self.kept[status] = self.kept.get(status, 0) + 1
        if held.axis is not None:
            self.axis.dossiers += 1
            self.axis.statuses += held.axis[0]
        if held.portal is not None:
            self.portal.dossiers += 1
            self.portal.statuses += len(held.portal[1])
        verdict = judge(held)
        self.lost += verdict.lost
        self.duplicated += verdict.duplicated
        self.out_of_order += verdict.out_of_order
        if verdict.why and len(self.findings) < self.MOST_FINDINGS:
            self.findings.append(verdict.why)

    def close(self) -> None:
        """Hold the province to what callers were told: a status that was promised and is not there is lost."""
        for status, promised in sorted(self.promised.items()):
            absent = promised - self.kept.get(status, 0)
            if absent > 0:
                self.lost += absent
                self.findings.append(
                    f"the province was said to have taken {absent} more status(es) {status} than it holds"
                )
        if self.province.dossiers < self.promised_dossiers:
            absent = self.promised_dossiers - self.province.dossiers
            self.findings.append(f"the province holds {absent} dossier(s) less than it was said to have taken")

    @property
    def agrees(self) -> bool:
        """Nothing lost, nothing twice, nothing out of order, and the three sides hold the same."""
        return (
            not (self.lost or self.duplicated or self.out_of_order or self.findings)
            and self.province == self.axis == self.portal
        )
