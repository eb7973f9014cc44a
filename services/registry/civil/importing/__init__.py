"""Digitised books on their way in: lines of a file become rows, rows become records, thousands at a time.

bytes ──► whole lines ──► `reader` (CSV, JSON Lines) ──► checked rows and bad lines ──► `commands.imports`
"""
