"""What is asked of the registries: each kind of question as the requests that ask it about the sampled records."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

import orjson

from bench.load import get, post
from bench.registers.shelf import Registry
from contracts.catalogue.search import fold

PAGE: Final = 50
_LOOKING: Final = {"X_Purpose": "1.001193", "X_Dossier": "H08.31.21-261120-0001"}
"""Why the civil registry is looked at."""

Samples = dict[str, Any]


@dataclass(frozen=True)
class Question:
    """`ask` makes the requests of the samples, without the caller's token; `TOKEN` stands for it."""

    what: str
    ask: Callable[[Samples], list[bytes]]
    duplicates: bool = False

    def requests(self, samples: Samples, token: str) -> list[bytes]:
        return [each.replace(_TOKEN.encode(), token.encode()) for each in self.ask(samples)]


_TOKEN: Final = "TOKEN-TO-COME"


def _civil(path: str, **asked: Any) -> bytes:
    return get(_address(path, asked), _TOKEN, **_LOOKING)


def _land(path: str, **asked: Any) -> bytes:
    return get(_address(path, asked), _TOKEN)


def _address(path: str, asked: dict[str, Any]) -> str:
    return f"{path}?{urlencode(asked)}" if asked else path


def _records(made: Callable[[dict[str, Any]], bytes], needs: str = "id") -> Callable[[Samples], list[bytes]]:
    """One request for each sampled record that has what it needs."""
    return lambda samples: [made(each) for each in samples["records"] if each[needs] is not None]


def _births(made: Callable[[dict[str, Any]], bytes]) -> Callable[[Samples], list[bytes]]:
    return lambda samples: [made(each) for each in samples["records"] if each["kind"] == "birth"]


def _parcels(made: Callable[[dict[str, Any]], bytes], needs: str = "key") -> Callable[[Samples], list[bytes]]:
    return lambda samples: [made(each) for each in samples["parcels"] if each[needs] is not None]


def _commonest(made: Callable[[str], Iterable[bytes]]) -> Callable[[Samples], list[bytes]]:
    return lambda samples: [request for name in samples["commonest"] for request in made(name)]


def beginning(name: str) -> str:
    """The name up to the first letter of its last word, with a star: `Nguyễn Thị L*`."""
    words = name.split(" ")
    return " ".join([*words[:-1], words[-1][0]]) + "*"


def _search(name: str, **more: Any) -> bytes:
    return _civil("/v1/records", name=name, limit=PAGE, **more)


def _duplicates_of(record: dict[str, Any]) -> bytes:
    """The birth as somebody would hand it in who writes without diacritics and leaves the father out."""
    content = record["content"]
    birth = {"child": {**content["child"], "full_name": fold(content["child"]["full_name"])}}
    if "mother" in content:
        birth["mother"] = content["mother"]
    return post("/v1/duplicates", orjson.dumps({"birth": birth}), _TOKEN, **_LOOKING)


QUESTIONS: Final[dict[Registry, tuple[Question, ...]]] = {
    "civil": (
        Question("record by id", _records(lambda each: _civil(f"/v1/records/{each['id']}"))),
        Question(
            "records by personal id",
            _records(lambda each: _civil("/v1/records", personal_id=each["personal_id"]), "personal_id"),
        ),
        Question(
            "entry by book and number",
            _records(
                lambda each: _civil(
                    "/v1/records", **{name: each[name] for name in ("agency", "kind", "year", "number")}
                )
            ),
        ),
        Question("full name", _records(lambda each: _search(each["name"]))),
        Question("name without diacritics", _records(lambda each: _search(fold(each["name"])))),
        Question("name and birth date", _records(lambda each: _search(each["name"], born=each["born"]))),
        Question("beginning of a name", _records(lambda each: _search(beginning(each["name"])))),
        Question("beginning without diacritics", _records(lambda each: _search(beginning(fold(each["name"]))))),
        Question(
            "the 20 commonest names",
            _commonest(lambda name: [_search(name), _search(fold(name)), _search(name, kind="death")]),
        ),
        Question("duplicates of a new birth", _births(_duplicates_of), duplicates=True),
        Question(
            "duplicates of a record",
            _births(lambda each: _civil(f"/v1/records/{each['id']}/duplicates")),
            duplicates=True,
        ),
    ),
    "land": (
        Question("parcel by key", _parcels(lambda each: _land(f"/v1/parcels/{each['key']}"))),
        Question(
            "parcel as of a day",
            _parcels(lambda each: _land(f"/v1/parcels/{each['key']}", as_of=each["day"])),
        ),
        Question("certificate by serial", _parcels(lambda each: _land(f"/v1/certificates/{each['serial']}"))),
        Question(
            "owner's personal id",
            _parcels(lambda each: _land("/v1/parcels", owner=each["personal_id"]), "personal_id"),
        ),
        Question("owner's name", _parcels(lambda each: _land("/v1/parcels", name=each["name"], limit=PAGE))),
        Question(
            "owner's name in a commune",
            _parcels(lambda each: _land("/v1/parcels", name=each["name"], unit=each["unit"], limit=PAGE)),
        ),
        Question(
            "the 20 commonest names",
            _commonest(lambda name: [_land("/v1/parcels", name=each, limit=PAGE) for each in (name, fold(name))]),
        ),
    ),
}
