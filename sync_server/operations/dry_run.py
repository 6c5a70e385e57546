"""`rules dry-run`: what triggers and automations would do to existing tickets; nothing is written (RULES §4)."""

import json
from argparse import Namespace
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from domain.entities.base import Entity
from domain.entities.configuration import Configuration
from domain.entities.rules import Automation, Plan, Trigger
from domain.entities.sla import Reason
from domain.entities.ticket import Ticket
from domain.errors import InvalidInputError
from domain.rules.actions import plan
from domain.rules.conditions import holds
from domain.rules.explain import first_failing
from domain.rules.explain_words import sentence
from sync_server.operations.commands import Run, Work, command
from sync_server.operations.configuration.applying import names_of
from sync_server.operations.configuration.building import build
from sync_server.operations.configuration.checking import check_all
from sync_server.operations.configuration.reading import Problems, located, read_folder
from sync_server.operations.explaining import LANGUAGES, Spoken, words_for
from sync_server.operations.tools import Tools
from sync_server.operations.words import Words
from sync_server.push.rule_context import Desk
from sync_server.reports.explaining import ticket_numbered
from sync_server.store.queries.tickets import entries_of, not_closed

if TYPE_CHECKING:
    from sqlalchemy import Connection

Rule = Trigger | Automation


class Outcome(Entity):
    """What one rule would do to one ticket: its plan, or the condition that fails first."""

    rule: str
    ticket: str
    number: str
    fires: bool
    actions: tuple[str, ...] = ()
    messages: int = 0
    skipped: tuple[str, ...] = ()
    failing: Reason | None = None


def add(to: Any, with_tools: Callable[[Work], Run]) -> None:
    """Add the command."""
    about = "what rules would do to existing tickets; nothing is written"
    one = command(to, "dry-run", with_tools(_dry_run), about)
    one.add_argument("rules", help="a folder with triggers.json or automations.json, or a rule's id; `all`")
    one.add_argument(
        "--ticket", metavar="NUMBER", action="append", default=[], help="one ticket; may be repeated"
    )
    one.add_argument("--all", action="store_true", help="every ticket that is not closed")
    one.add_argument("--limit", type=int, default=0, help="with --all: so many at most, the newest first")
    one.add_argument("--language", choices=sorted(LANGUAGES))
    one.add_argument("--json", action="store_true", help="one JSON object a line")


def _dry_run(tools: Tools, given: Namespace) -> int:
    if bool(given.ticket) == given.all:
        raise InvalidInputError("dry_run_which")
    words = words_for(given)
    fired = looked = 0
    with tools.store.read() as conn:
        desk = Desk(tree=tools.trees.current(conn), configuration=tools.configurations.current(conn))
        rules = list(_rules(conn, given.rules, desk.configuration, words))
        speech = Spoken(conn, words, tree=desk.tree, configuration=desk.configuration)
        for ticket in _tickets(conn, given):
            for outcome in outcomes(conn, desk, rules, ticket, tools.clock.now()):
                looked, fired = looked + 1, fired + outcome.fires
                if given.json:
                    print(json.dumps(_plain(outcome), ensure_ascii=False))
                elif outcome.fires or given.ticket:
                    print(_said(outcome, speech))
    if not given.json:
        print(words.say("server.dry_run.done", looked=looked, fired=fired))
    return 0


def _rules(conn: "Connection", named: str, present: Configuration, words: Words) -> Iterator[Rule]:
    """The rules of a folder as they would be applied, or those in force by id."""
    if Path(named).is_dir():
        problems = Problems()
        wanted = build(read_folder(Path(named), problems), names_of(conn), problems)
        check_all(wanted, present, problems)
        if problems.found:
            first = located(Path(named), problems.found)[0]
            reason = words.reason(first.code, first.args)
            raise InvalidInputError("dry_run_rules_wrong", where=first.where, reason=reason)
        yield from wanted.kinds.get("trigger", {}).values()
        yield from wanted.kinds.get("automation", {}).values()
        return
    held: list[Rule] = [*present.triggers, *present.automations]
    found = [one for one in held if named in ("all", one.id)]
    if not found:
        raise InvalidInputError("dry_run_no_rule", rule=named)
    yield from found


def _tickets(conn: "Connection", given: Namespace) -> Iterator[Ticket]:
    for number in given.ticket:
        ticket = ticket_numbered(conn, number)
        if ticket is None:
            raise InvalidInputError("explain_no_ticket", number=number)
        yield ticket
    if given.all:
        yield from islice(not_closed(conn), given.limit or None)


def outcomes(
    conn: "Connection", desk: Desk, rules: Iterable[Rule], ticket: Ticket, now: int
) -> Iterator[Outcome]:
    """What each rule would do to a ticket as it is now; a trigger as if it were changed this moment."""
    timeline = entries_of(conn, [ticket.id]).get(ticket.id, [])
    for rule in rules:
        automation = isinstance(rule, Automation)
        calendar = (
            desk.configuration.calendars.get(rule.calendar or "") if isinstance(rule, Automation) else None
        )
        values = desk.values(ticket, timeline, now, calendar=calendar)
        id = f"{'automation' if automation else 'trigger'}:{rule.id}"
        base = {"rule": id, "ticket": ticket.id, "number": ticket.number or ""}
        if not holds(rule.conditions, values):
            failing = first_failing(rule.conditions, values)
            yield Outcome(**base, fires=False, failing=_reason(failing, values))  # type: ignore[arg-type]
            continue
        context = desk.context(conn, ticket, rule=id, name=rule.name, at=now)
        found: Plan = plan([one for one in rule.actions if not one.on], ticket, context)
        yield Outcome(
            **base,  # type: ignore[arg-type]
            fires=True,
            actions=(
                *(step.action for step in found.steps),
                *(f"{one.kind}→{one.on}" for one in rule.actions if one.on),
            ),
            messages=len(found.messages),
            skipped=tuple(f"{one.action}: {one.code}" for one in found.skipped),
        )


def _reason(failing: Any, values: dict[str, Any]) -> Reason:
    args = {
        "field": failing.field,
        "op": failing.op,
        "value": failing.value,
        "actual": values.get(failing.field),
    }
    return Reason(key="explain.because", args=args)


def _said(outcome: Outcome, speech: Spoken) -> str:
    number = outcome.number or outcome.ticket
    if outcome.failing is not None:
        why = sentence(outcome.failing, speech)
        return speech.say("server.dry_run.not", number=number, rule=outcome.rule, why=why)
    actions = ", ".join(
        speech.say(f"explain.action.{one}") if "→" not in one else one for one in outcome.actions
    )
    text = speech.say(
        "server.dry_run.fires",
        number=number,
        rule=outcome.rule,
        actions=actions or "–",
        messages=outcome.messages,
    )
    return text + "".join(f"; {one}" for one in outcome.skipped)


def _plain(outcome: Outcome) -> dict[str, Any]:
    plain = {name: getattr(outcome, name) for name in outcome.__struct_fields__ if name != "failing"}
    return {**plain, "failing": dict(outcome.failing.args) if outcome.failing else None}
