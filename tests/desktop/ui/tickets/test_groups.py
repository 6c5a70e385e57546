"""Tickets that stand together: headings with counts, folded and opened by key, in the order of the groups."""

from PySide6.QtCore import Qt

from desktop.ui.tickets.filters import ListShape
from desktop.ui.widgets.ticket_row import Heading
from tests.desktop.ui.keys import press
from tests.desktop.ui.tickets.conftest import Opener
from tests.desktop.ui.tickets.desk import Desk
from tests.desktop.ui.world import World

DAY_MS = 86_400_000


def _headings(desk: Desk) -> list[tuple[str, int, bool]]:
    model = desk.window.list.model
    found = (model.heading_at(row) for row in range(model.rowCount()))
    return [(one.words, one.count, one.opened) for one in found if isinstance(one, Heading)]


def _group(desk: Desk, by: str) -> None:
    desk.window.list._shape(ListShape(group=by))
    desk.qtbot.waitUntil(lambda: desk.window.list.sections.listing.group == by)


def test_headings_count_and_fold_by_key(world: World, open_desk: Opener) -> None:
    """← leads to the heading and folds it, → opens it, Enter turns it; what is folded stays so, none is lost."""
    urgent = [world.ticket(f"急 {n}", priority="urgent") for n in range(2)]
    low = world.ticket("缓", priority="low")
    desk = open_desk()
    _group(desk, "priority")
    page, model = desk.window.list, desk.window.list.model
    assert _headings(desk) == [("紧急", 2, True), ("低", 1, True)]
    desk.choose(urgent[1])
    press(Qt.Key.Key_Left)
    assert (page.table.currentIndex().row(), page.current_id()) == (0, "")
    press(Qt.Key.Key_Left)
    assert _headings(desk) == [("紧急", 2, False), ("低", 1, True)]
    assert model.place_of(urgent[0]) is None
    assert page.position()[1] == 3
    press(Qt.Key.Key_Down)
    press(Qt.Key.Key_Down)
    assert (page.current_id(), page.position()) == (low, (3, 3))
    with desk.qtbot.waitSignal(page.counted):
        desk.window.lists.show("todo")
    with desk.qtbot.waitSignal(page.counted):
        desk.window.lists.show("created")
    assert _headings(desk)[0] == ("紧急", 2, False)
    page.table.setCurrentIndex(model.index(0, 0))
    press(Qt.Key.Key_Return)
    assert _headings(desk)[0] == ("紧急", 2, True)
    assert page.step(1) == urgent[1] if model.id_at(1) == urgent[1] else page.step(1) == urgent[0]
    page.table.selectAll()
    assert sorted(page.chosen_ids()) == sorted([*urgent, low])


def test_days_of_the_deadline(world: World, open_desk: Opener) -> None:
    """Late, today, tomorrow, a day of the week, later, none: by this machine's calendar."""
    spans = {"超时": -1, "今天": 1, "明天": 24, "更晚": 24 * 30}
    for subject, hours in spans.items():
        id = world.confirmed(subject, str(104700 + len(subject) + hours))
        due = world.clock.at + hours * 3_600_000
        world.receive(world.put(id, rev=2, due_at=due, due_metric="resolve", sla_state="running"))
    undated = world.confirmed("没有", "104600")
    world.receive(world.put(undated, rev=2, due_at=None, due_metric=None, sla_state="none"))
    desk = open_desk()
    _group(desk, "due_day")
    words = [words for words, _, _ in _headings(desk)]
    assert words == ["已超时", "今天", "明天", "更晚", "没有时限"]
