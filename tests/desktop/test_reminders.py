"""Reminders: at their time, once, across restarts, whatever the machine slept through."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from desktop.clock import ServerTime, SystemClock, SystemIds
from desktop.reminders import DAY_MS, MINUTE_MS, Due, Reminders, in_minutes, tomorrow_at
from desktop.replica import sql
from desktop.replica.changed import Changed
from desktop.replica.engine import Replica
from desktop.replica.queries import reminders as kept
from domain.rules.parts import ASSIGNED
from tests.desktop.sync.office import until

NOW = 1_795_000_000_000


class Clock:
    """A clock that moves when told to."""

    def __init__(self) -> None:
        self.at = NOW

    def now(self) -> int:
        """The moment."""
        return self.at

    def monotonic(self) -> int:
        """Runs with the wall."""
        return self.at


class Desk:
    """A replica with reminders on it; `told` is what popped up."""

    def __init__(self, path: Path, clock: Any) -> None:
        self.path, self.clock = path, clock
        self.told: list[Due] = []
        self.open()

    def open(self) -> None:
        """Start the program, as far as reminders go."""
        self.replica = Replica(self.path, None, durable=False)
        self.reminders = Reminders(
            self.replica,
            clock=self.clock,
            time=ServerTime(self.clock),
            ids=SystemIds(),
            tell=self.told.append,
        )

    def restart(self) -> None:
        """End the program and start it again."""
        self.close()
        self.open()

    def close(self) -> None:
        """End the program."""
        self.reminders.stop()
        self.replica.close()

    def kinds(self) -> list[str]:
        """Look at the clock, and say what popped up since the last look."""
        self.reminders.check()
        kinds = [one.kind for one in self.told]
        self.told.clear()
        return kinds

    def write(self, statement: str, *values: object) -> None:
        """Put something into the replica, as a page of the server would."""
        with self.replica.write() as conn:
            sql.run(conn, statement, values)

    def ticket(
        self, id: str, *, due_at: int, soon_at: int, state: str = "running", mine: bool = True
    ) -> None:
        """A ticket of the person's with a deadline."""
        self.write(
            "INSERT INTO ticket (id, rev, type, status, priority, template, template_version, org, line, cc, tags, "
            "requester, channel, subject, fields, created_at, updated_at, policy_version, due_at, sla_state, soon_at, "
            "access, my, is_open, due_rank, indexed) VALUES (?, 1, 'x', 'open', 'normal', 't', 1, 'e1', 'r', '[]', "
            "'[]', 'customer', 'desktop', 'Till', '{}', 1, 1, 0, ?, ?, ?, 7, ?, 1, 1, 1) "
            "ON CONFLICT (id) DO UPDATE SET due_at = excluded.due_at, soon_at = excluded.soon_at, "
            "sla_state = excluded.sla_state",
            id,
            due_at,
            state,
            soon_at,
            ASSIGNED if mine else 0,
        )

    def notice(self, id: str, kind: str, at: int) -> None:
        """A notice of the server."""
        self.write(
            "INSERT INTO notice (id, ticket, kind, at, detail) VALUES (?, 't', ?, ?, '{}')", id, kind, at
        )


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """A desk with a clock of its own."""
    made = Desk(tmp_path / "replica.db", Clock())
    yield made
    made.close()


def test_a_reminder_of_ones_own_comes_once_at_its_time(desk: Desk) -> None:
    """Not before, then once, and not again after a restart."""
    desk.reminders.remind("t", due_at=in_minutes(NOW, 10), words="Call back")
    assert desk.kinds() == []
    desk.clock.at += 10 * MINUTE_MS
    desk.reminders.check()
    assert [(one.kind, one.ticket, one.words) for one in desk.told] == [("own", "t", "Call back")]
    desk.told.clear()
    assert desk.kinds() == []
    desk.restart()
    assert desk.kinds() == []
    assert [one.words for one in desk.reminders.open()] == ["Call back"]


