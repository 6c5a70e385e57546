"""The lanes of attachments against a real server: breaks, kills, refusals, and text that never waits."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from desktop.commands import attachments as gestures
from desktop.commands import write
from desktop.commands.attachments import reference
from desktop.replica import attachments, integrity, meta, purge
from desktop.replica.attachments import Held
from desktop.replica.changed import Changed, Moves
from desktop.sync.attachments import DownLane, HttpCourier, Lane, UpLane
from desktop.sync.http import HttpTransport
from domain.errors import UnavailableError
from domain.wire.attachments import CHUNK, AttachmentRef, UploadState
from sync_server.store import tables as t
from tests.desktop.sync.desktop import Desktop
from tests.desktop.sync.office import Office, OfficeProcess, until

CONTENT = (bytes(range(251)) * 13_000)[: 3 * CHUNK] + b"the end of it"
REF = reference("till.jpg", CONTENT, type="image/jpeg", width=40, height=30)
Opened = Callable[..., Desktop]


class BreakingCourier(HttpCourier):
    """Loses the connection after some parts; counts those it carried."""

    def __init__(self, transport: HttpTransport, breaks_after: int = 1 << 30) -> None:
        super().__init__(transport)
        self.breaks_after, self.sent, self.got = breaks_after, list[int](), list[int]()

    def put(self, hash: str, offset: int, part: bytes) -> UploadState:
        """Send one part, and lose the answer to the last."""
        state = super().put(hash, offset, part)
        self.sent.append(offset)
        self._break(len(self.sent))
        return state

    def get(self, hash: str, ticket: str, start: int, end: int) -> bytes:
        """Fetch one part, and lose the last."""
        raw = super().get(hash, ticket, start, end)
        self._break(len(self.got) + 1)
        self.got.append(start)
        return raw

    def _break(self, count: int) -> None:
        if count == self.breaks_after:
            raise UnavailableError("connection_lost")


class Lanes:
    """A desktop's lanes, stepped by the test; `changed` is what screens were told."""

    def __init__(self, desk: Desktop, *, breaks_after: int = 1 << 30, cache: int = 1 << 40) -> None:
        self.desk, self.changed = desk, list[Changed]()
        self.transport = HttpTransport(desk.address, desk.signed_on.shelf, desk.clock)
        self.courier = BreakingCourier(self.transport, breaks_after)
        self.up = UpLane(
            desk.replica, self.courier, clock=desk.clock, changed=self.changed.append, chance=lambda: 0.5
        )
        self.down = DownLane(
            desk.replica,
            self.courier,
            clock=desk.clock,
            changed=self.changed.append,
            cache_bytes=lambda: cache,
            chance=lambda: 0.5,
        )

    def run(self, lane: Lane) -> None:
        """Step at once until nothing is left to do."""
        for _ in range(20):
            lane.try_now()
            if lane.step() >= 30_000:
                return
        raise AssertionError("never at rest")


@pytest.fixture
def lanes() -> Callable[..., Lanes]:
    """Makes lanes of a desktop."""
    return Lanes


def _ticket(desk: Desktop) -> str:
    desk.settle()
    return desk.create("Till")


def _attach(desk: Desktop, ticket: str, ref: AttachmentRef = REF, content: bytes = CONTENT) -> None:
    gestures.choose(desk.replica, ticket, ref, content, desk.clock.now())
    write.reply(desk.runner, ticket, body="look", files=[ref])


def _held(desk: Desktop, ticket: str, hash: str = REF.hash) -> Held | None:
    with desk.replica.read() as conn:
        return attachments.held(conn, ticket).get(hash)


def _state(desk: Desktop, ticket: str) -> str:
    one = _held(desk, ticket)
    return f"{one.state} {one.code}".strip() if one else ""


def _read(desk: Desktop) -> bytes:
    return b"".join(desk.replica.vault.read(REF.hash, REF.size))


