"""How two people are related, by births and recognitions. Pure: who descends from whom is handed in.

Within three generations (trong phạm vi ba đời, Luật HNGĐ 2014 Đ.3 k.18) are those who share an ancestor no more
than two steps above either: siblings, half-siblings, uncle and niece, first cousins.
"""

from __future__ import annotations

from collections.abc import Mapping

Ancestors = Mapping[str, int]
"""Personal ids of ancestors with how many generations up they are; the person at 0."""


def in_direct_line(one: Ancestors, other: Ancestors, *, one_id: str, other_id: str) -> bool:
    """Whether one is an ancestor of the other."""
    return one_id in other or other_id in one


def within_generations(one: Ancestors, other: Ancestors, generations: int) -> bool:
    """Whether they share an ancestor that counts as the first of so many generations for both."""
    up = generations - 1
    near = {ancestor for ancestor, steps in one.items() if steps <= up}
    return any(steps <= up and ancestor in near for ancestor, steps in other.items())
