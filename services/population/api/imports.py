"""Routes of citizens in bulk: see `kit.importing.api`."""

from __future__ import annotations

from services.bus.kit.importing.api import import_router
from services.population.importing.citizens import REGISTRY

router = import_router(REGISTRY)
