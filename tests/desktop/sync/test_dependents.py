"""What depends on a command that does not come through: it waits, is told of, and goes on with it (SYNC §4)."""

from collections.abc import Callable

from sqlalchemy import select

from desktop.commands.settle import discard, resend
from desktop.commands.together import link
from desktop.commands.write import note
from desktop.replica import purge, sql
from desktop.replica.changed import Moves
from domain.errors import UnavailableError
from domain.wire.sync import PushAnswer, PushRequest
from sync_server.store import tables as t
from tests.desktop.sync.desktop import Desktop
from tests.desktop.sync.office import Office

Make = Callable[..., Desktop]


class Box:
    """Something between that drops every request with a ticket's creation in it, while it is there."""

    def __init__(self, amy: Desktop, ticket: str) -> None:
        self._push, self._ticket, self.there = amy.signed_on.transport.push, ticket, True
        self.asked: list[tuple[str, ...]] = []
        self.loses_questions = 0  # so many about what was set aside
        amy.engine._exchange._transport.push = self.push  # type: ignore[method-assign]

    def push(self, request: PushRequest) -> PushAnswer:
        """Send, or lose, a request."""
        self.asked.append(tuple(command.kind for command in request.commands))
        made = any(one.ticket_id == self._ticket and one.kind == "create" for one in request.commands)
        if request.withdraw and self.loses_questions:
            self.loses_questions -= 1
            raise UnavailableError("connection_lost")
        if made and self.there:
            raise UnavailableError("connection_lost")
        return self._push(request)


def _told(amy: Desktop) -> dict[str, tuple[str, str, int]]:
    """What needs attention: the reason and the item's number, by kind of command."""
    with amy.replica.read() as conn:
        found = sql.rows(
            conn,
            "SELECT c.kind, a.kind, a.code, a.num FROM attention a JOIN command c ON c.id = a.command "
            "WHERE a.settled_at IS NULL",
        )
    return {kind: (why, code, num) for kind, why, code, num in found}


def _chained(office: Office, desktop: Make) -> tuple[Desktop, Box, str, str]:
    """A ticket that never gets through, a link to it on another one, and a note on that."""
    amy = desktop(office.address, "amy")
    amy.settle()
    there = amy.create("Till 3")
    amy.settle()
    lost = amy.create("The box between drops this one")
    box = Box(amy, lost)
    link(amy.runner, there, to=lost, relation="related")
    note(amy.runner, there, body="after the link")
    note(amy.runner, lost, body="on the lost one")
    return amy, box, there, lost


def test_what_depends_on_a_command_that_is_set_aside_is_not_pushed(office: Office, desktop: Make) -> None:
    """It waits on whichever ticket, in its order, is then told of as blocked, and others are not held up."""
    amy, box, there, _ = _chained(office, desktop)
    other, box.loses_questions = amy.create("Has nothing to do with it"), 4
    amy.send_all()
    told = _told(amy)
    assert told["create"][:2] == ("rejected", "withdrawn")
    assert told["link"][:2] == told["reply"][:2] == ("blocked", "dependency_failed")
    assert sum("link" in kinds for kinds in box.asked if "create" not in kinds) == 1
    held = {row[0] for row in office.rows(select(t.ticket.c.id))}
    assert held == {there, other}
    assert [one.body for one in amy.entries(there) if one.kind == "note"] == ["after the link"]


def test_what_waited_goes_on_when_the_first_is_sent_anew(office: Office, desktop: Make) -> None:
    """On either ticket, in one gesture."""
    amy, box, there, lost = _chained(office, desktop)
    amy.send_all()
    box.there = False
    resend(amy.runner, _told(amy)["create"][2])
    amy.send_all()
    assert _told(amy) == {}
    assert {row[0] for row in office.rows(select(t.ticket.c.id))} == {there, lost}
    ticket = amy.ticket(there)
    assert ticket is not None
    assert [one.ticket for one in ticket.links] == [lost]
    assert [one.body for one in amy.entries(lost) if one.kind == "note"] == ["on the lost one"]


def test_what_was_written_meanwhile_goes_after_what_is_sent_anew(office: Office, desktop: Make) -> None:
    """A note given while its ticket needed attention never left: it follows the ticket, and is not refused."""
    amy, box, _, lost = _chained(office, desktop)
    amy.send_all()
    box.there = False
    note(amy.runner, lost, body="written meanwhile")
    resend(amy.runner, _told(amy)["create"][2])
    amy.send_all()
    assert _told(amy) == {}
    bodies = [one.body for one in amy.entries(lost) if one.kind == "note"]
    assert sorted(filter(None, bodies)) == ["on the lost one", "written meanwhile"]


def test_what_depends_on_what_was_given_up_is_told_of(office: Office, desktop: Make) -> None:
    """The server never heard of a ticket that was discarded here: what names it is blocked, not asked for ever."""
    amy, box, there, lost = _chained(office, desktop)
    with amy.replica.write() as conn:
        purge.leave(conn, [lost], Moves(), amy.clock.now())
    discard(amy.runner, _told(amy)["create"][2])
    amy.send_all()
    assert not any("create" in kinds for kinds in box.asked)
    assert _told(amy)["link"][:2] == ("blocked", "dependency_failed")
    assert [one.body for one in amy.entries(there) if one.kind == "note"] == ["after the link"]
