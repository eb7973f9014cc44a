"""What a route's function is called with, worked out beforehand from what FastAPI knows of the route.

FastAPI works out anew for every request which parameter comes from where. Here that is done once: a request then
costs one look and one validation for each parameter, with FastAPI's own validators. What is out of the ordinary
is no business of this module: it raises `NotPlainError`, and the request goes FastAPI's way.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from inspect import iscoroutinefunction
from typing import Any, Final
from urllib.parse import parse_qsl

from fastapi import Request

from contracts.problems import Problem
from services.bus.kit.api import Requires
from services.bus.kit.tokens import TokenVerifier

Values = dict[str, str]


class NotPlainError(Exception):
    """This request, or route, is none for a shortcut."""


@dataclass(frozen=True)
class Asked:
    """A request, as far as parameters come from it. `headers` has the names in lower case."""

    request: Request
    path: Mapping[str, str]
    query: Values
    headers: Mapping[str, str]
    body: Any
    verifier: TokenVerifier


class Arguments:
    """The arguments of one function: of a route, or of something it depends on."""

    def __init__(self, dependant: Any, *, is_route: bool = True) -> None:
        """Raises NotPlainError if the function wants anything a shortcut does not know."""
        unknown = (
            dependant.cookie_params, dependant.websocket_param_name, dependant.http_connection_param_name,
            dependant.response_param_name, dependant.background_tasks_param_name,
            dependant.security_scopes_param_name, not is_route and dependant.body_params,
            len(dependant.body_params) > 1,
        )  # fmt: skip
        if any(unknown):
            raise NotPlainError(f"{dependant.call} wants what a shortcut does not know")
        self._request: str | None = dependant.request_param_name
        self._single = [
            *(_Parameter(field, "path") for field in dependant.path_params),
            *(_Parameter(field, "query") for field in dependant.query_params),
            *(_Parameter(field, "headers") for field in dependant.header_params),
        ]
        self._body = next(iter(dependant.body_params), None)
        self._callers: list[tuple[str, Requires]] = []
        self._depends: list[tuple[str, Any, Arguments]] = []
        for each in dependant.dependencies:
            if isinstance(each.call, Requires):
                self._callers.append((each.name, each.call))
            elif iscoroutinefunction(each.call):
                self._depends.append((each.name, each.call, Arguments(each, is_route=False)))
            else:
                raise NotPlainError(f"{each.call} is no coroutine function")

    @property
    def has_body(self) -> bool:
        return self._body is not None

    async def of(self, asked: Asked) -> dict[str, Any]:
        """The arguments by name. NotPlainError if the request is wrong in any way."""
        values: dict[str, Any] = {}
        for name, requires in self._callers:
            caller = asked.verifier.verify_cached(asked.headers.get("authorization"))
            if caller is None or not caller.scopes.issuperset(requires.scopes):
                raise NotPlainError
            values[name] = caller
        for name, call, arguments in self._depends:
            try:
                values[name] = await call(**await arguments.of(asked))
            except Problem:
                raise NotPlainError from None
        for parameter in self._single:
            values[parameter.name] = parameter.of(asked)
        if self._body is not None:
            values[self._body.name] = _valid(self._body, asked.body)
        if self._request is not None:
            values[self._request] = asked.request
        return values


class _Parameter:
    """One value from path, query or headers."""

    def __init__(self, field: Any, where: str) -> None:
        self.name: str = field.name
        self._field = field
        self._where = where
        alias: str = field.validation_alias or field.alias
        self._key = alias.replace("_", "-").lower() if where == "headers" else alias
        self._required: bool = field.field_info.is_required()

    def of(self, asked: Asked) -> Any:
        given = getattr(asked, self._where).get(self._key)
        if given is not None:
            return _valid(self._field, given)
        if self._required:
            raise NotPlainError
        return self._field.get_default()


def _valid(field: Any, given: Any) -> Any:
    value, errors = field.validate(given)
    if errors:
        raise NotPlainError
    return value


_NOTHING: Final[Values] = {}


def query_of(query_string: bytes) -> Values:
    """The parameters of an address. NotPlainError if one is given twice."""
    if not query_string:
        return _NOTHING
    pairs = parse_qsl(query_string.decode("latin-1"), keep_blank_values=True)
    values = dict(pairs)
    if len(values) != len(pairs):
        raise NotPlainError
    return values