def test_attachment_reaches_a_colleague(office: Office, desktop: Opened) -> None:
    """Text goes ahead, bytes follow on their own, and come down when looked at."""
    amy, eva = desktop(office.address, "amy"), desktop(office.address, "eva")
    id = _ticket(amy)
    _attach(amy, id)
    amy.settle()
    eva.settle()
    theirs = Lanes(eva)
    gestures.want(eva.replica, id, REF, 1)
    theirs.run(theirs.down)
    assert _state(eva, id) == "failed attachment_awaited"
    mine = Lanes(amy)
    mine.run(mine.up)
    assert _state(amy, id) == "cached"
    gestures.want(eva.replica, id, REF, 1)
    theirs.run(theirs.down)
    assert (_state(eva, id), _read(eva) == CONTENT) == ("cached", True)
    assert {one.kinds for one in mine.changed + theirs.changed} == {frozenset({"attachments"})}


@pytest.mark.parametrize("after", [1, 2, 4])
def test_broken_upload_goes_on_where_it_was(office: Office, desktop: Opened, after: int) -> None:
    """Lost connections cost no part twice, whichever part they hit; the last one's answer may be lost, too."""
    amy = desktop(office.address, "amy")
    id = _ticket(amy)
    _attach(amy, id)
    mine = Lanes(amy, breaks_after=after)
    mine.run(mine.up)
    assert mine.courier.sent == [0, CHUNK, 2 * CHUNK, 3 * CHUNK]
    amy.settle()
    mine.run(mine.up)
    assert _state(amy, id) == "cached"


def test_broken_fetch_goes_on_where_it_was(office: Office, desktop: Opened) -> None:
    """What came stays; another process goes on with it."""
    amy, eva = desktop(office.address, "amy"), desktop(office.address, "eva")
    id = _ticket(amy)
    _attach(amy, id)
    amy.settle()
    mine = Lanes(amy)
    mine.run(mine.up)
    eva.settle()
    gestures.want(eva.replica, id, REF, 1)
    first = Lanes(eva, breaks_after=3)
    assert first.down.step() > 0
    assert first.courier.got == [0, CHUNK]
    second = Lanes(eva)
    second.run(second.down)
    assert second.courier.got == [2 * CHUNK, 3 * CHUNK]
    assert _read(eva) == CONTENT


@pytest.mark.parametrize("part", [0, 3])
def test_purge_during_a_fetch_leaves_no_file(office: Office, desktop: Opened, part: int) -> None:
    """A part that was on its way while its ticket went out of sight is not kept, the last one neither."""
    amy, eva = desktop(office.address, "amy"), desktop(office.address, "eva")
    id = _ticket(amy)
    _attach(amy, id)
    amy.settle()
    mine, theirs = Lanes(amy), Lanes(eva)
    mine.run(mine.up)
    eva.settle()
    gestures.want(eva.replica, id, REF, 1)
    get = theirs.courier.get

    def get_then_purge(hash: str, ticket: str, start: int, end: int) -> bytes:
        raw = get(hash, ticket, start, end)
        if start == part * CHUNK:
            with eva.replica.write() as conn:
                purge.leave(conn, [id], Moves(), 1)
        return raw

    theirs.courier.get = get_then_purge  # type: ignore[method-assign]
    theirs.down.step()
    assert len(theirs.courier.got) == part + 1
    assert list(eva.replica.vault.folder.iterdir()) == []


def test_stopped_desktop_goes_on_after_a_restart(office: Office, tmp_path: Path) -> None:
    """Closed in the middle of an upload, the desktop goes on at the part it was at."""
    amy = Desktop(tmp_path / "home", office.address, "amy")
    id = _ticket(amy)
    _attach(amy, id)
    mine = Lanes(amy, breaks_after=2)
    mine.up.step()
    mine.transport.close()
    amy.close()
    again = Desktop(tmp_path / "home", office.address, "amy")
    later = Lanes(again)
    later.run(later.up)
    assert later.courier.sent == [2 * CHUNK, 3 * CHUNK]
    again.close()


