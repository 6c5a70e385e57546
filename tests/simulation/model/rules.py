"""What the model's commands do: access, merge and status rules on plain tuples, one function for both ends."""

Row = tuple[int, ...]
"""A ticket: the places are named below; NOBODY and 0 where nothing is set."""
Entry = tuple[int, int, int, int]
"""A child row: revision, class bit, whether erased or moved to another ticket, when it was done."""
Entries = dict[int, Entry]
Command = tuple[int, ...]
Scope = tuple[int, ...]
"""What a person's grants give at each store: class bits, and HANDLE."""

REV, ORG, ASSIGNEE, CREATOR, CC, TAGS, STATUS, A, B, NUMBER, UPDATED = range(11)
X, INTO, CLOSED_AT, MARK = range(11, 15)
CID, TID, KIND, VALUE, BASE, DEPENDS, ORIGIN, AT, CONTACT = range(9)
CREATE, COMMENT, NOTE, EDIT_A, EDIT_B, TAG, FOLLOW, TAKE, ASSIGN, TRANSFER, STEP, LINK = range(12)
EDIT_X, ATTACH = 12, 13
KIND_NAMES = "create comment note edit-a edit-b tag cc take assign transfer status link edit-x attach".split()  # noqa: SIM905
APPLIED, MERGED, CONFLICT, REJECTED, RETRY, BLOCKED = range(6)
STATUS_NAMES = ["applied", "merged", "conflict", "rejected", "retry", "blocked"]

NOBODY = -1
SEE, INTERNAL, HANDLE = 1, 2, 4
CLASSES = SEE | INTERNAL
FILE = 8
"""In the class of a child that refers to a file; the file's hash is the number of its command."""
ERASED, MOVED = 1, 2
STORES = 4
ROOT = 6  # stores 0–3 lie under the regions 4 and 5, these under the root
CLOSED = 2

Decision = tuple[int, Row | None, tuple[tuple[int, int], ...]]
"""Status, the ticket after it (None: none), and the rows it appends as (id, class)."""


def resolve(grants: tuple[tuple[int, int], ...], parent: list[int]) -> Scope:
    """Say what grants of (unit, bits) give at each store now."""
    bits = [0] * STORES
    for unit, given in grants:
        for store in range(STORES):
            if unit in (store, parent[store], ROOT):
                bits[store] |= given
    return tuple(bits)


def participants(row: Row) -> int:
    """Everyone who takes part, as a bit mask of persons."""
    mask = row[CC]
    if row[ASSIGNEE] >= 0:
        mask |= 1 << row[ASSIGNEE]
    if row[CREATOR] >= 0:
        mask |= 1 << row[CREATOR]
    return mask


def access(person: int, row: Row, scope: Scope) -> int:
    """The classes a person sees of a ticket and whether they handle it; 0: it is not theirs to know."""
    bits = scope[row[ORG]]
    if row[ASSIGNEE] == person:
        return bits | CLASSES | HANDLE
    if row[CREATOR] == person or row[CC] >> person & 1:
        return bits | SEE
    return bits


def may(person: int, row: Row, bits: int, kind: int) -> bool:
    """Whether this access allows a command of that kind."""
    if bits & HANDLE:
        return True
    if row[CREATOR] == person:
        return kind in (COMMENT, ATTACH, EDIT_A, EDIT_B, EDIT_X, FOLLOW, STEP)
    return kind in (COMMENT, ATTACH) and bool(row[CC] >> person & 1)


def put(row: Row, *values: tuple[int, int]) -> Row:
    """The row with other values at some places."""
    after = list(row)
    for place, value in values:
        after[place] = value
    return tuple(after)


def whereabouts(row: Row) -> int:
    """Unit and assignee as one value, as a transfer merges them."""
    return row[ORG] * 8 + row[ASSIGNEE] + 1


def created(command: Command, person: int, at: int) -> Decision:
    """The new ticket of a create."""
    row = (0, command[VALUE], NOBODY, person, 0, 0, 0, 0, 0, 0, at, 0, 0, 0, 0)
    return APPLIED, row, ((command[CID] * 4, SEE),)


EDITED = {EDIT_A: A, EDIT_B: B, EDIT_X: X}
_CLASS_OF = {NOTE: INTERNAL, ATTACH: SEE | FILE}


def in_window(row: Row, keep_since: int) -> bool:
    """Whether replicas keep a ticket: it is open, or was closed since."""
    return row[STATUS] != CLOSED or row[CLOSED_AT] >= keep_since


def decide(row: Row, command: Command, person: int, at: int, optimistic: bool) -> Decision:
    """What a command does to a ticket that exists; the actor's level was looked at before."""
    kind = command[KIND]
    at = max(at, row[UPDATED])
    first = command[CID] * 4
    if kind in (COMMENT, NOTE, LINK, ATTACH):
        if row[STATUS] == CLOSED and not row[INTO] and kind != NOTE and not optimistic:
            return REJECTED, None, ()
        return APPLIED, put(row, (UPDATED, at)), ((first, _CLASS_OF.get(kind, SEE)),)
    if kind in EDITED:
        return _single(row, command, EDITED[kind], command[VALUE], at, optimistic)
    if kind in (TAG, FOLLOW):
        place = TAGS if kind == TAG else CC
        after = (row[place] | command[VALUE] & 15) & ~(command[VALUE] >> 4)
        if after == row[place]:
            return APPLIED, row, ()
        return APPLIED, put(row, (place, after), (UPDATED, at)), ((first, SEE),)
    if kind == STEP:
        return _step(row, command, at, optimistic)
    if row[STATUS] and not optimistic:
        return REJECTED, None, ()
    if kind == TAKE:
        return _single(row, command, ASSIGNEE, person, at, optimistic)
    if kind == ASSIGN:
        return _single(row, command, ASSIGNEE, command[VALUE], at, optimistic)
    return _transfer(row, command, at, optimistic)


def _single(row: Row, command: Command, place: int, mine: int, at: int, optimistic: bool) -> Decision:
    """A single value: both changed is a conflict on the server; unsent, the own value wins."""
    if row[place] == mine:
        return APPLIED, row, ()
    if row[place] != command[BASE] and not optimistic:
        return CONFLICT, row, ()
    return APPLIED, put(row, (place, mine), (UPDATED, at)), ((command[CID] * 4, SEE),)


def _step(row: Row, command: Command, at: int, optimistic: bool) -> Decision:
    """A move along the lifecycle 0 → 1 → 2 or 1 → 0."""
    to = command[VALUE]
    if row[STATUS] == to:
        return (MERGED if command[BASE] != to else APPLIED), row, ()
    if (row[STATUS], to) not in ((0, 1), (1, 2), (1, 0)) and not optimistic:
        return REJECTED, None, ()
    closed_at = at if to == CLOSED else 0
    return APPLIED, put(row, (STATUS, to), (CLOSED_AT, closed_at), (UPDATED, at)), ((command[CID] * 4, SEE),)


def _transfer(row: Row, command: Command, at: int, optimistic: bool) -> Decision:
    """Another unit, nobody's there; the note stands whatever becomes of the move."""
    note = (command[CID] * 4 + 1, SEE)
    current, wanted = whereabouts(row), command[VALUE] * 8
    row = put(row, (UPDATED, at))
    if current == wanted:
        return APPLIED, row, (note,)
    if current != command[BASE] and not optimistic:
        return CONFLICT, row, (note,)
    after = put(row, (ORG, command[VALUE]), (ASSIGNEE, NOBODY))
    return APPLIED, after, ((command[CID] * 4, SEE), note)
