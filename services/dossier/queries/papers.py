"""Reads of uploads: the papers of a dossier, unfinished uploads, which files on disk are still needed."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime

from sqlalchemy import select

from contracts.problems import NOT_FOUND, Problem
from services.bus.kit.tx import Tx
from services.dossier import schemas, views
from services.dossier.models import Upload
from services.dossier.queries.dossiers import find


def papers(code: str, purpose: schemas.Purpose, *, include_removed: bool) -> Callable[[Tx], schemas.Papers]:
    """The attachments or results of a dossier, in the order they began to come. Raises NOT_FOUND."""
    states = ["complete", "removed"] if include_removed else ["complete"]

    def query(tx: Tx) -> schemas.Papers:
        find(tx, code)
        statement = select(Upload).where(Upload.code == code, Upload.purpose == purpose, Upload.state.in_(states))
        return schemas.Papers(items=[views.paper(each) for each in tx.scalars(statement.order_by(Upload.id))])

    return query


def find_paper(tx: Tx, code: str, purpose: str, id: str) -> Upload:
    """The row of a paper that is there now. Raises NOT_FOUND: also for one of another dossier or purpose."""
    upload = tx.find(Upload, id)
    if upload is None or (upload.code, upload.purpose, upload.state) != (code, purpose, "complete"):
        raise Problem(NOT_FOUND, field="path.id", what=purpose, id=id)
    return upload


def paper(code: str, purpose: schemas.Purpose, id: str) -> Callable[[Tx], schemas.Paper]:
    return lambda tx: views.paper(find_paper(tx, code, purpose, id))


def upload(id: str) -> Callable[[Tx], Upload | None]:
    return lambda tx: tx.find(Upload, id)


def unfinished(now: datetime, *, expired: bool, limit: int = 10_000) -> Callable[[Tx], list[Upload]]:
    """Open uploads, those to give up or those still good, oldest first."""
    in_time = Upload.expires_at <= now if expired else Upload.expires_at > now
    statement = select(Upload).where(Upload.state == "open", in_time).order_by(Upload.expires_at).limit(limit)
    return lambda tx: list(tx.scalars(statement))


def needed(files: Collection[str]) -> Callable[[Tx], set[str]]:
    """Which of these files belong to an upload that is open or complete."""
    statement = select(Upload.file).where(Upload.file.in_(files), Upload.state.in_(("open", "complete")))
    return lambda tx: set(tx.scalars(statement))
