"""Which trigger acts next: order, once each, restart, depth, old causes, machines' mail."""

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.entities.conditions import Condition, Conditions
from domain.entities.rules import Trigger
from domain.entities.ticket import Entry, Ticket
from domain.rules.rule_values import changed_fields, rule_values
from domain.rules.triggers import DEEPEST, State, events_of, next_trigger
from tests.domain.rules.facts import NOON, OTHER, ticket

HOUR = 3_600_000
Values = dict[str, Any]


def when(field: str, value: object) -> Conditions:
    """One condition of equality."""
    return Conditions(all=(Condition(field=field, op="is", value=value),))


def trigger(id: str, field: str, value: object, position: int = 0, **more: Any) -> Trigger:
    """A trigger on anything, where a field has a value."""
    return Trigger(
        id=id, position=position, events=("created", "updated"), conditions=when(field, value), **more
    )


def row(kind: str = "created", at: int = NOON, **more: Any) -> Entry:
    """A timeline row."""
    return Entry(id=more.pop("id", "c"), ticket="T", kind=kind, at=at, **more)


def chain(
    triggers: Sequence[Trigger], effects: dict[str, Values], values: Values
) -> tuple[list[str], list[int], Values]:
    """Let triggers act on plain values until they rest: who acted, how deep, and what is left."""
    states = [State(values=values, entries=(row(),))]
    fired: list[str] = []
    depths: list[int] = []
    while found := next_trigger(triggers, states, fired=fired, now=NOON):
        fired.append(found.trigger.id)
        depths.append(found.depth)
        values = {**values, **effects.get(found.trigger.id, {})}
        deepest = max(found.depth, states[-1].depth)
        states.append(State(values=values, entries=(row(),), depth=deepest))
    return fired, depths, values


def behaviour_cases() -> list[dict[str, Any]]:
    """The cases of other systems' triggers that are told as small tables; none without the sample data."""
    folder = os.environ.get("GONGDAN_SAMPLE_DATA")
    file = Path(folder).parent / "cases" / "sla_cases.json" if folder else None
    if file is None or not file.exists():
        return []
    cases = json.loads(file.read_text(encoding="utf-8"))["behaviour_cases"]
    return [case for case in cases if case["kind"] == "trigger" and "rules" in case]


@pytest.mark.parametrize("case", behaviour_cases(), ids=lambda case: str(case["id"]))
def test_cases_of_other_systems(case: dict[str, Any]) -> None:
    """Cascading, circular and competing triggers come out as these cases say."""
    triggers, effects = [], {}
    for position, rule in enumerate(case["rules"]):
        field, _, value = rule["if"].partition("=")
        triggers.append(trigger(rule["name"], field, value, position))
        name, _, wanted = rule["set"].partition("=")
        effects[rule["name"]] = {name: wanted}
    inside = case["event"].partition("(")[2].rstrip(")")
    first = dict(part.split("=") for part in inside.split(","))
    fired, _, left = chain(triggers, effects, first)
    expected = dict(case["expect"])
    assert fired == expected.pop("fired", fired)
    assert {id: fired.count(id) for id in fired} == expected.pop("fired_times", dict.fromkeys(fired, 1))
    expected.pop("max_seconds", None)
    assert {name: left[name] for name in expected} == expected


CASCADE = (trigger("A", "s", "new", 0), trigger("B", "s", "open", 1), trigger("C", "s", "closed", 2))


def test_a_trigger_acts_on_what_another_did() -> None:
    """In order, each once; the same as the cases say, for those who have none of them."""
    effects = {"A": {"s": "open"}, "B": {"s": "closed"}, "C": {"s": "new"}}
    fired, depths, left = chain(CASCADE, effects, {"s": "new"})
    assert (fired, depths, left) == (["A", "B", "C"], [1, 2, 3], {"s": "new"})


def test_after_each_change_the_first_is_looked_at_first() -> None:
    """A later trigger's change lets an earlier one act before those after it."""
    triggers = (
        trigger("late", "tag", "x", 0),
        trigger("one", "s", "new", 1),
        trigger("two", "s", "new", 2),
    )
    fired, _, _ = chain(triggers, {"one": {"tag": "x"}}, {"s": "new", "tag": ""})
    assert fired == ["one", "late", "two"]


def test_a_chain_is_at_most_so_deep() -> None:
    """Of twelve that each wait for the one before, ten act."""
    triggers = [trigger(f"r{n:02}", "n", n, n) for n in range(12)]
    fired, depths, _ = chain(triggers, {f"r{n:02}": {"n": n + 1} for n in range(12)}, {"n": 0})
    assert len(fired) == DEEPEST == max(depths)


