"""What a Prometheus on this machine is told of a run: where its services are, and where the rules lie."""

from __future__ import annotations

import json
from pathlib import Path

from deploy.local.layout import Layout
from deploy.local.runner import Options, prepare
from deploy.local.topology import PROCESSES


def test_every_service_is_a_target_with_its_name(layout: Layout) -> None:
    plan = prepare(Options(layout, 18_000))
    targets = json.loads((layout.watching / "targets.json").read_text("utf-8"))
    told = {each["labels"]["process"]: each["targets"] for each in targets}
    assert told == {launch.name: [f"127.0.0.1:{launch.port}"] for launch in plan.services}
    assert told.keys() == {process.name for process in PROCESSES}


def test_the_configuration_names_the_targets_and_rules_that_are_there(layout: Layout) -> None:
    prepare(Options(layout, 18_000))
    told = json.loads((layout.watching / "prometheus.yml").read_text("utf-8"))
    [job] = told["scrape_configs"]
    assert job["job_name"] == "truc"
    assert job["file_sd_configs"][0]["files"] == [str(layout.watching / "targets.json")]
    [pattern] = told["rule_files"]
    assert len(list(Path(pattern).parent.glob(Path(pattern).name))) == 2
