"""A result in the place of a paper (tái sử dụng kết quả): may it be, and what it does to the dossier.

The paper that comes of it is the printable one with the signed document inside, so that whoever works on the
dossier can both read and check it.
"""

from __future__ import annotations

from collections.abc import Sequence as Many
from datetime import datetime
from typing import Any

from sqlalchemy import select

from contracts.catalogue.plans import plan_of
from contracts.events.result import ResultReused
from contracts.problems import ALREADY_EXISTS, RESULT_NOT_REUSABLE, Problem
from contracts.results import ResultState
from services.bus.kit.outbox import emit
from services.bus.kit.tx import Tx
from services.dossier import schemas
from services.dossier.commands.attachments import AttachWhole, check_open
from services.dossier.models import Dossier, Upload
from services.dossier.queries.dossiers import find as find_dossier
from services.dossier.results.models import IssuedResult, ResultReuse
from services.dossier.results.queries import find_result, is_signed
from services.dossier.results.views import state_of

_WHY_NOT = {
    ResultState.EXPIRED: ("expired", "Kết quả đã hết hạn.", "The result has expired."),
    ResultState.REVOKED: ("revoked", "Kết quả đã bị thu hồi.", "The result was revoked."),
    ResultState.SUPERSEDED: (
        "superseded",
        "Kết quả đã được thay bằng bản đã sửa; hãy dùng bản mới.",
        "The result was replaced by a corrected one; use that.",
    ),
}


def check_reusable(
    tx: Tx, code: str, component: str, result_id: str, *, now: datetime, max_papers: int
) -> tuple[Dossier, IssuedResult]:
    """The dossier and the result, if the one may take the other for this component.

    Raises NOT_FOUND, DOSSIER_CLOSED, UPLOAD_REFUSED, ALREADY_EXISTS, RESULT_NOT_REUSABLE.
    """
    dossier = find_dossier(tx, code)
    check_open(dossier, "attachment", max_papers)
    result = find_result(tx, result_id, "body.result_id")
    if not {dossier.personal_id, _organisation(dossier)} & set(result.holders):
        raise _not_reusable(
            "body.result_id",
            "other_owner",
            "Kết quả không thuộc về chủ hồ sơ.",
            "The result does not belong to the applicant.",
        )
    if (why_not := _WHY_NOT.get(state_of(result, now))) is not None:
        raise _not_reusable("body.result_id", *why_not)
    if not is_signed(tx, result):
        raise _not_reusable(
            "body.result_id", "signature", "Chữ ký của kết quả không đúng.", "The result's signature is not good."
        )
    _check_component(dossier, component, result)
    taken = select(Upload.id).where(
        Upload.code == code, Upload.reused_from == result.id, Upload.state == "complete"
    )
    if tx.scalar(taken) is not None:
        raise Problem(ALREADY_EXISTS, field="body.result_id", what="attachment", id=result.id)
    return dossier, result


class ReuseResult:
    """The command. `row` is the new row of the paper, whose bytes are on disk."""

    def __init__(
        self, code: str, component: str, result_id: str, row: dict[str, Any], *, now: datetime, max_papers: int
    ) -> None:
        self.code = code
        self.component = component
        self.result_id = result_id
        self.row = row
        self.now = now
        self.max_papers = max_papers

    @staticmethod
    def prepare(tx: Tx, commands: Many[ReuseResult]) -> None:
        tx.preload(Dossier, {each.code for each in commands}, for_update=True)
        tx.preload(IssuedResult, {each.result_id for each in commands}, for_update=True)

    def __call__(self, tx: Tx) -> schemas.Paper:
        dossier, result = check_reusable(
            tx, self.code, self.component, self.result_id, now=self.now, max_papers=self.max_papers
        )
        paper = AttachWhole(self.row, max_papers=self.max_papers)(tx)
        result.version += 1
        result.times_reused += 1
        used = {
            "id": paper.id,
            "result_id": result.id,
            "kind": result.kind,
            "code": result.code,
            "procedure_code": dossier.procedure_code,
            "dossier_code": self.code,
            "component": self.component,
            "by": self.row["created_by"],
            "at": self.now,
        }
        tx.append(ResultReuse, used)
        reused = ResultReused(
            result_id=result.id,
            kind=result.kind,
            code=result.code,
            issued_for=result.dossier_code,
            dossier_code=self.code,
            procedure_code=dossier.procedure_code,
            component=self.component,
            times=result.times_reused,
            at=self.now,
        )
        emit(tx, reused, key=result.id, version=result.version, at=self.now)
        return paper


def _organisation(dossier: Dossier) -> str | None:
    """The tax code of the business or agency a dossier is for, where its form states one."""
    stated = dossier.form.get("tax_code")
    return stated if dossier.kind in (2, 3) and isinstance(stated, str) else None


def _check_component(dossier: Dossier, component: str, result: IssuedResult) -> None:
    """Where a procedure has a plan, that says which results may stand for which paper; elsewhere the officer
    who takes the paper does."""
    plan = plan_of(dossier.procedure_code)
    if plan is None:
        return
    asked = next((each for each in plan.components if each.code == component), None)
    if asked is None:
        raise _not_reusable(
            "body.component",
            "component_unknown",
            f"Thủ tục {dossier.procedure_code} không có thành phần hồ sơ {component}.",
            f"Procedure {dossier.procedure_code} has no component {component}.",
        )
    if result.kind not in asked.replaced_by:
        accepted = ", ".join(asked.replaced_by)
        vi, en = (
            (f"chỉ nhận {accepted}", f"only by {accepted}") if accepted else ("phải nộp", "it has to be handed in")
        )
        raise _not_reusable(
            "body.component",
            "component_differs",
            f"Không thay được thành phần hồ sơ {component} bằng {result.kind}: {vi}.",
            f"Component {component} cannot be replaced by {result.kind}: {en}.",
        )


def _not_reusable(field: str, rule: str, vi: str, en: str) -> Problem:
    return Problem(RESULT_NOT_REUSABLE, field=field, reason_vi=vi, reason_en=en, extra={"rule": rule})
