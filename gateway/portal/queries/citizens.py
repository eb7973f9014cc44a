"""What a citizen sees of a dossier: looked up by its code or by the reference of its submission.

`Followed` holds everything; `views.py` decides how much of it whoever asks may see.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from contracts.portal import HoSo
from contracts.problems import NOT_FOUND, Problem
from gateway.portal.models import CitizenRequest, Dossier, DossierContent, Question, Step, Submission
from gateway.portal.references import is_reference
from gateway.portal.schemas import QuestionList, QuestionView
from services.bus.kit.tx import Tx

ANSWERS_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Followed:
    """A dossier, or a submission that is still on its way, or both."""

    dossier: Dossier | None
    hoso: HoSo | None
    submission: Submission | None
    steps: list[Step]
    requests: list[CitizenRequest]

    @property
    def version(self) -> str:
        """Changes whenever anything that is shown changes."""
        dossier = self.dossier
        parts = [f"{dossier.changes}.{dossier.steps}" if dossier is not None else "-"]
        for each in self.requests:
            parts.append("d" if each.declined_at else "a" if each.acknowledged_at else "w")
        return "".join(parts)

    @property
    def known_numbers(self) -> list[str | None]:
        """The personal ids and phone numbers that prove who asks."""
        numbers: list[str | None] = []
        if self.submission is not None:
            numbers += [self.submission.personal_id, self.submission.phone]
        if self.hoso is not None:
            numbers += [self.hoso.SoGiayToChuHoSo, self.hoso.SoDienThoai]
            numbers += [each.SoDinhDanh for each in self.hoso.DinhDanhCHS or ()]
        return numbers


def follow(tx: Tx, key: str) -> Followed:
    """Everything about the dossier or submission `key` names; Problem NOT_FOUND."""
    submission = dossier = content = None
    code: str | None = key
    if is_reference(key):
        submission = tx.get(Submission, key)
        code = submission.dossier_code if submission is not None else None
    if code is not None:
        dossier = tx.get(Dossier, code)
        content = tx.get(DossierContent, code)
    if submission is None and dossier is None:
        raise Problem(NOT_FOUND, what="dossier", id=key[:100])
    if submission is None and dossier is not None and dossier.reference is not None:
        submission = tx.get(Submission, dossier.reference)
    return Followed(
        dossier=dossier,
        hoso=HoSo.model_validate_json(content.hoso) if content is not None else None,
        submission=submission,
        steps=_steps(tx, dossier),
        requests=_requests(tx, submission),
    )


def _steps(tx: Tx, dossier: Dossier | None) -> list[Step]:
    if dossier is None:
        return []
    return list(tx.scalars(select(Step).where(Step.code == dossier.code).order_by(Step.arrival)))


def _requests(tx: Tx, submission: Submission | None) -> list[CitizenRequest]:
    if submission is None:
        return []
    return list(
        tx.scalars(
            select(CitizenRequest)
            .where(CitizenRequest.reference == submission.reference)
            .order_by(CitizenRequest.number)
        )
    )


def answered_questions(tx: Tx) -> QuestionList:
    """The newest questions that have an answer, of all agencies."""
    found = tx.scalars(
        select(Question)
        .where(Question.answered_at.is_not(None), Question.answer.is_not(None))
        .order_by(Question.answered_at.desc(), Question.id)
        .limit(ANSWERS_SHOWN)
    )
    return QuestionList(
        items=[
            QuestionView(
                id=each.id,
                agency=each.unit,
                title=each.title,
                content=each.content,
                asked_at=each.asked_at,
                answer=each.answer or "",
                answered_by=each.answered_by,
                answered_at=each.answered_at or each.asked_at,
            )
            for each in found
        ]
    )
