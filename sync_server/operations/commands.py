"""The operator's commands: what each takes on the command line, and what it prints."""

import json
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from domain.errors import InvalidInputError, RefusedError
from sync_server.operations.tools import Tools
from sync_server.operations.words import Words
from sync_server.settings import Settings, from_environment

if TYPE_CHECKING:
    from sync_server.operations.imports.columns import Outcome, RowProblem

Run = Callable[[Namespace], int]
Open = Callable[[Namespace], AbstractContextManager[Tools]]
Work = Callable[[Tools, Namespace], int]

SOME_WRONG = 1
MOST_REMARKS = 20
"""Rows that are told of one by one although they were taken; the rest is a number."""


def settings_of(given: Namespace) -> Settings:
    """The settings of the environment, with what the command line says instead."""
    return from_environment().on(database=given.database, folder=given.home)


def command(to: Any, name: str, run: Run, about: str) -> ArgumentParser:
    """Add a command that works on a server's database."""
    added: ArgumentParser = to.add_parser(name, help=about, description=about)
    added.set_defaults(run=run)
    added.add_argument("--database", metavar="URL", help="a file, sqlite:///… or postgresql://…")
    added.add_argument("--home", metavar="DIR", type=Path, help="the folder of the database and the secret")
    return added


def group(to: Any, name: str, about: str) -> Any:
    """Add a command that has commands of its own."""
    return to.add_parser(name, help=about, description=about).add_subparsers(required=True, metavar="COMMAND")


def add_all(to: Any, open_tools: Open) -> None:
    """Add every command of this room."""
    # Which are made of what is here.
    from sync_server.operations import (
        audit_commands,
        config_commands,
        customer_commands,
        dry_run,
        explaining,
        notice_commands,
        people_commands,
        safety_commands,
    )

    def with_tools(work: Work) -> Run:
        def run(given: Namespace) -> int:
            with open_tools(given) as tools:
                return work(tools, given)

        return run

    people_commands.add(to, with_tools)
    audit_commands.add(group(to, "audit", "who did what"), with_tools)
    customer_commands.add(to, with_tools)
    config_commands.add(group(to, "config", "what an administrator sets, as files"), with_tools)
    _imports(group(to, "import", "units, people, tickets and calendars from files"), with_tools)
    explaining.add(group(to, "explain", "why things are as they are"), with_tools)
    dry_run.add(group(to, "rules", "triggers and automations"), with_tools)
    notice_commands.add(group(to, "notices", "messages to people and customers"), with_tools)
    _sla(group(to, "sla", "service levels"))
    safety_commands.add(to, with_tools)
    safety_commands.add_erasing(to, with_tools)
    sample = command(to, "sample", with_tools(_sample), "fill an empty server with the sample chain")
    sample.add_argument("--password", default="", help="the password of every sample person")
    sample.add_argument("--tickets", action="store_true", help="with sample tickets of the last days")
    doctor = command(to, "doctor", of_existing(with_tools(_doctor)), "check all that must always hold")
    doctor.add_argument("--json", action="store_true", help="print one JSON object")


def of_existing(run: Run) -> Run:
    """A command about what is there: a mistyped folder is refused (``database_missing``), not begun as a new server."""

    def checked(given: Namespace) -> int:
        file = settings_of(given).database_file
        if file is not None and not file.exists():
            raise RefusedError("database_missing", file=str(file))
        return run(given)

    return checked


