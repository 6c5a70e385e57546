"""The base of every entity: frozen structs, instants as integers."""

import msgspec

Instant = int
"""Milliseconds since the epoch, UTC."""


class Entity(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A frozen, keyword-only record; unknown fields on the wire are ignored."""
