"""Which events a change holds, which rules hold for them, and who plays the parts they name."""

from domain.entities.conditions import Condition, Conditions
from domain.entities.configuration import Configuration
from domain.entities.notices import Channel, NoticeRule, Role
from domain.entities.org import Team
from domain.entities.ticket import Entry, PersonalValue, Ticket
from domain.rules.notice_rules import Happened, customer_address, events_of, players, rules_for

DAY_MS = 86_400_000
TICKET = Ticket(
    id="t", template="f", template_version=1, org="e1", line="retail", team="desk", assignee="amy",
    creator="ben", cc=("eva", "max"),
)  # fmt: skip
TEAM = Team(id="desk", name="Desk", unit="e1", members=("amy", "wes"), lead="eva")


def row(kind: str, person: str | None = "amy", **detail: object) -> Entry:
    """A timeline row."""
    return Entry(id="e", ticket="t", kind=kind, at=5, person=person, body="why", detail=detail)


def test_each_row_tells_its_events() -> None:
    """Statuses tell what they come to; a creation that is sent to somebody tells that, too; notes tell nothing."""

    def events(before: Ticket | None, *rows: Entry) -> list[str]:
        return [one.event for one in events_of(before, TICKET, rows)]

    assert events(None, row("created", "ben")) == ["created", "assigned"]
    assert events(None, row("created", "amy")) == ["created"]
    assert events(TICKET, row("status", to="resolved"), row("note"), row("reply")) == [
        "status", "resolved", "replied",
    ]  # fmt: skip
    assert events(TICKET, row("node_returned")) == ["returned"]
    assert events(TICKET, row("merged_into"), row("status", to="closed", why="merged")) == ["merged"]
    assert events(TICKET, row("merged_from")) == ["merged"]
    solved = Ticket(id="t", template="f", template_version=1, org="e1", line="retail", status="resolved")
    assert events(solved, row("status", to="open")) == ["status", "reopened"]
    (urged,) = events_of(TICKET, TICKET, [row("urged")])
    assert (urged.entry, urged.by) == ("e", "amy")
    (replied,) = events_of(TICKET, TICKET, [row("reply")])
    assert replied.entry == ""  # what people write to each other is not passed on


def test_rules_hold_by_event_condition_and_age() -> None:
    """In their order; of what was done long ago nobody is told."""
    urgent = Conditions(all=(Condition(field="priority", op="is", value="urgent"),))
    base = {"channels": ("mail",), "template": "t"}
    rules = (
        NoticeRule(id="a", events=("created",), **base),  # type: ignore[arg-type]
        NoticeRule(id="b", events=("created",), conditions=urgent, **base),  # type: ignore[arg-type]
        NoticeRule(id="c", events=("created",), oldest_s=60, **base),  # type: ignore[arg-type]
        NoticeRule(id="d", events=("late",), **base),  # type: ignore[arg-type]
    )
    configuration = Configuration(notice_rules=rules)
    happened = Happened(event="created", at=0)

    def held(priority: str, now: int) -> list[str]:
        return [one.id for one in rules_for(configuration, happened, {"priority": priority}, now)]

    assert held("normal", 0) == ["a", "c"]
    assert held("urgent", 61_000) == ["a", "b"]
    assert held("urgent", DAY_MS + 1) == []


def test_parts_are_played_by_whoever_plays_them_now() -> None:
    """A team is told only while nobody holds the ticket; named people always; nobody twice."""
    roles: tuple[Role, ...] = ("assignee", "creator", "cc", "superior", "team", "lead", "customer", "group")
    rule = NoticeRule(
        id="a", events=("late",), roles=roles, people=("zoe",), channels=("mail",), template="t"
    )
    teams, above = {"desk": TEAM}, {"amy": "max"}
    assert players(rule, TICKET, teams, above) == {"amy", "ben", "eva", "max", "zoe"}
    waiting = Ticket(id="t", template="f", template_version=1, org="e1", line="retail", team="desk")
    assert players(rule, waiting, teams, above) == {"amy", "wes", "eva", "zoe"}


def test_a_customer_is_reached_by_what_was_not_erased() -> None:
    """By phone where the channel calls, by mail where it writes; never by a masked or an erased value."""
    values = [
        PersonalValue(ticket="t", key="phone", value="138"),
        PersonalValue(ticket="t", key="email", value="a@b.test", erased=True),
        PersonalValue(ticket="t", key="name", value="Wang"),
    ]
    sms = Channel(id="s", kind="aliyun_sms", reaches="phone")
    assert customer_address(sms, values) == "138"
    assert customer_address(Channel(id="m", kind="smtp", reaches="email"), values) == ""
    assert customer_address(Channel(id="g", kind="apprise"), values) == ""
    assert customer_address(sms, [PersonalValue(ticket="t", key="phone", value="138", masked=True)]) == ""
