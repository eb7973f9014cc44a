"""Operators (người vận hành): who may look at the axis with a browser, what they may do, and what they did.

Read in the order: roles, passwords, models, schemas, failures, queries, commands, accounts, api.
"""
