"""The rules of the desk: what tickets know of customers, flows, links and urging."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_TICKETS = """
ALTER TABLE ticket ADD COLUMN customer TEXT;
ALTER TABLE ticket ADD COLUMN order_no TEXT;
ALTER TABLE ticket ADD COLUMN tier TEXT DEFAULT '' NOT NULL;
ALTER TABLE ticket ADD COLUMN task_due_at INTEGER;
ALTER TABLE ticket ADD COLUMN parent TEXT;
ALTER TABLE ticket ADD COLUMN merged_into TEXT;
ALTER TABLE ticket ADD COLUMN node TEXT DEFAULT '' NOT NULL;
ALTER TABLE ticket ADD COLUMN links TEXT DEFAULT '[]' NOT NULL;
ALTER TABLE ticket ADD COLUMN flow TEXT;
ALTER TABLE ticket ADD COLUMN urged TEXT;
CREATE INDEX ix_ticket_parent ON ticket (parent) WHERE parent IS NOT NULL
"""

# What was seen before nobody is told any more.
_NOTICES = """
ALTER TABLE notice ADD COLUMN told_at INTEGER;
UPDATE notice SET told_at = seen_at WHERE seen_at IS NOT NULL;
CREATE INDEX ix_notice_untold ON notice (id) WHERE seen_at IS NOT NULL AND told_at IS NULL
"""

# What is held under another program's rules is compared once with the server.
_CHECK = """
INSERT OR REPLACE INTO meta (key, value) SELECT 'check', '{"why":"upgrade"}' FROM meta WHERE key = 'cursor'
"""


def upgrade() -> None:
    for part in (_TICKETS, _NOTICES, _CHECK):
        for statement in part.split(";\n"):
            if statement.strip():
                op.get_bind().exec_driver_sql(statement)
