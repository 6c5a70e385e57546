"""Epochs of the feed, what desktops give back after a restore, erasures and holds (SYNC §6)."""

from sqlalchemy import Boolean, Column, Index, Table

from sync_server.store.tables.base import metadata, text, whole

# Each epoch began from another one at a seq; what the other one had above it may be lost.
epoch = Table(
    "epoch",
    metadata,
    text("epoch", key=True),
    text("parent"),
    whole("restored_seq"),
    whole("at"),
    text("reason"),  # restored, failover
)

# One row for each epoch that began with a loss.
recovery = Table(
    "recovery",
    metadata,
    text("epoch", key=True),
    text("state"),  # open, closed, released
    whole("opened_at"),
    whole("closed_at", null=True),
    whole("released_at", null=True),
    whole("alive_until"),  # until when the server that was lost is known to have lived
    whole("number_from"),  # official numbers up to this one may have been given out
)

# Acknowledged commands that desktops gave back, until they are judged once more.
returned_command = Table(
    "returned_command",
    metadata,
    text("id", key=True),
    text("epoch"),
    text("person"),
    text("device"),
    text("ticket"),
    text("kind"),
    text("body"),  # emptied when it is settled
    whole("seq"),
    text("number", null=True),
    Column("proven", Boolean, nullable=False),  # the server once signed what it said of it
    whole("at"),
    text("outcome"),  # empty: waits; else the status of the new verdict
    text("code"),
    Index("ix_returned_command_outcome", "outcome", "seq"),
)

# Tickets that desktops hold and the restored server does not, for review.
returned_row = Table(
    "returned_row",
    metadata,
    text("ticket", key=True),
    text("device", key=True),
    text("epoch"),
    text("person"),
    text("number", null=True),
    text("org"),
    text("line"),
    text("body"),  # the Put as that person saw it; emptied when it is settled
    whole("at"),
    text("outcome"),  # empty: waits for review; accepted, known, dropped
)

erasure = Table(
    "erasure",
    metadata,
    text("id", key=True),
    whole("at"),
    text("actor"),
    text("reason"),
    whole("tickets"),
)

# The ledger: hashes under the server's key, never the values; rows name what was emptied.
erased_value = Table(
    "erased_value",
    metadata,
    text("hash", key=True),
    text("erasure"),
    text("kind"),  # digits, words
    whole("length"),
    whole("at"),
)

erased_row = Table(
    "erased_row",
    metadata,
    text("ticket", key=True),
    text("row", key=True),  # "personal.KEY", "entry.ID", "ticket"
    text("erasure"),
    whole("at"),
)

legal_hold = Table(
    "legal_hold",
    metadata,
    text("id", key=True),
    text("ticket"),  # a ticket's id, or empty
    text("value_hash"),  # a customer's value as the ledger hashes it, or empty
    text("reason"),
    text("actor"),
    whole("at"),
    whole("lifted_at", null=True),
    Index("ix_legal_hold_ticket", "ticket"),
)
