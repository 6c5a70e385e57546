"""Passwords as argon2id hashes; an unknown login costs the same time as a wrong password."""

import secrets
from base64 import b64encode

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from domain.errors import InvalidInputError

SHORTEST = 8
LONGEST = 256
SALT_BYTES, DIGEST_BYTES = 16, 32


class Passwords:
    """Makes and checks hashes with one set of costs."""

    def __init__(self, *, time_cost: int = 2, memory_kib: int = 19 * 1024, lanes: int = 1) -> None:
        self._hasher = PasswordHasher(time_cost=time_cost, memory_cost=memory_kib, parallelism=lanes)
        # Checked like any other and never right; not made by hashing, which would cost each start of a command.
        salt, digest = (_unpadded(secrets.token_bytes(n)) for n in (SALT_BYTES, DIGEST_BYTES))
        self._nobody = f"$argon2id$v=19$m={memory_kib},t={time_cost},p={lanes}${salt}${digest}"

    def hash(self, password: str) -> str:
        """The hash to keep; raise InvalidInputError (``password_length``) for one too short or too long."""
        if not SHORTEST <= len(password) <= LONGEST:
            raise InvalidInputError("password_length", shortest=SHORTEST, longest=LONGEST)
        return self._hasher.hash(password)

    def fits(self, kept: str | None, password: str) -> bool:
        """Whether the password is the one; None (nobody of that login) takes as long and never fits."""
        try:
            self._hasher.verify(kept or self._nobody, password[: LONGEST + 1])
        except (VerificationError, InvalidHashError):
            return False
        return bool(kept)

    def outdated(self, kept: str) -> bool:
        """Whether a hash was made with other costs than today's."""
        return self._hasher.check_needs_rehash(kept)


def _unpadded(raw: bytes) -> str:
    """Bytes as the text of a hash writes them."""
    return b64encode(raw).decode().rstrip("=")
