"""What desktops give back after a restore, over HTTP (SYNC §6)."""

from typing import Any

from litestar import Request, Response, Router, post
from litestar.params import RawBody

from domain.errors import InvalidInputError
from domain.wire.protocol import MAX_BATCH_BYTES
from domain.wire.recovery import MAX_RETURNED, MAX_ROW_BYTES, MAX_ROWS, RecoverRequest
from sync_server.api import messages
from sync_server.api.callers import caller, same_device
from sync_server.api.sealing import server_secret
from sync_server.api.services import Services
from sync_server.push.proofs import Proofs
from sync_server.push.returning import Returning
from sync_server.push.sender import Sender

Asked = Request[Any, Any, Any]

RECOVER_BYTES = MAX_BATCH_BYTES + MAX_ROW_BYTES


def routes(services: Services) -> Router:
    """The address of this module."""
    proofs = Proofs(server_secret(services.settings.folder))
    returning = Returning(services.store, pusher=services.pusher, clock=services.clock, proofs=proofs)

    @post("/recover", sync_to_thread=True)
    def recover_route(request: Asked, body: RawBody) -> Response[bytes]:
        message = messages.read(request, body, RecoverRequest, limit=RECOVER_BYTES)
        messages.check_protocol(message.protocol)
        found = caller(services, request)
        same_device(found, message.device)
        for count, most in (
            (len(message.commands), MAX_RETURNED),
            (len(message.rows), MAX_ROWS),
            (len(message.ask), MAX_ROWS),
        ):
            if count > most:
                raise InvalidInputError("batch_too_large", limit=most, count=count)
        sender = Sender(person=found.person, device=found.device)
        return messages.answer(request, returning.take(sender, message))

    return Router(path="/v1/sync", route_handlers=[recover_route])
