"""Bytes of attachments over HTTP: uploads in parts that go on where they broke off, reads by range (SYNC §7)."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from litestar import Request, Response, Router, get, post, put
from litestar.params import FromPath, FromQuery, RawBody
from litestar.response import Stream

from domain.errors import InvalidInputError, RefusedError, UnavailableError
from domain.rules.attachments import check_size, is_hash
from domain.rules.facts import Refusal
from domain.wire.attachments import CHUNK, UploadBegin, UploadState
from sync_server.access.attachments import Content, content_for
from sync_server.access.tokens import Caller
from sync_server.access.viewer import load_viewer
from sync_server.api import messages
from sync_server.api.callers import caller, reading
from sync_server.api.services import Services
from sync_server.store import blobs
from sync_server.store.blobs import Blob

Asked = Request[Any, Any, Any]

BUSY_S = 3
_BEGIN_BYTES = 1024
_KEEP_FRESH_MS = 86_400_000
_RANGE = re.compile(r"bytes=(\d{1,15})-(\d{0,15})")


class Attachments:
    """Takes and gives bytes; a few at a time, so that text never waits for a thread behind them."""

    def __init__(self, services: Services) -> None:
        self._services, self._files = services, services.blob_files
        self._slots = threading.BoundedSemaphore(max(1, services.settings.pool_size // 2))

    @contextmanager
    def slot(self) -> Iterator[None]:
        """One of the few places, or UnavailableError (``busy``) with a time to come back."""
        if not self._slots.acquire(blocking=False):
            raise UnavailableError("busy", retry_after_s=BUSY_S)
        try:
            yield
        finally:
            self._slots.release()

    def begin(self, found: Caller, hash: str, size: int) -> UploadState:
        """Begin an upload or tell how far it is: what the caller sent, never what others did."""
        known = self._known(found, hash)
        now = self._services.clock.now()
        same = known if known is not None and known.size == size else None
        if same and same.whole and self._files.holds(hash, size):
            return UploadState(state="whole", offset=size)  # whatever the limits are by now
        try:
            check_size(hash[:8], size, self._services.settings.attachment_limits)
        except Refusal as refusal:
            raise RefusedError(refusal.code, **refusal.args_by_name) from None
        if same is None:
            self._files.drop(hash, found.person)
        elif not same.whole and same.at > now - _KEEP_FRESH_MS:
            return self._state(same)
        self._check_room(found, size if known is None else 0)
        with self._services.store.write() as conn:
            blobs.begin(conn, hash, found.person, device=found.device, size=size, at=now)
            conn.commit()
        return self._state(Blob(hash=hash, person=found.person, size=size, whole=False, at=now))

    def take(self, found: Caller, hash: str, offset: int, part: bytes) -> UploadState:
        """Keep one part; the last one that was missing makes the content whole, if the hash is right."""
        known = self._known(found, hash)
        if known is None:
            raise RefusedError("attachment_not_begun")
        if known.whole:
            return UploadState(state="whole", offset=known.size)
        if offset % CHUNK or offset >= known.size or len(part) != min(CHUNK, known.size - offset):
            raise InvalidInputError("attachment_chunk")
        self._files.put(hash, found.person, offset, part)
        there = self._files.offset(hash, found.person, known.size)
        return self._finished(known) if there == known.size else UploadState(state="partial", offset=there)

    def read(self, request: Asked, hash: str, ticket: str) -> Response[Any]:
        """Give out a content, or the part of it that was asked for, to somebody who sees the reference."""
        services = self._services
        with reading(services, request) as (conn, found):
            configuration = services.configurations.current(conn)
            viewer = load_viewer(conn, found.person, services.trees.current(conn), configuration)
            content = content_for(conn, viewer, hash, ticket)
        if not self._files.holds(hash, content.size):
            raise RefusedError("attachment_awaited")
        return self._answer(content, request.headers.get("range", ""))

    def _answer(self, content: Content, wanted: str) -> Response[Any]:
        start, end, status = 0, content.size, 200
        asked = _RANGE.fullmatch(wanted.strip())
        if asked:
            start, status = int(asked[1]), 206
            end = min(content.size, int(asked[2]) + 1) if asked[2] else content.size
        if start >= end:
            raise RefusedError("attachment_range", size=content.size)
        headers = {
            "Cache-Control": "no-store",
            "ETag": f'"{content.hash}"',
            "Accept-Ranges": "bytes",
            "Content-Length": str(end - start),
            "Content-Disposition": "attachment",
            "X-Content-Type-Options": "nosniff",
        }
        if status == 206:
            headers["Content-Range"] = f"bytes {start}-{end - 1}/{content.size}"
        pieces = self._files.read(content.hash, start, end)
        return Stream(pieces, status_code=status, headers=headers, media_type="application/octet-stream")

    def _known(self, found: Caller, hash: str) -> Blob | None:
        with self._services.store.read() as conn:
            return blobs.upload_of(conn, hash, found.person)

    def _state(self, known: Blob) -> UploadState:
        offset = self._files.offset(known.hash, known.person, known.size)
        # All parts may be there from before a crash: the last is asked for once more, and finishes it.
        if offset == known.size:
            offset = (known.size - 1) // CHUNK * CHUNK
        return UploadState(state="partial", offset=offset)

    def _check_room(self, found: Caller, size: int) -> None:
        self._files.check_room(size)
        most = self._services.settings.attachment_quota_mb << 20
        with self._services.store.read() as conn:
            if blobs.under_way(conn, found.person) + size > most:
                raise RefusedError("attachment_quota")

    def _finished(self, known: Blob) -> UploadState:
        services, hash, person = self._services, known.hash, known.person
        try:
            self._files.finish(hash, person, known.size)
        except RefusedError as error:
            if error.code == "attachment_hash_mismatch":
                self._files.drop(hash, person)
                with services.store.write() as conn:
                    blobs.forget(conn, hash, person)
                    conn.commit()
            raise
        with services.store.write() as conn:
            blobs.finish(conn, hash, person, at=services.clock.now())
            conn.commit()
        # A clean-up that looked just before may have taken the file: then the parts are still here.
        self._files.finish(hash, person, known.size)
        self._files.drop(hash, person)
        return UploadState(state="whole", offset=known.size)


def _checked(hash: str) -> str:
    """Refuse what is no hash, with the words for one that is not there."""
    if not is_hash(hash):
        raise RefusedError("attachment_not_found")
    return hash


def routes(services: Services) -> Router:
    """The addresses of this module."""
    bytes_ = Attachments(services)

    @get("/", sync_to_thread=True)
    def limits_route(request: Asked) -> Response[bytes]:
        caller(services, request)
        return messages.answer(request, services.settings.attachment_limits)

    @post("/{hash:str}", sync_to_thread=True)
    def begin_route(request: Asked, hash: FromPath[str], body: RawBody) -> Response[bytes]:
        found = caller(services, request, leaving=True)
        wanted = messages.read(request, body, UploadBegin, limit=_BEGIN_BYTES)
        with bytes_.slot():
            return messages.answer(request, bytes_.begin(found, _checked(hash), wanted.size))

    @put("/{hash:str}/{offset:int}", sync_to_thread=True, request_max_body_size=CHUNK)
    def part_route(
        request: Asked, hash: FromPath[str], offset: FromPath[int], body: RawBody
    ) -> Response[bytes]:
        found = caller(services, request, leaving=True)
        with bytes_.slot():
            return messages.answer(request, bytes_.take(found, _checked(hash), offset, body))

    @get("/{hash:str}", sync_to_thread=True)
    def read_route(request: Asked, hash: FromPath[str], ticket: FromQuery[str] = "") -> Response[Any]:
        with bytes_.slot():
            return bytes_.read(request, _checked(hash), ticket)

    return Router(path="/v1/attachments", route_handlers=[limits_route, begin_route, part_route, read_route])
