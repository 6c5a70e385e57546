"""What a refusal or failure of the server means for the exchange."""

from typing import Literal

from desktop.sync.transport import UnreachableError
from domain.errors import GongdanError, RefusedError, UnavailableError

Meaning = Literal["register", "restored", "expired", "paused", "refused", "failed"]

SIGN_IN = frozenset(
    {"token_unknown", "token_missing", "token_expired", "token_reused", "sign_in_needed", "wrong_password"}
)
"""The device's tokens are worth nothing: the person has to sign in again."""
ON_THE_WAY = frozenset({"timeout", "connection_lost", "not_our_server", "proxy_refused", "bad_answer"})
"""It may not have been the server."""

_REGISTER = frozenset({"stale_push", "device_unknown", "wrong_device"})
_RESTORED = frozenset({"epoch_changed", "bad_cursor"})
_PAUSED = SIGN_IN | {"device_revoked", "person_inactive", "protocol_too_old"}
_NEVER_THE_BATCH = frozenset(
    {"busy", "not_our_server", "proxy_refused", "protocol_too_new", "disk_full", "database_away"}
)
"""It was the surroundings: setting a command aside would help nobody, though pulls succeed meanwhile."""


def meaning(error: GongdanError) -> Meaning:
    """What to do about an error, whatever was asked."""
    if isinstance(error, UnavailableError):
        return "failed"
    if error.code in _REGISTER:
        return "register"
    if error.code in _RESTORED:
        return "restored"
    if error.code == "cursor_expired":
        return "expired"
    return "paused" if error.code in _PAUSED else "refused"


def blames_batch(error: GongdanError) -> bool:
    """Whether what was sent may be why a push failed: then a pull that succeeds proves it."""
    if isinstance(error, UnreachableError) or error.code in _NEVER_THE_BATCH:
        return False
    return isinstance(error, UnavailableError) or (
        isinstance(error, RefusedError) and meaning(error) == "refused"
    )
