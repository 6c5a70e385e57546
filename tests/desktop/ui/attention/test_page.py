"""Conflicts and refusals, settled with one key on a real replica."""

import json
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop.commands import hand_over, write
from desktop.replica import outbox, rows
from desktop.replica.queries.attention import items
from desktop.replica.queries.outbox import OutboxLine, unsent
from desktop.ui.attention.conflict_card import ConflictCard
from desktop.ui.attention.page import AttentionPage
from desktop.ui.attention.refusal_card import RefusalCard
from desktop.ui.attention.wording import done_words, own_words
from desktop.ui.main.navigation import ATTENTION
from desktop.ui.main_window import MainWindow
from domain.entities.ticket import Ticket
from domain.wire.commands import Command, ReceiveMessage, TransferTicket, intent_of, payload
from domain.wire.flow_commands import ApproveNode, AskToLeave, CompleteNode, DelegateApproval, ReturnNode
from domain.wire.intent import Intent
from domain.wire.rule_commands import ApplyMacro
from domain.wire.together_commands import HandBack, MergeTicket, Urge
from tests.desktop.ui.keys import focused, press
from tests.desktop.ui.world import World

MINE = "退款 19.9 元，补发一份新日期牛奶，并赠 10 元券"
THEIRS = "退款 19.9 元，请客户拍照标签后补发一份新日期牛奶"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """The desktop; stopped at the end."""
    made = World(tmp_path)
    yield made
    made.stop()


def _open(world: World, qtbot: QtBot, *, path: str = "", wanted: int = 1) -> AttentionPage:
    page = AttentionPage(world.session, ask_path=lambda _: path)
    qtbot.addWidget(page)
    page.resize(1182, 704)
    with qtbot.waitActive(page):
        page.show()
        page.activateWindow()
    qtbot.waitUntil(lambda: page.count() == wanted)
    page.setFocus()
    return page


def _conflict(world: World) -> str:
    return world.conflict(
        "牛奶临期未标示",
        "104847",
        {"priority": "high", "fields.measure": MINE},
        {"priority": "urgent", "fields.measure": THEIRS},
    )


def _ticket(world: World, id: str) -> Ticket:
    with world.replica.read() as conn:
        found = rows.load_ticket(conn, id)
    assert found is not None
    return found


def _unsent(world: World) -> list[OutboxLine]:
    with world.replica.read() as conn:
        return unsent(conn)


def _open_items(world: World) -> int:
    with world.replica.read() as conn:
        return len(items(conn))


def test_both_values_with_who_and_when(world: World, qtbot: QtBot) -> None:
    """A conflict shows who set the server's value and when, and which words differ."""
    _conflict(world)
    page = _open(world, qtbot)
    card = page.card()
    assert isinstance(card, ConflictCard)
    told = [one.accessibleName() for one in card.choice_cards()]
    assert told[0].startswith("服务器上的值 吴浩然 · ")
    assert told[0].endswith(": 紧急")
    assert told[1].startswith("我的值 你 · ")
    assert told[3].endswith(MINE)


def test_all_mine_with_one_key(world: World, qtbot: QtBot) -> None:
    """2 sets the person's values anew over the server's and ends the conflict."""
    id = _conflict(world)
    page = _open(world, qtbot)
    press(Qt.Key.Key_2)
    qtbot.waitUntil(lambda: page.count() == 0)
    ticket = _ticket(world, id)
    assert ticket.priority == "high"
    assert ticket.fields["measure"] == MINE
    assert [one.kind for one in _unsent(world)] == ["edit"]
    assert _unsent(world)[0].command.base["priority"] == "urgent"


def test_all_theirs_with_one_key(world: World, qtbot: QtBot) -> None:
    """1 leaves the server's values, sends nothing and ends the conflict."""
    id = _conflict(world)
    page = _open(world, qtbot)
    press(Qt.Key.Key_1)
    qtbot.waitUntil(lambda: page.count() == 0)
    assert _ticket(world, id).priority == "urgent"
    assert _unsent(world) == []


