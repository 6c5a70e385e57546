"""Errors as problem details (RFC 9457): a stable code, its status, and nothing of our insides."""

from collections.abc import Mapping
from typing import Any

import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException
from litestar.types import ExceptionHandlersMap

from domain.errors import GongdanError, InvalidInputError, UnavailableError
from domain.wire import codec
from domain.wire.sync import Problem

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_S = 5

STATUS: Mapping[str, int] = {
    "wrong_password": 401,
    "token_missing": 401,
    "token_unknown": 401,
    "token_expired": 401,
    "token_reused": 401,
    "device_revoked": 401,
    "person_inactive": 401,
    "wrong_device": 403,
    "not_allowed": 403,
    "out_of_scope": 403,
    "not_found": 404,
    "no_key_kept": 404,
    "attachment_not_found": 404,
    "attachment_awaited": 404,
    "attachment_not_begun": 409,
    "attachment_range": 416,
    "attachment_too_large": 413,
    "epoch_changed": 409,
    "cursor_expired": 409,
    "stale_push": 409,
    "key_unreadable": 409,
    "too_large": 413,
    "storage_full": 507,
    "unsupported_encoding": 415,
    "protocol_too_old": 426,
    "protocol_too_new": 426,
    "locked_out": 429,
    "too_many": 429,
    "push_too_long": 413,
}
_HTTP_CODES = {
    401: "token_missing",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    415: "unsupported_encoding",
}

log = structlog.get_logger("api")


def problem(
    code: str, status: int, *, args: Mapping[str, Any] | None = None, headers: Mapping[str, str] | None = None
) -> Response[bytes]:
    """The answer for a code; its arguments are those of the sentence ``error.<code>``."""
    body = Problem(title=code.replace("_", " "), status=status, code=code, message=dict(args or {}))
    return Response(
        codec.encode(body), status_code=status, media_type=MEDIA_TYPE, headers=dict(headers or {})
    )


def of_error(error: GongdanError) -> Response[bytes]:
    """The answer for one of our errors."""
    headers: dict[str, str] = {}
    if isinstance(error, UnavailableError):
        status = STATUS.get(error.code, 503)
        headers["Retry-After"] = str(error.args_by_name.get("retry_after_s", RETRY_AFTER_S))
    else:
        status = STATUS.get(error.code, 400 if isinstance(error, InvalidInputError) else 422)
    if error.code == "locked_out":
        headers["Retry-After"] = str(error.args_by_name.get("retry_after_s", RETRY_AFTER_S))
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return problem(error.code, status, args=error.args_by_name, headers=headers)


def _ours(request: Request[Any, Any, Any], error: GongdanError) -> Response[bytes]:
    answer = of_error(error)
    log.info("refused", path=request.url.path, code=error.code, status=answer.status_code)
    return answer


def _http(request: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    status = error.status_code
    code = _HTTP_CODES.get(status, "bad_request" if status < 500 else "server_error")
    log.info("refused", path=request.url.path, code=code, status=status)
    return problem(code, status, headers=error.headers)


def _bug(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """A fault of ours: the log has its kind and place, the client a code."""
    log.error("bug", path=request.url.path, kind=type(error).__name__, exc_info=error)
    return problem("server_error", 500)


HANDLERS: ExceptionHandlersMap = {GongdanError: _ours, HTTPException: _http, Exception: _bug}