@pytest.mark.slow
def test_killed_server_goes_on_where_it_was(tmp_path: Path) -> None:
    """A server killed in the middle of an upload takes the rest after its restart, and serves it whole."""
    office = OfficeProcess(tmp_path / "server")
    amy = Desktop(tmp_path / "home", office.address, "amy")
    try:
        id = _ticket(amy)
        _attach(amy, id)
        amy.settle()
        mine = Lanes(amy, breaks_after=2)
        mine.up.step()
        office.kill()
        mine.up.try_now()
        assert mine.up.step() > 0
        office.start()
        mine.run(mine.up)
        assert mine.courier.sent == [0, CHUNK, 2 * CHUNK, 3 * CHUNK]
        assert _state(amy, id) == "cached"
        with amy.replica.write() as conn:
            attachments.evict(conn, 0)
        gestures.want(amy.replica, id, REF, 1)
        mine.courier.breaks_after = 0
        mine.run(mine.down)
        assert _state(amy, id) == "cached"
        assert _read(amy) == CONTENT
    finally:
        office.kill()
        amy.close()


def test_running_lanes_carry_and_stop(office: Office, desktop: Opened) -> None:
    """As threads they wake on new work and end when told to, though nothing was heard for long."""
    amy = desktop(office.address, "amy")
    id = _ticket(amy)
    amy.settle()
    mine = Lanes(amy)
    mine.up.start()
    mine.down.start()
    _attach(amy, id)
    mine.up.wake()
    until(lambda: _state(amy, id).startswith("uploaded"), "uploaded")
    amy.settle()
    mine.up.wake()
    until(lambda: _state(amy, id) == "cached", "settled")
    mine.up.stop()
    mine.down.stop()
    names = {mine.up.name, mine.down.name}
    assert not [one for one in threading.enumerate() if one.name in names and one.is_alive()]


def test_text_is_applied_while_bytes_wait(office: Office, desktop: Opened) -> None:
    """The push of a command waits for no upload, and an upload for no push."""
    amy = desktop(office.address, "amy")
    id = _ticket(amy)
    _attach(amy, id)
    amy.settle()
    assert set(amy.states()) <= {"acked", "done"}
    assert _state(amy, id) == "draft"


def test_content_that_the_server_refuses_blocks_nobody(office: Office, desktop: Opened) -> None:
    """It fails with the server's reason, and the next one goes up."""
    amy = desktop(office.address, "amy")
    id = _ticket(amy)
    small = reference("s.jpg", b"small", type="image/jpeg")
    _attach(amy, id)
    _attach(amy, id, small, b"small")
    object.__setattr__(office.services.settings, "attachment_mb", 1)
    mine = Lanes(amy)
    mine.run(mine.up)
    assert _state(amy, id) == "failed attachment_too_large"
    one = _held(amy, id, small.hash)
    assert one is not None
    assert one.state == "uploaded"


def test_restored_server_is_offered_everything_again(office: Office, desktop: Opened) -> None:
    """After a new epoch the desktop asks whether its uploads are still there, and sends what is not."""
    amy = desktop(office.address, "amy")
    id = _ticket(amy)
    _attach(amy, id)
    amy.settle()
    mine = Lanes(amy)
    mine.run(mine.up)
    office.change(t.blob.delete())
    office.services.blob_files.remove(REF.hash)
    with amy.replica.write() as conn:
        meta.put(conn, "attachments_epoch", "before")
    mine.run(mine.up)
    assert office.services.blob_files.holds(REF.hash, REF.size)


