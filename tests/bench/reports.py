"""The overview over a chain of any size: `python3 -m tests.bench.reports TICKETS`."""
