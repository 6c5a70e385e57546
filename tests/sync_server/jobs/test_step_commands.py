"""What a step comes to: for most only who holds the ticket is looked at."""

import pytest

from domain.entities.configuration import Configuration
from domain.entities.org import Team
from domain.entities.rules import Plan
from domain.entities.sla import Action, Step
from domain.entities.ticket import Ticket
from sync_server.jobs.step_commands import Around, kind_of, plan_for_holder, plan_of, tells_holder
from sync_server.store.due_steps import ClaimedStep

NOTIFY = [
    Action(kind="notify", arguments=given)
    for given in (
        {},
        {"to": ["assignee"], "text": "It is {number}", "urgent": True},
        {"to": ["team"]},
        {"to": ["assignee", "team"], "notice_template": "own"},
    )
]


@pytest.mark.parametrize(
    "step", [None, *(Step(metric="resolution", percent=1, actions=(one,)) for one in NOTIFY)]
)
def test_who_holds_a_ticket_is_all_that_most_steps_look_at(step: Step | None) -> None:
    """What is told is the same whether the whole ticket is looked at or only its holder."""
    team = Team(id="care", name="Care", unit="e", members=("ben", "eva"), lead="max")
    around = Around(configuration=Configuration(teams={"care": team}), superiors={"amy": "eva"}, now=5)
    ticket = Ticket(
        id="t", template="c", template_version=1, org="o", line="l", team="care", assignee="amy", cc=("wes",)
    )
    due = ClaimedStep(
        ticket="t", metric="resolution", cycle=1, step="s" if step else "-1", due_at=0, assignee="amy"
    )
    assert tells_holder(step)
    assert plan_for_holder(due, step, around) == plan_of(due, step, ticket, around)


@pytest.mark.parametrize(
    "action",
    [
        Action(kind="notify", arguments={"to": ["assignee", "superior"]}),
        Action(kind="notify", arguments={"people": ["wes"]}),
        Action(kind="notify", arguments={"to": ["customer"], "channels": ["sms"]}),
        Action(kind="notify", arguments={"to": ["assignee"], "channels": ["app", "sms"]}),
        Action(kind="raise_priority"),
    ],
)
def test_what_tells_others_or_does_something_looks_at_the_whole_ticket(action: Action) -> None:
    """One such action is enough."""
    assert not tells_holder(Step(metric="resolution", percent=1, actions=(NOTIFY[0], action)))


def test_kind_tells_before_from_after() -> None:
    """What stands before the deadline warns, what stands after it tells; a lost step tells nobody."""
    early, late = Step(metric="first_response", offset_s=-600), Step(metric="resolution", percent=110)
    assert (kind_of(early), kind_of(late), kind_of(None)) == ("soon", "late", "late")
    lost = ClaimedStep(ticket="t", metric="resolution", cycle=1, step="gone", due_at=0)
    around = Around(configuration=Configuration(), superiors={}, now=0)
    ticket = Ticket(id="t", template="c", template_version=1, org="o", line="l", assignee="amy")
    assert plan_of(lost, None, ticket, around) == Plan()
    due = ClaimedStep(ticket="t", metric="resolution", cycle=1, step="-1", due_at=0)
    assert [one.to for one in plan_of(due, None, ticket, around).messages] == ["amy"]
