"""The registries of the province: civil (hộ tịch) and land (đất đai). Each becomes a service of its own here."""
