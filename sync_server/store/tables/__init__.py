"""The server's tables, alike on SQLite and PostgreSQL; JSON stands in text columns and goes out unparsed."""

from sync_server.store.tables.base import metadata
from sync_server.store.tables.customers import customer, customer_contact, customer_order, integration
from sync_server.store.tables.desk import config, config_change, notice, sla_clock, sla_step, urge_due
from sync_server.store.tables.feed import change, counter, feed_head
from sync_server.store.tables.files import blob, blob_use
from sync_server.store.tables.flow import flow_due
from sync_server.store.tables.notices import contact, delivery, delivery_attempt
from sync_server.store.tables.people import audit, device, grant, org_unit, person, replica_key, token
from sync_server.store.tables.recovery import (
    epoch,
    erased_row,
    erased_value,
    erasure,
    legal_hold,
    recovery,
    returned_command,
    returned_row,
)
from sync_server.store.tables.routing import routing_turn, routing_wait
from sync_server.store.tables.rules import automation_episode, automation_run, rule_due
from sync_server.store.tables.tickets import entry, imported, personal, ticket, ticket_cc, verdict

__all__ = [
    "audit",
    "automation_episode",
    "automation_run",
    "blob",
    "blob_use",
    "change",
    "config",
    "config_change",
    "contact",
    "counter",
    "customer",
    "customer_contact",
    "customer_order",
    "delivery",
    "delivery_attempt",
    "device",
    "entry",
    "epoch",
    "erased_row",
    "erased_value",
    "erasure",
    "feed_head",
    "flow_due",
    "grant",
    "imported",
    "integration",
    "legal_hold",
    "metadata",
    "notice",
    "org_unit",
    "person",
    "personal",
    "recovery",
    "replica_key",
    "returned_command",
    "returned_row",
    "routing_turn",
    "routing_wait",
    "rule_due",
    "sla_clock",
    "sla_step",
    "ticket",
    "ticket_cc",
    "token",
    "urge_due",
    "verdict",
]
