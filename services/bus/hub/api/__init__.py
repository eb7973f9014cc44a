"""The routes of the hub, one file a subject, gathered in `routers`."""

from services.bus.hub.api import keys, members, oauth

routers = (oauth.router, members.router, keys.router)
"""Every router of the service."""

__all__ = ["routers"]
