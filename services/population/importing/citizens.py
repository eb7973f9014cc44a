"""Citizens into the population data: who is there already, what is written, what was waiting for them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from contracts import scopes
from contracts.population.imports import ImportKind
from contracts.problems import Text
from contracts.rules import explain
from services.bus.kit.importing.registry import Refused, Registry, kept
from services.bus.kit.importing.sheet import Error, Piece
from services.bus.kit.outbox import emit_sealed
from services.bus.kit.tx import Tx
from services.population.commands.acts.effects import settle
from services.population.commands.changes import TAKEN
from services.population.commands.registration import taken
from services.population.consistency import TEXTS
from services.population.importing import sheets
from services.population.importing.sheets import CITIZENS, COLUMNS, STAYS
from services.population.models import BadLine, Citizen, Import, Residence

_MODELS: Final = {CITIZENS: Citizen, STAYS: Residence}
_ALREADY: Final = "already-exists"
_TEXTS: Final[Mapping[str, Text]] = {**TEXTS, _ALREADY: TAKEN}


def _taken(tx: Tx, kind: str, piece: Piece) -> Refused:
    """Those whose personal id or card is borne already, or twice in the piece."""
    refused: dict[int, Error] = {}
    for place, field, _ in taken(tx, piece.claims):
        refused.setdefault(place, (field, _ALREADY, {}))
    return refused


def _write(tx: Tx, kind: str, piece: Piece, refused: Refused, now: datetime) -> None:
    for table, (rows, owners) in piece.tables.items():
        tx.bulk(_MODELS[table], COLUMNS[table], kept(rows, owners, refused))
    emit_sealed(tx, kept(*piece.events, refused))
    settle(tx, (number for place, (number, _) in enumerate(piece.claims) if place not in refused), now=now)


def _explain(rule: str, context: Mapping[str, Any]) -> Text:
    known = _TEXTS.get(rule)
    return explain(rule, context) if known is None else known


REGISTRY: Final = Registry(
    imports=Import,
    bad_lines=BadLine,
    sheets=sheets.__name__,
    by_kind=sheets.SHEETS,
    kinds=ImportKind,
    only=ImportKind.CITIZEN,
    scope=scopes.POPULATION_WRITE,
    what="citizen import",
    refuse=_taken,
    write=_write,
    explain=_explain,
)
