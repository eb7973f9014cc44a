"""Secrets of one data folder: made on the first start, kept for ever, readable by their owner only.

What people decide (names, scopes) is refreshed on each start; what was handed out (secrets, keys) never
changes. Never prints a secret and never puts one into a log or a command line.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import nkeys

from deploy.local.errors import RunnerError
from deploy.local.layout import Layout, write_whole
from deploy.local.topology import Person, Process

PRIVATE = 0o600
T = TypeVar("T")


class Member(NamedTuple):
    """One client of the hub, as the hub reads it from `TRUC_HUB_MEMBERS_FILE`."""

    client_id: str
    name: str
    secret: str
    scopes: list[str]


class Account(NamedTuple):
    """A login: the province's at the national portal, the first one at the console."""

    username: str
    password: str


def ensure_members(layout: Layout, processes: Sequence[Process], people: Sequence[Person]) -> list[Member]:
    """Bring `members.json` up to date: newcomers get a secret, everybody the scopes of today's tables.

    A member somebody added to the file by hand stays as it is.
    """
    known = {member.client_id: member for member in read_members(layout)}
    wanted = [Person(p.name, f"Service account of {p.name}", p.scopes) for p in processes]
    members = [
        Member(
            client_id=person.client_id,
            name=person.name,
            secret=known[person.client_id].secret if person.client_id in known else _new_secret(),
            scopes=sorted(person.scopes),
        )
        for person in (*wanted, *people)
    ]
    ours = {member.client_id for member in members}
    members += [member for member in known.values() if member.client_id not in ours]
    text = json.dumps([member._asdict() for member in members], ensure_ascii=False, indent=2)
    write_whole(layout.members, text + "\n", mode=PRIVATE)
    return members


def read_members(layout: Layout) -> list[Member]:
    """Members of this data folder; none before its first start."""
    return _read(layout.members, lambda stored: [Member(**entry) for entry in stored]) or []


def ensure_portal_account(layout: Layout) -> Account:
    """The login that sync uses and the stand-in portal accepts, made on first use."""
    known = _read(layout.portal_account, lambda stored: Account(**stored))
    if known is not None:
        return known
    account = Account(username="binhdinh-mc", password=_new_secret())
    write_whole(layout.portal_account, json.dumps(account._asdict(), indent=2) + "\n", mode=PRIVATE)
    return account


def read_administrator(layout: Layout) -> Account | None:
    """The console's first login, which the hub made; None once its password was changed."""
    return _read(layout.administrator, lambda stored: Account(**stored))


def ensure_broker_keys(layout: Layout, users: Iterable[str]) -> dict[str, str]:
    """Public nkey of each user of the broker; a user without a seed file gets one (Ed25519)."""
    return {user: _public_key(layout, user) for user in users}


def _public_key(layout: Layout, user: str) -> str:
    path = layout.seed(user)
    if not path.exists():
        seed = nkeys.encode_seed(secrets.token_bytes(32), nkeys.PREFIX_BYTE_USER)
        write_whole(path, seed.decode(), mode=PRIVATE)
    try:
        pair = nkeys.from_seed(bytearray(path.read_bytes().strip()))
    except Exception as error:  # nkeys raises half a dozen types that share no base
        raise RunnerError(
            f"The broker key {path} cannot be read. Delete it and start again: a new one will be made."
        ) from error
    return str(pair.public_key.decode())


def _new_secret() -> str:
    return secrets.token_urlsafe(32)


def _read(path: Path, build: Callable[[Any], T]) -> T | None:
    """The file's content, or None when there is no such file yet."""
    try:
        return build(json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except (ValueError, TypeError, OSError) as error:
        raise RunnerError(
            f"{path} cannot be read ({error}). Repair it, or delete it: a new one is made on the next start, "
            "and whoever used it then needs the new secret."
        ) from error
