"""Reads, split by who asks: the worker that loads what waits, the operator, the reconciliation."""
