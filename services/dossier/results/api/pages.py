"""The verification page and what is downloaded from it. Refusals are pages too."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Request, Response
from fastapi.routing import APIRoute
from pydantic_core import PydanticCustomError

from contracts.problems import NOT_FOUND, TOO_MANY_REQUESTS, VALIDATION, FieldError, Problem
from contracts.results import parse_verification_code
from contracts.rules import explain
from services.bus.kit.errors import language_of
from services.bus.kit.requests import AxisRequest
from services.bus.kit.tx import Tx
from services.dossier.results import page, queries, texts
from services.dossier.results.api.parts import paper, signed_document
from services.dossier.results.checking import checked
from services.dossier.results.html import Markup
from services.dossier.results.models import IssuedResult


class PageRoute(APIRoute):
    """A route whose refusals are pages."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handler = super().get_route_handler()

        async def handle(request: Request) -> Response:
            try:
                return await handler(AxisRequest(request.scope, request.receive))
            except Problem as problem:
                return _refusal(request, problem)

        return handle


router = APIRouter(prefix="/verify", tags=["verification"], include_in_schema=False, route_class=PageRoute)


@router.get("")
async def enter_code(request: Request, code: str = "") -> Response:
    """The field for a code; a code that was entered goes to its own address."""
    shown = _page(request)
    if not code.strip():
        return _show(page.start(shown))
    target = shown.link(f"/verify/{quote(_parsed(code))}")
    return Response(status_code=303, headers={**page.headers(), "Location": target})


@router.get("/{code}")
async def show_verification(request: Request, code: str) -> Response:
    """What is known of the result with this code."""
    told = await checked(request, queries.verification, _parsed(code))
    return _show(page.found(_page(request), told))


@router.get("/{code}/paper.pdf")
async def print_by_code(request: Request, code: str) -> Response:
    """The paper, for whoever holds the code printed on it."""
    return await paper(request, await checked(request, _row, _parsed(code)))


@router.get("/{code}/document")
async def document_by_code(request: Request, code: str) -> Response:
    """The signed document, for whoever holds the code."""
    return signed_document(await checked(request, _row, _parsed(code)))


def _row(code: str, now: datetime) -> Callable[[Tx], IssuedResult]:
    return lambda tx: queries.find_by_code(tx, code)


def _parsed(code: str) -> str:
    """The code as it is printed. Raises VALIDATION with the rule it breaks."""
    try:
        return parse_verification_code(code)
    except PydanticCustomError as error:
        text = explain(error.type, error.context)
        raise Problem(VALIDATION, errors=[FieldError("path.code", error.type, text)], count=1) from None


def _page(request: Request) -> page.Page:
    asked = request.query_params.get("lang")
    language = "vi" if asked == "vi" else "en" if asked == "en" else language_of(request)
    return page.Page(language, request.url.path)


def _show(markup: Markup, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(markup, status, {**page.headers(), **(headers or {})}, "text/html")


def _refusal(request: Request, problem: Problem) -> Response:
    shown = _page(request)
    entered = str(request.path_params.get("code", request.query_params.get("code", "")))[:60]
    if problem.type is NOT_FOUND:
        return _show(page.not_found(shown, entered), 404)
    text = problem.type.detail.render(shown.language, problem.params)
    title = texts.TOO_MANY if problem.type is TOO_MANY_REQUESTS else texts.PROBLEM
    if problem.type is VALIDATION:
        first = problem.errors[0]
        title, text = texts.MISTYPED, first.text.render(shown.language, first.params)
    return _show(page.refused(shown, title, text, entered=entered), problem.type.status, problem.headers)
