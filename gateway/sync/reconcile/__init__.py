"""Compares what the province, the axis and the portal hold of every dossier.

`streams` reads the three sides sorted by code, `compare` says what differs in one dossier, `job` runs the
whole with flat memory and keeps what it found.
"""
