"""The e-forms of the residence procedures, as a handler reads them: checked again, whatever was checked before.

Fields of other parts of an interlinked form are passed over.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any, Final, Literal, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from contracts.events.task import TaskRequested, TaskResumed
from contracts.identifiers import PersonalId, UnitCode
from contracts.population import (
    AbsenceReason,
    Day,
    EndReason,
    EnteredResidence,
    HouseholdMember,
    NewResidence,
    Relation,
    ResidenceKind,
)
from contracts.population.residences import Detail
from contracts.population.values import Line
from contracts.tasks import Answer, AnswerKind, SupplementWanted
from services.bus.kit.errors import validation_problem
from services.bus.kit.tx import Tx
from services.population import models
from services.population.consistency import years_after
from services.population.places import full_name

F = TypeVar("F", bound=BaseModel)

_UNIT: Final = re.compile(r"(?<![0-9])[0-9]{5}(?![0-9])")


class Work(Protocol):
    """What answers one kind of task: like a desk's handler, and told the time."""

    def __call__(
        self, tx: Tx, task: TaskRequested, resumed: TaskResumed | None, *, now: datetime
    ) -> Answer | None: ...


class _Form(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class Subject(_Form):
    """Whom the form is about: the applicant unless it names somebody."""

    personal_id: PersonalId | None = None


class PermanentForm(Subject):
    """Đăng ký thường trú. `join`: the household of `head_personal_id`, as `relation_to_head`; `new`: a household
    of their own. `members` move along, each with their relation to the head."""

    unit_code: UnitCode
    detail: Detail = ""
    household: Literal["join", "new"] = "new"
    head_personal_id: PersonalId | None = None
    relation_to_head: Relation | None = None
    head_agrees: bool = False
    members: Annotated[tuple[HouseholdMember, ...], Field(max_length=49)] = ()


class WithParent(_Form):
    """Where a newborn is registered: with which parent; the unit, where the parent's address leaves a choice."""

    with_parent: Annotated[Literal["mother", "father"], Field(alias="with")]
    unit_code: UnitCode | None = None


class Parent(_Form):
    personal_id: PersonalId | None = None


class NewbornForm(_Form):
    """The part of an interlinked birth's form that residence needs."""

    residence: WithParent
    mother: Parent | None = None
    father: Parent | None = None

    @property
    def parent_id(self) -> str | None:
        """The personal id of the parent the child is registered with."""
        parent = self.mother if self.residence.with_parent == "mother" else self.father
        return parent.personal_id if parent is not None else None


class TemporaryForm(Subject):
    """Đăng ký tạm trú: until `valid_to`, or for so many months. `members` come along."""

    unit_code: UnitCode
    detail: Detail = ""
    valid_to: Day | None = None
    months: Annotated[int, Field(ge=1, le=24)] | None = None
    members: Annotated[tuple[PersonalId, ...], Field(max_length=49)] = ()


class RenewalForm(Subject):
    """Gia hạn tạm trú."""

    valid_to: Day | None = None
    months: Annotated[int, Field(ge=1, le=24)] | None = None


class DeregistrationForm(Subject):
    """Xóa đăng ký thường trú, tạm trú. `on` is the first day no longer there; today if it is not said."""

    kind: Literal[ResidenceKind.PERMANENT, ResidenceKind.TEMPORARY] = ResidenceKind.PERMANENT
    reason: Literal[
        EndReason.DEATH,
        EndReason.EMIGRATED,
        EndReason.DECISION_REVOKED,
        EndReason.LONG_ABSENCE,
        EndReason.NATIONALITY_ENDED,
        EndReason.HOUSING_ENDED,
        EndReason.OTHER,
    ]
    on: Day | None = None
    note: Annotated[Line, Field(max_length=200)] = ""


class SplitForm(Subject):
    """Tách hộ: `personal_id` is a member of the household that splits; `members` are those who leave it."""

    members: Annotated[tuple[HouseholdMember, ...], Field(min_length=1, max_length=50)]
    unit_code: UnitCode | None = None
    detail: Detail = ""
    head_agrees: bool = False


class AbsenceForm(Subject):
    """Khai báo tạm vắng."""

    reason: AbsenceReason
    valid_from: Day
    valid_to: Day | None = None
    unit_code: UnitCode | None = None
    detail: Detail = ""


def read_form(task: TaskRequested, model: type[F]) -> F:
    """The task's e-form. Raises VALIDATION naming `form.<field>`."""
    try:
        return model.model_validate(task.form)
    except ValidationError as error:
        told: list[Any] = [{**each, "loc": ("form", *each["loc"])} for each in error.errors()]
        raise validation_problem(told) from None


def subject_of(task: TaskRequested, form: Subject) -> str:
    """The personal id of whom the task is about."""
    return form.personal_id or task.applicant.personal_id


def end_of(since: date, valid_to: date | None, months: int | None) -> date | None:
    """The end a form states: a day, or so many months after the beginning."""
    if valid_to is not None or months is None:
        return valid_to
    years, month = divmod(since.month - 1 + months, 12)
    first = years_after(date(since.year, month + 1, 1), years)
    for day in (since.day, 30, 29, 28):
        if day <= since.day:
            try:
                return first.replace(day=day)
            except ValueError:
                continue
    return first


def units_named(text: str) -> list[str]:
    """The commune codes in what a citizen wrote."""
    return _UNIT.findall(text)


def supplement(vi: str, en: str) -> Answer:
    """Ask the citizen for something more, in both languages."""
    return Answer(kind=AnswerKind.NEEDS_SUPPLEMENT, supplement=SupplementWanted(content=f"{vi} / {en}"))


CONSENT: Final = (
    "Cần ý kiến đồng ý bằng văn bản của chủ hộ.",
    "The written consent of the head of the household is needed.",
)


def stay_results(
    citizen: models.Citizen, residence_id: str, stay: NewResidence, others: Sequence[EnteredResidence]
) -> dict[str, Any]:
    """What every registration of a stay results in; `others` came along."""
    unit_name = full_name(stay.unit_code, stay.valid_from)
    return {
        "personal_id": citizen.personal_id,
        "full_name": citizen.full_name,
        "kind": stay.kind.value,
        "residence_id": residence_id,
        "unit_code": stay.unit_code,
        "unit_name": unit_name,
        "detail": stay.detail,
        "address": f"{stay.detail}, {unit_name}" if stay.detail else unit_name,
        "valid_from": stay.valid_from.isoformat(),
        "others": [{"personal_id": each.personal_id, "residence_id": each.residence_id} for each in others],
    }
