"""Parcels in bulk, with their holders and certificates: what `kit.importing` does not know of them.

`sheets` reads lines (in the second process) by `fields` and `owners`, `rows` is what they become, `parcels` says
which are there already. No events are announced: a parcel that came in bulk is at version 0, and its first change
is what the axis hears.
"""
