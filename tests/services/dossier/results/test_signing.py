"""Signed results: what was signed is verified offline, and nothing else is."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from joserfc import jws
from joserfc.jwk import ECKey, OctKey, OKPKey

from contracts.results import canonical_json
from services.bus.kit.store import Store
from services.dossier.results.commands import issue
from services.dossier.results.keyring import KeyRing
from services.dossier.results.verify import REASONS, REGISTRY, TYPE, NotVerifiedError, verify, verify_file
from services.dossier.results.views import document_of
from tests.services.dossier.results.conftest import SINGLE, certificate

pytestmark = pytest.mark.anyio

KEY = OKPKey.generate_key("Ed25519", {"use": "sig", "alg": "EdDSA"}, auto_kid=True)
JWKS = {"keys": [KEY.as_dict(private=False)]}
RESULT = {
    "format": "truc.result.v1",
    "id": "01a202cd-a60c-77bc-840b-8ea4d022f79a",
    "kind": "marital-status-certificate",
    "code": "H08-KQ000104",
    "number": "12/2023",
    "owner": {"id": "052090000123", "name": "Nguyễn Văn An"},
    "dossier_code": "H08.31.21-230301-0001",
    "procedure_code": "1.004873",
    "agency": {"code": "H08.31.21", "name": "UBND phường"},
    "issued_at": "2023-03-01T02:00:00Z",
    "valid_until": "2023-09-01",
    "content": {**SINGLE, "area_m2": 125.5, "list": [1, "hai", None, True]},
    "verification_code": "CQR0-JSJV-40WF-VBHE",
    "supersedes": None,
}


def signed(result: dict[str, Any], key: Any = KEY, **header: Any) -> dict[str, Any]:
    whole = {"alg": "EdDSA", "kid": KEY.kid, "typ": TYPE, **header}
    protected, _, signature = jws.serialize_compact(whole, canonical_json(result), key, registry=REGISTRY).split(
        "."
    )
    return {"result": result, "signature": f"{protected}..{signature}"}


GOOD = signed(RESULT)


def why_not(document: Any, jwks: Any = None) -> str:
    with pytest.raises(NotVerifiedError) as caught:
        verify(document, JWKS if jwks is None else jwks)
    assert caught.value.text == REASONS[caught.value.reason]
    return caught.value.reason


async def test_what_the_service_issues_is_verified_offline(store: Store, ring: KeyRing, tmp_path: Path) -> None:
    row = await store.write(lambda tx: issue(tx, ring, **certificate()))
    document = document_of(row)
    public = ring.newest([ring.key_id])
    assert public is not None
    (tmp_path / "result.json").write_bytes(document)
    (tmp_path / "jwks.json").write_text(json.dumps({"keys": [public.as_dict(private=False)]}))
    verified = verify_file(tmp_path / "result.json", tmp_path / "jwks.json")
    assert verified.key_id == ring.key_id
    assert verified.result.owner.name == "Nguyễn Văn An"
    assert verified.result.content == SINGLE
    assert canonical_json(json.loads(document)["result"]) == row.document.encode()


def test_order_and_spacing_do_not_matter() -> None:
    shuffled = {"signature": GOOD["signature"], "result": dict(reversed(GOOD["result"].items()))}
    assert verify(json.dumps(shuffled, indent=3), JWKS).result.number == "12/2023"


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in members:
        yield (*path, key)
        yield from _places(each, (*path, key))


def _changed(path: tuple[Any, ...], change: Callable[[Any, Any], None]) -> dict[str, Any]:
    copy = json.loads(json.dumps(GOOD))
    inside = copy["result"]
    for step in path[:-1]:
        inside = inside[step]
    change(inside, path[-1])
    return dict(copy)


@pytest.mark.parametrize("path", list(_places(RESULT)), ids=lambda path: ".".join(map(str, path)))
def test_no_part_can_be_changed_or_left_out(path: tuple[Any, ...]) -> None:
    def swap(inside: Any, key: Any) -> None:
        inside[key] = "x" if inside[key] != "x" else "y"

    def drop(inside: Any, key: Any) -> None:
        del inside[key]

    assert why_not(_changed(path, swap)) == "signature"
    assert why_not(_changed(path, drop)) == "signature"


def test_nothing_can_be_added() -> None:
    assert why_not({**GOOD, "result": {**RESULT, "more": 1}}) == "signature"
    assert why_not({**GOOD, "more": 1}) == "malformed"
    assert why_not({"result": RESULT}) == "malformed"


@settings(max_examples=300)
@given(st.data())
def test_no_byte_can_be_changed(data: st.DataObject) -> None:
    document = canonical_json(GOOD)
    place = data.draw(st.integers(0, len(document) - 1))
    wrong = data.draw(st.integers(0, 255).filter(lambda byte: byte != document[place]))
    assert why_not(document[:place] + bytes([wrong]) + document[place + 1 :]) in REASONS


@settings(max_examples=100)
@given(st.data())
def test_a_cut_document_is_none(data: st.DataObject) -> None:
    document = canonical_json(GOOD)
    assert why_not(document[: data.draw(st.integers(0, len(document) - 1))]) == "malformed"


def test_a_signature_has_one_spelling() -> None:
    signature = GOOD["signature"]
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    same = [each for each in alphabet if alphabet.index(each) // 16 == alphabet.index(signature[-1]) // 16]
    for other in same:
        if other != signature[-1]:
            assert why_not({**GOOD, "signature": signature[:-1] + other}) == "malformed"
    assert why_not({**GOOD, "signature": signature + "="}) == "malformed"


def _header(signature: str, **changes: Any) -> str:
    protected, rest = signature.split("..")
    header = json.loads(base64.urlsafe_b64decode(protected + "=="))
    text = json.dumps({name: value for name, value in {**header, **changes}.items() if value is not None})
    return f"{base64.urlsafe_b64encode(text.encode()).rstrip(b'=').decode()}..{rest}"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"alg": "none"}, "malformed"),
        ({"alg": "HS256"}, "malformed"),
        ({"alg": None}, "malformed"),
        ({"alg": ["EdDSA"]}, "malformed"),
        ({"kid": None}, "malformed"),
        ({"kid": 7}, "malformed"),
        ({"kid": "another"}, "unknown-key"),
        ({"typ": "at+jwt"}, "malformed"),
        ({"crit": ["b64"], "b64": False}, "malformed"),
        ({"jwk": KEY.as_dict(private=False)}, "malformed"),
        ({"alg": "Ed25519"}, "signature"),
    ],
)
def test_the_header_cannot_be_changed(changes: dict[str, Any], reason: str) -> None:
    assert why_not({**GOOD, "signature": _header(GOOD["signature"], **changes)}) == reason


def test_another_key_under_the_same_name_is_noticed() -> None:
    stranger = OKPKey.generate_key("Ed25519", {"kid": KEY.kid})
    assert why_not(signed(RESULT, stranger)) == "signature"
    secret = OctKey.import_key(json.dumps(KEY.as_dict(private=False)))
    header = {"alg": "HS256", "kid": KEY.kid, "typ": TYPE}
    made = jws.serialize_compact(header, canonical_json(RESULT), secret, algorithms=["HS256"])
    protected, _, signature = made.split(".")
    assert why_not({"result": RESULT, "signature": f"{protected}..{signature}"}) == "malformed"


@pytest.mark.parametrize(
    "jwks",
    [
        {},
        {"keys": {}},
        {"keys": [{"kid": KEY.kid, "crv": "Ed25519", "kty": "OKP", "x": "AAAA"}]},
        {"keys": [{"kid": KEY.kid, "crv": "Ed25519", "kty": "OKP"}]},
    ],
)
def test_key_sets_that_are_none(jwks: Any) -> None:
    assert why_not(GOOD, jwks) == "keys"


@pytest.mark.parametrize(
    "jwks",
    [{"keys": []}, {"keys": [7, None]}, {"keys": [ECKey.generate_key("P-256", {"kid": KEY.kid}).as_dict()]}],
)
def test_keys_that_are_not_ours(jwks: Any) -> None:
    assert why_not(GOOD, jwks) == "unknown-key"


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"[]",
        b"null",
        b'"x"',
        b"{}",
        b'{"result":{},"signature":7}',
        b'{"result":[],"signature":"x"}',
        b'{"result":{"a":NaN},"signature":"x"}',
        b'{"result":{"a":1e400},"signature":"x"}',
        b'{"result":{},"signature":"x..y"}',
        b'{"result":{},"result":{},"signature":"x"}',
        b'{"result":{"a":1,"a":2},"signature":"x"}',
        b"\xff\xfe",
        b'{"result":' + b"[" * 100_000,
        b" " * 300_000,
        b'{"result":' + b'{"a":' * 40 + b"1" + b"}" * 40 + b',"signature":"x"}',
    ],
)
def test_other_files_are_no_results(text: bytes) -> None:
    assert why_not(text) == "malformed"


def test_a_good_signature_over_something_else_is_no_result() -> None:
    assert why_not(signed({"format": "truc.result.v9"})) == "content"
    assert why_not(signed({**RESULT, "kind": "nobility"})) == "content"


def test_files_that_are_not_there(tmp_path: Path) -> None:
    good = tmp_path / "good.json"
    good.write_bytes(canonical_json(GOOD))
    keys = tmp_path / "keys.json"
    keys.write_bytes(canonical_json(JWKS))
    assert verify_file(good, keys).result.number == "12/2023"
    for document, jwks, reason in (
        (tmp_path / "missing", keys, "unreadable"),
        (tmp_path, keys, "unreadable"),
        (good, tmp_path / "missing", "unreadable"),
        (good, good, "keys"),
        (keys, keys, "malformed"),
    ):
        with pytest.raises(NotVerifiedError) as caught:
            verify_file(document, jwks)
        assert caught.value.reason == reason
    keys.write_text("[")
    with pytest.raises(NotVerifiedError) as caught:
        verify_file(good, keys)
    assert caught.value.reason == "keys"
