"""Tickets and their children, and what commands made of them."""

from sqlalchemy import Boolean, Column, Index, Table, UniqueConstraint
from sqlalchemy import text as sql_text

from sync_server.store.tables.base import metadata, text, whole

ticket = Table(
    "ticket",
    metadata,
    text("id", key=True),
    whole("rev"),
    text("number", null=True),
    text("provisional", null=True),
    text("type"),
    text("status"),
    text("priority"),
    text("category", null=True),
    text("template"),
    whole("template_version"),
    text("org"),
    text("line"),
    text("team", null=True),
    text("assignee", null=True),
    text("creator", null=True),
    text("cc"),
    text("tags"),
    text("requester"),
    text("channel"),
    text("subject"),
    text("fields"),
    text("hold_reason", null=True),
    whole("hold_until", null=True),
    whole("created_at"),
    whole("updated_at"),
    whole("sent_at", null=True),
    whole("taken_at", null=True),
    whole("resolved_at", null=True),
    whole("closed_at", null=True),
    text("policy", null=True),
    whole("policy_version"),
    whole("due_at", null=True),
    text("due_metric", null=True),
    text("sla_state"),
    whole("sla_remaining_s", null=True),
    whole("soon_at", null=True),
    whole("mark", default=0),  # random, of this revision: what digests are summed from
    text("customer", null=True),
    text("order_no", null=True),
    text("tier", default=""),
    whole("task_due_at", null=True),
    text("parent", null=True),
    text("merged_into", null=True),
    text("node", default=""),
    text("links", default="[]"),
    text("flow", null=True),
    text("urged", null=True),
    UniqueConstraint("number"),
    Index("ix_ticket_org_id", "org", "id"),
    # With their ids: a person's own tickets come by pages, in that order.
    Index("ix_ticket_assignee_id", "assignee", "id"),
    Index("ix_ticket_creator_id", "creator", "id"),
    Index("ix_ticket_provisional", "provisional"),
    Index("ix_ticket_created_at", "created_at"),
    Index("ix_ticket_resolved_at", "resolved_at"),
    Index("ix_ticket_closed_at", "closed_at"),
    Index("ix_ticket_status_created_at", "status", "created_at"),
    Index("ix_ticket_parent", "parent"),
    Index("ix_ticket_customer", "customer"),
    # What people hold, for routing.
    Index(
        "ix_ticket_held",
        "assignee",
        "priority",
        postgresql_where=sql_text("status IN ('new', 'open')"),
        sqlite_where=sql_text("status IN ('new', 'open')"),
    ),
)

# Who follows a ticket, as rows, so that scope can be asked by person; written with the ticket's `cc`.
ticket_cc = Table(
    "ticket_cc",
    metadata,
    text("ticket", key=True),
    text("person", key=True),
    Index("ix_ticket_cc_person_ticket", "person", "ticket"),
)

entry = Table(
    "entry",
    metadata,
    text("id", key=True),
    text("ticket"),
    whole("rev"),
    text("kind"),
    whole("at"),
    whole("known_at"),
    text("person", null=True),
    text("field_class"),
    text("body", null=True),
    text("detail"),
    Column("erased", Boolean, nullable=False),
    Index("ix_entry_ticket_rev", "ticket", "rev"),
    Index("ix_entry_kind_at", "kind", "at"),
)

personal = Table(
    "personal",
    metadata,
    text("ticket", key=True),
    text("key", key=True),
    whole("rev"),
    text("field_class"),
    text("value", null=True),
    Column("masked", Boolean, nullable=False),
    Column("erased", Boolean, nullable=False),
    Index("ix_personal_key_value", "key", "value"),
)

# Verdicts stand with their effect; a hash of the command, never its text (SYNC §4).
verdict = Table(
    "verdict",
    metadata,
    text("command", key=True),
    text("content_hash"),
    text("person", null=True),
    text("device"),
    text("ticket"),
    text("kind"),
    text("status"),
    whole("seq"),
    whole("rev"),
    text("number", null=True),
    text("code"),
    text("message"),
    text("conflicts"),  # JSON array of keys
    whole("at"),
    Index("ix_verdict_status", "status"),
    Index("ix_verdict_at", "at"),
)

# What was imported from where, so that an import may be run again.
imported = Table(
    "imported",
    metadata,
    text("source", key=True),
    text("key", key=True),
    text("id"),
)
