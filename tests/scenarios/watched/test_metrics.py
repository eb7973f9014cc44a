"""Every figure that is asked for is there, and labels stay few whatever is asked of the services."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from deploy.local.topology import PROCESSES
from deploy.observability.dashboards import DASHBOARDS
from deploy.observability.objectives import RECORDED, recordings
from deploy.observability.panels import Panel
from deploy.observability.rules import all_alerts
from services.bus.kit.trace import trace_id_of
from tests.scenarios.province import Person, Province
from tests.scenarios.watched.playing import PLANTED, Watched

pytestmark = [pytest.mark.scenario, pytest.mark.timeout(300)]


def scraped(province: Province) -> dict[str, str]:
    return {process.name: found_text(province, process.name) for process in PROCESSES}


def found_text(province: Province, name: str, accept: str = "text/plain") -> str:
    answer = province.at(name).get("/metrics", headers={"Accept": accept})
    assert answer.status_code == httpx.codes.OK
    return answer.text


def names_in(text: str) -> set[str]:
    """Every name a query may use: families, and the series of histograms."""
    names = set()
    for family in text_string_to_metric_families(text):
        names.add(family.name)
        if family.type == "counter":
            names.add(f"{family.name}_total")
        if family.type == "histogram":
            names |= {f"{family.name}{suffix}" for suffix in ("_bucket", "_count", "_sum")}
    return names


LABELS = re.compile(r"\{[^}]*\}|by \([^)]*\)|on \([^)]*\)")
NAME = re.compile(r"(?<![\w:$\"{])((?:truc|process)_[a-z_]+|truc:[a-z0-9_:]+)(?![\w:(\"])")


def asked_for() -> dict[str, set[str]]:
    """The names in every query there is, by where it stands."""
    asked = {alert.name: alert.query for alert in all_alerts()}
    asked |= dict(recordings())
    for dashboard in DASHBOARDS:
        for part in dashboard.parts:
            for number, query in enumerate(part.queries if isinstance(part, Panel) else ()):
                asked[f"{dashboard.uid}: {part.title.en} {number}"] = query.expr
        for choice in dashboard.choices:
            asked[f"{dashboard.uid}: {choice.title.en}"] = choice.metric
    return {where: set(NAME.findall(LABELS.sub("", query))) for where, query in asked.items()}


def test_every_metric_that_is_asked_for_is_there(watched: Watched) -> None:
    there = set().union(*map(names_in, scraped(watched.province).values()))
    there |= {name for name, _ in recordings()}
    asked = asked_for()
    assert len(set().union(*asked.values())) > 40
    missing = {where: names - there for where, names in asked.items() if names - there}
    assert missing == {}
    assert set(RECORDED.values()) <= there


def test_every_process_shows_what_every_process_has(watched: Watched) -> None:
    everywhere = {"truc_commit_seconds_count", "truc_http_request_seconds_count", "truc_disk_free_bytes"}
    on_axis = {"truc_axis_connected", "truc_axis_outbox_waiting", "truc_axis_held_events", "truc_axis_parked_keys"}
    for name, text in scraped(watched.province).items():
        lines = [line for line in text.splitlines() if not line.startswith("#")]
        series = {re.split(r"[{ ]", line)[0] for line in lines}
        assert everywhere <= series, name
        assert on_axis & series == (on_axis if name != "portal" else set()), name
        assert [line for line in lines if "truc_scrape_failures" in line] == [], name


def test_exemplars_lead_to_the_trace_in_openmetrics_only(watched: Watched) -> None:
    accept = "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.1"
    answer = watched.province.at("sync").get("/metrics", headers={"Accept": accept})
    assert answer.headers["content-type"].startswith("application/openmetrics-text")
    assert answer.text.endswith("# EOF\n")
    traces = set(re.findall(r'# \{trace_id="([0-9a-f]{32})"\}', answer.text))
    assert traces & {trace_id_of(watched.by_hand), trace_id_of(watched.by_systems)}
    assert "trace_id" not in found_text(watched.province, "sync")
    for odd in ("application/openmetrics-text; version=x", "*/*", "text/html", ""):
        assert watched.province.at("sync").get("/metrics", headers={"Accept": odd}).status_code == httpx.codes.OK


def label_sets(texts: dict[str, str]) -> dict[str, set[str]]:
    """The label sets of each process."""
    return {
        name: {line.rpartition(" ")[0] for line in text.splitlines() if line.startswith("truc_")}
        for name, text in texts.items()
    }


def test_labels_are_few_whatever_is_asked(watched: Watched) -> None:
    """The same kinds of requests again, about 150 other dossiers, people and addresses, make no new label set."""
    province = watched.province

    def drive(numbers: range) -> None:
        dossier, population = province.at("dossier"), province.at("population")
        for number in numbers:
            code = f"H08-230101-{number:04d}"
            dossier.get(f"/v1/dossiers/{code}")
            dossier.get(f"/v1/dossiers/{code}/timeline")
            dossier.post(f"/v1/dossiers/{code}/actions", json={"action": "start"})
            dossier.request(f"X{number}", f"/v1/dossiers/{number}")
            dossier.get(f"/nowhere/{number}")
            population.get(f"/v1/citizens/0521950{number:05d}", headers={"X-Purpose": f"{number}"})
            province.at("portal").post("/mapi/g", json={"service": f"Verb{number}"})
            province.at("hub").post("/oauth/token", data={"grant_type": f"g{number}", "client_id": f"c{number}"})
        codes = [province.take_in("1.000656", person, form_of(person)) for person in people_of(province, numbers)]
        for code in codes[:3]:
            province.until_on_the_portal(code)

    drive(range(1, 9))
    before = label_sets(scraped(province))
    drive(range(100, 250))
    after = label_sets(scraped(province))
    new = {name: sorted(after[name] - before[name]) for name in after}
    assert {name: sets for name, sets in new.items() if [each for each in sets if not allowed(each)]} == {}
    assert sum(map(len, after.values())) < 8_000
    for sets in after.values():
        text = "\n".join(sets)
        assert not re.search(r"H08[.-][\d.]*-?\d{6}-\d{4}|\b0521950\d{5}\b", text)
        assert [each for each in PLANTED if each in text] == []


def allowed(series: str) -> bool:
    """A label set may be new because something happens for the first time; what it may hold is a closed list."""
    return "status=" in series or "outcome=" in series or "link=" in series or "subject=" in series


def people_of(province: Province, numbers: range) -> list[Person]:
    return [province.person() for _ in list(numbers)[:8]]


def form_of(person: Person) -> dict[str, Any]:
    return {
        "deceased": {**person.applicant, "sex": person.sex},
        "died_at": "2026-05-02T04:30:00+07:00",
        "place_of_death": "Tại nhà",
        "relation_of_applicant": "child",
    }