def _imports(to: Any, with_tools: Callable[[Work], Run]) -> None:
    nouns = {
        "org": (_import_org, "stores under cities and provinces, or units under parents"),
        "people": (_import_people, "accounts with a unit, a superior and a grant"),
        "calendar": (_import_calendar, "holidays and make-up workdays"),
        "tickets": (_import_tickets, "matters with their replies"),
        "customers": (_import_customers, "customers with their tier and how they are reached"),
        "orders": (_import_orders, "orders with their items, store and delivery"),
    }
    added = {}
    for noun, (work, about) in nouns.items():
        one = added[noun] = command(to, noun, with_tools(work), about)
        count = "?" if noun == "calendar" else None
        one.add_argument(
            "file", type=Path, nargs=count, help="CSV (also .gz), JSON lines or xlsx, with headings"
        )
        one.add_argument(
            "--map", metavar="FIELD=COLUMN", action="append", default=[], help="FIELD=: no column"
        )
        one.add_argument("--dry-run", action="store_true", help="report, change nothing")
        one.add_argument("--json", action="store_true", help="print one JSON object")
    added["org"].add_argument("--company", help="the name of the company where there is no root yet")
    calendar = added["calendar"]
    calendar.add_argument("--calendar", default="workdays", help="the calendar's id (workdays)")
    calendar.add_argument("--name", default="")
    calendar.add_argument("--year", type=int, help="without a file: a year the package chinesecalendar knows")
    calendar.add_argument("--week", default="", help='weekly hours: "mon-fri 09:00-18:00; sat 10:00-16:00"')
    calendar.add_argument("--timezone", default="Asia/Shanghai")
    _ticket_arguments(added["tickets"])
    for noun in ("customers", "orders"):
        added[noun].add_argument("--source", default="", help="a name for the system it comes from (import)")
    added["orders"].add_argument("--timezone", default="Asia/Shanghai", help="for times that name none")


def _ticket_arguments(to: ArgumentParser) -> None:
    to.add_argument("--template", default="", help="the template's id; without it the first one")
    to.add_argument("--line", default="", help="the business line; without it the template's or the first")
    to.add_argument(
        "--unit-from", default="column", help="column, spread (over all stores), or a unit's code"
    )
    to.add_argument("--timezone", default="Asia/Shanghai", help="for times that name none")
    to.add_argument(
        "--history", type=Path, metavar="MAPPING", help="the file is an event log, read by this mapping"
    )
    to.add_argument("--source", default="", help="a name for the file, so that it may be imported again")


def mapping_of(given: Namespace) -> Mapping[str, str]:
    """What --map says: columns by field, empty where a field has none; InvalidInputError ``map_unreadable``."""
    found = {}
    for text in given.map:
        field, separator, column = text.partition("=")
        if not separator or not field:
            raise InvalidInputError("map_unreadable", text=text)
        found[field] = column
    return found


def _import_org(tools: Tools, given: Namespace) -> int:
    from sync_server.operations.imports.org import import_org

    company = given.company or Words().say("server.import.company")
    done = import_org(tools, given.file, company=company, mapping=mapping_of(given), dry_run=given.dry_run)
    return _outcome(given, done)


def _import_people(tools: Tools, given: Namespace) -> int:
    from sync_server.operations.imports.people import import_people

    done = import_people(tools, given.file, mapping=mapping_of(given), dry_run=given.dry_run)
    return _outcome(given, done)


def _import_customers(tools: Tools, given: Namespace) -> int:
    from sync_server.operations.imports.customers import import_customers

    done = import_customers(
        tools, given.file, mapping=mapping_of(given), source=given.source, dry_run=given.dry_run
    )
    return _outcome(given, done)


def _import_orders(tools: Tools, given: Namespace) -> int:
    from sync_server.operations.imports.customers import import_orders

    done = import_orders(
        tools,
        given.file,
        mapping=mapping_of(given),
        timezone=given.timezone,
        source=given.source,
        dry_run=given.dry_run,
    )
    return _outcome(given, done)


def _import_calendar(tools: Tools, given: Namespace) -> int:
    from sync_server.operations.imports.calendar import import_calendar

    if (given.file is None) == (given.year is None):
        raise InvalidInputError("file_or_year")
    done = import_calendar(
        tools,
        given.file if given.file is not None else given.year,
        calendar=given.calendar,
        name=given.name,
        week=given.week,
        place=given.timezone,
        mapping=mapping_of(given),
        dry_run=given.dry_run,
    )
    return _outcome(given, done)


