"""The routes of electronic results, one file a subject, gathered in `routers`."""

from services.dossier.results.api import dossiers, owners, pages, results, verifications

routers = (results.router, owners.router, dossiers.router, verifications.router, pages.router)
"""Every router of the room."""

__all__ = ["routers"]
