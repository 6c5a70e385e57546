"""A damaged replica's successor goes on with what was under way."""

from desktop.commands import write
from desktop.replica import heads, meta, recovery
from desktop.replica.apply import begin_anew
from desktop.replica.rescue import rebuild
from tests.desktop.replica.desk import Desk
from tests.desktop.replica.station import KEY, Station


def test_what_a_restored_server_lost_is_still_given_back(ann: Station, desk: Desk) -> None:
    """Else nothing would ever move these commands, nor what was done to their tickets later."""
    id = ann.create("Till")
    ann.settle()
    write.reply(ann.runner, id, body="perhaps lost")
    ann.settle()
    with ann.replica.write() as conn:
        begin_anew(conn, restored=True)
        asked = recovery.next_request(conn)
        meta.put(conn, heads.KEY, "told.1.2")
    path = ann.replica.path
    ann.replica.close()
    saved, _ = rebuild(path, KEY, person="ann", device="d", code="AAAA")
    with saved.read() as conn:
        assert recovery.stage(conn) == "asking"
        assert recovery.next_request(conn).epoch == asked.epoch != ""
        assert heads.seen(conn) == "told.1.2"
    saved.close()
