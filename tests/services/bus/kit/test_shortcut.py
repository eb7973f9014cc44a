"""The shortcut answers what the ordinary way answers, and takes only what is right in every way."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.bus.kit.arguments import Arguments, Asked, NotPlainError
from services.bus.kit.front import AxisApp
from services.bus.kit.testing import TestIssuer, running
from services.dossier.app import build
from services.dossier.settings import DossierSettings
from tests.services.dossier.conftest import new_dossier, settings

__all__ = ["settings"]
pytestmark = pytest.mark.anyio


class Taken:
    """Counts the requests a shortcut was taken for; with `closed`, lets none."""

    def __init__(self, patch: pytest.MonkeyPatch, *, closed: bool) -> None:
        self.count = 0
        arguments_of = Arguments.of

        async def counted(arguments: Arguments, asked: Asked) -> dict[str, Any]:
            if closed:
                raise NotPlainError
            values = await arguments_of(arguments, asked)
            self.count += 1
            return values

        patch.setattr(Arguments, "of", counted)


def in_one_piece(behind: ASGIApp) -> ASGIApp:
    """Bodies as a socket brings them, if they are small: the client of the tests ends them with an empty piece."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        body, more = b"", True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        pieces = [{"type": "http.request", "body": body, "more_body": False}]

        async def whole() -> Message:
            return pieces.pop() if pieces else await receive()

        await behind(scope, whole, send)

    return app


GOOD = {"content-type": "application/json"}
REQUESTS: list[tuple[str, dict[str, Any]]] = [
    ("/v1/dossiers", {"json": new_dossier()}),
    ("/v1/dossiers", {"json": new_dossier(procedure_code="9.999999")}),
    ("/v1/dossiers", {"json": new_dossier(surprise=1)}),
    ("/v1/dossiers", {"content": b"[" * 3000, "headers": GOOD}),
    ("/v1/dossiers", {"content": b'{"a":"\xff"}', "headers": GOOD}),
    ("/v1/dossiers", {"content": b"{}", "headers": {"content-type": "text/plain"}}),
    ("/v1/dossiers", {"content": b"x" * 2_000_000, "headers": GOOD}),
    ("/v1/dossiers", {"json": new_dossier(), "headers": {"authorization": "Bearer x"}}),
    ("/v1/dossiers/H08-230301-9999/actions", {"json": {"action": "start"}}),
    ("/v1/dossiers/nonsense/actions", {"json": {"action": "start"}}),
    ("/v1/dossiers/H08-230301-9999/actions", {"json": {"action": "dance"}}),
]


async def answers(app: AxisApp, token: str) -> list[tuple[int, str | None, Any]]:
    found = []
    app.put_in_front(in_one_piece)
    async with running(app, token) as client:
        await client.get("/v1/agencies")  # from now on the token is known
        for path, request in REQUESTS:
            response = await client.post(path, **request)
            body = response.json()
            found.append(
                (
                    response.status_code,
                    response.headers.get("content-type"),
                    body.get("errors", body.get("status")),
                )
            )
    return found


async def test_every_answer_is_the_same_both_ways(settings: DossierSettings, issuer: TestIssuer) -> None:
    token = issuer.token()
    with pytest.MonkeyPatch.context() as patch:
        taken = Taken(patch, closed=True)
        ordinary = await answers(build(settings), token)
        assert taken.count == 0
    with pytest.MonkeyPatch.context() as patch:
        taken = Taken(patch, closed=False)
        short = await answers(build(settings), token)
        assert taken.count == 3  # the good one, the unknown procedure, the unknown dossier
    assert short == ordinary
    assert [status for status, *_ in ordinary] == [201, 422, 422, 400, 400, 422, 413, 401, 404, 422, 422]


async def test_a_scope_that_is_missing_is_refused_both_ways(settings: DossierSettings, issuer: TestIssuer) -> None:
    async with running(build(settings), issuer.token("dossier:read")) as client:
        await client.get("/v1/agencies")
        response: httpx.Response = await client.post("/v1/dossiers", json=new_dossier())
        assert response.status_code == 403
        assert "dossier:write" in response.json()["detail"]
