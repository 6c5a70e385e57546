"""The commands of safety on the command line: backup, restore, recovery, erasure and holds."""

import json
import sys
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path
from typing import Any

from domain.errors import InvalidInputError
from sync_server.operations.commands import Run, Work, command, group, of_existing, settings_of
from sync_server.operations.tools import Tools
from sync_server.operations.words import Words

WithTools = Callable[[Work], Run]


def add(to: Any, with_tools: WithTools) -> None:
    """Add the commands of this module."""
    about = "write everything to one file, verified by reading it back; or `backup verify FILE`"
    backup = command(to, "backup", _backup_or_verify(with_tools), about)
    backup.add_argument("to", nargs="+", metavar="FILE|DIR", help="a file, a folder, or: verify FILE")
    backup.add_argument("--no-verify", action="store_true", help="don't read it back")
    backup.add_argument(
        "--with-secret", action="store_true", help="with the server's secret, under a passphrase"
    )
    restore = command(to, "restore", _restore, "put a backup in the place of the database, as a new epoch")
    restore.add_argument("file", type=Path)
    restore.add_argument("--replace", metavar="WORDS", default="", help="the words that the refusal tells")
    restore.add_argument("--with-secret", action="store_true", help="put the server's secret back, too")
    recovery = group(to, "recovery", "what desktops give back after a restore")
    status = command(recovery, "status", with_tools(_status), "what came back from whom")
    status.add_argument("--json", action="store_true", help="print one JSON object")
    command(recovery, "open", with_tools(_open), "after a failover that lost commits: begin a new epoch")
    command(recovery, "close", with_tools(_close), "judge what came back, take pushes again")
    command(recovery, "release", with_tools(_release), "let deadlines and closing go on")
    for name, work, about in (
        ("accept", _accept, "take reviewed tickets in as a desktop held them"),
        ("drop", _drop, "leave reviewed tickets out"),
    ):
        command(recovery, name, with_tools(work), about).add_argument("tickets", nargs="+", metavar="TICKET")


def add_erasing(to: Any, with_tools: WithTools) -> None:
    """Add the commands that erase, and those that forbid it."""
    erase = command(
        group(to, "erase", "empty personal values for good"),
        "customer",
        with_tools(_erase),
        "empty a customer's personal values, and the texts that hold them",
    )
    erase.add_argument("--phone", action="append", default=[], help="in whatever spelling")
    erase.add_argument("--value", action="append", default=[], help="a name, an address, a number")
    erase.add_argument("--ticket", action="append", default=[], help="all personal values of a ticket")
    erase.add_argument("--texts", action="store_true", help="and everything people wrote in those tickets")
    erase.add_argument("--reason", default="", help="kept in the ledger")
    erase.add_argument("--dry-run", action="store_true", help="say what would go, change nothing")
    hold = group(to, "hold", "legal holds, which forbid erasure")
    held = command(hold, "add", with_tools(_hold_add), "forbid the erasure of a ticket or of a customer")
    which = held.add_mutually_exclusive_group(required=True)
    which.add_argument("--ticket", default="")
    which.add_argument("--value", default="", help="a phone number, a name")
    held.add_argument("--reason", required=True)
    command(hold, "remove", with_tools(_hold_remove), "end a hold").add_argument("hold")
    command(hold, "list", with_tools(_hold_list), "list holds, ended ones too")


def _passphrase() -> str:
    if sys.stdin.isatty():
        from getpass import getpass

        return getpass(Words().say("server.backup.passphrase"))
    return sys.stdin.readline().rstrip("\r\n")


def _told(name: str, count: int) -> None:
    print(Words().say("server.backup.progress", name=name, count=count), file=sys.stderr)


def _backup_or_verify(with_tools: WithTools) -> Run:
    """A backup of the server that is there; or a look at a file, for which there need not be one."""
    back_up = of_existing(with_tools(_backup))

    def run(given: Namespace) -> int:
        verifies = given.to[0] == "verify" and len(given.to) == 2
        return _verify(Path(given.to[1])) if verifies else back_up(given)

    return run


def _verify(file: Path) -> int:
    from sync_server.operations.backup import verified

    found = verified(file, told=_told)
    rows = sum(table.rows for table in found.tables.values())
    print(Words().say("server.backup.sound", file=file, rows=rows, head=found.head))
    return 0


