"""CapNhatTienDoHoSoMC: rows of progress, each dossier's in order. All of a call is done, or nothing.

A row that is there already is answered with success and left alone: the sender may have lost our reply.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from contracts.portal import ItemError, ProgressCall, TienDo, Verb, parse_portal_time
from gateway.portal.commands.common import BRIEF_ITEMS, Sender, refuse
from gateway.portal.heads import DossierHead, Heads
from gateway.portal.models import Step
from gateway.portal.replies import WireReply, item_error
from gateway.portal.rules import Head, Refused, Verdict, bit, judge_rows
from services.bus.kit.tx import Tx

Rows = list[tuple[int, TienDo]]
Judged = tuple[DossierHead, Rows, Head, list[Verdict]]


class UpdateProgress:
    """The command of one call; `prepare` looks up what a whole batch of them needs in one select."""

    def __init__(self, call: ProgressCall, sender: Sender) -> None:
        self.call = call
        self.sender = sender
        self.brief = len(call.data) <= BRIEF_ITEMS

    @staticmethod
    def prepare(tx: Tx, commands: Sequence[UpdateProgress]) -> None:
        Heads.of(tx).look_up(row.MaHoSo for command in commands for row in command.call.data)

    def __call__(self, tx: Tx) -> WireReply:
        voice, heads = self.sender.voice, Heads.of(tx)
        judged: list[Judged] = []
        wrong: list[ItemError] = []
        for code, rows in self._by_dossier().items():
            outcome = self._judge(heads.find(code), code, rows)
            if isinstance(outcome, ItemError):
                wrong.append(outcome)
            else:
                judged.append(outcome)
        if wrong:
            reply = voice.invalid("Không cập nhật được tiến độ", wrong)
            return refuse(tx, reply, self.sender, Verb.UPDATE_PROGRESS)
        for dossier, rows, head, verdicts in judged:
            self._apply(tx, dossier, rows, head, verdicts)
            heads.save(dossier)
        return voice.ok("Cập nhật tiến độ hồ sơ thành công")

    def _by_dossier(self) -> dict[str, Rows]:
        rows: dict[str, Rows] = {}
        for position, row in enumerate(self.call.data):
            rows.setdefault(row.MaHoSo, []).append((position, row))
        return rows

    def _judge(self, dossier: DossierHead | None, code: str, rows: Rows) -> Judged | ItemError:
        position = rows[0][0]
        if dossier is None:
            text = "hồ sơ chưa tồn tại trên Cổng, hãy gọi DongBoHoSoMC trước"
            return item_error(position, text, code)
        if dossier.unit != self.sender.unit:
            text = f"hồ sơ do đơn vị {dossier.unit} đồng bộ, không phải {self.sender.unit}"
            return item_error(position, text, code)
        head = Head(dossier.last_at, dossier.last_status, dossier.at_last)
        verdicts = judge_rows(head, [(row.ThoiDiemXuLy, int(row.TrangThai)) for _, row in rows])
        if isinstance(verdicts, Refused):
            return item_error(rows[verdicts.position][0], _illegal_step(verdicts), code)
        return dossier, rows, head, verdicts

    def _apply(self, tx: Tx, dossier: DossierHead, rows: Rows, head: Head, verdicts: list[Verdict]) -> None:
        new = [row for (_, row), verdict in zip(rows, verdicts, strict=True) if verdict is Verdict.NEW]
        if Verdict.OLDER in verdicts or Verdict.REPEATED in verdicts:
            repeated = _count_repeated(tx, dossier.code, rows, verdicts, new)
            ignored = len(rows) - len(new)
            dossier.duplicates_ignored += repeated
            dossier.older_ignored += ignored - repeated
        if not new:
            return
        now = self.sender.now
        for arrival, row in enumerate(new, start=dossier.steps + 1):
            tx.append(Step, _step(row, arrival, now))
            dossier.seen |= bit(row.status)
        dossier.steps += len(new)
        dossier.last_at = head.at
        dossier.last_status = head.status
        dossier.at_last = head.at_last
        dossier.changes += 1


def _illegal_step(refused: Refused) -> str:
    target = refused.target
    to = f'{target.value} "{target.text.vi}"'
    if refused.source is None:
        return f"TrangThai đầu tiên phải là 1 hoặc 2, không thể là {to}"
    source = refused.source
    return f'TrangThai không thể chuyển từ {source.value} "{source.text.vi}" sang {to}'


def _count_repeated(tx: Tx, code: str, rows: Rows, verdicts: list[Verdict], new: list[TienDo]) -> int:
    """How many ignored rows are there already, key by key. Rare: only after a lost reply or a reordering."""
    held = {(row.ThoiDiemXuLy, int(row.TrangThai)) for row in new}
    if Verdict.OLDER in verdicts:
        tx.run_later()  # rows of the same batch count too
        keys = tx.execute(select(Step.at, Step.status).where(Step.code == code))
        held.update((at, status) for at, status in keys)
    return sum(
        verdict is Verdict.REPEATED
        or (verdict is Verdict.OLDER and (row.ThoiDiemXuLy, int(row.TrangThai)) in held)
        for (_, row), verdict in zip(rows, verdicts, strict=True)
    )


def _step(row: TienDo, arrival: int, now: datetime) -> dict[str, Any]:
    return {
        "code": row.MaHoSo,
        "at": row.ThoiDiemXuLy,
        "status": int(row.TrangThai),
        "arrival": arrival,
        "received_at": now,
        "lag_ms": _lag_ms(row.ThoiDiemXuLy, now),
        "officer": row.NguoiXuLy,
        "title": row.ChucDanh,
        "department": row.PhongBanXuLy,
        "content": row.NoiDungXuLy,
        "begun_at": row.NgayBatDau,
        "due_at": row.NgayKetThucTheoQuyDinh,
    }


def _lag_ms(at: str, now: datetime) -> int:
    """From the step to its arrival, in milliseconds; the wire cuts the step's time to whole seconds, so this
    is up to a second too long. A time ahead of our clock counts as no lag."""
    return max(0, (now - parse_portal_time(at)) // timedelta(milliseconds=1))
