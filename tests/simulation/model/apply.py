"""The model's desktop takes an answer: each kind is one transaction that either fits or changes nothing."""

from typing import Any

from tests.simulation.model import blobs, outbox, returning, verifying
from tests.simulation.model.messages import (
    BYTES,
    EXPIRED,
    FILL,
    LISTED,
    OTHER_EPOCH,
    PAGE,
    RESET,
    REVOKED,
    ROWS,
    SCOPE,
    STALE,
    STORED,
    TAKEN,
    VERDICTS,
)
from tests.simulation.model.replica import Replica


def apply(replica: Replica, request: tuple[Any, ...], answer: tuple[Any, ...], dies: bool = False) -> None:
    """Take an answer, however late; with `dies` only what a crash between two commits would leave."""
    if replica.destroyed:
        return
    _take(replica, request, answer, dies)
    if dies:
        return
    returning.settle_unheld(replica)
    for tid in list(replica.touched):
        if tid not in replica.base:
            replica.rebase(tid)
    replica.retain()
    blobs.purge(replica)
    if replica.revoked:
        _end(replica)


def _end(replica: Replica) -> None:
    """A revoked desktop sends what it has, then throws away its key; a stolen one does so at once."""
    unsent = replica.pending or replica.aside or replica.uploads
    if replica.revoked == 2 or not unsent or not replica.safe.revoked_uploads_first:
        replica.destroy()


def _take(replica: Replica, request: tuple[Any, ...], answer: tuple[Any, ...], dies: bool) -> None:
    kind = answer[0]
    if kind == PAGE:
        _page(replica, request, answer, dies)
    elif kind == ROWS:
        _rows(replica, request, answer, dies)
    elif dies:
        return
    elif kind == VERDICTS:
        _verdicts(replica, answer)
    elif kind in (STORED, BYTES, TAKEN):
        _apart(replica, request, answer)
    elif kind in (SCOPE, RESET, EXPIRED, LISTED):
        _begin(replica, answer)
    else:
        _refused(replica, request, answer)


def _begin(replica: Replica, answer: tuple[Any, ...]) -> None:
    """Another scope, a new start, or the list of all that ought to be here."""
    kind = answer[0]
    if kind == SCOPE:
        _scope(replica, answer)
    elif kind == LISTED:
        verifying.reconcile(replica, answer)
    else:
        _, asked, token, version, scope, since = answer
        if asked != replica.cursor and (replica.safe.from_checked or kind == EXPIRED):
            return
        if kind == RESET:
            replica.reset(token, version, scope)
            if since is not None and replica.safe.lost_work_returns:
                returning.take_back(replica, since)
        else:
            replica.expire(token, version, scope)
    _rebase(replica)


def _refused(replica: Replica, request: tuple[Any, ...], answer: tuple[Any, ...]) -> None:
    kind = answer[0]
    if kind == STALE:
        if request[1] == replica.device and request[2] == replica.push_no:
            replica.register()
    elif kind == REVOKED:
        replica.revoked = max(replica.revoked, answer[1])
        replica.pulled = True
    elif kind != OTHER_EPOCH:  # of another past: the next pull will tell
        outbox.failed(replica, len(request[3]))


def _apart(replica: Replica, request: tuple[Any, ...], answer: tuple[Any, ...]) -> None:
    """What goes beside the rows: chunks of files, their bytes, rows sent for review."""
    if answer[0] == TAKEN:
        replica.offers.discard(answer[1])
        replica.offered.add(answer[1])
        return
    _, sha, what, epoch = answer
    if replica.cursor and epoch != replica.cursor[0]:
        return  # a server that was restored since may not have it
    if answer[0] == BYTES:
        if what:
            replica.blobs.add(sha)  # what nothing refers to any more goes again in the same transaction
    elif sha in replica.uploads and request[5] == (sha in replica.pending):  # not of before its verdict
        if what < 0:
            del replica.uploads[sha]
        else:
            replica.uploads[sha] = what


def _rebase(replica: Replica) -> None:
    for tid in list(replica.touched):
        replica.rebase(tid)


def _page(replica: Replica, request: tuple[Any, ...], answer: tuple[Any, ...], dies: bool) -> None:
    _, asked, to, _, version, puts, leaves, head, keep_since, digest = answer
    safe = replica.safe
    if asked != replica.cursor and safe.from_checked:
        return
    if version != replica.version and safe.version_checked:
        return
    if dies:
        if not safe.page_one_transaction:
            replica.cursor = to
        return
    for put in puts:
        replica.take(put)
    for tid in leaves:
        replica.wanted.discard(tid)
        replica.drop(tid)
    replica.cursor = to
    replica.met.difference_update(request[2])
    replica.see(head)
    replica.pulled = True
    replica.keep_since = max(replica.keep_since, keep_since)
    if digest is not None and (keep_since == replica.keep_since or not safe.digest_of_same_window):
        verifying.compare(replica, digest, to)
    if safe.rebase_on_page:
        _rebase(replica)


def _rows(replica: Replica, request: tuple[Any, ...], answer: tuple[Any, ...], dies: bool) -> None:
    _, as_of, version, puts, gone, after, done, missing = answer
    safe, cursor = replica.safe, replica.cursor
    if cursor is None or as_of[0] != cursor[0]:
        return
    if as_of[1] < cursor[1] and safe.as_of_checked:
        return
    if version != replica.version and safe.version_checked:
        return
    if dies and safe.fill_one_transaction:
        return
    if request[0] == FILL:
        _, _, unit, place, _ = request
        if replica.fills.get(unit) == place:
            if done:
                del replica.fills[unit]
            else:
                replica.fills[unit] = after
        if not safe.head_before_fill:
            replica.cursor = as_of
    if dies:
        return
    for put in puts:
        replica.take(put)
    _offer(replica, (*missing, *gone))
    replica.wanted.difference_update(tid for tid in gone if tid not in replica.offers)
    for tid in gone:
        if safe.gone_purges and tid not in replica.offers:
            replica.drop(tid)
    replica.see(as_of)
    replica.ahead = max(replica.ahead, as_of[1])
    _rebase(replica)


def _offer(replica: Replica, tids: tuple[int, ...]) -> None:
    """Before what a restored server does not have is let go, it is sent for review."""
    if replica.safe.salvage:
        lost = {tid for tid in tids if tid in replica.base and tid in replica.old_epoch}
        replica.offers |= lost - replica.offered


def _verdicts(replica: Replica, answer: tuple[Any, ...]) -> None:
    _, verdicts, token = answer
    if replica.cursor and token[0] != replica.cursor[0]:
        return
    for verdict in verdicts:
        outbox.judge(replica, verdict)
    replica.see(token)
    replica.alone = 0
    replica.batch = min(50, replica.batch * 2)
    _rebase(replica)


def _scope(replica: Replica, answer: tuple[Any, ...]) -> None:
    _, version, scope, token = answer
    cursor = replica.cursor
    if cursor is None or token[0] != cursor[0]:
        return
    held = replica.version
    if version == held or version[0] < held[0] or version[1] < held[1]:
        return
    replica.enter(version, scope)
    replica.see(token)
