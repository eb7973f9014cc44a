"""What changes operators: accounts, failed logins, codes, sessions, and the record of what was done.

Hashes and random values are made before a command runs and handed to it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete

from contracts.problems import ALREADY_EXISTS, CONFLICT, Problem, Text
from services.bus.hub.operators.failures import FORGOTTEN_AFTER, Key, account_key, blocked_until
from services.bus.hub.operators.models import (
    STARTED,
    AuthorizationCode,
    FailedLogins,
    Operator,
    OperatorAction,
    OperatorSession,
)
from services.bus.hub.operators.queries import ACTIVE, Somebody, operator_row, other_administrators, view_of
from services.bus.hub.operators.roles import Role
from services.bus.hub.operators.schemas import OperatorChange, OperatorStatus, OperatorView
from services.bus.kit.api import check_version
from services.bus.kit.tx import Tx

LAST_ADMINISTRATOR: Final = Text(
    "{username} là quản trị viên cuối cùng còn hoạt động", "{username} is the last active administrator"
)
ACTIONS_KEPT: Final = timedelta(days=5 * 366)


def add_operator(
    tx: Tx, username: str, name: str, role: Role, *, password_hash: str, now: datetime
) -> OperatorView:
    """Raises Problem ALREADY_EXISTS."""
    if tx.find(Operator, username) is not None:
        raise Problem(ALREADY_EXISTS, field="body.username", what="operator", id=username)
    row = Operator(
        username=username,
        version=1,
        name=name,
        role=role,
        status=ACTIVE,
        password_hash=password_hash,
        created_at=now,
        changed_at=now,
        password_changed_at=now,
        logged_in_at=None,
    )
    tx.add(row)
    return view_of(row)


def change_operator(
    tx: Tx, username: str, change: OperatorChange, *, expected: int | None, now: datetime
) -> OperatorView:
    """Raises Problem NOT_FOUND, STALE_VERSION, or CONFLICT if nobody could manage accounts afterwards."""
    row = operator_row(tx, username)
    check_version(expected, row.version)
    if change.role is not None and change.role != "administrator":
        _not_the_last(tx, row)
    if change.role is not None:
        row.role = change.role
    if change.name is not None:
        row.name = change.name
    return _changed(row, now)


def set_operator_status(tx: Tx, username: str, status: OperatorStatus, *, now: datetime) -> OperatorView:
    """Disables or enables; a disabled account's sessions end. Raises Problem NOT_FOUND, or CONFLICT if nobody
    could manage accounts afterwards."""
    row = operator_row(tx, username)
    if row.status == status:
        return view_of(row)
    if status == "disabled":
        _not_the_last(tx, row)
    row.status = status
    return _changed(row, now)


def set_password(tx: Tx, username: str, *, password_hash: str, now: datetime) -> OperatorView:
    """From now on only the new one; sessions begun with the old one end. Raises Problem NOT_FOUND."""
    row = operator_row(tx, username)
    row.password_hash, row.password_changed_at = password_hash, now
    failed = tx.find(FailedLogins, account_key(username).text)
    if failed is not None:
        tx.delete(failed)
    return _changed(row, now)


def note_failure(tx: Tx, keys: list[Key], now: datetime) -> None:
    """Somebody failed to log in."""
    for key in keys:
        row = tx.find(FailedLogins, key.text)
        if row is None:
            row = FailedLogins(key=key.text, failures=0, last_at=now, blocked_until=None)
            tx.add(row)
        elif row.last_at + FORGOTTEN_AFTER <= now:
            row.failures = 0
        row.failures += 1
        row.last_at, row.blocked_until = now, blocked_until(key, row.failures, now)


def note_login(tx: Tx, username: str, code: AuthorizationCode, now: datetime) -> None:
    """Somebody proved to be this operator: the code goes out, failures of the account are forgotten."""
    row = operator_row(tx, username)
    row.logged_in_at = now
    failed = tx.find(FailedLogins, account_key(username).text)
    if failed is not None:
        tx.delete(failed)
    tx.add(code)


def use_code(tx: Tx, code_hash: str, now: datetime) -> AuthorizationCode | None:
    """The code, the first time only."""
    row = tx.find(AuthorizationCode, code_hash)
    if row is None or row.used_at is not None or row.expires_at <= now:
        return None
    row.used_at = now
    return row


def begin_session(tx: Tx, session: OperatorSession, replaced: str | None) -> None:
    """A new session; the one the browser had before ends."""
    if replaced is not None:
        end_session(tx, replaced)
    tx.add(session)


def end_session(tx: Tx, id_hash: str) -> None:
    row = tx.get(OperatorSession, id_hash)
    if row is not None:
        tx.delete(row)


def note_seen(tx: Tx, id_hash: str, now: datetime) -> None:
    """The session is in use."""
    row = tx.find(OperatorSession, id_hash)
    if row is not None:
        row.seen_at = max(row.seen_at, now)


def begin_action(
    tx: Tx, id: str, by: Somebody, what: str, target: str, *, reason: str | None, now: datetime
) -> None:
    """Somebody is about to do something."""
    tx.add(
        OperatorAction(
            id=id,
            at=now,
            who=by.who,
            name=by.name,
            role=by.role,
            what=what,
            target=target[:300],
            reason=reason,
            outcome=STARTED,
            said=None,
            ended_at=None,
        )
    )


def end_action(tx: Tx, id: str, outcome: str, said: str | None, now: datetime) -> None:
    """How it ended."""
    row = tx.find(OperatorAction, id)
    if row is not None:
        row.outcome, row.said, row.ended_at = outcome, said, now


def forget(tx: Tx, now: datetime, idle: timedelta) -> None:
    """What has run out: sessions, codes, old failures, and actions after five years."""
    for statement in (
        delete(OperatorSession).where(
            (OperatorSession.expires_at <= now) | (OperatorSession.seen_at <= now - idle)
        ),
        delete(AuthorizationCode).where(AuthorizationCode.expires_at <= now - timedelta(hours=1)),
        delete(FailedLogins).where(FailedLogins.last_at <= now - FORGOTTEN_AFTER),
        delete(OperatorAction).where(OperatorAction.at <= now - ACTIONS_KEPT),
    ):
        tx.execute(statement, execution_options={"synchronize_session": False})


def _not_the_last(tx: Tx, row: Operator) -> None:
    tx.flush()
    if row.role == "administrator" and row.status == ACTIVE and not other_administrators(tx, row.username):
        raise Problem(CONFLICT, reason=LAST_ADMINISTRATOR, username=row.username)


def _changed(row: Operator, now: datetime) -> OperatorView:
    row.version += 1
    row.changed_at = now
    return view_of(row)
