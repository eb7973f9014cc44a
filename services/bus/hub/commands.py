"""What changes the hub: members made, changed, suspended; keys rotated; a members file taken in.

Hashes and keys are made before a command runs and handed to it: a command itself costs no time and has no
secret to leak.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from contracts import scopes as known
from contracts.problems import ALREADY_EXISTS, CONFLICT, Problem, Text
from services.bus.hub.models import ImportedFile, Member, SigningKey
from services.bus.hub.queries import key_view_of, member_row, signing_key_rows, view_of
from services.bus.hub.schemas import (
    MemberChange,
    MemberEntry,
    MemberView,
    NewMember,
    SigningKeyView,
    Status,
)
from services.bus.kit.api import check_version
from services.bus.kit.tx import Tx

KEY_MARGIN = timedelta(minutes=1)
"""A retired key stays published this much longer: clocks differ, and signing races with retiring."""

OWN_SCOPE: Final = Text("{member} không thể tự bỏ quyền {scope}", "{member} cannot give up {scope} itself")
OWN_STATUS: Final = Text("{member} không thể tự tạm dừng mình", "{member} cannot suspend itself")


def create_member(tx: Tx, new: NewMember, *, secret_hash: str, now: datetime) -> MemberView:
    """Raises Problem ALREADY_EXISTS."""
    if tx.find(Member, new.client_id) is not None:
        raise Problem(ALREADY_EXISTS, field="body.client_id", what="member", id=new.client_id)
    row = _new_row(new, secret_hash, now)
    tx.add(row)
    return view_of(row)


def change_member(
    tx: Tx, client_id: str, change: MemberChange, *, expected: int | None, now: datetime, caller: str
) -> MemberView:
    """Raises Problem NOT_FOUND, STALE_VERSION, or CONFLICT if the caller would lock itself out."""
    row = member_row(tx, client_id)
    check_version(expected, row.version)
    if change.scopes is not None:
        if client_id == caller and known.HUB_MEMBERS not in change.scopes:
            raise Problem(CONFLICT, reason=OWN_SCOPE, member=caller, scope=known.HUB_MEMBERS)
        row.scopes = list(change.scopes)
    if change.name is not None:
        row.name = change.name
    return _changed(row, now)


def set_status(tx: Tx, client_id: str, status: Status, *, now: datetime, caller: str) -> MemberView:
    """Suspends or activates; nothing happens if it is so already. Tokens already issued live out their life.

    Raises Problem NOT_FOUND, or CONFLICT if the caller would suspend itself.
    """
    row = member_row(tx, client_id)
    if client_id == caller and status == "suspended":
        raise Problem(CONFLICT, reason=OWN_STATUS, member=caller)
    if row.status == status:
        return view_of(row)
    row.status = status
    return _changed(row, now)


def rotate_secret(tx: Tx, client_id: str, *, secret_hash: str, now: datetime) -> MemberView:
    """From now on only the new secret opens the door. Raises Problem NOT_FOUND."""
    row = member_row(tx, client_id)
    row.secret_hash = secret_hash
    row.secret_changed_at = now
    return _changed(row, now)


def import_members(
    tx: Tx,
    entries: Sequence[MemberEntry],
    *,
    hashes: Mapping[str, str],
    name: str,
    sha256: str,
    now: datetime,
) -> int:
    """Makes the members of a file what the file says, and remembers the file; how many it changed.

    `hashes` holds a hash for each entry whose secret is new. A member's status is left as it is, and a member
    missing from the file too: suspending is an operator's decision, not a file's.
    """
    changed = 0
    for entry in entries:
        row = tx.find(Member, entry.client_id)
        if row is None:
            tx.add(_new_row(entry, hashes[entry.client_id], now))
            changed += 1
            continue
        new_hash = hashes.get(entry.client_id)
        if new_hash is None and (row.name, row.scopes) == (entry.name, entry.scopes):
            continue
        row.name, row.scopes = entry.name, list(entry.scopes)
        if new_hash is not None:
            row.secret_hash, row.secret_changed_at = new_hash, now
        _changed(row, now)
        changed += 1
    imported = tx.find(ImportedFile, name)
    if imported is None:
        tx.add(ImportedFile(name=name, sha256=sha256, imported_at=now))
    else:
        imported.sha256, imported.imported_at = sha256, now
    return changed


def rotate_signing_key(
    tx: Tx, public_jwk: dict[str, Any], *, lifetime: timedelta, now: datetime
) -> SigningKeyView:
    """The new key signs from now on; the one before stays published until its last token has expired."""
    for old in signing_key_rows(tx):
        if old.retired_at is None:
            longest = max(timedelta(seconds=old.longest_lifetime_s), lifetime)
            old.retired_at = now
            old.published_until = now + longest + KEY_MARGIN
    row = SigningKey(
        kid=public_jwk["kid"],
        public_jwk=public_jwk,
        longest_lifetime_s=int(lifetime.total_seconds()),
        created_at=now,
        retired_at=None,
        published_until=None,
    )
    tx.add(row)
    return key_view_of(row)


def note_lifetime(tx: Tx, lifetime: timedelta) -> None:
    """Remembers that the signing key may sign tokens that live this long."""
    for row in signing_key_rows(tx):
        if row.retired_at is None:
            row.longest_lifetime_s = max(row.longest_lifetime_s, int(lifetime.total_seconds()))


def _new_row(new: NewMember, secret_hash: str, now: datetime) -> Member:
    return Member(
        client_id=new.client_id,
        version=1,
        name=new.name,
        status="active",
        scopes=list(new.scopes),
        secret_hash=secret_hash,
        created_at=now,
        changed_at=now,
        secret_changed_at=now,
    )


def _changed(row: Member, now: datetime) -> MemberView:
    row.version += 1
    row.changed_at = now
    return view_of(row)
