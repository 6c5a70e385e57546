"""Messages to the world outside: what waits to be sent, each attempt, and where people are reached."""

from sqlalchemy import Boolean, Column, Index, Integer, Table

from sync_server.store.tables.base import metadata, text, whole

# States: waiting, sending (claimed until `due_at`), sent, failed, dropped. The id names rule, ticket, revision,
# recipient and channel, so that the same message is never queued twice.
delivery = Table(
    "delivery",
    metadata,
    text("id", key=True),
    text("rule"),
    text("ticket"),
    whole("rev"),
    text("to_kind"),  # person, customer, address
    text("recipient"),
    text("channel"),
    text("template"),
    text("args"),
    Column("urgent", Boolean, nullable=False),
    text("state"),
    Column("attempts", Integer, nullable=False),
    whole("due_at"),
    whole("at"),
    whole("ended_at", null=True),
    text("outcome"),
    Index("ix_delivery_state_due_at", "state", "due_at"),
    Index("ix_delivery_ticket", "ticket"),
)

# One row for each attempt; an outcome that stays empty was cut short, and nobody knows what became of it.
delivery_attempt = Table(
    "delivery_attempt",
    metadata,
    text("delivery", key=True),
    Column("n", Integer, primary_key=True, autoincrement=False),
    text("channel"),
    whole("at"),
    whole("ended_at", null=True),
    text("outcome"),
    Index("ix_delivery_attempt_channel_at", "channel", "at"),
)

# Where a person is reached: kind is email, phone, wecom, dingtalk, feishu, wechat or language.
contact = Table("contact", metadata, text("person", key=True), text("kind", key=True), text("address"))
