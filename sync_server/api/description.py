"""The OpenAPI description of what the server answers, made from the structs that cross the wire."""

from collections.abc import Sequence
from typing import Any

import msgspec
from litestar import Request, Response, Router, get

from domain.wire import identity as i
from domain.wire import reports as r
from domain.wire import sync as s
from domain.wire.attachments import AttachmentLimits, UploadBegin, UploadState
from domain.wire.commands import INTENTS
from domain.wire.customers import CustomerAnswer, CustomerQuery, CustomersPush, OrdersPush, PushTaken
from domain.wire.explaining import ExplainAnswer, ExplainRequest
from domain.wire.integrity import DigestAnswer, DigestRequest
from domain.wire.older import OlderAnswer, OlderRequest
from domain.wire.protocol import PROTOCOL
from domain.wire.recovery import RecoverAnswer, RecoverRequest
from domain.wire.snapshot import SnapshotAnswer, SnapshotRequest
from domain.wire.text_modules import KeepTextModule
from sync_server.api import messages
from sync_server.api.health import program_version

_REF = "#/components/schemas/{name}"
_PROBLEM = "application/problem+json"
_BYTES = "application/octet-stream"
_BINARY = {"type": "string", "format": "binary"}


class Endpoint(msgspec.Struct, frozen=True, kw_only=True):
    """One address: what is asked and answered; `None` where there is no such body, ``bytes`` where it is no JSON."""

    method: str
    path: str
    summary: str
    asks: Any = None
    answers: Any = None
    signed_in: bool = True
    query: tuple[str, ...] = ()
    media: str = "application/json"


_PERIOD = ("from", "to", "zone", "unit", "line", "category", "team")

ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="get",
        path="/v1/health",
        summary="Whether the server can work.",
        answers=i.Health,
        signed_in=False,
    ),
    Endpoint(
        method="get",
        path="/v1/openapi.json",
        summary="This description.",
        answers=dict[str, Any],
        signed_in=False,
    ),
    Endpoint(
        method="post",
        path="/v1/sign-in",
        summary="Sign in on a device.",
        asks=i.SignIn,
        answers=i.SignedIn,
        signed_in=False,
    ),
    Endpoint(
        method="post",
        path="/v1/refresh",
        summary="New tokens for a refresh token, once.",
        asks=i.Refresh,
        answers=i.Refreshed,
        signed_in=False,
    ),
    Endpoint(
        method="post", path="/v1/sign-out", summary="Give this device's tokens up.", answers=dict[str, Any]
    ),
    Endpoint(
        method="post",
        path="/v1/devices/register",
        summary="Become another device with the same outbox.",
        asks=i.DeviceName,
        answers=i.SignedIn,
    ),
    Endpoint(
        method="put",
        path="/v1/devices/{device}/key",
        summary="Have the replica's key kept.",
        asks=i.ReplicaKey,
        answers=dict[str, Any],
    ),
    Endpoint(
        method="get", path="/v1/devices/{device}/key", summary="Get the kept key back.", answers=i.ReplicaKey
    ),
    Endpoint(
        method="post",
        path="/v1/sync/push",
        summary="Send commands.",
        asks=s.PushRequest,
        answers=s.PushAnswer,
    ),
    Endpoint(
        method="post",
        path="/v1/sync/pull",
        summary="What moved since a cursor.",
        asks=s.PullRequest,
        answers=s.PullAnswer,
    ),
    Endpoint(
        method="post",
        path="/v1/sync/tickets",
        summary="Whole tickets by id.",
        asks=s.TicketsRequest,
        answers=s.RowsAnswer,
    ),
    Endpoint(
        method="post",
        path="/v1/sync/backfill",
        summary="A page of a range.",
        asks=s.BackfillRequest,
        answers=s.RowsAnswer,
    ),
    Endpoint(
        method="post",
        path="/v1/sync/digest",
        summary="Where two ends differ.",
        asks=DigestRequest,
        answers=DigestAnswer,
    ),
    Endpoint(
        method="post",
        path="/v1/tickets/search",
        summary="Find tickets that desktops keep no longer.",
        asks=OlderRequest,
        answers=OlderAnswer,
    ),
    Endpoint(
        method="post",
        path="/v1/explain",
        summary="Why a ticket is as it is: policy, deadlines, rules, route, messages.",
        asks=ExplainRequest,
        answers=ExplainAnswer,
    ),
    Endpoint(
        method="post",
        path="/v1/sync/recover",
        summary="Give back what a restored server lost.",
        asks=RecoverRequest,
        answers=RecoverAnswer,
    ),
    Endpoint(
        method="get",
        path="/v1/sync/poke",
        summary="A stream that says when something changed.",
        media="text/event-stream",
    ),
    Endpoint(
        method="put",
        path="/v1/text-modules/{id}",
        summary="Keep a text of the caller's own.",
        asks=KeepTextModule,
        answers=dict[str, Any],
    ),
    Endpoint(
        method="delete",
        path="/v1/text-modules/{id}",
        summary="Drop a text of the caller's own.",
        answers=dict[str, Any],
    ),
    Endpoint(method="get", path="/v1/attachments", summary="What may be attached.", answers=AttachmentLimits),
    Endpoint(
        method="post",
        path="/v1/sync/snapshot",
        summary="Whether there is a snapshot of everything, and what moved since.",
        asks=SnapshotRequest,
        answers=SnapshotAnswer,
    ),
    Endpoint(
        method="get",
        path="/v1/sync/snapshot/{id}/{number}",
        summary="One part of a snapshot.",
        answers=bytes,
    ),
    Endpoint(
        method="post",
        path="/v1/attachments/{hash}",
        summary="Begin an upload, or ask how far it is.",
        asks=UploadBegin,
        answers=UploadState,
    ),
    Endpoint(
        method="put",
        path="/v1/attachments/{hash}/{offset}",
        summary="One part of a content.",
        asks=bytes,
        answers=UploadState,
    ),
    Endpoint(
        method="get",
        path="/v1/attachments/{hash}",
        summary="The content, whole or a range.",
        answers=bytes,
        query=("ticket",),
    ),
    Endpoint(
        method="post",
        path="/v1/customers/search",
        summary="Who a customer is, with the orders and tickets that the caller may know of.",
        asks=CustomerQuery,
        answers=CustomerAnswer,
    ),
    Endpoint(
        method="post",
        path="/v1/customers",
        summary="Customers as another system knows them; takes an integration's token.",
        asks=CustomersPush,
        answers=PushTaken,
    ),
    Endpoint(
        method="post",
        path="/v1/orders",
        summary="Orders as another system knows them; takes an integration's token.",
        asks=OrdersPush,
        answers=PushTaken,
    ),
    Endpoint(
        method="get",
        path="/v1/reports/overview",
        summary="The figures of a period.",
        answers=r.Overview,
        query=_PERIOD,
    ),
    Endpoint(
        method="get",
        path="/v1/reports/cases",
        summary="Tickets by what they have in common, and what imported logs tell of them.",
        answers=r.Cases,
        query=(*_PERIOD, "by", "mark", "source"),
    ),
    Endpoint(
        method="get",
        path="/v1/reports/tickets",
        summary="The tickets behind a figure.",
        answers=r.TicketList,
        query=(*_PERIOD, "measure", "key"),
    ),
)


