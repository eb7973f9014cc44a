"""Routes of the bulk import: see `kit.importing.api`."""

from __future__ import annotations

from services.bus.kit.importing.api import import_router
from services.registry.land.importing.parcels import REGISTRY

router = import_router(REGISTRY)
