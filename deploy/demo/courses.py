"""How dossiers go: the steps officers and citizens take, from the counter to the result, or elsewhere.

    most are done without a word       some need papers, a payment, a pause
    some are refused or withdrawn      some are still under way when the half year ends

The shares are our own estimate; no report gives them. Every course is legal by `contracts.status`, and pays
its fees and attaches its result where the procedure wants them: the tests hold it to that.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from random import Random
from typing import Any, Final, Literal

from contracts.status import Action, Channel, DossierStatus
from deploy.demo.procedures import Request

Kind = Literal["act", "pay", "attach"]


@dataclass(frozen=True, slots=True)
class Step:
    """One call to take: `body` is what is sent, `leads_to` the status it brings (None: it brings none)."""

    kind: Kind
    body: dict[str, Any]
    leads_to: DossierStatus | None = None


_S = DossierStatus
_A = Action

_SUPPLEMENT: Final = ((_A.REQUEST_SUPPLEMENT, _S.SUPPLEMENT_REQUESTED), (_A.SUPPLEMENT, _S.IN_PROGRESS))
_SUPPLEMENT_EARLY: Final = ((_A.REQUEST_SUPPLEMENT, _S.SUPPLEMENT_REQUESTED), (_A.SUPPLEMENT, _S.RECEIVED))
_PAYMENT: Final = ((_A.REQUEST_PAYMENT, _S.PAYMENT_REQUESTED), (_A.CONFIRM_PAYMENT, _S.IN_PROGRESS))
_PAUSE: Final = ((_A.SUSPEND, _S.SUSPENDED), (_A.RESUME, _S.IN_PROGRESS))
_START: Final = ((_A.START, _S.IN_PROGRESS),)
_DONE: Final = ((_A.COMPLETE, _S.COMPLETED), (_A.RETURN_RESULT, _S.RESULT_RETURNED))
_WITHDRAWN: Final = ((_A.WITHDRAW, _S.WITHDRAWN),)
_PAPERS_BACK: Final = (*_WITHDRAWN, (_A.RETURN_RESULT, _S.RESULT_RETURNED))

Course = tuple[tuple[Action, DossierStatus], ...]

FROM_RECEIVED: Final[dict[Course, float]] = {
    (*_START, *_DONE): 46.0,
    _DONE: 14.0,
    (*_START, *_SUPPLEMENT, *_DONE): 6.0,
    (*_SUPPLEMENT_EARLY, *_START, *_DONE): 4.0,
    (*_START, *_PAYMENT, *_DONE): 5.0,
    (*_START, *_PAUSE, *_DONE): 1.5,
    (*_START, *_SUPPLEMENT, *_PAYMENT, *_DONE): 1.0,
    (*_START, *_SUPPLEMENT, *_SUPPLEMENT, *_PAUSE, *_DONE): 0.5,
    _WITHDRAWN: 0.7,
    (*_START, *_PAPERS_BACK): 1.3,
    (*_START, *_SUPPLEMENT[:1], *_PAPERS_BACK): 1.0,
    (): 3.0,
    _START: 8.0,
    (*_START, *_SUPPLEMENT[:1]): 2.0,
    (*_START, *_PAYMENT[:1]): 1.5,
    (*_START, *_PAUSE[:1]): 0.5,
    (*_START, *_DONE[:1]): 4.0,
}
"""What comes after reception, with weights."""

_REFUSED: Final = ((_A.REFUSE, _S.REFUSED),)
BEFORE_RECEPTION: Final[dict[Course, float]] = {
    ((_A.RECEIVE, _S.RECEIVED),): 93.0,
    _REFUSED: 4.0,
    _WITHDRAWN: 1.0,
    (): 2.0,
}
"""What becomes of an online submission first; only the first row goes on."""

NOTES: Final[dict[Action, tuple[str, ...]]] = {
    _A.RECEIVE: ("Hồ sơ đầy đủ, hợp lệ",),
    _A.REFUSE: ("Không thuộc thẩm quyền giải quyết", "Thành phần hồ sơ không hợp lệ"),
    _A.START: ("Chuyển bộ phận chuyên môn xử lý",),
    _A.REQUEST_SUPPLEMENT: (
        "Đề nghị bổ sung bản chính giấy tờ để đối chiếu",
        "Đề nghị bổ sung văn bản ủy quyền có chứng thực",
    ),
    _A.SUPPLEMENT: ("Công dân đã nộp đủ giấy tờ bổ sung",),
    _A.REQUEST_PAYMENT: ("Thông báo nghĩa vụ tài chính",),
    _A.CONFIRM_PAYMENT: ("Đã xác nhận biên lai",),
    _A.SUSPEND: ("Chờ kết quả xác minh của cơ quan liên quan",),
    _A.RESUME: ("Đã có kết quả xác minh",),
    _A.WITHDRAW: ("Công dân đề nghị rút hồ sơ",),
    _A.COMPLETE: ("Đã ký kết quả",),
    _A.RETURN_RESULT: ("Đã trả kết quả cho công dân",),
}
_OFFICERS: Final = ("Trần Thị Hoa", "Nguyễn Văn Tâm", "Lê Thị Thu Hà", "Phạm Quốc Việt", "Võ Minh Tuấn")
RESULT_NAME: Final = "ket-qua.pdf"
RESULT_PDF: Final = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\n"
    b"trailer<</Root 1 0 R>>\n%%EOF\n"
)
"""One empty page: the smallest result paper there can be."""


class Courses:
    """Draws how a dossier goes; the same seed gives the same."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._from_received = _Table(FROM_RECEIVED)
        self._before = _Table(BEFORE_RECEPTION)

    def draw(self, request: Request, channel: Channel) -> tuple[Step, ...]:
        """The steps after intake, with payments and results where this request needs them."""
        moves: Course
        if channel is Channel.ONLINE:
            moves = self._before.draw(self._rng)
            if moves and moves[-1][1] is _S.RECEIVED:
                moves = (*moves, *self._from_received.draw(self._rng))
        else:
            moves = self._from_received.draw(self._rng)
        return tuple(self._steps(moves, request, channel))

    def _steps(self, moves: Course, request: Request, channel: Channel) -> Iterator[Step]:
        online = channel is Channel.ONLINE
        paid = not request.procedure.fee_vnd
        source = _S.SUBMITTED if online else _S.RECEIVED
        for action, target in moves:
            gives_result = action is _A.RETURN_RESULT and source is _S.COMPLETED
            if not paid and (gives_result or (action is _A.RECEIVE and request.upfront_fee(channel))):
                paid = True
                yield Step("pay", {"online": online})
            if gives_result and request.rules.result_required:
                yield Step("attach", {"name": RESULT_NAME})
            yield Step("act", self._act(action, online), target)
            paid = paid or action is _A.CONFIRM_PAYMENT
            source = target

    def _act(self, action: Action, online: bool) -> dict[str, Any]:
        rng = self._rng
        body: dict[str, Any] = {"action": action.value, "note": rng.choice(NOTES[action])}
        if action is not _A.SUPPLEMENT and action is not _A.WITHDRAW:
            body["officer"] = rng.choice(_OFFICERS)
        if action is _A.REQUEST_PAYMENT:
            body["amount_vnd"] = rng.randint(2, 400) * 10_000
        if action is _A.CONFIRM_PAYMENT:
            body["paid_online"] = online
        if action is _A.REQUEST_SUPPLEMENT:
            body["supplement_working_days"] = rng.randint(3, 10)
        return body


class _Table:
    """Courses by weight."""

    def __init__(self, weights: dict[Course, float]) -> None:
        self._courses = list(weights)
        self._cumulated = list(accumulate(weights.values()))

    def draw(self, rng: Random) -> Course:
        return rng.choices(self._courses, cum_weights=self._cumulated)[0]
