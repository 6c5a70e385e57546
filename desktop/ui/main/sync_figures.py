"""The figures of the sync panel: how current, how sure, how far behind, until when without the server."""

from desktop.replica import meta
from desktop.sync.state import CLOCK_TOLERANCE_MS, SyncState
from desktop.ui.session import Session
from desktop.ui.text import tr
from desktop.ui.times import duration, moment

Row = tuple[str, str]


def figures(session: Session, state: SyncState) -> list[Row]:
    """Label and value of each line, those that have nothing to say left out."""
    return [
        (tr(f"sync.{name}"), value)
        for name, value in (
            ("attention", tr("sync.attention_is", count=state.attention) if state.attention else ""),
            ("verified", _current(session, state)),
            ("checked", checked(session, state)),
            ("retry", _retry(session, state)),
            ("deadlines", _deadlines(session, state)),
            ("lease", _lease(session, state)),
            ("pokes", "" if state.offline else tr("sync.pokes_on" if state.streaming else "sync.pokes_off")),
        )
        if value
    ]


def checked(session: Session, state: SyncState) -> str:
    """When everything here was compared with the server, how that ended, or how far it is."""
    if state.checking:
        return tr(f"sync.checking.{state.checking}")
    if not state.checked_at:
        return tr("sync.checked_never")
    when = moment(state.checked_at, session.server_time.now(), full=True)
    if state.repaired:
        return tr("sync.checked_repaired", time=when, count=state.repaired)
    return tr("sync.checked_at", time=when)


def _current(session: Session, state: SyncState) -> str:
    """When the feed was last read to its end, and how much is known to be missing."""
    if not state.verified_at:
        return ""
    when = moment(state.verified_at, session.server_time.now(), full=True)
    with session.replica.read() as conn:
        behind = meta.number(conn, "head") - meta.cursor_seq(conn)
    return tr("sync.behind", time=when, count=behind) if behind > 0 else tr("sync.verified_at", time=when)


def _retry(session: Session, state: SyncState) -> str:
    if not state.retry_at:
        return ""
    return tr("sync.retry_in", time=duration(max(0, state.retry_at - session.clock.now()) // 1000))


def _deadlines(session: Session, state: SyncState) -> str:
    """How far the clock may be wrong, and what was corrected."""
    if not session.server_time.contact.at:
        return tr("sync.never")
    error = duration(max(1, -(-session.server_time.error_ms() // 1000)))
    if abs(state.clock_off_ms) >= CLOCK_TOLERANCE_MS:
        off = duration(abs(state.clock_off_ms) // 1000)
        return tr("sync.deadlines_off", time=error, off=off)
    return tr("sync.deadlines_are", time=error)


def _lease(session: Session, state: SyncState) -> str:
    if not state.lease_until_at:
        return ""
    return tr("sync.lease_until", time=moment(state.lease_until_at, session.server_time.now(), full=True))
