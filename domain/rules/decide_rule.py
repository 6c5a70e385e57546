"""Deciding what a rule does, step by step, and a macro, which is done whole or not at all (RULES §4, §5).

A step is a command like anybody's, decided on the ticket as the steps before it left it.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import msgspec

from domain.entities.rules import RuleStep
from domain.entities.ticket import Changes, Conflict, Entry, PersonalValue
from domain.errors import InvalidInputError
from domain.rules.facts import Facts, Refusal, Refused, Rows, Unknown, Unsure, held
from domain.wire.commands import Command, EditTicket, Reply, intent_of, payload
from domain.wire.intent import Intent
from domain.wire.rule_commands import ApplyMacro, ApplyRule

Decide = Callable[[Facts, Command], Changes | Refused | Unknown]
MOST_STEPS = 50
_NOT_STEPS = frozenset({"create", "split", "rule", "macro", "step", "merge", "unmerge"})


def step_commands(command: Command, steps: Iterable[RuleStep]) -> Iterator[Command]:
    """Each step as a command whose rows are named after the whole."""
    for index, step in enumerate(steps):
        if step.kind in _NOT_STEPS:
            raise Refusal("rule_step_kind", kind=step.kind)
        if index >= MOST_STEPS:
            raise Refusal("rule_steps", limit=MOST_STEPS)
        yield Command(
            id=f"{command.id}-{index}",
            ticket_id=command.ticket_id,
            kind=step.kind,
            base=command.base,
            set=step.set,
            at=command.at,
            clock=command.clock,
        )


def apply_rule(facts: Facts, command: Command, intent: Intent, decide: Decide) -> Changes:
    """What a rule comes to: a step that can't be done is left out and named in the rule's own row."""
    assert isinstance(intent, ApplyRule)
    if not facts.actor.system:
        raise Refusal("not_allowed", kind="rule")
    done = _Done(facts)
    did: list[dict[str, Any]] = []
    for step, one in zip(intent.steps, step_commands(command, intent.steps), strict=True):
        code = done.attempt(one, decide)
        did.append({"action": step.action, **({"code": code} if code else {})})
    did += [{"action": one.action, "code": one.code, "args": one.args} for one in intent.skipped]
    if not (done.entries or did or intent.messages):
        return Changes(ticket=held(facts))
    rows = Rows(facts, command)
    told = [msgspec.to_builtins(one) for one in intent.messages]
    detail = {"rule": intent.rule, "name": intent.name, "event": intent.event, "depth": intent.depth}
    rows.add("rule", field_class="internal", detail={**detail, "did": did, "told": told})
    return done.changes((*rows.entries, *(_by_rule(entry) for entry in done.entries)))


def _by_rule(entry: Entry) -> Entry:
    """What a rule says answers nobody: it is no person's word (RULES §3)."""
    if entry.kind != "reply":
        return entry
    return msgspec.structs.replace(entry, detail={**entry.detail, "by": "rule"})


def apply_macro(facts: Facts, command: Command, intent: Intent, decide: Decide) -> Changes:
    """All steps and the reply, or the refusal of the first that may not be."""
    assert isinstance(intent, ApplyMacro)
    steps = list(intent.steps)
    if intent.reply.strip():
        said = Reply(body=intent.reply, internal=intent.internal)
        # Said before anything else: a closed ticket takes no reply.
        steps.insert(0, RuleStep(action="comment", kind="reply", set=payload(said)))
    done = _Done(facts)
    for one in step_commands(command, steps):
        done.do(one, decide)
    if not done.entries:
        return Changes(ticket=held(facts), conflicts=done.conflicts)
    rows = Rows(facts, command)
    rows.add("macro", field_class="internal", detail={"macro": intent.macro, "name": intent.name})
    return done.changes((*rows.entries, *done.entries))


class _Done:
    """The facts as they stand after the steps so far, and what these steps did."""

    def __init__(self, facts: Facts) -> None:
        self.facts, self._first = facts, held(facts)
        self.entries: list[Entry] = []
        self._personal: list[PersonalValue] = []
        self.conflicts: dict[str, Conflict] = {}
        self._others: list[Changes] = []
        self._merged = False

    def attempt(self, command: Command, decide: Decide) -> str:
        """Do a step if it can be done; else the code of why not."""
        try:
            self.do(command, decide)
        except (Refusal, InvalidInputError) as refusal:
            return refusal.code
        except Unsure:
            return "unknown_fact"
        return ""

    def do(self, command: Command, decide: Decide) -> None:
        """Do a step; raise Refusal or Unsure where it can't be done."""
        if isinstance(decision := decide(self.facts, self._read(command)), Refused):
            raise Refusal(decision.code, **decision.args)
        if isinstance(decision, Unknown):
            raise Unsure(decision.what)
        self.entries += decision.entries
        self._personal += decision.personal
        self._others += decision.others
        self.conflicts |= decision.conflicts
        self._merged |= decision.merged
        values = {**self.facts.personal, **{one.key: one for one in decision.personal}}
        timeline = (*self.facts.timeline, *decision.entries)
        self.facts = msgspec.structs.replace(
            self.facts, ticket=decision.ticket, personal=values, timeline=timeline
        )

    def _read(self, command: Command) -> Command:
        """The step with the values it was made from: what the steps before it changed, they changed on purpose."""
        now, first, base = held(self.facts), self._first, dict(command.base)
        intent = intent_of(command)
        for key in intent.values if isinstance(intent, EditTicket) else ():
            room, _, name = key.partition(".")
            if room == "personal":
                row = self.facts.personal.get(name)
                current = before = row.value if row else None
            else:
                current, before = (
                    one.fields.get(name) if room == "fields" else getattr(one, key, None)
                    for one in (now, first)
                )
            if key not in base or current != before:
                base[key] = current
        for key in ("org", "line", "team", "assignee", "status"):
            if key in base and getattr(now, key) != getattr(first, key):
                base[key] = getattr(now, key)
        return msgspec.structs.replace(command, base=base)

    def changes(self, entries: tuple[Entry, ...]) -> Changes:
        """All of it as one."""
        return Changes(
            ticket=held(self.facts),
            entries=entries,
            personal=tuple({one.key: one for one in self._personal}.values()),
            conflicts=self.conflicts,
            merged=self._merged,
            others=tuple(self._others),
        )
