"""Routes: what an operator asks of the sync worker. For people and `truc`, not for speed."""

from gateway.sync.api import differences, lanes, letters, reconciliations, status

routers = [differences.router, status.router, lanes.router, letters.router, reconciliations.router]
