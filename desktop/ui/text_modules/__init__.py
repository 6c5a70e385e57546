"""Prepared texts for descriptions and replies: what fits comes first, filled in, kept as one's own (RULES §5)."""
