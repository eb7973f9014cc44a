"""The tables of operators: accounts, sessions, codes on their way, failed logins, and what was done.

Of a session, a code and a password only a hash is kept: none of them can be read from the database.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.bus.hub.models import Base
from services.bus.kit.columns import UtcDateTime


class Operator(Base):
    """A local account (tài khoản vận hành)."""

    __tablename__ = "operators"

    username: Mapped[str] = mapped_column(String(64), primary_key=True)
    version: Mapped[int]
    name: Mapped[str] = mapped_column(String(200))
    role: Mapped[str] = mapped_column(String(20))
    status: Mapped[str] = mapped_column(String(10))
    """"active" or "disabled"."""
    password_hash: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    password_changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    logged_in_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class OperatorSession(Base):
    """Somebody at the console. `id_hash` is that of the cookie; `expires_at` comes whatever is done."""

    __tablename__ = "operator_sessions"
    __table_args__ = (Index("operator_sessions_subject", "issuer", "subject"),)

    id_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    issuer: Mapped[str] = mapped_column(String(300))
    subject: Mapped[str] = mapped_column(String(255))
    username: Mapped[str] = mapped_column(String(200))
    name: Mapped[str] = mapped_column(String(200))
    role: Mapped[str] = mapped_column(String(20))
    id_token: Mapped[str] = mapped_column(Text)
    """To tell the provider who logs out."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)


class AuthorizationCode(Base):
    """A login on its way back to the client (RFC 6749 4.1), good once and for a minute."""

    __tablename__ = "operator_codes"

    code_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    client_id: Mapped[str] = mapped_column(String(100))
    redirect_uri: Mapped[str] = mapped_column(String(500))
    username: Mapped[str] = mapped_column(String(64))
    scope: Mapped[str] = mapped_column(String(200))
    nonce: Mapped[str | None] = mapped_column(String(500))
    challenge: Mapped[str] = mapped_column(String(128))
    logged_in_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class FailedLogins(Base):
    """Failed logins of one account or from one address, and until when no more are let try."""

    __tablename__ = "operator_failures"

    key: Mapped[str] = mapped_column(String(100), primary_key=True)
    failures: Mapped[int]
    last_at: Mapped[datetime] = mapped_column(UtcDateTime)
    blocked_until: Mapped[datetime | None] = mapped_column(UtcDateTime)


STARTED, DONE, REFUSED, FAILED = "started", "done", "refused", "failed"


class OperatorAction(Base):
    """Something an operator did or tried (thao tác). Written before it is done; `outcome` and `said` follow.
    "started" for long: the hub ended before it knew."""

    __tablename__ = "operator_actions"
    __table_args__ = (Index("operator_actions_target", "target", "id"), Index("operator_actions_who", "who", "id"))

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    who: Mapped[str] = mapped_column(String(255))
    name: Mapped[str] = mapped_column(String(200))
    role: Mapped[str] = mapped_column(String(20))
    what: Mapped[str] = mapped_column(String(40))
    target: Mapped[str] = mapped_column(String(300))
    reason: Mapped[str | None] = mapped_column(String(500))
    outcome: Mapped[str] = mapped_column(String(10))
    said: Mapped[str | None] = mapped_column(Text)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
