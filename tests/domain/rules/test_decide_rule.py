"""What rules and macros do to a ticket, step by step or as one."""

from typing import Any

from domain.entities.people import Access, Actor
from domain.entities.rules import RuleAction, RuleMessage, RuleStep
from domain.entities.ticket import Changes
from domain.rules.actions import Context, commands_for, plan
from domain.rules.decide import decide, needs
from domain.rules.facts import Facts, Refused
from domain.rules.permissions import access_at
from domain.wire.commands import EditTicket, payload
from domain.wire.rule_commands import ApplyMacro, ApplyRule
from tests.domain.rules.facts import ME, NOON, OTHER, command, done, facts, ticket

SERVER = Actor(person=None, system=True)


def step(kind: str, **content: Any) -> RuleStep:
    """One step as it travels."""
    return RuleStep(action=kind, kind=kind, set=content)


def by_the_server(**values: Any) -> Facts:
    """Facts of the server's own commands."""
    level = access_at(SERVER, org_ancestors=frozenset(), line="")
    return facts(ticket(**values), actor=SERVER, access=level)


def rule(*steps: RuleStep, **more: Any) -> Changes:
    """What a rule with these steps does to an open ticket."""
    intent = ApplyRule(rule="trigger:r", name="R", steps=steps, **more)
    return done(decide(by_the_server(), command("rule", intent)))


def test_a_step_that_cannot_be_done_is_left_out_and_named() -> None:
    """The step before and after it are done; the rule's own row says why that one was not."""
    changes = rule(
        step("tag", add=["vip"]),
        step("status", to="closed"),
        step("assign", assignee="nobody-of-us"),
        step("edit", values={"priority": "high"}),
    )
    assert changes.ticket.tags == ("vip",)
    assert (changes.ticket.status, changes.ticket.priority) == ("open", "high")
    own, *others = changes.entries
    assert (own.kind, own.field_class) == ("rule", "internal")
    assert own.detail["did"] == [
        {"action": "tag"},
        {"action": "status", "code": "status_step"},
        {"action": "assign", "code": "unknown_person"},
        {"action": "edit"},
    ]
    assert [entry.kind for entry in others] == ["tags", "priority"]
    assert len({entry.id for entry in changes.entries}) == 3


def test_messages_alone_change_no_ticket() -> None:
    """A rule that only tells leaves its row and the ticket as it was."""
    changes = rule(messages=(RuleMessage(action="notify", to=OTHER, template="rule"),))
    assert changes.ticket == ticket()
    (own,) = changes.entries
    assert own.detail["told"][0]["to"] == OTHER


def test_a_rule_is_the_servers_alone() -> None:
    """Nobody sends one, whatever their level."""
    intent = ApplyRule(rule="trigger:r", steps=(step("tag", add=["x"]),))
    decision = decide(facts(ticket(), access=Access(level=5, classes=7)), command("rule", intent))
    assert decision == Refused(code="not_allowed", args={"kind": "rule"})


def test_what_a_rule_says_is_no_persons_answer() -> None:
    """Its public comment is marked, so that no clock stops for it."""
    assert rule(step("reply", body="We have it")).entries[1].detail["by"] == "rule"


def test_a_macro_is_done_whole() -> None:
    """Reply, tags, values and status become rows of one command."""
    intent = ApplyMacro(
        macro="m",
        name="Refund",
        reply="Your money is on its way.",
        steps=(
            step("edit", values={"priority": "low"}),
            step("tag", add=["refunded"]),
            step("status", to="resolved", fields={"solution": "paid"}),
        ),
    )
    made = command("macro", intent, {"priority": "normal"})
    changes = done(decide(facts(ticket()), made))
    kinds = [entry.kind for entry in changes.entries]
    assert kinds == ["macro", "reply", "priority", "tags", "status", "edited"]
    assert (changes.ticket.status, changes.ticket.fields["solution"]) == ("resolved", "paid")
    assert {entry.person for entry in changes.entries} == {ME}


def test_a_macro_with_a_required_field_missing_does_nothing() -> None:
    """Resolving asks for a solution: nothing of the macro happens, the reply neither."""
    intent = ApplyMacro(
        macro="m", reply="Done.", steps=(step("tag", add=["x"]), step("status", to="resolved"))
    )
    decision = decide(facts(ticket()), command("macro", intent))
    assert isinstance(decision, Refused)
    assert decision.code == "form_incomplete" or "solution" in str(decision.args)


