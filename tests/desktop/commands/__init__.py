"""One gesture each, run against a real replica."""
