"""Tests of sync_server, beside the same path."""
