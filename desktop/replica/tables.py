"""The replica's tables. JSON stands in text columns and is parsed only where it is looked at."""

from typing import Any

from sqlalchemy import (
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    text,
)
from sqlalchemy.ext.compiler import compiles

metadata = MetaData()

# Tickets come newest first. Kept in that order they are appended, and pages stay full: half the size on disk.
_NEWEST_FIRST = {"newest_first": True}


@compiles(PrimaryKeyConstraint, "sqlite")
def _primary_key(constraint: PrimaryKeyConstraint, compiler: Any, **options: Any) -> str:
    """Let the first column of a key run downwards where the table says so."""
    made: str = compiler.visit_primary_key_constraint(constraint, **options)
    if not made or not constraint.table.info.get("newest_first"):
        return made
    first = constraint.columns[0].name
    return made.replace(f"({first}", f"({first} DESC", 1)


def _text(name: str, *, key: bool = False, null: bool = False, default: str | None = None) -> Column[str]:
    """A text column; not null unless said."""
    given = None if default is None else text(f"'{default}'")
    return Column(name, Text, primary_key=key, nullable=null and not key, server_default=given)


def _whole(name: str, *, key: bool = False, null: bool = False, default: int | None = None) -> Column[int]:
    """A column of whole numbers: instants, durations, counts, flags."""
    given = None if default is None else text(str(default))
    return Column(
        name, Integer, primary_key=key, nullable=null and not key, server_default=given, autoincrement=False
    )


def _serial(name: str = "num") -> Column[int]:
    """A number that rises with each row and is never given twice."""
    return Column(name, Integer, primary_key=True, autoincrement=True)


# The columns of domain.entities.ticket.Ticket in its order, then what only this replica knows.
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
    _whole("access"),  # the classes of fields it was projected to, as bits
    _whole("my"),  # the person's parts in it: bits of desktop.replica.rows
    _whole("is_open"),
    _whole("due_rank"),  # orders by deadline: late first, then running, paused, without, resolved
    _whole("indexed"),  # whether the search index holds it as it is
    _whole("mark", default=0),  # of the server's version held: what digests are summed from
    _text("customer", null=True),
    _text("order_no", null=True),
    _text("tier", default=""),
    _whole("task_due_at", null=True),
    _text("parent", null=True),
    _text("merged_into", null=True),
    _text("node", default=""),
    _text("links", default="[]"),
    _text("flow", null=True),
    _text("urged", null=True),
    info=_NEWEST_FIRST,
    sqlite_with_rowid=False,
)
Index("ix_ticket_updated", ticket.c.updated_at)
Index("ix_ticket_due", ticket.c.due_rank, ticket.c.updated_at.desc(), ticket.c.soon_at)
Index(
    "ix_ticket_mine",
    *(ticket.c[name] for name in ("due_rank", "my", "is_open", "status", "updated_at")),
    sqlite_where=text("my <> 0"),
)
Index(
    "ix_ticket_unassigned",
    *(ticket.c[name] for name in ("due_rank", "team", "org", "line", "updated_at")),
    sqlite_where=text("assignee IS NULL AND is_open = 1"),
)
Index("ix_ticket_parent", ticket.c.parent, sqlite_where=text("parent IS NOT NULL"))
Index("ix_ticket_unindexed", ticket.c.created_at.desc(), sqlite_where=text("indexed = 0"))

# Local rows, made by replaying unsent commands, have revision 0.
entry = Table(
    "entry",
    metadata,
    _text("ticket", key=True),
    _text("id", key=True),
    _whole("rev"),
    _text("kind"),
    _whole("at"),
    _whole("known_at"),
    _text("person", null=True),
    _text("field_class"),
    _text("body", null=True),
    _text("detail"),
    _whole("erased"),
    info=_NEWEST_FIRST,
    sqlite_with_rowid=False,
)

personal = Table(
    "personal",
    metadata,
    _text("ticket", key=True),
    _text("key", key=True),
    _whole("rev"),
    _text("field_class"),
    _text("value", null=True),
    _whole("masked"),
    _whole("erased"),
    info=_NEWEST_FIRST,
    sqlite_with_rowid=False,
)

# The server's copy of a ticket that has unsent commands; `doc` is a desktop.replica.rows.Base.
base = Table(
    "base", metadata, _text("ticket", key=True), _whole("rev"), _text("doc"), sqlite_with_rowid=False
)

# The outbox and its journal. States: pending (never sent), sent, acked (not yet pulled), done, again (to be sent
# once more after the server was restored), attention, discarded.
command = Table(
    "command",
    metadata,
    _serial(),
    _text("id"),
    _text("ticket"),
    _text("kind"),
    _text("body"),
    _whole("made_at"),
    _text("state"),
    _whole("aside", default=0),  # set aside: whole batches failed on it
    _text("doubt", default=""),  # why a replay could not show it here; the server will decide
    _whole("acked_at", null=True),
    _text("verdict", null=True),
    _whole("seq", default=0),
    _whole("rev", default=0),
    sqlite_autoincrement=True,
)
Index("ix_command_id", command.c.id, unique=True)
Index("ix_command_ticket", command.c.ticket, command.c.num)
Index("ix_command_state", command.c.state, command.c.num)

