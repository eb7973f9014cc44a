"""Reads of the dossier service. Each is a function from a transaction to what the API answers."""
