"""The base of every entity: frozen structs, instants as integers."""

from typing import dataclass_transform

import msgspec

Instant = int
"""Milliseconds since the epoch, UTC."""


# Tells the type checker what subclasses inherit: it does not read the keywords of a base class.
@dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(msgspec.field,))
class Entity(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A frozen, keyword-only record; unknown fields on the wire are ignored."""
