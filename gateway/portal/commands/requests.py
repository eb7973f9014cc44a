"""The province's answers to citizens' requests: I have it; I decline it. Both may be said again at will."""

from __future__ import annotations

from collections.abc import Sequence

from contracts.portal import AcknowledgeRequestsCall, DeclinesCall, Verb, XacNhanYeuCau, parse_portal_time
from contracts.portal.requests import PhanHoiYeuCau
from gateway.portal.commands.common import Sender, refuse
from gateway.portal.models import CitizenRequest
from gateway.portal.replies import WireReply, item_error
from services.bus.kit.tx import Tx


def acknowledge(tx: Tx, call: AcknowledgeRequestsCall, sender: Sender) -> WireReply:
    """XacNhanYeuCauGuiTuDVCQG: these need not be given again."""
    found = _find_all(tx, call.data, sender)
    if isinstance(found, WireReply):
        return refuse(tx, found, sender, Verb.ACKNOWLEDGE_REQUESTS)
    for request in found:
        if request.acknowledged_at is None:
            request.acknowledged_at = sender.now
    return sender.voice.ok("Xác nhận yêu cầu thành công")


def decline(tx: Tx, call: DeclinesCall, sender: Sender) -> WireReply:
    """DongBoPhanHoiYeuCauGuiTuDVCQG: these were declined; the first reason stands."""
    found = _find_all(tx, call.data, sender)
    if isinstance(found, WireReply):
        return refuse(tx, found, sender, Verb.DECLINE_REQUESTS)
    for request, told in zip(found, call.data, strict=True):
        if request.acknowledged_at is None:
            request.acknowledged_at = sender.now
        if request.declined_at is None:
            at = told.ThoiDiemXuLy
            request.declined_at = parse_portal_time(at) if at is not None else sender.now
            request.decline_reason = told.LyDo
    return sender.voice.ok("Ghi nhận phản hồi yêu cầu thành công")


def _find_all(
    tx: Tx, told: Sequence[XacNhanYeuCau | PhanHoiYeuCau], sender: Sender
) -> list[CitizenRequest] | WireReply:
    found = []
    wrong = []
    for position, each in enumerate(told):
        request = tx.find(CitizenRequest, (each.MaThamChieu, int(each.SoYeuCau)))
        if request is None or request.unit != sender.unit:
            text = f"không có yêu cầu số {each.SoYeuCau} của mã tham chiếu {each.MaThamChieu}"
            wrong.append(item_error(position, text))
        else:
            found.append(request)
    return sender.voice.invalid("Không ghi nhận được", wrong) if wrong else found
