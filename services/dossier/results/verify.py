"""Checking a result without asking anybody: its document, the public keys, nothing else.

A good signature says who issued exactly this. Whether it was revoked since, only the service that issued it can
tell (`GET /v1/verifications/<code>`). Nothing in a document names, brings or weakens the key it is checked with.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from joserfc import jws
from joserfc.errors import JoseError, UnsupportedAlgorithmError
from joserfc.jwk import OKPKey
from pydantic import ValidationError

from contracts.problems import Text
from contracts.results import ElectronicResult, SignedResult, canonical_json
from contracts.results.documents import MAX_BYTES

TYPE: Final = "truc-result+jws"
ALGORITHMS: Final = ("EdDSA", "Ed25519")
"""The old and the new name (RFC 9864) of the same signature."""

_MEMBERS: Final = {"alg", "kid", "typ"}
_DETACHED: Final = re.compile(r"([A-Za-z0-9_-]{1,512})\.\.[A-Za-z0-9_-]{85}[AQgw]")
"""The last character carries two bits: one spelling only, though decoders would take others."""

REASONS: Final = {
    "unreadable": Text("Không đọc được tệp.", "The file cannot be read."),
    "malformed": Text("Tệp không phải kết quả điện tử đã ký.", "This is not a signed electronic result."),
    "keys": Text("Tệp khóa công khai không đúng dạng JWKS.", "The public keys are not a JWK set."),
    "unknown-key": Text(
        "Kết quả được ký bằng khóa không có trong bộ khóa công khai.",
        "The result is signed with a key that is not among the public keys.",
    ),
    "signature": Text(
        "Chữ ký không khớp: nội dung đã bị sửa, hoặc không do cơ quan này ký.",
        "The signature does not fit: the content was changed, or somebody else signed it.",
    ),
    "content": Text(
        "Chữ ký đúng nhưng nội dung thuộc phiên bản chưa biết.",
        "The signature is good, but the content is of a version unknown here.",
    ),
}


class NotVerifiedError(Exception):
    """The document proves nothing. `reason` is one of `REASONS`."""

    def __init__(self, reason: str) -> None:
        super().__init__(REASONS[reason].en)
        self.reason = reason
        self.text = REASONS[reason]


@dataclass(frozen=True, slots=True)
class VerifiedResult:
    """A result whose signature is good, and the key that made it."""

    result: ElectronicResult
    key_id: str


class Registry(jws.JWSRegistry):
    """Exactly our algorithms. The library's own lookup warns, each time, that EdDSA has a newer name."""

    def get_alg(self, name: str) -> Any:
        if name not in ALGORITHMS:
            raise UnsupportedAlgorithmError(f"algorithm {name} is not allowed")
        return self.algorithms[name]


REGISTRY: Final = Registry()


def verify(document: bytes | str | Mapping[str, Any], jwks: Mapping[str, Any]) -> VerifiedResult:
    """What `document` (`{"result": ..., "signature": ...}`) says, if one of `jwks` signed it.

    Raises NotVerifiedError.
    """
    read = document if isinstance(document, Mapping) else _parsed(document)
    if read.keys() != {"result", "signature"}:
        raise NotVerifiedError("malformed")
    result, signature = read["result"], read["signature"]
    if not isinstance(result, dict) or not isinstance(signature, str):
        raise NotVerifiedError("malformed")
    try:
        payload = canonical_json(result)
    except ValueError:
        raise NotVerifiedError("malformed") from None
    key = _key(jwks, _key_id(signature))
    try:
        jws.deserialize_compact(signature, key, registry=REGISTRY, payload=payload)
    except JoseError:
        raise NotVerifiedError("signature") from None
    try:
        return VerifiedResult(ElectronicResult.model_validate_json(payload), str(key.kid))
    except ValidationError:
        raise NotVerifiedError("content") from None


def verify_file(path: Path, jwks_path: Path) -> VerifiedResult:
    """The same for files, as they were downloaded. Raises NotVerifiedError."""
    document, keys = _read(path), _read(jwks_path)
    try:
        jwks = _parsed(keys)
    except NotVerifiedError:
        raise NotVerifiedError("keys") from None
    return verify(document, jwks)


def signed_result(document: bytes) -> ElectronicResult:
    """What our own document says, without checking it."""
    return SignedResult.model_validate_json(document).result


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(4 * MAX_BYTES + 1)
    except OSError:
        raise NotVerifiedError("unreadable") from None


def _parsed(text: bytes | str) -> dict[str, Any]:
    """A JSON object in which no name stands twice: two readers must not see two documents."""
    if len(text) > 4 * MAX_BYTES:
        raise NotVerifiedError("malformed")
    try:
        value = json.loads(text, object_pairs_hook=_once, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise NotVerifiedError("malformed") from None
    if not isinstance(value, dict):
        raise NotVerifiedError("malformed")
    return value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice")
    return found


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _key_id(signature: str) -> str:
    match = _DETACHED.fullmatch(signature)
    if match is None:
        raise NotVerifiedError("malformed")
    try:
        header = json.loads(base64.urlsafe_b64decode(match[1] + "=" * (-len(match[1]) % 4)))
    except (ValueError, RecursionError):
        raise NotVerifiedError("malformed") from None
    if not isinstance(header, dict) or header.keys() != _MEMBERS or header["typ"] != TYPE:
        raise NotVerifiedError("malformed")
    if header["alg"] not in ALGORITHMS or not isinstance(header["kid"], str):
        raise NotVerifiedError("malformed")
    kid: str = header["kid"]
    return kid


def _key(jwks: Mapping[str, Any], kid: str) -> OKPKey:
    entries = jwks.get("keys")
    if not isinstance(entries, list):
        raise NotVerifiedError("keys")
    for entry in entries:
        if isinstance(entry, dict) and entry.get("kid") == kid and entry.get("crv") == "Ed25519":
            try:
                public = {name: value for name, value in entry.items() if name != "d"}
                return OKPKey.import_key(public)
            except (JoseError, ValueError, TypeError, KeyError):
                raise NotVerifiedError("keys") from None
    raise NotVerifiedError("unknown-key")
