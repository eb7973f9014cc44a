"""Turning whatever went wrong into problem+json, in the caller's language, and never into a bare 500."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import orjson
import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import IntegrityError, InterfaceError, OperationalError
from starlette.exceptions import HTTPException

from contracts.problems import (
    CONFLICT,
    HTTP_ERROR,
    INTERNAL,
    MALFORMED_BODY,
    METHOD_NOT_ALLOWED,
    ROUTE_NOT_FOUND,
    UNAVAILABLE,
    UNSUPPORTED_MEDIA_TYPE,
    VALIDATION,
    FieldError,
    Language,
    Problem,
    Text,
)
from contracts.rules import explain
from services.bus.kit.field_paths import field_path
from services.bus.kit.trace import current_trace_id

log = structlog.get_logger(__name__)

PROBLEM_JSON = "application/problem+json"
MAX_ERRORS = 50
CAME_FIRST = Text("Một thay đổi khác đã đến trước; hãy đọc lại", "Another change came first; read again")


def language_of(request: Request) -> Language:
    """The first of vi and en that Accept-Language prefers; Vietnamese when it names neither."""
    best: tuple[float, Language] = (0.0, "vi")
    for part in request.headers.get("accept-language", "").split(","):
        tag, _, weight = part.strip().partition(";q=")
        try:
            quality = float(weight) if weight else 1.0
        except ValueError:
            continue
        name = tag.strip().lower()[:2]
        if name in ("vi", "en") and quality > best[0]:
            best = (quality, "vi" if name == "vi" else "en")
    return best[1]


def problem_response(request: Request, problem: Problem) -> Response:
    """The response that tells this problem to this caller."""
    language = language_of(request)
    document = problem.document(language, instance=request.url.path)
    headers = {"Content-Language": language, **problem.headers}
    if problem.type.status == 401:
        headers.setdefault("WWW-Authenticate", "Bearer")
    return Response(orjson.dumps(document, default=str), problem.type.status, headers, media_type=PROBLEM_JSON)


def validation_problem(errors: Sequence[Any]) -> Problem:
    """pydantic's errors as one problem that names each field and its rule."""
    for error in errors:
        if error["type"] == "json_invalid":
            return Problem(MALFORMED_BODY, reason=str(error.get("ctx", {}).get("error", error["msg"])))
    return Problem(
        VALIDATION,
        errors=[
            FieldError(field_path(error["loc"]), error["type"], explain(error["type"], error.get("ctx") or {}), {})
            for error in errors[:MAX_ERRORS]
        ],
        count=len(errors),
    )


def _from_http(request: Request, error: HTTPException) -> Problem:
    if isinstance(error.__cause__, Problem):  # raised while the body was read; FastAPI wraps it
        return error.__cause__
    match error.status_code:
        case 404:
            return Problem(ROUTE_NOT_FOUND, path=request.url.path)
        case 405:
            allowed = (error.headers or {}).get("Allow", "")
            return Problem(
                METHOD_NOT_ALLOWED,
                path=request.url.path,
                method=request.method,
                allowed=allowed,
                headers=dict(error.headers or {}),
            )
        case 415:
            received = request.headers.get("content-type", "nothing")
            return Problem(UNSUPPORTED_MEDIA_TYPE, received=received, expected="application/json")
    if error.status_code == 400:
        return Problem(MALFORMED_BODY, reason=re.sub(r"\s+", " ", str(error.detail)))
    problem = Problem(HTTP_ERROR, reason=str(error.detail), headers=dict(error.headers or {}))
    problem.type = HTTP_ERROR.__class__(HTTP_ERROR.slug, error.status_code, HTTP_ERROR.title, HTTP_ERROR.detail)
    return problem


def install(app: FastAPI) -> None:
    """Give an app all of it."""

    async def on_problem(request: Request, error: Exception) -> Response:
        assert isinstance(error, Problem)
        return problem_response(request, error)

    async def on_validation(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        return problem_response(request, validation_problem(error.errors()))

    async def on_http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return problem_response(request, _from_http(request, error))

    async def on_database_away(request: Request, error: Exception) -> Response:
        log.error("database.away", error=type(error).__name__)
        return problem_response(request, Problem(UNAVAILABLE, what="database", retry_after=1))

    async def on_integrity(request: Request, error: Exception) -> Response:
        log.warning("database.conflict", error=type(error).__name__)
        return problem_response(request, Problem(CONFLICT, reason=CAME_FIRST))

    async def on_anything(request: Request, error: Exception) -> Response:
        trace = current_trace_id() or "-"
        log.error("request.failed", path_template=_template(request), trace=trace, exc_info=error)
        return problem_response(request, Problem(INTERNAL, trace=trace))

    app.add_exception_handler(Problem, on_problem)
    app.add_exception_handler(RequestValidationError, on_validation)
    app.add_exception_handler(HTTPException, on_http)
    app.add_exception_handler(OperationalError, on_database_away)
    app.add_exception_handler(InterfaceError, on_database_away)
    app.add_exception_handler(IntegrityError, on_integrity)
    app.add_exception_handler(Exception, on_anything)


def _template(request: Request) -> str:
    route = request.scope.get("route")
    return getattr(route, "path", "unknown")
