"""Who sent a request: from its bearer token to a person and a device."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import structlog
from litestar import Request

from domain.errors import RefusedError
from domain.rules.unlocking import revocation_proof
from sync_server.access import tokens
from sync_server.access.audit import DENIED, REFUSED, Origin
from sync_server.access.tokens import Caller, Seen
from sync_server.access.viewer import Viewer
from sync_server.api.meters import CALLER
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
def reading(
    services: Services, request: Request[Any, Any, Any], *, leaving: bool = False
) -> Iterator[tuple["Connection", Caller]]:
    """One snapshot together with the caller as it knows them; `leaving`: also a revoked device's last push."""
    with _authenticated(services, request, leaving=leaving) as (conn, seen):
        yield conn, seen.caller


@contextmanager
def viewing(
    services: Services, request: Request[Any, Any, Any]
) -> Iterator[tuple["Connection", Caller, Viewer]]:
    """One snapshot with the caller and what they may see in it, asking only for what has changed since last time."""
    with _authenticated(services, request) as (conn, seen):
        person, version = seen.caller.person, seen.grants_version
        viewer = Viewer(
            person=person,
            grants=services.grants.of(conn, person, version),
            grants_version=version,
            tree=services.trees.current(conn, seen.tree_version),
            configuration=services.configurations.current(conn, seen.config_version),
        )
        yield conn, seen.caller, viewer


@contextmanager
def _authenticated(
    services: Services, request: Request[Any, Any, Any], *, leaving: bool = False
) -> Iterator[tuple["Connection", Seen]]:
    now = services.clock.now()
    seen: Seen | None = None
    denied = ""
    try:
        with services.store.read() as conn:
            with proving(services):
                seen = tokens.authenticate(conn, bearer(request), now=now, leaving=leaving)
            name_in_log(request, seen.caller)
            yield conn, seen
    except RefusedError as error:
        denied = error.code
        raise
    finally:
        # After the snapshot is given back, so that no thread ever holds two connections.
        if seen is not None:
            services.known.keep(seen)
            if seen.first_use:
                _mark(services, seen.hash, now)
            if denied in DENIED:
                asked = {"path": request.url.path, "ticket": request.query_params.get("ticket", "")}
                note_denied(services, request, seen.caller, [{"code": denied, **asked}])


def note_denied(
    services: Services,
    request: Request[Any, Any, Any],
    found: Caller,
    refusals: Sequence[Mapping[str, Any]],
) -> None:
    """Write down what somebody asked for that is not theirs: ids and codes, nothing they wrote."""
    where = origin(request, found.device)
    with services.store.write() as conn:
        for one in refusals:
            services.audit.record(
                conn, REFUSED, at=services.clock.now(), person=found.person, origin=where, detail=one
            )
        conn.commit()


def name_in_log(request: Request[Any, Any, Any], found: Caller) -> None:
    """Have what is logged from here on, on this thread and of this request, name the caller."""
    structlog.contextvars.bind_contextvars(person=found.person, device=found.device)
    request.scope[CALLER] = (found.person, found.device)  # type: ignore[literal-required]


def _mark(services: Services, hash: str, now: int) -> None:
    with services.store.write() as conn:
        tokens.mark_used(conn, hash, now=now)
        conn.commit()


def caller(services: Services, request: Request[Any, Any, Any], *, leaving: bool = False) -> Caller:
    """The caller, where nothing else is read in the same snapshot."""
    with reading(services, request, leaving=leaving) as (_, found):
        return found


def remembered(services: Services, request: Request[Any, Any, Any]) -> tuple[Caller | None, str]:
    """The caller if the token was met before, and its hash: whoever uses it has to look whether it still holds."""
    hash = tokens.hashed(bearer(request))
    return services.known.find(hash, now=services.clock.now()), hash


@contextmanager
def proving(services: Services) -> Iterator[None]:
    """Have a device that is told of its revocation also told what proves that we said so: it destroys its key."""
    try:
        yield
    except RefusedError as error:
        raise proven(services, error) from None


def proven(services: Services, error: RefusedError) -> RefusedError:
    """The refusal, with the proof where it is that of a revoked device."""
    if error.code != "device_revoked":
        return error
    told = error.args_by_name
    device, stolen = str(told["device"]), bool(told["stolen"])
    secret = services.sealer.device_secret(device)
    return RefusedError(error.code, **told, proof=revocation_proof(secret, device, stolen=stolen))


def same_device(found: Caller, device: str) -> None:
    """Refuse (``wrong_device``) a message that names another device than its token's."""
    if found.device != device:
        raise RefusedError("wrong_device")