def test_choice_for_each_value(world: World, qtbot: QtBot) -> None:
    """One value may stay and the other be set anew; Ctrl+Enter saves what is chosen."""
    id = _conflict(world)
    page = _open(world, qtbot)
    card = page.card()
    assert isinstance(card, ConflictCard)
    card.choose("fields.measure", "mine")
    assert card.choices() == {"priority": "theirs", "fields.measure": "mine"}
    press(Qt.Key.Key_Return, ctrl=True)
    qtbot.waitUntil(lambda: page.count() == 0)
    ticket = _ticket(world, id)
    assert (ticket.priority, ticket.fields["measure"]) == ("urgent", MINE)


def _refused_create(world: World) -> str:
    id = world.ticket("酸奶临期未打折", description="六盒酸奶明天到期")
    error = {"key": "amount", "code": "field_required", "args": {"label": "涉及金额"}}
    world.judge(status="rejected", code="form_invalid", message={"errors": [error]})
    return id


def test_refused_create_is_edited_and_resent(world: World, qtbot: QtBot) -> None:
    """It keeps its ticket id and provisional number, and what was edited is what is sent."""
    id = _refused_create(world)
    page = _open(world, qtbot)
    card = page.card()
    assert isinstance(card, RefusalCard)
    press(Qt.Key.Key_E)
    assert card.form is not None
    card.form.field("subject").editor.setText("酸奶临期六盒未打折")
    card.form.field("subject").editor.setFocus()
    press(Qt.Key.Key_Return, ctrl=True)
    qtbot.waitUntil(lambda: page.count() == 0)
    ticket = _ticket(world, id)
    assert ticket.provisional == "临-K3-0001"
    assert ticket.subject == "酸奶临期六盒未打折"
    assert [(one.kind, one.ticket) for one in _unsent(world)] == [("create", id)]
    with world.replica.read() as conn:
        assert {one.key: one.value for one in rows.load_personal(conn, id)}["phone"] == "13800002716"


def _refused_transfer(world: World) -> str:
    id = world.confirmed("供应商送货少三件", "104836")
    hand_over.transfer(world.runner, [id], to=TransferTicket(org="HQ-FI", note="司机已签字"))
    world.judge(status="rejected", code="not_allowed", message={"kind": "transfer"})
    return id


def test_refusal_says_why_and_keeps_the_words(world: World, qtbot: QtBot) -> None:
    """The reason stands in words beside what the person wrote; it can be copied."""
    _refused_transfer(world)
    page = _open(world, qtbot)
    press(Qt.Key.Key_C, ctrl=True)
    assert QGuiApplication.clipboard().text() == "司机已签字"
    assert page.count() == 1


def test_refusal_becomes_a_note(world: World, qtbot: QtBot) -> None:
    """What a refused hand-over said is kept as an internal note on its ticket."""
    id = _refused_transfer(world)
    page = _open(world, qtbot)
    press(Qt.Key.Key_N)
    qtbot.waitUntil(lambda: page.count() == 0)
    with world.replica.read() as conn:
        last = rows.load_entries(conn, id)[-1]
    assert (last.kind, last.body) == ("note", "司机已签字")


def test_discard_asks_first(world: World, qtbot: QtBot) -> None:
    """Discarding cannot be undone: the first key asks, Esc keeps, only the answer discards."""
    _refused_transfer(world)
    page = _open(world, qtbot)
    press(Qt.Key.Key_Delete)
    assert _open_items(world) == 1
    press(Qt.Key.Key_Escape)
    page.setFocus()
    assert page.count() == 1
    press(Qt.Key.Key_Delete)
    assert focused().text() == "保留"  # type: ignore[attr-defined]  # a Button
    press(Qt.Key.Key_Tab)
    press(Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: _open_items(world) == 0)


def test_nothing_disappears_by_itself(world: World, qtbot: QtBot) -> None:
    """Items stay over other changes and a restart until the person settles them."""
    _refused_transfer(world)
    page = _open(world, qtbot)
    other = world.confirmed("另一张", "104900")
    write.note(world.runner, other, body="x")
    world.judge()
    assert page.count() == 1
    page.close()
    world.restart()
    assert _open(world, qtbot).count() == 1


