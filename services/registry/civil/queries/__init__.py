"""Reads of the civil registry, one file a subject."""
