"""How long to wait before something is tried again."""

from hashlib import blake2b

FIRST_MS = 30_000
LONGEST_MS = 3_600_000


def retry_delay_ms(what: str, attempt: int, *, first_ms: int = FIRST_MS, longest_ms: int = LONGEST_MS) -> int:
    """Twice as long after each attempt (the first is 1), up to an hour, spread over its upper half by name.

    The spread keeps what failed together from coming back together; it is the same each time it is asked for.
    """
    whole: int = min(longest_ms, first_ms << min(attempt - 1, 30))
    drawn = int.from_bytes(blake2b(f"{what} {attempt}".encode(), digest_size=4).digest())
    return whole // 2 + drawn * (whole - whole // 2) // 2**32
