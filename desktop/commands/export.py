"""Writing out what the server has not taken, so that it can be kept or sent by other means."""

from collections.abc import Sequence
from pathlib import Path

from desktop.replica import attachments
from desktop.replica.attachments import Held
from desktop.replica.engine import Replica
from desktop.replica.queries.outbox import unsent_lines
from domain.errors import UnavailableError


def export_outbox(replica: Replica, path: Path) -> int:
    """Write unsent commands and those that need attention as JSON lines; returns how many.

    What is attached to them stands in a folder beside it, by the hashes that the lines hold. UnavailableError
    ``export_failed`` where it can't be written.
    """
    with replica.read() as conn:
        lines, files = unsent_lines(conn), attachments.unsent(conn)
    try:
        _write(replica, path, lines, files)
    except OSError as error:
        raise UnavailableError("export_failed", file=path.name, reason=error.strerror or "") from None
    return len(lines)


def _write(replica: Replica, path: Path, lines: Sequence[str], files: Sequence[Held]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
    folder = path.with_name(f"{path.stem}-attachments")
    for one in files:
        folder.mkdir(exist_ok=True)
        with (folder / f"{one.hash}{_ending(one.name)}").open("wb") as out:
            out.writelines(replica.vault.read(one.hash, one.size))


def _ending(name: str) -> str:
    """The ending of a file's name, if it is one."""
    ending = name.rpartition(".")[2]
    return f".{ending}" if "." in name and len(ending) <= 8 and ending.isalnum() else ""
