"""The transport over HTTP: one session, kept alive, no request repeated by itself (SYNC §3)."""

import ipaddress
import ssl
import threading
from typing import Any, TypeVar
from urllib.parse import urlsplit

import requests
import zstandard
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase

from desktop.clock import Clock
from desktop.sync.answers import PACKED, body_of, check, reached
from desktop.sync.tokens import TokenShelf
from domain.errors import InvalidInputError, RefusedError, UnavailableError
from domain.wire import codec, dictionary
from domain.wire.customers import CustomerAnswer, CustomerQuery
from domain.wire.explaining import ExplainAnswer, ExplainRequest
from domain.wire.identity import (
    DeviceName,
    Health,
    Refresh,
    Refreshed,
    ReplicaKey,
    SignedIn,
    SignIn,
)
from domain.wire.integrity import DigestAnswer, DigestRequest
from domain.wire.older import OlderAnswer, OlderRequest
from domain.wire.recovery import RecoverAnswer, RecoverRequest
from domain.wire.snapshot import SnapshotAnswer, SnapshotRequest
from domain.wire.sync import (
    BackfillRequest,
    PullAnswer,
    PullRequest,
    PushAnswer,
    PushRequest,
    RowsAnswer,
    TicketsRequest,
)
from domain.wire.text_modules import KeepTextModule

T = TypeVar("T")

CONNECT_S, READ_S = 10.0, 60.0
STREAM_READ_S = 65.0
"""The server says that it is still there every 20 seconds."""
IDLE_MS = 50_000
"""A connection unused for longer may be closed by the server or a box between just as it is used again."""
PACK_FROM = 512
_STALE = {"token_expired", "token_unknown"}
"""The server forgets tokens some days after they have expired."""


def server_address(text: str) -> str:
    """A server's address from what people type; refused as ``bad_address``, or ``insecure_address`` without TLS.

    Plain HTTP is for this machine alone.
    """
    typed = text.strip()
    parts = urlsplit(typed if "://" in typed else f"https://{typed}")
    try:
        host, port = parts.hostname, parts.port
    except ValueError:
        raise InvalidInputError("bad_address", address=text) from None
    if not host or parts.scheme not in ("http", "https") or parts.query or " " in parts.netloc:
        raise InvalidInputError("bad_address", address=text)
    if parts.username or parts.password or parts.fragment:
        raise InvalidInputError("bad_address", address=text)
    if parts.scheme == "http" and not _is_this_machine(host):
        raise InvalidInputError("insecure_address", address=text)
    shown = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{shown}{f':{port}' if port else ''}{parts.path.rstrip('/')}"


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class _Bearer(AuthBase):
    """Says who asks; being there at all keeps a .netrc file from being consulted."""

    def __init__(self, token: str = "") -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Add the header."""
        if self._token:
            request.headers["Authorization"] = f"Bearer {self._token}"
        return request


class _SystemTrust(HTTPAdapter):
    """Certificates as the system trusts them: certifi's list fails where TLS is inspected."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Give the pool the system's context."""
        super().init_poolmanager(*args, **kwargs, ssl_context=_context())

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        """Give the pool behind a proxy the same."""
        return super().proxy_manager_for(proxy, **kwargs, ssl_context=_context())

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        """Leave the context as it is: requests would add certifi's list."""
        conn.cert_reqs = "CERT_REQUIRED"


def _context() -> ssl.SSLContext:
    import truststore

    return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def new_session() -> requests.Session:
    """A session with the system's certificates and proxies and no retries."""
    session = requests.Session()
    session.mount("https://", _SystemTrust())
    session.headers.clear()
    session.headers["User-Agent"] = "gongdan"
    return session


