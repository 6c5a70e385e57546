"""Writing out what the server has not taken, so that it can be kept or sent by other means."""

from pathlib import Path

from desktop.replica import attachments
from desktop.replica.engine import Replica
from desktop.replica.queries.outbox import unsent_lines


def export_outbox(replica: Replica, path: Path) -> int:
    """Write unsent commands and those that need attention as JSON lines; returns how many.

    What is attached to them stands in a folder beside it, by the hashes that the lines hold.
    """
    with replica.read() as conn:
        lines, files = unsent_lines(conn), attachments.unsent(conn)
    path.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
    folder = path.with_name(f"{path.stem}-attachments")
    for one in files:
        folder.mkdir(exist_ok=True)
        with (folder / f"{one.hash}{_ending(one.name)}").open("wb") as out:
            out.writelines(replica.vault.read(one.hash, one.size))
    return len(lines)


def _ending(name: str) -> str:
    """The ending of a file's name, if it is one."""
    ending = name.rpartition(".")[2]
    return f".{ending}" if "." in name and len(ending) <= 8 and ending.isalnum() else ""
