"""Routes: what an operator asks of the sync worker. For people and `truc`, not for speed."""

from gateway.sync.api import lanes, letters, reconciliations, status

routers = [status.router, lanes.router, letters.router, reconciliations.router]
