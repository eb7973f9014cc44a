"""The AsyncAPI 3 document of the axis, generated from the event types: it cannot say what the code does not.

`contracts/asyncapi.json` is this document as it was last written; a test fails when it has grown stale.
"""

from __future__ import annotations

from typing import Any

from contracts import events
from contracts.envelope import CONTENT_TYPE, REGISTRY, Event, EventData
from contracts.tasks import System

assert events  # importing the package registers every event type

_OWNERS = {
    "dossier": "the dossier service (một cửa)",
    "portal": "the sync worker, for the national portal (Cổng DVCQG)",
    "population": "the population service (dân cư)",
    "land": "the land registry (đất đai)",
    "civil": "the civil registry (hộ tịch)",
    "task": "the dossier service (một cửa), to the one system the task is for",
    "answer": "the system the task was for",
    "result": "the dossier service, of the electronic results it signs",
}


def document() -> dict[str, Any]:
    """The AsyncAPI 3.0 document, as plain JSON values, in a stable order."""
    types = [REGISTRY[name] for name in sorted(REGISTRY) if REGISTRY[name].domain() in _OWNERS]
    return {
        "asyncapi": "3.1.0",
        "info": {
            "title": "Trục: events of the axis",
            "version": "1",
            "description": "CloudEvents 1.0 (structured JSON) over NATS JetStream, stream AXIS. Every event has a "
            "key and a version that counts up by one per key; order is defined by the version.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": CONTENT_TYPE,
        "servers": {
            "axis": {
                "host": "127.0.0.1:8222",
                "protocol": "nats",
                "description": "Each process has an nkey of its own and may use only the subjects it needs.",
            }
        },
        "channels": {_channel(each): _channel_object(each) for each in types},
        "operations": {f"publish{_name(each)}": _operation(each) for each in types},
        "components": {
            "messages": {_name(each): _message(each) for each in types},
            "schemas": {_name(each): _schema(each) for each in types},
        },
    }


def _name(each: type[EventData]) -> str:
    return each.__name__ + (f"V{each.VERSION}" if each.VERSION > 1 else "")


def _channel(each: type[EventData]) -> str:
    return each.TYPE


def _channel_object(each: type[EventData]) -> dict[str, Any]:
    parameters = {}
    if "{system}" in each.axis_subject():
        parameters["parameters"] = {
            "system": {"description": "The system meant", "enum": [system.value for system in System]}
        }
    return {
        **parameters,
        "address": each.axis_subject(),
        "messages": {_name(each): {"$ref": f"#/components/messages/{_name(each)}"}},
    }


def _operation(each: type[EventData]) -> dict[str, Any]:
    return {
        "action": "send",
        "channel": {"$ref": f"#/channels/{_channel(each).replace('/', '~1')}"},
        "summary": f"Published by {_OWNERS[each.domain()]}",
        "messages": [{"$ref": f"#/channels/{_channel(each)}/messages/{_name(each)}"}],
    }


def _message(each: type[EventData]) -> dict[str, Any]:
    return {
        "name": each.cloudevents_type(),
        "title": _name(each),
        "summary": " ".join((each.__doc__ or "").split()),
        "contentType": CONTENT_TYPE,
        "headers": {
            "type": "object",
            "properties": {
                "Nats-Msg-Id": {"type": "string", "description": "The event id"},
                "traceparent": {"type": "string", "description": "W3C trace context"},
            },
        },
        "payload": {"$ref": f"#/components/schemas/{_name(each)}"},
    }


def _schema(each: type[EventData]) -> dict[str, Any]:
    """The envelope's schema with this event's data in place of any data."""
    envelope = Event.model_json_schema(mode="serialization")
    data = each.model_json_schema(mode="serialization", ref_template="#/$defs/{model}")
    definitions = data.pop("$defs", {})
    envelope["properties"]["type"] = {"const": each.cloudevents_type()}
    envelope["properties"]["data"] = data
    envelope["title"] = _name(each)
    envelope.pop("description", None)
    schema: dict[str, Any] = _inlined(envelope, definitions)
    return schema


def _inlined(value: Any, definitions: dict[str, Any]) -> Any:
    """The schema with its local definitions in place: our events do not recurse."""
    if isinstance(value, dict):
        reference = value.get("$ref")
        if isinstance(reference, str):
            return _inlined(definitions[reference.rpartition("/")[2]], definitions)
        return {key: _inlined(each, definitions) for key, each in value.items()}
    if isinstance(value, list):
        return [_inlined(each, definitions) for each in value]
    return value
