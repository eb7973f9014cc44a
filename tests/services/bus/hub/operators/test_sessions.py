"""Sessions of the console: their cookie, their end, and the forms they guard."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.bus.hub.console.sessions import COOKIE, form_token
from services.bus.hub.operators import commands
from services.bus.hub.operators.models import OperatorSession
from services.bus.hub.operators.schemas import OperatorChange
from tests.services.bus.hub.operators.conftest import HASHED, ISSUER, Door

pytestmark = pytest.mark.anyio


async def test_the_cookie_is_for_this_server_and_no_script(door: Door) -> None:
    await door.add("anh")
    answer = await door.submit(await door.form(await door.asked()), "anh")
    back = await door.http.get(answer.headers["location"])
    (cookie,) = [each for each in back.headers.get_list("set-cookie") if each.startswith(COOKIE)]
    assert "HttpOnly" in cookie and "SameSite=lax" in cookie and "Path=/console" in cookie
    value = cookie.partition("=")[2].partition(";")[0]
    async_rows = await door.service.store.read(lambda tx: [row.id_hash for row in tx.query(OperatorSession)])
    assert value not in async_rows, "only its hash is kept"


async def test_a_login_rotates_the_session(door: Door) -> None:
    await door.add("anh")
    await door.log_in("anh")
    first = door.http.cookies[COOKIE]
    await door.log_in("anh")
    assert door.http.cookies[COOKIE] != first
    rows = await door.service.store.read(lambda tx: tx.query(OperatorSession).count())
    assert rows == 1, "the session before is over"


async def test_a_session_ends_when_nobody_uses_it_and_in_any_case(door: Door) -> None:
    await door.add("anh")
    settings = door.service.extra["hub"].settings
    await door.log_in("anh")
    door.clock.advance(settings.session_idle + timedelta(seconds=1))
    assert await door.who() is None
    assert (await door.http.get("/console/")).headers["location"].startswith("/console/login")
    await door.log_in("anh")
    for _ in range(settings.session_lifetime // (settings.session_idle / 2) + 1):
        door.clock.advance(settings.session_idle / 2)
        used = await door.who()
    assert used is None, "used all the time, and over all the same"


async def test_who_is_disabled_or_has_a_new_password_is_out(door: Door) -> None:
    await door.add("anh")
    await door.add("binh", "administrator")
    now = door.clock.now
    await door.log_in("anh")
    await door.service.store.write(lambda tx: commands.set_operator_status(tx, "anh", "disabled", now=now()))
    assert await door.who() is None
    await door.service.store.write(lambda tx: commands.set_operator_status(tx, "anh", "active", now=now()))
    assert await door.who() is not None
    door.clock.advance(timedelta(seconds=1))
    await door.service.store.write(lambda tx: commands.set_password(tx, "anh", password_hash=HASHED, now=now()))
    assert await door.who() is None


async def test_another_role_holds_at_once(door: Door) -> None:
    await door.add("anh", "operator")
    await door.log_in("anh")
    change = OperatorChange(role="viewer")
    now = door.clock.now()
    await door.service.store.write(lambda tx: commands.change_operator(tx, "anh", change, expected=None, now=now))
    assert (await door.who()).role == "viewer"


async def test_logout_needs_the_token_of_this_session(door: Door) -> None:
    await door.add("anh")
    await door.log_in("anh")
    assert (await door.http.post("/console/logout", data={})).status_code == 403
    assert (await door.http.post("/console/logout", data={"form_token": "x" * 64})).status_code == 403
    assert await door.who() is not None, "nobody was thrown out"
    token = form_token(door.http.cookies[COOKIE])
    gone = await door.http.post("/console/logout", data={"form_token": token})
    assert gone.status_code == 303 and gone.headers["location"].startswith(f"{ISSUER}/logout?")
    end = await door.http.get(gone.headers["location"])
    assert end.headers["location"] == f"{ISSUER}/console/signed-out"
    assert COOKIE not in door.http.cookies and await door.who() is None


@pytest.mark.parametrize(
    "to", ["https://evil.example/", "//evil.example", "/console/../../evil", "/other", "/console/\nx"]
)
async def test_nobody_is_sent_elsewhere_after_a_login(door: Door, to: str) -> None:
    await door.add("anh")
    begun = await door.http.get("/console/login", params={"to": to})
    answer = await door.submit(await door.form(begun.headers["location"]), "anh")
    back = await door.http.get(answer.headers["location"])
    where = back.headers["location"]
    assert where.startswith("/console/") and "evil.example" not in where


async def test_an_answer_somebody_else_asked_for_is_not_taken(door: Door) -> None:
    await door.add("anh")
    answer = await door.submit(await door.form(await door.asked()), "anh")
    door.http.cookies.delete("truc_login")
    refused = await door.http.get(answer.headers["location"])
    assert refused.status_code == 403 and await door.who() is None


async def test_without_a_session_there_is_nothing_to_see_or_do(door: Door) -> None:
    for path in ("/console/", "/console/stuck", "/console/dossiers/H08-1"):
        assert (await door.http.get(path)).status_code == 303
    assert (await door.http.get("/console/download/table.csv")).status_code == 303
    assert (await door.http.post("/console/stuck")).status_code == 405
