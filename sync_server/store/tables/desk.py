"""Configuration, clocks, due steps and notices."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, Table, UniqueConstraint
from sqlalchemy import text as sql_text

from sync_server.store.tables.base import metadata, text, whole

config = Table(
    "config",
    metadata,
    text("kind", key=True),
    text("id", key=True),
    Column("version", BigInteger, primary_key=True, autoincrement=False),
    Column("deleted", Boolean, nullable=False),
    text("audience"),  # everyone, server
    text("body"),
    whole("at"),
    text("person", null=True),
)

# Each `config apply`, import or rollback that wrote anything, numbered by the configuration's counter.
config_change = Table(
    "config_change",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    whole("at"),
    text("person", null=True),
    text("actor"),  # who sat at the console, where no person is known
    text("cause"),  # apply, import, rollback
    text("note"),
    text("rows"),  # JSON: kind, id, from which version to which, whether deleted
    text("grants"),  # JSON: person, grants before and after
)

# A cache for reports and the sweep; the truth is rules.sla over the timeline.
sla_clock = Table(
    "sla_clock",
    metadata,
    text("ticket", key=True),
    text("metric", key=True),
    Column("cycle", Integer, primary_key=True, autoincrement=False),
    text("state"),
    whole("started_at", null=True),
    whole("due_at", null=True),
    whole("stopped_at", null=True),
    whole("elapsed_s"),
    Column("breached", Boolean, nullable=False),
    Index("ix_sla_clock_metric_stopped_at", "metric", "stopped_at"),
)

# Work with a due time, claimed by any number of workers; each (ticket, metric, cycle, step) fires once.
sla_step = Table(
    "sla_step",
    metadata,
    text("ticket", key=True),
    text("metric", key=True),
    Column("cycle", Integer, primary_key=True, autoincrement=False),
    text("step", key=True),
    whole("due_at"),
    whole("fired_at", null=True),
    # Of what is open alone: in the order in which it comes due, and not growing with what has fired.
    Index(
        "ix_sla_step_open",
        "due_at",
        postgresql_where=sql_text("fired_at IS NULL"),
        sqlite_where=sql_text("fired_at IS NULL"),
    ),
)

# When the ladder of urging goes on by itself; a ticket for which it rests has no row.
urge_due = Table(
    "urge_due",
    metadata,
    text("ticket", key=True),
    whole("due_at"),
    Index("ix_urge_due_due_at", "due_at"),
)

notice = Table(
    "notice",
    metadata,
    text("id", key=True),
    text("person"),
    text("ticket"),
    text("kind"),
    text("detail"),
    whole("at"),
    whole("read_at", null=True),
    UniqueConstraint("person", "at", "ticket", "kind"),  # in the order in which a person's are read
)
