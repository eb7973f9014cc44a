"""Every write takes an `Idempotency-Key`: the stored answer is committed with the change.

The same key and body again: the same answer, nothing done twice. The same key with another body or address:
422. Still running: 409. Only what succeeded is stored: a refusal changed nothing, so it may be tried again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pydantic_core import to_json
from sqlalchemy import delete, select

from contracts.problems import IDEMPOTENCY_MISMATCH, Problem
from services.bus.kit.tables import Answer
from services.bus.kit.tx import Tx, prepare

KEPT_FOR = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Key:
    """An Idempotency-Key as one member used it for one request."""

    text: str
    id: bytes
    fingerprint: bytes

    @classmethod
    def of(cls, text: str, client_id: str, method: str, address: str, body: bytes) -> Key:
        identity = hashlib.sha256(f"{client_id}\x00{text}".encode()).digest()
        request = hashlib.sha256(f"{method} {address}\x00".encode() + body).digest()
        return cls(text, identity, request)


@dataclass(frozen=True, slots=True)
class Reply:
    """A write's answer, ready for the wire."""

    status: int
    headers: dict[str, str]
    body: bytes
    replayed: bool = False
    result: Any = None


class AnsweredWrite:
    """The command behind `write_answer`: the caller's command, its answer, and the key's row in one go."""

    def __init__(
        self,
        command: Callable[[Tx], Any],
        *,
        status: int,
        headers: Callable[[Any], dict[str, str]] | None,
        key: Key | None,
        now: datetime,
    ) -> None:
        self.command = command
        self.status = status
        self.headers = headers
        self.key = key
        self.now = now

    @property
    def brief(self) -> bool:
        """As brief as the caller's command."""
        return getattr(self.command, "brief", False)

    @staticmethod
    def prepare(tx: Tx, commands: Sequence[AnsweredWrite]) -> None:
        tx.preload(Answer, [each.key.id for each in commands if each.key is not None])
        prepare(tx, (each.command for each in commands))

    def __call__(self, tx: Tx) -> Reply:
        if self.key is None:
            return self._reply(self.command(tx))
        stored = tx.find(Answer, self.key.id)
        if stored is not None:
            if stored.fingerprint != self.key.fingerprint:
                raise Problem(IDEMPOTENCY_MISMATCH, field="header.Idempotency-Key", key=self.key.text)
            return Reply(stored.status, dict(stored.headers), stored.body, replayed=True)
        reply = self._reply(self.command(tx))
        tx.append(  # two requests with one key are never in one batch: the second is refused as running
            Answer,
            {
                "id": self.key.id,
                "fingerprint": self.key.fingerprint,
                "status": reply.status,
                "headers": reply.headers,
                "body": reply.body,
                "created_at": self.now,
            },
        )
        return reply

    def _reply(self, result: Any) -> Reply:
        headers = self.headers(result) if self.headers is not None else {}
        body = b"" if result is None else to_json(result)
        return Reply(self.status, headers, body, result=result)


def forget_old_answers(now: datetime, limit: int = 2_000) -> Callable[[Tx], int]:
    """A command that deletes up to `limit` stored answers older than a week; returns how many."""

    def command(tx: Tx) -> int:
        old = select(Answer.id).where(Answer.created_at < now - KEPT_FOR).limit(limit)
        ids = list(tx.scalars(old))
        if ids:
            tx.execute(delete(Answer).where(Answer.id.in_(ids)))
        return len(ids)

    return command
