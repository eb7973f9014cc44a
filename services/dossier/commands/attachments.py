"""Papers of a dossier: attachments (giấy tờ đính kèm) and results (kết quả) come, are reused, are taken back.

None of it is a step: the version of the dossier stays, and its next step carries the lists to the axis. The
bytes are on disk before a command makes them part of the dossier.
"""

from __future__ import annotations

from collections.abc import Sequence as Many
from datetime import datetime
from typing import Any, Final

from sqlalchemy import bindparam, select, update

from contracts.problems import ALREADY_EXISTS, DOSSIER_CLOSED, NOT_FOUND, UPLOAD_REFUSED, Problem
from contracts.status import DossierStatus
from services.bus.kit.tx import Tx
from services.dossier import schemas, views
from services.dossier.models import Dossier, Upload
from services.dossier.queries.dossiers import find
from services.dossier.queries.papers import find_paper

_S = DossierStatus
REMOVABLE: Final[dict[str, frozenset[DossierStatus]]] = {
    "attachment": frozenset({_S.SUBMITTED, _S.RECEIVED, _S.SUPPLEMENT_REQUESTED}),
    # a wrong result has to be put right before it is handed out, whenever that is noticed
    "result": frozenset(status for status in _S if not status.is_terminal),
}
"""At which statuses a paper can be taken back: attachments while they are still being gathered."""

_UPLOADS = Upload.__table__
_COUNT_REUSE = (
    update(_UPLOADS).where(_UPLOADS.c.id == bindparam("of_id")).values(times_reused=_UPLOADS.c.times_reused + 1)
)


class _OnDossier:
    """A command on the papers of one dossier, whose row it locks: two that come at once both count."""

    def __init__(self, code: str) -> None:
        self.code = code

    @staticmethod
    def prepare(tx: Tx, commands: Many[_OnDossier]) -> None:
        tx.preload(Dossier, {each.code for each in commands}, for_update=True)


class OpenUpload(_OnDossier):
    """An upload begins. `row` is its new row, complete in all but the bytes."""

    def __init__(self, row: dict[str, Any], *, max_papers: int) -> None:
        super().__init__(row["code"])
        self.row = row
        self.max_papers = max_papers

    def __call__(self, tx: Tx) -> None:
        dossier = tx.find(Dossier, self.code)
        if dossier is None:
            raise Problem(NOT_FOUND, field="header.Upload-Metadata.dossier", what="dossier", id=self.code)
        check_open(dossier, self.row["purpose"], self.max_papers)
        tx.add(Upload(**self.row))


class Attach(_OnDossier):
    """Every byte of an upload is here: it becomes part of its dossier. Done twice, it counts once."""

    def __init__(self, code: str, id: str, sha256: bytes, *, now: datetime, max_papers: int) -> None:
        super().__init__(code)
        self.id = id
        self.sha256 = sha256
        self.now = now
        self.max_papers = max_papers

    def __call__(self, tx: Tx) -> bool:
        """Whether it was this call that did it. Raises NOT_FOUND if the upload was given up meanwhile."""
        upload = tx.find(Upload, self.id)
        if upload is None:
            raise Problem(NOT_FOUND, what="upload", id=self.id)
        if upload.state != "open":
            return False
        dossier = find(tx, self.code)
        check_open(dossier, upload.purpose, self.max_papers)
        upload.state = "complete"
        upload.sha256 = self.sha256
        upload.completed_at = self.now
        upload.expires_at = None
        _add(dossier, upload)
        return True


class AttachWhole(_OnDossier):
    """A small file that came in one request. `row` is its new row, sha256 included."""

    def __init__(self, row: dict[str, Any], *, max_papers: int) -> None:
        super().__init__(row["code"])
        self.row = row
        self.max_papers = max_papers

    def __call__(self, tx: Tx) -> schemas.Paper:
        dossier = find(tx, self.code)
        check_open(dossier, self.row["purpose"], self.max_papers)
        upload = Upload(**self.row)
        tx.add(upload)
        _add(dossier, upload)
        return views.paper(upload)


