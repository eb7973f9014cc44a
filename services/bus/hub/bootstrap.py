"""Members from a file at start: how an installation gets its first members, and how an operator adds some.

An unchanged file is not looked into; a changed one makes its members what it says. A wrong file stops the
start with the place that is wrong, never with a secret in the message.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final, cast

import structlog
from pydantic import TypeAdapter, ValidationError

from services.bus.hub import commands, queries
from services.bus.hub.schemas import MemberEntry
from services.bus.hub.secrets import hash_secret, matches_hash
from services.bus.hub.settings import HubSettings
from services.bus.kit.service import Service

log = structlog.get_logger(__name__)

NAME: Final = "members"
_ENTRIES: Final = TypeAdapter(list[MemberEntry])


class MembersFileError(Exception):
    """The members file cannot be used; the message says where it is wrong."""


@contextlib.asynccontextmanager
async def members_imported(service: Service) -> AsyncIterator[None]:
    """A lifespan that imports the members file of the settings before anything is served."""
    file = cast("HubSettings", service.settings).members_file
    if file is not None:
        await import_file(service, file)
    yield


async def import_file(service: Service, file: Path) -> None:
    """Takes the file in unless its content was taken in before. Raises `MembersFileError`."""
    try:
        content = await asyncio.to_thread(file.read_bytes)
    except OSError as error:
        raise MembersFileError(f"{file}: {error.strerror}") from error
    sha256 = hashlib.sha256(content).hexdigest()
    if await service.store.read(lambda tx: queries.imported_digest(tx, NAME)) == sha256:
        return
    entries = parse(file, content)
    stored = await service.store.read(lambda tx: queries.secret_hashes(tx, [entry.client_id for entry in entries]))
    hashes = await asyncio.to_thread(_new_hashes, entries, stored)
    now = service.clock.now()
    changed = await service.store.write(
        lambda tx: commands.import_members(tx, entries, hashes=hashes, name=NAME, sha256=sha256, now=now)
    )
    log.info("members.imported", file=str(file), members=len(entries), changed=changed)


def parse(file: Path, content: bytes) -> list[MemberEntry]:
    """The entries of the file. Raises `MembersFileError` naming every place that is wrong."""
    try:
        entries = _ENTRIES.validate_json(content)
    except ValidationError as error:
        places = (
            f"{'.'.join(map(str, e['loc'])) or 'file'}: {e['msg']}" for e in error.errors(include_input=False)
        )
        raise MembersFileError(f"{file}: " + "; ".join(places)) from None
    ids = [entry.client_id for entry in entries]
    twice = sorted({client_id for client_id in ids if ids.count(client_id) > 1})
    if twice:
        raise MembersFileError(f"{file}: more than once: {', '.join(twice)}")
    return entries


def _new_hashes(entries: list[MemberEntry], stored: dict[str, str]) -> dict[str, str]:
    """A hash for each entry whose secret is not the one already stored."""
    return {
        entry.client_id: hash_secret(entry.secret)
        for entry in entries
        if entry.client_id not in stored or not matches_hash(entry.secret, stored[entry.client_id])
    }
