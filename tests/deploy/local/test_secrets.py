"""Secrets are made once, kept, private; what tables decide is refreshed."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from contracts import scopes
from deploy.local.errors import RunnerError
from deploy.local.layout import Layout
from deploy.local.secrets import ensure_broker_keys, ensure_members, ensure_portal_account, read_members
from deploy.local.topology import Person, Process

DOSSIER = Process("dossier", "services.dossier", 20, "", scopes=frozenset({scopes.POPULATION_CHECK}))
CLERK = Person("clerk", "A clerk", frozenset({scopes.DOSSIER_READ}))


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_members_are_made_for_processes_and_people_and_read_by_their_owner_only(layout: Layout) -> None:
    made = ensure_members(layout, [DOSSIER], [CLERK])
    assert [(member.client_id, member.scopes) for member in made] == [
        ("dossier", ["population:check"]),
        ("clerk", ["dossier:read"]),
    ]
    assert len({member.secret for member in made}) == 2
    assert all(len(member.secret) >= 32 for member in made)
    assert mode(layout.members) == 0o600
    assert mode(layout.secrets) == 0o700
    stored = json.loads(layout.members.read_text())
    assert set(stored[0]) == {"client_id", "name", "secret", "scopes"}


def test_a_second_start_keeps_secrets_and_refreshes_scopes(layout: Layout) -> None:
    before = ensure_members(layout, [DOSSIER], [CLERK])
    promoted = Person("clerk", "A clerk", frozenset({scopes.DOSSIER_READ, scopes.DOSSIER_ACT}))
    after = ensure_members(layout, [DOSSIER], [promoted])
    assert [member.secret for member in after] == [member.secret for member in before]
    assert after[1].scopes == ["dossier:act", "dossier:read"]


def test_a_member_added_by_hand_stays(layout: Layout) -> None:
    ensure_members(layout, [DOSSIER], [])
    stored = json.loads(layout.members.read_text())
    mine = {"client_id": "mine", "name": "Mine", "secret": "s" * 32, "scopes": []}
    layout.members.write_text(json.dumps([*stored, mine]))
    ensure_members(layout, [DOSSIER], [CLERK])
    assert {member.client_id for member in read_members(layout)} == {"dossier", "clerk", "mine"}


@pytest.mark.parametrize("rubbish", ["{", "[1]", '[{"client_id": "x"}]', ""])
def test_a_broken_members_file_is_said_to_be_broken_and_not_overwritten(layout: Layout, rubbish: str) -> None:
    layout.members.write_text(rubbish)
    with pytest.raises(RunnerError, match=r"members\.json cannot be read"):
        ensure_members(layout, [DOSSIER], [])
    assert layout.members.read_text() == rubbish


def test_the_portal_account_is_made_once(layout: Layout) -> None:
    account = ensure_portal_account(layout)
    assert ensure_portal_account(layout) == account
    assert len(account.password) >= 32
    assert mode(layout.portal_account) == 0o600


def test_broker_keys_are_made_once_each(layout: Layout) -> None:
    keys = ensure_broker_keys(layout, ["dossier", "sync"])
    assert ensure_broker_keys(layout, ["dossier", "sync", "late"]).items() >= keys.items()
    assert all(key.startswith("U") for key in keys.values())
    assert len(set(keys.values())) == 2
    assert mode(layout.seed("dossier")) == 0o600


def test_a_broken_seed_is_named(layout: Layout) -> None:
    layout.seed("dossier").write_text("rubbish")
    with pytest.raises(RunnerError, match=r"dossier\.seed cannot be read"):
        ensure_broker_keys(layout, ["dossier"])
