"""What acts of the civil registry (hộ tịch) do to the population data. One file an act."""
