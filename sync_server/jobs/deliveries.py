"""Sends what is queued: claimed under a lease, retried with growing pauses, silent in quiet hours (RULES §9)."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import structlog

from domain.entities.base import Entity
from domain.entities.configuration import Configuration
from domain.entities.notices import Channel
from domain.rules.quiet_hours import quiet_until
from domain.rules.retries import retry_delay_ms
from sync_server.channels.opening import sender
from sync_server.channels.sending import Letter, Secrets, Sender, SendError
from sync_server.clock import Clock
from sync_server.jobs.letters import Dropped, Letters
from sync_server.store import delivery_queue as queue
from sync_server.store.configuration import ConfigurationCache
from sync_server.store.delivery_queue import Queued
from sync_server.store.engine import Store
from sync_server.store.epochs import is_held
from sync_server.store.organisation import TreeCache

if TYPE_CHECKING:
    from sqlalchemy import Connection

SLICE = 20
LEASE_MS = 10 * 60_000
"""Longer than a slice takes at its slowest: then another worker may send what this one claimed."""
KEEP_DAYS = 180
FORGET_SLICE = 1_000
_DAY_MS = 86_400_000

log = structlog.get_logger("deliveries")
Open = Callable[[Channel, Secrets], Sender]


class Ready(Entity):
    """A claimed message with its letter; `attempt` tells this claim from a later one."""

    message: str
    channel: str
    letter: Letter
    attempt: int
    until: int
    give_up_at: int


class Deliveries:
    """Sends what is due."""

    def __init__(
        self,
        store: Store,
        *,
        configurations: ConfigurationCache,
        trees: TreeCache,
        clock: Clock,
        secrets: Secrets,
        opened: Open = sender,
    ) -> None:
        self._store, self._configurations, self._trees = store, configurations, trees
        self._clock, self._secrets, self._opened = clock, secrets, opened

    def run(self) -> int:
        """Send everything that is due now, slice by slice; returns how many messages were sent.

        A channel that is itself away is left alone for the rest of this turn.
        """
        sent, away = 0, set[str]()
        senders: dict[str, Sender] = {}
        while True:
            looked, ready, channels = self._store.retrying(lambda: self._claim(away))
            for one in ready:
                sent += self._send(one, channels[one.channel], senders, away)
            if looked < SLICE:
                return sent

    def forget(self) -> int:
        """Forget what ended half a year ago; returns how many messages."""
        before, gone = self._clock.now() - KEEP_DAYS * _DAY_MS, 0
        while True:
            with self._store.write() as conn:
                count = queue.forget(conn, before=before, limit=FORGET_SLICE)
                conn.commit()
            gone += count
            if count < FORGET_SLICE:
                return gone

    def _claim(self, away: set[str]) -> tuple[int, list[Ready], Mapping[str, Channel]]:
        """Claim a slice: what may not go out ends here, what must wait is put off, the rest is begun."""
        now = self._clock.now()
        with self._store.write() as conn:
            configuration = self._configurations.current(conn)
            channels = configuration.channels
            if is_held(conn):
                return 0, [], channels  # after a restore the operator says when people are told again
            paces = {id: one.per_minute for id, one in channels.items() if one.per_minute}
            rooms = queue.rooms(conn, paces, now)
            full = {id for id, room in rooms.items() if not room}
            due = queue.lock_due(conn, now=now, limit=SLICE, without=away | full)
            if not due:
                return 0, [], channels
            begun = self._sorted_out(conn, due, configuration, rooms, now)
            queue.begin(conn, [message for message, _ in begun], now=now, until=now + LEASE_MS)
            conn.commit()
        ready = [
            Ready(
                message=one.id,
                channel=one.channel,
                letter=letter,
                attempt=one.attempts + 1,
                until=now + LEASE_MS,
                give_up_at=one.at + channels[one.channel].give_up_s * 1000,
            )
            for one, letter in begun
        ]
        return len(due), ready, channels

    def _sorted_out(
        self,
        conn: "Connection",
        due: Sequence[Queued],
        configuration: Configuration,
        rooms: dict[str, int],
        now: int,
    ) -> list[tuple[Queued, Letter]]:
        letters = Letters(conn, configuration, self._trees.current(conn), due)
        begun: list[tuple[Queued, Letter]] = []
        for message in due:
            channel = configuration.channels.get(message.channel)
            letter = letters.letter(message, channel, now) if channel else Dropped(outcome="channel_gone")
            if channel is not None and now - message.at > channel.give_up_s * 1000:
                letter = Dropped(outcome="too_old")
            if channel is None or isinstance(letter, Dropped):
                outcome = letter.outcome if isinstance(letter, Dropped) else "channel_gone"
                queue.end(conn, message.id, state="dropped", outcome=outcome, at=now)
                continue
            until = None if message.urgent else quiet_until(channel.quiet, channel.zone, now)
            if until is not None:
                queue.postpone(conn, message.id, until)
            elif rooms.get(channel.id, 1) > 0:
                if channel.id in rooms:
                    rooms[channel.id] -= 1
                begun.append((message, letter))
        return begun

    def _send(self, one: Ready, channel: Channel, senders: dict[str, Sender], away: set[str]) -> bool:
        """Try one letter and write down what became of it; a claim that ran out is nobody's any more."""
        if self._clock.now() >= one.until:
            return False
        try:
            if channel.id in away:
                raise SendError("channel_away", away=True)
            if channel.id not in senders:
                senders[channel.id] = self._opened(channel, self._secrets)
            senders[channel.id].send(one.letter)
        except SendError as error:
            self._failed(one, error, away)
            return False
        except Exception as error:  # noqa: BLE001 - a sender's fault must not end the others' turn
            # The text of the error may hold that of the letter.
            log.error("delivery_failed", delivery=one.message, kind=type(error).__name__)
            self._failed(one, SendError("server_fault"), away)
            return False
        self._finish(one, state="sent", outcome="sent", due_at=0)
        return True

    def _failed(self, one: Ready, error: SendError, away: set[str]) -> None:
        now = self._clock.now()
        if error.away:
            away.add(one.channel)
        wait = max(retry_delay_ms(one.message, one.attempt), (error.after_s or 0) * 1000)
        lasting = error.permanent or now + wait > one.give_up_at
        state = "failed" if lasting else "waiting"
        self._finish(one, state=state, outcome=error.code, due_at=now + wait)
        if lasting:
            log.warning("delivery_given_up", delivery=one.message, channel=one.channel, code=error.code)

    def _finish(self, one: Ready, *, state: str, outcome: str, due_at: int) -> None:
        def work() -> None:
            with self._store.write() as conn:
                at = self._clock.now()
                queue.finish(
                    conn, one.message, one.attempt, state=state, outcome=outcome, at=at, due_at=due_at
                )
                conn.commit()

        self._store.retrying(work)
