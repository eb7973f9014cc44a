"""What an example is, and how it is carried out: dossiers in, figures out, each beside what was published."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any, Final, TypeVar

from services.bus.hub.indicators import schemas
from services.bus.hub.indicators.book import Book
from services.bus.hub.indicators.counting import Where
from services.bus.hub.indicators.counts import recount
from services.bus.hub.indicators.examples.drafts import Draft, DraftCheck, code_of, record_checks, rows
from services.bus.hub.indicators.models import DossierFacts
from services.bus.hub.indicators.values import values
from services.bus.kit.store import Store
from services.bus.kit.tx import Tx

T = TypeVar("T")
CHUNK: Final = 5_000
LATER: Final = datetime(2100, 1, 1, tzinfo=UTC)
"""All of it is long past."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure: what was published, and what came out."""

    what: str
    published: str
    ours: str

    @property
    def agrees(self) -> bool:
        return self.published == self.ours


@dataclass(frozen=True)
class Example:
    """A province in a period: what there is of it, and which published figures it is to give."""

    title: str
    source: str
    book: Book
    where: Where
    drafts: Sequence[Draft]
    checks: Sequence[DraftCheck]
    figures: Callable[[Tx, Example], list[Figure]]
    notes: tuple[str, ...] = ()

    def values(self, tx: Tx) -> dict[str, schemas.Value]:
        """Its indicators by id."""
        found = values(tx, self.book, self.where, now=LATER)
        return {each.id: each for group in found.groups for each in group.indicators}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it. `filled_s`: making the dossiers; `counted_s`: working out all figures."""

    figures: list[Figure]
    dossiers: int
    filled_s: float
    counted_s: float


async def carry_out(example: Example, store: Store) -> Outcome:
    """Fill the empty tables of `store`, then ask them."""
    began = time.perf_counter()
    await fill(example, store)
    filled = time.perf_counter()
    figures = await store.read(lambda tx: example.figures(tx, example))
    return Outcome(figures, len(example.drafts), filled - began, time.perf_counter() - filled)


async def fill(example: Example, store: Store) -> None:
    """The facts of all drafts, then their checks."""
    for chunk in chunks(rows(example.drafts), CHUNK):
        await store.write(lambda tx, chunk=chunk: _append(tx, chunk))  # type: ignore[misc]
    await store.write(recount)
    codes = {number: (code_of(number, draft), draft) for number, draft in enumerate(example.drafts, start=1)}
    for batch in chunks(iter(example.checks), CHUNK):
        await store.write(lambda tx, batch=batch: record_checks(tx, batch, codes))  # type: ignore[misc]


def _append(tx: Tx, chunk: list[dict[str, Any]]) -> None:
    for row in chunk:
        tx.append(DossierFacts, row)


def chunks(items: Iterator[T], size: int) -> Iterator[list[T]]:
    while part := list(islice(items, size)):
        yield part


def number(value: int) -> str:
    return f"{value:,}"


def percent(numerator: int, denominator: int, digits: int) -> str:
    return f"{100 * numerator / denominator:.{digits}f} %"
