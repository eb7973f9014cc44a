"""What the province looks up or polls. Plain rows of the wire come back, ready to be sent."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import select

from contracts.portal import HoiDap, NguoiNopHoSo, RequestKind, YeuCau, format_portal_time
from gateway.portal.models import CitizenRequest, Dossier, DossierContent, Question, Submission
from services.bus.kit.tx import Tx

MAX_POLL = 1_000
LOOKED_UP = (
    "MaTTHC",
    "NgayNopHoSo",
    "NgayTiepNhan",
    "NgayHenTra",
    "NgayKetThucXuLy",
    "NgayTra",
    "SoBienNhan",
)
_TECH_ID_SPACE = uuid.uuid5(uuid.NAMESPACE_URL, "urn:truc:portal:technical-id")


def lookup_dossier(tx: Tx, code: str) -> list[dict[str, Any]]:
    """TraCuuHoSo: one row, or none. Keys are [derived]: those of the push."""
    content = tx.get(DossierContent, code)
    dossier = tx.get(Dossier, code)
    if dossier is None or content is None:
        return []
    told = orjson.loads(content.hoso)
    row = {"MaHoSo": code, "TrangThaiHoSo": str(dossier.status)}
    return [row | {key: told[key] for key in LOOKED_UP if key in told}]


def technical_id(tx: Tx, number: str) -> list[dict[str, Any]]:
    """TraCuuTechID: the portal account of a person. Whoever has submitted something here has one."""
    known = tx.scalar(select(Submission.reference).where(Submission.personal_id == number).limit(1))
    return [] if known is None else [{"TECHNICALID": str(uuid.uuid5(_TECH_ID_SPACE, number))}]


def waiting_requests(tx: Tx, unit: str, limit: int) -> list[dict[str, Any]]:
    """What citizens asked of this unit and nobody acknowledged, oldest first, in order per reference."""
    waiting = tx.execute(
        select(CitizenRequest, Submission)
        .join(Submission, Submission.reference == CitizenRequest.reference)
        .where(CitizenRequest.unit == unit, CitizenRequest.acknowledged_at.is_(None))
        .order_by(CitizenRequest.sent_at, CitizenRequest.reference, CitizenRequest.number)
        .limit(min(limit, MAX_POLL))
    ).all()
    return [_request_row(request, submission) for request, submission in waiting]


def _request_row(request: CitizenRequest, submission: Submission) -> dict[str, Any]:
    row = YeuCau(
        MaThamChieu=request.reference,
        SoYeuCau=str(request.number),
        LoaiYeuCau=RequestKind(request.kind),
        ThoiDiemGui=format_portal_time(request.sent_at),
        MaHoSo=submission.dossier_code,
        NoiDung=request.content,
    )
    if request.kind == RequestKind.SUBMISSION:
        born = submission.date_of_birth
        row.MaTTHC = submission.procedure_code
        row.MaCoQuan = submission.agency_code
        row.NguoiNop = NguoiNopHoSo(
            HoTen=submission.full_name,
            SoDinhDanh=submission.personal_id,
            NgaySinh=f"{born.year:04d}{born.month:02d}{born.day:02d}" if born else None,
            SoDienThoai=submission.phone,
            Email=submission.email,
        )
        row.DuLieuToKhai = orjson.dumps(submission.form).decode()
    return row.wire()


def waiting_questions(tx: Tx, unit: str, limit: int) -> list[dict[str, Any]]:
    """Questions citizens asked this unit here that have no answer yet, oldest first."""
    found = tx.scalars(
        select(Question)
        .where(Question.unit == unit, Question.asked_here, Question.answered_at.is_(None))
        .order_by(Question.asked_at, Question.id)
        .limit(min(limit, MAX_POLL))
    )
    return [_question_row(each, with_asker=True) for each in found]


def answered_questions(tx: Tx, unit: str, limit: int) -> list[dict[str, Any]]:
    """Answered questions of a unit, newest first, without who asked."""
    found = tx.scalars(
        select(Question)
        .where(Question.unit == unit, Question.answered_at.is_not(None))
        .order_by(Question.asked_at.desc(), Question.id)
        .limit(min(limit, MAX_POLL))
    )
    return [_question_row(each, with_asker=False) for each in found]


def _question_row(question: Question, *, with_asker: bool) -> dict[str, Any]:
    return HoiDap(
        MaHoiDap=question.id,
        TieuDe=question.title,
        NoiDung=question.content,
        NguoiHoi=question.asker if with_asker else None,
        Email=question.email if with_asker else None,
        SoDienThoai=question.phone if with_asker else None,
        MaCoQuan=question.unit,
        NgayHoi=format_portal_time(question.asked_at),
        NoiDungTraLoi=question.answer,
        NguoiTraLoi=question.answered_by,
        NgayTraLoi=_time(question.answered_at),
    ).wire()


def _time(at: datetime | None) -> str | None:
    return None if at is None else format_portal_time(at)
