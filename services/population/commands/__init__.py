"""What changes the population data, and every look at them that leaves a line in the log.

A command is a function of a transaction: it checks first, then writes, then announces. It keeps no clock and
touches nothing outside its transaction.
"""
