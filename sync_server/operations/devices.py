"""`device`: list, revoke, report stolen, restore, unlock by telephone; what happens when a person leaves."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from domain.entities.base import Entity
from domain.errors import InvalidInputError, RefusedError
from domain.rules.unlocking import read_challenge, unlock_code
from sync_server.access import devices
from sync_server.access.audit import Audit, Origin
from sync_server.api.sealing import Sealer, server_secret
from sync_server.operations.people import person_of
from sync_server.operations.revocations import Revocation, write_down
from sync_server.operations.tools import Tools
from sync_server.store.people_writer import set_active
from sync_server.store.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from sqlalchemy import Connection

_CONSOLE = "console"


class UnlockCode(Entity):
    """A code to read out, and whose device it opens."""

    code: str
    device: str
    login: str
    days: int


def listed(tools: Tools, login: str = "") -> list[dict[str, Any]]:
    """Devices, last seen first, as the console shows them."""
    with tools.store.read() as conn:
        rows = devices.listed(conn, person_of(conn, login) if login else None)
    return [
        {
            "id": row["id"],
            "code": row["code"],
            "login": row["login"],
            "name": row["name"],
            "seen": datetime.fromtimestamp(row["seen_at"] / 1000, UTC).isoformat(timespec="seconds"),
            "state": _state(row),
        }
        for row in rows
    ]


def _state(row: dict[str, Any]) -> str:
    if not row["revoked"]:
        return "in use"
    return "stolen" if row["stolen"] else "revoked"


def revoke(tools: Tools, device: str, *, stolen: bool = False) -> None:
    """Revoke a device by its id or code; from a stolen one not even a last push is taken."""
    now = tools.clock.now()
    with tools.store.write() as conn:
        row = _device(conn, device)
        devices.revoke(conn, row["id"], now=now, stolen=stolen)
        _record(tools, conn, "device_stolen" if stolen else "device_revoked", row)
        conn.commit()
    # Once stolen it stays so until it is restored, in the file as in the database.
    write_down(tools.settings, Revocation(at=now, device=row["id"], stolen=stolen or row["stolen"]))


def restore(tools: Tools, device: str) -> None:
    """Let a device in again; its person has to sign in, and gets back the key that the server keeps."""
    with tools.store.write() as conn:
        row = _device(conn, device)
        devices.restore(conn, row["id"])
        _record(tools, conn, "device_restored", row)
        conn.commit()
    write_down(tools.settings, Revocation(at=tools.clock.now(), device=row["id"], back=True))


def unlock(tools: Tools, asked: str, *, days: int) -> UnlockCode:
    """A code that opens a device past its lease for so many days.

    `asked` is the challenge the device shows, else its code or id. Refused as ``device_revoked``; raises
    InvalidInputError ``challenge_mistyped``, ``unknown_device``, ``unlock_days``.
    """
    sealer = Sealer(server_secret(tools.settings.folder))
    with tools.store.write() as conn:
        row, counter = _asked(conn, asked)
        if row["revoked"]:
            raise RefusedError("device_revoked", device=row["code"])
        number = devices.next_unlock(conn, row["id"], counter)
        code = unlock_code(sealer.device_secret(row["id"]), counter=number, days=days)
        _record(tools, conn, "device_unlocked", row, days=days, number=number)
        conn.commit()
    return UnlockCode(code=code, device=row["code"], login=row["login"], days=days)


def deactivate(tools: Tools, login: str) -> int:
    """A person leaves: they can't sign in, and their devices are revoked; returns how many devices."""
    now = tools.clock.now()
    with tools.store.write() as conn:
        person = person_of(conn, login)
        work = UnitOfWork(conn, nonces=tools.ids, at=now)
        set_active(work, person, active=False)
        taken = devices.revoke_all(conn, person, now=now)
        Audit(tools.ids).record(
            conn,
            "person_deactivated",
            at=now,
            person=person,
            origin=_origin(),
            detail={"devices": len(taken)},
        )
        work.commit()
    lines = [Revocation(at=now, device=device) for device in taken]
    write_down(tools.settings, Revocation(at=now, person=person), *lines)
    return len(taken)


def activate(tools: Tools, login: str) -> None:
    """A person is back; their devices stay revoked until each is restored."""
    now = tools.clock.now()
    with tools.store.write() as conn:
        person = person_of(conn, login)
        work = UnitOfWork(conn, nonces=tools.ids, at=now)
        set_active(work, person, active=True)
        Audit(tools.ids).record(conn, "person_activated", at=now, person=person, origin=_origin())
        work.commit()
    write_down(tools.settings, Revocation(at=now, person=person, back=True))


def _asked(conn: "Connection", asked: str) -> tuple[dict[str, Any], int]:
    """The device that is meant, and the number of the code it waits for (0 where only the device was named)."""
    known = [row for row in devices.listed(conn) if asked.upper() == row["code"] or asked == row["id"]]
    if known:
        return known[0], 0
    challenge = read_challenge(asked)
    return _device(conn, challenge.device), challenge.counter


def _device(conn: "Connection", device: str) -> dict[str, Any]:
    found = [row for row in devices.listed(conn) if device in (row["id"], row["code"])]
    if not found:
        raise InvalidInputError("unknown_device", device=device)
    return found[0]


def _record(tools: Tools, conn: "Connection", action: str, row: dict[str, Any], **detail: Any) -> None:
    Audit(tools.ids).record(
        conn,
        action,
        at=tools.clock.now(),
        person=row["person"],
        origin=Origin(address=_CONSOLE, device=row["id"]),
        detail=detail,
    )


def _origin() -> Origin:
    return Origin(address=_CONSOLE)
