"""Why a ticket is as it is: policy, deadlines, triggers, automations, route, flow, who was told (RULES §3, §4).

What acted is read from the timeline; why others did not is worked out from the ticket as it is now.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from domain.entities.conditions import Condition, Conditions
from domain.entities.configuration import Configuration
from domain.entities.explaining import Section, Told
from domain.entities.rules import FIELD_CHANGED, Automation, Trigger
from domain.entities.sla import Clock, Policy, Reason
from domain.entities.ticket import Entry, Ticket
from domain.rules.conditions import holds
from domain.rules.sla_explain import explain as explain_clock
from domain.rules.triggers import events_of

Values = Mapping[str, Any]


class Explained:
    """Everything that is known of one ticket, asked section by section."""

    def __init__(
        self,
        ticket: Ticket,
        timeline: Sequence[Entry],
        values: Values,
        configuration: Configuration,
        *,
        clocks: Iterable[Clock] = (),
        told: Iterable[Told] = (),
        rules_known: bool = True,
    ) -> None:
        self._ticket, self._timeline, self._values = ticket, timeline, values
        self._configuration, self._clocks, self._told = configuration, clocks, told
        self._rules_known = rules_known

    def sections(self, *, internal: bool = True) -> tuple[Section, ...]:
        """All sections that have anything to say; where rules are not known (a replica), those of rules say that.

        Without `internal` only what anybody who sees the ticket may know: its policy, deadlines and place.
        """
        made: list[tuple[str, Iterator[Reason]]] = [
            ("policy", self._policies()),
            ("deadlines", self._deadlines()),
            ("routing", self._routes()),
            ("triggers", self._triggers()),
            ("automations", self._automations()),
            ("flow", self._flow()),
            ("told", self._heard()),
        ]
        open_to_all = ("policy", "deadlines", "flow")
        found = [
            Section(name=name, reasons=tuple(one for one in reasons if internal or "field" not in one.args))
            for name, reasons in made
            if internal or name in open_to_all
        ]
        return tuple(one for one in found if one.reasons)

    def _policies(self) -> Iterator[Reason]:
        for policy in sorted(self._configuration.policies, key=lambda one: (one.position, one.id)):
            failing = first_failing(policy.conditions, self._values)
            if failing is None:
                yield _reason("policy_applies", name=policy.name or policy.id, version=policy.version)
                return
            yield _reason("policy_not", name=policy.name or policy.id, **_told(failing, self._values))
        yield _reason("policy_none")

    def _policy(self) -> Policy | None:
        found = (one for one in self._configuration.policies if one.id == self._ticket.policy)
        return next(found, None)

    def _deadlines(self) -> Iterator[Reason]:
        policy = self._policy()
        calendar = self._configuration.calendars.get(policy.calendar or "") if policy else None
        for clock in self._clocks:
            if clock.target is not None:
                yield _reason("clock", metric=clock.metric)
                yield from explain_clock(clock, policy, calendar)[1:]

    def _routes(self) -> Iterator[Reason]:
        routed = [entry for entry in self._timeline if entry.kind == "routed"]
        names = {rule.id: rule.name for rule in self._configuration.routing}
        for entry in routed:
            to = {
                name: moved["to"]
                for name in ("team", "assignee", "priority")
                if isinstance(moved := entry.detail.get(name), Mapping) and moved.get("to")
            }
            id, node = str(entry.detail.get("rule", "")), str(entry.detail.get("node", ""))
            key, name = ("routed_node", self._node(node)) if node else ("routed", names.get(id, id))
            blank = dict.fromkeys(("team", "assignee", "priority"))
            yield _reason(key, name=name, at=entry.at, **{**blank, **to})
            why = entry.detail.get("reason")
            if isinstance(why, Mapping) and why.get("why"):
                yield _reason("routed_why", why=str(why["why"]))
        if routed or not self._rules_known:
            return
        for rule in self._configuration.routing:
            failing = first_failing(rule.conditions, self._values)
            if failing is None:
                yield _reason("route_fits", name=rule.name or rule.id)
                return
            yield _reason("route_not", name=rule.name or rule.id, **_told(failing, self._values))

    def _acted(self, kind: str) -> Iterator[tuple[str, list[Reason]]]:
        for entry in self._timeline:
            rule = str(entry.detail.get("rule", "")) if entry.kind == "rule" else ""
            if rule.startswith(f"{kind}:"):
                yield rule.partition(":")[2], list(_account(entry))

    def _triggers(self) -> Iterator[Reason]:
        acted = list(self._acted("trigger"))
        for _, account in acted:
            yield from account
        if not self._rules_known:
            yield _reason("rules_unknown")
        happened = _happened(self._timeline)
        for trigger in self._configuration.triggers:
            if trigger.id not in {id for id, _ in acted}:
                yield self._why_not(trigger, happened)

    def _why_not(self, trigger: Trigger, happened: frozenset[str]) -> Reason:
        name = trigger.name or trigger.id
        if not trigger.active:
            return _reason("trigger_off", name=name)
        if not happened & set(trigger.events):
            return _reason("trigger_no_event", name=name, events=list(trigger.events))
        failing = first_failing(trigger.conditions, self._values)
        if failing is not None:
            return _reason("trigger_not", name=name, **_told(failing, self._values))
        return _reason("trigger_late", name=name, hours=trigger.oldest_s // 3600)

    def _automations(self) -> Iterator[Reason]:
        acted = list(self._acted("automation"))
        for _, account in acted:
            yield from account
        for one in self._configuration.automations:
            if one.id not in {id for id, _ in acted}:
                yield self._why_not_yet(one)

    def _why_not_yet(self, automation: Automation) -> Reason:
        name = automation.name or automation.id
        if not automation.active:
            return _reason("trigger_off", name=name)
        failing = first_failing(automation.conditions, self._values)
        if failing is not None:
            return _reason("trigger_not", name=name, **_told(failing, self._values))
        return _reason("automation_next", name=name)

    def _flow(self) -> Iterator[Reason]:
        state = self._ticket.flow
        if state is None:
            return
        for token in state.tokens:
            yield _reason("flow_at", name=self._node(token.node), at=token.entered_at, visit=token.visit)
        if state.ended:
            yield _reason("flow_ended", name=self._node(state.ended))

    def _node(self, key: str) -> str:
        """What a node of the ticket's flow is called."""
        template = self._configuration.template(self._ticket.template, self._ticket.template_version)
        node = template.flow.node(key) if template is not None and template.flow is not None else None
        return node.name or node.key if node is not None else key

    def _heard(self) -> Iterator[Reason]:
        for one in self._told:
            yield _reason(
                f"told_{one.to_kind}", person=one.to, channel=one.channel, kind=one.kind, at=one.at, state=one.state
            )  # fmt: skip


