"""Tests, mirroring the source, and the developer's tools that are run with -m."""
