"""Tests of the sign-in window."""
