"""What is done in the province that is watched, with names and numbers that must not be seen anywhere."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from contracts.catalogue.search import fold
from tests.scenarios.province import Person, Province, created
from tests.scenarios.watched.collector import Collector

PATIENCE_S = 30.0
NAMES = ("Nguyễn Thị Gieo Hạt", "Đặng Văn Giấu Tên", "Hồ Thị Không Lộ")
PHONE, MAIL, PLACE = "0905777333", "gieo.hat@bi-mat.example", "Ngõ Bí Mật 17"
NUMBERS = ("052195077701", "052095077702", "052195077703")
PLANTED = (*NAMES, *map(fold, NAMES), PHONE, MAIL, PLACE, *NUMBERS)


@dataclass(frozen=True)
class Watched:
    """What was done: one dossier carried out by systems, one taken in by an officer in the trace `traceparent`,
    and much that was refused."""

    province: Province
    collector: Collector
    by_systems: str
    by_hand: str
    traceparent: str


def played(hands: Province, collector: Collector) -> Watched:
    people = [
        Person(number, name, date(1995, 5, 17), "female") for number, name in zip(NUMBERS, NAMES, strict=True)
    ]
    for who in people:
        home = {"kind": "permanent", "unit_code": "21961", "detail": PLACE, "valid_from": "2016-05-01"}
        body = {
            **who.applicant,
            "sex": "male" if who.personal_id[3] in "02" else "female",
            "marital_status": "single",
            "residences": [home],
        }
        created(hands.at("population").post("/v1/citizens", json=body))
    dead, child, _ = people
    form = {
        "deceased": {**dead.applicant, "sex": "female"},
        "died_at": "2026-05-01T04:30:00+07:00",
        "place_of_death": PLACE,
        "relation_of_applicant": "child",
    }
    by_systems = hands.take_in("1.000656", child, form)
    hands.until_ended(by_systems)
    hands.until_on_the_portal(by_systems)
    traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    body = {
        "procedure_code": "1.001570",
        "receiving_agency": "H08",
        "channel": "direct",
        "applicant": {**child.applicant, "phone": PHONE, "email": MAIL},
        "form": {},
    }
    answer = hands.at("dossier").post("/v1/dossiers", json=body, headers={"traceparent": traceparent})
    by_hand = created(answer)["code"]
    hands.until_on_the_portal(by_hand)
    hands.act(by_hand, "start", note=f"{NAMES[2]} gọi từ {PHONE}")
    hands.until_on_the_portal(by_hand)
    refusals(hands)
    return Watched(hands, collector, by_systems, by_hand, traceparent)


def refusals(hands: Province) -> None:
    """Names and numbers where they do not belong: in paths, in queries, in fields of other kinds, in headers."""
    population, dossier = hands.at("population"), hands.at("dossier")
    for number, name in zip(NUMBERS, NAMES, strict=True):
        population.get(f"/v1/citizens/{number}")
        population.get(f"/v1/citizens/{number}x", headers={"X-Purpose": name.encode()})
        population.get("/v1/citizens", params={"name": name, "phone": PHONE})
        population.post("/v1/citizens", json={"personal_id": name, "full_name": number, "sex": PLACE})
        dossier.get(f"/v1/dossiers/{name}")
        dossier.get("/v1/dossiers", params={"applicant": number, "q": name})
        dossier.post(f"/v1/dossiers/{number}/actions", json={"action": name})
        dossier.post("/v1/dossiers", content=f'{{"applicant": "{name}"'.encode())
        dossier.request("GIEO", f"/v1/{number}")
        hands.at("portal").get("/api/v1/dossiers/none", headers={"X-Citizen-Proof": number})
        hands.at("civil").get(f"/v1/records/{number}")
        hands.at("land").get("/v1/parcels", params={"holder": number})
        hands.at("sync").get(f"/v1/lanes/{number}")
        hands.at("hub").get(f"/v1/{name}/{number}")


def until(holds: Callable[[], Any], what: str) -> Any:
    deadline = time.monotonic() + PATIENCE_S
    while not (seen := holds()):
        assert time.monotonic() < deadline, what
        time.sleep(0.1)
    return seen
