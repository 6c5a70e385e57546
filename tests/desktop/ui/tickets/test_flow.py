"""A ticket's flow on the desktop, by keyboard and without a network: the step's form, going on, the picture."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from desktop.commands.create import create_ticket
from desktop.replica.queries.worklists import worklist_ids
from desktop.ui.tickets.flow_card import FlowCard
from domain.entities.people import MANAGE
from domain.wire.commands import CreateTicket
from tests.desktop.ui.keys import press
from tests.desktop.ui.tickets.conftest import Opener
from tests.desktop.ui.tickets.desk import Desk
from tests.desktop.ui.world import START, World


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """The desktop of somebody who manages the store."""
    made = World(tmp_path, level=MANAGE)
    yield made
    made.stop()


def _claim(world: World) -> str:
    """A claim of one's own, at its first step."""
    content = CreateTicket(
        template="claim",
        template_version=1,
        org="HZ001",
        line="retail",
        subject="手表表盘碎裂，要求赔付",
        category="fall",
        fields={"harm": "property", "damaged_item": "手表", "amount": 1280, "happened_on": "2026-11-19"},
        personal={"phone": "13800002799"},
        assignee="liuyang",
    )
    moved = create_ticket(world.runner, content)
    world.bridge.announce(moved)
    return next(iter(moved.tickets))


def _card(desk: Desk, node: str) -> FlowCard:
    """The card of a node, once it shows."""
    panel = desk.window.pane.desk.body.flow
    desk.qtbot.waitUntil(lambda: [card._token.node for card in panel.cards] == [node])
    return panel.cards[0]


def test_a_step_is_done_by_keyboard_and_the_flow_goes_on_offline(world: World, open_desk: Opener) -> None:
    """V shows the step with its form; without the required value it stays; with it the approval comes, decided here."""
    ticket = _claim(world)
    desk = open_desk()
    desk.choose(ticket)
    desk.key(Qt.Key.Key_V)
    card = _card(desk, "survey")
    card.edges[0].click()
    assert desk.ticket(ticket).node == "survey"
    assert card._form is not None
    editor = card._form.field("responsible").editor
    editor.set_value("store")
    editor.edited.emit()
    card.edges[0].click()
    desk.qtbot.waitUntil(lambda: desk.ticket(ticket).node == "approve")
    assert "complete" in desk.kinds()
    assert desk.ticket(ticket).fields["responsible"] == "store"
    with world.replica.read() as conn:
        assert ticket in worklist_ids(conn, "to_transfer", "liuyang", START)


def test_the_picture_is_read_node_by_node(world: World, open_desk: Opener) -> None:
    """Arrow keys go from node to node, and each is said with its kind, state and whom it is for."""
    ticket = _claim(world)
    desk = open_desk()
    desk.choose(ticket)
    desk.key(Qt.Key.Key_V)
    _card(desk, "survey")
    picture = desk.window.pane.desk.body.flow.picture
    (card,) = desk.window.pane.desk.body.flow.cards
    # The picture is wider, and scrolls by itself.
    desk.qtbot.waitUntil(lambda: card.width() <= desk.window.pane.width())
    assert "核实定责, 任务, 现在在这里" in picture.accessibleDescription()
    picture.setFocus()
    press(Qt.Key.Key_Down)
    assert picture.accessibleDescription().startswith("金额分流, 条件, 未到")


def test_sent_back_it_is_with_whoever_made_it(world: World, open_desk: Opener) -> None:
    """Sending back asks for the place and the reason; the timeline says both."""
    ticket = _claim(world)
    desk = open_desk()
    desk.choose(ticket)
    desk.key(Qt.Key.Key_V)
    card = _card(desk, "survey")
    card.back.click()
    form = card.asking
    assert form is not None
    form._reason.set_value("请补照片")
    form.submit()
    desk.qtbot.waitUntil(lambda: desk.ticket(ticket).node == "@initiator")
    row = next(row for row in desk.entries(ticket) if row.kind == "node_returned")
    assert (row.body, row.detail["to"]) == ("请补照片", "@initiator")
    card = _card(desk, "@initiator")
    card.edges[0].click()
    desk.qtbot.waitUntil(lambda: desk.ticket(ticket).node == "survey")
