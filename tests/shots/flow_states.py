"""States of a ticket that walks a flow, for the pictures of the main window."""

import msgspec

from desktop.commands.flow import ask_to_leave
from domain.entities.flow import Gate
from domain.wire.commands import TransferTicket
from domain.wire.flow_commands import CompleteNode, SettleNode
from domain.wire.sync import ConfigRow
from tests.desktop.ui.world import START, sample_rows
from tests.shots.office import Office, Step
from tests.shots.stage import Stage, settle
from tests.shots.stories import LEAD, ME, claim


def flow(stage: Stage) -> None:
    """The flow of a claim: the card of the step it is at, the picture below."""
    stage.choose("claim")
    stage.window.open_ticket(stage.ids["claim"])
    settle()
    page = stage.window.front.ticket
    assert page is not None
    page.desk.body.choose("flow")
    settle(0.8)


def flow_return(stage: Stage) -> None:
    """Sending it back, the place and the reason asked for."""
    flow(stage)
    page = stage.window.front.ticket
    assert page is not None
    page.desk.body.flow.cards[0].back.click()
    settle()


def approval(stage: Stage) -> None:
    """An approval that waits for one's own word, in the pane beside the list."""
    create, settled, taken, *_ = claim()
    surveyed = CompleteNode(node="survey", values={"amount": 1280.0, "responsible": "store"})
    asked = SettleNode(node="approve", act="settle", approvers=(ME, LEAD))
    steps = [
        create,
        settled,
        Step(taken.ago, LEAD, taken.kind, taken.intent),
        Step(150, LEAD, "complete", surveyed),
        Step(149, None, "node", asked),
    ]
    put = Office(list(sample_rows(ME)), START, first_number=104_990).tell(steps)
    stage.world.receive(put)
    settle()
    stage.window.list.choose(put.ticket.id)
    settle()
    stage.window.pane.desk.body.choose("flow")
    settle(0.8)


def gate(stage: Stage) -> None:
    """A transfer that waits for an approval, in the pane beside the list."""
    made = Gate(id="leave", name="跨部门转派审批")
    body = msgspec.Raw(msgspec.json.encode(made))
    stage.world.configure(ConfigRow(kind="gate", id=made.id, version=1, body=body))
    to = TransferTicket(org="HQ-FI", note="请财务核对退款。")
    stage.session.bridge.announce(ask_to_leave(stage.session.runner, [stage.ids["strawberries"]], to=to))
    stage.choose("strawberries")
    stage.window.pane.desk.body.choose("flow")
    settle(0.8)
