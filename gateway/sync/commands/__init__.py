"""Changes, split by what brings them: the portal's answers, citizens, operators, reconciliations."""
