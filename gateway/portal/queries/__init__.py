"""Reads, split by who asks: the province on the wire, a citizen, and whoever proves that nothing got lost."""
