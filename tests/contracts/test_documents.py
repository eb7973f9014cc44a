"""The machine-readable contracts in the repository are what the code says now."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import jsonschema
import pytest
from cloudevents.core.bindings.http import HTTPMessage, from_structured
from cloudevents.core.formats.json import JSONFormat

from contracts import asyncapi
from contracts.envelope import REGISTRY, Event
from contracts.events.population import CitizenChanged
from deploy.documents import documents, text


@pytest.fixture(scope="module")
def written() -> dict[str, tuple[str, str]]:
    return {
        str(path.name): (path.read_text("utf-8") if path.exists() else "", text(document))
        for path, document in documents().items()
    }


@pytest.mark.parametrize(
    "name", ["asyncapi", "hub", "portal", "sync", "population", "dossier", "civil", "land", "ministries"]
)
def test_the_document_is_not_stale(written: dict[str, tuple[str, str]], name: str) -> None:
    in_repository, in_code = written[f"{name}.json"]
    assert in_repository == in_code, "run `make contracts` and commit what it writes"


def an_event() -> Event:
    now = datetime(2023, 3, 1, 2, 3, 4, tzinfo=UTC)
    data = CitizenChanged(personal_id="052090000123", changed=("full_name",), at=now)
    return Event.of(data, id="0190-1", source="/truc/population", key="052090000123", version=3, time=now)


def test_every_event_type_has_its_channel_and_a_schema_that_takes_a_real_event() -> None:
    document = asyncapi.document()
    assert {each["address"] for each in document["channels"].values()} >= {
        each.axis_subject() for each in REGISTRY.values() if each.__module__.startswith("contracts.")
    }
    schema = document["components"]["schemas"]["CitizenChanged"]
    jsonschema.validate(json.loads(an_event().model_dump_json(exclude_none=True)), schema)


def test_another_cloudevents_library_reads_our_envelope() -> None:
    body = an_event().model_dump_json(exclude_none=True).encode()
    message = HTTPMessage({"content-type": "application/cloudevents+json"}, body)
    read = from_structured(message, JSONFormat())
    assert read.get_id() == "0190-1"
    assert read.get_type() == "vn.truc.population.citizen-changed.v1"
    assert read.get_extension("key") == "052090000123"
    assert read.get_extension("version") == 3
