"""The commands about the systems that bring customers and orders on the command line."""

from argparse import Namespace
from collections.abc import Callable
from typing import Any

from domain.errors import InvalidInputError
from sync_server.access import integrations
from sync_server.access.audit import Audit, Origin
from sync_server.access.integrations import SCOPES, Integration
from sync_server.operations.commands import Run, Work, command, group, print_table, said
from sync_server.operations.tools import Tools
from sync_server.store.organisation_writer import unit_ids_by_code

DAY_MS = 86_400_000


def add(to: Any, with_tools: Callable[[Work], Run]) -> None:
    """Add the commands of this module."""
    tokens = group(to, "token", "systems that push customers and orders")
    made = command(tokens, "integration", with_tools(_make), "make a token for another system, shown once")
    made.add_argument("name")
    made.add_argument("--scope", action="append", choices=SCOPES, help="what it may push; without it all")
    made.add_argument("--unit", default="", help="a unit's code: only there and below")
    made.add_argument("--days", type=int, default=365, help="for so long (365)")
    command(tokens, "list", with_tools(_list), "the systems there are")
    revoke = command(tokens, "revoke", with_tools(_revoke), "end a system's token")
    revoke.add_argument("id")


def _make(tools: Tools, given: Namespace) -> int:
    now = tools.clock.now()
    with tools.store.write() as conn:
        units = unit_ids_by_code(conn)
        if given.unit and given.unit not in units:
            raise InvalidInputError("config_unknown_unit", unit=given.unit)
        if given.days < 1:
            raise InvalidInputError("token_days", days=given.days)
        made = Integration(
            id=tools.ids.new(),
            name=given.name,
            scopes=tuple(given.scope or SCOPES),
            unit=units.get(given.unit, ""),
            made_at=now,
            expires_at=now + given.days * DAY_MS,
        )
        token = integrations.make(conn, made)
        _record(tools, conn, "integration_made", made.id, given.name)
        conn.commit()
    print(token)
    return said("server.token.made", name=given.name, id=made.id)


def _list(tools: Tools, _given: Namespace) -> int:
    with tools.store.read() as conn:
        found = integrations.integrations(conn)
    now = tools.clock.now()
    rows = [
        {
            "id": one.id,
            "name": one.name,
            "scopes": list(one.scopes),
            "state": "revoked" if one.revoked_at else "expired" if one.expires_at <= now else "valid",
        }
        for one in found
    ]
    print_table(rows, ("id", "name", "scopes", "state"))
    return 0


def _revoke(tools: Tools, given: Namespace) -> int:
    with tools.store.write() as conn:
        if not integrations.revoke(conn, given.id, now=tools.clock.now()):
            raise InvalidInputError("unknown_integration", id=given.id)
        _record(tools, conn, "integration_revoked", given.id, "")
        conn.commit()
    return said("server.token.revoked", id=given.id)


def _record(tools: Tools, conn: Any, action: str, id: str, name: str) -> None:
    Audit(tools.ids).record(
        conn,
        action,
        at=tools.clock.now(),
        person=None,
        origin=Origin(address="console"),
        detail={"integration": id, "name": name},
    )
