"""Digitised books on their way in: what `kit.importing` does not know of them.

`sheets` reads rows (in the second process), `checks` what a row cannot say, `rows` what it becomes, `books` which
numbers are taken already and where the rows are written.
"""
