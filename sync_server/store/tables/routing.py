"""Routing: who was given a ticket last, and which tickets wait for somebody."""

from sqlalchemy import Index, Table

from sync_server.store.tables.base import metadata, text, whole

routing_turn = Table("routing_turn", metadata, text("person", key=True), whole("at"))

# A ticket that nobody could be given: looked at again when it is due, which survives a restart.
routing_wait = Table(
    "routing_wait",
    metadata,
    text("ticket", key=True),
    text("rule"),
    text("team"),
    text("people"),  # JSON: the only ones who may get it; none: the team's members
    text("how"),
    text("skills"),  # JSON
    whole("relax_at", null=True),  # from when on the skills are not needed
    whole("since_at"),
    whole("due_at"),
    Index("ix_routing_wait_due_at", "due_at"),
    Index("ix_routing_wait_team", "team"),
)
