"""What of attachments stays on a desktop: unsent work always, the rest while something covers it."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from desktop.commands import attachments as gestures
from desktop.commands import local, settle, write
from desktop.commands.attachments import reference
from desktop.commands.export import export_outbox
from desktop.replica import attachments, puts, sql
from desktop.replica.attachments import Held
from desktop.replica.changed import Moves
from desktop.replica.engine import Replica
from desktop.replica.rescue import rebuild
from domain.entities.people import ORDINARY
from domain.errors import RefusedError
from domain.wire.attachments import AttachmentLimits, AttachmentRef
from tests.desktop.replica.desk import Desk, handler
from tests.desktop.replica.station import KEY, Station

CONTENT = b"a picture of the till " * 1000
REF = reference("till.jpg", CONTENT, type="image/jpeg", width=4, height=3)


def _held(station: Station, ticket: str) -> Held | None:
    with station.replica.read() as conn:
        return attachments.held(conn, ticket).get(REF.hash)


def _state(station: Station, ticket: str) -> str:
    one = _held(station, ticket)
    return one.state if one else ""


def _choose(station: Station, ticket: str, ref: AttachmentRef = REF, content: bytes = CONTENT) -> None:
    gestures.choose(station.replica, ticket, ref, content, 1)


def _turn(station: Station) -> None:
    """What the lane does to the books at each turn."""
    with station.replica.write() as conn:
        attachments.queue(conn)
        attachments.settle(conn)


def _uploaded(station: Station, ticket: str) -> None:
    one = _held(station, ticket)
    assert one is not None
    with station.replica.write() as conn:
        attachments.move(conn, one, "uploaded", offset=one.size)
        attachments.settle(conn)


def _cached(station: Station, ticket: str) -> None:
    """As if the bytes had been fetched."""
    gestures.want(station.replica, ticket, REF, 1)
    station.replica.vault.add(CONTENT)
    one = _held(station, ticket)
    assert one is not None
    with station.replica.write() as conn:
        attachments.move(conn, one, "cached")


def _has_bytes(replica: Replica) -> bool:
    return replica.vault.holds(REF.hash)


def test_chosen_file_goes_up_once_its_message_is_sent(ann: Station) -> None:
    """Before, it is a draft; the command and the upload need each other in no order."""
    id = ann.create("Till")
    _choose(ann, id)
    _turn(ann)
    assert _state(ann, id) == "draft"
    write.reply(ann.runner, id, body="", files=[REF])
    _turn(ann)
    assert _state(ann, id) == "local"


def test_own_bytes_stay_until_server_and_command_are_done(ann: Station) -> None:
    """Uploaded is not enough: bytes are this machine's to keep until the server has them after the verdict."""
    id = ann.create("Till")
    ann.settle()
    _choose(ann, id)
    write.reply(ann.runner, id, body="look", files=[REF])
    _turn(ann)
    _uploaded(ann, id)
    assert _state(ann, id) == "uploaded"
    with ann.replica.write() as conn:
        assert attachments.evict(conn, 0) == 0
    ann.settle()
    _turn(ann)
    assert _state(ann, id) == "local"
    one = _held(ann, id)
    assert one is not None
    with ann.replica.write() as conn:
        assert attachments.settled(conn, one)
        attachments.move(conn, one, "cached")
        assert attachments.evict(conn, 0) == 1
    assert not _has_bytes(ann.replica)


def test_restored_server_is_offered_what_went_up_for_unsettled_messages(ann: Station) -> None:
    """The bytes went up, and the server went back before the verdict on their message came: they go up again."""
    id = ann.create("Till")
    ann.settle()
    _choose(ann, id)
    write.reply(ann.runner, id, body="look", files=[REF])
    _turn(ann)
    _uploaded(ann, id)
    with ann.replica.write() as conn:
        attachments.offer_again(conn)
    assert _state(ann, id) == "local"


