"""Signing in and out, refreshing tokens, registering devices, keeping replica keys (SYNC §7)."""

import base64
from typing import Any

from litestar import Request, Response, Router, get, post, put
from litestar.params import FromPath, RawBody

from domain.entities.base import Instant
from domain.errors import GongdanError, RefusedError
from domain.rules.leases import DAY_S, lease_policy
from domain.wire.identity import (
    DeviceName,
    Lease,
    Me,
    Refresh,
    Refreshed,
    ReplicaKey,
    SignedIn,
    SignIn,
)
from domain.wire.protocol import PROTOCOL
from sync_server.access import accounts, devices, tokens
from sync_server.access.tokens import Caller
from sync_server.access.viewer import load_grants
from sync_server.api import messages
from sync_server.api.callers import caller, origin, proving, reading
from sync_server.api.services import Services

Asked = Request[Any, Any, Any]

SMALL = 16 * 1024
"""Bytes; every message here is short."""


def sign_in(services: Services, request: Asked, message: SignIn) -> SignedIn:
    """Check the password and register the device; refused as ``wrong_password`` or ``locked_out``."""
    now = services.clock.now()
    with services.store.read() as conn:
        account = accounts.by_login(conn, message.login)
    if account is not None and account.locked_until > now:
        raise _locked(account.locked_until, now)
    fits = services.passwords.fits(
        account.password_hash if account is not None and account.active else None, message.password
    )
    if account is None or not fits:
        raise _failed(services, request, None if account is None else account.id, now)
    return services.store.retrying(lambda: _succeeded(services, request, account, message, now))