attention = Table(
    "attention",
    metadata,
    _serial(),
    _text("command"),
    _text("ticket"),
    _text("kind"),  # conflict, rejected, blocked, out_of_scope
    _text("code"),
    _text("detail"),
    _whole("at"),
    _whole("settled_at", null=True),
    sqlite_autoincrement=True,
)
Index("ix_attention_command", attention.c.command, attention.c.kind, unique=True)
Index("ix_attention_open", attention.c.num, sqlite_where=text("settled_at IS NULL"))

# Configuration rows in every version; `latest` marks the newest of each.
config = Table(
    "config",
    metadata,
    _text("kind", key=True),
    _text("id", key=True),
    _whole("version", key=True),
    _whole("latest"),
    _whole("deleted"),
    _text("body"),
    sqlite_with_rowid=False,
)
Index("ix_config_latest", config.c.kind, config.c.id, sqlite_where=text("latest = 1"))

# Units and people as lists and search need them; made from configuration rows.
unit = Table(
    "unit",
    metadata,
    _text("id", key=True),
    _text("parent"),
    _text("name"),
    _text("kind"),
    _text("code"),
    _text("initials"),
    sqlite_with_rowid=False,
)
Index("ix_unit_parent", unit.c.parent)

person = Table(
    "person",
    metadata,
    _text("id", key=True),
    _text("name"),
    _text("unit"),
    _text("initials"),
    _whole("active"),
    sqlite_with_rowid=False,
)

meta = Table("meta", metadata, _text("key", key=True), _text("value"), sqlite_with_rowid=False)

# The history's own mark, as alembic makes and reads it.
revision = Table("revision", metadata, Column("version_num", String(32), primary_key=True))

# Tickets to be fetched whole.
wanted = Table("wanted", metadata, _text("ticket", key=True), sqlite_with_rowid=False)

# Ranges to be filled, in their order; `after` is how far.
backfill = Table(
    "backfill",
    metadata,
    _serial(),
    _text("kind"),
    _text("unit"),
    _text("line"),
    _whole("deep"),
    _whole("open", null=True),
    _whole("position"),
    _text("after"),
    _whole("done"),
    sqlite_autoincrement=True,
)

notice = Table(
    "notice",
    metadata,
    _text("id", key=True),
    _text("ticket"),
    _text("kind"),
    _whole("at"),
    _text("detail"),
    _whole("seen_at", null=True),
    _whole("told_at", null=True),  # when the server was told that it was seen
    sqlite_with_rowid=False,
)
Index("ix_notice_at", notice.c.at)
Index("ix_notice_untold", notice.c.id, sqlite_where=text("seen_at IS NOT NULL AND told_at IS NULL"))

reminder = Table(
    "reminder",
    metadata,
    _text("id", key=True),
    _text("ticket"),
    _whole("due_at"),
    _text("words"),
    _text("state"),  # waiting, shown, done
    _text("source"),  # own, or what of the ticket it was made from
    sqlite_with_rowid=False,
)
Index("ix_reminder_due", reminder.c.state, reminder.c.due_at)

draft = Table(
    "draft",
    metadata,
    _text("id", key=True),
    _text("kind"),
    _text("body"),
    _whole("updated_at"),
    sqlite_with_rowid=False,
)

# Attachments whose bytes are here, or to be sent or fetched; see desktop.replica.attachments.
attachment = Table(
    "attachment",
    metadata,
    _text("hash", key=True),
    _text("ticket", key=True),
    _text("name"),
    _whole("size"),
    _text("type"),
    _whole("own"),
    _text("state"),
    _whole("offset"),
    _text("code"),
    _whole("tries"),
    _whole("retry_at"),
    _whole("used_at"),
    sqlite_with_rowid=False,
)
Index("ix_attachment_state", attachment.c.state, attachment.c.retry_at)
Index("ix_attachment_ticket", attachment.c.ticket)

# Up to which revision a ticket was looked at.
seen = Table("seen", metadata, _text("ticket", key=True), _whole("rev"), sqlite_with_rowid=False)

# What the search index holds of each ticket, packed: it is needed to take the words out again without a trace.
search_doc = Table(
    "search_doc",
    metadata,
    _whole("num", key=True),
    _text("ticket"),
    Column("words", LargeBinary, nullable=False),
)
Index("ix_search_doc_ticket", search_doc.c.ticket, unique=True)

# Contentless; `secure-delete` takes the words of a deleted row out of the index at once, not at the next merge.
SEARCH = (
    "CREATE VIRTUAL TABLE search USING fts5(words, content='', tokenize='unicode61 remove_diacritics 0')",
    "INSERT INTO search(search, rank) VALUES ('secure-delete', 1)",
)
