"""`explain ticket` and `rules dry-run`: in words, in both languages, and without writing anything."""

import json
from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import pytest
from sqlalchemy import func, select

from domain.entities.explaining import Section
from domain.entities.sla import Reason
from domain.rules.explain_words import sentence
from domain.rules.routing import Why
from domain.wire.commands import Command, CreateTicket, payload
from sync_server.operations import dry_run, explaining
from sync_server.operations.commands import group
from sync_server.operations.configuration.applying import apply
from sync_server.operations.tools import Tools
from sync_server.operations.words import Words
from sync_server.store import tables as t
from tests.sync_server.operations.test_configuration_rules import folder_with

TRIGGERS: dict[str, Any] = {
    "urgent": {
        "name": "Urgent goes up",
        "events": ["created", "updated"],
        "when": {"all": [["priority", "is", "urgent"]]},
        "actions": [{"kind": "tag", "arguments": {"add": ["hot"]}}],
    },
    "all": {
        "name": "All are marked",
        "events": ["created"],
        "actions": [{"kind": "tag", "arguments": {"add": ["new"]}}, {"kind": "notify", "arguments": {"to": ["lead"]}}],
    },
}  # fmt: skip


def run(tools: Tools, *given: str) -> int:
    """Run a command line of this room."""
    parser = ArgumentParser()
    to = parser.add_subparsers()

    def with_tools(work: Callable[[Tools, Any], int]) -> Callable[[Any], int]:
        return lambda parsed: work(tools, parsed)

    explaining.add(group(to, "explain", ""), with_tools)
    dry_run.add(group(to, "rules", ""), with_tools)
    parsed = parser.parse_args(given)
    return int(parsed.run(parsed))


def made(tools: Tools, scenario: str = "it_support", **values: Any) -> str:
    """The number of a new ticket."""
    with tools.store.read() as conn:
        configuration, tree = tools.configurations.current(conn), tools.trees.current(conn)
    template = next(one for one in configuration.templates.values() if one.id == scenario)
    intent = CreateTicket(
        template=template.id,
        template_version=template.version,
        org=sorted(tree.ids)[-1],
        line=next(iter(configuration.lines)),
        subject="Till",
        category=next(iter(configuration.categories)),
        **values,
    )
    id = tools.ids.new()
    command = Command(
        id=tools.ids.new(), ticket_id=id, kind="create", set=payload(intent), at=tools.clock.now()
    )
    assert [one.code for one in tools.pusher.submit([command])] == [""]
    with tools.store.read() as conn:
        return str(conn.execute(select(t.ticket.c.number).where(t.ticket.c.id == id)).scalar_one())


def rows(tools: Tools) -> int:
    """How much is written."""
    with tools.store.read() as conn:
        return sum(
            int(conn.execute(select(func.count()).select_from(table)).scalar_one())
            for table in (t.entry, t.change, t.notice, t.delivery, t.automation_episode)
        )


def test_a_ticket_is_explained_in_words(
    quick_sample: Tools, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What acted with what it did, and of the others the condition that fails with what is there instead."""
    assert not apply(quick_sample, folder_with(tmp_path, triggers=TRIGGERS)).problems
    number = made(quick_sample)
    assert run(quick_sample, "explain", "ticket", number, "--language", "en") == 0
    said = capsys.readouterr().out
    assert "All are marked acted (on: created)" in said
    assert "Tag: done" in said
    assert "Notify: skipped – Nobody plays the part lead" in said
    assert "Urgent goes up did not act: “priority is Urgent” fails; it is " in said
    assert "Service-level policy" in said
    assert "explain." not in said
    assert "sla.why" not in said
    run(quick_sample, "explain", "ticket", number, "--language", "zh")
    assert "“Urgent goes up”未执行：“优先级 为 紧急”不满足" in capsys.readouterr().out


def test_a_dry_run_writes_nothing(
    quick_sample: Tools, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Rules of a folder, before they are applied, on tickets that are there: what would act and what would not."""
    number, urgent = made(quick_sample), made(quick_sample, priority="urgent")
    folder = folder_with(tmp_path, triggers=TRIGGERS)
    before = rows(quick_sample)
    assert run(quick_sample, "rules", "dry-run", str(folder), "--all", "--json") == 0
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    by_rule = {(one["number"], one["rule"]): one for one in found}
    assert by_rule[urgent, "trigger:urgent"]["actions"] == ["tag"]
    assert by_rule[number, "trigger:urgent"]["failing"]["field"] == "priority"
    assert (by_rule[number, "trigger:all"]["fires"], by_rule[number, "trigger:all"]["actions"]) == (
        True,
        ["tag"],
    )
    assert run(quick_sample, "rules", "dry-run", str(folder), "--ticket", number, "--language", "en") == 0
    assert "would not act" in capsys.readouterr().out
    assert rows(quick_sample) == before


class Plainly:
    """Words that say keys."""

    def say(self, key: str, /, **args: Any) -> str:
        """The key with its arguments."""
        return " ".join([key, *(f"{name}={value}" for name, value in args.items())])

    def name(self, kind: str, id: str) -> str:
        """Kind and id."""
        return f"<{kind} {id}>"

    def moment(self, at: int) -> str:
        """The instant."""
        return f"@{at}"


def test_arguments_are_said_by_what_they_are() -> None:
    """People and units by their names, lengths of time and instants as such, changes as changes."""
    reason = Reason(key="k", args={"field": "from.assignee", "op": "is", "value": "p1", "actual": None})
    said = sentence(reason, Plainly())
    assert "value=<person p1>" in said
    assert "explain.field.from" in said
    assert "actual=explain.nothing" in said
    aged = Reason(key="k", args={"field": "age.status_s", "op": "gt", "value": 90_000, "actual": 60})
    assert "explain.length.day count=1 explain.length.hour count=1" in sentence(aged, Plainly())
    assert Section(name="policy").reasons == ()


def test_a_step_of_the_flow_is_named_as_what_gave_the_ticket_out(
    quick_sample: Tools, capsys: pytest.CaptureFixture[str]
) -> None:
    """The step by its name with team and handler, and in words how somebody is chosen."""
    fields = {"harm": "property", "damaged_item": "watch", "amount": 100, "happened_on": "2026-11-19"}
    number = made(quick_sample, "claim", fields=fields, personal={"phone": "13800000001"})
    assert run(quick_sample, "explain", "ticket", number, "--language", "en") == 0
    said = capsys.readouterr().out
    assert "given out by the step “核实定责” of the flow: team 理赔组" in said
    words = Words("en")
    for why in get_args(Why):
        assert words.say(f"explain.chosen.{why}") != f"explain.chosen.{why}"
