"""The routes of the civil registry, one file a subject, gathered in `routers`."""

from services.registry.civil.api import acts, duplicates, imports, lookups, records

routers = (acts.router, records.router, duplicates.router, imports.router, lookups.router)
"""Every router of the service."""

__all__ = ["routers"]
