"""What people do with several tickets at once, and that nothing of either is lost or leaks: stories of their own.

Stories from seed `FIRST` on have these gestures among the others; those before stay as they were.
"""

import json
from collections.abc import Sequence
from typing import Any

from desktop.replica import rows
from domain.entities.links import OTHER_END
from domain.rules.decide_split import SPLIT_KINDS
from domain.wire.commands import SplitTicket
from domain.wire.intent import Intent
from domain.wire.together_commands import HandBack, LinkTicket, MergeTicket, UnmergeTicket, Urge
from tests.simulation.real.desktop import Desktop
from tests.simulation.real.sight import Row, ServerState
from tests.simulation.violation import Violation

FIRST = 1_000_000
"""The seed of the first story with these gestures."""
_RELATIONS = ("related", "child_of", "parent_of")


def choose(desktop: Desktop, tickets: Sequence[str], bits: int, word: str) -> tuple[str, str, Intent] | None:
    """The ticket, kind and content of a gesture on two tickets; None: something else is done."""
    if len(tickets) < 2 or bits & 1:
        return None
    which, one = bits >> 1 & 7, tickets[(bits >> 4) % len(tickets)]
    other = tickets[(bits >> 12) % len(tickets)]
    with desktop.replica.read() as conn:
        held = rows.load_ticket(conn, one)
        said = [row.id for row in rows.load_entries(conn, one) if row.kind in SPLIT_KINDS and row.body]
    if held is None:
        return None
    if held.merged_into is not None and which < 3:
        return one, "unmerge", UnmergeTicket(into=held.merged_into)
    if which < 4:
        return one, "merge", MergeTicket(into=other, confirmed=True, note=f"Same {word}" if bits & 64 else "")
    if which == 4 and said:
        chosen = tuple(id for n, id in enumerate(said) if bits >> 20 + n & 1) or (said[0],)
        split = SplitTicket(
            template="complaint", template_version=1, org=held.org, line=held.line,
            subject=f"Split {word}", source=one, entries=chosen,
        )  # fmt: skip
        return desktop.runner.new_id(), "split", split
    if which == 5:
        relation = _RELATIONS[(bits >> 20) % len(_RELATIONS)]
        return one, "unlink" if bits >> 22 & 1 else "link", LinkTicket(to=other, relation=relation)
    if which == 6:
        return one, "urge", Urge(reason=f"Please {word}")
    return one, "hand_back", HandBack(reason=f"Not ours {word}")


def check(server: ServerState) -> None:
    """What holds of tickets that belong together once all is at rest (the server never went back)."""
    links = {id: [tuple(one) for one in _read(row["links"])] for id, row in server.tickets.items()}
    for id, row in server.tickets.items():
        if len(set(links[id])) < len(links[id]):
            raise Violation(4, f"ticket {id} has a link twice: {links[id]}")
        for relation, other in links[id]:
            if (OTHER_END[relation], id) not in links.get(other, ()) and not _moved(server, other, id):
                raise Violation(4, f"ticket {id} is {relation} {other}, which does not know of it")
        if row["merged_into"] is not None:
            _pointer(server, row)
    for entry in server.entries.values():
        if entry["kind"] == "redirected":
            _arrived(server, entry)
        of = entry["detail"].get("of") if isinstance(entry["detail"], dict) else None
        if of:
            _copied(server, entry, of)


def _read(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value


def _moved(server: ServerState, other: str, id: str) -> bool:
    """Whether the link came along with a ticket that was merged: its other end still names that one."""
    return any(
        row["kind"] == "merged_from" and row["ticket"] == id and other in str(row["detail"]["links"])
        for row in server.entries.values()
    )


def _pointer(server: ServerState, row: Row) -> None:
    target = server.tickets.get(row["merged_into"])
    if target is None or row["status"] != "closed":
        raise Violation(4, f"ticket {row['id']} points to {row['merged_into']} and is {row['status']}")
    seen, at = {row["id"]}, target
    while at["merged_into"] is not None:
        if at["id"] in seen:
            raise Violation(4, f"ticket {row['id']} points in a circle")
        seen.add(at["id"])
        at = server.tickets[at["merged_into"]]


def _arrived(server: ServerState, entry: Row) -> None:
    there = server.entries.get(entry["detail"]["entry"])
    if there is None or there["ticket"] != entry["detail"]["ticket"]:
        raise Violation(
            3, f"the words that {entry['ticket']} passed on to {entry['detail']['ticket']} are lost"
        )


def _copied(server: ServerState, entry: Row, of: Row) -> None:
    source = server.entries.get(of["entry"])
    if source is None or source["ticket"] != of["ticket"]:
        raise Violation(3, f"row {of['entry']} was split off and is gone from {of['ticket']}")
    same = source["field_class"] == entry["field_class"] and source["at"] == entry["at"]
    if not same or (source["body"] != entry["body"] and not (source["erased"] or entry["erased"])):
        raise Violation(2, f"row {entry['id']} is not what was split off: {entry} of {source}")
