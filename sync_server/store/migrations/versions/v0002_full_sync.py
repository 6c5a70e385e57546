"""Marks for digests, and what else the sync needs at full strength."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _marks()
    _retention()
    _attachments()
    _devices()


def _marks() -> None:
    """Old tickets keep the mark 0, as replicas of the version before hold them."""
    op.add_column("ticket", sa.Column("mark", sa.BigInteger(), server_default="0", nullable=False))


def _retention() -> None:
    """Nothing was left out of desktops before."""
    op.add_column("feed_head", sa.Column("keep_since", sa.BigInteger(), server_default="0", nullable=False))


def _devices() -> None:
    """Devices say when they were revoked and whether they were stolen; unlock codes are counted."""
    op.add_column("device", sa.Column("stolen", sa.Boolean(), server_default=sa.false(), nullable=False))
    for name in ("revoked_at", "unlocks"):
        op.add_column("device", sa.Column(name, sa.BigInteger(), server_default="0", nullable=False))


def _attachments() -> None:
    """Contents that were uploaded, and the timeline rows that refer to them."""
    op.create_table(
        "blob",
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("device", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("hash", "person", name=op.f("pk_blob")),
    )
    op.create_index("ix_blob_state_at", "blob", ["state", "at"])
    op.create_index("ix_blob_person", "blob", ["person"])
    op.create_table(
        "blob_use",
        sa.Column("entry", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("ticket", sa.Text(), nullable=False),
        sa.Column("field_class", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("entry", "hash", name=op.f("pk_blob_use")),
    )
    op.create_index("ix_blob_use_hash_ticket", "blob_use", ["hash", "ticket"])
    op.create_index("ix_blob_use_ticket", "blob_use", ["ticket"])
