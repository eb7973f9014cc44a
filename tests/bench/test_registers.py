"""Filled registers: the same rows on both databases, read by the services as their own, and kept on a shelf."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text

from bench.questions import QUESTIONS, beginning
from bench.registers import civil, families, land
from bench.registers.bulk import Bulk
from bench.registers.shelf import shelf
from contracts.civil import Birth, Death, Marriage
from contracts.identifiers import check_personal_id_agrees, parse_personal_id
from services.bus.kit.engines import writer_engine
from services.bus.kit.store import Store
from services.bus.kit.testing import PostgresServer
from services.registry.civil import app as civil_app
from services.registry.civil.queries.records import record_view
from services.registry.land import app as land_app
from services.registry.land.queries.parcels import certificate, parcel

CONTENT: dict[str, Any] = {"birth": Birth, "death": Death, "marriage": Marriage}


def filled(url: str, registry: str, count: int) -> dict[str, Any]:
    app, rows = (civil_app, civil) if registry == "civil" else (land_app, land)
    return rows.fill(Bulk(url, app.VERSIONS, app.metadata), count)


def _told(row: Any) -> str:
    """A row as text; PostgreSQL keeps the names in a document in an order of its own."""
    return json.dumps(list(row), sort_keys=True, default=repr)


@pytest.mark.parametrize("registry", ["civil", "land"])
def test_the_same_rows_and_indexes_on_both(registry: str, tmp_path: Path, postgres: PostgresServer) -> None:
    urls = [f"sqlite:///{tmp_path / 'one.db'}", postgres.new_database()]
    samples = [filled(url, registry, 600) for url in urls]
    assert samples[0] == samples[1]
    metadata = (civil_app if registry == "civil" else land_app).metadata
    found = []
    for url in urls:
        engine = writer_engine(url)
        with engine.connect() as connection:
            found.append(
                {
                    table.name: sorted(map(_told, connection.execute(select(table))))
                    for table in metadata.sorted_tables
                }
            )
            listed = "sqlite_master WHERE type = 'index'" if url.startswith("sqlite") else "pg_indexes"
            column = "name" if url.startswith("sqlite") else "indexname"
            there = set(connection.execute(text(f"SELECT {column} FROM {listed}")).scalars())
            assert {index.name for table in metadata.sorted_tables for index in table.indexes} <= there
        engine.dispose()
    assert found[0] == found[1]
    assert len(found[0]["records" if registry == "civil" else "parcels"]) == 600


@pytest.mark.anyio
async def test_the_services_read_them_as_their_own(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'civil.db'}"
    samples = filled(url, "civil", 600)
    assert {each["kind"] for each in samples["records"]} == set(CONTENT)
    async with Store(url, source="/truc/civil") as store:
        for sample in samples["records"]:
            view = await store.read(lambda tx, sample=sample: record_view(tx, sample["id"]))  # type: ignore[misc]
            CONTENT[sample["kind"]].model_validate(view.content)
            assert (view.agency, view.number) == (sample["agency"], f"{sample['number']}/{sample['year']}")
    url = f"sqlite:///{tmp_path / 'land.db'}"
    samples = filled(url, "land", 600)
    today = families.LAST_DAY
    async with Store(url, source="/truc/land") as store:
        for sample in samples["parcels"]:
            now = await store.read(lambda tx, sample=sample: parcel(tx, sample["key"], None, today))  # type: ignore[misc]
            day = date.fromisoformat(sample["day"])
            await store.read(lambda tx, sample=sample, day=day: parcel(tx, sample["key"], day, today))  # type: ignore[misc]
            assert now.certificate is not None and now.certificate.serial == sample["serial"]
            assert 1 <= len(now.rights[0].holders) <= 4
            await store.read(lambda tx, sample=sample: certificate(tx, sample["serial"]))  # type: ignore[misc]


def test_people_have_numbers_of_their_own_that_agree_with_them() -> None:
    made = families.families(1)
    people = [
        person for _ in range(500) for family in [next(made)] for person in (family.father, *family.children)
    ]
    numbered = [person for person in people if person.personal_id is not None]
    assert len({person.personal_id for person in numbered}) == len(numbered) > 100
    for person in numbered:
        assert person.personal_id is not None
        parse_personal_id(person.personal_id)
        check_personal_id_agrees(person.personal_id, sex=person.sex, date_of_birth=person.born)


def test_a_shelf_keeps_what_was_filled(tmp_path: Path) -> None:
    told: list[str] = []
    with shelf(tmp_path, "sqlite") as kept:
        first = kept.filled("civil", 1_000, told.append)
        assert len(told) == 1
        assert kept.filled("civil", 1_000, told.append) == first
        assert kept.filled("civil", 1_001, told.append).url != first.url
    assert len(told) == 2


def test_questions() -> None:
    assert beginning("Nguyễn Thị Lan") == "Nguyễn Thị L*"
    whats = [(registry, each.what) for registry, asked in QUESTIONS.items() for each in asked]
    assert len(set(whats)) == len(whats)
