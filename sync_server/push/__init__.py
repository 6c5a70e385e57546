"""Commands in: deduplicated, decided, written, fed and committed."""
