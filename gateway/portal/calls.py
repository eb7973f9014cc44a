"""From the bytes of a call to its reply: read it, know who calls, check it, do it.

Whatever is wrong is answered on the wire with a code and a message that names the field. Nothing here knows
HTTP or faults; `api/mapi.py` stands around it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from contracts.portal import (
    REQUEST_OF,
    REQUESTS_PER_POLL,
    AcknowledgeRequestsCall,
    AgenciesCall,
    AgencyQuestionsCall,
    AnswersCall,
    DeclinesCall,
    DossiersCall,
    FieldsCall,
    ItemError,
    LoginCall,
    LookupDossierCall,
    LookupTechIdCall,
    PortalCall,
    PortalQuestionsCall,
    PortalRequestsCall,
    ProcedureCall,
    ProceduresCall,
    ProgressCall,
    PublishedQuestionsCall,
)
from contracts.problems import Problem
from contracts.rules import RULES, explain
from gateway.portal import catalogue, metrics
from gateway.portal.commands import questions, requests
from gateway.portal.commands.common import Sender
from gateway.portal.commands.dossiers import SyncDossiers
from gateway.portal.commands.progress import UpdateProgress
from gateway.portal.faults import Fault
from gateway.portal.portal import Portal
from gateway.portal.queries import wire
from gateway.portal.replies import WireReply
from services.bus.kit.field_paths import field_path
from services.bus.kit.requests import parse_json
from services.bus.kit.store import Store

MAX_ITEM_ERRORS = 20

Call = dict[str, Any]


def log_in(portal: Portal, call: Call, now: datetime) -> WireReply:
    """{username, password} gives {error_code, message, session}."""
    try:
        who = LoginCall.model_validate(call)
    except ValidationError as error:
        return portal.voice.invalid("Dữ liệu không hợp lệ", _item_errors(error, call))
    session = portal.sessions.open(who.username, who.password, now)
    if session is None:
        return portal.voice.invalid("Tên đăng nhập hoặc mật khẩu không đúng")
    return WireReply(portal.voice.profile.success_code, "Đăng nhập thành công", session=session)


async def answer(portal: Portal, store: Store, call: Call, now: datetime) -> WireReply:
    """{session, madonvi, service, ...} gives the reply of that service; `service` is the verb."""
    sender = identify(portal, call, now)
    if isinstance(sender, WireReply):
        return sender
    service = call.get("service")
    model = REQUEST_OF.get(service) if isinstance(service, str) else None
    if model is None:
        return portal.voice.invalid(f"service: không có dịch vụ {_short(service)}")
    rule = portal.faults.refusal(model.VERB.value, call)
    if rule is not None:
        metrics.record_fault(Fault.REFUSED)
        return WireReply(rule.error_code, rule.message)
    checked = check(portal, model, call)
    if isinstance(checked, WireReply):
        return checked
    return await _HANDLERS[model](store, checked, sender)


def read_object(portal: Portal, body: bytes) -> Call | WireReply:
    """The JSON object in `body`, or what is wrong with it."""
    try:
        call = parse_json(body)
    except Problem as problem:
        return portal.voice.invalid(problem.type.detail.render("vi", problem.params))
    if not isinstance(call, dict):
        return portal.voice.invalid("Nội dung phải là một đối tượng JSON")
    return call


def identify(portal: Portal, call: Call, now: datetime) -> Sender | WireReply:
    """Who calls: the session must be open, and `madonvi` the unit its account belongs to."""
    token = call.get("session")
    session = portal.sessions.find(token, now) if isinstance(token, str) else None
    if session is None:
        return portal.voice.no_session()
    if call.get("madonvi") != session.unit:
        return portal.voice.invalid(
            f"madonvi: tài khoản thuộc đơn vị {session.unit}, không phải {_short(call.get('madonvi'))}"
        )
    return Sender(session.unit, portal.voice, now)


def check(portal: Portal, model: type[PortalCall], call: Call) -> PortalCall | WireReply:
    """The call as its model, or what is wrong with it, field by field."""
    limit = _limit(portal, model)
    items = call.get("data")
    if isinstance(items, list) and len(items) > limit:
        return portal.voice.invalid(f"data: tối đa {limit} mục mỗi lần gửi, nhận được {len(items)}")
    try:
        return model.model_validate(call)
    except ValidationError as error:
        return portal.voice.invalid("Dữ liệu không hợp lệ", _item_errors(error, call))


def _limit(portal: Portal, model: type[PortalCall]) -> int:
    profile = portal.voice.profile
    if model is DossiersCall:
        return profile.max_dossiers_per_call
    return profile.max_progress_per_call


def _item_errors(error: ValidationError, call: Call) -> list[ItemError]:
    wrong = []
    for each in error.errors(include_url=False, include_input=False)[:MAX_ITEM_ERRORS]:
        rule, location = each["type"], each["loc"]
        text = explain(rule, each.get("ctx")).vi if rule in RULES else each["msg"]
        path = field_path(location)
        wrong.append(ItemError(MaHoSo=_code_at(call, location), ViTri=path, MoTa=f"{path}: {text}"))
    return wrong


def _code_at(call: Call, location: tuple[int | str, ...]) -> str | None:
    """The MaHoSo of the item an error is about, if there is one and it is fit to be repeated."""
    if len(location) < 2 or location[0] != "data" or not isinstance(location[1], int):
        return None
    item = call["data"][location[1]]
    code = item.get("MaHoSo") if isinstance(item, dict) else None
    return code if isinstance(code, str) and 0 < len(code) <= 60 else None


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= 60 else text[:60] + "…"


# -- what each verb does -----------------------------------------------------------------------------------
Handler = Callable[[Store, Any, Sender], Awaitable[WireReply]]


async def _sync_dossiers(store: Store, call: DossiersCall, sender: Sender) -> WireReply:
    return await store.write(SyncDossiers(call, sender))


async def _update_progress(store: Store, call: ProgressCall, sender: Sender) -> WireReply:
    return await store.write(UpdateProgress(call, sender))


async def _lookup_dossier(store: Store, call: LookupDossierCall, sender: Sender) -> WireReply:
    rows = await store.read(lambda tx: wire.lookup_dossier(tx, call.mahoso))
    return _found(sender, "Tra cứu hồ sơ thành công", rows, "không có hồ sơ này trên Cổng")


async def _lookup_tech_id(store: Store, call: LookupTechIdCall, sender: Sender) -> WireReply:
    rows = await store.read(lambda tx: wire.technical_id(tx, call.mstorcmnd))
    return _found(sender, "Tra cứu tài khoản thành công", rows, "không có tài khoản này trên Cổng")


async def _procedures(store: Store, call: ProceduresCall, sender: Sender) -> WireReply:
    return sender.voice.ok("Lấy danh sách thủ tục thành công", catalogue.procedure_rows())


async def _procedure(store: Store, call: ProcedureCall, sender: Sender) -> WireReply:
    rows = catalogue.procedure_row(call.maTTHC)
    return _found(sender, "Lấy thủ tục thành công", rows, "không có thủ tục này trong danh mục")


async def _agencies(store: Store, call: AgenciesCall, sender: Sender) -> WireReply:
    return sender.voice.ok("Lấy danh mục cơ quan thành công", catalogue.agency_rows())


async def _fields(store: Store, call: FieldsCall, sender: Sender) -> WireReply:
    return sender.voice.ok("Lấy danh mục lĩnh vực thành công", catalogue.field_rows())


async def _publish_questions(store: Store, call: PublishedQuestionsCall, sender: Sender) -> WireReply:
    return await store.write(lambda tx: questions.publish(tx, call, sender))


async def _answer_questions(store: Store, call: AnswersCall, sender: Sender) -> WireReply:
    return await store.write(lambda tx: questions.answer(tx, call, sender))


async def _poll_questions(store: Store, call: PortalQuestionsCall, sender: Sender) -> WireReply:
    limit = _amount(call.soLuong)
    rows = await store.read(lambda tx: wire.waiting_questions(tx, sender.unit, limit))
    return sender.voice.ok("Lấy danh sách hỏi đáp thành công", rows)


async def _agency_questions(store: Store, call: AgencyQuestionsCall, sender: Sender) -> WireReply:
    unit, limit = call.maCoQuan or sender.unit, _amount(call.soLuong)
    rows = await store.read(lambda tx: wire.answered_questions(tx, unit, limit))
    return sender.voice.ok("Lấy danh sách hỏi đáp thành công", rows)


async def _poll_requests(store: Store, call: PortalRequestsCall, sender: Sender) -> WireReply:
    limit = _amount(call.soLuong)
    rows = await store.read(lambda tx: wire.waiting_requests(tx, sender.unit, limit))
    return sender.voice.ok("Lấy danh sách yêu cầu thành công", rows)


async def _acknowledge_requests(store: Store, call: AcknowledgeRequestsCall, sender: Sender) -> WireReply:
    return await store.write(lambda tx: requests.acknowledge(tx, call, sender))


async def _decline_requests(store: Store, call: DeclinesCall, sender: Sender) -> WireReply:
    return await store.write(lambda tx: requests.decline(tx, call, sender))


def _amount(text: str | None) -> int:
    return int(text) if text is not None else REQUESTS_PER_POLL


def _found(sender: Sender, success: str, rows: list[Call], nothing: str) -> WireReply:
    """A look-up that finds nothing is a success with an empty result: nobody mistakes it for a failure."""
    return sender.voice.ok(success if rows else f"{success}: {nothing}", rows)


_HANDLERS: dict[type[PortalCall], Handler] = {
    DossiersCall: _sync_dossiers,
    ProgressCall: _update_progress,
    LookupDossierCall: _lookup_dossier,
    LookupTechIdCall: _lookup_tech_id,
    ProceduresCall: _procedures,
    ProcedureCall: _procedure,
    AgenciesCall: _agencies,
    FieldsCall: _fields,
    PublishedQuestionsCall: _publish_questions,
    AnswersCall: _answer_questions,
    PortalQuestionsCall: _poll_questions,
    AgencyQuestionsCall: _agency_questions,
    PortalRequestsCall: _poll_requests,
    AcknowledgeRequestsCall: _acknowledge_requests,
    DeclinesCall: _decline_requests,
}
assert set(_HANDLERS) == set(REQUEST_OF.values())
