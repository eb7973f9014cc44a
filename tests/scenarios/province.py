"""A whole province to play through: every service, a real broker, and hands over the public APIs."""

from __future__ import annotations

import contextlib
import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx

from bench.mesh import Mesh
from contracts.times import vn_date
from deploy.local.topology import PROCESSES

COMMUNE = "21961"
"""Xã Phước Hưng, Huyện Tuy Phước, Tỉnh Bình Định until 2025-06-30."""
COMMUNE_NOW = "21964"
"""Xã Tuy Phước Bắc, Tỉnh Gia Lai, since 2025-07-01."""
DIVIDED_COMMUNE = "21634"
"""Xã An Nghĩa until 2025-06-30; its land went to two communes of today."""
PATIENCE_S = 30.0
READY_WITHIN_S = 120.0
LOOK_EVERY_S = 0.01

_numbers = itertools.count(1)


@dataclass(frozen=True)
class Person:
    """Somebody registered in the population data."""

    personal_id: str
    full_name: str
    born: date
    sex: str

    @property
    def applicant(self) -> dict[str, Any]:
        return {
            "personal_id": self.personal_id,
            "full_name": self.full_name,
            "date_of_birth": self.born.isoformat(),
        }


class Province:
    """The hands: everything a citizen, an officer, a registrar and a tester of ministries does."""

    def __init__(self, mesh: Mesh, agency: str) -> None:
        self.mesh = mesh
        self.agency = agency
        self._clients: dict[str, httpx.Client] = {}

    def until_ready(self) -> None:
        """Return when every process is ready (again)."""
        deadline = time.monotonic() + READY_WITHIN_S
        for process in PROCESSES:
            while not _is_ready(self.mesh.url(process.name)):
                assert time.monotonic() < deadline, f"{process.name} did not come back"
                time.sleep(0.1)

    def close(self) -> None:
        for client in self._clients.values():
            client.close()

    def at(self, service: str) -> httpx.Client:
        """A client of one service."""
        if service not in self._clients:
            client = self.mesh.client(service)
            client.headers["Accept-Language"] = "en"
            self._clients[service] = client
        return self._clients[service]

    # -- people and parcels --------------------------------------------------------------------------------

    def person(self, sex: str = "female", born: date = date(1995, 5, 17), *, home: str | None = COMMUNE) -> Person:
        """A new citizen, with a permanent residence in this commune if any."""
        number = next(_numbers)
        century = (0 if born.year < 2000 else 2) + (1 if sex == "female" else 0)
        personal_id = f"052{century}{born.year % 100:02d}{number:06d}"
        middle = "Thị" if sex == "female" else "Văn"
        name = f"Trần {middle} {_letters(number)}"
        body: dict[str, Any] = {
            "personal_id": personal_id,
            "full_name": name,
            "date_of_birth": born.isoformat(),
            "sex": sex,
            "marital_status": "single",
        }
        if home is not None:
            stay = {"kind": "permanent", "unit_code": home, "detail": "Thôn An Hòa", "valid_from": "2016-05-01"}
            body["residences"] = [stay]
        created(self.at("population").post("/v1/citizens", json=body))
        return Person(personal_id, name, born, sex)

    def household(self, head: Person, *others: tuple[Person, str]) -> str:
        """A household of these people, each with the relation to the head."""
        members = [{"personal_id": head.personal_id, "relation": "head"}]
        members += [{"personal_id": who.personal_id, "relation": relation} for who, relation in others]
        body = {"unit_code": COMMUNE, "detail": "Thôn An Hòa", "valid_from": "2020-01-01", "members": members}
        return str(created(self.at("population").post("/v1/households", json=body))["household_id"])

    def parcel(self, owner: Person, *, area: str = "120.5") -> dict[str, Any]:
        """A parcel of residential land with its certificate."""
        number = next(_numbers)
        body = {
            "unit_code": COMMUNE_NOW,
            "map_sheet": 12,
            "parcel_number": number,
            "area_m2": area,
            "land_uses": [{"code": "ONT", "area_m2": area}],
            "geohash": "w6vgt7c3x5p2",
            "holders": [{"personal_id": owner.personal_id, "name": owner.full_name}],
        }
        return created(self.at("land").post("/v1/parcels", json=body))

    def dies(self, who: Person, on: date | None = None) -> None:
        """Somebody dies, which the civil registry enters and the population data hears."""
        day = on or vn_date(datetime.now(UTC)) - timedelta(days=1)
        form = {
            "deceased": {**who.applicant, "sex": who.sex},
            "died_at": f"{day.isoformat()}T04:30:00+07:00",
            "place_of_death": "Tại nhà",
            "relation_of_applicant": "child",
        }
        self.until_ended(self.take_in("1.000656", self.person(), form))
        deadline = time.monotonic() + PATIENCE_S
        where, why = f"/v1/citizens/{who.personal_id}", {"X-Purpose": "1.000656"}
        while found(self.at("population").get(where, headers=why))["status"] != "deceased":
            assert time.monotonic() < deadline, "the population data has not heard of a death"
            time.sleep(LOOK_EVERY_S)

    def distrain(self, parcel_key: str) -> None:
        """The court lays its hand on a parcel (kê biên)."""
        body = {
            "kind": "distraint",
            "authority": "Chi cục Thi hành án dân sự",
            "document_number": "21/QĐ-CCTHADS",
            "document_date": vn_date(datetime.now(UTC)).isoformat(),
        }
        created(self.at("land").post(f"/v1/parcels/{parcel_key}/restrictions", json=body))

    # -- dossiers ------------------------------------------------------------------------------------------

    def take_in(self, procedure: str, who: Person, form: dict[str, Any]) -> str:
        """Hand in a dossier that systems carry out; its code."""
        body = {
            "procedure_code": procedure,
            "receiving_agency": self.agency,
            "channel": "direct",
            "applicant": who.applicant,
            "form": form,
            "handling": "systems",
        }
        return str(created(self.at("dossier").post("/v1/dossiers", json=body))["code"])

    def dossier(self, code: str) -> dict[str, Any]:
        return found(self.at("dossier").get(f"/v1/dossiers/{code}"))

    def run(self, code: str) -> dict[str, Any]:
        """How far the systems are, the steps by id."""
        run = found(self.at("dossier").get(f"/v1/dossiers/{code}/run"))
        return {**run, "steps": {task["step"]: task for task in run["tasks"]}}

    def until(self, code: str, condition: Callable[[dict[str, Any]], bool], what: str) -> dict[str, Any]:
        """The run once this holds of it."""
        deadline = time.monotonic() + PATIENCE_S
        while not condition(run := self.run(code)):
            assert time.monotonic() < deadline, f"{code}: waited for {what}, stands at {summary(run)}"
            time.sleep(LOOK_EVERY_S)
        return run

    def until_state(self, code: str, step: str, *states: str) -> dict[str, Any]:
        """The run once this step is in one of these states."""
        return self.until(code, lambda run: run["steps"][step]["state"] in states, f"{step} {'/'.join(states)}")

    def until_over(self, code: str) -> dict[str, Any]:
        """The run once it is over; what is to be paid on the way is paid."""
        while True:
            run = self.until(code, _wants_money_or_is_over, "its end")
            if run["outcome"] != "running":
                return run
            self.pay(code)

    def until_ended(self, code: str, outcome: str = "completed") -> dict[str, Any]:
        """The run once it is over, which has to be with this outcome."""
        run = self.until_over(code)
        assert run["outcome"] == outcome, summary(run)
        return run

    def statuses(self, code: str) -> list[int]:
        steps = found(self.at("dossier").get(f"/v1/dossiers/{code}/timeline"))["steps"]
        return [step["status"] for step in steps]

    def until_on_the_portal(self, code: str) -> list[int]:
        """The statuses the portal shows, once it shows as many as the dossier has."""
        deadline = time.monotonic() + PATIENCE_S
        while True:
            steps = found(self.at("dossier").get(f"/v1/dossiers/{code}/timeline"))["steps"]
            if all(step["sync"]["state"] == "acknowledged" for step in steps):
                return [step["status"] for step in steps]
            assert time.monotonic() < deadline, f"{code} is not on the portal: {steps[-1]['sync']}"
            time.sleep(LOOK_EVERY_S)

    def until_returned(self, code: str) -> list[int]:
        """The statuses the portal shows of a dossier whose run is over; what is still to be paid is paid."""
        if self.dossier(code)["status"] == 9:
            self.pay(code)
        return self.until_on_the_portal(code)

    def outcome_of(self, code: str) -> tuple[dict[str, Any], list[int]]:
        """The run once it is over and the statuses on the portal; as they stand, if that does not come about:
        among many dossiers each is to be judged by itself."""
        with contextlib.suppress(AssertionError):
            self.until_over(code)
            self.until_returned(code)
        return self.run(code), self.statuses(code)

    def followed(self, code: str, who: Person) -> dict[str, Any]:
        """The dossier as its owner sees it on the portal."""
        return found(
            self.at("portal").get(f"/api/v1/dossiers/{code}", headers={"X-Citizen-Proof": who.personal_id})
        )

    def act(self, code: str, action: str, **more: Any) -> dict[str, Any]:
        return found(self.at("dossier").post(f"/v1/dossiers/{code}/actions", json={"action": action, **more}))

    def pay(self, code: str) -> dict[str, Any]:
        return found(self.at("dossier").post(f"/v1/dossiers/{code}/payments", json={"online": True}))

    def taken_by(self, service: str, consumer: str) -> float:
        """How many events a consumer has applied so far."""
        pattern = f'truc_axis_consumed_total{{consumer="{consumer}",outcome="applied"}}'
        lines = self.at(service).get("/metrics").text.splitlines()
        return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(pattern))

    def until_taken(self, service: str, consumer: str, more_than: float) -> None:
        """Return when a consumer has applied more events than that."""
        deadline = time.monotonic() + PATIENCE_S
        while self.taken_by(service, consumer) <= more_than:
            assert time.monotonic() < deadline, f"{consumer} heard nothing"
            time.sleep(LOOK_EVERY_S)

    # -- ministries ----------------------------------------------------------------------------------------

    def persona(self, system: str, **persona: Any) -> None:
        """Tell a stand-in how to behave."""
        found(self.at("ministries").put(f"/v1/personas/{system}", json=persona))

    def script(self, system: str, code: str, *answers: dict[str, Any]) -> None:
        """What a stand-in is to say to this dossier's next tasks."""
        self.persona(system, script=[{"dossier": code, "answer": answer} for answer in answers])

    def play_fair(self, system: str) -> None:
        """A stand-in answers at once, by its own rules."""
        self.persona(system, accepts_first=True)


def _wants_money_or_is_over(run: dict[str, Any]) -> bool:
    return run["outcome"] != "running" or any(task["state"] == "awaits_payment" for task in run["tasks"])


def _is_ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/readyz", timeout=5, trust_env=False).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False


def created(response: httpx.Response) -> Any:
    assert response.status_code == httpx.codes.CREATED, response.text
    body = response.json()
    return body[0] if isinstance(body, list) else body


def found(response: httpx.Response) -> Any:
    assert response.status_code in (httpx.codes.OK, httpx.codes.CREATED), response.text
    return response.json()


def summary(run: dict[str, Any]) -> str:
    """A run in one line, for a test that fails."""
    tasks = ", ".join(f"{task['step']} {task['state']} {task['refusal'] or task['note']}" for task in run["tasks"])
    return f"{run['outcome']}: {tasks}"


def _letters(number: int) -> str:
    """A given name of its own for each number, of letters only."""
    syllables = ("An", "Bao", "Chi", "Dung", "Giang", "Hoa", "Khanh", "Lan", "Minh", "Nga")
    return " ".join(syllables[int(digit)] for digit in str(number))
