"""The sync protocol over HTTP: push, pull, tickets, back-fill, digests and the poke stream (SYNC §3)."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from litestar import Request, Response, Router, get, post
from litestar.params import FromPath, RawBody
from msgspec.structs import replace

from domain.errors import RefusedError
from domain.wire.integrity import DigestRequest
from domain.wire.protocol import MAX_BATCH_BYTES
from domain.wire.snapshot import SnapshotRequest
from domain.wire.sync import (
    BackfillRequest,
    PullAnswer,
    PullRequest,
    PushAnswer,
    PushRequest,
    TicketsRequest,
)
from sync_server.access.audit import DENIED
from sync_server.access.tokens import Caller
from sync_server.access.viewer import Viewer
from sync_server.api import messages, streams
from sync_server.api.callers import caller, name_in_log, note_denied, remembered, same_device, viewing
from sync_server.api.services import Services
from sync_server.feed.backfill import backfill, tickets
from sync_server.feed.digest import shares
from sync_server.feed.reader import pull
from sync_server.feed.snapshot import may_take, offer
from sync_server.push.sender import Sender

if TYPE_CHECKING:
    from sqlalchemy import Connection

Asked = Request[Any, Any, Any]
Ids = tuple[str, ...]

PUSH_BYTES = 2 * MAX_BATCH_BYTES
"""A batch as clients make it, with room for a command that has to be answered as too large."""
_NOT_HELD = frozenset({"token_unknown", "device_revoked", "device_unknown"})
"""Said of a remembered caller: to be asked for anew."""
ASK_BYTES = 256 * 1024


def take_push(services: Services, request: Asked, body: bytes) -> Response[bytes]:
    """Judge the caller's commands."""
    message = messages.read(request, body, PushRequest, limit=PUSH_BYTES)
    messages.check_protocol(message.protocol)
    known, token = remembered(services, request)
    if known is not None:
        same_device(known, message.device)
        try:
            sender = Sender(person=known.person, device=known.device, token=token)
            name_in_log(request, known)
            return messages.answer(request, _judged(services, request, known, sender, message))
        except RefusedError as error:
            if error.code not in _NOT_HELD:
                raise
            services.known.forget(token)
    found = caller(services, request, leaving=True)
    same_device(found, message.device)
    # Looked at once more under the device's lock: it may be signed out while this waits for its turn.
    sender = Sender(person=found.person, device=found.device, token=token, leaving=found.leaving)
    return messages.answer(request, _judged(services, request, found, sender, message))


def _judged(
    services: Services, request: Asked, found: Caller, sender: Sender, message: PushRequest
) -> PushAnswer:
    answer = services.pusher.push(sender, message)
    services.meters.judged(message.commands, answer.verdicts)
    pairs = zip(message.commands, answer.verdicts, strict=False)
    denied = [
        {"code": told.code, "kind": asked.kind, "ticket": asked.ticket_id, "command": asked.id}
        for asked, told in pairs
        if told.status == "rejected" and told.code in DENIED and not told.duplicate
    ]
    if denied:
        note_denied(services, request, found, denied)
    return answer


def read_page(
    services: Services,
    request: Asked,
    body: bytes,
    kind: type[Any],
    page: Callable[..., object],
    **more: Any,
) -> Response[bytes]:
    """Answer one page for the caller, everything from one snapshot."""
    message = messages.read(request, body, kind, limit=ASK_BYTES)
    messages.check_protocol(message.protocol)
    with viewing(services, request) as (conn, found, viewer):
        same_device(found, message.device)
        return messages.answer(request, page(conn, viewer, message, **more))


def give_part(services: Services, request: Asked, id: str, number: int) -> Response[bytes]:
    """The bytes of a snapshot's part, for those alone who may see everything."""
    with viewing(services, request) as (conn, _, viewer):
        if not may_take(viewer):
            raise RefusedError("not_found")
        packed = services.snapshots.part(conn, id, number)
    return Response(packed, media_type="application/octet-stream", headers={"Cache-Control": "no-store"})


def routes(services: Services) -> Router:
    """The addresses of this module."""

    @post("/push", sync_to_thread=True)
    def push_route(request: Asked, body: RawBody) -> Response[bytes]:
        return take_push(services, request, body)

    def pull_page(
        conn: "Connection", viewer: Viewer, asked: PullRequest, *, now: int, reads: list[tuple[str, Ids]]
    ) -> PullAnswer:
        reads.append((viewer.person, asked.read))
        answer = pull(conn, viewer, asked, now=now, tail=services.tail)
        answer = replace(answer, read=asked.read)
        if answer.more or answer.scope is not None:
            return answer
        services.hub.pulled(asked.device, answer.head)
        return replace(answer, retry_after_ms=services.gates["pull"].advice_ms())

    @post("/pull", sync_to_thread=True)
    def pull_route(request: Asked, body: RawBody) -> Response[bytes]:
        now, reads = services.clock.now(), list[tuple[str, Ids]]()
        answer = read_page(services, request, body, PullRequest, pull_page, now=now, reads=reads)
        for person, ids in reads:
            # After the page, which holds a connection. Where this fails there is no answer, and they come again.
            services.receipts.take(person, ids, at=now)
        return answer

    @post("/tickets", sync_to_thread=True)
    def tickets_route(request: Asked, body: RawBody) -> Response[bytes]:
        return read_page(services, request, body, TicketsRequest, tickets)

    @post("/backfill", sync_to_thread=True)
    def backfill_route(request: Asked, body: RawBody) -> Response[bytes]:
        return read_page(services, request, body, BackfillRequest, backfill, now=services.clock.now())

    @post("/digest", sync_to_thread=True)
    def digest_route(request: Asked, body: RawBody) -> Response[bytes]:
        services.meters.repairs()
        return read_page(services, request, body, DigestRequest, shares)

    @post("/snapshot", sync_to_thread=True)
    def snapshot_route(request: Asked, body: RawBody) -> Response[bytes]:
        return read_page(services, request, body, SnapshotRequest, offer, snapshots=services.snapshots)

    @get("/snapshot/{id:str}/{number:int}", sync_to_thread=True)
    def part_route(request: Asked, id: FromPath[str], number: FromPath[int]) -> Response[bytes]:
        return give_part(services, request, id, number)

    handlers = [push_route, pull_route, tickets_route, backfill_route, digest_route, streams.route(services)]
    handlers += [snapshot_route, part_route]
    return Router(path="/v1/sync", route_handlers=handlers)
