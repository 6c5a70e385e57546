"""The model's desktop takes an answer: each kind is one transaction that either fits or changes nothing."""

from typing import Any

from tests.simulation.model.messages import FILL, PAGE, RESET, ROWS, SCOPE, STALE, VERDICTS
from tests.simulation.model.replica import Replica


def apply(replica: Replica, request: tuple[Any, ...], answer: tuple[Any, ...], dies: bool = False) -> None:
    """Take an answer, however late; with `dies` only what a crash between two commits would leave."""
    kind = answer[0]
    if kind == PAGE:
        _page(replica, request, answer, dies)
    elif kind == ROWS:
        _rows(replica, request, answer, dies)
    elif dies:
        return
    elif kind == VERDICTS:
        _verdicts(replica, answer)
    elif kind == SCOPE:
        _scope(replica, answer)
    elif kind == RESET:
        _, asked, token, version, scope = answer
        if asked == replica.cursor or not replica.safe.from_checked:
            replica.reset(token, version, scope)
            _rebase(replica)
    elif kind == STALE:
        if request[1] == replica.device and request[2] == replica.push_no:
            replica.register()
    else:
        replica.failed(len(request[3]))


def _rebase(replica: Replica) -> None:
    for tid in list(replica.touched):
        replica.rebase(tid)


def _page(replica: Replica, request: tuple[Any, ...], answer: tuple[Any, ...], dies: bool) -> None:
    _, asked, to, _, version, puts, leaves, head = answer
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
    if safe.rebase_on_page:
        _rebase(replica)


def _rows(replica: Replica, request: tuple[Any, ...], answer: tuple[Any, ...], dies: bool) -> None:
    _, as_of, version, puts, gone, after, done = answer
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
    replica.wanted.difference_update(gone)
    for tid in gone:
        if safe.gone_purges:
            replica.drop(tid)
    replica.see(as_of)
    _rebase(replica)


def _verdicts(replica: Replica, answer: tuple[Any, ...]) -> None:
    _, verdicts, token = answer
    if replica.cursor and token[0] != replica.cursor[0]:
        return
    for verdict in verdicts:
        replica.judge(verdict)
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
    _rebase(replica)
