"""Merging, splitting, linking, urging and returning, by keyboard, against a real replica."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from desktop.commands import together
from desktop.commands.hand_over import assign, take, transfer
from desktop.commands.status import close, resolve
from desktop.commands.write import edit, note
from desktop.replica import rows, sql
from desktop.replica.due import due, past, told
from desktop.replica.queries.together import candidates
from desktop.ui.create.page import CreatePage
from desktop.ui.text import tr
from desktop.ui.tickets.hand_back import HandBackForm
from desktop.ui.tickets.link_to import LinkTo
from desktop.ui.tickets.merge import Merge
from desktop.ui.tickets.split import Split
from desktop.ui.tickets.task_date import TaskDate
from desktop.ui.tickets.urge import UrgeForm
from domain.entities.people import MANAGE
from domain.entities.ticket import Ticket
from domain.wire.commands import TransferTicket
from domain.wire.sync import Notice
from domain.wire.together_commands import MergeTicket
from tests.desktop.ui.keys import press, write
from tests.desktop.ui.tickets.conftest import Opener
from tests.desktop.ui.world import World

DONE = {"measure": "已换新。", "responsible": "store", "result": "satisfied"}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """The desktop of somebody who manages the store."""
    made = World(tmp_path, level=MANAGE)
    yield made
    made.stop()


def test_m_merges_and_the_pointer_leads_to_the_other(world: World, open_desk: Opener) -> None:
    """M finds the other by a word, asks to confirm where the customer differs, and closes this one as a pointer."""
    source, target = world.ticket("草莓礼盒开箱发霉"), world.ticket("第二次来电：草莓发霉")
    desk = open_desk()
    desk.choose(source)
    desk.key(Qt.Key.Key_M)
    form = desk.popover()
    assert isinstance(form, Merge)
    write("第二次")
    press(Qt.Key.Key_Return, ctrl=True)
    assert form.isVisible()
    form._confirm.set_value(True)
    form.submit()
    desk.wait_status(source, "closed")
    desk.wait_closed()
    assert desk.ticket(source).merged_into == target
    bars = desk.window.pane.desk.bars
    desk.qtbot.waitUntil(lambda: not bars.pointer.isHidden())
    assert "合并到" in bars.pointer.text()
    desk.key(Qt.Key.Key_Z, ctrl=True)
    desk.qtbot.waitUntil(lambda: desk.ticket(source).merged_into is None)


def test_merge_is_undone_by_a_command_once_it_was_sent(world: World) -> None:
    """What the server has taken is answered by unmerge, which needs nothing but the replica."""
    source, target = world.ticket("草莓礼盒开箱发霉"), world.ticket("第二次来电：草莓发霉")
    together.merge(world.runner, source, into=MergeTicket(into=target, confirmed=True))
    together.unmerge(world.runner, source)
    with world.replica.read() as conn:
        held = rows.load_ticket(conn, source)
        kinds = [row.kind for row in rows.load_entries(conn, source)]
    assert held is not None
    assert (held.status, held.merged_into, held.links) == ("new", None, ())
    assert "unmerged" in kinds


def test_split_takes_the_ticked_messages_along(world: World, open_desk: Opener) -> None:
    """The new ticket has its own subject and a copy of what was ticked; it is linked with the old one."""
    source = world.ticket("草莓礼盒开箱发霉")
    note(world.runner, source, body="另外门口的灯也坏了。")
    desk = open_desk()
    shown = desk.choose(source)
    said = next(row for row in shown.page.entries if row.kind == "note")
    desk.window.actions_.press("split")
    form = desk.popover()
    assert isinstance(form, Split)
    write("门口的灯坏了")
    form.tick(said.id)
    press(Qt.Key.Key_Return, ctrl=True)
    desk.qtbot.waitUntil(lambda: "split" in desk.kinds())
    desk.wait_closed()
    with world.replica.read() as conn:
        (made,) = candidates(conn, source, "门口的灯坏了")
    assert [(one.relation, one.ticket) for one in desk.ticket(made.id).links] == [("split_from", source)]
    assert [row.body for row in desk.entries(made.id) if row.kind == "note"] == ["另外门口的灯也坏了。"]


def test_l_links_and_a_solved_problem_offers_its_incidents(world: World, open_desk: Opener) -> None:
    """Linked with a problem by L; the problem solved, one click solves the incident: one command for each."""
    incident, problem = world.ticket("收银机无法打印小票"), world.ticket("打印服务中断")
    edit(world.runner, [problem], values={"type": "problem"})
    desk = open_desk()
    desk.choose(incident)
    desk.key(Qt.Key.Key_L)
    form = desk.popover()
    assert isinstance(form, LinkTo)
    form._how.editor.set_value("incident_of")
    write("打印服务")
    press(Qt.Key.Key_Return)
    desk.qtbot.waitUntil(lambda: desk.ticket(incident).parent == problem)
    desk.wait_closed()
    resolve(world.runner, [problem], fields=DONE)
    desk.choose(problem)
    bars = desk.window.pane.desk.bars
    desk.qtbot.waitUntil(lambda: not bars.problem.isHidden())
    assert "1" in bars.problem.text()
    assert desk.ticket(incident).status != "resolved"


def test_links_tab_shows_opens_and_takes_away(world: World, open_desk: Opener) -> None:
    """A link stands in its tab with number, status and subject; x takes it away."""
    one, other = world.ticket("收银机无法打印小票"), world.ticket("打印服务中断")
    together.link(world.runner, one, to=other, relation="related")
    desk = open_desk()
    shown = desk.choose(one)
    assert [(row.relation, row.subject) for row in shown.page.related] == [("related", "打印服务中断")]
    body = desk.window.pane.desk.body
    body.choose("links")
    assert body.current() == "links"
    body.links.removed.emit("related", other)
    desk.qtbot.waitUntil(lambda: desk.ticket(one).links == ())


def test_u_urges_with_a_reason_and_not_again_at_once(world: World, open_desk: Opener) -> None:
    """U asks why and says whom it reaches; a second one within the quarter of an hour is told how long to wait."""
    id = world.ticket("草莓礼盒开箱发霉")
    assign(world.runner, [id], assignee="lina")
    desk = open_desk()
    desk.choose(id)
    desk.key(Qt.Key.Key_U)
    assert isinstance(desk.popover(), UrgeForm)
    write("客户又来电")
    press(Qt.Key.Key_Return, ctrl=True)
    desk.qtbot.waitUntil(lambda: desk.ticket(id).urged is not None)
    desk.wait_closed()
    assert desk.entries(id)[-1].body == "客户又来电"
    bars = desk.window.pane.desk.bars
    desk.qtbot.waitUntil(lambda: not bars.urge.isHidden())
    desk.key(Qt.Key.Key_U)
    form = desk.popover()
    assert isinstance(form, UrgeForm)
    assert "15" in form._error.text()


def test_whoever_urged_sees_who_has_read_it(world: World, open_desk: Opener) -> None:
    """What the server tells of the reading stands above the composer and in the form for the next urge."""
    id = world.ticket("草莓礼盒开箱发霉")
    assign(world.runner, [id], assignee="lina")
    together.urge(world.runner, [id], reason="客户又来电")
    desk = open_desk()
    shown = desk.choose(id)
    bars, name = desk.window.pane.desk.bars, shown.names("person", "lina")
    assert name not in bars.urge.text()
    told = Notice(
        id="read", ticket=id, kind="urge_read", at=world.clock.now() + 60_000, detail={"by": "lina"}
    )
    world.notices(told)
    desk.qtbot.waitUntil(lambda: name in bars.urge.text())


def test_b_returns_what_was_sent_to_the_wrong_place(world: World, open_desk: Opener) -> None:
    """B says to whom it goes back; the ticket is where it was before the transfer, and Ctrl+Z undoes that."""
    id = world.ticket("草莓礼盒开箱发霉")
    transfer(world.runner, [id], to=TransferTicket(assignee="lina", note="转错试试"))
    desk = open_desk()
    desk.choose(id)
    desk.key(Qt.Key.Key_B)
    form = desk.popover()
    assert isinstance(form, HandBackForm)
    write("不归我们")
    press(Qt.Key.Key_Return, ctrl=True)
    desk.qtbot.waitUntil(lambda: desk.entries(id)[-2].kind == "returned")
    desk.wait_closed()
    assert desk.ticket(id).assignee != "lina"


def test_a_closed_ticket_is_followed_up_by_a_filled_page(world: World, open_desk: Opener) -> None:
    """The page of a new ticket has the old one's customer, store and subject, and what is sent is linked with it."""
    id = world.ticket("草莓礼盒开箱发霉", priority="normal")
    resolve(world.runner, [id], fields=DONE)
    close(world.runner, [id])
    desk = open_desk()
    desk.choose(id)
    desk.qtbot.waitUntil(lambda: desk.window.actions_.reason("follow_up") is None)
    desk.window.actions_.press("follow_up")
    desk.qtbot.waitUntil(desk.window.front.covers)
    page = desk.window.front._create
    assert isinstance(page, CreatePage)
    desk.qtbot.waitUntil(lambda: page.draft_id != "")
    draft = page._draft()
    assert (draft.follows, draft.subject, draft.phone) == (id, "草莓礼盒开箱发霉", "13800002716")
    number = draft.follows_number
    assert number
    assert page.sheet.head._follows.text() == tr("create.follows", number=number)
    page.submit()
    desk.qtbot.waitUntil(lambda: desk.kinds().count("create") == 2)
    made = next(one for one in rows_of(world) if one.id != id)
    assert [(link.relation, link.ticket) for link in made.links] == [("follows", id)]


