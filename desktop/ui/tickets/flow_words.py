"""A flow's rows of the timeline in words: 进入“赔付审批”, 同意, 退回到“核实定责”."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from desktop.ui.text import has_text, tr
from domain.entities.flow import GATE, INITIATOR
from domain.entities.ticket import Entry


class Names(Protocol):
    """What the timeline's wording offers."""

    def who(self, person: str | None) -> str:
        """A person's name."""
        ...

    def node(self, key: str) -> str:
        """A node's name."""
        ...


def node_words(key: str, names: Mapping[str, str]) -> str:
    """What a node is called."""
    if key in (INITIATOR, GATE):
        return tr(f"flow.node{key.replace('@', '_')}")
    return names.get(key) or key


def _people(names: Names, people: Any) -> str:
    listed = people if isinstance(people, list | tuple) else (people,)
    return tr("ticket.list_separator").join(names.who(one) for one in listed if one)


def _hop(names: Names, detail: Mapping[str, Any]) -> str:
    again = detail.get("visit", 1) > 1
    key = "ticket.event.hop_again" if again else "ticket.event.hop"
    return tr(key, node=names.node(detail["node"]), count=detail.get("visit", 1))


def _returned(names: Names, detail: Mapping[str, Any]) -> str:
    before, after = names.node(detail["node"]), names.node(detail["to"])
    return tr("ticket.event.node_returned", before=before, after=after)


def _approval(names: Names, detail: Mapping[str, Any]) -> str:
    said = "approved" if detail.get("approved") else "rejected"
    if detail.get("why") == "time_out":
        said += "_late"
    return tr(f"ticket.event.{said}", node=names.node(detail["node"]))


def _delegated(names: Names, detail: Mapping[str, Any]) -> str:
    key = "ticket.event.delegated_late" if detail.get("why") == "time_out" else "ticket.event.delegated"
    return tr(key, node=names.node(detail["node"]), who=_people(names, detail.get("to")))


def _asked(names: Names, detail: Mapping[str, Any]) -> str:
    return tr("ticket.event.asked", node=names.node(detail["node"]), who=_people(names, detail["approvers"]))


def _branch(names: Names, detail: Mapping[str, Any]) -> str:
    who = _people(names, detail["assignee"]["to"])
    return tr("ticket.event.branch", node=names.node(detail["node"]), who=who)


def _plain(kind: str) -> Callable[[Names, Mapping[str, Any]], str]:
    def told(names: Names, detail: Mapping[str, Any]) -> str:
        key = f"ticket.event.{kind}"
        return tr(key, node=names.node(str(detail.get("node", ""))), count=len(detail.get("tickets", ())))

    return told


def _stopped(names: Names, detail: Mapping[str, Any]) -> str:
    nodes = tr("ticket.list_separator").join(names.node(one) for one in detail.get("nodes", ()))
    key = f"ticket.event.flow_stopped_{detail.get('why', '')}"
    return tr(key if has_text(key) else "ticket.event.flow_stopped", node=nodes)


_TELLERS: Mapping[str, Callable[[Names, Mapping[str, Any]], str]] = {
    "hop": _hop,
    "node_returned": _returned,
    "approval": _approval,
    "delegated": _delegated,
    "asked": _asked,
    "branch": _branch,
    "node_late": _plain("node_late"),
    "node_done": _plain("node_done"),
    "snapshot": _plain("snapshot"),
    "children": _plain("children"),
    "flow_stopped": _stopped,
}
FLOW_KINDS = frozenset(_TELLERS)
GLYPHS = {
    "hop": "arrow-elbow-down-right",
    "node_returned": "arrow-bend-up-left",
    "approval": "shield-check",
    "delegated": "user-plus",
    "asked": "shield-check",
    "branch": "user",
    "node_late": "warning-octagon",
    "node_done": "check",
    "snapshot": "copy",
    "children": "git-fork",
    "flow_stopped": "prohibit",
}


def flow_event(names: Names, entry: Entry) -> str:
    """One row in words."""
    return _TELLERS[entry.kind](names, entry.detail)
