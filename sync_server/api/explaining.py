"""Why a ticket is as it is, for whoever may see it: what is internal only to those who are shown internal fields."""

from typing import Any

from litestar import Request, Response, Router, post
from litestar.params import RawBody

from domain.entities.people import INTERNAL
from domain.errors import RefusedError
from domain.wire.explaining import ExplainAnswer, ExplainRequest
from sync_server.access.viewer import load_viewer
from sync_server.api import messages
from sync_server.api.callers import reading, same_device
from sync_server.api.services import Services
from sync_server.reports.explaining import explained, ticket_numbered

Asked = Request[Any, Any, Any]

SMALL = 16 * 1024
"""Bytes; the message is short."""


def explain(services: Services, request: Asked, body: bytes) -> Response[bytes]:
    """The sections of one ticket; refused (``out_of_scope``) alike where there is none and where it is not seen."""
    message = messages.read(request, body, ExplainRequest, limit=SMALL)
    messages.check_protocol(message.protocol)
    with reading(services, request) as (conn, found):
        same_device(found, message.device)
        configuration, tree = services.configurations.current(conn), services.trees.current(conn)
        viewer = load_viewer(conn, found.person, tree, configuration)
        ticket = ticket_numbered(conn, message.ticket)
        held = viewer.access(ticket) if ticket is not None else None
        if ticket is None or held is None or not held.visible:
            raise RefusedError("out_of_scope", kind="explain")
        sections = explained(
            conn,
            ticket,
            configuration=configuration,
            tree=tree,
            now=services.clock.now(),
            internal=bool(held.classes & INTERNAL),
        )
    return messages.answer(request, ExplainAnswer(sections=sections))


def routes(services: Services) -> Router:
    """The address of this module."""

    @post("/", sync_to_thread=True)
    def explain_route(request: Asked, body: RawBody) -> Response[bytes]:
        return explain(services, request, body)

    return Router(path="/v1/explain", route_handlers=[explain_route])