def _backup(tools: Tools, given: Namespace) -> int:
    from sync_server.operations.backup import back_up

    if len(given.to) != 1:
        raise InvalidInputError("one_file")
    phrase = _passphrase() if given.with_secret else ""
    if given.with_secret and not phrase:
        raise InvalidInputError("passphrase_missing")
    file = back_up(tools, Path(given.to[0]), passphrase=phrase, verify=not given.no_verify, told=_told)
    print(Words().say("server.backup.made", file=file, mb=round(file.stat().st_size / 1024**2, 1)))
    return 0


def _restore(given: Namespace) -> int:
    from sync_server.clock import SystemClock, SystemIds
    from sync_server.operations.restore import restore

    phrase = _passphrase() if given.with_secret else ""
    done = restore(
        settings_of(given),
        given.file,
        at=SystemClock().now(),
        ids=SystemIds(),
        replace=given.replace,
        passphrase=phrase,
        told=_told,
    )
    words = Words()
    print(words.say("server.restore.done", rows=done.rows, head=done.head, number=done.next_number))
    if done.erased:
        print(words.say("server.restore.erased", count=done.erased))
    if done.revoked:
        print(words.say("server.restore.revoked", count=done.revoked))
    if done.set_aside:
        print(words.say("server.restore.set_aside", file=done.set_aside))
    print(words.say("server.restore.next"))
    return 0


def _status(tools: Tools, given: Namespace) -> int:
    from sync_server.operations.recovering import standing

    found = standing(tools)
    if given.json:
        import msgspec

        print(json.dumps(msgspec.to_builtins(found), ensure_ascii=False))
        return 0
    words = Words()
    print(words.say(f"server.recovery.state.{found.recovery.state or 'none'}"))
    print(words.say("server.recovery.counts", **found.counts))
    for row in found.from_whom:
        known = "server.recovery.proven" if row["proven"] else "server.recovery.unproven"
        outcome = words.say(f"server.recovery.outcome.{row['outcome'] or 'waits'}")
        told = {"person": row["person"], "device": row["device"], "count": row["count"]}
        print(
            words.say(
                "server.recovery.from", **told, outcome=outcome, code=row["code"], proof=words.say(known)
            )
        )
    for one in found.rows:
        print(words.say("server.recovery.row", **one))
    return 0


def _open(tools: Tools, _given: Namespace) -> int:
    from sync_server.operations.recovering import open_in_place

    opened = open_in_place(tools)
    return _said("server.recovery.opened", epoch=opened.epoch[:8])


def _close(tools: Tools, _given: Namespace) -> int:
    from sync_server.operations.recovering import close

    done = close(tools)
    return _said("server.recovery.closed", settled=done.settled, waiting=done.waiting)


def _release(tools: Tools, _given: Namespace) -> int:
    from sync_server.operations.recovering import release

    done = release(tools)
    return _said("server.recovery.released", fired=done.fired, given_up=done.given_up, told=done.told)


def _accept(tools: Tools, given: Namespace) -> int:
    from sync_server.operations.recovering import accept

    return _said("server.recovery.accepted", count=accept(tools, given.tickets))


def _drop(tools: Tools, given: Namespace) -> int:
    from sync_server.operations.recovering import drop

    return _said("server.recovery.dropped", count=drop(tools, given.tickets))


def _said(key: str, /, **args: object) -> int:
    print(Words().say(key, **args))
    return 0


def _erase(tools: Tools, given: Namespace) -> int:
    from sync_server.operations.erasing import erase

    done = erase(
        tools,
        values=[*given.phone, *given.value],
        tickets=given.ticket,
        texts=given.texts,
        reason=given.reason,
        dry_run=given.dry_run,
    )
    key = "server.erase.would" if given.dry_run else "server.erase.done"
    return _said(
        key, tickets=done.tickets, values=done.values, entries=done.entries, customers=done.customers
    )


def _hold_add(tools: Tools, given: Namespace) -> int:
    from sync_server.operations.erasing import add_hold

    hold = add_hold(tools, ticket=given.ticket, value=given.value, reason=given.reason)
    return _said("server.hold.added", hold=hold)


def _hold_remove(tools: Tools, given: Namespace) -> int:
    from sync_server.operations.erasing import lift_hold

    lift_hold(tools, given.hold)
    return _said("server.hold.removed", hold=given.hold)


def _hold_list(tools: Tools, _given: Namespace) -> int:
    from sync_server.operations.erasing import listed_holds

    words = Words()
    for one in listed_holds(tools):
        on = (
            words.say("server.hold.ticket", ticket=one.ticket)
            if one.ticket
            else words.say("server.hold.customer")
        )
        state = words.say("server.hold.lifted" if one.lifted_at else "server.hold.in_force")
        print(f"{one.id}\t{on}\t{state}\t{one.reason}")
    return 0
