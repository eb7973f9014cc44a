"""What the population service reads: records for checks, citizens, households, the log.

A query changes nothing, not even the log: whoever shows personal data goes through `commands.lookups`.
"""