def test_triggers_that_do_not_wait_for_each_other_are_not_deep() -> None:
    """Thirty that all hold at once all act, though each changes something."""
    triggers = [trigger(f"r{n:02}", "s", "new", n) for n in range(30)]
    fired, depths, _ = chain(triggers, {f"r{n:02}": {f"f{n}": 1} for n in range(30)}, {"s": "new"})
    assert len(fired) == 30
    assert set(depths) == {1}


@given(
    rules=st.lists(
        st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(0, 3), st.integers(0, 3)), max_size=25
    ),
    start=st.lists(st.integers(0, 3), min_size=4, max_size=4),
)
def test_every_chain_ends(rules: list[tuple[int, int, int, int]], start: list[int]) -> None:
    """Whatever the rules do to each other: each acts at most once, none deeper than allowed, by position."""
    triggers = [trigger(f"r{n:02}", f"f{on}", value, n) for n, (on, value, _, _) in enumerate(rules)]
    effects: dict[str, Values] = {f"r{n:02}": {f"f{to}": set_} for n, (_, _, to, set_) in enumerate(rules)}
    first: Values = {f"f{n}": value for n, value in enumerate(start)}
    fired, depths, _ = chain(triggers, effects, first)
    assert len(fired) == len(set(fired))
    assert max(depths, default=0) <= DEEPEST
    again, _, _ = chain(list(reversed(triggers)), effects, first)
    assert again == fired  # by position, however they are handed over


def test_old_causes_are_no_news() -> None:
    """A desktop that comes back after two days sets nothing off that a day's limit holds back."""
    states = [State(values={"s": "new"}, entries=(row(at=NOON - 48 * HOUR),))]
    patient = trigger("patient", "s", "new", 1, oldest_s=3 * 86_400)
    found = next_trigger((trigger("daily", "s", "new"), patient), states, fired=(), now=NOON)
    assert found is not None
    assert found.trigger.id == "patient"


def test_mail_that_a_machine_wrote_sets_nothing_off() -> None:
    """Neither the message nor that it reopened the ticket; a person's row in the same push does."""
    machine = [row("message", detail={"automatic": True}), row("status", id="c.1", detail={"to": "open"})]
    assert events_of(machine, ("status",)) == frozenset()
    assert "note" in events_of([*machine, row("note", id="d")])


def test_events_of_rows() -> None:
    """What each row is called; derived rows and what rules account for are no events."""
    assert events_of([row()]) == {"created"}
    assert events_of([row("status", detail={"from": "resolved", "to": "open"})], ("status",)) == {
        "updated", "status", "reopened", "field_changed:status",
    }  # fmt: skip
    assert events_of([row("status", detail={"from": "open", "to": "closed", "why": "merged"})]) == {"merged"}
    assert events_of([row("returned")]) == events_of([row("node_returned")]) == {"updated", "returned"}
    assert events_of([row("rule", detail={"rule": "sla:-1"})]) == {"overdue"}
    assert events_of([row("rule", detail={"rule": "sla:resolution 30m"})]) == frozenset()
    assert events_of([row("rule"), row("policy")], ("priority",)) == frozenset()


def test_an_inactive_trigger_rests() -> None:
    """And one whose field no value is known of."""
    states = [State(values={"s": "new"}, entries=(row(),))]
    resting = (trigger("off", "s", "new", active=False), trigger("else", "t", "new"))
    assert next_trigger(resting, states, fired=(), now=NOON) is None


def values_of(before: Ticket, after: Ticket, *entries: Entry, now: int = NOON) -> dict[str, Any]:
    """What conditions see of a change."""
    return rule_values(after, entries, org_path=["s1"], category_path=(), now=now, before=before, new=entries)


def test_conditions_see_what_changed_and_who_did_it() -> None:
    """From which value, by whom and as what; deadlines that move are no change."""
    before = ticket(priority="normal", due_at=1)
    after = ticket(priority="high", due_at=2, fields={"amount": 20})
    values = values_of(before, after, row("priority", person=OTHER))
    assert changed_fields(before, after) == ("priority", "fields.amount")
    assert (values["changed.priority"], values["from.priority"], values["changed.team"]) == (
        True, "normal", False,
    )  # fmt: skip
    assert (values["changed.fields.amount"], values["from.fields.amount"]) == (True, 10)
    assert (values["by"], values["by_kind"]) == (OTHER, "agent")


def test_ages_count_from_the_last_of_each() -> None:
    """Seconds since creation, status and message; none of what never was; negative before a deadline."""
    rows = (row("created", at=NOON - HOUR), row("message", id="m", at=NOON - HOUR // 2))
    found = values_of(ticket(), ticket(created_at=NOON - HOUR, task_due_at=NOON + HOUR), *rows)
    assert [found[f"age.{name}_s"] for name in ("created", "status", "message", "reply", "task_due")] == [
        3600, 3600, 1800, None, -3600,
    ]  # fmt: skip
