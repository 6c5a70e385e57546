"""The plan of a story: one random integer a step, so that leaving out a step leaves the others as they were.

Stories came in two editions: the second has more that can happen. A negative seed, ``~n``, is seed n of the first, so
that what was found there can be played for ever.
"""

from random import Random

GESTURE, PUSH, PULL, FETCH, DELIVER, DESK, GRANT, MOVE, COMMIT, CRASH_REPLICA, CRASH_SERVER = range(11)
POKE, ATTEND, COPY, BACKUP, RESTORE, COMPACT, CLOCK, ERASE, CURE = range(11, 20)
BRING_BACK, RELEASE, OVERRUN, RETAIN, MERGE, SPLIT, ROT, VERIFY = range(20, 28)
UPLOAD, LOOK, REVOKE, FULL, UPGRADE, HOLD, SEND = range(28, 35)

_USUAL = {
    GESTURE: 60, PUSH: 44, PULL: 44, FETCH: 30, DELIVER: 22, DESK: 22, GRANT: 9, MOVE: 4, COMMIT: 4,
    CRASH_REPLICA: 2, CRASH_SERVER: 2, POKE: 2, ATTEND: 3, COMPACT: 2, CLOCK: 2, ERASE: 2, CURE: 2,
}  # fmt: skip
_RARE = {COPY: 3, BACKUP: 4, RESTORE: 2}

OK, LOST, ANSWER_LOST, LATE, ANSWER_LATE, TWICE, ANSWER_TWICE = range(7)
DIES_BEFORE, DIES_AFTER, CLIENT_BEFORE, CLIENT_AFTER, SLOW, ANSWER_BOTH = range(7, 13)

FAULT_NAMES = (
    "arrives",
    "is lost on the way",
    "is done but its answer is lost (time-out after commit)",
    "is held up on the way",
    "is done but its answer is held up",
    "is done, and a copy of it is held up",
    "is done; the answer arrives and a copy of it is held up",
    "reaches the server, which dies before its commit",
    "reaches the server, which dies after its commit",
    "is answered; the desktop dies before it commits the answer",
    "is answered; the desktop dies after it committed the answer",
    "waits in a slow transaction of the server",
    "is done; the answer arrives, a copy of the request and of the answer are held up",
)

_FAULTS = {
    OK: 150, LOST: 14, ANSWER_LOST: 14, LATE: 10, ANSWER_LATE: 12, TWICE: 6, ANSWER_TWICE: 6,
    DIES_BEFORE: 5, DIES_AFTER: 8, CLIENT_BEFORE: 6, CLIENT_AFTER: 6, SLOW: 13, ANSWER_BOTH: 6,
}  # fmt: skip
_LATE = _FAULTS | {OK: 86, ANSWER_LATE: 44, LATE: 20, ANSWER_BOTH: 28}
_USUAL_FAULTS, _MUCH_LATE = (
    tuple(fault for fault, weight in weights.items() for _ in range(weight)) for weights in (_FAULTS, _LATE)
)
assert len(_USUAL_FAULTS) == len(_MUCH_LATE) == 256


def fault_table(seed: int) -> tuple[int, ...]:
    """The mixture of faults of a story: in every third one much comes late."""
    return _USUAL_FAULTS if (~seed if seed < 0 else seed) % 3 else _MUCH_LATE


_TABLES: list[tuple[int, ...]] = []


