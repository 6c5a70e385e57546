"""What doctor sees: gaps in the feed, work nobody does, calendars that run out."""

from sqlalchemy import insert

from sync_server.operations.doctor import Finding, examine
from sync_server.operations.tools import Tools
from sync_server.store import tables as t
from sync_server.store.unit_of_work import ChangeRow, UnitOfWork


def _found(tools: Tools) -> dict[str, Finding]:
    return {one.name: one for one in examine(tools)}


def test_sound_server_is_found_well(sample: Tools) -> None:
    """Feed, migrations, file, due work: nothing to say against the sample."""
    found = _found(sample)
    assert all(found[name].well for name in ("migrations", "feed", "file", "due_work", "rows"))
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
