"""Attachments: who uploaded which content, and where it is referred to; the bytes stand in files (SYNC §7)."""

from sqlalchemy import Index, Table

from sync_server.store.tables.base import metadata, text, whole

# One row for each person's own upload of a content, so that nobody learns what others have uploaded.
blob = Table(
    "blob",
    metadata,
    text("hash", key=True),
    text("person", key=True),
    whole("size"),
    text("state"),  # partial, whole
    whole("at"),  # last begun or continued; when it became whole
    text("device"),
    Index("ix_blob_state_at", "state", "at"),
    Index("ix_blob_person", "person"),
)

# Written with the timeline row that holds the reference; `person` is that row's author.
blob_use = Table(
    "blob_use",
    metadata,
    text("entry", key=True),
    text("hash", key=True),
    text("ticket"),
    text("field_class"),
    text("person"),
    whole("size"),
    Index("ix_blob_use_hash_ticket", "hash", "ticket"),
    Index("ix_blob_use_ticket", "ticket"),
)
