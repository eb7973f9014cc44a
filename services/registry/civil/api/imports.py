"""Routes of digitised books: see `kit.importing.api`."""

from __future__ import annotations

from services.bus.kit.importing.api import import_router
from services.registry.civil.importing.books import REGISTRY

router = import_router(REGISTRY)
