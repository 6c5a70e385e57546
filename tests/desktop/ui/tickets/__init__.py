"""Tests of the ticket list, the ticket, and what is done to it."""
