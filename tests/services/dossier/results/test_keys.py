"""The signing keys: made once, private to their owner, rotated without losing what was signed."""

from __future__ import annotations

import json
import stat
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from services.bus.kit.clock import FixedClock
from services.bus.kit.testing import TestIssuer, running
from services.dossier.results.keyring import KeyRing
from services.dossier.results.verify import NotVerifiedError, verify
from tests.services.dossier.results.conftest import Settings, build, issued

pytestmark = pytest.mark.anyio


async def keys(client: httpx.AsyncClient) -> dict[str, Any]:
    return dict((await client.get("/v1/results/keys", headers={"Authorization": ""})).json())


def private_files(settings: Settings) -> list[str]:
    return sorted(file.stem for file in settings.result_keys_folder.iterdir())


async def test_the_private_half_is_a_file_of_its_owner_and_of_nobody_else(
    app: FastAPI, client: httpx.AsyncClient, settings: Settings
) -> None:
    (public,) = (await keys(client))["keys"]
    assert "d" not in public
    assert (public["kty"], public["crv"], public["use"]) == ("OKP", "Ed25519", "sig")
    (file,) = settings.result_keys_folder.iterdir()
    assert file.stem == public["kid"]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(settings.result_keys_folder.stat().st_mode) == 0o700
    assert json.loads(file.read_text())["d"]
    for path in ("/v1/results/keys", "/v1/results/signing-keys", "/openapi.json"):
        assert json.loads(file.read_text())["d"] not in (await client.get(path)).text


async def test_rotation_keeps_what_was_signed_good(
    app: FastAPI, client: httpx.AsyncClient, settings: Settings, clock: FixedClock
) -> None:
    before = await issued(app)
    old_set = await keys(client)
    response = await client.post("/v1/results/signing-keys")
    assert response.status_code == 201, response.text
    after = await issued(app)
    new_set = await keys(client)
    assert after.key_id == response.json()["kid"] != before.key_id
    assert {each["kid"] for each in new_set["keys"]} == {before.key_id, after.key_id}
    assert private_files(settings) == [after.key_id]
    for row in (before, after):
        document = (await client.get(f"/v1/results/{row.id}/document")).content
        assert verify(document, new_set).key_id == row.key_id
        assert (await client.get(f"/v1/verifications/{row.verification_code}")).json()["signature_valid"]
    with pytest.raises(NotVerifiedError):
        verify((await client.get(f"/v1/results/{after.id}/document")).content, old_set)
    listed = (await client.get("/v1/results/signing-keys")).json()
    assert {each["kid"]: each["retired_at"] is None for each in listed} == {
        before.key_id: False,
        after.key_id: True,
    }


async def test_a_restart_signs_with_the_same_key_and_a_lost_one_is_replaced(
    settings: Settings, clock: FixedClock, issuer: TestIssuer
) -> None:
    async def run() -> tuple[Any, dict[str, Any]]:
        app = build(settings, clock)
        async with running(app, issuer.token()) as client:
            row = await issued(app)
            for each in rows:
                document = (await client.get(f"/v1/results/{each.id}/document")).content
                assert verify(document, await keys(client)).key_id == each.key_id
            return row, await keys(client)

    rows: list[Any] = []
    first, _ = await run()
    rows.append(first)
    second, known = await run()
    rows.append(second)
    assert first.key_id == second.key_id
    assert len(known["keys"]) == 1
    (settings.result_keys_folder / f"{first.key_id}.json").write_text("{broken")
    third, known = await run()
    assert third.key_id != first.key_id
    assert len(known["keys"]) == 2


async def test_a_private_half_that_a_crash_left_behind_goes_at_the_next_start(
    settings: Settings, clock: FixedClock, issuer: TestIssuer
) -> None:
    async with running(build(settings, clock), issuer.token()) as client:
        (kid,) = private_files(settings)
        file = settings.result_keys_folder / f"{kid}.json"
        kept = file.read_bytes()
        await client.post("/v1/results/signing-keys")
    file.write_bytes(kept)
    async with running(build(settings, clock), issuer.token()) as client:
        assert kid not in private_files(settings)
        assert kid in {each["kid"] for each in (await keys(client))["keys"]}


async def test_rotation_and_revocation_need_a_scope_of_their_own(
    client: httpx.AsyncClient, app: FastAPI, issuer: TestIssuer
) -> None:
    row = await issued(app)
    officer = {"Authorization": f"Bearer {issuer.token('dossier:read', 'dossier:write', 'dossier:act')}"}
    for method, path in (
        ("GET", "/v1/results/signing-keys"),
        ("POST", "/v1/results/signing-keys"),
        ("POST", f"/v1/results/{row.id}/revocation"),
        ("POST", f"/v1/results/{row.id}/correction"),
        ("GET", "/v1/owners/052090000123/lookups"),
    ):
        body = {"reason": "x", "content": {"a": 1}} if method == "POST" else None
        response = await client.request(method, path, headers=officer, json=body)
        assert response.status_code == 403, path
        response = await client.request(method, path, headers={"Authorization": ""}, json=body)
        assert response.status_code == 401, path


def test_nothing_is_signed_before_there_is_a_key(tmp_path: Any) -> None:
    with pytest.raises(RuntimeError, match="no key"):
        KeyRing(tmp_path).sign(b"x")
