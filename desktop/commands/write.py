"""Writing into a ticket: answers, notes, new values."""

from collections.abc import Mapping, Sequence
from typing import Any

from desktop.commands.runner import Gesture, Runner
from desktop.replica.changed import Changed
from domain.wire.attachments import AttachmentRef
from domain.wire.commands import ChangeStatus, EditTicket, Reply


def reply(runner: Runner, ticket: str, *, body: str, files: Sequence[AttachmentRef] = ()) -> Changed:
    """Answer the requester."""
    intent = Reply(body=body, attachments=tuple(files))
    return runner.run([Gesture(ticket=ticket, kind="reply", intent=intent)])


def reply_and_wait(runner: Runner, ticket: str, *, body: str, files: Sequence[AttachmentRef] = ()) -> Changed:
    """Answer the requester and wait for theirs; both or neither."""
    return runner.run(
        [
            Gesture(ticket=ticket, kind="reply", intent=Reply(body=body, attachments=tuple(files))),
            Gesture(ticket=ticket, kind="status", intent=ChangeStatus(to="pending")),
        ]
    )


def note(runner: Runner, ticket: str, *, body: str, files: Sequence[AttachmentRef] = ()) -> Changed:
    """Write an internal note."""
    intent = Reply(body=body, internal=True, attachments=tuple(files))
    return runner.run([Gesture(ticket=ticket, kind="reply", intent=intent)])


def edit(runner: Runner, tickets: Sequence[str], *, values: Mapping[str, Any]) -> Changed:
    """Set values by key: `subject`, `priority`, `category`, `type`, `fields.KEY`, `personal.KEY`."""
    intent = EditTicket(values=dict(values))
    return runner.run([Gesture(ticket=ticket, kind="edit", intent=intent) for ticket in tickets])
