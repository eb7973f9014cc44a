"""A record is put right (cải chính, thay đổi, bổ sung) or noted to (ghi chú): a new version, entered in the book
of corrections; the old one is kept. Luật Hộ tịch 2014, Đ.26 to 30.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import replace
from itertools import chain
from typing import Any, Final

from pydantic import ValidationError

from contracts.catalogue.civil_rules import parameter
from contracts.civil import (
    CONTENTS,
    Birth,
    BookKind,
    ChangeKind,
    Content,
    Corrected,
    Correction,
    Death,
    Guardianship,
    Marriage,
    RecordKind,
    Role,
    Warning,
    entry_number,
    volume_name,
)
from contracts.problems import NOT_FOUND, VALIDATION, FieldError, Problem
from contracts.rules import explain
from services.bus.kit.api import check_version
from services.bus.kit.field_paths import field_path
from services.bus.kit.tx import Tx
from services.registry.civil.commands import births, deaths, marriages
from services.registry.civil.commands.entry import (
    Act,
    agency_of,
    content_document,
    next_place,
    refuse_wrong_numbers,
    settle,
)
from services.registry.civil.commands.versions import new_version, normal, people_in
from services.registry.civil.models import Record
from services.registry.civil.queries.people import content_of, hold, known, spouse_facts
from services.registry.civil.rules import Finding, found, judged, relations
from services.registry.civil.rules import births as birth_rules
from services.registry.civil.rules import deaths as death_rules
from services.registry.civil.rules import marriages as marriage_rules

_FIXED: Final = frozenset(
    {"earlier", "certified_status", "valid_until", "birth_record_id", "voluntary", "capable"}
)
"""What no correction touches."""
_ENDS: Final = frozenset({"ended_on", "ended_by"})


def correct(tx: Tx, record_id: str, asked: Correction, act: Act, *, expected: int | None = None) -> Corrected:
    """Put a record right. Raises NOT_FOUND, STALE_VERSION, VALIDATION, AGENCY_CANNOT_RECEIVE,
    CIVIL_RULES_BROKEN."""
    settle(tx)
    record: Any = tx.find(Record, record_id)
    if record is None:
        raise Problem(NOT_FOUND, what="civil record", id=record_id)
    check_version(expected, record.version)
    kind = RecordKind(record.kind)
    before = normal(kind, content_of(tx, record))
    content = _validated(kind, _changed(before, asked.fields))
    document = content_document(content, CONTENTS[kind])
    hold(tx, [party.personal_id for _, party in people_in(content) if party is not None])
    told = chain(
        act.rules("correction", asked),
        _formal(record, before, document, asked),
        _of_substance(tx, record, before, content, act),
    )
    warnings = judged(told)
    try:
        _check_people(content)
    except Problem as problem:
        problem.errors = tuple(_at_fields(each) for each in problem.errors)
        raise
    code = agency_of(asked)
    place = next_place(tx, code, BookKind.CORRECTION, act.today.year, act.layout)
    changed = new_version(
        tx,
        record,
        document,
        ChangeKind(asked.kind),
        act,
        ground=asked.ground.model_dump(mode="json", exclude_none=True) if asked.ground else None,
        reason=asked.reason,
        agency_code=code,
        officer=asked.officer,
        place=place,
    )
    return Corrected(
        id=record_id,
        version=record.version,
        changed=list(changed),
        number=entry_number(place.number, place.year),
        book=volume_name(BookKind.CORRECTION, place.year, place.volume),
        page=place.page,
        registered_on=act.today,
        warnings=[Warning.model_validate(each) for each in warnings],
    )


def _changed(before: dict[str, Any], fields: Mapping[str, Any]) -> dict[str, Any]:
    """The document with these fields set, or taken out where they are null."""
    document = deepcopy(before)
    refused = []
    for path, value in fields.items():
        *way, name = path.split(".")
        at: Any = document
        for step in way:
            at = at.setdefault(step, {}) if isinstance(at, dict) else None
        if not isinstance(at, dict) or (way or [name])[0] in _FIXED:
            refused.append(found("correction.field-unknown", f"fields.{path}"))
        elif value is None:
            at.pop(name, None)
        else:
            at[name] = value
    judged(refused)
    return document


def _validated(kind: RecordKind, document: dict[str, Any]) -> Content:
    """The content of this kind that the document makes. Raises VALIDATION, CIVIL_RULES_BROKEN."""
    try:
        return CONTENTS[kind].model_validate(document)
    except ValidationError as error:
        errors, unknown = [], []
        for each in error.errors(include_url=False, include_input=False):
            path = field_path(each["loc"])
            if each["type"] == "extra_forbidden":
                unknown.append(found("correction.field-unknown", f"fields.{path}"))
            else:
                context = each.get("ctx") or {}
                text = explain(each["type"], context)
                errors.append(FieldError(f"body.fields.{path}", each["type"], text))
        judged(unknown)
        raise Problem(VALIDATION, errors=errors, count=len(errors)) from None


def _formal(record: Any, before: dict[str, Any], after: dict[str, Any], asked: Correction) -> Iterator[Finding]:
    """What kind of correction may do what, and on what ground."""
    if asked.kind in parameter("correction.ground-needed", "kinds") and not (asked.ground and asked.ground.kind):
        yield found("correction.ground-needed", "ground")
    old, new = _flat(before), _flat(after)
    changed = {path for path in {*old, *new} if old.get(path) != new.get(path)}
    if not changed:
        yield found("correction.nothing", "fields")
    if record.kind == RecordKind.BIRTH.value and record.personal_id is not None:
        old.setdefault(f"{Role.CHILD.value}.personal_id", record.personal_id)
    for path in sorted(changed):
        if path.endswith("personal_id") and old.get(path) is not None and old[path] != new.get(path):
            yield found("correction.identity", f"fields.{path}")
        elif asked.kind == "supplement" and old.get(path) not in (None, ""):
            yield found("correction.supplement-only", f"fields.{path}")
        if (path in _ENDS) != (asked.kind == "note"):
            yield found("correction.note-only", f"fields.{path}")


def _flat(document: Mapping[str, Any], at: str = "") -> dict[str, Any]:
    """The document's values by their path, with dots."""
    flat: dict[str, Any] = {}
    for name, value in document.items():
        if isinstance(value, Mapping):
            flat |= _flat(value, f"{at}{name}.")
        else:
            flat[f"{at}{name}"] = value
    return flat


