"""What citizens do here: submit, supplement, withdraw, ask. Each leaves something the province polls.

A request is numbered from 1 per reference without gaps, and its time never lies before the one of the request
before it, so that polling by time gives them in order.
"""

from __future__ import annotations

from datetime import datetime

from contracts.portal import RequestKind
from contracts.problems import AGENCY_CANNOT_RECEIVE, NOT_FOUND, REQUEST_NOT_POSSIBLE, UNKNOWN_PROCEDURE, Problem
from contracts.status import Action, DossierStatus, transitions_of
from gateway.portal import catalogue
from gateway.portal.forms import check_form
from gateway.portal.heads import Heads
from gateway.portal.models import CitizenRequest, Question, Submission
from gateway.portal.schemas import (
    NewQuestion,
    NewSubmission,
    QuestionAccepted,
    RequestAccepted,
    SubmissionAccepted,
)
from services.bus.kit.tx import Tx


def check_submission(new: NewSubmission) -> None:
    """Refuse what the catalogue does not have, and a form that breaks its schema. Needs no transaction."""
    if catalogue.procedure_named(new.procedure_code) is None:
        raise Problem(UNKNOWN_PROCEDURE, field="body.procedure_code", procedure=new.procedure_code)
    if catalogue.agency_named(new.receiving_agency) is None:
        raise Problem(AGENCY_CANNOT_RECEIVE, field="body.receiving_agency", agency=new.receiving_agency)
    check_form(new.procedure_code, new.form)


def submit(tx: Tx, new: NewSubmission, *, reference: str, now: datetime) -> SubmissionAccepted:
    """Keep a submission under a new reference, for the province to fetch."""
    unit = catalogue.unit_of(new.receiving_agency)
    who = new.applicant
    tx.add(
        Submission(
            reference=reference,
            unit=unit,
            procedure_code=new.procedure_code,
            agency_code=new.receiving_agency,
            full_name=who.full_name,
            personal_id=who.personal_id,
            date_of_birth=who.date_of_birth,
            phone=who.phone,
            email=who.email,
            form=new.form,
            submitted_at=now,
            dossier_code=None,
            requests=1,
            last_request_at=now,
        )
    )
    tx.add(CitizenRequest(**_request(reference, 1, unit, RequestKind.SUBMISSION, None, now)))
    return SubmissionAccepted(reference=reference, submitted_at=now)


def supplement(tx: Tx, reference: str, content: str, *, now: datetime) -> RequestAccepted:
    """Hand in what was asked for. Only while the province waits for it, and once each time it asks."""
    submission = _submission(tx, reference)
    status, since = _status(tx, submission)
    if status is None or not transitions_of(Action.SUPPLEMENT, status):
        raise Problem(
            REQUEST_NOT_POSSIBLE,
            reason_vi="cơ quan chưa yêu cầu bổ sung giấy tờ",
            reason_en="the agency has not asked for more papers",
        )
    before = _last_of(tx, submission, RequestKind.SUPPLEMENT)
    if before is not None and before.declined_at is None and since is not None and before.sent_at >= since:
        raise Problem(
            REQUEST_NOT_POSSIBLE,
            reason_vi="phần bổ sung đã được gửi và đang chờ cơ quan tiếp nhận",
            reason_en="a supplement was sent and waits for the agency",
        )
    return _ask(tx, submission, RequestKind.SUPPLEMENT, content, now)


def withdraw(tx: Tx, reference: str, reason: str, *, now: datetime) -> RequestAccepted:
    """Ask to withdraw: while the submission is on its way, and from the statuses that allow it."""
    submission = _submission(tx, reference)
    status, _ = _status(tx, submission)
    if status is not None and not transitions_of(Action.WITHDRAW, status):
        raise Problem(
            REQUEST_NOT_POSSIBLE,
            reason_vi=f"không thể rút hồ sơ ở trạng thái “{status.text.vi}”",
            reason_en=f"a dossier cannot be withdrawn at the status “{status.text.en}”",
        )
    before = _last_of(tx, submission, RequestKind.WITHDRAWAL)
    if before is not None and before.declined_at is None:
        raise Problem(
            REQUEST_NOT_POSSIBLE,
            reason_vi="yêu cầu rút hồ sơ đã được gửi và đang chờ cơ quan tiếp nhận",
            reason_en="a withdrawal was sent and waits for the agency",
        )
    return _ask(tx, submission, RequestKind.WITHDRAWAL, reason, now)


def ask(tx: Tx, new: NewQuestion, *, id: str, now: datetime) -> QuestionAccepted:
    """Keep a question for the province of this agency to fetch and answer."""
    if catalogue.agency_named(new.agency) is None:
        raise Problem(AGENCY_CANNOT_RECEIVE, field="body.agency", agency=new.agency)
    tx.add(
        Question(
            id=id,
            unit=catalogue.unit_of(new.agency),
            asked_here=True,
            title=new.title,
            content=new.content,
            asker=new.asker,
            email=new.email,
            phone=new.phone,
            asked_at=now,
            answer=None,
            answered_by=None,
            answered_at=None,
        )
    )
    return QuestionAccepted(id=id, asked_at=now)


def _submission(tx: Tx, reference: str) -> Submission:
    found = tx.find(Submission, reference)
    if found is None:
        raise Problem(NOT_FOUND, what="dossier", id=reference)
    return found


def _status(tx: Tx, submission: Submission) -> tuple[DossierStatus | None, datetime | None]:
    """Where the province says the dossier stands, and since when; nothing while it is on its way."""
    code = submission.dossier_code
    head = Heads.of(tx).find(code) if code is not None else None
    return (None, None) if head is None else (DossierStatus(head.status), head.status_at)


def _last_of(tx: Tx, submission: Submission, kind: RequestKind) -> CitizenRequest | None:
    """The newest request of a kind. A submission has few: walking back from the last is cheapest."""
    for number in range(submission.requests, 0, -1):
        request = tx.find(CitizenRequest, (submission.reference, number))
        if request is not None and request.kind == kind:
            return request
    return None


def _ask(tx: Tx, submission: Submission, kind: RequestKind, content: str, now: datetime) -> RequestAccepted:
    number = submission.requests + 1
    sent_at = max(now, submission.last_request_at)
    submission.requests = number
    submission.last_request_at = sent_at
    tx.add(CitizenRequest(**_request(submission.reference, number, submission.unit, kind, content, sent_at)))
    return RequestAccepted(reference=submission.reference, number=number, sent_at=sent_at)


def _request(
    reference: str, number: int, unit: str, kind: RequestKind, content: str | None, at: datetime
) -> dict[str, object]:
    return {
        "reference": reference,
        "number": number,
        "unit": unit,
        "kind": kind.value,
        "content": content,
        "sent_at": at,
        "acknowledged_at": None,
        "declined_at": None,
        "decline_reason": None,
    }
