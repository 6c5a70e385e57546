"""What every kind of command's content is: a struct that knows all of its words."""

from typing import dataclass_transform

import msgspec


# Tells the type checker what subclasses inherit: it does not read the keywords of a base class.
@dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(msgspec.field,))
class Intent(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The typed content of `set`; each kind of command has one."""
