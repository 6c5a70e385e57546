"""An administrator's views in the sidebar: counted, shown as they say, nobody's to drop."""

import msgspec

from desktop.ui.widgets.ticket_row import Column
from domain.entities.conditions import Condition, Conditions
from domain.entities.views import View
from domain.wire import codec
from domain.wire.sync import ConfigRow
from tests.desktop.ui.tickets.conftest import Opener, open_desk, world
from tests.desktop.ui.world import World

__all__ = ["open_desk", "world"]

URGENT = View(
    id="urgent",
    name="紧急的",
    conditions=Conditions(all=(Condition(field="priority", op="is", value="urgent"),)),
    columns=("number", "status"),
    group="status",
)


def _given(world: World, view: View, version: int = 1, *, deleted: bool = False) -> None:
    body = msgspec.Raw(codec.encode(view))
    world._pull(config=(ConfigRow(kind="view", id=view.id, version=version, deleted=deleted, body=body),))


def test_given_view_is_counted_shown_and_stays(world: World, open_desk: Opener) -> None:
    """It stands in the sidebar with its count, shows its columns, can't be dropped, and goes when it is taken away."""
    ids = {world.ticket(f"急 {n}", priority="urgent") for n in range(3)}
    world.ticket("不急")
    desk = open_desk()
    _given(world, URGENT)
    navigation = desk.window.navigation
    navigation.count()
    key = "view:given.urgent"
    desk.qtbot.waitUntil(lambda: navigation.view(key) is not None)
    item = desk.window.area.sidebar.item(key)
    assert item.count() == 3
    desk.window.lists.show(key)
    desk.qtbot.waitUntil(lambda: set(desk.window.list.model.ids()) == ids)
    hidden = desk.window.list.table.hidden_columns()
    assert Column.STORE in hidden
    assert Column.STATUS not in hidden
    desk.window.lists.drop_view()
    assert navigation.view(key) is not None
    _given(world, URGENT, 2, deleted=True)
    navigation.count()
    desk.qtbot.waitUntil(lambda: navigation.view(key) is None)


def test_view_of_others_is_not_shown(world: World, open_desk: Opener) -> None:
    """A view for a role that the person has not is not in their sidebar."""
    desk = open_desk()
    _given(world, msgspec.structs.replace(URGENT, roles=("emperor",)))
    _given(world, msgspec.structs.replace(URGENT, id="all"))
    navigation = desk.window.navigation
    navigation.count()
    desk.qtbot.waitUntil(lambda: navigation.view("view:given.all") is not None)
    assert navigation.view("view:given.urgent") is None


def test_tickets_of_one_group_stand_together(world: World, open_desk: Opener) -> None:
    """By group first, then as the list is sorted."""
    first = [world.ticket(f"{n}", priority=("urgent", "low")[n % 2]) for n in range(4)]
    desk = open_desk()
    desk.window.lists.show("created")
    shape = msgspec.structs.replace(desk.window.list._question.shape, sort="subject", group="priority")
    desk.window.list._shape(shape)
    wanted = [first[0], first[2], first[1], first[3]]
    desk.qtbot.waitUntil(lambda: list(desk.window.list.model.ids()) == wanted)
