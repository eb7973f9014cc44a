"""What changes the portal's database, split by use case: the province's calls, and what citizens do."""