def test_taken_off_before_sending_leaves_nothing(ann: Station) -> None:
    """A file that was removed from the message is gone from the disk."""
    id = ann.create("Till")
    _choose(ann, id)
    gestures.unchoose(ann.replica, id, REF.hash)
    assert (_state(ann, id), _has_bytes(ann.replica)) == ("", False)


def test_taking_off_what_another_message_holds_keeps_it(ann: Station) -> None:
    """The same file in a message that was sent stays."""
    id = ann.create("Till")
    _choose(ann, id)
    write.reply(ann.runner, id, body="look", files=[REF])
    gestures.unchoose(ann.replica, id, REF.hash)
    _turn(ann)
    assert (_state(ann, id), _has_bytes(ann.replica)) == ("local", True)


def test_file_in_two_tickets_goes_with_the_last(ann: Station) -> None:
    """One file on disk, as long as either names it."""
    one, two = ann.create("One"), ann.create("Two")
    _choose(ann, one)
    _choose(ann, two)
    gestures.unchoose(ann.replica, one, REF.hash)
    assert _has_bytes(ann.replica)
    gestures.unchoose(ann.replica, two, REF.hash)
    assert not _has_bytes(ann.replica)


def _seen_by_ann(ann: Station, bob: Station, *, internal: bool = False) -> str:
    id = bob.create("Till")
    bob.settle()
    _choose(bob, id)
    send = write.note if internal else write.reply
    send(bob.runner, id, body="look", files=[REF])
    bob.settle()
    ann.settle()
    _cached(ann, id)
    return id


def test_lost_scope_takes_fetched_bytes_along(ann: Station, bob: Station, desk: Desk) -> None:
    """After a purge neither row nor file of what was fetched is left."""
    id = _seen_by_ann(ann, bob)
    assert _has_bytes(ann.replica)
    desk.grant("ann", handler("s3"))
    ann.pull()
    assert (_state(ann, id), list(ann.replica.vault.folder.iterdir())) == ("", [])


def test_lost_class_takes_its_bytes_along(ann: Station, bob: Station, desk: Desk) -> None:
    """Whoever may no longer see internal notes keeps nothing that was attached to one."""
    id = _seen_by_ann(ann, bob, internal=True)
    desk.grant("ann", handler("s1", classes=ORDINARY))
    ann.pull()
    assert id in ann.shown()
    assert (_state(ann, id), _has_bytes(ann.replica)) == ("", False)


def test_erased_row_takes_fetched_bytes_along(ann: Station, bob: Station, desk: Desk) -> None:
    """When the server says that a row was erased, what was attached to it goes from this disk."""
    id = _seen_by_ann(ann, bob)
    put = desk.put("ann", id)
    later = put.ticket.rev + 1
    gone = tuple(replace(one, rev=later, erased=True, body=None, detail={}) for one in put.entries)
    with ann.replica.write() as conn:
        puts.take(conn, [replace(put, ticket=replace(put.ticket, rev=later), entries=gone)], "ann", Moves())
    assert (_state(ann, id), _has_bytes(ann.replica)) == ("", False)


def _cut_off(ann: Station, bob: Station, desk: Desk) -> str:
    """A reply of ann's with a file, on a ticket that went out of her sight before it was sent."""
    id = bob.create("Till")
    bob.settle()
    ann.settle()
    _choose(ann, id)
    write.reply(ann.runner, id, body="look", files=[REF])
    _turn(ann)
    desk.grant("ann", handler("s3"))
    ann.pull()
    assert id not in ann.shown()
    _turn(ann)
    return id


def test_purge_never_takes_unsent_work(ann: Station, bob: Station, desk: Desk) -> None:
    """What was attached and not sent goes to needs attention with its command, bytes and all."""
    id = _cut_off(ann, bob, desk)
    assert (_state(ann, id), _has_bytes(ann.replica)) == ("local", True)


