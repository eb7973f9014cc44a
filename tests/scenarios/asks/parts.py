"""What forms of several procedures are made of."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from contracts.times import vn_date
from tests.scenarios.province import Person, Province

TODAY = vn_date(datetime.now(UTC))
FEW_DAYS_AGO = TODAY - timedelta(days=5)
IN_TWO_DAYS = TODAY + timedelta(days=2)
NOBODYS_RECORD = "00000000-0000-7000-8000-000000000000"
ACCOUNT = {"bank": "Agribank", "number": "4300205123456", "holder": "Trần Thị An"}

Asked = tuple[Person, dict[str, Any]]
"""Who hands in the dossier, and its form."""
Ask = Callable[[Province], Asked]
"""Makes the province ready for one dossier."""


def named(who: Person) -> dict[str, Any]:
    return {"personal_id": who.personal_id, "full_name": who.full_name, "date_of_birth": who.born.isoformat()}


def sexed(who: Person) -> dict[str, Any]:
    return {**named(who), "sex": who.sex}


def party(who: Person) -> dict[str, Any]:
    return {"name": who.full_name, "personal_id": who.personal_id}


def at_dawn(day: date) -> str:
    return f"{day.isoformat()}T04:30:00+07:00"
