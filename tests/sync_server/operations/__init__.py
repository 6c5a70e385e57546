"""Tests of sync_server/operations, beside the same path."""
