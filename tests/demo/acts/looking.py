"""Looking: how things stand, what the lists hold, pictures; reading only."""

import time
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QApplication

from desktop.app import App
from desktop.replica import sql
from desktop.replica.queries import attention
from desktop.replica.queries.tickets import rows
from desktop.ui.crash import CrashWindow
from desktop.ui.work import Work
from tests.demo import hands

SYNC_S, FIRST_SYNC_S = 60.0, 180.0
PATIENCE_S = 5.0
"""Whoever waits presses F5 again after this long."""


def signed_in(app: App) -> Work:
    """The parts of who is signed in; NotHeld if nobody is."""
    if app.work is None or app.window is None:
        raise hands.NotHeld("nobody is signed in")
    return app.work


class Looking:
    """What may be read without touching anything."""

    def __init__(self, app: App) -> None:
        self._app = app

    def ready(self) -> bool:
        """Wait for the first window."""
        hands.until(lambda: self._app.window or self._app.sign_in_window, "the first window")
        return True

    def state(self) -> dict[str, Any]:
        """How this desktop stands: sync, windows, mistakes of the program."""
        titles = [one.windowTitle() for one in QApplication.topLevelWidgets() if one.isVisible()]
        found: dict[str, Any] = {"windows": [title for title in titles if title]}
        found["crashed"] = bool(hands.windows(CrashWindow))
        if self._app.work is None:
            return found | {"signed_in": False}
        sync = self._app.work.session.sync.state
        return found | {
            "signed_in": True,
            "connection": sync.connection,
            "unsent": sync.unsent,
            "attention": sync.attention,
            "paused": sync.paused,
            "trouble": sync.trouble,
            "filling": sync.progress is not None,
            "verified_at": sync.verified_at,
        }

    def wait_usable(self) -> int:
        """Wait until lists can be worked with; returns how many tickets are here by then."""
        work = signed_in(self._app)
        hands.until(lambda: work.session.sync.state.verified_at or self._held(), "anything to work with")
        return self._held()

    def wait_first_sync(self) -> int:
        """Wait until everything in scope is here; returns how many tickets that is."""
        work = signed_in(self._app)

        def filled() -> bool:
            state = work.session.sync.state
            return bool(state.verified_at) and state.progress is None and not self._number("sync_waits")

        hands.until(filled, "the first sync", within_s=FIRST_SYNC_S)
        return self._held()

    def wait_synced(self) -> dict[str, Any]:
        """Ask for the newest (F5) and wait until all is sent and everything of before this moment is here."""
        work, window = signed_in(self._app), self._app.window
        assert window is not None
        asked_at, pressed_at = work.session.server_time.now(), 0.0

        def synced() -> bool:
            nonlocal pressed_at
            if time.monotonic() - pressed_at > PATIENCE_S:
                hands.press("F5", window)
                pressed_at = time.monotonic()
            state = work.session.sync.state
            here = state.connection in ("online", "slow") and state.verified_at >= asked_at
            return here and not state.unsent and state.progress is None and not state.paused

        hands.until(synced, "everything sent and received", within_s=SYNC_S)
        return self.state()

    def wait_offline(self) -> dict[str, Any]:
        """Wait until this desktop knows that the line is dead."""
        work = signed_in(self._app)
        hands.until(
            lambda: work.session.sync.state.offline, "the desktop notices it is offline", within_s=SYNC_S
        )
        return self.state()

    def tickets(self, ids: list[str] | None = None) -> list[dict[str, Any]]:
        """What the replica holds of these tickets, or of all."""
        replica = signed_in(self._app).session.replica
        with replica.read() as conn:
            wanted = sql.column(conn, "SELECT id FROM ticket ORDER BY id") if ids is None else ids
            lines = rows(conn, wanted)
        names = ("id", "number", "provisional", "subject", "status", "priority", "assignee", "team", "org")
        more = ("unsent", "conflict", "due_at", "sla_state", "handler", "store")
        return [{name: getattr(line, name) for name in names + more} for line in lines]

    def wait_ticket(self, id: str, **wanted: Any) -> dict[str, Any]:
        """Wait until a ticket is here and as wanted."""

        def here() -> dict[str, Any] | None:
            found = self.tickets([id])
            fits = found and all(found[0][name] == value for name, value in wanted.items())
            return found[0] if fits else None

        return hands.until(here, f"ticket {id} as {wanted}", within_s=SYNC_S)

    def wait_gone(self, id: str) -> bool:
        """Wait until a ticket has left the replica."""
        return hands.until(lambda: not self.tickets([id]), f"ticket {id} leaves", within_s=SYNC_S)

    def said(self, id: str) -> list[str]:
        """Everything that is written on a ticket, oldest first."""
        replica = signed_in(self._app).session.replica
        with replica.read() as conn:
            return sql.column(
                conn, "SELECT body FROM entry WHERE ticket = ? AND body IS NOT NULL ORDER BY at, id", (id,)
            )

    def troubles(self) -> list[dict[str, Any]]:
        """What needs attention."""
        replica = signed_in(self._app).session.replica
        with replica.read() as conn:
            return [
                {"kind": one.kind, "code": one.code, "ticket": one.ticket, "keys": list(one.detail)}
                for one in attention.items(conn)
            ]

    def words(self) -> list[str]:
        """Every word in the main window's labels and buttons."""
        assert self._app.window is not None
        return hands.texts(self._app.window)

    def key(self) -> dict[str, str]:
        """The replica's file and its raw key, for the separate reader."""
        signed_on = signed_in(self._app).signed_on
        return {
            "file": str(signed_on.replica.path),
            "key": signed_on.key.hex(),
            "person": signed_on.person.id,
        }

    def picture(self, file: str, window: str = "") -> bool:
        """Save the screen, or one window by its class, as PNG."""
        Path(file).parent.mkdir(parents=True, exist_ok=True)
        hands.rest()
        shot = hands.screen()
        if window:
            named = [one for one in QApplication.topLevelWidgets() if type(one).__name__ == window]
            shot = hands.until(lambda: [one for one in named if one.isVisible()], f"the window {window}")[
                0
            ].grab()
        if not shot.save(file):
            raise hands.NotHeld(f"{file} could not be written")
        return True

    def _held(self) -> int:
        return int(self._number("tickets"))

    def _number(self, what: str) -> int:
        statement = {
            "tickets": "SELECT count(*) FROM ticket",
            "sync_waits": "SELECT count(*) FROM backfill WHERE done = 0",
        }[what]
        with signed_in(self._app).session.replica.read() as conn:
            return int(sql.value(conn, statement))
