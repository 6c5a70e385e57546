"""The protocol's version and limits (SYNC §3, §4)."""

PROTOCOL = 2
OLDEST_PROTOCOL = 1
"""Version 1 knew neither marks nor digests, and sent no `seen`."""

MAX_BATCH_COMMANDS = 50
MAX_BATCH_BYTES = 256 * 1024
MAX_COMMAND_BYTES = 128 * 1024
PAGE_BYTES = 1024 * 1024
MAX_PAGE_ROWS = 2000
"""Rows a client may ask for in one page of a pull, of a back-fill, or of whole tickets."""

MARK_BITS = 40
"""Size of a ticket's mark: eight million of them can be summed in a signed 64-bit number."""
