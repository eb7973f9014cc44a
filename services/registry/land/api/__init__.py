"""The routes of the land registry, one file a subject, gathered in `routers`."""

from services.registry.land.api import certificates, changes, imports, parcels, restrictions
from services.registry.land.vbdlis import api as vbdlis

routers = (
    parcels.router,
    changes.router,
    restrictions.router,
    certificates.router,
    imports.router,
    vbdlis.router,
)
"""Every router of the service."""

__all__ = ["routers"]
