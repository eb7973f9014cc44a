"""Changes of the civil registry, one file an act. Each is a plain function of a transaction: checks, then writes,
then what is announced.
"""