def test_a_task_has_a_date_that_reminds_its_assignee(world: World, open_desk: Opener) -> None:
    """The date stands in the head, and falls due as a reminder of whoever holds the task, once."""
    id = world.ticket("换冰柜门封", type="task")
    take(world.runner, [id])
    desk = open_desk()
    desk.choose(id)
    desk.window.actions_.press("task_date")
    form = desk.popover()
    assert isinstance(form, TaskDate)
    at = world.clock.at + 3_600_000
    form._when.set_value(at)
    form.submit()
    desk.qtbot.waitUntil(lambda: desk.ticket(id).task_due_at is not None)
    desk.wait_closed()
    due_at = desk.ticket(id).task_due_at or 0
    with world.replica.write() as conn:
        given = {"since": due_at - 60_000, "until": due_at + 60_000, "now": due_at, "most": 9}
        (one,) = [found for found in due(conn, **given) if found.kind == "task"]
        assert (one.ticket, one.at) == (id, due_at)
        assert told(conn, one)
        assert not [found for found in due(conn, **given) if found.kind == "task"]
        assert not past(conn, due_at)
    edit(world.runner, [id], values={"task_due_at": due_at + 86_400_000})
    with world.replica.read() as conn:
        assert past(conn, due_at)


def test_what_was_returned_stays_returned_while_it_waits_to_be_sent(world: World) -> None:
    """A replay finds the timeline as the server has it: its own row of before does not stand in its way."""
    id = world.confirmed("草莓礼盒开箱发霉", "100001")
    transfer(world.runner, [id], to=TransferTicket(assignee="lina", note="转错试试"))
    together.hand_back(world.runner, [id], reason="不归我们")
    note(world.runner, id, body="已说明。")
    (held,) = rows_of(world)
    assert held.assignee != "lina"
    with world.replica.read() as conn:
        assert [row.kind for row in rows.load_entries(conn, id)].count("returned") == 1


def rows_of(world: World) -> list[Ticket]:
    """Every ticket of the replica."""
    with world.replica.read() as conn:
        found = [rows.load_ticket(conn, id) for id in sql.column(conn, "SELECT id FROM ticket")]
    return [one for one in found if one is not None]
