"""`audit list`: who did what, from which device and address, and what was refused to whom."""

import json
from argparse import Namespace
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from domain.errors import InvalidInputError
from sync_server.access.audit import recorded
from sync_server.operations.commands import Run, Work, command, print_table
from sync_server.operations.people import person_of
from sync_server.operations.tools import Tools

COLUMNS = ("at", "person", "device", "address", "action", "detail")
DEFAULT_DAYS = 7


def add(to: Any, with_tools: Callable[[Work], Run]) -> None:
    """Add the commands."""
    listing = command(to, "list", with_tools(_list), "the record of who did what, newest first")
    listing.add_argument("--person", metavar="LOGIN", default="", help="of one person alone")
    listing.add_argument("--since", metavar="DAY", default="", help="2026-10-01; without it the last 7 days")
    listing.add_argument("--action", default="", help="such as refused, sign_in, config_apply")
    listing.add_argument("--limit", type=int, default=200)
    listing.add_argument("--json", action="store_true", help="one JSON object a line")


def _list(tools: Tools, given: Namespace) -> int:
    since = _day(given.since) if given.since else _now(tools) - timedelta(days=DEFAULT_DAYS)
    with tools.store.read() as conn:
        person = person_of(conn, given.person) if given.person else None
        found = recorded(
            conn,
            person=person,
            since=int(since.timestamp() * 1000),
            action=given.action,
            limit=given.limit,
        )
    rows = [
        {
            "at": datetime.fromtimestamp(one.at / 1000, UTC).isoformat(timespec="seconds"),
            "person": one.login,
            "device": one.device,
            "address": one.address,
            "action": one.action,
            "detail": dict(one.detail) if given.json else json.dumps(one.detail, ensure_ascii=False),
        }
        for one in found
    ]
    if given.json:
        print("\n".join(json.dumps(row, ensure_ascii=False) for row in rows))
    else:
        print_table(rows, COLUMNS)
    return 0


def _now(tools: Tools) -> datetime:
    return datetime.fromtimestamp(tools.clock.now() / 1000, UTC)


def _day(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC)
    except ValueError:
        raise InvalidInputError("bad_day", field="since") from None
