"""The province's indicators and the legal clock, from events alone. Nobody counts by hand."""
