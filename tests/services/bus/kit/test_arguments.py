"""What a route's function is called with, as FastAPI would call it; and what is left to FastAPI."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any, cast

import pytest
from fastapi import APIRouter, Depends, Header, Query, Request, Response

from contracts.problems import NOT_FOUND, Problem
from services.bus.kit.api import requires
from services.bus.kit.arguments import Arguments, Asked, NotPlainError, query_of
from services.bus.kit.tokens import Caller

pytestmark = pytest.mark.anyio


SOMEBODY = Caller("somebody", "somebody", frozenset({"things:read"}), datetime(2030, 1, 1, tzinfo=UTC))


class Colour(StrEnum):
    RED = "red"


class Verifier:
    """Knows one token."""

    def verify_cached(self, header: str | None) -> Caller | None:
        return SOMEBODY if header == "Bearer known" else None


def blocking() -> int:
    raise AssertionError


async def depends(value: Annotated[int, Depends(blocking)]) -> Response:
    raise AssertionError


async def responds(response: Response) -> Response:
    raise AssertionError


async def other(caller: Annotated[Caller, requires("things:write")]) -> Response:
    raise AssertionError


async def why(x_purpose: Annotated[str | None, Header(max_length=5)] = None) -> str:
    if x_purpose is None:
        raise Problem(NOT_FOUND, what="dossier", id="none")
    return x_purpose.upper()


async def show(
    request: Request,
    thing: str,
    caller: Annotated[Caller, requires("things:read")],
    purpose: Annotated[str, Depends(why)],
    limit: Annotated[int, Query(ge=1, le=9)] = 5,
    colour: Colour | None = None,
    since: Annotated[int | None, Query(alias="from")] = None,
) -> Response:
    raise AssertionError


def arguments(endpoint: Any) -> Arguments:
    router = APIRouter()
    router.add_api_route("/{thing}", endpoint)
    return Arguments(cast("Any", router.routes[0]).dependant)


async def called_with(query: bytes = b"", **headers: str) -> dict[str, Any]:
    given = {"authorization": "Bearer known", "x-purpose": "why"} | headers
    request = Request({"type": "http"})
    asked = Asked(request, {"thing": "t"}, query_of(query), given, None, cast("Any", Verifier()))
    return await arguments(show).of(asked)


async def test_everything_arrives_under_its_name_and_in_its_type() -> None:
    values = await called_with(b"limit=7&colour=red&from=3&unknown=1")
    assert values.pop("request") is not None
    assert values.pop("caller").client_id == "somebody"
    assert values == {"thing": "t", "purpose": "WHY", "limit": 7, "colour": Colour.RED, "since": 3}


async def test_what_is_not_given_has_its_default() -> None:
    values = await called_with()
    assert (values["limit"], values["colour"], values["since"]) == (5, None, None)


@pytest.mark.parametrize("query", [b"limit=0", b"limit=x", b"colour=blue", b"limit=1&limit=2", b"limit="])
async def test_a_parameter_that_is_wrong_or_given_twice_goes_the_ordinary_way(query: bytes) -> None:
    with pytest.raises(NotPlainError):
        await called_with(query)


@pytest.mark.parametrize("headers", [{"authorization": "Bearer other"}, {"x-purpose": "too long"}])
async def test_a_caller_or_a_header_that_is_wrong_goes_the_ordinary_way(headers: dict[str, str]) -> None:
    with pytest.raises(NotPlainError):
        await called_with(**headers)


async def test_what_a_dependency_refuses_goes_the_ordinary_way() -> None:
    request = Request({"type": "http"})
    known = {"authorization": "Bearer known"}
    with pytest.raises(NotPlainError):
        await arguments(show).of(Asked(request, {"thing": "t"}, {}, known, None, cast("Any", Verifier())))


async def test_a_scope_that_is_missing_goes_the_ordinary_way() -> None:
    known = {"authorization": "Bearer known"}
    with pytest.raises(NotPlainError):
        await arguments(other).of(Asked(Request({"type": "http"}), {}, {}, known, None, cast("Any", Verifier())))


def test_a_route_that_wants_what_is_not_known_has_no_shortcut() -> None:
    for endpoint in (depends, responds):
        with pytest.raises(NotPlainError):
            arguments(endpoint)
