"""What the person may hold: scope as the server resolved it, and what a new one gains (SYNC §2)."""

from collections.abc import Iterable

from sqlalchemy import Connection

from desktop.replica import backfill, customers, meta
from domain.entities.people import Access, Actor, Grant
from domain.entities.ticket import Ticket
from domain.rules.permissions import access, access_at, grant_classes
from domain.wire.sync import GrantedUnits, Range, Scope


class Reach:
    """Judges tickets by a resolved scope; knows of the tree only what the grants cover."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.actor = Actor(person=scope.person, grants=tuple(one.grant for one in scope.grants))
        self._everywhere = frozenset(one.grant.unit for one in scope.grants if one.everything)
        self._above: dict[str, set[str]] = {}
        for one in scope.grants:
            for unit in one.units:
                self._above.setdefault(unit, set()).add(one.grant.unit)
        self._classes: dict[tuple[str, str], int] = {}

    def ancestors(self, unit: str) -> frozenset[str]:
        """The units at or above this one for which the person has grants; all that permissions ask for."""
        return self._everywhere | self._above.get(unit, set())

    def access(self, ticket: Ticket) -> Access:
        """What the person may do with a ticket."""
        return access(self.actor, ticket, self.ancestors)

    def access_at(self, unit: str, line: str) -> Access:
        """What the grants alone give at a unit and line."""
        return access_at(self.actor, org_ancestors=self.ancestors(unit), line=line)

    def classes_at(self, unit: str, line: str) -> int:
        """The classes that grants alone show there; remembered, since many tickets share a place."""
        key = (unit, line)
        known = self._classes.get(key)
        if known is None:
            known = self._classes[key] = self.access_at(unit, line).classes
        return known


class _Covered:
    """Which units a scope covers, by line; an empty line is every line."""

    def __init__(self, grants: Iterable[GrantedUnits]) -> None:
        self._everything: set[str] = set()
        self._units: dict[str, set[str]] = {}
        for one in grants:
            if not grant_classes(one.grant):
                continue
            if one.everything:
                self._everything.add(one.grant.line)
            self._units.setdefault(one.grant.line, set()).update(one.units)

    def everything(self, line: str) -> bool:
        return bool(self._everything & {"", line})

    def missing(self, units: Iterable[str], line: str) -> list[str]:
        """Those of the units that are not covered for the line."""
        if self.everything(line):
            return []
        known = self._units.get("", set()) | self._units.get(line, set())
        return [unit for unit in units if unit not in known]


def gained(old: Iterable[GrantedUnits], new: Iterable[GrantedUnits]) -> list[Range]:
    """The ranges that `new` covers and `old` didn't: whole subtrees for new grants, else unit by unit."""
    before, ranges = _Covered(old), []
    for one in new:
        grant = one.grant
        if not grant_classes(grant):
            continue
        if one.everything:
            if not before.everything(grant.line):
                ranges.append(_deep(grant))
            continue
        missing = before.missing(one.units, grant.line)
        if missing and len(missing) == len(one.units):
            ranges.append(_deep(grant))
        else:
            ranges += [Range(kind="unit", unit=unit, line=grant.line) for unit in missing]
    return list(dict.fromkeys(ranges))


def _deep(grant: Grant) -> Range:
    return Range(kind="unit", unit=grant.unit, line=grant.line, deep=True)


def take(conn: Connection, scope: Scope) -> bool:
    """Keep a new scope and queue what it gains; False where it is the one at hand or older."""
    old = meta.struct(conn, "scope", Scope)
    anew = old is None or not (meta.cursor(conn) or meta.is_reconciling(conn))
    if old is not None and not anew and not _follows(scope.version, old.version):
        return False
    if anew or (old is not None and _grants_version(old.version) != _grants_version(scope.version)):
        backfill.queue(conn, [Range(kind="config")])
    if anew:
        backfill.queue(conn, [Range(kind="mine")])
    held = [] if anew or old is None else list(old.grants)
    for unfilled in backfill.undone_units(conn):
        before = _covered_by(held, unfilled)
        after = _covered_by(scope.grants, unfilled) if _granted(scope, unfilled) else []
        if not after:
            backfill.drop(conn, unfilled)
        held = _without(held, before, after, unfilled.line)
    backfill.queue_units(conn, gained(held, scope.grants))
    customers.forget(conn)
    meta.put_struct(conn, "scope", scope)
    meta.put(conn, "scope_version", scope.version)
    meta.put(conn, "person", scope.person)
    return True


def _covered_by(grants: Iterable[GrantedUnits], wanted: Range) -> list[GrantedUnits]:
    """What a range stands for in a scope: the grants it was made for, or its own unit."""
    if not wanted.deep:
        return [GrantedUnits(grant=_UNITS_ONLY, units=(wanted.unit,))]
    return [one for one in grants if one.grant.unit == wanted.unit and one.grant.line in ("", wanted.line)]


_UNITS_ONLY = Grant(id="", role="", unit="", level=0)


def _without(
    held: list[GrantedUnits], before: list[GrantedUnits], after: list[GrantedUnits], line: str
) -> list[GrantedUnits]:
    """What was held, less what a range not yet filled stood for and no longer stands for.

    Other grants may have relied on that range: their units are taken out too, so that they are asked for anew.
    """
    if any(one.everything for one in after):
        return held
    everything = any(one.everything for one in before)
    lost = {unit for one in before for unit in one.units} - {unit for one in after for unit in one.units}
    if not everything and not lost:
        return held
    rest = []
    for one in held:
        touched = not line or one.grant.line in ("", line)
        kept = () if everything else tuple(unit for unit in one.units if unit not in lost)
        rest.append(GrantedUnits(grant=one.grant, units=kept) if touched else one)
    return rest


def _follows(version: str, old: str) -> bool:
    """Whether a version comes after another: neither its grants nor its tree are older."""
    try:
        pair = [[int(part) for part in text.split(".")] for text in (version, old)]
    except ValueError:
        return version != old
    new, known = pair
    return new != known and all(a >= b for a, b in zip(new, known, strict=False))


def _grants_version(version: str) -> str:
    return version.partition(".")[0]


def _granted(scope: Scope, wanted: Range) -> bool:
    """Whether a range is covered by the scope as it was asked for."""
    for one in scope.grants:
        if one.grant.line not in ("", wanted.line) or not grant_classes(one.grant):
            continue
        if wanted.deep and one.grant.unit == wanted.unit:
            return True
        if not wanted.deep and (one.everything or wanted.unit in one.units):
            return True
    return False
