"""Seeds that once broke an invariant, kept for ever, and where each mutant was last seen."""

MODEL_SEEDS = tuple(~seed for seed in (14, 21, 22, 37, 62, 79, 97, 461, 1182, 1494, 1636, 4254, 157926))
"""Stories that found holes in the rules of the protocol, or in the model."""

REAL_SEEDS = tuple(~seed for seed in (0, 62, 144, 204, 259))
"""Stories that found faults in the real code, or in the simulation."""

MODEL_FOUND: dict[str, tuple[int, ...]] = {
    "seq-last": (38,),
    "feed-with-rows": (12,),
    "one-snapshot": (251,),
    "row-locks": (5,),
    "nonce": (14,),
    "seen-token": (14,),
    "old-coordinates": (0,),
    "new-coordinates": (5,),
    "leave-on-transfer": (0,),
    "names-people": (97,),
    "taking-part": (2,),
    "project-classes": (0,),
    "compaction-in-feed": (157926,),
    "compaction-keeps-units": (117,),
    "since-checked": (0,),
    "access-checked": (6,),
    "by-revision": (138,),
    "whole-replaces": (6,),
    "wanted-asked": (0,),
    "wanted-kept": (0,),
    "from-checked": (0,),
    "page-one-transaction": (12,),
    "poke-is-a-hint": (18,),
    "as-of-checked": (108,),
    "fill-one-transaction": (360,),
    "head-before-fill": (0,),
    "version-checked": (12,),
    "version-compared": (0,),
    "purge": (0,),
    "purge-by-reason": (6,),
    "purge-by-base": (6,),
    "wanted-survives-purge": (97,),
    "classes-asked-again": (6,),
    "gained-filled": (1,),
    "mine-filled": (60,),
    "fill-restarts": (1785,),
    "gone-purges": (22,),
    "tombstones": (10,),
    "grants-in-feed": (302,),
    "dedupe": (0,),
    "verdict-with-effect": (2,),
    "verdict-to-any-device": (5,),
    "entry-id-derived": (1,),
    "number-once": (2,),
    "retry-keeps-order": (27,),
    "depends-on": (2,),
    "orphans-withdrawn": (2073,),
    "push-no-checked": (5,),
    "repeat-is-no-copy": (3,),
    "push-no-kept": (0,),
    "sent-kept": (112,),
    "sent-stays": (15,),
    "unsent-to-attention": (10,),
    "outbox-kept": (5,),
    "resent-create-first": (54,),
    "withdraw": (72,),
    "halving": (2,),
    "attention": (0,),
    "verdict-final": (0,),
    "ack-kept": (0,),
    "ack-dropped": (0,),
    "ack-by-rev": (1,),
    "replay-from-base": (0,),
    "replay-asks-no-level": (9,),
    "own-wins": (0,),
    "rebase-on-page": (0,),
    "pull-not-behind-outbox": (2,),
    "clock-bounded": (0,),
    "reset-asks-all": (22,),
}
"""By mutant of the model, seeds that notice it."""

REAL_FOUND: dict[str, tuple[int, ...]] = {
    "from-cursor": (
        5,
        18,
    ),
    "rows-version": (
        9,
        14,
    ),
    "one-transaction": (
        9,
        34,
    ),
    "access": (
        2,
        5,
    ),
    "wanted": (
        1,
        6,
    ),
    "purge": (
        0,
        1,
    ),
    "purge-by-reason": (23,),
    "purge-log": (
        22,
        0,
    ),
    "secure-delete": (
        22,
        0,
    ),
    "purge-search": (
        0,
        1,
    ),
    "gained": (
        2,
        4,
    ),
    "mine": (17,),
    "unsent-kept": (
        0,
        1,
    ),
    "ack-dropped": (
        2,
        23,
    ),
    "rebase": (
        2,
        5,
    ),
    "replay-from-base": (
        1,
        3,
    ),
    "own-wins": (
        10,
        23,
    ),
    "outbox-kept": (
        5,
        21,
    ),
    "leave": (
        22,
        0,
    ),
    "taking-part": (27,),
    "old-coordinates": (
        22,
        0,
    ),
    "project-classes": (
        0,
        1,
    ),
    "masking": (
        0,
        1,
    ),
    "version-compared": (
        0,
        1,
    ),
    "dense": (
        0,
        2,
    ),
    "number-once": (
        0,
        1,
    ),
    "verdict-with-effect": (
        13,
        21,
    ),
    "ack-kept": (
        12,
        13,
    ),
    "push-no": (
        5,
        21,
    ),
    "dedupe": (
        0,
        3,
    ),
    "clock": (19,),
    "verdict-to-any-device": (45,),
    "sent-stays": (
        102,
        116,
    ),
    "withdraw": (
        449,
        585,
    ),
    "as-of": (654,),
    "sent-kept": (
        102,
        116,
    ),
    "names-people": (537,),
}
"""By mutant of the real code, seeds that notice it."""