def _locked(until: Instant, now: Instant) -> RefusedError:
    return RefusedError("locked_out", until=until, retry_after_s=max(1, (until - now) // 1000))


def _failed(services: Services, request: Asked, person: str | None, now: Instant) -> RefusedError:
    settings = services.settings
    with services.store.write() as conn:
        services.audit.record(
            conn, "sign_in_refused", at=now, person=person, origin=origin(request), detail={}
        )
        until = None
        if person is not None:
            until = accounts.failed(
                conn, person, now=now, attempts=settings.sign_in_attempts, lock_out_s=settings.lock_out_s
            )
        conn.commit()
    return RefusedError("wrong_password") if until is None else _locked(until, now)


def _succeeded(services: Services, request: Asked, account: Any, message: SignIn, now: Instant) -> SignedIn:
    with services.store.write() as conn:
        accounts.succeeded(conn, account.id)
        if services.passwords.outdated(account.password_hash):
            accounts.keep_hash(conn, account.id, services.passwords.hash(message.password))
        with proving(services):
            answer = _registered(services, request, conn, account.id, message.device, now, action="signed_in")
        conn.commit()
    return answer


def _registered(
    services: Services,
    request: Asked,
    conn: Any,
    person: str,
    wanted: DeviceName,
    now: Instant,
    *,
    action: str,
) -> SignedIn:
    """Give a person's device, known or new, its tokens; part of the caller's transaction."""
    account = accounts.by_id(conn, person)
    device = devices.known_or_new(conn, services.ids, person=person, wanted=wanted, now=now)
    caller = Caller(person=person, device=device.id)
    issued = tokens.issue(conn, caller, services.lifetimes, now=now)
    services.audit.record(conn, action, at=now, person=person, origin=origin(request, device.id))
    return SignedIn(
        person=Me(id=person, login=account.login, name=account.name, unit=account.unit),
        device=device,
        tokens=issued,
        server_time=now,
        protocol=PROTOCOL,
        key_kept=devices.kept_key(conn, device.id, person) is not None,
        lease=_lease(services, conn, caller),
    )


def _lease(services: Services, conn: Any, caller: Caller) -> Lease:
    """The lease of a person's device, with the secret that checks its unlock codes."""
    configuration = services.configurations.current(conn)
    policy = lease_policy(configuration.leases, (one.role for one in load_grants(conn, caller.person)))
    return Lease(
        length_s=policy.days * DAY_S,
        warn_s=policy.warn_days * DAY_S,
        secret=base64.b64encode(services.sealer.device_secret(caller.device)).decode(),
    )


def refresh(services: Services, request: Asked, message: Refresh) -> Refreshed:
    """New tokens for a refresh token; shown again after its successors were used, it ends them all."""
    now = services.clock.now()

    def work() -> Refreshed | GongdanError:
        with services.store.write() as conn:
            with proving(services):
                found = tokens.refresh(conn, message.refresh_token, services.lifetimes, now=now)
            if isinstance(found, RefusedError):
                services.audit.record(conn, found.code, at=now, person=None, origin=origin(request))
                conn.commit()
                return found
            seen = tokens.authenticate(conn, found.access_token, now=now, leaving=True)
            # Who leaves gets no more time to read.
            lease = None if seen.caller.leaving else _lease(services, conn, seen.caller)
            conn.commit()
        return Refreshed(tokens=found, server_time=now, lease=lease)

    answer = services.store.retrying(work)
    if isinstance(answer, GongdanError):
        raise answer
    return answer


def sign_out(services: Services, request: Asked) -> None:
    """Forget the tokens of the caller's device."""
    found = caller(services, request)
    with services.store.write() as conn:
        tokens.sign_out(conn, found.device)
        services.audit.record(
            conn,
            "signed_out",
            at=services.clock.now(),
            person=found.person,
            origin=origin(request, found.device),
        )
        conn.commit()


def register(services: Services, request: Asked, message: DeviceName) -> SignedIn:
    """Register the caller's replica anew, because it was copied; the device it came from goes on."""
    found, now = caller(services, request), services.clock.now()
    anew = DeviceName(name=message.name)

    def work() -> SignedIn:
        with services.store.write() as conn:
            answer = _registered(services, request, conn, found.person, anew, now, action="device_registered")
            conn.commit()
        return answer

    return services.store.retrying(work)


def keep_key(services: Services, request: Asked, device: str, message: ReplicaKey) -> None:
    """Seal and keep the key of the caller's replica."""
    found = _own_device(services, request, device)
    sealed = services.sealer.seal(message.key, device=device, person=found.person)
    now = services.clock.now()
    with services.store.write() as conn:
        devices.keep_key(conn, device, person=found.person, sealed=sealed, now=now)
        services.audit.record(conn, "key_kept", at=now, person=found.person, origin=origin(request, device))
        conn.commit()


def give_key(services: Services, request: Asked, device: str) -> ReplicaKey:
    """Give the kept key back; refused (``no_key_kept``) where there is none."""
    with reading(services, request) as (conn, found):
        if found.device != device:
            raise RefusedError("wrong_device")
        sealed = devices.kept_key(conn, device, found.person)
    if sealed is None:
        raise RefusedError("no_key_kept")
    key = services.sealer.open(sealed, device=device, person=found.person)
    with services.store.write() as conn:
        services.audit.record(
            conn,
            "key_given",
            at=services.clock.now(),
            person=found.person,
            origin=origin(request, device),
        )
        conn.commit()
    return ReplicaKey(key=key)


def _own_device(services: Services, request: Asked, device: str) -> Caller:
    found = caller(services, request)
    if found.device != device:
        raise RefusedError("wrong_device")
    return found


def routes(services: Services) -> Router:
    """The addresses of this module."""

    @post("/sign-in", sync_to_thread=True)
    def sign_in_route(request: Asked, body: RawBody) -> Response[bytes]:
        message = messages.read(request, body, SignIn, limit=SMALL)
        return messages.answer(request, sign_in(services, request, message))

    @post("/refresh", sync_to_thread=True)
    def refresh_route(request: Asked, body: RawBody) -> Response[bytes]:
        message = messages.read(request, body, Refresh, limit=SMALL)
        return messages.answer(request, refresh(services, request, message))

    @post("/sign-out", sync_to_thread=True)
    def sign_out_route(request: Asked) -> Response[bytes]:
        sign_out(services, request)
        return messages.answer(request, {})

    @post("/devices/register", sync_to_thread=True)
    def register_route(request: Asked, body: RawBody) -> Response[bytes]:
        message = messages.read(request, body, DeviceName, limit=SMALL)
        return messages.answer(request, register(services, request, message))

    @put("/devices/{device:str}/key", sync_to_thread=True)
    def keep_key_route(request: Asked, device: FromPath[str], body: RawBody) -> Response[bytes]:
        keep_key(services, request, device, messages.read(request, body, ReplicaKey, limit=SMALL))
        return messages.answer(request, {})

    @get("/devices/{device:str}/key", sync_to_thread=True)
    def give_key_route(request: Asked, device: FromPath[str]) -> Response[bytes]:
        return messages.answer(request, give_key(services, request, device))

    handlers = [sign_in_route, refresh_route, sign_out_route, register_route, keep_key_route, give_key_route]
    return Router(path="/v1", route_handlers=handlers)
