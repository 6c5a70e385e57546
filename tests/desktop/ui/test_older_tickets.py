"""In the search box: older tickets are looked for on the server when the person asks, and opened once they are here."""

from PySide6.QtCore import Qt

from desktop.replica import meta, sql
from desktop.replica.changed import Changed
from desktop.sync.older import Older
from desktop.sync.state import SyncState
from desktop.ui.main.hits import Entry
from domain.errors import UnavailableError
from domain.wire.older import OlderAnswer, OlderRequest, OlderTicket
from tests.desktop.ui.keys import press, write
from tests.desktop.ui.tickets.conftest import Opener, open_desk, world
from tests.desktop.ui.tickets.desk import Desk
from tests.desktop.ui.world import World

__all__ = ["open_desk", "world"]


class Shelf:
    """A server that has these tickets, or can't be reached."""

    def __init__(self, *found: OlderTicket) -> None:
        self.found, self.away = found, False
        self.asked: list[str] = []

    def search_older(self, request: OlderRequest) -> OlderAnswer:
        """Remember the question and answer it."""
        self.asked.append(request.words)
        if self.away:
            raise UnavailableError("server_unreachable")
        return OlderAnswer(found=self.found)


def _old(world: World, id: str) -> OlderTicket:
    at = world.clock.now() - 200 * 86_400_000
    return OlderTicket(
        id=id,
        number="100007",
        subject="去年的草莓",
        status="closed",
        org="HZ001",
        created_at=at,
        closed_at=at,
    )


def _ready(world: World, shelf: Shelf, open_desk: Opener) -> Desk:
    object.__setattr__(world.session, "older", Older(shelf, world.replica))
    world.sync.state = SyncState(connection="online")
    with world.replica.write() as conn:
        meta.put(conn, "keep_since", world.clock.now())
    desk = open_desk()
    desk.window.list.focus_table()
    desk.key(Qt.Key.Key_K, ctrl=True)
    return desk


def _entries(desk: Desk, kind: str) -> list[Entry]:
    return [entry for entry in desk.window.hits._model.entries if entry.kind == kind]


def _ask(desk: Desk) -> None:
    rows = [entry.kind for entry in desk.window.hits._model.entries]
    desk.window.hits._choose(rows.index("ask_older"))


def test_older_tickets_are_asked_for_found_and_opened(world: World, open_desk: Opener) -> None:
    """Typing asks nothing of the server; the last line does; what is chosen is wanted, and opens when it came."""
    id = world.ticket("草莓礼盒开箱发霉")
    world.judge()
    other = "0199c0de00007000000000000000beef"
    shelf = Shelf(_old(world, other))
    desk = _ready(world, shelf, open_desk)
    write("草莓")
    desk.qtbot.waitUntil(lambda: bool(_entries(desk, "ticket")))
    assert desk.window.hits._model.entries[-1].kind == "ask_older"
    assert shelf.asked == []
    _ask(desk)
    desk.qtbot.waitUntil(lambda: bool(_entries(desk, "older")))
    assert shelf.asked == ["草莓"]
    assert [entry.key for entry in _entries(desk, "ticket")] == [id]
    assert not _entries(desk, "ask_older")
    rows = [entry.kind for entry in desk.window.hits._model.entries]
    desk.window.hits._choose(rows.index("older"))
    desk.qtbot.waitUntil(lambda: world.sync.woken > 0)
    with world.replica.read() as conn:
        assert sql.column(conn, "SELECT ticket FROM wanted") == [other]
    arrived: list[str] = []
    desk.window.hits.ticket_chosen.connect(arrived.append)
    world.bridge.announce(Changed(tickets=frozenset({other}), kinds=frozenset({"tickets"})))
    desk.qtbot.waitUntil(lambda: arrived == [other])


def test_nothing_is_offered_where_there_is_nothing_to_find(world: World, open_desk: Opener) -> None:
    """Offline, or where desktops keep everything, there is no such line."""
    world.ticket("草莓礼盒开箱发霉")
    shelf = Shelf()
    desk = _ready(world, shelf, open_desk)
    world.sync.state = SyncState(connection="offline")
    write("草莓")
    desk.qtbot.waitUntil(lambda: bool(_entries(desk, "ticket")))
    assert not _entries(desk, "ask_older")
    assert shelf.asked == []
    press(Qt.Key.Key_Escape)


def test_why_nothing_came_is_said(world: World, open_desk: Opener) -> None:
    """A server that is away, and one that finds nothing, are told apart."""
    shelf = Shelf()
    desk = _ready(world, shelf, open_desk)
    shelf.away = True
    write("草莓")
    desk.qtbot.waitUntil(lambda: bool(_entries(desk, "ask_older")))
    _ask(desk)
    desk.qtbot.waitUntil(lambda: len(shelf.asked) == 1 and len(_entries(desk, "title")) == 1)
    desk.qtbot.waitUntil(lambda: "没能" in _entries(desk, "title")[0].first)
    shelf.away = False
    write("莓")
    desk.qtbot.waitUntil(lambda: bool(_entries(desk, "ask_older")))
    _ask(desk)
    desk.qtbot.waitUntil(lambda: any("没有更早" in entry.first for entry in _entries(desk, "title")))
