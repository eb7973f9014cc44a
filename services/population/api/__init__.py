"""The routes of the population service, one file a subject, gathered in `routers`."""

from services.population.api import checks, citizens, households, log

routers = (citizens.router, households.router, checks.router, log.router)
"""Every router of the service."""

__all__ = ["routers"]
