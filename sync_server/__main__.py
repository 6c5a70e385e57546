"""The command line of the sync server: `gongdan-server COMMAND`."""

import argparse
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from domain.errors import GongdanError, UnavailableError

if TYPE_CHECKING:
    from sync_server.operations.tools import Tools
    from sync_server.settings import Settings

REFUSED, UNAVAILABLE, INTERRUPTED = 1, 3, 130
"""Exit statuses; argparse itself uses 2."""

Run = Callable[[argparse.Namespace], int]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status; what went wrong is said in a sentence."""
    # Deadlines come from the pinned zones, never from this machine's (DESIGN §3).
    os.environ["PYTHONTZPATH"] = ""
    given = parser().parse_args(arguments)
    run: Run = given.run
    try:
        return run(given)
    except GongdanError as error:
        from sync_server.operations.words import Words

        sys.stderr.write(f"gongdan-server: {Words().error(error)}\n")
        return UNAVAILABLE if isinstance(error, UnavailableError) else REFUSED
    except KeyboardInterrupt:
        return INTERRUPTED


def parser() -> argparse.ArgumentParser:
    """Every command with its arguments."""
    top = argparse.ArgumentParser(prog="gongdan-server", description="The sync server of Gongdan.")
    commands = top.add_subparsers(required=True, metavar="COMMAND")
    serving = _command(commands, "serve", _serve, "serve the API; on SQLite with the workers")
    serving.add_argument("--host", help="the address to listen on (127.0.0.1)")
    serving.add_argument("--port", type=int, help="the port to listen on (8470); 0 takes a free one")
    _command(commands, "migrate", _migrate, "bring the database to this program's version")
    return top


def _command(commands: Any, name: str, run: Run, about: str) -> argparse.ArgumentParser:
    added: argparse.ArgumentParser = commands.add_parser(name, help=about, description=about)
    added.set_defaults(run=run)
    added.add_argument("--database", metavar="URL", help="a file, sqlite:///… or postgresql://…")
    added.add_argument("--home", metavar="DIR", type=Path, help="the folder of the database and the secret")
    return added


def _settings(given: argparse.Namespace) -> "Settings":
    from sync_server.settings import from_environment

    return from_environment().on(database=given.database, folder=given.home)


@contextmanager
def _tools(given: argparse.Namespace) -> Iterator["Tools"]:
    """The tools over a database that is there and at this program's version."""
    from sync_server.app import tools

    with tools(_settings(given)) as made:
        yield made


def _serve(given: argparse.Namespace) -> int:
    from dataclasses import replace

    from sync_server.app import serve

    settings = _settings(given)
    if given.host is not None:
        settings = replace(settings, host=given.host)
    if given.port is not None:
        settings = replace(settings, port=given.port)
    serve(settings, ready=lambda address: print(address, flush=True))
    return 0


def _migrate(given: argparse.Namespace) -> int:
    from sync_server.app import migrate
    from sync_server.operations.words import Words

    before, after = migrate(_settings(given))
    key = "server.migrate.already" if before == after else "server.migrate.done"
    print(Words().say(key, before=before or "-", after=after))
    return 0


if __name__ == "__main__":
    sys.exit(main())
