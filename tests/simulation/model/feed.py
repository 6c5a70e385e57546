"""The model server's reading side: what one person may have, since a cursor, by range, or by id."""

from bisect import bisect_right

from tests.simulation.model.messages import (
    EXPIRED,
    MINE,
    PAGE,
    RESET,
    ROWS,
    SCOPE,
    Answer,
    FillRequest,
    PageAnswer,
    PullRequest,
    Put,
    RowsAnswer,
    TicketsRequest,
    Token,
)
from tests.simulation.model.recovery import open_window, restored_to
from tests.simulation.model.rules import (
    CLASSES,
    NOBODY,
    ORG,
    STORES,
    Entries,
    Row,
    Scope,
    access,
    in_window,
    participants,
)
from tests.simulation.model.store import Store
from tests.simulation.model.verifying import of_server


def pull(store: Store, person: int, request: PullRequest) -> Answer:
    """One page of the feed; the scope where it changed; a new start where the cursor isn't of this past."""
    _, cursor, seen, version, _, _ = request
    if cursor is None or not is_of_this_past(store, (cursor, *seen)):
        since = None if cursor is None else restored_to(store, cursor)
        return RESET, cursor, store.token(), store.version(person), store.scopes[person], since
    if cursor[1] < store.floor and store.safe.floor_checked:
        return EXPIRED, cursor, store.token(), store.version(person), store.scopes[person], None
    if version != store.version(person) and store.safe.version_compared:
        return SCOPE, store.version(person), store.scopes[person], store.token()
    return _page(store, person, request, cursor)


def is_of_this_past(store: Store, told: tuple[Token, ...]) -> bool:
    """Whether this server said all that a client was told; if it went back unnoticed, a new epoch begins."""
    checked = told if store.safe.seen_token else told[:1]
    if all(store.knows(token) for token in checked):
        return True
    if any(token[0] >= store.epoch and not store.knows(token) for token in checked):
        open_window(store, 0)  # of this epoch, or of one that this server has forgotten
    return False


def _page(store: Store, person: int, request: PullRequest, cursor: tuple[int, int, int]) -> PageAnswer:
    _, _, _, _, limit, digest = request
    start = bisect_right(store.seqs, cursor[1])
    stop = min(start + limit, len(store.seqs))
    more = stop < len(store.seqs)
    to = store.seqs[stop - 1] if more else store.head
    scope = store.scopes[person]
    since = _concerned(store, person, scope, start, stop)
    puts: list[Put] = []
    leaves: list[int] = []
    for tid, rev in since.items():
        entries = store.entries[tid]
        if not store.safe.one_snapshot:
            store.commit_slow()
        row = store.rows[tid]
        held = access(person, row, scope)
        if held & CLASSES and not store.safe.closed_told and not in_window(row, store.keep_since):
            continue
        if held & CLASSES:
            puts.append(_put(store, tid, row, entries, rev, held))
        elif store.safe.leave_on_transfer:
            leaves.append(tid)
    token = (store.epoch, to, store.nonces[to])
    version = store.version(person)
    told = of_server(store, person) if digest and not more else None
    return (
        PAGE,
        cursor,
        token,
        more,
        version,
        tuple(puts),
        tuple(leaves),
        store.token(),
        store.keep_since,
        told,
    )


def _concerned(store: Store, person: int, scope: Scope, start: int, stop: int) -> dict[int, int]:
    """The tickets of these change rows that concern the person, and their lowest revision before."""
    seen = 0
    for unit in range(STORES):
        if scope[unit] & CLASSES:
            seen |= 1 << unit
    me = 1 << person
    part = store.safe.taking_part
    found: dict[int, int] = {}
    for tid, rev_from, units, named in store.changes[start:stop]:
        if tid != NOBODY and (units & seen or named & me or (part and participants(store.rows[tid]) & me)):
            before = found.get(tid)
            if before is None or rev_from < before:
                found[tid] = rev_from
    return found


def _put(store: Store, tid: int, row: Row, entries: Entries, since: int, held: int) -> Put:
    """A ticket with the children newer than `since` that this access shows."""
    classes = held & CLASSES if store.safe.project_classes else CLASSES
    children = [(eid, entry) for eid, entry in entries.items() if entry[0] > since and entry[1] & classes]
    return tid, row, since, held & CLASSES, tuple(children)


def fill(store: Store, person: int, request: FillRequest) -> RowsAnswer:
    """One page of a range, by ticket id, as of the head."""
    _, _, unit, after, limit = request
    scope, me = store.scopes[person], 1 << person
    if unit == MINE:
        tids = [tid for tid, row in store.rows.items() if tid > after and participants(row) & me]
    elif scope[unit] & CLASSES:
        tids = [tid for tid, row in store.rows.items() if tid > after and row[ORG] == unit]
    else:
        tids = []
    tids = [tid for tid in tids if in_window(store.rows[tid], store.keep_since)]
    tids.sort()
    page = tids[:limit]
    done = len(tids) <= limit
    puts = tuple(_whole(store, person, tid) for tid in page)
    return ROWS, store.token(), store.version(person), puts, (), page[-1] if page else after, done, ()


def _whole(store: Store, person: int, tid: int) -> Put:
    row = store.rows[tid]
    return _put(store, tid, row, store.entries[tid], 0, access(person, row, store.scopes[person]))


def tickets(store: Store, person: int, request: TicketsRequest) -> RowsAnswer:
    """Whole tickets by id; those that are not the person's are gone."""
    scope = store.scopes[person]
    puts: list[Put] = []
    gone: list[int] = []
    missing: list[int] = []
    for tid in request[2]:
        row = store.rows.get(tid)
        if row is not None and access(person, row, scope) & CLASSES:
            puts.append(_whole(store, person, tid))
        elif row is None and store.recovering and store.safe.missing_waits:
            missing.append(tid)
        else:
            gone.append(tid)
    told = tuple(puts), tuple(gone), 0, True, tuple(missing)
    return ROWS, store.token(), store.version(person), *told
