"""The published figures of three provinces come out of generated dossiers (domain 8.2)."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.bus.hub.indicators.examples import EXAMPLES, carry_out
from services.bus.hub.indicators.examples.example import LATER
from services.bus.hub.indicators.tables import table
from services.bus.hub.models import metadata
from services.bus.kit.store import Store

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("name", ["tuyen-quang", "dong-thap"])
async def test_every_figure_is_the_published_one(store: Store, name: str) -> None:
    outcome = await carry_out(EXAMPLES[name](), store)
    assert [figure for figure in outcome.figures if not figure.agrees] == []


@pytest.mark.timeout(600)
async def test_binh_dinh_with_both_counts(tmp_path: Path) -> None:
    """All 218,262 dossiers. Checks and dossiers differ by 149, and nobody makes them agree."""
    example = EXAMPLES["binh-dinh"]()
    async with Store(f"sqlite:///{tmp_path}/hub.db", source="/truc/hub") as store:
        store.create_tables(metadata)
        outcome = await carry_out(example, store)
        assert [figure for figure in outcome.figures if not figure.agrees] == []
        ours = {figure.what: figure.ours for figure in outcome.figures}
        assert (ours["dossiers verified"], ours["checks, both channels"]) == ("127,152", "127,301")
        assert outcome.counted_s < 5

        by_month = await store.read(
            lambda tx: table(tx, example.book, example.where, rows="unit", grain="month", now=LATER)
        )
        assert sum(int(row.cells[0] or 0) for row in by_month.rows) == 218_262
        assert len({row.key for row in by_month.rows}) == 159


async def test_the_table_of_tuyen_quang_has_na_hang(store: Store) -> None:
    example = EXAMPLES["tuyen-quang"]()
    await carry_out(example, store)
    made = await store.read(
        lambda tx: table(tx, example.book, example.where, rows="district", grain="year", now=LATER)
    )
    names = [column.id for column in made.columns]
    [na_hang] = [row for row in made.rows if row.name == "Ủy ban nhân dân Huyện Na Hang"]
    cells = dict(zip(names, na_hang.cells, strict=True))
    assert (cells["received"], cells["direct"], cells["online"], na_hang.period) == (1385, 1190, 195, "2022")
    assert round(float(cells["online_share"] or 0), 3) == 0.141
