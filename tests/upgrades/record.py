"""Record what this release writes and says, for the releases after it: `python -m tests.upgrades.record FOLDER`.

Run once for each protocol version, with the code of the release. FOLDER gets the server's database, one desktop's
replica with work in every state, its key, and the messages that went between them.
"""

import json
import shutil
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from desktop import credentials
from desktop.commands import hand_over, local, write
from desktop.credentials import Cost
from desktop.sync.http import HttpTransport
from domain.errors import UnavailableError
from domain.wire import codec
from domain.wire.protocol import PROTOCOL
from tests.desktop.sync.desktop import Desktop
from tests.desktop.sync.office import Office

ASKED = ("push", "pull", "tickets", "backfill")


class Listener:
    """Notes each question and answer of one transport, as the bytes that crossed the wire."""

    def __init__(self, transport: HttpTransport) -> None:
        self.heard: list[dict[str, Any]] = []
        for name in ASKED:
            setattr(transport, name, self._noting(name, getattr(transport, name)))
        self.cut = False

    def _noting(self, name: str, ask: Callable[[Any], Any]) -> Callable[[Any], Any]:
        def asked(request: Any) -> Any:
            answer = ask(request)
            said = {"asked": json.loads(codec.encode(request)), "answered": json.loads(codec.encode(answer))}
            self.heard.append({"call": name, **said})
            if self.cut:
                raise UnavailableError("server_trouble", reason="recorded as lost")
            return answer

        return asked


def record(folder: Path) -> None:
    """Play a day of work and keep what is left of it."""
    for name in ("WITH_SECRET", "PASSWORD_ALONE"):
        setattr(credentials, name, Cost(memory_kib=64, passes=1))
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        office = Office(Path(temporary) / "server")
        desktop = Desktop(Path(temporary) / "home", office.address, "amy")
        try:
            heard = _work(desktop, office)
            _keep(folder, desktop, office, heard)
        finally:
            desktop.close()
            office.close()


def _work(desktop: Desktop, office: Office) -> list[dict[str, Any]]:
    listener = Listener(desktop.engine._exchange._transport)  # type: ignore[arg-type]
    desktop.settle()
    done = desktop.create(
        "applied and pulled", personal={"phone": "13800000001"}, fields={"wish": "a refund"}
    )
    desktop.settle()
    write.reply(desktop.runner, done, body="a reply that was applied")
    hand_over.take(desktop.runner, [done])
    desktop.settle()
    # The server has it, the desktop does not know: its answer is lost.
    unheard = desktop.create("sent, its answer lost")
    listener.cut = True
    desktop.step()
    listener.cut = False
    # Never sent.
    waiting = desktop.create("pending", personal={"phone": "13800000002"})
    write.reply(desktop.runner, waiting, body="a pending reply")
    write.note(desktop.runner, done, body="an internal note, pending")
    now = int(time.time() * 1000)
    local.save_draft(desktop.replica, "draft-1", kind="create", body='{"subject": "half a sentence"}', at=now)
    later = now + 10 * 365 * 86_400_000
    local.remind(desktop.replica, "reminder-1", ticket=done, due_at=later, words="call back", source="own")
    assert {unheard, waiting} <= set(_ids(desktop))
    return listener.heard


def _ids(desktop: Desktop) -> list[str]:
    with desktop.replica.read() as conn:
        return [row[0] for row in conn.exec_driver_sql("SELECT id FROM ticket")]


def _keep(folder: Path, desktop: Desktop, office: Office, heard: list[dict[str, Any]]) -> None:
    path = desktop.signed_on.folder / "replica.db"
    with desktop.replica.read() as conn:
        texts = {
            "subjects": sorted(row[0] for row in conn.exec_driver_sql("SELECT subject FROM ticket")),
            "bodies": sorted(
                row[0] for row in conn.exec_driver_sql("SELECT body FROM entry WHERE body IS NOT NULL")
            ),
            "states": sorted(row[0] for row in conn.exec_driver_sql("SELECT state FROM command")),
        }
        device = conn.exec_driver_sql("SELECT value FROM meta WHERE key = 'device'").scalar()
    key = desktop.signed_on.key.hex()
    desktop.replica.close()
    shutil.copy2(path, folder / "replica.db")
    server = sqlite3.connect(office.settings.database.removeprefix("sqlite:///"))
    server.execute(f"VACUUM INTO '{folder / 'server.sqlite3'}'")
    server.close()
    told = {"protocol": PROTOCOL, "person": "amy", "key": key, "device": device, **texts}
    (folder / "recording.json").write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n")
    lines = [json.dumps(one, ensure_ascii=False) for one in heard]
    (folder / "messages.jsonl").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    record(Path(sys.argv[1]))
