"""A year of a province: calculated from an hour of it that is really there."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.ledger import EVENTS_AN_HOUR, YEAR_BOUND, fill_an_hour, year_of

pytestmark = pytest.mark.anyio


async def test_a_year_of_a_province_takes_less_than_two_gigabytes(tmp_path: Path) -> None:
    hour = await fill_an_hour(tmp_path / "hub.db")
    assert hour["ledger_records"] > EVENTS_AN_HOUR * 50, "the hour is there"
    year = year_of(hour)
    assert sum(year.values()) < YEAR_BOUND, year
