"""DongBoHoSoMC: the province tells how dossiers stand now. All of a call is done, or nothing.

Create and update are two calls on the wire: a create of what is there answers "đã tồn tại", an update of what
is not there is refused, so that a client never overwrites what it does not know.
"""

from __future__ import annotations

from collections.abc import Sequence

from contracts.portal import DossiersCall, HoSo, ItemError, Verb
from contracts.status import DossierStatus
from gateway.portal.commands.common import BRIEF_ITEMS, Sender, preload, refuse
from gateway.portal.heads import DossierHead, Heads
from gateway.portal.models import Submission
from gateway.portal.references import is_reference
from gateway.portal.replies import WireReply, item_error
from gateway.portal.rules import Verdict, bit, judge_update
from services.bus.kit.tx import Tx


class SyncDossiers:
    """The command of one call; `prepare` looks up what a whole batch of them needs in one select."""

    def __init__(self, call: DossiersCall, sender: Sender) -> None:
        self.call = call
        self.sender = sender
        self.brief = len(call.data) <= BRIEF_ITEMS

    @staticmethod
    def prepare(tx: Tx, commands: Sequence[SyncDossiers]) -> None:
        told = [each for command in commands for each in command.call.data]
        Heads.of(tx).look_up(each.MaHoSo for each in told)
        preload(tx, Submission, (each.SoBienNhan for each in told if is_reference(each.SoBienNhan)))

    def __call__(self, tx: Tx) -> WireReply:
        voice = self.sender.voice
        heads = Heads.of(tx)
        repeated, existing, wrong = self._faults(heads)
        if wrong:
            return self._refuse(tx, voice.invalid("Không đồng bộ được hồ sơ", wrong))
        if repeated:
            return self._refuse(tx, voice.duplicate(repeated))
        if existing:
            return self._refuse(tx, voice.exists(existing))
        for each in self.call.data:
            held = heads.find(each.MaHoSo)
            if held is None:
                self._create(tx, heads, each)
            else:
                self._update(tx, heads, held, each)
        return voice.ok("Đồng bộ hồ sơ thành công")

    def _refuse(self, tx: Tx, reply: WireReply) -> WireReply:
        return refuse(tx, reply, self.sender, Verb.SYNC_DOSSIERS)

    def _faults(self, heads: Heads) -> tuple[list[ItemError], list[ItemError], list[ItemError]]:
        """The items that repeat one of this call, that exist already, that are wrong."""
        repeated: list[ItemError] = []
        existing: list[ItemError] = []
        wrong: list[ItemError] = []
        codes: set[str] = set()
        for position, each in enumerate(self.call.data):
            code = each.MaHoSo
            if code in codes:
                repeated.append(item_error(position, "", code))
                continue
            codes.add(code)
            held = heads.find(code)
            if held is None:
                if self.call.updating:
                    text = 'hồ sơ chưa tồn tại trên Cổng, hãy gửi với isUpdating "False"'
                    wrong.append(item_error(position, text, code))
            elif not self.call.updating:
                existing.append(item_error(position, "", code))
            elif (fault := self._fault_of_update(held, each)) is not None:
                wrong.append(item_error(position, fault, code))
        return repeated, existing, wrong

    def _fault_of_update(self, held: DossierHead, told: HoSo) -> str | None:
        if held.unit != self.sender.unit:
            return f"hồ sơ do đơn vị {held.unit} đồng bộ, không phải {self.sender.unit}"
        if judge_update(held.status, held.seen, told.status) is Verdict.ILLEGAL:
            source, target = DossierStatus(held.status), told.status
            return (
                f'TrangThaiHoSo không thể chuyển từ {source.value} "{source.text.vi}" '
                f'sang {target.value} "{target.text.vi}"'
            )
        return None

    def _create(self, tx: Tx, heads: Heads, told: HoSo) -> None:
        head = DossierHead(
            code=told.MaHoSo,
            unit=self.sender.unit,
            reference=None,
            status=told.status,
            status_at=self.sender.now,
            seen=bit(told.status),
        )
        self._take_content(tx, heads, head, told)
        heads.save(head)

    def _update(self, tx: Tx, heads: Heads, held: DossierHead, told: HoSo) -> None:
        verdict = judge_update(held.status, held.seen, told.status)
        if verdict is Verdict.OLDER:
            held.older_ignored += 1
            heads.save(held)
            return
        if verdict is Verdict.NEW:
            held.status = told.status
            held.status_at = self.sender.now
            held.seen |= bit(told.status)
        held.changes += 1
        self._take_content(tx, heads, held, told)
        heads.save(held)

    def _take_content(self, tx: Tx, heads: Heads, head: DossierHead, told: HoSo) -> None:
        """Keep what was told, and tie the dossier to the submission whose reference it carries; the first
        dossier to claim a reference keeps it."""
        heads.save_content(head.code, told.model_dump_json(exclude_none=True), self.sender.now)
        if head.reference is not None or not is_reference(told.SoBienNhan):
            return
        submission = tx.find(Submission, told.SoBienNhan)
        if submission is not None and submission.dossier_code is None and submission.unit == head.unit:
            submission.dossier_code = head.code
            head.reference = submission.reference
