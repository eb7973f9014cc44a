"""The OpenAPI document of a service, with what FastAPI cannot see: which scopes each route asks for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts

from contracts.scopes import DESCRIPTIONS
from services.bus.kit.api import Requires

_SCHEME = "axis"


def install(app: FastAPI) -> None:
    """Make `app.openapi()` name the token and the scopes of every route that needs them."""
    generate = app.openapi

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            schema = generate()
            _add_security(app, schema)
            app.openapi_schema = schema
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]


def _add_security(app: FastAPI, schema: dict[str, Any]) -> None:
    schema.setdefault("components", {})["securitySchemes"] = {
        _SCHEME: {
            "type": "oauth2",
            "description": "Client credentials at the hub's /oauth/token",
            "flows": {"clientCredentials": {"tokenUrl": "/oauth/token", "scopes": dict(DESCRIPTIONS)}},
        }
    }
    for path, methods, scopes in _guarded(app):
        for method in methods:
            operation = schema["paths"].get(path, {}).get(method.lower())
            if operation is not None:
                operation["security"] = [{_SCHEME: sorted(scopes)}]


def _guarded(app: FastAPI) -> Iterator[tuple[str, set[str], set[str]]]:
    for context in iter_route_contexts(app.routes):
        route = context.route
        if isinstance(route, APIRoute):
            scopes = _scopes(route.dependant)
            if scopes is not None:
                yield context.path or route.path, set(route.methods or ()), scopes


def _scopes(dependant: Dependant) -> set[str] | None:
    """The scopes this route asks for; None if it asks for no token."""
    found: set[str] | None = None
    for each in dependant.dependencies:
        if isinstance(each.call, Requires):
            found = (found or set()) | set(each.call.scopes)
    return found
