"""The ten dossier statuses of the national portal and the table of legal steps between them.

    (online) ─► 1 ─receive─► 2 ─start─► 4 ─────complete────► 9 ─return_result─► 10
                │            │ ▲        │ ▲ ▲                                   ▲
              refuse         ▼ │        ▼ │ └─resume── 8 (suspend)              │
                ▼       5 (supplement) ◄┘ └─confirm_payment── 6                 │
                3 ◄─expired─┘                        1,2,4,5 ─withdraw─► 7 ─────┘

Codes and names: four independent code bases agree on them (domain 1.5); the arrows and their guards are
domain 1.6. A rule that is only recalled, not verified, is a row like any other and can be taken out here.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from functools import cache

from contracts.problems import Text


class DossierStatus(IntEnum):
    """TrangThaiHoSo, 1 to 10, as the portal counts them."""

    SUBMITTED = 1
    RECEIVED = 2
    REFUSED = 3
    IN_PROGRESS = 4
    SUPPLEMENT_REQUESTED = 5
    PAYMENT_REQUESTED = 6
    WITHDRAWN = 7
    SUSPENDED = 8
    COMPLETED = 9
    RESULT_RETURNED = 10

    @property
    def text(self) -> Text:
        return _NAMES[self]

    @property
    def is_terminal(self) -> bool:
        """No step leads on: refused, and result returned."""
        return self in (DossierStatus.REFUSED, DossierStatus.RESULT_RETURNED)

    @property
    def counts_as_received(self) -> bool:
        """Counts in "đã tiếp nhận" of the portal's reports (domain 1.5)."""
        return self not in (DossierStatus.SUBMITTED, DossierStatus.REFUSED)

    @property
    def stops_the_clock(self) -> bool:
        """The legal time limit does not run: waiting for the citizen, or stopped."""
        return self in (
            DossierStatus.SUPPLEMENT_REQUESTED,
            DossierStatus.PAYMENT_REQUESTED,
            DossierStatus.SUSPENDED,
        )


_NAMES = {
    DossierStatus.SUBMITTED: Text("Mới đăng ký", "Submitted"),
    DossierStatus.RECEIVED: Text("Được tiếp nhận", "Received"),
    DossierStatus.REFUSED: Text("Không được tiếp nhận", "Refused"),
    DossierStatus.IN_PROGRESS: Text("Đang xử lý", "In progress"),
    DossierStatus.SUPPLEMENT_REQUESTED: Text("Yêu cầu bổ sung giấy tờ", "Supplement requested"),
    DossierStatus.PAYMENT_REQUESTED: Text("Yêu cầu thực hiện nghĩa vụ tài chính", "Payment requested"),
    DossierStatus.WITHDRAWN: Text("Công dân yêu cầu rút hồ sơ", "Withdrawn by the citizen"),
    DossierStatus.SUSPENDED: Text("Dừng xử lý", "Suspended"),
    DossierStatus.COMPLETED: Text("Đã xử lý xong", "Completed"),
    DossierStatus.RESULT_RETURNED: Text("Đã trả kết quả", "Result returned"),
}


class Channel(StrEnum):
    """KenhThucHien: how the dossier came in. The portal counts 1 direct, 2 online, 3 public post."""

    DIRECT = "direct"
    ONLINE = "online"
    POST = "post"


CHANNEL_CODES = {Channel.DIRECT: 1, Channel.ONLINE: 2, Channel.POST: 3}


class Action(StrEnum):
    """What an officer, a citizen or a system may do to a dossier."""

    RECEIVE = "receive"
    REFUSE = "refuse"
    START = "start"
    REQUEST_SUPPLEMENT = "request_supplement"
    SUPPLEMENT = "supplement"
    REQUEST_PAYMENT = "request_payment"
    CONFIRM_PAYMENT = "confirm_payment"
    SUSPEND = "suspend"
    RESUME = "resume"
    WITHDRAW = "withdraw"
    COMPLETE = "complete"
    RETURN_RESULT = "return_result"


ACTION_NAMES = {
    Action.RECEIVE: Text("tiếp nhận", "receive"),
    Action.REFUSE: Text("từ chối", "refuse"),
    Action.START: Text("chuyển xử lý", "start"),
    Action.REQUEST_SUPPLEMENT: Text("yêu cầu bổ sung", "request_supplement"),
    Action.SUPPLEMENT: Text("bổ sung giấy tờ", "supplement"),
    Action.REQUEST_PAYMENT: Text("yêu cầu nghĩa vụ tài chính", "request_payment"),
    Action.CONFIRM_PAYMENT: Text("xác nhận đã nộp", "confirm_payment"),
    Action.SUSPEND: Text("dừng xử lý", "suspend"),
    Action.RESUME: Text("tiếp tục xử lý", "resume"),
    Action.WITHDRAW: Text("rút hồ sơ", "withdraw"),
    Action.COMPLETE: Text("kết thúc xử lý", "complete"),
    Action.RETURN_RESULT: Text("trả kết quả", "return_result"),
}


