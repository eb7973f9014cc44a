"""The other direction: what citizens do on the portal is polled, announced on the axis, and acknowledged.

In that order, each step durable before the next: a request is announced once however often the portal gives
it, and the portal gives it until it is told that the province has it. What cannot be read becomes a dead
letter and is acknowledged too, or it would be given for ever.
"""

from __future__ import annotations

import asyncio
from datetime import date, datetime
from typing import Any, Final

import orjson
import structlog
from pydantic import ValidationError

from contracts.envelope import EventData
from contracts.events.portal import DossierSubmitted, SupplementSubmitted, WithdrawalRequested
from contracts.portal import Verb, XacNhanYeuCau, YeuCau, parse_portal_time
from contracts.portal.requests import RequestKind
from gateway.sync import metrics
from gateway.sync.client import PortalClient
from gateway.sync.commands.requests import TakenRequest, take_requests
from gateway.sync.outcomes import Delivered, Retry
from services.bus.kit.clock import Clock
from services.bus.kit.store import Store

log = structlog.get_logger(__name__)

REFUSED_PAUSE_S: Final = 30.0
"""A portal that refuses the verb does not know it: ask seldom."""

KINDS = {
    RequestKind.SUBMISSION: "submit",
    RequestKind.SUPPLEMENT: "supplement",
    RequestKind.WITHDRAWAL: "withdraw",
}


class CitizenPoll:
    """Polls for ever. `every_s` seconds between polls, at once while the portal has more than `most`."""

    def __init__(self, client: PortalClient, store: Store, clock: Clock, *, every_s: float, most: int) -> None:
        self._client = client
        self._store = store
        self._clock = clock
        self._every_s = every_s
        self._most = most

    async def run(self) -> None:
        """For the app's life; cancelled on shutdown."""
        while True:
            try:
                pause = await self.poll()
            except Exception as error:
                log.error("citizens.surprise", exc_info=error)
                pause = 1.0
            await asyncio.sleep(pause)

    async def poll(self) -> float:
        """One poll and all it brings. Seconds until the next one."""
        outcome = await self._client.call(Verb.POLL_REQUESTS, {"soLuong": str(self._most)})
        if isinstance(outcome, Retry):
            return self._every_s
        if not isinstance(outcome, Delivered):
            log.warning("citizens.poll-refused", error_code=outcome.error_code)
            return max(REFUSED_PAUSE_S, self._every_s)
        items = outcome.result if isinstance(outcome.result, list) else []
        taken = [request for item in items if (request := read_request(item)) is not None]
        if not taken:
            return self._every_s
        now = self._clock.now()
        for request in await self._store.write(lambda tx: take_requests(tx, taken, now=now)):
            metrics.record_request(request.kind)
        known = [XacNhanYeuCau(MaThamChieu=each.reference, SoYeuCau=str(each.number)).wire() for each in taken]
        done = await self._client.call(Verb.ACKNOWLEDGE_REQUESTS, data=known)
        if not isinstance(done, Delivered):
            log.warning("citizens.not-acknowledged", requests=len(known), outcome=type(done).__name__)
            return self._every_s
        return 0.0 if len(items) >= self._most else self._every_s


def read_request(item: object) -> TakenRequest | None:
    """A polled item as what it becomes on the axis. None if it does not even say which request it is."""
    try:
        request = YeuCau.model_validate(item)
        kind = KINDS[request.LoaiYeuCau]
        event = _event(request)
    except (ValidationError, ValueError) as error:
        return _unreadable(item, error)
    return TakenRequest(request.MaThamChieu, int(request.SoYeuCau), kind, event, "", None)


def _event(request: YeuCau) -> EventData:
    at = parse_portal_time(request.ThoiDiemGui)
    number = int(request.SoYeuCau)
    if request.LoaiYeuCau is RequestKind.SUPPLEMENT:
        return SupplementSubmitted(
            reference=request.MaThamChieu, request=number, content=request.NoiDung or "", at=at
        )
    if request.LoaiYeuCau is RequestKind.WITHDRAWAL:
        return WithdrawalRequested(
            reference=request.MaThamChieu, request=number, reason=request.NoiDung or "", at=at
        )
    return _submission(request, at)


def _submission(request: YeuCau, at: datetime) -> DossierSubmitted:
    who = request.NguoiNop
    if who is None or request.MaTTHC is None or request.MaCoQuan is None:
        raise ValueError("a submission needs NguoiNop, MaTTHC and MaCoQuan")
    form: Any = orjson.loads(request.DuLieuToKhai or "{}")
    if not isinstance(form, dict):
        raise ValueError("DuLieuToKhai is no JSON object")
    return DossierSubmitted(
        reference=request.MaThamChieu,
        procedure_code=request.MaTTHC,
        receiving_agency=request.MaCoQuan,
        personal_id=who.SoDinhDanh,
        full_name=who.HoTen,
        date_of_birth=_day(who.NgaySinh),
        phone=who.SoDienThoai,
        email=who.Email,
        form=form,
        submitted_at=at,
    )


def _day(text: str | None) -> date | None:
    return None if text is None else date(int(text[:4]), int(text[4:6]), int(text[6:]))


def _unreadable(item: object, error: Exception) -> TakenRequest | None:
    try:
        which = XacNhanYeuCau.model_validate(item)
    except ValidationError:
        log.error("citizens.nameless-request", error=type(error).__name__)
        return None
    reason = "; ".join(
        f"{'.'.join(map(str, each['loc']))}: {each['msg']}"
        for each in error.errors(include_input=False, include_url=False)
    ) if isinstance(error, ValidationError) else str(error)  # fmt: skip
    return TakenRequest(which.MaThamChieu, int(which.SoYeuCau), "unreadable", None, reason[:1000], item)
