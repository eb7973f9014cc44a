"""The routes of the population service, one file a subject, gathered in `routers`."""

from services.population.api import checks, citizens, households, imports, log, residences, units

routers = (
    citizens.router,
    imports.router,
    residences.router,
    households.router,
    units.router,
    checks.router,
    log.router,
)
"""Every router of the service."""

__all__ = ["routers"]
