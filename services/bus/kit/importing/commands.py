"""An import begins, and takes piece after piece: rows, what was refused, and the position, in one commit.

After a crash the import stands where its last piece ended: nothing is half taken, and nothing is taken twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from contracts.imports import ImportState, ImportView
from contracts.problems import IMPORT_COMPLETE, IMPORT_OFFSET, NOT_FOUND, Problem
from services.bus.kit.ids import new_id
from services.bus.kit.importing.registry import Registry
from services.bus.kit.importing.sheet import Error, Piece
from services.bus.kit.touching import touch
from services.bus.kit.tx import Tx


def begin_import(
    tx: Tx,
    registry: Registry,
    kind: str,
    form: str,
    columns: list[str],
    *,
    header: int,
    client_id: str,
    now: datetime,
) -> ImportView:
    """Begin an import; `header` is how many bytes the header line takes."""
    row = tx.insert(
        registry.imports,
        id=new_id(),
        kind=kind,
        format=form,
        columns=columns,
        state=ImportState.OPEN.value,
        position=header,
        lines=1 if header else 0,
        taken=0,
        refused=0,
        client_id=client_id,
        began_at=now,
        changed_at=now,
    )
    return import_view(row)


def take_piece(
    tx: Tx,
    registry: Registry,
    import_id: str,
    piece: Piece,
    *,
    given: int,
    upto: int,
    complete: bool,
    now: datetime,
) -> ImportView:
    """Take the lines between byte `given` and byte `upto` of the file, and stand there. Raises NOT_FOUND,
    IMPORT_COMPLETE, IMPORT_OFFSET if another request has gone on since."""
    tx.preload(registry.imports, [import_id], for_update=True)
    row: Any = tx.find(registry.imports, import_id)
    check_position(row, registry, import_id, given)
    touch()
    tx.flush()  # what earlier commands of the batch have left is there for the queries that follow
    tx.run_later()
    refused = registry.refuse(tx, row.kind, piece)
    registry.write(tx, row.kind, piece, refused, now)
    bad = [*piece.bad, *((piece.lines[place], [error]) for place, error in refused.items())]
    _keep(tx, registry, import_id, bad)
    row.position, row.changed_at = upto, now
    row.lines += piece.size
    row.taken += len(piece.lines) - len(refused)
    row.refused += len(bad)
    if complete:
        row.state = ImportState.COMPLETE.value
    return import_view(row)


def check_position(row: Any, registry: Registry, import_id: str, given: int) -> None:
    """The import is there, open, and stands at this byte."""
    if row is None:
        raise Problem(NOT_FOUND, what=registry.what, id=import_id)
    if row.state == ImportState.COMPLETE.value:
        raise Problem(IMPORT_COMPLETE, id=import_id)
    if row.position != given:
        raise Problem(
            IMPORT_OFFSET,
            field="header.Import-Offset",
            given=given,
            offset=row.position,
            headers={"Import-Offset": str(row.position)},
        )


def import_view(row: Any) -> ImportView:
    """How far an import has come."""
    return ImportView(
        id=row.id,
        kind=row.kind,
        format=row.format,
        state=ImportState(row.state),
        offset=row.position,
        lines=row.lines,
        taken=row.taken,
        refused=row.refused,
        began_at=row.began_at,
        changed_at=row.changed_at,
    )


def _keep(tx: Tx, registry: Registry, import_id: str, bad: Sequence[tuple[int, list[Error]]]) -> None:
    for number, errors in bad:
        told = [{"field": field, "rule": rule, "context": context} for field, rule, context in errors]
        tx.append(registry.bad_lines, {"import_id": import_id, "line": number, "errors": told})
