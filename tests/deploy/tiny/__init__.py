"""A service in a few lines, so that the runner can be tested with real processes: see `__main__`."""
