"""Marks for digests, and what else the sync needs at full strength."""

from typing import Any

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
    _recovery()


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


def _recovery() -> None:
    """Epochs, what desktops give back after a restore, erasures and holds."""

    def text(name: str, *, null: bool = False) -> sa.Column[str]:
        return sa.Column(name, sa.Text(), nullable=null)

    def whole(name: str, *, null: bool = False) -> sa.Column[int]:
        return sa.Column(name, sa.BigInteger(), nullable=null)

    def table(name: str, *columns: sa.Column[Any], key: tuple[str, ...]) -> None:
        op.create_table(name, *columns, sa.PrimaryKeyConstraint(*key, name=f"pk_{name}"))

    epoch_columns = (text("epoch"), text("parent"), whole("restored_seq"), whole("at"), text("reason"))
    table("epoch", *epoch_columns, key=("epoch",))
    table(
        "recovery",
        text("epoch"),
        text("state"),
        whole("opened_at"),
        whole("closed_at", null=True),
        whole("released_at", null=True),
        whole("alive_until"),
        whole("number_from"),
        key=("epoch",),
    )
    table(
        "returned_command",
        *map(text, ("id", "epoch", "person", "device", "ticket", "kind", "body")),
        whole("seq"),
        text("number", null=True),
        sa.Column("proven", sa.Boolean(), nullable=False),
        whole("at"),
        text("outcome"),
        text("code"),
        key=("id",),
    )
    op.create_index("ix_returned_command_outcome", "returned_command", ["outcome", "seq"])
    table(
        "returned_row",
        *map(text, ("ticket", "device", "epoch", "person")),
        text("number", null=True),
        *map(text, ("org", "line", "body")),
        whole("at"),
        text("outcome"),
        key=("ticket", "device"),
    )
    table("erasure", text("id"), whole("at"), text("actor"), text("reason"), whole("tickets"), key=("id",))
    value_columns = (text("hash"), text("erasure"), text("kind"), whole("length"), whole("at"))
    table("erased_value", *value_columns, key=("hash",))
    row_columns = (text("ticket"), text("row"), text("erasure"), whole("at"))
    table("erased_row", *row_columns, key=("ticket", "row"))
    table(
        "legal_hold",
        *map(text, ("id", "ticket", "value_hash", "reason", "actor")),
        whole("at"),
        whole("lifted_at", null=True),
        key=("id",),
    )
    op.create_index("ix_legal_hold_ticket", "legal_hold", ["ticket"])