def description(endpoints: Sequence[Endpoint] = ENDPOINTS) -> dict[str, Any]:
    """The whole as an OpenAPI 3.1 document."""
    kinds = [kind for one in endpoints for kind in (one.asks, one.answers) if kind not in (None, bytes)]
    intents = sorted(INTENTS.items())
    every = [*(kind for _, kind in intents), *kinds, s.Problem]
    schemas, components = msgspec.json.schema_components(every, ref_template=_REF)
    commands, schemas = schemas[: len(intents)], schemas[len(intents) :]
    found = iter(schemas[:-1])
    paths: dict[str, dict[str, Any]] = {}
    for one in endpoints:
        asks = _BINARY if one.asks is bytes else next(found) if one.asks is not None else None
        answers = next(found) if one.answers not in (None, bytes) else {}
        paths.setdefault(one.path, {})[one.method] = _operation(one, asks, answers, schemas[-1])
    return {
        "openapi": "3.1.0",
        "info": {"title": "Gongdan", "version": program_version(), "x-protocol": PROTOCOL},
        "x-commands": {kind: schema for (kind, _), schema in zip(intents, commands, strict=True)},
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(one: Endpoint, asks: Any, answers: Any, problem: Any) -> dict[str, Any]:
    media = _BYTES if one.answers is bytes else one.media
    refusal = {"description": "Refused, with a stable code.", "content": {_PROBLEM: {"schema": problem}}}
    made: dict[str, Any] = {
        "summary": one.summary,
        "responses": {
            "200": {"description": "Done.", "content": {media: {"schema": answers}}},
            "default": refusal,
        },
    }
    in_path = [part[1:-1] for part in one.path.split("/") if part.startswith("{")]
    given = [("path", name, True) for name in in_path] + [("query", name, False) for name in one.query]
    if given:
        made["parameters"] = [
            {"in": place, "name": name, "required": required, "schema": {"type": "string"}}
            for place, name, required in given
        ]
    if asks is not None:
        sent = _BYTES if one.asks is bytes else "application/json"
        made["requestBody"] = {"required": True, "content": {sent: {"schema": asks}}}
    if one.signed_in:
        made["security"] = [{"token": []}]
    return made


def routes() -> Router:
    """The address of this module."""

    @get("/openapi.json", sync_to_thread=True)
    def description_route(request: Request[Any, Any, Any]) -> Response[bytes]:
        return messages.answer(request, description())

    return Router(path="/v1", route_handlers=[description_route])
