"""The server's tables, alike on SQLite and PostgreSQL; JSON stands in text columns and goes out unparsed."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    }
)


def _text(name: str, *, key: bool = False, null: bool = False, index: bool = False) -> Column[str]:
    return Column(name, Text, primary_key=key, nullable=null and not key, index=index)


def _whole(name: str, *, null: bool = False, default: int | None = None) -> Column[int]:
    return Column(name, BigInteger, nullable=null, default=default)


# The feed (SYNC §1): one counter row, taken last in every writing transaction.
feed_head = Table(
    "feed_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    _text("epoch"),
    _whole("seq"),
    _whole("floor"),
    _whole("compacted_to"),
)

change = Table(
    "change",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    _text("nonce"),
    _text("entity"),  # ticket, notice, or a kind of configuration
    _text("entity_id"),
    _whole("rev_from"),
    _whole("rev_to"),
    _text("org_old"),
    _text("line_old"),
    _text("org_new"),
    _text("line_new"),
    _text("people"),  # JSON array: who joined or left
    _whole("at"),
)

# One row for each counter that is not the feed's: versions of tree and configuration, the next ticket number.
counter = Table("counter", metadata, _text("name", key=True), _whole("value"))

ticket = Table(
    "ticket",
    metadata,
    _text("id", key=True),
    _whole("rev"),
    _text("number", null=True),
    _text("provisional", null=True),
    _text("type"),
    _text("status"),
    _text("priority"),
    _text("category", null=True),
    _text("template"),
    _whole("template_version"),
    _text("org"),
    _text("line"),
    _text("team", null=True),
    _text("assignee", null=True),
    _text("creator", null=True),
    _text("cc"),
    _text("tags"),
    _text("requester"),
    _text("channel"),
    _text("subject"),
    _text("fields"),
    _text("hold_reason", null=True),
    _whole("hold_until", null=True),
    _whole("created_at"),
    _whole("updated_at"),
    _whole("sent_at", null=True),
    _whole("taken_at", null=True),
    _whole("resolved_at", null=True),
    _whole("closed_at", null=True),
    _text("policy", null=True),
    _whole("policy_version"),
    _whole("due_at", null=True),
    _text("due_metric", null=True),
    _text("sla_state"),
    _whole("sla_remaining_s", null=True),
    _whole("soon_at", null=True),
    UniqueConstraint("number"),
    Index("ix_ticket_org_id", "org", "id"),
    Index("ix_ticket_assignee", "assignee"),
    Index("ix_ticket_creator", "creator"),
    Index("ix_ticket_provisional", "provisional"),
    Index("ix_ticket_created_at", "created_at"),
    Index("ix_ticket_resolved_at", "resolved_at"),
    Index("ix_ticket_closed_at", "closed_at"),
    Index("ix_ticket_status_created_at", "status", "created_at"),
)

# Who follows a ticket, as rows, so that scope can be asked by person; written with the ticket's `cc`.
ticket_cc = Table(
    "ticket_cc",
    metadata,
    _text("ticket", key=True),
    _text("person", key=True),
    Index("ix_ticket_cc_person", "person"),
)

entry = Table(
    "entry",
    metadata,
    _text("id", key=True),
    _text("ticket"),
    _whole("rev"),
    _text("kind"),
    _whole("at"),
    _whole("known_at"),
    _text("person", null=True),
    _text("field_class"),
    _text("body", null=True),
    _text("detail"),
    Column("erased", Boolean, nullable=False),
    Index("ix_entry_ticket_rev", "ticket", "rev"),
    Index("ix_entry_kind_at", "kind", "at"),
)

personal = Table(
    "personal",
    metadata,
    _text("ticket", key=True),
    _text("key", key=True),
    _whole("rev"),
    _text("field_class"),
    _text("value", null=True),
    Column("masked", Boolean, nullable=False),
    Column("erased", Boolean, nullable=False),
    Index("ix_personal_key_value", "key", "value"),
)

# Verdicts stand with their effect; a hash of the command, never its text (SYNC §4).
verdict = Table(
    "verdict",
    metadata,
    _text("command", key=True),
    _text("content_hash"),
    _text("person", null=True),
    _text("device"),
    _text("ticket"),
    _text("kind"),
    _text("status"),
    _whole("seq"),
    _whole("rev"),
    _text("number", null=True),
    _text("code"),
    _text("message"),
    _text("conflicts"),  # JSON array of keys
    _whole("at"),
    Index("ix_verdict_status", "status"),
    Index("ix_verdict_at", "at"),
)

org_unit = Table(
    "org_unit",
    metadata,
    _text("id", key=True),
    _text("parent", index=True),
    _text("name"),
    _text("kind"),
    _text("code"),
    _text("pinyin"),
    Column("latitude", Float),
    Column("longitude", Float),
    _text("address"),
    _whole("version"),
    # Preorder position and end of the subtree: everything below is one range.
    _whole("pos"),
    _whole("end"),
    Index("ix_org_unit_pos", "pos"),
    Index("ix_org_unit_code", "code"),
)

person = Table(
    "person",
    metadata,
    _text("id", key=True),
    _text("login"),
    _text("name"),
    _text("unit"),
    _text("pinyin"),
    _text("superior"),
    Column("active", Boolean, nullable=False),
    _text("password_hash"),
    _whole("grants_version"),
    _whole("version"),
    _whole("failed_sign_ins"),
    _whole("locked_until"),
    UniqueConstraint("login"),
)

grant = Table(
    "access_grant",
    metadata,
    _text("id", key=True),
    _text("person", index=True),
    _text("role"),
    _text("unit"),
    _text("line"),
    Column("level", Integer, nullable=False),
    Column("classes", Integer, nullable=False),
)

device = Table(
    "device",
    metadata,
    _text("id", key=True),
    _text("person", index=True),
    _text("name"),
    _text("code"),  # the replica code shown in provisional numbers
    _whole("registered_at"),
    _whole("seen_at"),
    _whole("push_no"),
    _text("push_hash"),  # of the command ids of that push: a repeat of it is no copy
    Column("revoked", Boolean, nullable=False),
    UniqueConstraint("code"),
)

token = Table(
    "token",
    metadata,
    _text("hash", key=True),
    _text("device", index=True),
    _text("person"),
    _text("kind"),  # access, refresh
    _text("parent"),  # the hash of the refresh token it was given for; empty after a sign-in
    _whole("expires_at"),
    _whole("used_at", null=True),
    Index("ix_token_parent", "parent"),
)

# A replica's key, sealed with the server's secret, given back after sign-in (SYNC §7).
replica_key = Table(
    "replica_key",
    metadata,
    _text("device", key=True),
    _text("person"),
    _text("sealed"),
    _whole("at"),
)

config = Table(
    "config",
    metadata,
    _text("kind", key=True),
    _text("id", key=True),
    Column("version", BigInteger, primary_key=True, autoincrement=False),
    Column("deleted", Boolean, nullable=False),
    _text("audience"),  # everyone, server
    _text("body"),
    _whole("at"),
    _text("person", null=True),
)

# A cache for reports and the sweep; the truth is rules.sla over the timeline.
sla_clock = Table(
    "sla_clock",
    metadata,
    _text("ticket", key=True),
    _text("metric", key=True),
    Column("cycle", Integer, primary_key=True, autoincrement=False),
    _text("state"),
    _whole("started_at", null=True),
    _whole("due_at", null=True),
    _whole("stopped_at", null=True),
    _whole("elapsed_s"),
    Column("breached", Boolean, nullable=False),
    Index("ix_sla_clock_metric_stopped_at", "metric", "stopped_at"),
)

# Work with a due time, claimed by any number of workers; each (ticket, metric, cycle, step) fires once.
sla_step = Table(
    "sla_step",
    metadata,
    _text("ticket", key=True),
    _text("metric", key=True),
    Column("cycle", Integer, primary_key=True, autoincrement=False),
    _text("step", key=True),
    _whole("due_at"),
    _whole("fired_at", null=True),
    Index("ix_sla_step_fired_at_due_at", "fired_at", "due_at"),
)

notice = Table(
    "notice",
    metadata,
    _text("id", key=True),
    _text("person"),
    _text("ticket"),
    _text("kind"),
    _text("detail"),
    _whole("at"),
    Index("ix_notice_person_at", "person", "at"),
    UniqueConstraint("person", "ticket", "kind", "at"),
)

# What was imported from where, so that an import may be run again.
imported = Table(
    "imported",
    metadata,
    _text("source", key=True),
    _text("key", key=True),
    _text("id"),
)

audit = Table(
    "audit",
    metadata,
    _text("id", key=True),
    _whole("at"),
    _text("person", null=True),
    _text("device"),
    _text("address"),
    _text("action"),
    _text("detail"),
    Index("ix_audit_at", "at"),
)
