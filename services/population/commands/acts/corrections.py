"""A record was corrected (cải chính), or a parent recognised (nhận cha, mẹ, con): the fields held here too.

A corrected sex or year of birth leaves the personal id as it is: its digits say what was true when it was given.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final

from contracts.civil import Birth
from contracts.events.civil import CivilPerson, CivilPlace
from contracts.population.values import birth_year
from services.bus.kit.tx import Tx
from services.population import models
from services.population.commands.acts.births import place_of
from services.population.commands.acts.people import relative_of
from services.population.commands.changes import set_columns
from services.population.commands.citizen_rows import birth_columns, name_columns

_OF_CHILD: Final = frozenset(
    {"full_name", "sex", "date_of_birth", "ethnicity", "nationality", "birth_place", "hometown"}
)


def birth_corrected(
    tx: Tx, citizen: models.Citizen, changed: tuple[str, ...], birth: Birth, *, now: datetime
) -> None:
    """Take over what the correction names."""
    fields = {name.split(".")[1] for name in changed if name.startswith("child.")} & _OF_CHILD
    if "child" in changed:
        fields = set(_OF_CHILD)
    child, values = birth.child, {}
    for field in fields:
        values.update(_columns(field, child, birth))
    for role in ("father", "mother"):
        if any(name.split(".")[0] == role for name in changed):
            party = getattr(birth, role)
            values[role] = relative_of(CivilPerson.model_validate(party.model_dump()) if party else None)
    set_columns(tx, citizen, values, now=now)


def parent_recognised(tx: Tx, citizen: models.Citizen, role: str, parent: CivilPerson, *, now: datetime) -> None:
    """Write the father or mother into the child's record."""
    if role in ("father", "mother"):
        set_columns(tx, citizen, {role: relative_of(parent)}, now=now)


def _columns(field: str, child: Any, birth: Birth) -> dict[str, Any]:
    value = getattr(child, field)
    if field == "full_name":
        return dict(name_columns(value, (None, None, None)))
    if field == "date_of_birth":
        return birth_columns(value)
    if field in ("birth_place", "hometown"):
        return {field: _place(value, child.date_of_birth)}
    if field == "ethnicity":
        return {field: value or "01"}
    return {field: getattr(value, "value", value)}


def _place(place: Any, born: date | str) -> dict[str, Any] | None:
    if place is None:
        return None
    on = born if isinstance(born, date) else date(birth_year(born), 1, 1)
    told = place_of(CivilPlace(on=on, **place.model_dump()))
    return {**told, "on": on.isoformat()} if told is not None else None
