"""Tests of its windows."""
