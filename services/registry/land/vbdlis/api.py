"""Routes of the calls in, and of the officers who work on dossiers that a one-stop software handed in."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, Field
from sqlalchemy import select

from contracts import scopes
from contracts.population.values import Line
from contracts.problems import ILLEGAL_TRANSITION, NOT_FOUND, Problem
from contracts.status import DossierStatus
from services.bus.kit.api import Body, read_answer, requires, service_of, write_answer
from services.bus.kit.paging import Cursor, Page
from services.bus.kit.requests import AxisRoute
from services.bus.kit.tokens import Caller
from services.bus.kit.tx import Tx
from services.registry.land.models import Case
from services.registry.land.settings import LandSettings
from services.registry.land.vbdlis import cases, inbound, wire

router = APIRouter(tags=["VBDLIS"], route_class=AxisRoute)

DENIED = "SecurityCode không đúng"
Reader = Annotated[Caller, requires(scopes.LAND_READ)]
Writer = Annotated[Caller, requires(scopes.LAND_WRITE)]


class CaseView(BaseModel):
    """A dossier that travels over VBDLIS calls."""

    receipt: str
    their_receipt: str | None
    dossier: str
    handed_over: bool
    status: int
    document: dict[str, Any]
    steps: list[dict[str, Any]]
    opened_at: datetime


class CaseStep(Body):
    """What an officer does about a dossier that was handed in, by the name of the call that tells it."""

    verb: Literal[
        "DongBoTrangThaiLuanChuyenHoSo",
        "DongBoTrangThaiChoBoSung",
        "DongBoTrangThaiDaBoSung",
        "DongBoKetQuaThue",
        "ThueChuyenTraHoSoDoSai",
        "YeuCauCapNhatHoSo",
        "ThongBaoNhapSaiThuTuc",
        "DongBoTrangThaiKetThuc",
    ]
    content: Annotated[Line, Field(max_length=1_000)] = ""
    notices: Annotated[list[wire.TaxNotice], Field(max_length=20, default_factory=list)]
    outcome: Annotated[int, Field(ge=0, le=99)] = 0
    certificate_code: Annotated[Line, Field(max_length=100)] = ""
    serial: Annotated[Line, Field(max_length=100)] = ""


def _settings(request: Request) -> LandSettings:
    settings = service_of(request).settings
    assert isinstance(settings, LandSettings)
    return settings


def _from_vbdlis(model: type[wire.Said]) -> Callable[..., Awaitable[wire.Reply]]:
    async def route(request: Request, said: Any) -> wire.Reply:
        if not said.is_from(_settings(request).vbdlis_code):
            return wire.Reply(Result=0, Message=DENIED)
        service = service_of(request)
        desk, now = service.extra["desk"], service.clock.now()
        taken, words = await service.store.write(lambda tx: inbound.said_by_vbdlis(tx, said, desk, now=now))
        return wire.Reply(Result=int(taken), Message=words)

    route.__annotations__ = {"request": Request, "said": model, "return": wire.Reply}
    route.__doc__ = model.__doc__
    return route


def _from_onestop(model: type[wire.Said]) -> Callable[..., Awaitable[wire.LandReply]]:
    async def route(request: Request, said: Any) -> wire.LandReply:
        service = service_of(request)
        now = service.clock.now()
        if not said.is_from(_settings(request).vbdlis_code):
            return _land_reply(False, DENIED, now)
        taken, words = await service.store.write(lambda tx: _take(tx, said, now))
        return _land_reply(taken, words, now)

    route.__annotations__ = {"request": Request, "said": model, "return": wire.LandReply}
    route.__doc__ = model.__doc__
    return route


def _take(tx: Tx, said: Any, now: datetime) -> tuple[bool, str]:
    if isinstance(said, wire.TiepNhanHoSo):
        return inbound.take_in(tx, said, now=now)
    return inbound.said_by_onestop(tx, said, now=now)


def _land_reply(taken: bool, words: str, now: datetime) -> wire.LandReply:
    kind: Literal["success", "error"] = "success" if taken else "error"
    status = wire.Status(success=taken, code=200 if taken else 400, type=kind, time=now, message=words)
    return wire.LandReply(data=int(taken), status=status)


def _add(model: type[wire.Said], route: Any, reply: type[BaseModel]) -> None:
    router.post(f"/vbdlis/{model.__name__}", name=model.__name__, response_model=reply)(route)


for _from_land in wire.TO_ONESTOP:
    _add(_from_land, _from_vbdlis(_from_land), wire.Reply)
for _to_land in wire.TO_VBDLIS:
    _add(_to_land, _from_onestop(_to_land), wire.LandReply)


@router.get("/v1/vbdlis/cases", response_model=Page[CaseView])
async def list_cases(
    request: Request,
    caller: Reader,
    dossier: Annotated[Annotated[Line, Field(max_length=60)] | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[str | None, Query(max_length=300)] = None,
) -> Response:
    """Dossiers that travel over VBDLIS calls, by receipt."""

    def query(tx: Tx) -> Page[CaseView]:
        wanted = select(Case).order_by(Case.receipt).limit(limit + 1)
        if dossier is not None:
            wanted = wanted.where(Case.dossier == dossier)
        if cursor is not None:
            (last,) = Cursor.decode(cursor, (str,))
            wanted = wanted.where(Case.receipt > last)
        rows = list(tx.scalars(wanted))
        more = Cursor.encode([rows[limit - 1].receipt]) if len(rows) > limit else None
        return Page(items=[_view(row) for row in rows[:limit]], next_cursor=more)

    return await read_answer(request, query)


@router.post("/v1/vbdlis/cases/{receipt:path}/steps", response_model=CaseView)
async def step_case(
    request: Request,
    receipt: Annotated[Line, Path(min_length=1, max_length=100)],
    caller: Writer,
    step: CaseStep,
) -> Response:
    """Do a step about a dossier that was handed in; the one-stop software is told by the call of that name."""
    now = service_of(request).clock.now()
    return await write_answer(request, caller, lambda tx: do_step(tx, receipt, step, now=now))


def do_step(tx: Tx, receipt: str, step: CaseStep, *, now: datetime) -> CaseView:
    """Raises NOT_FOUND, ILLEGAL_TRANSITION once the result is out, or for a dossier we handed over ourselves."""
    row = tx.find(Case, receipt)
    if row is None or row.task_id is not None:
        raise Problem(NOT_FOUND, what="dossier", id=receipt[:100])
    status = DossierStatus(row.status)
    if status in (DossierStatus.COMPLETED, DossierStatus.RESULT_RETURNED):
        raise Problem(
            ILLEGAL_TRANSITION,
            action=step.verb,
            code=row.dossier,
            status=status.value,
            status_vi=status.text.vi,
            status_en=status.text.en,
            why_vi="hồ sơ đã kết thúc",
            why_en="the dossier is over",
        )
    body: dict[str, Any] = {"MaHoSoMotCua": row.dossier, "SoBienNhan": receipt, "NoiDung": step.content}
    if step.verb == "DongBoKetQuaThue":
        body["DanhSachThongBaoThue"] = [each.model_dump() for each in step.notices]
    if step.verb == "DongBoTrangThaiKetThuc":
        body |= {"TrangThai": step.outcome, "MaGCN": step.certificate_code, "SoPhatHanh": step.serial}
    cases.note(row, step.verb, step.content, now)
    cases.owe(tx, receipt, step.verb, body, now)
    return _view(row)


def _view(row: Case) -> CaseView:
    return CaseView(
        receipt=row.receipt,
        their_receipt=row.their_receipt,
        dossier=row.dossier,
        handed_over=row.task_id is not None,
        status=row.status,
        document=row.document,
        steps=row.steps,
        opened_at=row.opened_at,
    )
