"""Marks for digests, and what else the sync needs at full strength."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_MARKS = """
ALTER TABLE ticket ADD COLUMN mark INTEGER DEFAULT 0 NOT NULL
"""


def upgrade() -> None:
    for part in (_MARKS,):
        for statement in part.split(";\n"):
            if statement.strip():
                op.get_bind().exec_driver_sql(statement)
