"""Signed electronic results: issued, kept for their owner, used again, verified by anybody."""
