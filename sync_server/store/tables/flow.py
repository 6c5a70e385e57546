"""What is due at the nodes of flows."""

from sqlalchemy import Column, Index, Integer, Table

from sync_server.store.tables.base import metadata, text, whole

# A deadline, a time-out or a timer of one visit of a node; claimed until an instant by one of any number of workers.
flow_due = Table(
    "flow_due",
    metadata,
    text("ticket", key=True),
    text("node", key=True),
    Column("visit", Integer, primary_key=True, autoincrement=False),
    text("act", key=True),  # late, time_out, fire
    whole("due_at"),
    whole("claimed_until", default=0),
    Index("ix_flow_due_due_at", "due_at"),
)