def _table(weights: dict[int, int]) -> tuple[int, ...]:
    """Spread weights over a table of 256 places."""
    total = sum(weights.values())
    table = [op for op, weight in weights.items() for _ in range(weight and max(1, weight * 256 // total))]
    return tuple((table * 2)[:256])


def _tables() -> list[tuple[int, ...]]:
    """Mixtures of steps; each story has one, so that some stories are all grants and others all faults."""
    rare = _USUAL | _RARE
    return [
        _table(_USUAL),
        _table(_USUAL | {GRANT: 30, MOVE: 14, FETCH: 44}),
        _table(_USUAL | {DESK: 60, DELIVER: 40, PULL: 60, COMPACT: 8}),
        _table(_USUAL | {GESTURE: 90, PUSH: 90, ATTEND: 12, CURE: 6, DELIVER: 34}),
        _table(_USUAL | {CRASH_REPLICA: 12, CRASH_SERVER: 12, COMMIT: 12}),
        _table(rare | {COPY: 8, BACKUP: 0, RESTORE: 0, GESTURE: 80, PUSH: 70}),
        _table(rare | {COPY: 0, BACKUP: 16, RESTORE: 10, PULL: 60}),
        _table({GESTURE: 40, PUSH: 40, PULL: 40, FETCH: 40, DELIVER: 40, DESK: 40, GRANT: 20, COMMIT: 10}),
    ]


def _second_tables() -> list[tuple[int, ...]]:
    """Mixtures of the second edition; the rarer things each have stories of their own."""
    usual = _USUAL | {
        VERIFY: 4,
        MERGE: 3,
        SPLIT: 3,
        UPLOAD: 8,
        LOOK: 4,
        SEND: 3,
        RETAIN: 2,
        FULL: 2,
        UPGRADE: 2,
    }
    usual |= {HOLD: 1, ROT: 1}
    work = {GESTURE: 70, PUSH: 90, PULL: 40, DELIVER: 10, FETCH: 10, CRASH_REPLICA: 3, CRASH_SERVER: 3}
    restored = work | {
        BACKUP: 6,
        BRING_BACK: 12,
        RELEASE: 12,
        SEND: 8,
        ERASE: 5,
        HOLD: 2,
        UPLOAD: 12,
        LOOK: 3,
        GRANT: 2,
    }
    return [
        _table(usual),
        _table(usual | {GRANT: 30, MOVE: 14, FETCH: 44}),
        _table(usual | {DESK: 60, DELIVER: 40, PULL: 60, COMPACT: 8, OVERRUN: 8}),
        _table(usual | {GESTURE: 90, PUSH: 90, ATTEND: 12, CURE: 6, DELIVER: 34}),
        _table(usual | {CRASH_REPLICA: 12, CRASH_SERVER: 12, COMMIT: 12, FULL: 12}),
        _table(usual | {COPY: 8, GESTURE: 80, PUSH: 70, REVOKE: 3}),
        _table(work | {BACKUP: 6, RESTORE: 10, PULL: 60, COMPACT: 6, UPLOAD: 6}),
        _table({GESTURE: 40, PUSH: 40, PULL: 40, FETCH: 40, DELIVER: 40, DESK: 40, GRANT: 20, COMMIT: 10}),
        _table(restored),
        _table(restored | {PULL: 70, DELIVER: 40, RELEASE: 20}),
        _table(restored | {GRANT: 20, COPY: 4, OVERRUN: 4, ROT: 4}),
        _table(usual | {RETAIN: 14, OVERRUN: 14, COMPACT: 10, VERIFY: 14, ROT: 10, CLOCK: 0}),
        _table(usual | {MERGE: 18, SPLIT: 18, ERASE: 8, HOLD: 4, DESK: 30}),
        _table(usual | {UPLOAD: 60, LOOK: 40, GRANT: 20, ERASE: 6, DELIVER: 30}),
        _table(usual | {REVOKE: 10, COPY: 4, UPLOAD: 20, PUSH: 60}),
        _table(usual | {UPGRADE: 8, VERIFY: 10, GRANT: 12, ROT: 6}),
    ]


_SECOND_TABLES: list[tuple[int, ...]] = []


def op_table(seed: int) -> tuple[int, ...]:
    """The mixture of steps of a story."""
    if not _TABLES:
        _TABLES.extend(_tables())
        _SECOND_TABLES.extend(_second_tables())
    return _TABLES[~seed & 7] if seed < 0 else _SECOND_TABLES[seed & 15]


def is_backed_up(seed: int) -> bool:
    """Whether a story begins with a backup: the server will go back in it."""
    return seed >= 0 and bool({RESTORE, BRING_BACK} & set(op_table(seed)))


def make_plan(seed: int) -> list[int]:
    """The steps of a story, each 64 random bits; the first word sets the scene."""
    rnd = Random(~seed if seed < 0 else seed)
    bits = rnd.getrandbits
    return [bits(64) for _ in range(61 + bits(6))]
