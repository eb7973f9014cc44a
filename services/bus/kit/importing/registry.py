"""What a registry brings to its imports."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from contracts.problems import Text
from contracts.rules import explain
from services.bus.kit.importing.second import SecondProcess
from services.bus.kit.importing.sheet import Error, Piece, Sheet
from services.bus.kit.tx import Tx

if TYPE_CHECKING:
    from services.bus.kit.service import Service

Refused = Mapping[int, Error]
"""Good rows that are taken already or twice, by their place among the good rows of a piece, and why."""


@dataclass(frozen=True)
class Registry:
    """`sheets` is the module that holds SHEETS; `kinds` their names, `only` the kind if there is but one.

    `refuse(tx, kind, piece)` says which good rows cannot be taken; `write(tx, piece, refused, now)` writes the
    others. `what` is what an import is called when there is none of that id.
    """

    imports: type[Any]
    bad_lines: type[Any]
    sheets: str
    by_kind: Mapping[str, Sheet]
    kinds: type[StrEnum]
    scope: str
    what: str
    refuse: Callable[[Tx, str, Piece], Refused]
    write: Callable[[Tx, str, Piece, Refused, datetime], None]
    only: StrEnum | None = None
    explain: Callable[[str, Mapping[str, Any]], Text] = explain

    def opened(self, piece_bytes: int) -> Callable[[Service], contextlib.AbstractAsyncContextManager[None]]:
        """For the lifespan of the service: imports are read and committed so many bytes at a time."""

        @contextlib.asynccontextmanager
        async def lifespan(service: Service) -> AsyncIterator[None]:
            second = SecondProcess(self.sheets)
            service.extra[Importing.__name__] = Importing(self, second, piece_bytes)
            try:
                yield
            finally:
                await second.aclose()

        return lifespan


@dataclass(frozen=True)
class Importing:
    """The imports of a running service."""

    registry: Registry
    second: SecondProcess
    piece_bytes: int

    @staticmethod
    def of(service: Service) -> Importing:
        found: Importing = service.extra[Importing.__name__]
        return found


def kept(rows: list[Any], owners: Iterable[int], refused: Refused) -> list[Any]:
    """The rows of a table that belong to good rows nobody refuses."""
    return [row for row, owner in zip(rows, owners, strict=True) if owner not in refused] if refused else rows
