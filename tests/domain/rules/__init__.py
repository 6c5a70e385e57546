"""Tests of domain/rules, beside the same path."""
