"""What doctor sees: gaps in the feed, work nobody does, calendars that run out."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from sync_server.api.sealing import server_secret
from sync_server.operations.doctor import CLOCK_APART_MS, ENOUGH_DISK, Finding, examine
from sync_server.operations.notices import retry
from sync_server.operations.recovering import close, open_in_place, release
from sync_server.operations.tools import Tools
from sync_server.store import agreement
from sync_server.store import delivery_queue as queue
from sync_server.store import tables as t
from sync_server.store.deliveries import Outgoing, queue_deliveries
from sync_server.store.unit_of_work import ChangeRow, UnitOfWork
from tests.sync_server.chain import Chain


def _found(tools: Tools) -> dict[str, Finding]:
    return {one.name: one for one in examine(tools)}


def test_sound_server_is_found_well(sample: Tools) -> None:
    """Feed, migrations, file, due work: nothing to say against the sample."""
    found = _found(sample)
    assert [one.name for one in found.values() if not one.well and one.name != "holidays"] == []
    assert found["rows"].args["units"] == 19


def test_hole_in_the_feed_is_found(sample: Tools) -> None:
    """A change row that is missing is what doctor is for."""
    with sample.store.write() as conn:
        work = UnitOfWork(conn, nonces=sample.ids, at=0)
        for number in range(3):
            work.touch(ChangeRow(entity="line", entity_id=str(number)))
        head = work.commit()
    with sample.store.write() as conn:
        conn.execute(t.change.delete().where(t.change.c.seq == head - 1))
        conn.commit()
    feed = _found(sample)["feed"]
    assert (feed.well, feed.args["missing"]) == (False, 1)


def test_steps_nobody_fires_are_found(sample: Tools) -> None:
    """Work that has been due for long means that no worker runs."""
    step = {"ticket": "t", "metric": "resolution", "cycle": 1, "step": "-1", "due_at": 1, "fired_at": None}
    with sample.store.write() as conn:
        conn.execute(insert(t.sla_step), [step])
        conn.commit()
    due = _found(sample)["due_work"]
    assert (due.well, due.args["count"]) == (False, 1)


HARM: dict[str, Callable[[str], Any]] = {
    "revisions": lambda ticket: update(t.entry).where(t.entry.c.ticket == ticket).values(rev=99),
    "marks": lambda ticket: update(t.ticket).where(t.ticket.c.id == ticket).values(mark=1 << 41),
    "followers": lambda ticket: insert(t.ticket_cc).values(ticket=ticket, person="nobody"),
    "clocks": lambda ticket: (
        update(t.ticket).where(t.ticket.c.id == ticket).values(due_at=1, policy="standard", policy_version=1)
    ),
    "tree": lambda _: update(t.org_unit).where(t.org_unit.c.parent != "").values(parent="nowhere"),
    "grants": lambda _: insert(t.grant).values(
        id="g", person="nobody", role="agent", unit="nowhere", line="", level=1, classes=1
    ),
    "quarantined": lambda ticket: insert(t.verdict).values(
        command="c", content_hash="", person=None, device="", ticket=ticket, kind="", status="rejected", seq=0,
        rev=0, number=None, code="server_fault", message="{}", conflicts="[]", at=1 << 52,
    ),
    "blobs": lambda ticket: insert(t.blob).values(
        hash="ab" * 32, person="p", size=1, state="whole", at=0, device=""
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(HARM))
def test_what_disagrees_is_found(tools: Tools, name: str) -> None:
    """Each harm is found under its own name, and nothing else is."""
    chain = Chain(tools.store)
    made = chain.create()
    chain.do("amy", made)
    server_secret(tools.settings.folder)
    assert _ill(tools) == {"due_work"}
    with tools.store.write() as conn:
        conn.execute(HARM[name](made.ticket_id))
        if name == "blobs":
            use = {"entry": "e", "hash": "ab" * 32, "ticket": made.ticket_id, "field_class": "ordinary"}
            conn.execute(insert(t.blob_use).values(**use, person="p", size=1))
        conn.commit()
    assert _ill(tools) == {"due_work", name}


def _ill(tools: Tools) -> set[str]:
    return {one.name for one in examine(tools) if not one.well}


def test_messages_of_the_lost_server_are_not_sent_again(tools: Tools) -> None:
    """What waited when it was lost, and what came back, stands as failed until somebody retries it; new ones go."""
    Chain(tools.store)
    live = [queued(tools, "waited")]
    open_in_place(tools)
    live.append(queued(tools, "came back"))
    close(tools)
    live.append(queued(tools, "new"))
    with tools.store.write() as conn:
        conn.execute(update(t.recovery).values(alive_until=live[0]))
        conn.commit()
    assert release(tools).told == 2
    with tools.store.read() as conn:
        found = {one.rule: (one.state, one.outcome) for one in queue.listed(conn)}
    lost = ("failed", "before_restore")
    assert found == {"waited": lost, "came back": lost, "new": ("waiting", "")}
    assert retry(tools, [], "mail") == 2


def queued(tools: Tools, rule: str) -> int:
    """Queue a message; returns when."""
    at = tools.clock.now()
    with tools.store.write() as conn:
        work = UnitOfWork(conn, nonces=tools.ids, at=at)
        queue_deliveries(work, [Outgoing(ticket="t", rule=rule, rev=1, to="x", channel="mail", template="n")])
        work.commit()
    return at


def test_an_unfinished_recovery_and_a_missing_secret_are_found(tools: Tools) -> None:
    """Until the operator has released it."""
    Chain(tools.store)
    assert _ill(tools) == {"secret"}
    server_secret(tools.settings.folder)
    open_in_place(tools)
    assert _ill(tools) == {"recovery"}
    close(tools)
    assert _ill(tools) == {"recovery"}
    release(tools)
    assert _ill(tools) == set()
    with tools.store.read() as conn:
        assert conn.execute(select(t.recovery.c.state)).scalar() == "released"


def test_little_room_and_a_clock_that_is_off_are_found(
    sample: Tools, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wherever something is kept: the least room counts; the machine's clock is held against the database's."""
    room = {sample.settings.folder: 5 * ENOUGH_DISK, sample.settings.blob_folder: 1024**2}
    sample.settings.blob_folder.mkdir(parents=True, exist_ok=True)
    monkeypatch.setattr(
        "sync_server.operations.doctor.shutil.disk_usage",
        lambda folder: SimpleNamespace(free=room.get(folder, 5 * ENOUGH_DISK)),
    )
    disk = _found(sample)["disk"]
    assert (disk.well, disk.args["free_mb"]) == (False, 1)
    monkeypatch.setattr(agreement, "clock_apart_ms", lambda conn, now: -CLOCK_APART_MS - 1)
    assert not _found(sample)["time"].well
