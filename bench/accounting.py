"""Counting what got lost, repeated or reordered between the province and the portal, from what each exports.

Written against the two exports alone, apart from the product's own reconciliation: it is the witness that does
not belong to the accused.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import orjson

Histories = Mapping[str, Sequence[int]]
"""The statuses of each dossier, in order."""


@dataclass(frozen=True)
class Account:
    """`expected`: the statuses the province has. The rest: those the portal lacks, has too many of, and has in
    another order (the fewest that would have to move)."""

    dossiers: int
    expected: int
    lost: int
    duplicated: int
    out_of_order: int

    @property
    def clean(self) -> bool:
        return not (self.lost or self.duplicated or self.out_of_order)


def account(province: Histories, portal: Histories) -> Account:
    """Compare dossier by dossier; one the province does not know is all too many."""
    lost = duplicated = out_of_order = 0
    for code in province.keys() | portal.keys():
        there, here = list(portal.get(code, ())), list(province.get(code, ()))
        missing, surplus = Counter(here) - Counter(there), Counter(there) - Counter(here)
        lost += missing.total()
        duplicated += surplus.total()
        common = len(there) - surplus.total()
        out_of_order += common - longest_common_subsequence(here, there)
    return Account(len(province), sum(map(len, province.values())), lost, duplicated, out_of_order)


def longest_common_subsequence(one: Sequence[int], other: Sequence[int]) -> int:
    """How many elements the two have in the same order."""
    row = [0] * (len(other) + 1)
    for left in one:
        diagonal = 0
        for index, right in enumerate(other, 1):
            above = row[index]
            row[index] = diagonal + 1 if left == right else max(above, row[index - 1])
            diagonal = above
    return row[-1]


def province_histories(lines: Iterable[str]) -> dict[str, list[int]]:
    """The export of the dossier service: `{code, steps: [[version, status, at], ...]}`, by version."""
    return {row["code"]: [status for _, status, _ in sorted(row["steps"])] for row in map(orjson.loads, lines)}


def portal_histories(lines: Iterable[str]) -> dict[str, list[int]]:
    """The export of the portal: `{code, steps: [[ThoiDiemXuLy, TrangThai, arrival], ...]}`, by arrival: the
    order in which it heard, not the one the times claim."""
    return {
        row["code"]: [status for _, status, _ in sorted(row["steps"], key=lambda step: step[2])]
        for row in map(orjson.loads, lines)
    }
