"""Actions of rules that wait: their ticket was held by another transaction (RULES §4)."""

from collections.abc import Sequence
from hashlib import blake2b

import msgspec

from domain.entities.base import Entity
from domain.entities.rules import RuleAction
from sync_server.store import tables as t
from sync_server.store.direct import Sql, WriteRows
from sync_server.store.rows import dump
from sync_server.store.unit_of_work import UnitOfWork

_WAITING = WriteRows(t.rule_due, conflict="kept")
_CLAIM = Sql(
    "SELECT id, rule, name, ticket, action FROM rule_due ORDER BY at, id LIMIT ? [FOR UPDATE SKIP LOCKED]"
)
_DONE = Sql("DELETE FROM rule_due WHERE id IN ?")


class Rest(Entity):
    """One action that waits for its ticket."""

    id: str
    rule: str
    name: str
    ticket: str
    action: RuleAction


def queue_rest(work: UnitOfWork, *, rule: str, name: str, ticket: str, action: RuleAction) -> None:
    """Keep an action for later, with this transaction."""
    body = dump(msgspec.to_builtins(action))
    id = blake2b("\n".join((rule, ticket, body, str(work.at))).encode(), digest_size=16).hexdigest()
    row = {"id": id, "rule": rule, "name": name, "ticket": ticket, "action": body, "at": work.at}
    work.later(_WAITING, [row])


def claim_rest(work: UnitOfWork, limit: int) -> Sequence[Rest]:
    """Take what waits, oldest first, passing over what another worker holds; it is gone with this transaction."""
    rows = _CLAIM.all(work.conn, limit)
    if rows:
        work.first(_DONE, [row[0] for row in rows])
    return [
        Rest(
            id=row[0],
            rule=row[1],
            name=row[2],
            ticket=row[3],
            action=msgspec.json.decode(row[4], type=RuleAction),
        )
        for row in rows
    ]
