"""The command line of the sync server: `gongdan-server COMMAND`."""

import os
import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from typing import Any

from domain.errors import GongdanError, UnavailableError

REFUSED, UNAVAILABLE, INTERRUPTED = 1, 3, 130
"""Exit statuses; argparse itself uses 2."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status; what went wrong is said in a sentence."""
    # Deadlines come from the pinned zones, never from this machine's (DESIGN §3).
    os.environ["PYTHONTZPATH"] = ""
    given = parser().parse_args(arguments)
    try:
        status: int = given.run(given)
    except GongdanError as error:
        from sync_server.operations.words import Words

        sys.stderr.write(f"gongdan-server: {Words().error(error)}\n")
        return UNAVAILABLE if isinstance(error, UnavailableError) else REFUSED
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has had enough; nothing may be flushed to it any more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return REFUSED
    return status


def parser() -> ArgumentParser:
    """Every command with its arguments."""
    from sync_server.operations import commands

    top = ArgumentParser(prog="gongdan-server", description="The sync server of Gongdan.")
    added = top.add_subparsers(required=True, metavar="COMMAND")
    _serving(commands.command(added, "serve", _serve, "serve the API; on SQLite with the workers"))
    commands.command(added, "migrate", _migrate, "bring the database to this program's version")
    commands.command(added, "work", _work, "do due work until told to stop (beside PostgreSQL)")
    commands.add_all(added, _tools)
    return top


def _serving(serving: ArgumentParser) -> None:
    serving.add_argument("--host", help="the address to listen on (127.0.0.1)")
    serving.add_argument("--port", type=int, help="the port to listen on (8470); 0 takes a free one")


def _tools(given: Any) -> Any:
    from sync_server.app import tools
    from sync_server.operations.commands import settings_of

    return tools(settings_of(given))


def _serve(given: Any) -> int:
    from dataclasses import replace

    from sync_server.app import serve
    from sync_server.operations.commands import settings_of

    settings = settings_of(given)
    if given.host is not None:
        settings = replace(settings, host=given.host)
    if given.port is not None:
        settings = replace(settings, port=given.port)
    serve(settings, ready=lambda address: print(address, flush=True))
    return 0


def _migrate(given: Any) -> int:
    from sync_server.app import migrate
    from sync_server.operations.commands import settings_of
    from sync_server.operations.words import Words

    before, after = migrate(settings_of(given))
    key = "server.migrate.already" if before == after else "server.migrate.done"
    print(Words().say(key, before=before or "-", after=after))
    return 0


def _work(given: Any) -> int:
    from sync_server.app import work
    from sync_server.operations.commands import settings_of

    work(settings_of(given))
    return 0


if __name__ == "__main__":
    sys.exit(main())
