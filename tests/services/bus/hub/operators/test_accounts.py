"""The API of the accounts."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.bus.hub.operators import commands
from services.bus.kit import access_token
from tests.services.bus.hub.operators.conftest import ISSUER, PASSWORD, Door

pytestmark = pytest.mark.anyio


@pytest.fixture
def manager(door: Door) -> Door:
    token = access_token.sign(
        door.service.extra["hub"].ring.active,
        issuer=ISSUER,
        client_id="manager",
        scopes=["hub:operators"],
        now=door.clock.now(),
        lifetime=timedelta(hours=1),
    )
    door.http.headers["Authorization"] = f"Bearer {token}"
    return door


async def test_an_account_is_made_shown_changed_and_closed(manager: Door) -> None:
    http = manager.http
    made = await http.post(
        "/v1/operators", json={"username": "an.nguyen", "name": "Nguyễn Văn An", "role": "viewer"}
    )
    assert made.status_code == 201 and len(made.json()["made_password"]) >= 20
    assert made.headers["cache-control"] == "no-store"
    changed = await http.patch("/v1/operators/an.nguyen", json={"role": "operator"}, headers={"If-Match": '"1"'})
    assert (changed.json()["role"], changed.headers["etag"]) == ("operator", '"2"')
    stale = await http.patch("/v1/operators/an.nguyen", json={"role": "viewer"}, headers={"If-Match": '"1"'})
    assert stale.status_code == 412
    assert (await http.post("/v1/operators/an.nguyen/disable")).json()["status"] == "disabled"
    assert (await http.post("/v1/operators/an.nguyen/enable")).json()["status"] == "active"
    listed = (await http.get("/v1/operators")).json()["items"]
    assert [each["username"] for each in listed] == ["administrator", "an.nguyen"]
    assert "password" not in str(listed).replace("password_changed_at", "")


async def test_the_last_administrator_stays(manager: Door) -> None:
    for path, body in (("", {"role": "viewer"}), ("/disable", None)):
        method = "PATCH" if body else "POST"
        refused = await manager.http.request(method, f"/v1/operators/administrator{path}", json=body)
        assert refused.status_code == 409, refused.text
    await manager.add("binh", "administrator")
    assert (await manager.http.post("/v1/operators/administrator/disable")).status_code == 200


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"username": "An Nguyen", "name": "x", "role": "viewer"}, "body.username"),
        ({"username": "an", "name": "x", "role": "viewer"}, "body.username"),
        ({"username": "an.nguyen", "name": "", "role": "viewer"}, "body.name"),
        ({"username": "an.nguyen", "name": "x", "role": "root"}, "body.role"),
        ({"username": "an.nguyen", "name": "x", "role": "viewer", "password": "short"}, "body.password"),
        ({"username": "an.nguyen", "name": "x"}, "body.role"),
    ],
)
async def test_bad_input_is_named(manager: Door, body: dict[str, str], field: str) -> None:
    answer = await manager.http.post("/v1/operators", json=body)
    assert answer.status_code == 422
    assert field in [error["field"] for error in answer.json()["errors"]]


async def test_a_name_is_taken_once(manager: Door) -> None:
    body = {"username": "binh", "name": "Bình", "role": "viewer", "password": PASSWORD}
    first = await manager.http.post("/v1/operators", json=body)
    assert first.json()["made_password"] is None, "it was chosen"
    assert (await manager.http.post("/v1/operators", json=body)).status_code == 409
    assert (await manager.http.get("/v1/operators/nobody")).status_code == 404


async def test_who_may_not_manage_does_not(door: Door) -> None:
    assert (await door.http.get("/v1/operators")).status_code == 401
    token = access_token.sign(
        door.service.extra["hub"].ring.active,
        issuer=ISSUER,
        client_id="other",
        scopes=["hub:members"],
        now=door.clock.now(),
        lifetime=timedelta(hours=1),
    )
    headers = {"Authorization": f"Bearer {token}"}
    for path in ("/v1/operators", "/v1/operator-actions"):
        assert (await door.http.get(path, headers=headers)).status_code == 403


async def test_what_has_run_out_is_forgotten(manager: Door) -> None:
    await manager.add("an")
    del manager.http.headers["Authorization"]
    await manager.log_in("an")
    await manager.answer("an", "x")
    idle = manager.service.extra["hub"].settings.session_idle
    later = manager.clock.now() + timedelta(days=2)
    await manager.service.store.write(lambda tx: commands.forget(tx, later, idle))
    from services.bus.hub.operators.models import AuthorizationCode, FailedLogins, OperatorSession

    for table in (OperatorSession, AuthorizationCode, FailedLogins):
        assert await manager.service.store.read(lambda tx, table=table: tx.query(table).count()) == 0