def test_what_fell_due_while_closed_comes_at_the_start(desk: Desk) -> None:
    """A reminder survives a restart and a night."""
    desk.reminders.remind("t", due_at=NOW + MINUTE_MS)
    desk.restart()
    desk.clock.at += DAY_MS // 2
    assert desk.kinds() == ["own"]


def test_snoozed_it_comes_again_and_done_it_does_not(desk: Desk) -> None:
    """Snoozing shows it once more, later; done ends it."""
    desk.reminders.remind("t", due_at=NOW)
    desk.reminders.check()
    (shown,) = desk.told
    desk.told.clear()
    desk.reminders.snooze(shown.id, until=NOW + 10 * MINUTE_MS)
    assert desk.kinds() == []
    assert desk.reminders.open() == []
    desk.clock.at += 10 * MINUTE_MS
    assert desk.kinds() == ["own"]
    desk.reminders.done(shown.id)
    assert desk.reminders.open() == []
    desk.restart()
    assert desk.kinds() == []


def test_deadlines_of_my_tickets_are_told_soon_and_late(desk: Desk) -> None:
    """Once when it gets close and once when it is past; a moved deadline is told anew."""
    desk.ticket("mine", due_at=NOW + 20 * MINUTE_MS, soon_at=NOW + 5 * MINUTE_MS)
    desk.ticket("other", due_at=NOW + 20 * MINUTE_MS, soon_at=NOW + 5 * MINUTE_MS, mine=False)
    desk.ticket("held", due_at=NOW + 20 * MINUTE_MS, soon_at=NOW + 5 * MINUTE_MS, state="paused")
    assert desk.kinds() == []
    desk.clock.at += 5 * MINUTE_MS
    assert desk.kinds() == ["soon"]
    assert desk.kinds() == []
    desk.clock.at += 15 * MINUTE_MS
    assert desk.kinds() == ["late"]
    desk.restart()
    assert desk.kinds() == []
    desk.ticket("mine", due_at=NOW + 60 * MINUTE_MS, soon_at=NOW + 40 * MINUTE_MS)
    desk.clock.at = NOW + 41 * MINUTE_MS
    assert desk.kinds() == ["soon"]


def test_what_is_late_already_is_not_told_as_soon_too(desk: Desk) -> None:
    """After a night both have passed: only the one that counts is told."""
    desk.ticket("mine", due_at=NOW + 20 * MINUTE_MS, soon_at=NOW + 5 * MINUTE_MS)
    desk.clock.at += 60 * MINUTE_MS
    assert desk.kinds() == ["late"]


def test_a_deadline_that_was_met_asks_for_nothing_more(desk: Desk) -> None:
    """Shown or snoozed, a reminder of a deadline goes when the deadline is met, moved, paused or given away."""
    soon: dict[str, Any] = {"due_at": NOW + 20 * MINUTE_MS, "soon_at": NOW - MINUTE_MS}
    later: dict[str, Any] = {"due_at": NOW + 90 * MINUTE_MS, "soon_at": NOW + 80 * MINUTE_MS}
    for name in ("met", "moved", "paused", "given", "stays", "snoozed"):
        desk.ticket(name, **soon)
    assert desk.kinds() == ["soon"] * 6
    desk.reminders.snooze(f"snoozed.soon.{soon['soon_at']}", until=NOW + MINUTE_MS)
    desk.ticket("met", **later)
    desk.ticket("moved", **later)
    desk.ticket("paused", **soon, state="paused")
    desk.write("UPDATE ticket SET my = 0 WHERE id = 'given'")
    desk.ticket("snoozed", **later)
    desk.clock.at += 2 * MINUTE_MS
    assert desk.kinds() == []
    assert [one.ticket for one in desk.reminders.open()] == ["stays"]


