"""`config`: apply, export, and the history of changes – log, show, diff, rollback."""

import getpass
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from domain.errors import InvalidInputError
from sync_server.operations.commands import SOME_WRONG, Run, Work, command, print_table, said
from sync_server.operations.configuration import history
from sync_server.operations.configuration.applying import Applied, apply, roll_back
from sync_server.operations.configuration.differing import Difference
from sync_server.operations.configuration.exporting import export
from sync_server.operations.library import LANGUAGES, write_library
from sync_server.operations.tools import Tools
from sync_server.operations.words import Words
from sync_server.store.configuration_changes import Author

LOG_COLUMNS = ("number", "at", "by", "cause", "rows", "note")


def add(to: Any, with_tools: Callable[[Work], Run]) -> None:
    """Add the commands."""
    applying = command(to, "apply", with_tools(_apply), "make the configuration what the files say")
    applying.add_argument("folder", type=Path)
    applying.add_argument("--add", action="store_true", help="keep what the files don't name")
    _changing(applying)
    library = command(to, "library", with_tools(_library), "write the template library's files")
    library.add_argument("folder", type=Path)
    library.add_argument("--language", choices=LANGUAGES, default=LANGUAGES[0])
    exporting = command(to, "export", with_tools(_export), "write the configuration as files")
    exporting.add_argument("folder", type=Path)
    log = command(to, "log", with_tools(_log), "the changes, newest first")
    log.add_argument("--limit", type=int, default=20)
    show = command(to, "show", with_tools(_show), "what one change changed")
    show.add_argument("number", type=int)
    about = "what differs: since change A, between A and B, or between now and a folder of files"
    diff = command(to, "diff", with_tools(_diff), about)
    diff.add_argument("of", nargs="*", metavar="A | A B | FOLDER", help="without any: the newest change")
    rollback = command(
        to, "rollback", with_tools(_rollback), "make it what it was after a change, as a new one"
    )
    rollback.add_argument("number", type=int)
    rollback.add_argument("--grants", action="store_true", help="people's grants too")
    _changing(rollback)


def _changing(to: ArgumentParser) -> None:
    to.add_argument("--dry-run", action="store_true", help="say what would change, change nothing")
    to.add_argument("--note", default="", help="why; kept with the change")
    to.add_argument("--by", default="", metavar="NAME", help="who changes it (the account of the console)")


def _author(given: Namespace) -> Author:
    try:
        actor = given.by or getpass.getuser()
    except (OSError, KeyError):
        actor = "console"  # an account without a name, as in some containers
    return Author(actor=actor, note=given.note)


def _apply(tools: Tools, given: Namespace) -> int:
    done = apply(tools, given.folder, add=given.add, dry_run=given.dry_run, author=_author(given))
    return _told(done, dry_run=given.dry_run)


def _library(_tools: Tools, given: Namespace) -> int:
    count = write_library(given.language, given.folder)
    return said("server.config.library", count=count, folder=given.folder)


def _rollback(tools: Tools, given: Namespace) -> int:
    done = roll_back(tools, given.number, grants=given.grants, dry_run=given.dry_run, author=_author(given))
    return _told(done, dry_run=given.dry_run)


def _told(done: Applied, *, dry_run: bool) -> int:
    words = Words()
    for one in done.problems:
        print(f"{one.where}: {words.reason(one.code, one.args)}", file=sys.stderr)
    if done.problems:
        print(words.say("server.config.refused", count=len(done.problems)), file=sys.stderr)
        return SOME_WRONG
    if dry_run:
        _print(done.differences)
        if done.moved:
            print(words.say("server.config.moved", count=done.moved))
        return said("server.config.would", count=len(done.written), granted=len(done.granted))
    for written in done.written:
        key = "server.config.deleted" if written.deleted else "server.config.written"
        print(words.say(key, kind=written.kind, id=written.id, version=written.version))
    print(words.say("server.config.done", count=len(done.written), granted=len(done.granted)))
    return said("server.config.number", number=done.number) if done.number else 0


def _print(found: Sequence[Difference]) -> None:
    for one in found:
        print("\n".join(one.lines()))


def _export(tools: Tools, given: Namespace) -> int:
    return said("server.config.exported", count=len(export(tools, given.folder)), folder=given.folder)


def _log(tools: Tools, given: Namespace) -> int:
    print_table(history.log(tools, given.limit), LOG_COLUMNS)
    return 0


def _show(tools: Tools, given: Namespace) -> int:
    row = history.entry(tools, given.number)
    print("  ".join(str(row[name]) for name in LOG_COLUMNS if row[name] != ""))
    _print(history.between(tools, given.number - 1, given.number))
    return 0


def _diff(tools: Tools, given: Namespace) -> int:
    if len(given.of) == 1 and not given.of[0].isdigit():
        return _told(apply(tools, Path(given.of[0]), dry_run=True), dry_run=True)
    if len(given.of) > 2 or not all(one.isdigit() for one in given.of):
        raise InvalidInputError("config_diff_of_what", text=" ".join(given.of))
    numbers = [int(one) for one in given.of]
    first = numbers[0] if numbers else history.newest(tools) - 1
    _print(history.between(tools, first, numbers[1] if len(numbers) == 2 else None))
    return 0
