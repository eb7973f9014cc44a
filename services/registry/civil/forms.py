"""From the e-forms of the one-stop shop to the acts of the registry. Pure; what does not fit is a Problem.

Fields a form has for other systems (an interlinked procedure has one form for all) are passed over.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from contracts.civil import (
    Correction,
    Declarant,
    NewBirth,
    NewDeath,
    NewExtract,
    NewGuardianship,
    NewMaritalStatusCertificate,
    NewMarriage,
    NewRecognition,
    NewReRegistration,
)
from contracts.events.task import TaskRequested
from contracts.times import vn_date
from services.bus.kit.errors import validation_problem

M = TypeVar("M", bound=BaseModel)

CITIZEN = 1


def birth(task: TaskRequested) -> NewBirth:
    """1.001193, and every procedure that begins with a birth."""
    form = task.form
    child = {
        "full_name": form.get("child_name"),
        "sex": form.get("child_sex"),
        "date_of_birth": _day(form.get("child_born_at")),
        "ethnicity": form.get("child_ethnicity"),
        "nationality": form.get("child_nationality") or "VN",
        "birth_order": form.get("birth_order"),
        "birth_place": {"unit_code": form.get("place_of_birth_unit"), "detail": form.get("place_of_birth")},
        "hometown": _written(form.get("hometown")),
    }
    return _made(
        NewBirth,
        task,
        child=child,
        born_at=form.get("child_born_at"),
        mother=form.get("mother"),
        father=form.get("father"),
        notice_number=form.get("birth_notice_number"),
        died_at=form.get("child_died_at"),
        declarant=_declarant(task),
    )


def death(task: TaskRequested) -> NewDeath:
    """1.000656, and every procedure that begins with a death."""
    form = task.form
    return _made(
        NewDeath,
        task,
        deceased=form.get("deceased"),
        died_on=_day(form.get("died_at")),
        died_at=form.get("died_at"),
        place={"detail": form.get("place_of_death")},
        cause=form.get("cause_of_death"),
        notice=form.get("death_notice"),
        birth_record_id=form.get("birth_record_id"),
        declarant=_declarant(task),
    )


def marriage(task: TaskRequested) -> NewMarriage:
    """1.000894."""
    form = task.form
    return _made(
        NewMarriage,
        task,
        husband=form.get("husband"),
        wife=form.get("wife"),
        voluntary=form.get("voluntary") == "yes",
        capable=form.get("capable") == "yes",
    )


def marital_status(task: TaskRequested) -> NewMaritalStatusCertificate:
    """1.004873."""
    names = ("person", "declared_status", "purpose")
    return _made(NewMaritalStatusCertificate, task, **{name: task.form.get(name) for name in names})


def recognition(task: TaskRequested) -> NewRecognition:
    """1.001022."""
    names = ("role", "child", "parent", "birth_record_id", "evidence")
    return _made(NewRecognition, task, **{name: task.form.get(name) for name in names})


def guardianship(task: TaskRequested) -> NewGuardianship:
    """1.004837."""
    names = ("arrangement", "ward", "guardian", "reason")
    incapable = task.form.get("ward_incapable") == "yes"
    return _made(NewGuardianship, task, ward_incapable=incapable, **{name: task.form.get(name) for name in names})


def birth_again(task: TaskRequested) -> NewReRegistration:
    """1.004884."""
    form = task.form
    child = {
        "full_name": form.get("child_name"),
        "personal_id": form.get("child_personal_id"),
        "sex": form.get("child_sex"),
        "date_of_birth": form.get("child_date_of_birth"),
        "ethnicity": form.get("child_ethnicity"),
        "nationality": form.get("child_nationality") or "VN",
        "birth_place": {"detail": form.get("place_of_birth")},
        "hometown": _written(form.get("hometown")),
    }
    content = {"child": child, "earlier": form.get("earlier"), "declarant": _declarant(task)}
    content |= {name: form.get(name) for name in ("mother", "father")}
    return _made(NewReRegistration, task, kind="birth", birth=content, ground=form.get("ground"))


def correction(task: TaskRequested, ground: dict[str, Any] | None) -> Correction:
    """1.004859; `ground` may have come later than the form."""
    form = task.form
    return _made(
        Correction,
        task,
        kind=form.get("correction"),
        fields=form.get("fields"),
        ground=ground,
        reason=form.get("reason"),
    )


def extract(task: TaskRequested) -> NewExtract:
    """2.000635."""
    names = ("copies", "as_of", "purpose")
    filing = {name: value for name, value in _filing(task).items() if name != "received_at"}
    return _checked(NewExtract, {**filing, **{name: task.form.get(name) for name in names}})


def _made(model: type[M], task: TaskRequested, **values: Any) -> M:
    return _checked(model, {**_filing(task), **values})


def _filing(task: TaskRequested) -> dict[str, Any]:
    return {
        "agency": task.receiving_agency,
        "officer": task.officer[:100],
        "dossier_code": task.dossier_code,
        "received_at": task.requested_at,
    }


def _checked(model: type[M], values: dict[str, Any]) -> M:
    """The model with these values, what is empty left out. Raises VALIDATION."""
    try:
        return model.model_validate(_filled(values))
    except ValidationError as error:
        raise validation_problem(
            [{**each, "loc": ("form", *each["loc"])} for each in error.errors(include_url=False)]
        ) from None


def _filled(values: dict[str, Any]) -> dict[str, Any]:
    """Without what is null or empty, at every depth."""
    kept = {name: _filled(value) if isinstance(value, dict) else value for name, value in values.items()}
    return {name: value for name, value in kept.items() if value is not None and value != ""}


def _day(moment: Any) -> Any:
    """The Vietnamese day of a moment; what is none is left for the model to refuse."""
    try:
        return vn_date(datetime.fromisoformat(moment))
    except (TypeError, ValueError):
        return moment


def _written(text: Any) -> dict[str, Any] | None:
    return {"detail": text} if text else None


def _declarant(task: TaskRequested) -> dict[str, Any] | None:
    """The applicant, if it is a citizen of a name a register takes."""
    if task.applicant.kind != CITIZEN:
        return None
    relation = task.form.get("relation_of_applicant") or ""
    told = {"full_name": task.applicant.full_name, "personal_id": task.applicant.personal_id, "relation": relation}
    try:
        return Declarant.model_validate(told).model_dump()
    except ValidationError:
        return None
