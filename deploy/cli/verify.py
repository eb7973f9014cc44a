"""`truc verify`: checks a signed electronic result (kết quả điện tử), or a signed statement of the axis, without
asking anybody.

Exit code 1 when its signature is not good. Whether it was revoked since, only who issued it can tell.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Final

import typer

from deploy.cli import output
from deploy.local.errors import RunnerError
from services.bus.kit.attest import NotAttestedError, check
from services.dossier.results.verify import NotVerifiedError, VerifiedResult, verify_file

NOT_VERIFIED: Final = 1


def verify(
    document: Annotated[
        Path,
        typer.Argument(help="A result (GET /v1/results/{id}/document) or a statement (GET /v1/statements/...)."),
    ],
    keys: Annotated[
        Path, typer.Option("--keys", help="Public keys (JWKS): GET /v1/results/keys, /v1/statements/keys.")
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Check the signature of an electronic result or of a statement, offline."""
    if _is_statement(document):
        _verify_statement(document, keys, as_json)
        return
    try:
        verified = verify_file(document, keys)
    except NotVerifiedError as error:
        if as_json:
            typer.echo(json.dumps({"verified": False, "reason": error.reason}, indent=2))
            raise typer.Exit(NOT_VERIFIED) from error
        raise RunnerError(f"Not verified: {error.text.en} {error.text.vi}", exit_code=NOT_VERIFIED) from error
    if as_json:
        result = verified.result.model_dump(mode="json")
        typer.echo(
            json.dumps({"verified": True, "key": verified.key_id, "result": result}, indent=2, ensure_ascii=False)
        )
    else:
        _show(verified)


def _is_statement(document: Path) -> bool:
    try:
        read = json.loads(document.read_bytes())
    except (OSError, ValueError):
        return False
    return isinstance(read, dict) and "statement" in read


def _verify_statement(document: Path, keys: Path, as_json: bool) -> None:
    try:
        try:
            jwks = json.loads(keys.read_bytes())
        except (OSError, ValueError):
            jwks = None
        if not isinstance(jwks, dict):
            raise NotAttestedError("keys")
        attested = check(json.loads(document.read_bytes()), jwks)
    except NotAttestedError as error:
        if as_json:
            typer.echo(json.dumps({"verified": False, "reason": error.reason}, indent=2))
            raise typer.Exit(NOT_VERIFIED) from error
        raise RunnerError(f"Not verified: {error.text.en} {error.text.vi}", exit_code=NOT_VERIFIED) from error
    statement = attested.statement
    if as_json:
        told = {"verified": True, "key": attested.key_id, "statement": statement.model_dump(mode="json")}
        typer.echo(json.dumps(told, indent=2, ensure_ascii=False))
        return
    output.say("The signature is good: this is what was stated.", style="bold")
    output.say(statement.says_en)
    output.say(statement.says_vi)
    portal = statement.axis_wire if statement.portal is None else statement.portal
    rows = [
        ("agree", "yes" if statement.agree else "no"),
        ("at", statement.at.isoformat()),
        ("province", f"{statement.province.dossiers} dossiers, {statement.province.rows} statuses"),
        ("portal", f"{portal.dossiers} dossiers, {portal.rows} rows"),
        ("digest", portal.digest),
        ("stated by", statement.issuer),
        ("key", attested.key_id),
    ]
    output.table(("", ""), rows, fold=(1,))


def _show(verified: VerifiedResult) -> None:
    result = verified.result
    output.say("The signature is good: this is what was issued.", style="bold")
    rows = [
        ("kind", result.kind),
        ("code", result.code),
        ("number", result.number or ""),
        ("issued by", f"{result.agency.name} ({result.agency.code})"),
        ("issued at", result.issued_at.isoformat()),
        ("valid until", result.valid_until.isoformat() if result.valid_until else "no end"),
        ("dossier", result.dossier_code),
        ("key", verified.key_id),
    ]
    output.table(("", ""), rows, fold=(1,))
    output.say(f"Whether it was revoked since: GET /v1/verifications/{result.verification_code}")
