"""Questions and answers (hỏi đáp): asked by citizens here, answered by the province, or published by it."""

from __future__ import annotations

from datetime import datetime

from contracts.portal import AnswersCall, HoiDap, PublishedQuestionsCall, Verb, parse_portal_time
from gateway.portal.commands.common import Sender, refuse
from gateway.portal.models import Question
from gateway.portal.replies import WireReply, item_error
from services.bus.kit.tx import Tx


def answer(tx: Tx, call: AnswersCall, sender: Sender) -> WireReply:
    """DongBoKetQuaHoiDapGuiTuDVCQG: answer questions asked here. A later answer replaces an earlier one."""
    found = [tx.find(Question, each.MaHoiDap) for each in call.data]
    wrong = [
        item_error(position, f"không có câu hỏi {told.MaHoiDap}")
        for position, (question, told) in enumerate(zip(found, call.data, strict=True))
        if question is None or question.unit != sender.unit
    ]
    if wrong:
        reply = sender.voice.invalid("Không ghi nhận được câu trả lời", wrong)
        return refuse(tx, reply, sender, Verb.ANSWER_QUESTIONS)
    for question, told in zip(found, call.data, strict=True):
        if question is not None:
            question.answer = told.NoiDungTraLoi
            question.answered_by = told.NguoiTraLoi
            question.answered_at = _time(told.NgayTraLoi) or sender.now
    return sender.voice.ok("Đồng bộ kết quả hỏi đáp thành công")


def publish(tx: Tx, call: PublishedQuestionsCall, sender: Sender) -> WireReply:
    """DongBoHoiDap: publish questions with their answers; the same MaHoiDap again replaces it."""
    wrong = []
    for position, told in enumerate(call.data):
        held = tx.find(Question, told.MaHoiDap)
        if held is not None and (held.asked_here or held.unit != sender.unit):
            wrong.append(item_error(position, f"mã hỏi đáp {told.MaHoiDap} đã được dùng"))
    if wrong:
        reply = sender.voice.invalid("Không đồng bộ được hỏi đáp", wrong)
        return refuse(tx, reply, sender, Verb.PUBLISH_QUESTIONS)
    for told in call.data:
        _put(tx, told, sender)
    return sender.voice.ok("Đồng bộ hỏi đáp thành công")


def _put(tx: Tx, told: HoiDap, sender: Sender) -> None:
    question = tx.find(Question, told.MaHoiDap)
    if question is None:
        question = Question(
            id=told.MaHoiDap,
            unit=sender.unit,
            asked_here=False,
            content=told.NoiDung,
            asked_at=_time(told.NgayHoi) or sender.now,
        )
        tx.add(question)
    question.title = told.TieuDe
    question.content = told.NoiDung
    question.asker = told.NguoiHoi
    question.email = told.Email
    question.phone = told.SoDienThoai
    question.answer = told.NoiDungTraLoi
    question.answered_by = told.NguoiTraLoi
    answered = told.NoiDungTraLoi is not None
    question.answered_at = (_time(told.NgayTraLoi) or sender.now) if answered else None


def _time(text: str | None) -> datetime | None:
    return None if text is None else parse_portal_time(text)
