"""Work that comes due."""