def test_once_late_the_warning_before_goes(desk: Desk) -> None:
    """A deadline that has passed stands once, as late."""
    desk.ticket("mine", due_at=NOW + 20 * MINUTE_MS, soon_at=NOW - MINUTE_MS)
    assert desk.kinds() == ["soon"]
    desk.clock.at += 20 * MINUTE_MS
    assert desk.kinds() == ["late"]
    assert [one.kind for one in desk.reminders.open()] == ["late"]


def test_nobody_is_interrupted_for_old_news(desk: Desk) -> None:
    """What is older than a day stands in the lists; it pops up no more."""
    desk.ticket("mine", due_at=NOW - 3 * DAY_MS, soon_at=NOW - 4 * DAY_MS)
    desk.notice("n1", "assigned", NOW - 2 * DAY_MS)
    assert desk.kinds() == []


def test_notices_of_the_server_are_told_once(desk: Desk) -> None:
    """Assigned, replied and so on; soon and late are known here already, and seen is seen."""
    desk.notice("n1", "assigned", NOW - MINUTE_MS)
    desk.notice("n2", "soon", NOW - MINUTE_MS)
    desk.notice("n3", "message", NOW)
    assert desk.kinds() == ["assigned", "message"]
    assert desk.kinds() == []
    desk.reminders.done("notice.n1")
    with desk.replica.read() as conn:
        assert sql.value(conn, "SELECT seen_at FROM notice WHERE id = 'n1'") == NOW
        assert kept.waiting(conn) == []
    assert [one.id for one in desk.reminders.open()] == ["notice.n3"]


def test_a_reminder_set_for_later_meanwhile_waits(desk: Desk) -> None:
    """Between reading and marking, a snooze wins."""
    desk.reminders.remind("t", due_at=NOW)
    with desk.replica.read() as conn:
        (waiting,) = kept.waiting(conn)
    desk.reminders.snooze(waiting.id, until=NOW + DAY_MS)
    assert desk.kinds() == []


def test_done_long_ago_is_forgotten(desk: Desk) -> None:
    """The table does not grow for ever."""
    desk.reminders.remind("t", due_at=NOW)
    desk.kinds()
    desk.reminders.done(desk.reminders.open()[0].id)
    desk.clock.at += 5 * DAY_MS
    desk.reminders.forget_old()
    with desk.replica.read() as conn:
        assert sql.value(conn, "SELECT count(*) FROM reminder") == 0


def test_tomorrow_is_at_nine_on_the_wall() -> None:
    """Whatever the hour now; also where the clocks change in between."""
    from datetime import datetime

    for at in (NOW, NOW + 7 * DAY_MS // 24, 1_774_659_600_000):
        found = datetime.fromtimestamp(tomorrow_at(at) / 1000)  # noqa: DTZ006 - the wall is meant
        today = datetime.fromtimestamp(at / 1000)  # noqa: DTZ006 - the wall is meant
        assert (found.hour, found.minute) == (9, 0)
        assert (found.date() - today.date()).days == 1


def test_the_scheduler_tells_in_its_own_time_and_ends(tmp_path: Path) -> None:
    """With real clocks: what is due at the start, what falls due, what is set while it runs."""
    clock = SystemClock()
    desk = Desk(tmp_path / "replica.db", clock)
    try:
        desk.reminders.remind("first", due_at=clock.now() - 1000)
        desk.reminders.start()
        until(lambda: [one.ticket for one in desk.told] == ["first"], "told at the start")
        desk.reminders.remind("second", due_at=clock.now() + 300)
        until(lambda: [one.ticket for one in desk.told] == ["first", "second"], "told in time")
        desk.notice("n1", "assigned", clock.now())
        desk.reminders.notice(Changed(kinds=frozenset({"notices"})))
        until(lambda: len(desk.told) == 3, "told when it came")
    finally:
        desk.close()
    desk.reminders.notice(Changed(kinds=frozenset({"notices"})))
    assert [one.ticket for one in desk.told[:2]] == ["first", "second"]
    assert not [one for one in threading.enumerate() if "APScheduler" in one.name]
