"""What a system says to a task it was given. The same model travels over HTTP and on the axis."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Final, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from contracts.rules import refuse

Note = Annotated[str, Field(max_length=2_000)]
Code = Annotated[str, Field(min_length=1, max_length=60, pattern=r"^[a-z0-9][a-z0-9._-]*$")]


class AnswerKind(StrEnum):
    """`completed` and `refused` close the task; after the others more is to come."""

    ACCEPTED = "accepted"
    PROGRESS = "progress"
    NEEDS_SUPPLEMENT = "needs_supplement"
    NEEDS_PAYMENT = "needs_payment"
    COMPLETED = "completed"
    REFUSED = "refused"

    @property
    def closes(self) -> bool:
        return self in (AnswerKind.COMPLETED, AnswerKind.REFUSED)


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class SupplementWanted(_Part):
    """What the citizen has to add, and within how many working days (the office's usual time if not said)."""

    content: Annotated[str, Field(min_length=1, max_length=2_000)]
    working_days: Annotated[int, Field(ge=1, le=90)] | None = None


class PaymentWanted(_Part):
    """A financial obligation (nghĩa vụ tài chính) in đồng, with the number of its notice."""

    code: Annotated[str, Field(min_length=1, max_length=60)]
    name: Annotated[str, Field(min_length=1, max_length=200)]
    amount_vnd: Annotated[int, Field(ge=1, le=10**13)]
    notice: Annotated[str, Field(max_length=60)] | None = None


class Refusal(_Part):
    """Why not: a stable code, and words a citizen can read in both languages."""

    code: Code
    vi: Annotated[str, Field(min_length=1, max_length=2_000)]
    en: Annotated[str, Field(min_length=1, max_length=2_000)]


_NEEDED: Final = {
    AnswerKind.NEEDS_SUPPLEMENT: "supplement",
    AnswerKind.NEEDS_PAYMENT: "payments",
    AnswerKind.REFUSED: "refusal",
}


class Answer(_Part):
    """One answer. `supplement`, `payments` and `refusal` belong to their own kinds, and only to those;
    `results` to `completed`, after the schema of the task's kind."""

    kind: AnswerKind
    note: Note = ""
    supplement: SupplementWanted | None = None
    payments: Annotated[tuple[PaymentWanted, ...], Field(max_length=20)] = ()
    refusal: Refusal | None = None
    results: Annotated[dict[str, Any], Field(max_length=100)] = {}

    @model_validator(mode="after")
    def _of_a_piece(self) -> Self:
        needed = _NEEDED.get(self.kind)
        for name in _NEEDED.values():
            given = bool(getattr(self, name))
            if name == needed and not given:
                raise refuse("task_answer.part_missing", part=name, kind=self.kind.value)
            if name != needed and given:
                raise refuse("task_answer.part_unfit", part=name, kind=self.kind.value)
        if self.results and self.kind is not AnswerKind.COMPLETED:
            raise refuse("task_answer.part_unfit", part="results", kind=self.kind.value)
        return self

    @classmethod
    def completed(cls, results: dict[str, Any], note: str = "") -> Answer:
        """The work is done, with these results."""
        return cls(kind=AnswerKind.COMPLETED, note=note, results=results)

    @classmethod
    def refused(cls, code: str, vi: str, en: str) -> Answer:
        """The work cannot be done, for this reason."""
        return cls(kind=AnswerKind.REFUSED, refusal=Refusal(code=code, vi=vi, en=en))