class Guard(StrEnum):
    """A condition that a step needs besides the status; the dossier service decides it from its data."""

    UPFRONT_FEE_PAID = "upfront_fee_paid"
    REASON_GIVEN = "reason_given"
    SUPPLEMENT_OVERDUE = "supplement_overdue"
    FEES_PAID = "fees_paid"
    RESULT_ATTACHED = "result_attached"


@dataclass(frozen=True, slots=True)
class Transition:
    """One legal step: `action` takes a dossier from `source` to `target` if every guard holds."""

    action: Action
    source: DossierStatus
    target: DossierStatus
    guards: tuple[Guard, ...] = ()
    returns_to_origin: bool = False
    """The target is the status the pause began at (2 or 4), not a fixed one."""


_S = DossierStatus
TRANSITIONS: tuple[Transition, ...] = (
    Transition(Action.RECEIVE, _S.SUBMITTED, _S.RECEIVED, (Guard.UPFRONT_FEE_PAID,)),
    Transition(Action.REFUSE, _S.SUBMITTED, _S.REFUSED, (Guard.REASON_GIVEN,)),
    Transition(Action.START, _S.RECEIVED, _S.IN_PROGRESS),
    Transition(Action.REQUEST_SUPPLEMENT, _S.RECEIVED, _S.SUPPLEMENT_REQUESTED),
    Transition(Action.REQUEST_SUPPLEMENT, _S.IN_PROGRESS, _S.SUPPLEMENT_REQUESTED),
    Transition(Action.SUPPLEMENT, _S.SUPPLEMENT_REQUESTED, _S.RECEIVED, returns_to_origin=True),
    Transition(Action.SUPPLEMENT, _S.SUPPLEMENT_REQUESTED, _S.IN_PROGRESS, returns_to_origin=True),
    Transition(Action.REFUSE, _S.SUPPLEMENT_REQUESTED, _S.REFUSED, (Guard.SUPPLEMENT_OVERDUE,)),
    Transition(Action.REQUEST_PAYMENT, _S.IN_PROGRESS, _S.PAYMENT_REQUESTED),
    Transition(Action.CONFIRM_PAYMENT, _S.PAYMENT_REQUESTED, _S.IN_PROGRESS),
    Transition(Action.SUSPEND, _S.IN_PROGRESS, _S.SUSPENDED),
    Transition(Action.RESUME, _S.SUSPENDED, _S.IN_PROGRESS),
    Transition(Action.WITHDRAW, _S.SUBMITTED, _S.WITHDRAWN),
    Transition(Action.WITHDRAW, _S.RECEIVED, _S.WITHDRAWN),
    Transition(Action.WITHDRAW, _S.IN_PROGRESS, _S.WITHDRAWN),
    Transition(Action.WITHDRAW, _S.SUPPLEMENT_REQUESTED, _S.WITHDRAWN),
    Transition(Action.COMPLETE, _S.RECEIVED, _S.COMPLETED),
    Transition(Action.COMPLETE, _S.IN_PROGRESS, _S.COMPLETED),
    Transition(Action.RETURN_RESULT, _S.COMPLETED, _S.RESULT_RETURNED, (Guard.FEES_PAID, Guard.RESULT_ATTACHED)),
    Transition(Action.RETURN_RESULT, _S.WITHDRAWN, _S.RESULT_RETURNED),
)

INITIAL: frozenset[DossierStatus] = frozenset({_S.SUBMITTED, _S.RECEIVED})
"""An online submission begins at 1; a dossier received at the counter or by post begins at 2."""

_BY_ACTION: dict[tuple[Action, DossierStatus], tuple[Transition, ...]] = {}
for _t in TRANSITIONS:
    _BY_ACTION[_t.action, _t.source] = (*_BY_ACTION.get((_t.action, _t.source), ()), _t)


def transitions_of(action: Action, source: DossierStatus) -> tuple[Transition, ...]:
    """The rows for this action at this status: none if illegal, two where the pause began decides."""
    return _BY_ACTION.get((action, source), ())


@cache
def next_statuses(source: DossierStatus | None) -> frozenset[DossierStatus]:
    """Statuses one legal step away; from None, the two a dossier can begin at."""
    if source is None:
        return INITIAL
    return frozenset(t.target for t in TRANSITIONS if t.source == source)


@cache
def reachable(source: DossierStatus | None) -> frozenset[DossierStatus]:
    """Statuses one or more legal steps away (a sender that is behind may report only the newest)."""
    found: set[DossierStatus] = set()
    queue = deque(next_statuses(source))
    while queue:
        status = queue.popleft()
        if status not in found:
            found.add(status)
            queue.extend(next_statuses(status))
    return frozenset(found)


def is_legal_history(statuses: Iterable[int]) -> bool:
    """True if each status is one legal step from the one before, the first one from nothing."""
    current: DossierStatus | None = None
    for status in statuses:
        if status not in next_statuses(current):
            return False
        current = DossierStatus(status)
    return True
