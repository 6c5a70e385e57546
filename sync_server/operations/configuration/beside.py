"""`config apply --add`: what the files say comes beside what is there, instead of in its place."""

from collections.abc import Mapping
from typing import Any

import msgspec

from domain.wire.configuration import entity_of
from domain.wire.sync import ConfigRow
from sync_server.operations.configuration.building import Wanted
from sync_server.store.configuration_changes import Key

_OWN_ORDER = frozenset({"template"})
"""Kinds whose files say themselves where each entry stands; the others stand in the order of their file."""


def beside(wanted: Wanted, rows: Mapping[Key, ConfigRow]) -> Wanted:
    """What the files want and everything they don't name; new entries are tried after those that are there."""
    kinds: dict[str, dict[str, Any]] = {}
    for kind, found in wanted.kinds.items():
        there = {id: entity_of(row) for (of, id), row in rows.items() if of == kind and not row.deleted}
        placed = found if kind in _OWN_ORDER else _after(found, there)
        kinds[kind] = {**there, **placed}
    named = {kind: names | kinds[kind].keys() for kind, names in wanted.named.items()}
    return msgspec.structs.replace(wanted, kinds=kinds, named=named)


def _after(found: dict[str, Any], there: dict[str, Any]) -> dict[str, Any]:
    """The entries with positions behind those of all others; what is there already keeps its place."""
    if not any("position" in one.__struct_fields__ for one in found.values()):
        return found
    next_one = 1 + max((one.position for one in there.values()), default=-1)
    return {
        id: msgspec.structs.replace(
            one, position=there[id].position if id in there else next_one + one.position
        )
        for id, one in found.items()
    }
