"""Tickets as people meet them: the list, the ticket, and what is done to it."""