class ReusePaper(_OnDossier):
    """A paper of an earlier dossier of the same person is used again (tái sử dụng), without a copy.

    Counted at its source; domain 4.3 counts the dossiers that hold one.
    """

    def __init__(
        self, code: str, asked: schemas.Reuse, id: str, *, now: datetime, caller: str, max_papers: int
    ) -> None:
        super().__init__(code)
        self.asked = asked
        self.id = id
        self.now = now
        self.caller = caller
        self.max_papers = max_papers

    def __call__(self, tx: Tx) -> schemas.Paper:
        dossier = find(tx, self.code)
        check_open(dossier, "attachment", self.max_papers)
        source = self._source(tx, dossier)
        taken = select(Upload.id).where(
            Upload.code == self.code, Upload.reused_from == source.id, Upload.state == "complete"
        )
        if tx.scalar(taken) is not None:
            raise Problem(ALREADY_EXISTS, field="body.upload_id", what="attachment", id=source.id)
        upload = Upload(
            id=self.id,
            file=source.file,
            code=self.code,
            purpose="attachment",
            state="complete",
            name=source.name,
            component=self.asked.component or source.component,
            media_type=source.media_type,
            digitised=source.digitised,
            reused=True,
            reused_from=source.id,
            times_reused=0,
            size=source.size,
            sha256=source.sha256,
            created_by=self.caller,
            created_at=self.now,
            completed_at=self.now,
        )
        tx.add(upload)
        tx.later(_COUNT_REUSE, {"of_id": source.id})
        _add(dossier, upload)
        return views.paper(upload)

    def _source(self, tx: Tx, dossier: Dossier) -> Upload:
        """The paper to use again. Of another person's dossier nothing is told, not even that it is there."""
        earlier = tx.find(Dossier, self.asked.from_dossier)
        if earlier is None or earlier.personal_id != dossier.personal_id or earlier.code == dossier.code:
            raise Problem(
                UPLOAD_REFUSED,
                field="body.from_dossier",
                reason_vi="chỉ dùng lại được giấy tờ của một hồ sơ khác của cùng một người",
                reason_en="only papers of another dossier of the same person can be used again",
                extra={"rule": "same_person"},
            )
        tx.preload(Upload, [self.asked.upload_id], for_update=True)
        source = tx.find(Upload, self.asked.upload_id)
        if source is None or (source.code, source.state) != (earlier.code, "complete"):
            raise Problem(NOT_FOUND, field="body.upload_id", what="paper", id=self.asked.upload_id)
        return source


class RemovePaper(_OnDossier):
    """A paper is taken back. Its row stays, telling who did it and when."""

    def __init__(self, code: str, purpose: schemas.Purpose, id: str, *, now: datetime, caller: str) -> None:
        super().__init__(code)
        self.purpose = purpose
        self.id = id
        self.now = now
        self.caller = caller

    def __call__(self, tx: Tx) -> None:
        dossier = find(tx, self.code)
        tx.preload(Upload, [self.id], for_update=True)
        upload = find_paper(tx, self.code, self.purpose, self.id)
        if dossier.status not in REMOVABLE[self.purpose]:
            raise Problem(DOSSIER_CLOSED, code=self.code, status=dossier.status)
        upload.state = "removed"
        upload.removed_by = self.caller
        upload.removed_at = self.now
        if self.purpose == "result":
            dossier.results = [each for each in dossier.results if each["id"] != self.id]
        else:
            dossier.attachments = [each for each in dossier.attachments if each["id"] != self.id]


def forget(tx: Tx, id: str) -> bool:
    """Give up an upload that is still open; whether there was one."""
    upload = tx.find(Upload, id)
    if upload is None or upload.state != "open":
        return False
    tx.delete(upload)
    return True


def check_open(dossier: Dossier, purpose: str, max_papers: int) -> None:
    """Raise DOSSIER_CLOSED once nothing leads on, UPLOAD_REFUSED when the dossier holds as much as it can."""
    if DossierStatus(dossier.status).is_terminal:
        raise Problem(DOSSIER_CLOSED, code=dossier.code, status=dossier.status)
    held = dossier.results if purpose == "result" else dossier.attachments
    if len(held) >= max_papers:
        raise Problem(
            UPLOAD_REFUSED,
            reason_vi=f"hồ sơ đã có {len(held)} tệp, không nhận thêm",
            reason_en=f"the dossier holds {len(held)} files and takes no more",
            extra={"rule": "too_many"},
        )


def _add(dossier: Dossier, upload: Upload) -> None:
    if upload.purpose == "result":
        dossier.results = [*dossier.results, views.listed(upload)]
    else:
        dossier.attachments = [*dossier.attachments, views.listed(upload)]
