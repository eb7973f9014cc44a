"""Signed statements: signing one, and checking one without asking anybody: its document, the public keys, nothing
else. Nothing in a document names, brings or weakens the key it is checked with."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from joserfc import jws
from joserfc.errors import JoseError, UnsupportedAlgorithmError
from joserfc.jwk import OKPKey
from pydantic import ValidationError

from contracts.problems import Text
from contracts.results import canonical_json
from contracts.statements import STATEMENT_TYPE, SignedStatement, Statement

ALGORITHMS: Final = ("EdDSA", "Ed25519")
"""The old and the new name (RFC 9864) of the same signature."""

_MEMBERS: Final = {"alg", "kid", "typ"}
_DETACHED: Final = re.compile(r"([A-Za-z0-9_-]{1,512})\.\.[A-Za-z0-9_-]{85}[AQgw]")

REASONS: Final = {
    "malformed": Text("Tệp không phải bản xác nhận đã ký.", "This is not a signed statement."),
    "keys": Text("Tệp khóa công khai không đúng dạng JWKS.", "The public keys are not a JWK set."),
    "unknown-key": Text(
        "Bản xác nhận được ký bằng khóa không có trong bộ khóa công khai.",
        "The statement is signed with a key that is not among the public keys.",
    ),
    "signature": Text(
        "Chữ ký không khớp: nội dung đã bị sửa, hoặc không do trục này ký.",
        "The signature does not fit: the content was changed, or somebody else signed it.",
    ),
    "content": Text(
        "Chữ ký đúng nhưng nội dung thuộc phiên bản chưa biết.",
        "The signature is good, but the content is of a version unknown here.",
    ),
}


class NotAttestedError(Exception):
    """The document proves nothing. `reason` is one of `REASONS`."""

    def __init__(self, reason: str) -> None:
        super().__init__(REASONS[reason].en)
        self.reason = reason
        self.text = REASONS[reason]


@dataclass(frozen=True, slots=True)
class Attested:
    """A statement whose signature is good, and the key that made it."""

    statement: Statement
    key_id: str


class _Registry(jws.JWSRegistry):
    """Exactly our algorithms. The library's own lookup warns, each time, that EdDSA has a newer name."""

    def get_alg(self, name: str) -> Any:
        if name not in ALGORITHMS:
            raise UnsupportedAlgorithmError(f"algorithm {name} is not allowed")
        return self.algorithms[name]


_REGISTRY: Final = _Registry()


def attest(key: OKPKey, statement: Statement) -> SignedStatement:
    """The statement, signed."""
    header = {"alg": "EdDSA", "kid": str(key.kid), "typ": STATEMENT_TYPE}
    payload = canonical_json(statement.model_dump(mode="json"))
    protected, _, signature = jws.serialize_compact(header, payload, key, registry=_REGISTRY).split(".")
    return SignedStatement(statement=statement, signature=f"{protected}..{signature}")


def check(document: Mapping[str, Any], jwks: Mapping[str, Any]) -> Attested:
    """What `document` (`{"statement": ..., "signature": ...}`) says, if one of `jwks` signed it. Raises
    NotAttestedError."""
    if document.keys() != {"statement", "signature"}:
        raise NotAttestedError("malformed")
    statement, signature = document["statement"], document["signature"]
    if not isinstance(statement, dict) or not isinstance(signature, str):
        raise NotAttestedError("malformed")
    try:
        payload = canonical_json(statement)
    except ValueError:
        raise NotAttestedError("malformed") from None
    key = _key(jwks, _key_id(signature))
    try:
        jws.deserialize_compact(signature, key, registry=_REGISTRY, payload=payload)
    except JoseError:
        raise NotAttestedError("signature") from None
    try:
        return Attested(Statement.model_validate_json(payload), str(key.kid))
    except ValidationError:
        raise NotAttestedError("content") from None


def _key_id(signature: str) -> str:
    """Which key the signature says it was made with. A header with anything else in it is not ours."""
    match = _DETACHED.fullmatch(signature)
    if match is None:
        raise NotAttestedError("malformed")
    try:
        header = json.loads(base64.urlsafe_b64decode(match[1] + "=" * (-len(match[1]) % 4)))
    except ValueError:
        raise NotAttestedError("malformed") from None
    if not isinstance(header, dict) or header.keys() != _MEMBERS:
        raise NotAttestedError("malformed")
    if header["alg"] not in ALGORITHMS or header["typ"] != STATEMENT_TYPE or not isinstance(header["kid"], str):
        raise NotAttestedError("malformed")
    return header["kid"]


def _key(jwks: Mapping[str, Any], kid: str) -> OKPKey:
    keys = jwks.get("keys")
    if not isinstance(keys, list):
        raise NotAttestedError("keys")
    for each in keys:
        if isinstance(each, dict) and each.get("kid") == kid and each.get("kty") == "OKP":
            try:
                return OKPKey.import_key(each)
            except (JoseError, ValueError):
                raise NotAttestedError("keys") from None
    raise NotAttestedError("unknown-key")
