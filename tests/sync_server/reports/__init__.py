"""Measures against figures counted by hand."""
