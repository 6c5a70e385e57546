"""The tables of a snapshot in the form of a replica's own, so that it takes them in as they stand (decision 0007).

SQLite copies a table with its indexes record by record, without looking into any, where both are made alike: same
columns with the same types, same indexes. A test compares them with the replica's; whenever they change,
`domain.wire.snapshot.LAYOUT` is raised, too.
"""

TICKET = """
CREATE TABLE snap_ticket (
id TEXT NOT NULL, rev INTEGER NOT NULL, number TEXT, provisional TEXT, type TEXT NOT NULL, status TEXT NOT NULL,
priority TEXT NOT NULL, category TEXT, template TEXT NOT NULL, template_version INTEGER NOT NULL, org TEXT NOT NULL,
line TEXT NOT NULL, team TEXT, assignee TEXT, creator TEXT, cc TEXT NOT NULL, tags TEXT NOT NULL,
requester TEXT NOT NULL, channel TEXT NOT NULL, subject TEXT NOT NULL, fields TEXT NOT NULL, hold_reason TEXT,
hold_until INTEGER, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, sent_at INTEGER, taken_at INTEGER,
resolved_at INTEGER, closed_at INTEGER, policy TEXT, policy_version INTEGER NOT NULL, due_at INTEGER,
due_metric TEXT, sla_state TEXT NOT NULL, sla_remaining_s INTEGER, soon_at INTEGER,
access INTEGER NOT NULL, my INTEGER NOT NULL, is_open INTEGER NOT NULL, due_rank INTEGER NOT NULL,
indexed INTEGER NOT NULL, mark INTEGER DEFAULT 0 NOT NULL,
customer TEXT, order_no TEXT, tier TEXT DEFAULT '' NOT NULL, task_due_at INTEGER, parent TEXT, merged_into TEXT,
node TEXT DEFAULT '' NOT NULL, links TEXT DEFAULT '[]' NOT NULL, flow TEXT, urged TEXT,
PRIMARY KEY (id DESC)) WITHOUT ROWID
"""

ENTRY = """
CREATE TABLE snap_entry (
ticket TEXT NOT NULL, id TEXT NOT NULL, rev INTEGER NOT NULL, kind TEXT NOT NULL, at INTEGER NOT NULL,
known_at INTEGER NOT NULL, person TEXT, field_class TEXT NOT NULL, body TEXT, detail TEXT NOT NULL,
erased INTEGER NOT NULL, PRIMARY KEY (ticket DESC, id)) WITHOUT ROWID
"""

PERSONAL = """
CREATE TABLE snap_personal (
ticket TEXT NOT NULL, "key" TEXT NOT NULL, rev INTEGER NOT NULL, field_class TEXT NOT NULL, value TEXT,
masked INTEGER NOT NULL, erased INTEGER NOT NULL, PRIMARY KEY (ticket DESC, "key")) WITHOUT ROWID
"""

INDEXES = (
    "CREATE INDEX ix_snap_updated ON snap_ticket (updated_at)",
    "CREATE INDEX ix_snap_due ON snap_ticket (due_rank, updated_at DESC, soon_at)",
    "CREATE INDEX ix_snap_mine ON snap_ticket (due_rank, my, is_open, status, updated_at) WHERE my <> 0",
    (
        "CREATE INDEX ix_snap_unassigned ON snap_ticket (due_rank, team, org, line, updated_at) "
        "WHERE assignee IS NULL AND is_open = 1"
    ),
    "CREATE INDEX ix_snap_parent ON snap_ticket (parent) WHERE parent IS NOT NULL",
    "CREATE INDEX ix_snap_unindexed ON snap_ticket (created_at DESC) WHERE indexed = 0",
)

# Whose part in which ticket, by bits of domain.rules.parts: `my` is filled in by the replica.
PARTS = (
    "CREATE TABLE snap_person (id TEXT PRIMARY KEY, num INTEGER NOT NULL) WITHOUT ROWID",
    (
        "CREATE TABLE snap_part (person INTEGER, ticket TEXT, my INTEGER NOT NULL, PRIMARY KEY (person, ticket DESC)) "
        "WITHOUT ROWID"
    ),
)

TABLES = (TICKET, ENTRY, PERSONAL, *PARTS)
