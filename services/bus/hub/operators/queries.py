"""What is looked up of operators: accounts, sessions, blocks, actions. Reads only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from sqlalchemy import func, select

from contracts.problems import NOT_FOUND, Problem
from services.bus.hub.operators.failures import Key
from services.bus.hub.operators.models import FailedLogins, Operator, OperatorAction, OperatorSession
from services.bus.hub.operators.roles import Role
from services.bus.hub.operators.schemas import ActionView, OperatorView
from services.bus.kit.paging import Cursor, Page
from services.bus.kit.tx import Tx

ACTIVE = "active"


@dataclass(frozen=True, slots=True)
class Somebody:
    """Who uses the console, as a session says. `who` names the person in every record: the account's name, or
    with an issuer elsewhere what that calls the subject."""

    id_hash: str
    who: str
    username: str
    name: str
    role: Role
    id_token: str
    expires_at: datetime
    seen_at: datetime


def operator_row(tx: Tx, username: str) -> Operator:
    """The row, for a command to change. Raises Problem NOT_FOUND."""
    row = tx.find(Operator, username)
    if row is None:
        raise Problem(NOT_FOUND, field="path.username", what="operator", id=username)
    return row


def operator(tx: Tx, username: str) -> OperatorView:
    """Raises Problem NOT_FOUND."""
    return view_of(operator_row(tx, username))


def operators(tx: Tx, *, cursor: str | None, limit: int) -> Page[OperatorView]:
    """Accounts by name."""
    statement = select(Operator).order_by(Operator.username).limit(limit + 1)
    if cursor is not None:
        statement = statement.where(Operator.username > Cursor.decode(cursor, (str,))[0])
    rows = list(tx.scalars(statement))
    return Page(
        items=[view_of(row) for row in rows[:limit]],
        next_cursor=Cursor.encode([rows[limit - 1].username]) if len(rows) > limit else None,
    )


def password_of(tx: Tx, username: str) -> str | None:
    """The stored hash of an account that may log in."""
    row = tx.find(Operator, username)
    return row.password_hash if row is not None and row.status == ACTIVE else None


def other_administrators(tx: Tx, username: str) -> int:
    """How many others could still manage accounts."""
    statement = select(func.count()).where(
        Operator.role == "administrator", Operator.status == ACTIVE, Operator.username != username
    )
    return tx.scalar(statement) or 0


def any_operator(tx: Tx) -> bool:
    return tx.scalar(select(Operator.username).limit(1)) is not None


def wait_until(tx: Tx, keys: list[Key], now: datetime) -> datetime | None:
    """Until when these keys are blocked, if one of them is."""
    rows = select(func.max(FailedLogins.blocked_until)).where(
        FailedLogins.key.in_([key.text for key in keys]), FailedLogins.blocked_until > now
    )
    return tx.scalar(rows)


def somebody(tx: Tx, id_hash: str, *, own_issuer: str, now: datetime, idle: timedelta) -> Somebody | None:
    """Whose session this is, if it has not ended. The role of a local account is the one it has now."""
    row = tx.get(OperatorSession, id_hash)
    if row is None or row.expires_at <= now or row.seen_at + idle <= now:
        return None
    role, name = row.role, row.name
    if row.issuer == own_issuer:
        account = tx.get(Operator, row.subject)
        if account is None or account.status != ACTIVE or account.password_changed_at > row.created_at:
            return None
        role, name = account.role, account.name
    who = row.subject if row.issuer == own_issuer else f"{row.subject}@{row.issuer}"
    return Somebody(
        id_hash, who[:255], row.username, name, cast("Role", role), row.id_token, row.expires_at, row.seen_at
    )


def actions(
    tx: Tx, *, who: str | None = None, target: str | None = None, cursor: str | None = None, limit: int = 50
) -> Page[ActionView]:
    """What was done, newest first."""
    statement = select(OperatorAction).order_by(OperatorAction.id.desc()).limit(limit + 1)
    if who is not None:
        statement = statement.where(OperatorAction.who == who)
    if target is not None:
        statement = statement.where(OperatorAction.target == target)
    if cursor is not None:
        statement = statement.where(OperatorAction.id < Cursor.decode(cursor, (str,))[0])
    rows = list(tx.scalars(statement))
    return Page(
        items=[ActionView.model_validate(row, from_attributes=True) for row in rows[:limit]],
        next_cursor=Cursor.encode([rows[limit - 1].id]) if len(rows) > limit else None,
    )


def view_of(row: Operator) -> OperatorView:
    return OperatorView.model_validate(row, from_attributes=True)
