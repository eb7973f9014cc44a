"""The routes of the hub, one file a subject, gathered in `routers`."""

from services.bus.hub.api import keys, links, members, oauth, statements

routers = (oauth.router, members.router, keys.router, statements.router)
"""Members, tokens, keys and signed statements."""

of_the_ledger = (links.router,)
"""The latency ledger, where it is kept."""

__all__ = ["of_the_ledger", "routers"]
