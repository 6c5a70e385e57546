"""Leases: for how long a device may read what it holds without hearing from the server (SYNC §7)."""

from domain.entities.base import Entity

DEFAULT_ROLE = "default"
"""The id of the policy for every role without one of its own."""
MOST_DAYS = 365


class LeasePolicy(Entity):
    """How long a role's devices may read without the server, and how many days before its end they warn."""

    id: str  # a role, or DEFAULT_ROLE
    days: int = 14
    warn_days: int = 3
