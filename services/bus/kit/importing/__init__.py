"""Bulk imports: a file comes in, thousands of rows a commit, each commit with the position behind it.

    bytes ─► whole lines (`pieces`) ─► the second process (`second`, `child`): `lines`, `sheet` ─► `commands`
                                        decodes, checks, builds what is written       one commit a piece

A registry brings its sheets (columns, checks, what a row becomes) and says which rows are taken already. Memory is
flat: no more of a file is here than three pieces and a line.
"""
