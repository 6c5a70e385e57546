"""The first tables, as they were then."""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_STATEMENTS = """
CREATE TABLE attention (num INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, command TEXT NOT NULL, ticket TEXT
  NOT NULL, kind TEXT NOT NULL, code TEXT NOT NULL, detail TEXT NOT NULL, at INTEGER NOT NULL, settled_at
  INTEGER);
CREATE UNIQUE INDEX ix_attention_command ON attention (command, kind);
CREATE INDEX ix_attention_open ON attention (num) WHERE settled_at IS NULL;
CREATE TABLE backfill (num INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, unit TEXT NOT
  NULL, line TEXT NOT NULL, deep INTEGER NOT NULL, open INTEGER, position INTEGER NOT NULL, "after" TEXT NOT
  NULL, done INTEGER NOT NULL);
CREATE TABLE base (ticket TEXT NOT NULL, rev INTEGER NOT NULL, doc TEXT NOT NULL, PRIMARY KEY (ticket))
  WITHOUT ROWID;
CREATE TABLE command (num INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL, ticket TEXT NOT
  NULL, kind TEXT NOT NULL, body TEXT NOT NULL, made_at INTEGER NOT NULL, state TEXT NOT NULL, aside INTEGER
  DEFAULT 0 NOT NULL, doubt TEXT DEFAULT '' NOT NULL, acked_at INTEGER, verdict TEXT, seq INTEGER DEFAULT 0
  NOT NULL, rev INTEGER DEFAULT 0 NOT NULL);
CREATE UNIQUE INDEX ix_command_id ON command (id);
CREATE INDEX ix_command_state ON command (state, num);
CREATE INDEX ix_command_ticket ON command (ticket, num);
CREATE TABLE config (kind TEXT NOT NULL, id TEXT NOT NULL, version INTEGER NOT NULL, latest INTEGER NOT
  NULL, deleted INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY (kind, id, version)) WITHOUT ROWID;
CREATE INDEX ix_config_latest ON config (kind, id) WHERE latest = 1;
CREATE TABLE draft (id TEXT NOT NULL, kind TEXT NOT NULL, body TEXT NOT NULL, updated_at INTEGER NOT NULL,
  PRIMARY KEY (id)) WITHOUT ROWID;
CREATE TABLE entry (ticket TEXT NOT NULL, id TEXT NOT NULL, rev INTEGER NOT NULL, kind TEXT NOT NULL, at
  INTEGER NOT NULL, known_at INTEGER NOT NULL, person TEXT, field_class TEXT NOT NULL, body TEXT, detail
  TEXT NOT NULL, erased INTEGER NOT NULL, PRIMARY KEY (ticket DESC, id)) WITHOUT ROWID;
CREATE TABLE meta ("key" TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY ("key")) WITHOUT ROWID;
CREATE TABLE notice (id TEXT NOT NULL, ticket TEXT NOT NULL, kind TEXT NOT NULL, at INTEGER NOT NULL, detail
  TEXT NOT NULL, seen_at INTEGER, PRIMARY KEY (id)) WITHOUT ROWID;
CREATE INDEX ix_notice_at ON notice (at);
CREATE TABLE person (id TEXT NOT NULL, name TEXT NOT NULL, unit TEXT NOT NULL, initials TEXT NOT NULL,
  active INTEGER NOT NULL, PRIMARY KEY (id)) WITHOUT ROWID;
CREATE TABLE personal (ticket TEXT NOT NULL, "key" TEXT NOT NULL, rev INTEGER NOT NULL, field_class TEXT NOT
  NULL, value TEXT, masked INTEGER NOT NULL, erased INTEGER NOT NULL, PRIMARY KEY (ticket DESC, "key"))
  WITHOUT ROWID;
CREATE TABLE reminder (id TEXT NOT NULL, ticket TEXT NOT NULL, due_at INTEGER NOT NULL, words TEXT NOT NULL,
  state TEXT NOT NULL, source TEXT NOT NULL, PRIMARY KEY (id)) WITHOUT ROWID;
CREATE INDEX ix_reminder_due ON reminder (state, due_at);
CREATE TABLE search_doc (num INTEGER NOT NULL, ticket TEXT NOT NULL, words BLOB NOT NULL, PRIMARY KEY (num));
CREATE UNIQUE INDEX ix_search_doc_ticket ON search_doc (ticket);
CREATE TABLE seen (ticket TEXT NOT NULL, rev INTEGER NOT NULL, PRIMARY KEY (ticket)) WITHOUT ROWID;
CREATE TABLE ticket (id TEXT NOT NULL, rev INTEGER NOT NULL, number TEXT, provisional TEXT, type TEXT NOT
  NULL, status TEXT NOT NULL, priority TEXT NOT NULL, category TEXT, template TEXT NOT NULL,
  template_version INTEGER NOT NULL, org TEXT NOT NULL, line TEXT NOT NULL, team TEXT, assignee TEXT,
  creator TEXT, cc TEXT NOT NULL, tags TEXT NOT NULL, requester TEXT NOT NULL, channel TEXT NOT NULL,
  subject TEXT NOT NULL, fields TEXT NOT NULL, hold_reason TEXT, hold_until INTEGER, created_at INTEGER NOT
  NULL, updated_at INTEGER NOT NULL, sent_at INTEGER, taken_at INTEGER, resolved_at INTEGER, closed_at
  INTEGER, policy TEXT, policy_version INTEGER NOT NULL, due_at INTEGER, due_metric TEXT, sla_state TEXT NOT
  NULL, sla_remaining_s INTEGER, soon_at INTEGER, access INTEGER NOT NULL, my INTEGER NOT NULL, is_open
  INTEGER NOT NULL, due_rank INTEGER NOT NULL, "indexed" INTEGER NOT NULL, PRIMARY KEY (id DESC)) WITHOUT
  ROWID;
CREATE INDEX ix_ticket_due ON ticket (due_rank, updated_at DESC, soon_at);
CREATE INDEX ix_ticket_mine ON ticket (due_rank, my, is_open, status, updated_at) WHERE my <> 0;
CREATE INDEX ix_ticket_unassigned ON ticket (due_rank, team, org, line, updated_at) WHERE assignee IS NULL
  AND is_open = 1;
CREATE INDEX ix_ticket_unindexed ON ticket (created_at DESC) WHERE indexed = 0;
CREATE INDEX ix_ticket_updated ON ticket (updated_at);
CREATE TABLE unit (id TEXT NOT NULL, parent TEXT NOT NULL, name TEXT NOT NULL, kind TEXT NOT NULL, code TEXT
  NOT NULL, initials TEXT NOT NULL, PRIMARY KEY (id)) WITHOUT ROWID;
CREATE INDEX ix_unit_parent ON unit (parent);
CREATE TABLE wanted (ticket TEXT NOT NULL, PRIMARY KEY (ticket)) WITHOUT ROWID;
CREATE VIRTUAL TABLE search USING fts5(words, content='', tokenize='unicode61 remove_diacritics 0');
INSERT INTO search(search, rank) VALUES ('secure-delete', 1);
"""


def upgrade() -> None:
    for statement in _STATEMENTS.split(";\n"):
        if statement.strip():
            op.get_bind().exec_driver_sql(statement)
