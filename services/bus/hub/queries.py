"""What the hub looks up: members, signing keys, imports. Reads only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select

from contracts.problems import NOT_FOUND, Problem
from services.bus.hub.models import ImportedFile, Member, SigningKey
from services.bus.hub.schemas import MemberView, SigningKeys, SigningKeyView
from services.bus.kit.paging import Cursor, Page
from services.bus.kit.tx import Tx


@dataclass(frozen=True, slots=True)
class Credentials:
    """What the token endpoint needs to know of a member."""

    client_id: str
    secret_hash: str
    active: bool
    scopes: frozenset[str]


def credentials(tx: Tx, client_id: str) -> Credentials | None:
    row = tx.find(Member, client_id)
    if row is None:
        return None
    return Credentials(row.client_id, row.secret_hash, row.status == "active", frozenset(row.scopes))


def member(tx: Tx, client_id: str) -> MemberView:
    """Raises Problem NOT_FOUND."""
    return view_of(member_row(tx, client_id))


def member_row(tx: Tx, client_id: str) -> Member:
    """The row, for a command to change. Raises Problem NOT_FOUND."""
    row = tx.find(Member, client_id)
    if row is None:
        raise Problem(NOT_FOUND, field="path.client_id", what="member", id=client_id)
    return row


def members(tx: Tx, *, status: str | None, cursor: str | None, limit: int) -> Page[MemberView]:
    """One page of the members, by client id."""
    statement = select(Member).order_by(Member.client_id).limit(limit + 1)
    if status is not None:
        statement = statement.where(Member.status == status)
    if cursor is not None:
        (after,) = Cursor.decode(cursor, (str,))
        statement = statement.where(Member.client_id > after)
    rows = list(tx.scalars(statement))
    return Page(
        items=[view_of(row) for row in rows[:limit]],
        next_cursor=Cursor.encode([rows[limit - 1].client_id]) if len(rows) > limit else None,
    )


def secret_hashes(tx: Tx, client_ids: Iterable[str]) -> dict[str, str]:
    """The stored hash of each of these members that exists."""
    statement = select(Member.client_id, Member.secret_hash).where(Member.client_id.in_(list(client_ids)))
    return {row.client_id: row.secret_hash for row in tx.execute(statement)}


def signing_key_rows(tx: Tx) -> list[SigningKey]:
    """Every signing key, newest first."""
    return list(tx.scalars(select(SigningKey).order_by(SigningKey.created_at.desc(), SigningKey.kid)))


def signing_keys(tx: Tx) -> SigningKeys:
    return SigningKeys(items=[key_view_of(row) for row in signing_key_rows(tx)])


def imported_digest(tx: Tx, name: str) -> str | None:
    """The SHA-256, in hex, of the file as it was last imported."""
    row = tx.find(ImportedFile, name)
    return None if row is None else row.sha256


def view_of(row: Member) -> MemberView:
    return MemberView.model_validate(row, from_attributes=True)


def key_view_of(row: SigningKey) -> SigningKeyView:
    return SigningKeyView.model_validate(row, from_attributes=True)
