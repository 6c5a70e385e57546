"""Benchmarks: `python3 dev.py bench NAME [--json]`; each prints the machine's own limit beside its figure."""
