"""What changes the land registry. A command is a function of a transaction: it checks first, then writes, then
announces; it keeps no clock and touches nothing outside its transaction.
"""
