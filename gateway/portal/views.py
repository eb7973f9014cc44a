"""How much of a dossier somebody may see, and in which words.

Without proof of who asks: statuses, times and units, with the name masked. What people wrote (notes,
contents, reasons) and links to results only with it. Pure functions; the language is an argument.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from contracts.portal import RequestKind, parse_portal_time
from contracts.problems import Language, Text
from contracts.status import Action, DossierStatus, transitions_of
from gateway.portal import catalogue
from gateway.portal.models import CitizenRequest
from gateway.portal.queries.citizens import Followed
from gateway.portal.schemas import FollowView, RequestView, ResultView, StepView, SupplementView

ON_ITS_WAY = Text("Đang chuyển tới cơ quan tiếp nhận", "On its way to the agency")
NOT_TAKEN = Text("Không được cơ quan tiếp nhận", "Not taken in by the agency")

CHANNELS: dict[str | None, Literal["direct", "online", "post"]] = {"2": "online", "3": "post"}
KINDS: dict[str, Literal["submission", "supplement", "withdrawal"]] = {
    RequestKind.SUBMISSION: "submission",
    RequestKind.SUPPLEMENT: "supplement",
    RequestKind.WITHDRAWAL: "withdrawal",
}

ADVICE: dict[DossierStatus | None, Text] = {
    None: Text(
        "Hồ sơ đã được gửi và đang chuyển tới cơ quan tiếp nhận. Bạn chưa cần làm gì thêm.",
        "The dossier was sent and is on its way to the agency. There is nothing you need to do yet.",
    ),
    DossierStatus.SUBMITTED: Text(
        "Cơ quan đang kiểm tra hồ sơ trước khi tiếp nhận. Bạn chưa cần làm gì thêm.",
        "The agency is checking the dossier before it takes it in. There is nothing you need to do yet.",
    ),
    DossierStatus.RECEIVED: Text(
        "Hồ sơ đã được tiếp nhận. Bạn sẽ nhận kết quả chậm nhất vào ngày hẹn trả.",
        "The dossier was taken in. You will have the result by the due date.",
    ),
    DossierStatus.REFUSED: Text(
        "Hồ sơ không được tiếp nhận. Hãy xem lý do, hoàn thiện giấy tờ rồi nộp hồ sơ mới.",
        "The dossier was refused. See the reason, complete your papers and submit a new one.",
    ),
    DossierStatus.IN_PROGRESS: Text(
        "Cơ quan đang giải quyết hồ sơ. Bạn chưa cần làm gì thêm.",
        "The agency is working on the dossier. There is nothing you need to do yet.",
    ),
    DossierStatus.SUPPLEMENT_REQUESTED: Text(
        "Cơ quan cần bạn bổ sung giấy tờ. Thời gian giải quyết tạm dừng cho đến khi bạn bổ sung.",
        "The agency needs more papers from you. The time limit stands still until you hand them in.",
    ),
    DossierStatus.PAYMENT_REQUESTED: Text(
        "Hồ sơ đang chờ bạn thực hiện nghĩa vụ tài chính theo thông báo của cơ quan.",
        "The dossier waits for you to pay what the agency has notified you of.",
    ),
    DossierStatus.WITHDRAWN: Text(
        "Hồ sơ đã được rút theo yêu cầu. Bạn có thể đến nơi tiếp nhận để nhận lại giấy tờ.",
        "The dossier was withdrawn as asked. You can collect your papers where they were taken in.",
    ),
    DossierStatus.SUSPENDED: Text(
        "Việc giải quyết hồ sơ đang tạm dừng. Cơ quan sẽ thông báo khi tiếp tục.",
        "Work on the dossier is suspended. The agency will tell you when it goes on.",
    ),
    DossierStatus.COMPLETED: Text(
        "Đã có kết quả. Hãy nhận kết quả theo hình thức bạn đã chọn.",
        "The result is ready. Collect it in the way you chose.",
    ),
    DossierStatus.RESULT_RETURNED: Text(
        "Kết quả đã được trả. Hồ sơ đã kết thúc.",
        "The result was handed over. The dossier is closed.",
    ),
}
NOT_TAKEN_ADVICE = Text(
    "Cơ quan không tiếp nhận được hồ sơ này. Hãy xem lý do và nộp lại.",
    "The agency could not take this dossier in. See the reason and submit again.",
)


def masked(name: str) -> str:
    """A name of which only initials can be read: "Nguyễn Văn An" is "N••• V••• A•••"."""
    return " ".join(word[0] + "•••" for word in name.split())


def say(text: Text, language: Language) -> str:
    return text.vi if language == "vi" else text.en


def follow_view(found: Followed, *, proven: bool, language: Language) -> FollowView:
    """The dossier as whoever asks may see it."""
    dossier, hoso, submission = found.dossier, found.hoso, found.submission
    status = DossierStatus(dossier.status) if dossier is not None else None
    first = found.requests[0] if found.requests else None
    not_taken = status is None and first is not None and first.declined_at is not None
    owner = (hoso.ChuHoSo if hoso is not None else None) or (submission.full_name if submission else "")
    procedure_code = hoso.MaTTHC if hoso is not None else submission.procedure_code if submission else ""
    known = catalogue.procedure_named(procedure_code)
    name = ON_ITS_WAY if status is None else status.text
    advice = ADVICE[status]
    if not_taken:
        name, advice = NOT_TAKEN, NOT_TAKEN_ADVICE
    return FollowView(
        code=dossier.code if dossier is not None else None,
        reference=submission.reference if submission is not None and (proven or dossier is None) else None,
        proven=proven,
        procedure_code=procedure_code,
        procedure_name=(hoso.TenTTHC if hoso is not None else None) or (known.name if known else None),
        agency=_agency(found),
        channel=CHANNELS.get(hoso.KenhThucHien, "direct") if hoso is not None else "online",
        owner=owner if proven else masked(owner),
        status=status,
        status_name=say(name, language),
        submitted_at=_submitted_at(found),
        received_at=_time(hoso.NgayTiepNhan) if hoso is not None else None,
        due_at=_time(hoso.NgayHenTra) if hoso is not None else None,
        completed_at=_time(hoso.NgayKetThucXuLy) if hoso is not None else None,
        returned_at=_time(hoso.NgayTra) if hoso is not None else None,
        steps=_steps(found, proven, language),
        supplements=_supplements(found, proven),
        requests=[_request(each, proven) for each in found.requests],
        results=_results(found) if proven else [],
        advice=say(advice, language),
        may_supplement=submission is not None and _may(Action.SUPPLEMENT, status),
        may_withdraw=submission is not None and not not_taken and _may_withdraw(found, status),
        version=found.version,
    )


def _may(action: Action, status: DossierStatus | None) -> bool:
    return status is not None and bool(transitions_of(action, status))


def _may_withdraw(found: Followed, status: DossierStatus | None) -> bool:
    asked = any(each.kind == RequestKind.WITHDRAWAL and each.declined_at is None for each in found.requests)
    return not asked and (status is None or _may(Action.WITHDRAW, status))


def _agency(found: Followed) -> str | None:
    if found.submission is not None:
        agency = catalogue.agency_named(found.submission.agency_code)
        return agency.name if agency is not None else found.submission.agency_code
    told = found.hoso.DonViXuLy if found.hoso is not None else None
    known = catalogue.agency_named(told) if told else None
    return known.name if known is not None else told


def _submitted_at(found: Followed) -> datetime:
    if found.submission is not None:
        return found.submission.submitted_at
    assert found.hoso is not None
    return parse_portal_time(found.hoso.NgayNopHoSo)


def _steps(found: Followed, proven: bool, language: Language) -> list[StepView]:
    return [
        StepView(
            status=each.status,
            status_name=say(DossierStatus(each.status).text, language),
            at=parse_portal_time(each.at),
            department=each.department,
            officer=each.officer if proven else None,
            note=each.content if proven else None,
        )
        for each in found.steps
    ]


def _supplements(found: Followed, proven: bool) -> list[SupplementView]:
    told = found.hoso.DanhSachHoSoBoSung if found.hoso is not None else None
    return [
        SupplementView(
            requested_at=_time(each.NgayBoSung),
            answered_at=_time(each.NgayTiepNhanBoSung),
            content=each.NoiDungBoSung if proven else None,
            due_before=_time(each.NgayHenTraTruoc),
            due_after=_time(each.NgayHenTraMoi),
        )
        for each in told or ()
    ]


def _request(request: CitizenRequest, proven: bool) -> RequestView:
    state: Literal["waiting", "taken", "declined"] = "waiting"
    if request.declined_at is not None:
        state = "declined"
    elif request.acknowledged_at is not None:
        state = "taken"
    return RequestView(
        number=request.number,
        kind=KINDS[request.kind],
        sent_at=request.sent_at,
        state=state,
        content=request.content if proven else None,
        reason=request.decline_reason if proven else None,
    )


def _results(found: Followed) -> list[ResultView]:
    told = found.hoso.DanhSachGiayToKetQua if found.hoso is not None else None
    return [ResultView(name=each.TenGiayTo, url=each.DuongDanTepTinKetQua) for each in told or ()]


def _time(text: str | None) -> datetime | None:
    return None if text is None else parse_portal_time(text)