def _of_substance(tx: Tx, record: Any, before: dict[str, Any], content: Content, act: Act) -> Iterator[Finding]:
    """Rules of the act itself that the record keeps now and would break after; what it broke before (an old book
    does) stands in nobody's way."""
    old = CONTENTS[RecordKind(record.kind)].model_validate(before)
    already = {(each.rule, each.field) for each in _findings(tx, record, old, act)}
    for each in _findings(tx, record, content, act):
        if (each.rule, each.field) not in already:
            at = each.field.removeprefix("body.")
            yield each if at.startswith("fields.") else each._replace(field=f"body.fields.{at}")


def _findings(tx: Tx, record: Any, content: Content, act: Act) -> Iterator[Finding]:
    match content:
        case Birth():
            yield from birth_rules.possible(content, act.now)
            child = known(tx, content.child.personal_id)
            if child is not None and child.birth_record not in (None, record.id):
                yield found("birth.registered", "child.personal_id")
        case Death():
            yield from death_rules.possible(content, act.now)
            deceased = known(tx, content.deceased.personal_id)
            if deceased is not None and deceased.death_record not in (None, record.id):
                yield found("death.registered", "deceased.personal_id")
        case Marriage():
            yield from marriage_rules.ended(content, record.registered_on, act.today)
            if content.ended_on is None:
                husband = spouse_facts(tx, content.husband, act.today)
                wife = spouse_facts(tx, content.wife, act.today)
                on = record.registered_on
                yield from marriage_rules.findings(content, husband, wife, on, record_id=record.id)
        case Guardianship():
            yield from relations.guardianship_possible(content, record.registered_on)
            yield from relations.guardianship_ended(content, record.registered_on, act.today)
            ward = known(tx, content.ward.personal_id)
            if ward is not None and ward.guarded_by not in (None, record.id) and content.ended_on is None:
                yield found("guardianship.has-guardian", "ward.personal_id")
        case _:
            pass


def _at_fields(error: FieldError) -> FieldError:
    """The same error where this body has the field."""
    return replace(error, field=error.field.replace("body.", "body.fields.", 1))


def _check_people(content: Content) -> None:
    """Numbers agree with what is stated, and places are places. Raises VALIDATION."""
    match content:
        case Birth():
            births.check_people(content)
        case Death():
            deaths.check_people(content)
        case Marriage():
            marriages.check_people(content)
        case _:
            refuse_wrong_numbers({role.value: party for role, party in people_in(content)})
