"""The base of every entity: frozen structs, instants as integers."""

from typing import Any, dataclass_transform

import msgspec

Instant = int
"""Milliseconds since the epoch, UTC."""


class KeywordOnly(msgspec.StructMeta):
    """msgspec's `kw_only` holds for the fields of one class alone; here subclasses are keyword-only too."""

    def __new__(cls, name: str, bases: tuple[type, ...], namespace: dict[str, Any], **config: Any) -> Any:
        """Make the struct, keyword-only unless it says otherwise."""
        return super().__new__(cls, name, bases, namespace, **{"kw_only": True, **config})


# Tells the type checker what subclasses inherit: it does not read the keywords of a base class.
@dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(msgspec.field,))
class Entity(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, metaclass=KeywordOnly):
    """A frozen, keyword-only record; unknown fields on the wire are ignored."""
