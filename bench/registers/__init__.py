"""Registers of a million records: families, the rows they leave in each registry, and how the rows get in."""
