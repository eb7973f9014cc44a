"""Every event of the axis, one file a domain. Importing this package registers them all."""

from contracts.events import dossier, population, portal, task

__all__ = ["dossier", "population", "portal", "task"]
