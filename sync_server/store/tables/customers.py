"""Customers, how they are reached, their orders, and the systems that bring them."""

from sqlalchemy import Boolean, Column, Index, Table, UniqueConstraint

from sync_server.store.tables.base import metadata, text, whole

customer = Table(
    "customer",
    metadata,
    text("id", key=True),
    text("source"),
    text("external_id"),
    text("name"),
    text("tier"),
    text("unit"),  # whose customer it is; empty: nobody's own
    whole("at"),
    Column("erased", Boolean, nullable=False),
    UniqueConstraint("source", "external_id"),
    Index("ix_customer_name", "name"),
)

# In normal form, so that they can be looked for: rules.customers.
customer_contact = Table(
    "customer_contact",
    metadata,
    text("customer", key=True),
    text("kind", key=True),
    text("value", key=True),
    Index("ix_customer_contact_value", "value"),
)

customer_order = Table(
    "customer_order",
    metadata,
    text("id", key=True),
    text("source"),
    text("number"),
    text("customer"),  # empty: nobody known
    text("unit"),
    text("line"),
    text("status"),
    whole("amount_cents", null=True),
    text("currency"),
    text("items"),
    text("delivery"),  # courier, phone, tracking, address: emptied by an erasure
    whole("ordered_at", null=True),
    whole("delivered_at", null=True),
    whole("at"),
    UniqueConstraint("source", "number"),
    Index("ix_customer_order_number", "number"),
    Index("ix_customer_order_customer_ordered_at", "customer", "ordered_at"),
)

# What another system signs its requests with: a hash, what it may do, and below which unit.
integration = Table(
    "integration",
    metadata,
    text("id", key=True),
    text("name"),
    text("hash"),
    text("scopes"),  # JSON
    text("unit"),  # empty: everywhere
    whole("made_at"),
    whole("expires_at"),
    whole("used_at", null=True),
    whole("revoked_at", null=True),
    UniqueConstraint("hash"),
)
