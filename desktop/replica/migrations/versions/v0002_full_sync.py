"""Marks for digests, and what else the sync needs at full strength."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_MARKS = """
ALTER TABLE ticket ADD COLUMN mark INTEGER DEFAULT 0 NOT NULL
"""

# What is held under another program's rules is compared once with the server.
_CHECK = """
INSERT OR REPLACE INTO meta (key, value) SELECT 'check', '{"why":"upgrade"}' FROM meta WHERE key = 'cursor'
"""

_ATTACHMENTS = """
CREATE TABLE attachment (hash TEXT NOT NULL, ticket TEXT NOT NULL, name TEXT NOT NULL, size INTEGER NOT NULL, type
  TEXT NOT NULL, own INTEGER NOT NULL, state TEXT NOT NULL, "offset" INTEGER NOT NULL, code TEXT NOT NULL, tries
  INTEGER NOT NULL, retry_at INTEGER NOT NULL, used_at INTEGER NOT NULL, PRIMARY KEY (hash, ticket))
  WITHOUT ROWID;
CREATE INDEX ix_attachment_state ON attachment (state, retry_at);
CREATE INDEX ix_attachment_ticket ON attachment (ticket)
"""


def upgrade() -> None:
    for part in (_MARKS, _CHECK, _ATTACHMENTS):
        for statement in part.split(";\n"):
            if statement.strip():
                op.get_bind().exec_driver_sql(statement)
