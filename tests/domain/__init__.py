"""Tests of domain, beside the same path."""
