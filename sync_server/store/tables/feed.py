"""The change feed and the counters."""

from sqlalchemy import BigInteger, Column, Integer, Table

from sync_server.store.tables.base import metadata, text, whole

# The feed (SYNC §1): one counter row, taken last in every writing transaction.
feed_head = Table(
    "feed_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    text("epoch"),
    whole("seq"),
    whole("floor"),
    whole("compacted_to"),
    whole("keep_since", default=0),  # tickets closed before it are not kept on desktops; never goes back
)

change = Table(
    "change",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    text("nonce"),
    text("entity"),  # ticket, notice, or a kind of configuration
    text("entity_id"),
    whole("rev_from"),
    whole("rev_to"),
    text("org_old"),
    text("line_old"),
    text("org_new"),
    text("line_new"),
    text("people"),  # JSON array: who joined or left
    whole("at"),
)

# One row for each counter that is not the feed's: versions of tree and configuration, the next ticket number.
counter = Table("counter", metadata, text("name", key=True), whole("value"))