def test_a_macro_gives_nobody_more_than_they_have() -> None:
    """Each step asks for its own level, and what only the server does is no step."""
    watching = facts(ticket(), access=Access(level=1, classes=1))
    intent = ApplyMacro(macro="m", steps=(step("tag", add=["x"]),))
    assert isinstance(decide(watching, command("macro", intent)), Refused)
    forged = ApplyMacro(macro="m", steps=(step("rule", rule="trigger:x"),))
    assert isinstance(decide(facts(ticket()), command("macro", forged)), Refused)
    routed = ApplyMacro(macro="m", steps=(step("route", rule="r", team="team"),))
    assert isinstance(decide(facts(ticket()), command("macro", routed)), Refused)


def test_the_second_of_two_steps_on_one_value_is_no_conflict() -> None:
    """What the macro itself changed is no other person's change; what another changed meanwhile is."""
    steps = tuple(step("edit", values={"priority": one}) for one in ("low", "high"))
    mine = command("macro", ApplyMacro(macro="m", steps=steps), {"priority": "normal"})
    assert done(decide(facts(ticket()), mine)).ticket.priority == "high"
    changes = done(decide(facts(ticket(priority="urgent")), mine))
    assert (changes.ticket.priority, set(changes.conflicts)) == ("urgent", {"priority"})


def test_the_facts_of_all_steps_are_asked_for() -> None:
    """People, teams and units that steps name are loaded with the command."""
    intent = ApplyMacro(macro="m", steps=(step("assign", assignee=ME, team="team"), step("cc", add=[OTHER])))
    asked = needs(command("macro", intent))
    assert (asked.people, asked.teams) == ((ME, OTHER), ("team",))


def test_an_action_comes_to_nothing_where_the_ticket_is_so_already() -> None:
    """No row, no revision, no loop."""
    context = Context(rule="trigger:r", at=NOON)
    for kind, arguments in (
        ("set_priority", {"priority": "normal"}),
        ("raise_priority", {"to": "low"}),
        ("set_status", {"status": "open"}),
        ("tag", {"remove": ["gone"]}),
        ("set_field", {"field": "fields.amount", "value": 10}),
    ):
        action = RuleAction(kind=kind, arguments=arguments)  # type: ignore[arg-type]
        assert commands_for(action, ticket(), context).steps == ()


def test_roles_become_people_and_texts_are_filled_in() -> None:
    """The superior takes over, the creator is told with the ticket's number in the text; nobody there is said."""
    context = Context(rule="trigger:r", name="R", superiors={ME: OTHER}, values={"number": "100001"}, at=NOON)
    actions = (
        RuleAction(kind="assign", arguments={"to": ["superior"]}),
        RuleAction(kind="notify", arguments={"to": ["creator"], "text": "See {number}"}),
        RuleAction(kind="notify", arguments={"to": ["lead"]}),
    )
    found = plan(actions, ticket(assignee=ME), context)
    assert [one.set for one in found.steps] == [{"assignee": OTHER}]
    assert [(one.to, one.args["text"]) for one in found.messages] == [(OTHER, "See 100001")]
    assert [one.code for one in found.skipped] == ["rule_nobody"]


def test_an_edit_of_a_rule_is_made_from_what_is_there() -> None:
    """It read the value a moment before, under the same lock."""
    intent = ApplyRule(
        rule="trigger:r",
        steps=(RuleStep(action="x", kind="edit", set=payload(EditTicket(values={"subject": "New"}))),),
    )
    assert done(decide(by_the_server(subject="Old"), command("rule", intent))).ticket.subject == "New"


def test_a_step_that_is_no_command_leaves_the_others_alone() -> None:
    """Of a kind that is not known, or malformed: named in the row; the facts of the others are asked for."""
    steps = (step("wish", colour="red"), step("assign", nobody=True), step("assign", assignee=ME))
    intent = ApplyRule(rule="trigger:r", name="R", steps=steps)
    made = command("rule", intent)
    assert needs(made).people == (ME,)
    changes = done(decide(by_the_server(), made))
    assert changes.ticket.assignee == ME
    assert [one.get("code", "") for one in changes.entries[0].detail["did"]] == [
        "unknown_command",
        "bad_command",
        "",
    ]
    refusing = command("macro", ApplyMacro(macro="m", steps=steps))
    assert isinstance(decide(facts(ticket()), refusing), Refused)
