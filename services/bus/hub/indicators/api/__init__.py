"""The routes of the indicators and the legal clock, gathered in `routers`."""

from services.bus.hub.indicators.api import clock, figures

routers = (figures.router, clock.router)

__all__ = ["routers"]
