"""Keeps the files of dossiers: takes in their bytes, makes what is whole part of its dossier, tidies up.

The order is what makes it safe. Coming: first the bytes are durable, then the row says so. Going: first the
row, then the bytes. Whatever a crash leaves in between is finished or swept up by `run`.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from typing import Any, Final

import structlog
from sqlalchemy.exc import SQLAlchemyError

from contracts.problems import (
    BODY_TOO_LARGE,
    CHECKSUM_MISMATCH,
    DOSSIER_CLOSED,
    NOT_FOUND,
    OFFSET_MISMATCH,
    UPLOAD_REFUSED,
    UPLOAD_SILENT,
    Problem,
)
from services.bus.kit.ids import new_id
from services.bus.kit.service import Service
from services.dossier import metrics, schemas
from services.dossier.commands.attachments import Attach, OpenUpload, forget
from services.dossier.files import BLOCK, Files, Part
from services.dossier.media_types import check_announced, check_content, clean_name
from services.dossier.models import Upload
from services.dossier.queries import papers as queries
from services.dossier.settings import DossierSettings

log = structlog.get_logger(__name__)

TIDY_EVERY_S: Final = 60
STRAY_AFTER_S: Final = 3600
"""A file nobody knows may be one that another process is just about to announce."""

CHECKSUMS: Final = {"sha1": "sha1", "sha256": "sha256"}


@dataclass(frozen=True, slots=True)
class Checksum:
    """What a sender says its bytes add up to (tus extension checksum)."""

    algorithm: str
    digest: bytes


class Keeper:
    """One a process. `run` it as a task."""

    def __init__(self, service: Service, settings: DossierSettings) -> None:
        self.service = service
        self.settings = settings
        self.files = Files(settings.upload_folder)

    def describe(
        self, name: str, declared: str, size: int, *, caller: str, about: dict[str, Any]
    ) -> dict[str, Any]:
        """The row of a new file; `about` holds code, purpose, component and the flags.

        Raises UPLOAD_REFUSED for a name or type that is not taken, BODY_TOO_LARGE for a size.
        """
        if size > self.settings.max_upload_bytes:
            raise Problem(BODY_TOO_LARGE, limit=self.settings.max_upload_bytes)
        if size == 0:
            raise Problem(
                UPLOAD_REFUSED, reason_vi="tệp rỗng", reason_en="the file is empty", extra={"rule": "empty"}
            )
        cleaned = clean_name(name)
        id = new_id()
        return {
            "id": id,
            "file": id,
            "state": "open",
            "name": cleaned,
            "media_type": check_announced(cleaned, declared, self.settings.upload_media_types),
            "size": size,
            "reused_from": None,
            "times_reused": 0,
            "created_by": caller,
            "created_at": self.service.clock.now(),
            **about,
        }

    async def open(self, announced: schemas.UploadAnnounced, size: int, *, caller: str) -> Upload:
        """Begin an upload. Nothing of it is part of the dossier yet."""
        about = announced.model_dump(include={"purpose", "component", "digitised", "reused"})
        row = self.describe(
            announced.filename,
            announced.filetype,
            size,
            caller=caller,
            about={"code": announced.dossier, **about},
        )
        row["expires_at"] = row["created_at"] + timedelta(hours=self.settings.upload_expires_hours)
        await asyncio.to_thread(self.files.create, row["id"])
        try:
            await self.service.store.write(OpenUpload(row, max_papers=self.settings.max_papers))
        except Problem:
            await asyncio.to_thread(self.files.remove, row["id"])
            raise
        return Upload(**row)

    async def offset(self, upload: Upload) -> int:
        """How many bytes are here."""
        if upload.state != "open":
            return upload.size
        return await asyncio.to_thread(self.files.size, upload.id)

    async def append(
        self,
        upload: Upload,
        offset: int,
        announced: int,
        body: AsyncIterator[bytes],
        checksum: Checksum | None,
    ) -> int:
        """Add bytes at `offset`, durably; the new offset. `announced` is how many the sender says will come.

        However the body ends, what came of it stays, unless it came with a checksum: then all of it counts or
        nothing. Raises OFFSET_MISMATCH, UPLOAD_LOCKED, BODY_TOO_LARGE, CHECKSUM_MISMATCH, UNAVAILABLE.
        """
        part = await asyncio.to_thread(self.files.part, upload.id)
        try:
            if part.size != offset:
                raise Problem(
                    OFFSET_MISMATCH, field="header.Upload-Offset", given=str(offset), offset=str(part.size)
                )
            room = upload.size - offset
            if announced > room:
                raise Problem(BODY_TOO_LARGE, limit=room)
            if checksum is None:
                await self._pour(body, part, room)
            else:
                await self._pour_checked(upload.id, body, part, room, checksum)
            return part.size
        finally:
            part.close()

    async def _pour(self, body: AsyncIterator[bytes], part: Part, room: int, digest: Any = None) -> None:
        """Bytes from the wire to the disk, a block at a time; no more than one block is ever held."""
        block = bytearray()
        try:
            async for chunk in self._in_time(body):
                room -= len(chunk)
                if room < 0:
                    raise Problem(BODY_TOO_LARGE, limit=room + len(chunk))
                if digest is not None:
                    digest.update(chunk)
                block += chunk
                if len(block) >= BLOCK:
                    await asyncio.to_thread(part.append, block)
                    block = bytearray()
        finally:
            await asyncio.to_thread(_put_down, part, block)

    async def _pour_checked(
        self, id: str, body: AsyncIterator[bytes], part: Part, room: int, checksum: Checksum
    ) -> None:
        digest = hashlib.new(checksum.algorithm, usedforsecurity=False)
        spool = await asyncio.to_thread(self.files.spool, id)
        try:
            await self._pour(body, spool, room, digest)
            if digest.digest() != checksum.digest:
                raise Problem(CHECKSUM_MISMATCH, field="header.Upload-Checksum")
            await asyncio.to_thread(part.append_file, spool)
            await asyncio.to_thread(part.sync)
        finally:
            spool.close()
            await asyncio.to_thread(self.files.drop_spool, id)

    async def _in_time(self, body: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """The chunks of `body`, none of which may keep us waiting for long: a sender that is gone without a
        word must not hold the upload."""
        chunks = aiter(body)
        while True:
            try:
                async with asyncio.timeout(self.settings.upload_idle_s):
                    chunk = await anext(chunks)
            except StopAsyncIteration:
                return
            except TimeoutError:
                raise Problem(UPLOAD_SILENT, seconds=self.settings.upload_idle_s) from None
            yield chunk

    async def finish(self, upload: Upload) -> None:
        """Every byte is here: look at them, and make the file part of its dossier. May be called again.

        Raises UPLOAD_REFUSED if it is not what it was announced as, DOSSIER_CLOSED if the dossier closed
        meanwhile: then nothing is kept of it. After any other refusal the upload stays, to be finished later.
        """
        try:
            examined = await asyncio.to_thread(self.files.examine, upload.id)
        except FileNotFoundError:
            raise Problem(NOT_FOUND, what="upload", id=upload.id) from None
        try:
            check_content(examined.head, upload.media_type)
            command = Attach(
                upload.code,
                upload.id,
                examined.sha256,
                now=self.service.clock.now(),
                max_papers=self.settings.max_papers,
            )
            attached = await self.service.store.write(command)
        except Problem as problem:
            if problem.type in (UPLOAD_REFUSED, DOSSIER_CLOSED):
                metrics.record_refused(str(problem.extra.get("rule", problem.type.slug)))
                await self.give_up(upload.id)
            raise
        if attached:
            metrics.record_paper(upload.purpose, "uploaded")

    async def give_up(self, id: str) -> bool:
        """End an upload that is still open: its row, then its bytes. Whether there was one."""
        ended = await self.service.store.write(lambda tx: forget(tx, id))
        if ended:
            await asyncio.to_thread(self.files.remove, id)
        return ended

    async def terminate(self, id: str) -> bool:
        """Like `give_up`, while nobody writes to it. Raises UPLOAD_LOCKED if somebody does."""
        part = await asyncio.to_thread(self.files.part, id)
        try:
            return await self.give_up(id)
        finally:
            part.close()

    async def let_go(self, *files: str) -> None:
        """Delete those of these files that no upload needs any more."""
        needed = await self.service.store.read(queries.needed(files))
        for file in set(files) - needed:
            await asyncio.to_thread(self.files.remove, file)

    async def run(self) -> None:
        """Finish what a crash left unfinished, give up what is too old; for ever. Cancelled on shutdown."""
        swept = False
        while True:
            try:
                await self.tidy()
                if not swept:
                    await self.sweep()
                    swept = True
            except (Problem, SQLAlchemyError, OSError) as error:
                log.warning("uploads.tidy-later", why=type(error).__name__)
            await asyncio.sleep(TIDY_EVERY_S)

    async def tidy(self) -> None:
        """Give up what has expired, and finish what has all its bytes but was not taken into its dossier."""
        now = self.service.clock.now()
        read = self.service.store.read
        for upload in await read(queries.unfinished(now, expired=True)):
            await self._settle(upload, self.terminate(upload.id))
        for upload in await read(queries.unfinished(now, expired=False)):
            if await self.offset(upload) == upload.size:
                await self._settle(upload, self.finish(upload))

    async def _settle(self, upload: Upload, ending: Awaitable[object]) -> None:
        """One upload that is in use, or refused, must not keep the others waiting."""
        try:
            await ending
            log.info("upload.settled", upload=upload.id)
        except Problem as problem:
            log.info("upload.not-settled", upload=upload.id, why=problem.type.slug)

    async def sweep(self) -> None:
        """Delete files that no upload needs: what a crash left between a commit and the disk."""
        strays = self.files.older_than(STRAY_AFTER_S)
        while batch := await asyncio.to_thread(lambda: list(islice(strays, 500))):
            await self.let_go(*batch)


def _put_down(part: Part, block: bytearray) -> None:
    part.append(block)
    part.sync()
