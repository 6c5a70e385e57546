"""The model's messages, as tuples whose first place is the kind."""

from tests.simulation.model.rules import Command, Entry, Row, Scope

PUSH, PULL, FILL, TICKETS, LIST, OFFER, UPLOAD, LOOK = range(8)
VERDICTS, STALE, ERROR, PAGE, SCOPE, RESET, ROWS = range(7)
EXPIRED, LISTED, TAKEN, STORED, BYTES, REVOKED, OTHER_EPOCH = range(7, 14)
REQUEST_NAMES = "push pull back-fill tickets list offer upload look".split()  # noqa: SIM905

MINE = 4
"""The range of the tickets a person takes part in; ranges 0–3 are the stores."""

Token = tuple[int, int, int]
"""Epoch, seq and the nonce of its change row: what a cursor is."""
Version = tuple[int, int]
"""Grants version and tree version."""
Put = tuple[int, Row, int, int, tuple[tuple[int, Entry], ...]]
"""Ticket, its row, since which revision, the access it was projected to, and the children."""
Verdict = tuple[int, int, int, int, int]
"""Command, status, revision of the ticket after it, seq, number."""

Returned = tuple[int, int, int]
"""A command that was acknowledged before the server was restored: command, its seq then, its number."""
PushRequest = tuple[
    int, int, int, tuple[Command, ...], tuple[int, ...], tuple[Returned, ...], tuple[Token, ...], int
]
"""PUSH, device, push number, commands, commands to withdraw, those that return, heads met, protocol."""
PullRequest = tuple[int, Token | None, tuple[Token, ...], Version, int, bool]
"""PULL, cursor, heads met since the last page, scope version, limit, whether the digest is wanted."""
FillRequest = tuple[int, Version, int, int, int]
"""FILL, scope version, range, after which ticket, limit."""
TicketsRequest = tuple[int, Version, tuple[int, ...]]
"""TICKETS, scope version, ids."""
ListRequest = tuple[int, Version]
"""LIST, scope version."""
Request = PushRequest | PullRequest | FillRequest | TicketsRequest | ListRequest

VerdictsAnswer = tuple[int, tuple[Verdict, ...], Token]
FailedAnswer = tuple[int]
Digest = tuple[int, int]
"""How many tickets, and the sum of their marks and classes."""
PageAnswer = tuple[
    int, Token, Token, bool, Version, tuple[Put, ...], tuple[int, ...], Token, int, Digest | None
]
"""PAGE, from, to, more, scope version, puts, leaves, head, since when closed tickets are kept, digest."""
ScopeAnswer = tuple[int, Version, Scope, Token]
ResetAnswer = tuple[int, Token | None, Token, Version, Scope, int | None]
"""RESET or EXPIRED, the cursor asked with, the head, scope version, scope, what the server was restored to."""
RowsAnswer = tuple[int, Token, Version, tuple[Put, ...], tuple[int, ...], int, bool, tuple[int, ...]]
"""ROWS, as of, scope version, puts, gone, next, done, missing while lost work may still come back."""
ListedAnswer = tuple[int, Token, Version, tuple[tuple[int, int, int], ...], int]
"""LISTED, as of, scope version, each ticket with its mark and classes, since when closed ones are kept."""
Answer = VerdictsAnswer | FailedAnswer | PageAnswer | ScopeAnswer | ResetAnswer | RowsAnswer | ListedAnswer
