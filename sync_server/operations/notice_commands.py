"""`notices`: the queue of messages, their attempts, trying again, testing a channel, people's contacts."""

import json
from argparse import Namespace
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from domain.entities.base import Instant
from domain.errors import InvalidInputError
from sync_server.operations import notices
from sync_server.operations.commands import (
    SOME_WRONG,
    Run,
    Work,
    command,
    mapping_of,
    print_table,
    said,
    tell_rows,
    tell_unread,
)
from sync_server.operations.imports.contacts import import_contacts, set_contact
from sync_server.operations.tools import Tools
from sync_server.operations.words import Words
from sync_server.store.contacts import KINDS

COLUMNS = ("at", "ticket", "channel", "to", "state", "attempts", "due_at", "outcome", "rule", "id")


def add(to: Any, with_tools: Callable[[Work], Run]) -> None:
    """Add the commands."""
    listing = command(to, "list", with_tools(_list), "messages, newest first")
    listing.add_argument("--state", choices=notices.STATES, action="append", default=[])
    listing.add_argument("--ticket", metavar="NUMBER", default="")
    listing.add_argument("--limit", type=int, default=50)
    listing.add_argument("--json", action="store_true", help="print one JSON array")
    command(to, "show", with_tools(_show), "each attempt at a message").add_argument("id")
    again = command(to, "retry", with_tools(_retry), "try failed and waiting messages again, now")
    again.add_argument("id", nargs="*")
    again.add_argument("--channel", default="", help="all of a channel")
    test = command(to, "test-channel", with_tools(_test), "send one message now")
    test.add_argument("channel")
    test.add_argument("--to", default="", help="an address, a number, an id at the provider")
    test.add_argument("--code", default="", help="of a text that the provider has approved")
    contacts = command(to, "contacts", with_tools(_contacts), "where people are reached, from a file")
    contacts.add_argument("file", type=Path, help="CSV, JSON lines or xlsx: login, email, phone, wecom …")
    contacts.add_argument(
        "--map", metavar="FIELD=COLUMN", action="append", default=[], help="FIELD=: no column"
    )
    contacts.add_argument("--dry-run", action="store_true", help="report, change nothing")
    contact = command(to, "contact", with_tools(_contact), "where one person is reached")
    contact.add_argument("login")
    for kind in KINDS:
        contact.add_argument(f"--{kind}", help="empty: none any more")


def _list(tools: Tools, given: Namespace) -> int:
    rows = notices.listed(tools, states=given.state, number=given.ticket, limit=given.limit)
    if given.json:
        print(json.dumps(rows, ensure_ascii=False))
    else:
        told = [{**row, "at": _moment(row["at"]), "due_at": _moment(row["due_at"])} for row in rows]
        print_table(told, COLUMNS)
    return 0


def _show(tools: Tools, given: Namespace) -> int:
    rows = notices.attempts(tools, given.id)
    told = [{**row, "at": _moment(row["at"]), "ended_at": _moment(row["ended_at"])} for row in rows]
    print_table(told, ("n", "at", "ended_at", "outcome"))
    return 0


def _moment(at: Instant | None) -> str:
    return f"{datetime.fromtimestamp(at // 1000, UTC):%Y-%m-%dT%H:%M:%SZ}" if at else "-"


def _retry(tools: Tools, given: Namespace) -> int:
    if not given.id and not given.channel:
        raise InvalidInputError("retry_what")
    return said("server.notices.retried", count=notices.retry(tools, given.id, given.channel))


def _test(tools: Tools, given: Namespace) -> int:
    words = Words()
    notices.test_channel(
        tools,
        given.channel,
        to=given.to,
        code=given.code,
        subject=words.say("server.notices.test_subject"),
        body=words.say("server.notices.test_body"),
    )
    return said("server.notices.tested", channel=given.channel)


def _contacts(tools: Tools, given: Namespace) -> int:
    done = import_contacts(tools, given.file, mapping=mapping_of(given), dry_run=given.dry_run)
    tell_unread(done.unread)
    tell_rows(given.file, done.problems)
    print(Words().say("server.notices.contacts", **done.counts))
    return SOME_WRONG if done.problems else 0


def _contact(tools: Tools, given: Namespace) -> int:
    wanted = {kind: getattr(given, kind) for kind in KINDS if getattr(given, kind) is not None}
    return said("server.notices.contact", count=set_contact(tools, given.login, wanted))
