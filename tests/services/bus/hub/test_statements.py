"""Statements: signed by the hub, checked by anybody, and worth nothing once a letter of them is changed."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import httpx
import pytest
from joserfc.jwk import OKPKey

from contracts.extents import Extent
from contracts.statements import Agreement, Statement
from services.bus.hub.statements import said
from services.bus.kit.attest import NotAttestedError, attest, check

pytestmark = pytest.mark.anyio

AT = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)
HELD = Extent(dossiers=218_262, rows=911_500, digest="0" * 64)


def agreement(**changes: Any) -> Agreement:
    values: dict[str, Any] = {
        "code": None, "day": date(2023, 5, 8), "at": AT, "agree": True, "province": HELD, "axis": HELD,
        "axis_wire": HELD, "portal": HELD, "waiting": 0, **changes,
    }  # fmt: skip
    return Agreement(**values)


def statement(**changes: Any) -> Statement:
    return Statement(**agreement(**changes).model_dump(), issuer="http://hub", says_vi="x", says_en="x")


def a_key() -> OKPKey:
    return OKPKey.generate_key("Ed25519", {"use": "sig", "alg": "EdDSA"}, auto_kid=True)


def document(key: OKPKey) -> dict[str, Any]:
    """As it comes over the wire."""
    signed: dict[str, Any] = json.loads(attest(key, statement()).model_dump_json())
    return signed


def jwks(*keys: OKPKey) -> dict[str, Any]:
    return {"keys": [key.as_dict(private=False) for key in keys]}


def test_what_is_signed_is_what_is_read() -> None:
    key = a_key()
    attested = check(document(key), jwks(a_key(), key))
    assert attested.statement == statement() and attested.key_id == key.kid


@pytest.mark.parametrize(
    "change",
    [
        lambda told: told["statement"].update(agree=False),
        lambda told: told["statement"]["province"].update(rows=911_501),
        lambda told: told["statement"].update(at="2026-11-22T08:30:01Z"),
        lambda told: told["statement"].update(more=1),
        lambda told: told["statement"].pop("waiting"),
    ],
)
def test_a_changed_statement_proves_nothing(change: Any) -> None:
    key = a_key()
    told = document(key)
    change(told)
    with pytest.raises(NotAttestedError) as refused:
        check(told, jwks(key))
    assert refused.value.reason == "signature"


@pytest.mark.parametrize(
    "rubbish", [{}, {"statement": 1, "signature": "x"}, {"statement": {}, "signature": "a..b"}]
)
def test_rubbish_is_no_statement(rubbish: dict[str, Any]) -> None:
    with pytest.raises(NotAttestedError) as refused:
        check(rubbish, jwks(a_key()))
    assert refused.value.reason == "malformed"


def test_only_published_keys_count() -> None:
    with pytest.raises(NotAttestedError) as refused:
        check(document(a_key()), jwks(a_key()))
    assert refused.value.reason == "unknown-key"
    with pytest.raises(NotAttestedError) as refused:
        check(document(a_key()), {"keys": 1})
    assert refused.value.reason == "keys"


def test_the_sentence_says_what_was_compared_with_what() -> None:
    vi, en = said(agreement())
    assert en.startswith("The province and the national portal agree on 218262 dossiers numbered on 2023-05-08")
    assert "15:30:00" in vi and "khớp nhau" in vi
    _, acknowledged = said(agreement(portal=None))
    assert "what the national portal has acknowledged" in acknowledged
    _, apart = said(agreement(code="H08-230508-0001", day=None, agree=False, waiting=2))
    assert "do not agree on dossier H08-230508-0001" in apart and "2 statuses are on their way" in apart


async def test_a_hub_without_sync_says_so_and_its_keys_are_public(hub: httpx.AsyncClient) -> None:
    keys = (await hub.get("/v1/statements/keys")).json()["keys"]
    assert len(keys) == 1 and "d" not in keys[0]
    assert (await hub.get("/v1/statements/days/2023-05-08")).status_code == 401
