"""Parcels into the book: which of them, and of their certificates, are there already."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from contracts import scopes
from contracts.catalogue.land_rules import land_rules
from contracts.land.imports import ImportKind
from contracts.problems import Text
from contracts.rules import explain, refuse
from services.bus.kit.importing.registry import Refused, Registry, kept
from services.bus.kit.importing.sheet import Error, Piece, error_of
from services.bus.kit.statements import Lookup
from services.bus.kit.tx import Tx
from services.registry.land.importing import sheets
from services.registry.land.importing.rows import (
    CERTIFICATES,
    COLUMNS,
    DESCRIPTIONS,
    HOLDINGS,
    PARCELS,
    RIGHTS,
)
from services.registry.land.models import (
    BadLine,
    Certificate,
    Description,
    Holding,
    Import,
    Parcel,
    Right,
)

_MODELS: Final = {
    PARCELS: Parcel,
    DESCRIPTIONS: Description,
    RIGHTS: Right,
    HOLDINGS: Holding,
    CERTIFICATES: Certificate,
}
_PARCELS: Final = Lookup(Parcel.__table__, "key")
_SERIALS: Final = Lookup(Certificate.__table__, "id")
_KEY: Final = list(Parcel.__table__.columns.keys()).index("key")
_SERIAL: Final = list(Certificate.__table__.columns.keys()).index("id")


def _taken(tx: Tx, kind: str, piece: Piece) -> Refused:
    """Parcels and certificates that are there already, or twice in the piece. What is refused claims nothing."""
    keys = {each[_KEY] for each in tx.look_up(_PARCELS, {key for key, _ in piece.claims})}
    wanted = {serial for _, serial in piece.claims if serial is not None}
    serials = {each[_SERIAL] for each in tx.look_up(_SERIALS, wanted)}
    refused: dict[int, Error] = {}
    for place, (key, serial) in enumerate(piece.claims):
        if key in keys:
            refused[place] = error_of("parcel_number", refuse("import.parcel_taken", parcel=key))
        elif serial in serials:
            refused[place] = error_of("serial", refuse("import.serial_taken", serial=serial))
        else:
            keys.add(key)
            if serial is not None:
                serials.add(serial)
    return refused


def _write(tx: Tx, kind: str, piece: Piece, refused: Refused, now: datetime) -> None:
    for table, (rows, owners) in piece.tables.items():
        tx.bulk(_MODELS[table], COLUMNS[table], kept(rows, owners, refused))


def _explain(rule: str, context: Mapping[str, Any]) -> Text:
    known = land_rules().get(rule)
    return explain(rule, context) if known is None else known.text


REGISTRY: Final = Registry(
    imports=Import,
    bad_lines=BadLine,
    sheets=sheets.__name__,
    by_kind=sheets.SHEETS,
    kinds=ImportKind,
    only=ImportKind.PARCEL,
    scope=scopes.LAND_IMPORT,
    what="land import",
    refuse=_taken,
    write=_write,
    explain=_explain,
)
