"""Attachments at rest: bytes are where a ticket shows them, whole on the server, and nowhere else (SYNC §7, §8)."""

import hashlib
import json
from typing import Any

import sqlcipher3.dbapi2 as driver

from sync_server.store.blob_files import BlobFiles
from tests.simulation.real.at_rest import Held
from tests.simulation.real.files import vault_of
from tests.simulation.real.sight import ServerState, rows_of
from tests.simulation.violation import Violation


def check(server: ServerState, held: Held, contents: BlobFiles, *, lost: bool) -> None:
    """Check one desktop's files; `lost`: a restore took contents that no desktop may have any more."""
    conn: Any = driver.connect(str(held.path))  # type: ignore[attr-defined]  # untyped
    try:
        rows = rows_of(conn, "SELECT hash, ticket, state, own FROM attachment")
    finally:
        conn.close()
    allowed = server.seen_by(held.person, ever=True)
    open_commands = {row["id"] for row in held.commands if row["state"] in ("attention", "discarded")}
    asked = {row["ticket"] for row in held.commands if row["id"] in open_commands}
    for row in rows:
        if row["ticket"] not in allowed and row["ticket"] not in asked:
            raise Violation(2, f"{held.name} holds a file of ticket {row['ticket']}, which is out of sight")
    vault = vault_of(held.path)
    count = sum(1 for path in vault.rglob("*") if path.is_file()) if vault.exists() else 0
    if count > len({row["hash"] for row in rows}):
        raise Violation(2, f"{held.name} has {count} files for {len(rows)} that it knows")
    if not lost:
        _whole(server, held, contents)


def _whole(server: ServerState, held: Held, contents: BlobFiles) -> None:
    """Every file of a message that was taken is on the server, byte for byte."""
    for command in held.commands:
        if command["state"] != "done" or command["kind"] != "reply" or command["id"] not in server.entries:
            continue
        for ref in json.loads(command["body"] or "{}").get("set", {}).get("attachments", ()):
            if not contents.holds(ref["hash"], ref["size"]):
                raise Violation(
                    3, f"a file of command {command['id']} of {held.name} never came to the server"
                )
            found = b"".join(contents.read(ref["hash"], 0, ref["size"]))
            if hashlib.sha256(found).hexdigest() != ref["hash"]:
                raise Violation(1, f"a file of command {command['id']} is damaged on the server")