def test_what_was_lost_between_upload_and_verdict_is_sent_again(office: Office, desktop: Opened) -> None:
    """A server that silently went back before the message came has not its file: it is offered with the verdict."""
    amy = desktop(office.address, "amy")
    id = _ticket(amy)
    amy.settle()
    _attach(amy, id)
    mine = Lanes(amy)
    mine.run(mine.up)
    assert _state(amy, id) == "uploaded"
    office.change(t.blob.delete())
    office.services.blob_files.remove(REF.hash)
    amy.settle()
    mine.run(mine.up)
    assert office.services.blob_files.holds(REF.hash, REF.size)
    assert _state(amy, id) == "cached"


def test_what_was_lost_later_is_sent_again_by_the_check_of_the_day(office: Office, desktop: Opened) -> None:
    """No sum tells of bytes: once a day own files are offered again, whatever the limits are by then."""
    amy = desktop(office.address, "amy")
    id = _ticket(amy)
    _attach(amy, id)
    amy.settle()
    mine = Lanes(amy)
    mine.run(mine.up)
    assert _state(amy, id) == "cached"
    checks: tuple[tuple[integrity.Why, int], ...] = (("asked", 4), ("scope", 4), ("daily", 8))
    for why, sent in checks:
        if sent > len(mine.courier.sent):
            office.change(t.blob.delete())
            office.services.blob_files.remove(REF.hash)
            with amy.replica.write() as conn:
                meta.put(conn, "files_offered_at", 0)
        with amy.replica.write() as conn:
            integrity.begin(conn, why)
        amy.settle()
        mine.run(mine.up)
        assert (_state(amy, id), len(mine.courier.sent)) == ("cached", sent)
    assert office.services.blob_files.holds(REF.hash, REF.size)
    object.__setattr__(office.services.settings, "attachment_mb", 1)
    amy.engine.verify()
    amy.settle()
    mine.run(mine.up)
    assert _state(amy, id) == "cached"


def test_cache_is_bounded(office: Office, desktop: Opened) -> None:
    """What does not fit goes, bytes and all; the reference stays and can be fetched again."""
    amy = desktop(office.address, "amy")
    id = _ticket(amy)
    _attach(amy, id)
    amy.settle()
    mine = Lanes(amy, cache=CHUNK)
    mine.run(mine.up)
    gestures.want(amy.replica, id, REF, 1)
    with amy.replica.write() as conn:
        attachments.evict(conn, CHUNK)
    assert (_state(amy, id), amy.replica.vault.holds(REF.hash)) == ("", False)


def test_out_of_scope_is_told_as_not_there(office: Office, desktop: Opened) -> None:
    """A reference to what may not be seen fails, and stays failed until somebody tries again."""
    amy, ben = desktop(office.address, "amy"), desktop(office.address, "ben")
    id = _ticket(amy)
    _attach(amy, id)
    amy.settle()
    mine = Lanes(amy)
    mine.run(mine.up)
    gestures.want(ben.replica, id, REF, 1)
    theirs = Lanes(ben)
    theirs.run(theirs.down)
    assert _state(ben, id) == "failed attachment_not_found"


def test_limits_come_from_the_server(office: Office, desktop: Opened) -> None:
    """What may be attached is asked for once in a while and kept for offline."""
    amy = desktop(office.address, "amy")
    object.__setattr__(office.services.settings, "attachment_files", 3)
    mine = Lanes(amy)
    mine.up.step()
    with amy.replica.read() as conn:
        assert attachments.limits(conn).most_files == 3


def test_revoked_device_waits_for_the_files_of_its_last_push(office: Office, desktop: Opened) -> None:
    """Its key goes only once what was attached to the last commands is on the server."""
    amy = desktop(office.address, "amy")
    id = _ticket(amy)
    amy.settle()
    _attach(amy, id)
    with amy.replica.read() as conn:
        device = meta.get(conn, "device")
    office.revoke(device)
    amy.settle()
    assert (amy.engine.paused, amy.standing().unsent) == ("", 0)
    mine = Lanes(amy)
    mine.up.step()
    assert office.services.blob_files.holds(REF.hash, REF.size)
    amy.settle()
    assert amy.engine.paused == "device_revoked"
