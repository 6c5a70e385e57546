"""What an operator sees and does about messages to the world outside."""

import os
from collections.abc import Sequence
from typing import Any

from domain.entities.base import Instant
from domain.errors import InvalidInputError, UnavailableError
from sync_server.channels.opening import sender
from sync_server.channels.secrets import ChannelSecrets
from sync_server.channels.sending import Letter, SendError
from sync_server.operations.tools import Tools
from sync_server.store import delivery_queue as queue
from sync_server.store.delivery_queue import Queued
from sync_server.store.people_writer import people_by_login

STATES = ("waiting", "sending", "sent", "failed", "dropped")


def listed(
    tools: Tools, *, states: Sequence[str] = (), number: str = "", limit: int = 100
) -> list[dict[str, Any]]:
    """Messages, newest first: people by their logins, and nobody's address or number."""
    with tools.store.read() as conn:
        ticket = queue.ticket_numbered(conn, number) if number else ""
        if ticket is None:
            raise InvalidInputError("unknown_ticket", ticket=number)
        found = queue.listed(conn, states=states, ticket=ticket, limit=limit)
        logins = {id: login for login, id in people_by_login(conn).items()}
        numbers = queue.numbers_of(conn, (one.ticket for one in found))
    return [
        {
            "id": one.id,
            "at": one.at,
            "ticket": numbers.get(one.ticket, ""),
            "channel": one.channel,
            "to": _to(one, logins),
            "rule": one.rule,
            "state": one.state,
            "attempts": one.attempts,
            "due_at": one.due_at,
            "outcome": one.outcome,
        }
        for one in found
    ]


def attempts(tools: Tools, message: str) -> list[dict[str, Any]]:
    """Each attempt at a message; InvalidInputError ``unknown_message`` where there is none of that id."""
    with tools.store.read() as conn:
        if not queue.is_known(conn, message):
            raise InvalidInputError("unknown_message", id=message)
        return [
            {"n": n, "at": at, "ended_at": ended_at, "outcome": outcome or "unknown"}
            for n, at, ended_at, outcome in queue.attempts_of(conn, message)
        ]


def retry(tools: Tools, ids: Sequence[str], channel: str) -> int:
    """Have messages that failed, or wait for their next attempt, tried again now; returns how many."""
    with tools.store.write() as conn:
        count = queue.retry(conn, ids=ids, channel=channel, now=tools.clock.now())
        conn.commit()
    return count


def test_channel(tools: Tools, channel: str, *, to: str, code: str, subject: str, body: str) -> None:
    """Send one message now, past the queue; UnavailableError (``channel_failed``) says why that didn't work."""
    with tools.store.read() as conn:
        channels = tools.configurations.current(conn).channels
    if channel not in channels:
        raise InvalidInputError("config_unknown_channel", channel=channel)
    now: Instant = tools.clock.now()
    letter = Letter(id=tools.ids.new(), to=to, subject=subject, body=body, code=code, at=now)
    try:
        sender(channels[channel], ChannelSecrets(tools.settings.folder, os.environ)).send(letter)
    except SendError as error:
        raise UnavailableError("channel_failed", channel=channel, reason=error.code) from None


def _to(message: Queued, logins: dict[str, str]) -> str:
    if message.to_kind == "person":
        return logins.get(message.recipient, message.recipient)
    return message.to_kind
