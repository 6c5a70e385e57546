"""Units, people, what they may, and their devices."""

from sqlalchemy import Boolean, Column, Float, Index, Integer, Table, UniqueConstraint, false

from sync_server.store.tables.base import metadata, text, whole

org_unit = Table(
    "org_unit",
    metadata,
    text("id", key=True),
    text("parent", index=True),
    text("name"),
    text("kind"),
    text("code"),
    text("pinyin"),
    Column("latitude", Float),
    Column("longitude", Float),
    text("address"),
    whole("version"),
    # Preorder position and end of the subtree: everything below is one range.
    whole("pos"),
    whole("end"),
    Index("ix_org_unit_pos", "pos"),
    Index("ix_org_unit_code", "code"),
)

person = Table(
    "person",
    metadata,
    text("id", key=True),
    text("login"),
    text("name"),
    text("unit"),
    text("pinyin"),
    text("superior"),
    Column("active", Boolean, nullable=False),
    text("password_hash"),
    whole("grants_version"),
    whole("version"),
    whole("failed_sign_ins"),
    whole("locked_until"),
    UniqueConstraint("login"),
)

grant = Table(
    "access_grant",
    metadata,
    text("id", key=True),
    text("person", index=True),
    text("role"),
    text("unit"),
    text("line"),
    Column("level", Integer, nullable=False),
    Column("classes", Integer, nullable=False),
)

device = Table(
    "device",
    metadata,
    text("id", key=True),
    text("person", index=True),
    text("name"),
    text("code"),  # the replica code shown in provisional numbers
    whole("registered_at"),
    whole("seen_at"),
    whole("push_no"),
    text("push_hash"),  # of the command ids of that push: a repeat of it is no copy
    Column("revoked", Boolean, nullable=False),
    Column("stolen", Boolean, nullable=False, server_default=false()),  # nothing of it is taken any more
    whole("revoked_at", default=0),
    whole("unlocks", default=0),  # the number of the next unlock code
    UniqueConstraint("code"),
)

token = Table(
    "token",
    metadata,
    text("hash", key=True),
    text("device", index=True),
    text("person"),
    text("kind"),  # access, refresh
    text("parent"),  # the hash of the refresh token it was given for; empty after a sign-in
    whole("expires_at"),
    whole("used_at", null=True),
    Index("ix_token_parent", "parent"),
)

# A replica's key, sealed with the server's secret, given back after sign-in (SYNC §7).
replica_key = Table(
    "replica_key",
    metadata,
    text("device", key=True),
    text("person"),
    text("sealed"),
    whole("at"),
)

audit = Table(
    "audit",
    metadata,
    text("id", key=True),
    whole("at"),
    text("person", null=True),
    text("device"),
    text("address"),
    text("action"),
    text("detail"),
    Index("ix_audit_at", "at"),
)
