"""Bulk import of parcels with their holders and certificates: CSV or JSON Lines, one line a parcel.

bytes ─► lines ─► rows checked (in a thread) ─► a chunk in one commit, with the position ─► the next chunk

What is committed stays; an import that breaks off goes on at the byte it stands at. A bad line is kept with its
number, field and rule, and nothing of it is taken. No events are announced: a parcel that came in bulk is at
version 0, and its first change is what the axis hears.
"""
