"""What a request to the token endpoint says (RFC 6749 2.3.1, 3.2, 4.4.2), read strictly and without any I/O.

Errors are RFC 6749's own JSON, not problems: every OAuth client in the world expects them so. A description
never repeats a credential.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal
from urllib.parse import parse_qsl, unquote_plus

from services.bus.hub.schemas import CLIENT_ID_PATTERN

GRANT_TYPE: Final = "client_credentials"
FORM: Final = "application/x-www-form-urlencoded"
MAX_BODY: Final = 8192
MAX_FIELDS: Final = 20
CHALLENGE: Final = 'Basic realm="truc", charset="UTF-8"'

_CLIENT_ID: Final = re.compile(CLIENT_ID_PATTERN)
_SCOPE: Final = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+(?: [\x21\x23-\x5b\x5d-\x7e]+)*")

ErrorCode = Literal[
    "invalid_request",
    "invalid_client",
    "unauthorized_client",
    "unsupported_grant_type",
    "invalid_scope",
    "temporarily_unavailable",
]

STATUS: Final[Mapping[ErrorCode, int]] = {"invalid_client": 401, "temporarily_unavailable": 503}
"""Every other error is 400 (RFC 6749 5.2)."""


class GrantError(Exception):
    """No token, and why, as RFC 6749 5.2 wants it told."""

    def __init__(self, error: ErrorCode, description: str) -> None:
        super().__init__(error, description)
        self.error = error
        self.description = description

    @property
    def status(self) -> int:
        return STATUS.get(self.error, 400)

    @property
    def headers(self) -> dict[str, str]:
        """What the answer needs besides its body."""
        if self.error == "invalid_client":
            return {"WWW-Authenticate": CHALLENGE}
        return {"Retry-After": "1"} if self.error == "temporarily_unavailable" else {}


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """Who asks, with which secret (not verified yet), for which scopes; None asks for all it has."""

    client_id: str
    secret: str
    scopes: frozenset[str] | None

    @property
    def id_is_possible(self) -> bool:
        """Whether any member could have this client id at all."""
        return _CLIENT_ID.fullmatch(self.client_id) is not None


def read(content_type: str | None, authorization: str | None, body: bytes) -> TokenRequest:
    """The request, or `GrantError`. A parameter without a value counts as left out, an unknown is ignored."""
    if (content_type or "").partition(";")[0].strip().lower() != FORM:
        raise GrantError("invalid_request", f"the content type must be {FORM}")
    form = _form(body)
    client_id, secret = _credentials(authorization, form)
    grant_type = form.get("grant_type")
    if grant_type is None:
        raise GrantError("invalid_request", "grant_type is missing")
    if grant_type != GRANT_TYPE:
        raise GrantError("unsupported_grant_type", f"only {GRANT_TYPE} is supported")
    return TokenRequest(client_id, secret, _scopes(form.get("scope")))


def granted(asked: frozenset[str] | None, held: frozenset[str]) -> frozenset[str]:
    """The scopes of the token: those asked for, which must all be held, or all that are held."""
    if asked is None:
        return held
    if not asked <= held:
        raise GrantError("invalid_scope", "a scope asked for is not among those of this member")
    return asked


def _form(body: bytes) -> dict[str, str]:
    if len(body) > MAX_BODY:
        raise GrantError("invalid_request", f"the body must not exceed {MAX_BODY} bytes")
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=MAX_FIELDS)
    except ValueError as error:
        raise GrantError("invalid_request", "the body is not a form in UTF-8") from error
    names = [name for name, _ in pairs]
    if len(set(names)) != len(names):
        raise GrantError("invalid_request", "a parameter is given more than once")
    return {name: value for name, value in pairs if value}


def _credentials(authorization: str | None, form: Mapping[str, str]) -> tuple[str, str]:
    """Client id and secret, from the header or from the form, never from both (RFC 6749 2.3)."""
    if authorization is None:
        if "client_id" not in form or "client_secret" not in form:
            raise GrantError("invalid_client", "the client must authenticate")
        return form["client_id"], form["client_secret"]
    client_id, secret = _basic(authorization)
    if "client_secret" in form or form.get("client_id", client_id) != client_id:
        raise GrantError("invalid_request", "credentials are given in two ways")
    return client_id, secret


def _basic(authorization: str) -> tuple[str, str]:
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        raise GrantError("invalid_client", "only HTTP Basic can authenticate a client in the header")
    try:
        text = base64.b64decode(encoded.strip(" "), validate=True).decode()
        client_id, colon, secret = text.partition(":")
        parts = unquote_plus(client_id, errors="strict"), unquote_plus(secret, errors="strict")
    except (binascii.Error, ValueError) as error:
        raise GrantError("invalid_client", "the credentials in the header cannot be read") from error
    if not colon or not all(parts):
        raise GrantError("invalid_client", "the credentials in the header are incomplete")
    return parts


def _scopes(value: str | None) -> frozenset[str] | None:
    if value is None:
        return None
    if not _SCOPE.fullmatch(value):
        raise GrantError("invalid_scope", "scope must be names separated by single spaces")
    return frozenset(value.split(" "))
