"""What was taken away outlives a restore: devices revoked or stolen, and people who left (SYNC §6, §7).

A backup from before would let them in again. Each is written down in a file beside the server's secret, as erasures
are; a restore reads it, and the database that it replaces where that can be read, and takes away again.
"""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import msgspec

from domain.entities.base import Entity, Instant
from sync_server.access import devices
from sync_server.settings import Settings
from sync_server.store.people_writer import activity, set_active
from sync_server.store.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from sqlalchemy import Connection

LEDGER_FILE = "revocations.jsonl"


class Revocation(Entity):
    """A device or a person that was taken away, or (`back`) let in again."""

    at: Instant
    device: str = ""
    person: str = ""
    stolen: bool = False
    back: bool = False


def write_down(settings: Settings, *lines: Revocation) -> None:
    """Add to the ledger's file; called after the database has it, which must not wait for a full disk."""
    if lines:
        settings.folder.mkdir(parents=True, exist_ok=True)
        with (settings.folder / LEDGER_FILE).open("ab") as out:
            out.write(b"".join(msgspec.json.encode(line) + b"\n" for line in lines))


def known_revocations(settings: Settings, conn: "Connection | None") -> list[Revocation]:
    """What is taken away by the file's last word on it, and in the database that is about to be replaced."""
    last: dict[tuple[str, str], Revocation] = {}
    for line in _read(settings):
        last[line.device, line.person] = line
    if conn is not None:
        for row in devices.listed(conn):
            if row["revoked"]:
                id, at, stolen = row["id"], row["revoked_at"], row["stolen"]
                last[id, ""] = Revocation(at=at, device=id, stolen=stolen)
        # Accounts are written by imports, too, which this file doesn't hear of: the database knows better.
        for person, active in activity(conn).items():
            last["", person] = Revocation(at=0, person=person, back=active)
    return [line for line in last.values() if not line.back]


def _read(settings: Settings) -> Iterable[Revocation]:
    file = settings.folder / LEDGER_FILE
    if not file.exists():
        return []
    return [
        msgspec.json.decode(line, type=Revocation) for line in file.read_bytes().splitlines() if line.strip()
    ]


def take_away_again(work: UnitOfWork, ledger: Sequence[Revocation]) -> int:
    """Take away in a restored database what was taken away after its backup; returns how many devices."""
    live = {row["id"] for row in devices.listed(work.conn) if not row["revoked"]}
    known = activity(work.conn)
    for one in ledger:
        if one.device:
            devices.revoke(work.conn, one.device, now=one.at, stolen=one.stolen)
        elif one.person in known:
            set_active(work, one.person, active=False)
    return len(live & {one.device for one in ledger})
