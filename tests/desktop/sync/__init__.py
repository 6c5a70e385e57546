"""Tests of the exchange with the server."""
