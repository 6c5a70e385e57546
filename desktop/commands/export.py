"""Writing out what the server has not taken, so that it can be kept or sent by other means."""

from pathlib import Path

from desktop.replica.engine import Replica
from desktop.replica.queries.outbox import unsent_lines


def export_outbox(replica: Replica, path: Path) -> int:
    """Write unsent commands and those that need attention as JSON lines; returns how many."""
    with replica.read() as conn:
        lines = unsent_lines(conn)
    path.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
    return len(lines)