def test_discarded_command_gives_its_bytes_up(ann: Station, bob: Station, desk: Desk) -> None:
    """Only the person ends unsent work; then its files go, too."""
    id = _cut_off(ann, bob, desk)
    with ann.replica.read() as conn:
        (num,) = sql.column(conn, "SELECT num FROM attention")
    settle.discard(ann.runner, num)
    _turn(ann)
    assert (_state(ann, id), _has_bytes(ann.replica)) == ("", False)


def test_export_takes_the_files_along(ann: Station, tmp_path: Path) -> None:
    """What is unsent can be carried away whole: the lines, and beside them the bytes they name."""
    id = ann.create("Till")
    _choose(ann, id)
    write.reply(ann.runner, id, body="look", files=[REF])
    assert export_outbox(ann.replica, tmp_path / "out.jsonl") == 2
    assert REF.hash in (tmp_path / "out.jsonl").read_text(encoding="utf-8")
    assert (tmp_path / "out-attachments" / f"{REF.hash}.jpg").read_bytes() == CONTENT


def test_cache_forgets_what_was_looked_at_longest_ago(ann: Station) -> None:
    """The bound is of bytes; what was used last stays."""
    id = ann.create("Till")
    refs = []
    for n in range(3):
        content = bytes([n]) * 1000
        ref = reference(f"{n}.jpg", content, type="image/jpeg")
        gestures.choose(ann.replica, id, ref, content, n)
        refs.append(ref)
    with ann.replica.write() as conn:
        for one in attachments.held(conn, id).values():
            attachments.move(conn, one, "cached")
        attachments.used(conn, refs[0].hash, 9)
        assert attachments.evict(conn, 2000) == 1
        left = set(attachments.held(conn, id))
    assert left == {refs[0].hash, refs[2].hash}


def test_drafts_keep_their_files_over_a_restart(ann: Station) -> None:
    """At start, drafts that still name a file keep it; files nobody names are deleted."""
    id = ann.create("Till")
    _choose(ann, id)
    local.save_draft(ann.replica, f"reply:{id}", kind="reply", body=REF.hash, at=1)
    ann.replica.vault.add(b"stray")
    with ann.replica.write() as conn:
        attachments.tidy(conn, 2)
    assert (_state(ann, id), _has_bytes(ann.replica)) == ("draft", True)
    local.drop_draft(ann.replica, f"reply:{id}")
    with ann.replica.write() as conn:
        attachments.tidy(conn, 2)
    assert list(ann.replica.vault.folder.iterdir()) == []


def test_failed_transfer_is_tried_again_by_its_side(ann: Station) -> None:
    """A click on what failed uploads one's own and fetches others'."""
    id = ann.create("Till")
    _choose(ann, id)
    one = _held(ann, id)
    assert one is not None
    with ann.replica.write() as conn:
        attachments.move(conn, one, "failed", code="attachment_quota")
    gestures.want(ann.replica, id, REF, 1)
    assert _state(ann, id) == "local"


def test_rescued_replica_keeps_unsent_files(ann: Station) -> None:
    """Where a damaged replica lost its rows, files are found again by the commands that name them."""
    id = ann.create("Till")
    _choose(ann, id)
    write.reply(ann.runner, id, body="look", files=[REF])
    with ann.replica.write() as conn:
        sql.run(conn, "DELETE FROM attachment")
    path = ann.replica.path
    ann.replica.close()
    saved, _ = rebuild(path, KEY, person="ann", device="d", code="AAAA")
    with saved.read() as conn:
        assert [one.state for one in attachments.held(conn, id).values()] == ["local"]
    assert _has_bytes(saved)
    saved.close()


def test_limits_are_what_the_server_said(ann: Station) -> None:
    """What may be attached is known offline, too, and judged as the server will."""
    id = ann.create("Till")
    with ann.replica.write() as conn:
        attachments.keep_limits(conn, AttachmentLimits(most_bytes=10))
    with pytest.raises(RefusedError, match="attachment_too_large"):
        write.reply(ann.runner, id, body="look", files=[REF])