def test_export(world: World, qtbot: QtBot, tmp_path: Path) -> None:
    """What the server has not taken is written to a file, a command a line."""
    _refused_transfer(world)
    page = _open(world, qtbot, path=str(tmp_path / "out.jsonl"))
    page.export_unsent()
    qtbot.waitUntil((tmp_path / "out.jsonl").exists)
    qtbot.waitUntil(lambda: bool((tmp_path / "out.jsonl").read_text(encoding="utf-8")))
    (line,) = (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(line)["command"]["set"]["note"] == "司机已签字"


def test_empty(world: World, qtbot: QtBot) -> None:
    """With nothing open the page says so, and Esc leaves it."""
    page = _open(world, qtbot, wanted=0)
    with qtbot.waitSignal(page.closed):
        QTest.keyClick(page, Qt.Key.Key_Escape)


def test_enter_opens_the_ticket(world: World, qtbot: QtBot) -> None:
    """Enter asks for the ticket of the item in front; the next item is one key away."""
    first, second = _conflict(world), _refused_transfer(world)
    page = _open(world, qtbot, wanted=2)
    with qtbot.waitSignal(page.ticket_opened) as told:
        press(Qt.Key.Key_Return)
    assert told.args == [second]
    page.next_problem()
    with qtbot.waitSignal(page.ticket_opened) as told:
        press(Qt.Key.Key_Return)
    assert told.args == [first]


def test_letters_are_the_pages_own(world: World, qtbot: QtBot) -> None:
    """In the main window E edits what was refused; it does not resolve the ticket of the list behind."""
    id = _refused_transfer(world)
    window = MainWindow(world.session)
    qtbot.addWidget(window)
    with qtbot.waitActive(window):
        window.show()
        window.activateWindow()
    qtbot.waitUntil(lambda: window.list.model.rowCount() >= 0)
    window.lists.go(ATTENTION)
    page = window.findChild(AttentionPage)
    assert isinstance(page, AttentionPage)
    qtbot.waitUntil(lambda: page.count() == 1)
    page.setFocus()
    press(Qt.Key.Key_E)
    card = page.card()
    assert isinstance(card, RefusalCard)
    assert card.form is not None
    assert _ticket(world, id).status == "new"
    window.close()


REFUSED: tuple[tuple[str, Intent, str], ...] = (
    ("urge", Urge(reason="已催三次"), "reason"),
    ("hand_back", HandBack(reason="不归本店"), "reason"),
    ("ask_to_leave", AskToLeave(org="HQ-FI", note="请财务处理"), "note"),
    ("approve", ApproveNode(node="n", approved=False, note="金额不符"), "note"),
    ("return", ReturnNode(node="n", reason="缺小票"), "reason"),
    ("delegate", DelegateApproval(node="n", assignee="wuhr", note="出差"), "note"),
    ("merge", MergeTicket(into="x" * 32, note="同一件事"), "note"),
    ("message", ReceiveMessage(body="客户来电补充"), "body"),
    ("complete", CompleteNode(node="n", values={"category": "spoiled", "measure": "补发一份"}), "measure"),
    ("macro", ApplyMacro(macro="m", name="致歉", reply="非常抱歉"), "reply"),
)


@pytest.mark.parametrize(
    ("kind", "intent", "key"), REFUSED, ids=lambda given: given if isinstance(given, str) else ""
)
def test_what_was_written_can_be_edited_in_every_kind(
    world: World, qtbot: QtBot, kind: str, intent: Intent, key: str
) -> None:
    """Whatever was refused says in words what it was, and what somebody wrote in it opens for editing."""
    id = world.confirmed("供应商送货少三件", "104836")
    command = Command(id=world.ids.new(), ticket_id=id, kind=kind, set=payload(intent), at=world.clock.now())
    with world.replica.write() as conn:
        outbox.add(conn, command)
    world.judge(status="rejected", code="not_allowed", message={"kind": kind})
    page = _open(world, qtbot)
    card = page.card()
    assert isinstance(card, RefusalCard)
    assert kind not in done_words(card.concern.item.command, None, page._names)
    press(Qt.Key.Key_E)
    assert card.form is not None
    field = card.form.field(key)
    field.set_value("改过的话")
    edited = card.form.edited()
    told = {"values": {"category": "spoiled", key: "改过的话"}} if kind == "complete" else {key: "改过的话"}
    assert edited == told
    assert "spoiled" not in own_words(card.concern, page._names)
    assert intent_of(msgspec.structs.replace(command, set={**command.set, **edited})) != intent
