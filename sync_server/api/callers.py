"""Who sent a request: from its bearer token to a person and a device."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from litestar import Request

from domain.errors import RefusedError
from sync_server.access import tokens
from sync_server.access.audit import Origin
from sync_server.access.tokens import Caller, Seen
from sync_server.api.services import Services

if TYPE_CHECKING:
    from sqlalchemy import Connection


def bearer(request: Request[Any, Any, Any]) -> str:
    """The token of a request; refused (``token_missing``) where there is none."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise RefusedError("token_missing")
    return token.strip()


def origin(request: Request[Any, Any, Any], device: str = "") -> Origin:
    """Where a request comes from."""
    return Origin(address=request.client.host if request.client else "", device=device)


@contextmanager
def reading(services: Services, request: Request[Any, Any, Any]) -> Iterator[tuple["Connection", Caller]]:
    """One snapshot together with the caller as it knows them."""
    now = services.clock.now()
    seen: Seen | None = None
    try:
        with services.store.read() as conn:
            seen = tokens.authenticate(conn, bearer(request), now=now)
            yield conn, seen.caller
    finally:
        # After the snapshot is given back, so that no thread ever holds two connections.
        if seen is not None and seen.first_use:
            _mark(services, seen.hash, now)


def _mark(services: Services, hash: str, now: int) -> None:
    with services.store.write() as conn:
        tokens.mark_used(conn, hash, now=now)
        conn.commit()


def caller(services: Services, request: Request[Any, Any, Any]) -> Caller:
    """The caller, where nothing else is read in the same snapshot."""
    with reading(services, request) as (_, found):
        return found


def same_device(found: Caller, device: str) -> None:
    """Refuse (``wrong_device``) a message that names another device than its token's."""
    if found.device != device:
        raise RefusedError("wrong_device")
