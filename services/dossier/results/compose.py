"""From a finished dossier to what stands on its result: each field is looked up where its kind says it is found.

Pure: no database, no clock.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from pydantic import TypeAdapter, ValidationError

from contracts.catalogue.plans import Plan
from contracts.catalogue.result_kinds import ResultKind, Source
from contracts.results import Owner, OwnerId

_ID: TypeAdapter[str] = TypeAdapter(OwnerId)


@dataclass(frozen=True, slots=True)
class Composed:
    """All that `issue` needs to know of one result."""

    owner: Owner
    holders: tuple[str, ...]
    content: dict[str, Any]
    valid_until: date | None
    subject: str | None
    replaces: tuple[str, ...]
    """Subjects whose results of the kinds named end with this one."""


def compose(
    kind: ResultKind, *, applicant: Mapping[str, Any], form: Mapping[str, Any], results: Mapping[str, Any]
) -> Composed:
    """What goes on a result of this kind. `applicant` has personal_id, full_name, date_of_birth; `results` is
    what the kind's own system answered. Where no owner is named, the applicant owns it."""
    found = {"applicant": applicant, "form": form, "results": results}
    content = {field.name: _first(field.sources, found) for field in kind.fields}
    owner_id, owner_name = _owner(kind, found)
    holders = {each for source in kind.holders if (each := _owner_id(_all((source,), found))) is not None}
    return Composed(
        owner=Owner(id=owner_id, name=" ".join(owner_name.split())[:200]),
        holders=tuple(sorted(holders - {owner_id})),
        content={name: value for name, value in content.items() if value is not None},
        valid_until=_day(_first(kind.valid_until, found)),
        subject=next(iter(_texts(kind.subject, found)), None),
        replaces=_texts(kind.replaces.subject, found) if kind.replaces is not None else (),
    )


def answered_by(kind: ResultKind, plan: Plan, by_step: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The results of the steps that the kind's system carried out, later steps over earlier ones."""
    merged: dict[str, Any] = {}
    for step in plan.steps:
        if step.system == kind.system:
            merged.update(by_step.get(step.id, {}))
    return merged


def months_later(day: date, months: int) -> date:
    """The last day of a period of so many months that begins on `day`; the end of a shorter month counts."""
    years, month = divmod(day.month - 1 + months, 12)
    last = calendar.monthrange(day.year + years, month + 1)[1]
    return date(day.year + years, month + 1, min(day.day, last))


def _owner(kind: ResultKind, found: Mapping[str, Any]) -> tuple[str, str]:
    """Id and name of the owner: the first that can be one, else the applicant."""
    applicant = found["applicant"]
    for named in kind.owner:
        if named.when is not None and not named.when.holds(found["form"]):
            continue
        owner_id = _owner_id(_all(named.id, found))
        if owner_id is not None and owner_id != applicant["personal_id"]:
            return owner_id, str(_first(named.name, found) or applicant["full_name"])
    return str(applicant["personal_id"]), str(applicant["full_name"])


def _texts(sources: Iterable[Source], found: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each[:200] for each in _all(sources, found) if isinstance(each, str)))


def _all(sources: Iterable[Source], found: Mapping[str, Any]) -> list[Any]:
    values = []
    for source in sources:
        value: Any = found
        for name in source.split("."):
            value = value.get(name) if isinstance(value, Mapping) else None
        if value is not None and value not in ("", [], {}):
            values.append(value)
    return values


def _first(sources: Iterable[Source], found: Mapping[str, Any]) -> Any:
    return next(iter(_all(sources, found)), None)


def _owner_id(values: Iterable[Any]) -> str | None:
    """The first of these that can be an owner's id: a form may leave one out or hold an older number."""
    for value in values:
        try:
            return _ID.validate_python(value)
        except ValidationError:
            continue
    return None


def _day(value: Any) -> date | None:
    if not isinstance(value, str):
        return None
    try:
        return date.fromisoformat(value[:10])
    except ValueError:
        return None
