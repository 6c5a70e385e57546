"""Mutants of the real code: each takes one named safeguard away and the simulation must notice."""

from collections.abc import Callable
from typing import Any

import msgspec
from sqlalchemy import Connection, insert

import desktop.replica.engine as engine_module
import desktop.sync.exchange as exchange_module
import tests.simulation.real.desktop as stage_module
import tests.simulation.real.office as office_module
from desktop.replica import attention, backfill, meta, outbox, puts, rebase, rows, scope, search, sql
from desktop.replica import purge as purge_module
from desktop.replica.changed import Moves
from desktop.replica.facts import FactSource
from desktop.replica.scope import Reach
from domain.errors import RefusedError
from sync_server.feed import projection, reader
from sync_server.push import judging, pipeline
from sync_server.push.batch import Batch
from sync_server.store import feed_writer
from sync_server.store import tables as t
from sync_server.store.unit_of_work import UnitOfWork

Place = tuple[Any, str]
Make = Callable[[Callable[..., Any]], Callable[..., Any]]
"""Given the real function, what stands in its place."""

_APPLY_PULL: tuple[Place, ...] = ((exchange_module, "apply_pull"), (stage_module, "apply_pull"))
_APPLY_ROWS: tuple[Place, ...] = ((exchange_module, "apply_rows"), (stage_module, "apply_rows"))
replace = msgspec.structs.replace


