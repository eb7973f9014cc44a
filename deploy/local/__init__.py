"""How the axis runs on one machine: the table of processes, their secrets, the broker, the supervisor.

`topology` says what there is, `plan` turns it into commands and environments, `supervisor` keeps them
running, and `runner` puts the three together. Nothing here knows what a dossier is.
"""
