"""What looks random, drawn from a seed and the name of what it is for: the same again in every rehearsal."""

from __future__ import annotations

import json
import random
from functools import cache
from pathlib import Path
from typing import Any, Final

_DATA: Final = Path(__file__).parent / "data"


@cache
def data(name: str) -> dict[str, Any]:
    """The configuration `data/<name>.json`."""
    told: dict[str, Any] = json.loads((_DATA / f"{name}.json").read_text("utf-8"))
    return told


def draws(seed: int, *of: object) -> random.Random:
    """The random numbers of one thing, such as a task: independent of every other thing's and of the order."""
    return random.Random("|".join((str(seed), *map(str, of))))


def digits(rng: random.Random, count: int) -> str:
    """So many digits, the first of them not 0."""
    return str(rng.randrange(10 ** (count - 1), 10**count))


def person_name(rng: random.Random) -> str:
    """A believable name: họ, chữ đệm, tên."""
    names = data("names")
    return " ".join(rng.choice(names[part]) for part in ("family", "middle", "given"))


def initials(full_name: str) -> str:
    """`Nguyễn Văn An` as `N. V. A.`: enough to find one's own line in a list, too little to find a person."""
    return " ".join(f"{word[0].upper()}." for word in full_name.split())[:40]