def _nothing(_: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *_, **__: None


def _told(change: Callable[[Connection, Any], Any]) -> Make:
    """An answer that is changed before it is taken."""

    def make(real: Callable[..., Any]) -> Callable[..., Any]:
        return lambda conn, answer, *rest, **more: real(conn, change(conn, answer), *rest, **more)

    return make


def _any_from(conn: Connection, answer: Any) -> Any:
    return replace(answer, from_cursor=meta.cursor(conn))


def _any_version(conn: Connection, answer: Any) -> Any:
    return replace(answer, scope_version=meta.get(conn, "scope_version"))


def _as_if_new(conn: Connection, answer: Any) -> Any:
    return replace(answer, as_of=max(answer.as_of, meta.cursor_seq(conn)))


def _cursor_first(real: Callable[..., Any]) -> Callable[..., Any]:
    def in_two(conn: Connection, answer: Any) -> Any:
        cursor = meta.cursor(conn)
        fits = answer.from_cursor == cursor and answer.scope_version == meta.get(conn, "scope_version")
        if fits and cursor and answer.scope is None:
            meta.put(conn, "cursor", answer.to_cursor)
            sql.run(conn, "COMMIT")
            sql.run(conn, "BEGIN IMMEDIATE")
            meta.put(conn, "cursor", cursor)
        return real(conn, answer)

    return in_two


def _any_classes(real: Callable[..., Any]) -> Callable[..., Any]:
    def take(conn: Connection, given: Any, person: str, moves: Any) -> Any:
        have = puts.held(conn, [put.ticket.id for put in given])
        known = {id: one.access for id, one in have.items() if one.known}
        given = [replace(put, access=known.get(put.ticket.id, put.access)) for put in given]
        return real(conn, given, person, moves)

    return take


def _units_only(real: Callable[..., Any]) -> Callable[..., Any]:
    def by_scope(conn: Connection, reach: Reach, moves: Any, at: int) -> None:
        real(conn, Reach(replace(reach.scope, person="nobody")), moves, at)

    return by_scope


def _insecure(real: Callable[..., Any]) -> Callable[..., Any]:
    def connector(*given: Any, **more: Any) -> Any:
        connect = real(*given, **more)

        def opened() -> Any:
            connection = connect()
            connection.execute("PRAGMA secure_delete = OFF")
            return connection

        return opened

    return connector


def _not_mine(real: Callable[..., Any]) -> Callable[..., Any]:
    return lambda conn, ranges: real(conn, [one for one in ranges if one.kind != "mine"])


def _unmarked(real: Callable[..., Any]) -> Callable[..., Any]:
    def next_push(conn: Connection, **more: Any) -> Any:
        request = real(conn, **more)
        sql.run(conn, "UPDATE command SET state = 'pending' WHERE state = 'sent'")
        return request

    return next_push


def _release_sent(real: Callable[..., Any]) -> Callable[..., Any]:
    def release(conn: Connection, ids: Any, moves: Any, at: int) -> None:
        given = (sql.text(ids),)
        sql.run(
            conn,
            "UPDATE command SET state = 'pending' WHERE state = 'sent' "
            "AND ticket IN (SELECT value FROM json_each(?))",
            given,
        )
        real(conn, ids, moves, at)

    return release


def _forgetful(real: Callable[..., Any]) -> Callable[..., Any]:
    def release(conn: Connection, ids: Any, moves: Any, at: int) -> None:
        given = (sql.text(ids),)
        sql.run(
            conn,
            "DELETE FROM command WHERE state = 'pending' AND ticket IN (SELECT value FROM json_each(?))",
            given,
        )
        real(conn, ids, moves, at)

    return release


def _done_at_once(real: Callable[..., Any]) -> Callable[..., Any]:
    def acknowledge(conn: Connection, verdict: Any, *, state: Any, at: int) -> None:
        real(conn, verdict, state="done" if state == "acked" else state, at=at)

    return acknowledge


def _no_rebase(real: Callable[..., Any]) -> Callable[..., Any]:
    def take(*given: Any) -> set[str]:
        real(*given)
        return set()

    return take


def _strict(real: Callable[..., Any]) -> Callable[..., Any]:
    def facts(source: Any, *given: Any, optimistic: bool) -> Any:
        return real(source, *given, optimistic=False)

    return facts


def _straight_aside(_: Callable[..., Any]) -> Callable[..., Any]:
    def set_aside(conn: Connection, id: str, *, aside: bool = True) -> None:
        found = outbox.load(conn, id)
        assert found is not None
        outbox.move(conn, [id], "attention")
        attention.add(conn, command=id, ticket=found[0].ticket_id, kind="rejected", at=0)
        rebase.rebuild(conn, FactSource(conn), [found[0].ticket_id], Moves())

    return set_aside


def _empty_handed(real: Callable[..., Any]) -> Callable[..., Any]:
    def register_anew(conn: Connection, **more: Any) -> None:
        real(conn, **more)
        sql.run(conn, "DELETE FROM command WHERE state IN ('pending', 'sent')")

    return register_anew


def _shown_is_base(real: Callable[..., Any]) -> Callable[..., Any]:
    def load_base(conn: Connection, id: str) -> Any:
        base, shown = real(conn, id), rows.load_ticket(conn, id)
        if base is None or base.ticket is None or shown is None:
            return base
        return replace(base, ticket=replace(shown, rev=base.rev))

    return load_base


def _no_leave(real: Callable[..., Any]) -> Callable[..., Any]:
    def tickets(*given: Any, **more: Any) -> Any:
        found, _, last = real(*given, **more)
        return found, (), last

    return tickets


def _grants_alone(_: Callable[..., Any]) -> Callable[..., Any]:
    return lambda conn, viewer, touched: {id: one for id, one in touched.items() if one.concerns}


def _row_without(**fields: Any) -> Make:
    def make(real: Callable[..., Any]) -> Callable[..., Any]:
        return lambda work, id: replace(real(work, id), **fields)

    return make


def _unasked_version(real: Callable[..., Any]) -> Callable[..., Any]:
    def pull(conn: Connection, viewer: Any, request: Any, *, now: int) -> Any:
        return real(conn, viewer, replace(request, scope_version=viewer.scope_version), now=now)

    return pull


def _lost_verdicts(real: Callable[..., Any]) -> Callable[..., Any]:
    def commit(work: Any) -> int:
        kept, work._verdicts = work._verdicts, []
        dying = office_module.FragileStore.dying_after
        head: int = real(work)
        if kept and not dying:
            work.conn.begin()
            work.conn.execute(insert(t.verdict), [{**row, "seq": head} for row in kept])
            work.conn.commit()
        return head

    return commit


def _gap(real: Callable[..., Any]) -> Callable[..., Any]:
    return lambda conn, count: real(conn, count + 1 if count > 1 else count)


def _numbers_anew(real: Callable[..., Any]) -> Callable[..., Any]:
    def give_numbers(work: Any) -> None:
        for id in work.created() or work.changed():
            work._after[id] = replace(work._after[id], number=None)
            if id in work._before:
                work._after[id] = replace(work._after[id], number=f"again {work._before[id].rev}")
        real(work)

    return give_numbers


def _never_stale(_: Callable[..., Any]) -> Callable[..., Any]:
    def checked(order: Any, room: Any) -> Any:
        device = room.devices.get(order.sender.device)
        if device is None:
            raise RefusedError("device_unknown")
        return device

    return checked


def _deciding_again(real: Callable[..., Any]) -> Callable[..., Any]:
    return lambda conn, ids: dict


def _believed(_: Callable[..., Any]) -> Callable[..., Any]:
    return lambda command, **more: command.at


def _own_device_only(real: Callable[..., Any]) -> Callable[..., Any]:
    def repeated(batch: Any, command: Any, row: Any) -> Any:
        verdict = real(batch, command, row)
        if row.device != batch.sender.device:
            return replace(verdict, status="rejected", code="id_reused")
        return verdict

    return repeated


FIRST: dict[str, tuple[str, tuple[Place, ...], Make]] = {
    "from-cursor": ("A page is taken whatever cursor it starts from.", _APPLY_PULL, _told(_any_from)),
    "rows-version": ("Rows of another scope version are taken.", _APPLY_ROWS, _told(_any_version)),
    "as-of": ("Rows older than the cursor are taken.", _APPLY_ROWS, _told(_as_if_new)),
    "one-transaction": (
        "A page's cursor is committed before its rows.",
        _APPLY_PULL,
        _cursor_first,
    ),
    "access": ("A delta in other classes than held is taken.", ((puts, "take"),), _any_classes),
    "wanted": ("What a delta did not fit is not asked for.", ((purge_module, "want"),), _nothing),
    "purge": ("What a grant no longer covers stays.", ((purge_module, "by_scope"),), _nothing),
    "purge-by-reason": ("A purge looks at units only.", ((purge_module, "by_scope"),), _units_only),
    "purge-log": ("The log keeps what was purged.", ((purge_module, "truncate_after"),), _nothing),
    "secure-delete": ("Freed pages keep what was purged.", ((engine_module, "_connector"),), _insecure),
    "purge-search": ("The search index keeps what was purged.", ((search, "remove"),), _nothing),
    "gained": ("A range that came is not back-filled.", ((scope, "gained"),), lambda _: lambda old, new: []),
    "mine": ("Tickets one takes part in are not filled.", ((backfill, "queue"),), _not_mine),
    "sent-kept": ("That a command was sent is not kept.", ((outbox, "next_push"),), _unmarked),
    "sent-stays": (
        "A command that was sent goes to needs attention when its ticket leaves.",
        ((purge_module, "_release"),),
        _release_sent,
    ),
    "unsent-kept": (
        "A command never sent is dropped with its ticket.",
        ((purge_module, "_release"),),
        _forgetful,
    ),
    "ack-kept": (
        "An acknowledged command is dropped before the ticket shows it.",
        ((outbox, "acknowledge"),),
        _done_at_once,
    ),
    "ack-dropped": ("Acknowledged commands are never dropped.", ((outbox, "finish"),), _nothing),
    "rebase": ("A page does not replay the unsent commands.", ((puts, "take"),), _no_rebase),
    "replay-from-base": ("Commands are replayed over what is shown.", ((rows, "load_base"),), _shown_is_base),
    "own-wins": ("A replay refuses what no longer fits.", ((FactSource, "facts"),), _strict),
    "withdraw": (
        "A culprit is set aside without asking the server.",
        ((outbox, "set_aside"),),
        _straight_aside,
    ),
    "outbox-kept": (
        "A copied replica starts anew with an empty outbox.",
        ((outbox, "register_anew"),),
        _empty_handed,
    ),
    "leave": ("A transfer is not told to those who lose the ticket.", ((reader, "_tickets"),), _no_leave),
    "taking-part": ("A pull looks at grants only.", ((reader, "_concerned"),), _grants_alone),
    "old-coordinates": (
        "A change row holds the new place only.",
        ((UnitOfWork, "_ticket_change"),),
        _row_without(org_old="", line_old=""),
    ),
    "names-people": (
        "A change row names nobody.",
        ((UnitOfWork, "_ticket_change"),),
        _row_without(people=()),
    ),
    "masking": (
        "Sensitive values go out unmasked.",
        ((projection, "masked"),),
        lambda _: lambda value: (value, False),
    ),
    "version-compared": (
        "A pull is answered whatever scope it was asked with.",
        ((office_module, "pull"),),
        _unasked_version,
    ),
    "verdict-with-effect": (
        "A verdict is stored after its effect.",
        ((UnitOfWork, "commit"),),
        _lost_verdicts,
    ),
    "dense": ("The counter is taken without its rows.", ((feed_writer, "_take"),), _gap),
    "number-once": ("The number is given on each try.", ((UnitOfWork, "give_numbers"),), _numbers_anew),
    "push-no": ("A push number seen before is not noticed.", ((pipeline, "_checked_device"),), _never_stale),
    "dedupe": (
        "A command that comes again is decided again.",
        ((pipeline, "ask_verdicts"),),
        _deciding_again,
    ),
    "clock": ("A device's clock is believed without bounds.", ((judging, "effective_at"),), _believed),
    "verdict-to-any-device": (
        "A stored verdict is refused to another device of the same person.",
        ((Batch, "_repeated"),),
        _own_device_only,
    ),
}
