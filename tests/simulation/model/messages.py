"""The model's messages, as tuples whose first place is the kind."""

from tests.simulation.model.rules import Command, Entry, Row, Scope

PUSH, PULL, FILL, TICKETS = range(4)
VERDICTS, STALE, ERROR, PAGE, SCOPE, RESET, ROWS = range(7)
REQUEST_NAMES = ("push", "pull", "back-fill", "tickets")

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

PushRequest = tuple[int, int, int, tuple[Command, ...], tuple[int, ...]]
"""PUSH, device, push number, commands, commands to withdraw."""
PullRequest = tuple[int, Token | None, tuple[Token, ...], Version, int]
"""PULL, cursor, heads met since the last page, scope version, limit."""
FillRequest = tuple[int, Version, int, int, int]
"""FILL, scope version, range, after which ticket, limit."""
TicketsRequest = tuple[int, Version, tuple[int, ...]]
"""TICKETS, scope version, ids."""
Request = PushRequest | PullRequest | FillRequest | TicketsRequest

VerdictsAnswer = tuple[int, tuple[Verdict, ...], Token]
FailedAnswer = tuple[int]
PageAnswer = tuple[int, Token, Token, bool, Version, tuple[Put, ...], tuple[int, ...], Token]
"""PAGE, from, to, more, scope version, puts, leaves, head."""
ScopeAnswer = tuple[int, Version, Scope, Token]
ResetAnswer = tuple[int, Token | None, Token, Version, Scope]
"""RESET, the cursor asked with, the head, scope version, scope."""
RowsAnswer = tuple[int, Token, Version, tuple[Put, ...], tuple[int, ...], int, bool]
"""ROWS, as of, scope version, puts, gone, next, done."""
Answer = VerdictsAnswer | FailedAnswer | PageAnswer | ScopeAnswer | ResetAnswer | RowsAnswer
