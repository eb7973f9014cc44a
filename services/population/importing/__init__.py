"""Citizens by the thousand: what `kit.importing` does not know of them.

`sheets` reads lines (in the second process), with the rules and rows of the ordinary registration; `citizens` says
which are taken already, and where the rows are written.
"""
