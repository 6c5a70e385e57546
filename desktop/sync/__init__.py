"""Pulls the feed, pushes the outbox, off the window's thread."""
