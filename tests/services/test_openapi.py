"""Every API against its own OpenAPI document, with what schemathesis makes up: never a 500, all as documented."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from bench.processes import process
from contracts import scopes
from contracts.problems import UNAVAILABLE
from services.bus.kit.testing import NatsServer, TestIssuer, free_port, nats_server

MODULES = {
    "hub": "services.bus.hub",
    "population": "services.population",
    "dossier": "services.dossier",
    "civil": "services.registry.civil",
    "land": "services.registry.land",
    "portal": "gateway.portal",
    "sync": "gateway.sync",
    "ministries": "gateway.ministries",
}
FUZZER = {"client_id": "fuzzer", "name": "Fuzzer", "secret": "s" * 40, "scopes": sorted(scopes.ALL)}


@schemathesis.check
def no_fault(
    ctx: schemathesis.CheckContext, response: schemathesis.Response, case: schemathesis.Case
) -> bool | None:
    """No fault of the server. Nobody else runs here: that another process is away, and when to ask again, is an
    answer."""
    if response.status_code == UNAVAILABLE.status:
        assert response.json()["type"] == UNAVAILABLE.uri
        assert int(response.headers["retry-after"][0]) > 0
        return None
    return not_a_server_error(ctx, response, case)


CHECKS = [
    no_fault,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def axis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NatsServer]:
    with nats_server(tmp_path_factory.mktemp("nats")) as server:
        yield server


@pytest.mark.parametrize("name", MODULES)
def test_what_schemathesis_makes_up(name: str, tmp_path: Path, axis: NatsServer, issuer: TestIssuer) -> None:
    port = free_port()
    prefix = f"TRUC_{name.upper()}_"
    environment = {
        f"{prefix}PORT": str(port),
        f"{prefix}DATA_DIR": str(tmp_path),
        "TRUC_SYNC_PORTAL_URL": "http://127.0.0.1:1",
        "TRUC_NATS_URL": axis.url,
        "TRUC_HUB_URL": "http://127.0.0.1:8000",
        "TRUC_HUB_MEMBERS_FILE": str(tmp_path / "members.json"),
        "TRUC_JWKS_FILE": str(issuer.jwks_file),
    }
    (tmp_path / "members.json").write_text(json.dumps([FUZZER]))
    url = f"http://127.0.0.1:{port}"
    with process(MODULES[name], environment, f"{url}/healthz", tmp_path):
        token = hub_token(url) if name == "hub" else issuer.token()
        headers = {"Authorization": f"Bearer {token}"}
        schema = schemathesis.openapi.from_url(f"{url}/openapi.json")
        operations = [result.ok() for result in schema.get_all_operations()]
        assert operations
        for operation in operations:

            @given(case=operation.as_strategy())
            @settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck), database=None)
            def holds(case: schemathesis.Case) -> None:
                response = case.call(headers=headers)
                case.validate_response(response, checks=CHECKS)

            holds()


def hub_token(url: str) -> str:
    """The hub trusts its own tokens only."""
    account = {"client_id": FUZZER["client_id"], "client_secret": FUZZER["secret"]}
    wanted = {"grant_type": "client_credentials", **account}
    answer = httpx.post(f"{url}/oauth/token", data=wanted, trust_env=False)
    return str(answer.raise_for_status().json()["access_token"])
