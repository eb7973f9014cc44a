"""The files of `truc bench import`: what a registry takes, but for one line in a hundred."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from bench import import_files
from bench.import_files import Form, Registry
from services.bus.kit.importing.lines import read_header
from services.bus.kit.importing.sheet import Piece, Sheet, read_piece
from services.population.importing import sheets as population
from services.registry.civil.importing import sheets as civil
from services.registry.land.importing import sheets as land

ROWS = 3_000
SHEETS: dict[Registry, Sheet] = {
    "population": population.SHEETS["citizen"],
    "civil": civil.SHEETS["birth"],
    "land": land.SHEETS["parcel"],
}


def read(path: Path, registry: Registry, form: Form) -> Piece:
    data, sheet, columns = path.read_bytes(), SHEETS[registry], []
    if form == "csv":
        header, _, data = data.partition(b"\n")
        columns = read_header(header, sheet.known, sheet.required)
    return read_piece(
        sheet,
        data,
        form,
        columns,
        import_id="i",
        first_line=2,
        today=date(2026, 11, 22),
        now=datetime(2026, 11, 22, tzinfo=UTC),
        dialect="sqlite",
    )


@pytest.mark.parametrize("registry", ["population", "civil", "land"])
@pytest.mark.parametrize("form", ["csv", "ndjson"])
def test_nearly_every_row_is_taken(registry: Registry, form: Form, tmp_path: Path) -> None:
    path = tmp_path / "file"
    import_files.write(path, registry, ROWS, form)
    piece = read(path, registry, form)
    assert ROWS - 5 <= piece.size <= ROWS + 5
    assert 0.97 * ROWS < len(piece.lines) < ROWS
    assert len({rule for _, errors in piece.bad for _, rule, _ in errors}) > 3


def test_the_same_seed_makes_the_same_file(tmp_path: Path) -> None:
    for name in ("one", "two"):
        import_files.write(tmp_path / name, "land", 500, "csv")
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    assert "Nguyễn" in (tmp_path / "one").read_text(encoding="utf-8", errors="replace")
