"""Every event of the axis, one file a domain. Importing this package registers them all."""

from contracts.events import civil, dossier, land, population, portal, result, task

__all__ = ["civil", "dossier", "land", "population", "portal", "result", "task"]