class HttpTransport:
    """Asks one server for one person; used by one thread at a time, except for `fresh_token`."""

    def __init__(
        self,
        server: str,
        shelf: TokenShelf,
        clock: Clock,
        *,
        connect_s: float = CONNECT_S,
        read_s: float = READ_S,
    ) -> None:
        self.server, self.shelf, self._clock = server, shelf, clock
        self._timeouts = (connect_s, read_s)
        self._session = new_session()
        self._asking = threading.RLock()
        self._used_at = 0
        self._packs = False

    def sign_in(self, message: SignIn) -> SignedIn:
        """Sign in and use the tokens that come."""
        answer = self._ask("POST", "/v1/sign-in", message, SignedIn, token=None)
        self.shelf.keep(answer.tokens)
        return answer

    def sign_out(self) -> None:
        """Give the tokens up."""
        self._authorized("POST", "/v1/sign-out", {}, dict)

    def health(self) -> Health:
        """Ask whether the server can work."""
        return self._ask("GET", "/v1/health", None, Health, token=None)

    def register(self, name: DeviceName) -> SignedIn:
        """Become another device; the caller keeps the tokens with its new name."""
        return self._authorized("POST", "/v1/devices/register", name, SignedIn)

    def keep_key(self, device: str, key: ReplicaKey) -> None:
        """Have the server keep the replica's key."""
        self._authorized("PUT", f"/v1/devices/{device}/key", key, dict)

    def give_key(self, device: str) -> ReplicaKey:
        """Ask for the key that the server keeps."""
        return self._authorized("GET", f"/v1/devices/{device}/key", None, ReplicaKey)

    def push(self, request: PushRequest) -> PushAnswer:
        """Send commands."""
        return self._authorized("POST", "/v1/sync/push", request, PushAnswer)

    def pull(self, request: PullRequest) -> PullAnswer:
        """Ask for what moved."""
        return self._authorized("POST", "/v1/sync/pull", request, PullAnswer)

    def tickets(self, request: TicketsRequest) -> RowsAnswer:
        """Ask for whole tickets."""
        return self._authorized("POST", "/v1/sync/tickets", request, RowsAnswer)

    def backfill(self, request: BackfillRequest) -> RowsAnswer:
        """Ask for a page of a range."""
        return self._authorized("POST", "/v1/sync/backfill", request, RowsAnswer)

    def digest(self, request: DigestRequest) -> DigestAnswer:
        """Ask for what groups or tickets add to the digest."""
        return self._authorized("POST", "/v1/sync/digest", request, DigestAnswer)

    def snapshot(self, request: SnapshotRequest) -> SnapshotAnswer:
        """Ask whether there is a snapshot to be taken."""
        return self._authorized("POST", "/v1/sync/snapshot", request, SnapshotAnswer)

    def snapshot_part(self, id: str, number: int) -> bytes:
        """The packed bytes of a snapshot's part."""
        return self.carry("GET", f"/v1/sync/snapshot/{id}/{number}")

    def recover(self, request: RecoverRequest) -> RecoverAnswer:
        """Give back what a restored server may have lost."""
        return self._authorized("POST", "/v1/sync/recover", request, RecoverAnswer)

    def open_pokes(self) -> requests.Response:
        """Open the stream of pokes on a connection of its own; may be called from another thread."""
        token = self.token()
        try:
            return self._open_stream(token)
        except RefusedError as error:
            if error.code not in _STALE:
                raise
        return self._open_stream(self.fresh_token(token))

    def _open_stream(self, token: str) -> requests.Response:
        answer = reached(
            lambda: new_session().get(
                f"{self.server}/v1/sync/poke",
                headers={"Accept": "text/event-stream"},
                auth=_Bearer(token),
                timeout=(self._timeouts[0], STREAM_READ_S),
                allow_redirects=False,
                stream=True,
            )
        )
        if answer.status_code != 200:
            raw = reached(lambda: body_of(answer), late=True)
            check(answer.status_code, answer.headers, raw)
        return answer

    def report(self, path: str, kind: type[T]) -> T:
        """Ask for a report."""
        return self._authorized("GET", path, None, kind)

    def explain(self, request: ExplainRequest) -> ExplainAnswer:
        """Ask why a ticket is as it is."""
        return self._authorized("POST", "/v1/explain", request, ExplainAnswer)

    def search_older(self, request: OlderRequest) -> OlderAnswer:
        """Ask for tickets that desktops keep no longer."""
        return self._authorized("POST", "/v1/tickets/search", request, OlderAnswer)

    def search_customers(self, request: CustomerQuery) -> CustomerAnswer:
        """Ask for customers."""
        return self._authorized("POST", "/v1/customers/search", request, CustomerAnswer)

    def keep_text_module(self, id: str, module: KeepTextModule) -> None:
        """Have the server keep a text of the person's own."""
        self._authorized("PUT", f"/v1/text-modules/{id}", module, dict)

    def drop_text_module(self, id: str) -> None:
        """Have the server drop a text of the person's own."""
        self._authorized("DELETE", f"/v1/text-modules/{id}", None, dict)

    def carry(self, method: str, path: str, body: bytes | None = None, span: str = "") -> bytes:
        """Send and get bytes as they are, in no message; `span` is a range asked for (attachments)."""
        token = self.token()
        try:
            return self._carried(method, path, body, span, token)
        except RefusedError as error:
            if error.code not in _STALE:
                raise
        return self._carried(method, path, body, span, self.fresh_token(token))

    def _carried(self, method: str, path: str, body: bytes | None, span: str, token: str) -> bytes:
        headers = {"Range": span} if span else {}
        with self._asking:
            answer = self._send(method, path, body, token, pack=False, **headers)
            raw = reached(lambda: body_of(answer), late=True)
        if answer.status_code != 206:
            check(answer.status_code, answer.headers, raw)
        return raw

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def token(self) -> str:
        """The access token; refused as ``sign_in_needed`` where there is none."""
        tokens = self.shelf.current
        if tokens is None:
            raise RefusedError("sign_in_needed")
        return tokens.access_token

    def fresh_token(self, used: str) -> str:
        """Another access token after this one was refused; the one place where tokens are renewed."""
        with self.shelf.renewing:
            tokens = self.shelf.current
            if tokens is None:
                raise RefusedError("sign_in_needed")
            if tokens.access_token != used:
                return tokens.access_token
            answer = self._ask("POST", "/v1/refresh", Refresh(refresh_token=tokens.refresh_token), Refreshed)
            self.shelf.keep(answer.tokens)
            self.shelf.tell_lease(answer.lease, answer.server_time)
            return answer.tokens.access_token

    def _authorized(self, method: str, path: str, message: object, kind: type[T]) -> T:
        token = self.token()
        try:
            return self._ask(method, path, message, kind, token=token)
        except RefusedError as error:
            if error.code not in _STALE:
                raise
        return self._ask(method, path, message, kind, token=self.fresh_token(token))

    def _ask(self, method: str, path: str, message: object, kind: type[T], *, token: str | None = None) -> T:
        body = None if message is None else codec.encode(message)
        with self._asking:
            answer = self._send(method, path, body, token)
            raw = reached(lambda: body_of(answer), late=True)
        if answer.status_code == 415 and self._packs:
            # Something between does not let packed requests through: what was asked did not happen.
            self._packs = False
            return self._ask(method, path, message, kind, token=token)
        check(answer.status_code, answer.headers, raw)
        try:
            return codec.decode(raw, kind)
        except InvalidInputError:
            raise UnavailableError("bad_answer") from None

    def _send(
        self,
        method: str,
        path: str,
        body: bytes | None,
        token: str | None,
        *,
        pack: bool = True,
        **more: str,
    ) -> requests.Response:
        headers = {
            "Accept-Encoding": f"zstd, {dictionary.ENCODING}",
            "Content-Type": "application/json",
            **more,
        }
        if body is not None and pack and self._packs and len(body) >= PACK_FROM:
            body, headers["Content-Encoding"] = zstandard.ZstdCompressor(level=3).compress(body), "zstd"
        now = self._clock.monotonic()
        if now - self._used_at > IDLE_MS:
            self._session.close()
        self._used_at = now
        answer = reached(
            lambda: self._session.request(
                method,
                self.server + path,
                data=body,
                headers=headers,
                auth=_Bearer(token or ""),
                timeout=self._timeouts,
                allow_redirects=False,
                stream=True,
            )
        )
        # The server offers to pack by doing so itself.
        self._packs = self._packs or answer.headers.get("Content-Encoding") in PACKED
        return answer
