"""What triggers and automations leave behind: runs, episodes, and what waits for a ticket held elsewhere (RULES §4)."""

from sqlalchemy import Boolean, Column, Index, Table

from sync_server.store.tables.base import metadata, text, whole

# How far an automation has come in its newest slot; its row is locked while a batch is looked at.
automation_run = Table(
    "automation_run",
    metadata,
    text("automation", key=True),
    whole("slot_at"),
    text("after"),  # the last ticket looked at
    Column("done", Boolean, nullable=False),
    whole("at"),
)

# A run of slots in which an automation's conditions held for a ticket; it acted in the first of them.
automation_episode = Table(
    "automation_episode",
    metadata,
    text("automation", key=True),
    text("ticket", key=True),
    whole("since_at"),
    Index("ix_automation_episode_ticket", "ticket"),
)

# An action of a trigger on a linked ticket that another transaction held; done as soon as it is free.
rule_due = Table(
    "rule_due",
    metadata,
    text("id", key=True),
    text("rule"),
    text("name"),
    text("ticket"),
    text("action"),
    whole("at"),
    Index("ix_rule_due_at", "at"),
)