def _reason(key: str, **args: Any) -> Reason:
    return Reason(key=f"explain.{key}", args=args)


def _account(entry: Entry) -> Iterator[Reason]:
    """What one rule did: when, on which event, each action and how it came out."""
    detail = entry.detail
    name = detail.get("name") or detail.get("rule")
    yield _reason("acted", name=name, at=entry.at, event=str(detail.get("event") or "slot"))
    for did in detail.get("did", ()):
        if code := did.get("code"):
            yield _reason("skipped", action=did["action"], code=code, because=dict(did.get("args", {})))
        else:
            yield _reason("did", action=did["action"])
    for told in detail.get("told", ()):
        yield _reason(
            "sent",
            action=told["action"],
            person=told.get("to", ""),
            to_kind=told.get("to_kind", "person"),
            channel=told.get("channel", "app"),
        )


def _happened(timeline: Iterable[Entry]) -> frozenset[str]:
    """Every event that a timeline tells of, changes of fields too."""
    timeline = list(timeline)
    changed = [
        key for entry in timeline if entry.kind == "edited" for key in entry.detail
    ] + [entry.kind for entry in timeline if entry.kind in ("status", "priority", "tags", "cc")]  # fmt: skip
    if any(entry.kind in ("assigned", "routed", "transferred", "taken") for entry in timeline):
        changed += ["assignee", "team"]
    single = [events_of([entry]) for entry in timeline]
    found = frozenset(event for events in single for event in events)
    return found | {FIELD_CHANGED + key for key in changed}


def first_failing(conditions: Conditions, values: Values) -> Condition | None:
    """The first condition that does not hold; of *any of*, the first one where none does."""
    for one in conditions.all:
        if not holds(Conditions(all=(one,)), values):
            return one
    if conditions.any and not holds(Conditions(any=conditions.any), values):
        return conditions.any[0]
    return None


def _told(condition: Condition, values: Values) -> dict[str, Any]:
    """A failed condition with what is there instead."""
    return {
        "field": condition.field,
        "op": condition.op,
        "value": condition.value,
        "actual": values.get(condition.field),
    }
