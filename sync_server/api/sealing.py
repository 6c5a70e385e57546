"""Seals replica keys with the server's own secret, a file that only its account may read (SYNC §7)."""

import base64
import binascii
import hashlib
import hmac
import os
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from domain.errors import InvalidInputError, RefusedError, UnavailableError

SECRET_FILE = "server.secret"
KEY_BYTES = 32
NONCE_BYTES = 12


def server_secret(folder: Path) -> bytes:
    """The secret of the file, made at the first call; UnavailableError where it can't be read or written."""
    file = folder / SECRET_FILE
    try:
        folder.mkdir(parents=True, exist_ok=True)
        try:
            handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return _checked(file.read_bytes(), file)
        with os.fdopen(handle, "wb") as out:
            secret = os.urandom(KEY_BYTES)
            out.write(secret)
        return secret
    except OSError as error:
        raise UnavailableError("secret_unreadable", file=str(file), reason=error.strerror or "") from None


def _checked(secret: bytes, file: Path) -> bytes:
    if len(secret) != KEY_BYTES:
        raise RefusedError("secret_damaged", file=str(file))
    return secret


class Sealer:
    """Seals a key so that only this server can open it, and only for the device and person it came from."""

    def __init__(self, secret: bytes) -> None:
        self._cipher, self._secret = AESGCM(secret), secret

    def device_secret(self, device: str) -> bytes:
        """What only this server and that device know: made from the server's own secret, so kept nowhere."""
        return hmac.new(self._secret, f"gongdan device {device}".encode(), hashlib.sha256).digest()

    def seal(self, key: str, *, device: str, person: str) -> str:
        """The sealed form of a base64 key; raise InvalidInputError (``bad_key``) where it is none."""
        try:
            raw = base64.b64decode(key, validate=True)
        except (binascii.Error, ValueError):
            raise InvalidInputError("bad_key") from None
        if len(raw) != KEY_BYTES:
            raise InvalidInputError("bad_key")
        nonce = os.urandom(NONCE_BYTES)
        return base64.b64encode(nonce + self._cipher.encrypt(nonce, raw, _bound(device, person))).decode()

    def open(self, sealed: str, *, device: str, person: str) -> str:
        """The base64 key again; refused (``key_unreadable``) where it was sealed with another secret."""
        raw = base64.b64decode(sealed)
        try:
            key = self._cipher.decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], _bound(device, person))
        except InvalidTag:
            raise RefusedError("key_unreadable") from None
        return base64.b64encode(key).decode()


def _bound(device: str, person: str) -> bytes:
    return f"gongdan replica key {device} {person}".encode()
