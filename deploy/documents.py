"""Writes what is made from the code: the AsyncAPI document and every service's OpenAPI document into `contracts/`,
rules and dashboards into `deploy/observability/`.

`python -m deploy.documents` writes them; tests compare them with what the code says now.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from contracts import asyncapi
from deploy.observability import documents as observability

FOLDER = Path(__file__).parent.parent / "contracts"


def _apps() -> dict[str, Callable[[Path], FastAPI]]:
    from gateway.ministries.app import build as ministries
    from gateway.ministries.settings import MinistriesSettings
    from gateway.portal.app import build as portal
    from gateway.portal.settings import PortalSettings
    from gateway.sync.app import build as sync
    from gateway.sync.settings import SyncSettings
    from services.bus.hub.app import build as hub
    from services.bus.hub.settings import HubSettings
    from services.dossier.app import build as dossier
    from services.dossier.settings import DossierSettings
    from services.population.app import build as population
    from services.population.settings import PopulationSettings
    from services.registry.civil.app import build as civil
    from services.registry.civil.settings import CivilSettings
    from services.registry.land.app import build as land
    from services.registry.land.settings import LandSettings

    return {
        "hub": lambda folder: hub(HubSettings(data_dir=folder)),
        "portal": lambda folder: portal(PortalSettings(data_dir=folder)),
        "sync": lambda folder: sync(SyncSettings(data_dir=folder)),
        "population": lambda folder: population(PopulationSettings(data_dir=folder)),
        "dossier": lambda folder: dossier(DossierSettings(data_dir=folder)),
        "civil": lambda folder: civil(CivilSettings(data_dir=folder)),
        "land": lambda folder: land(LandSettings(data_dir=folder)),
        "ministries": lambda folder: ministries(MinistriesSettings(data_dir=folder)),
    }


def documents() -> dict[Path, dict[str, Any]]:
    """Every document by the file it belongs in."""
    found: dict[Path, dict[str, Any]] = {FOLDER / "asyncapi.json": asyncapi.document()}
    with tempfile.TemporaryDirectory() as folder:
        for name, build in _apps().items():
            found[FOLDER / "openapi" / f"{name}.json"] = build(Path(folder)).openapi()
    return found


def text(document: dict[str, Any]) -> str:
    """The document as it stands in its file."""
    return json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def main() -> None:
    for path, document in documents().items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text(document), "utf-8")
    for path, content in observability.documents().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, "utf-8")


if __name__ == "__main__":
    main()