def _import_tickets(tools: Tools, given: Namespace) -> int:
    from sync_server.operations.imports.histories import import_histories
    from sync_server.operations.imports.tickets import import_tickets

    if given.history is not None:
        past = import_histories(
            tools,
            given.file,
            given.history,
            template=given.template,
            line=given.line,
            unit="" if given.unit_from == "column" else given.unit_from,
            source=given.source,
            dry_run=given.dry_run,
        )
        return _outcome(given, past)
    done = import_tickets(
        tools,
        given.file,
        template=given.template,
        line=given.line,
        unit_from=given.unit_from,
        place=given.timezone,
        source=given.source,
        mapping=mapping_of(given),
        dry_run=given.dry_run,
    )
    return _outcome(given, done)


def _outcome(given: Namespace, done: "Outcome") -> int:
    """Print each bad row and the counts; the exit status is 0 only if every row was good."""
    counts, problems, remarks = done.counts, done.problems, done.remarks
    words = Words()
    if given.json:
        told = {"problems": problems, "remarks": remarks}
        rows = {name: [msgspec.to_builtins(one) for one in found] for name, found in told.items()}
        print(json.dumps({"counts": counts, **rows, "unread": done.unread}, ensure_ascii=False))
        return SOME_WRONG if problems else 0
    tell_unread(done.unread)
    tell_rows(given.file, problems)
    tell_rows(given.file, remarks[:MOST_REMARKS])
    for name, count in counts.items():
        print(words.say(f"server.import.{name}", count=count))
    if problems:
        print(words.say("server.import.bad", count=len(problems)), file=sys.stderr)
    return SOME_WRONG if problems else 0


def tell_unread(unread: Sequence[str]) -> None:
    """Say which columns of a file mean nothing here."""
    if unread:
        print(Words().say("server.import.unread", columns=", ".join(unread)), file=sys.stderr)


def tell_rows(file: Path | None, problems: Sequence["RowProblem"]) -> None:
    """Say what there is to say of rows, each with its place."""
    words = Words()
    for one in problems:
        reason = words.reason(one.code, one.args)
        place = {"file": file.name if file else "", "line": one.line, "column": one.column}
        print(words.say("server.import.row", **place, reason=reason), file=sys.stderr)


def _sla(to: Any) -> None:
    from sync_server.operations import sla_replay

    about = "evaluate a file of timelines with the product's own rules"
    replay = to.add_parser("replay", help=about, description=about)
    sla_replay.add_arguments(replay)
    replay.set_defaults(run=lambda given: sla_replay.replay(given.file))


def _sample(tools: Tools, given: Namespace) -> int:
    from sync_server.operations.sample import fill

    counts = fill(tools, password=given.password, tickets=given.tickets)
    return said("server.sample.done", **counts)


def _doctor(tools: Tools, given: Namespace) -> int:
    from sync_server.operations.doctor import examine

    findings = examine(tools)
    if given.json:
        # Of calendars there may be several.
        told = {
            f"{one.name}.{one.args['calendar']}" if "calendar" in one.args else one.name: {
                "well": one.well,
                **one.args,
            }
            for one in findings
        }
        print(json.dumps(told, ensure_ascii=False))
    else:
        words = Words()
        for one in findings:
            key = f"server.doctor.{one.name}.{'well' if one.well else 'ill'}"
            print(f"{'+' if one.well else '!'} {words.say(key, **one.args)}")
    return 0 if all(one.well for one in findings) else SOME_WRONG


def said(key: str, /, **args: object) -> int:
    """Print a sentence; the exit status of what went well."""
    print(Words().say(key, **args))
    return 0


def print_table(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> None:
    """Print rows as tab-separated text, for people and for other programs."""
    print("\t".join(columns))
    for row in rows:
        print("\t".join(_cell(row[name]) for name in columns))


def _cell(value: Any) -> str:
    return " ".join(value) if isinstance(value, list) else str(value)
