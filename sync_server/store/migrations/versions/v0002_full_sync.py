"""Marks for digests, and what else the sync needs at full strength."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _marks()


def _marks() -> None:
    """Old tickets keep the mark 0, as replicas of the version before hold them."""
    op.add_column("ticket", sa.Column("mark", sa.BigInteger(), server_default="0", nullable=False))
