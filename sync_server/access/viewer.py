"""Who is asking: a person, their grants and what these cover in one version of the tree."""

from collections.abc import Callable
from functools import cached_property

from sqlalchemy import Connection

from domain.entities.configuration import Configuration
from domain.entities.leases import LeasePolicy
from domain.entities.people import CLASS_BIT, Access, Actor, Grant
from domain.entities.ticket import Ticket
from domain.rules.leases import lease_policy
from domain.rules.permissions import access, access_at, grant_classes
from domain.wire.sync import GrantedUnits, Scope
from sync_server.store import tables as t
from sync_server.store.direct import Sql
from sync_server.store.organisation import Tree

GRANT_FIELDS = Grant.__struct_fields__
_OF = (
    f"SELECT {', '.join(f'g.{name}' for name in GRANT_FIELDS)} FROM {t.grant.name} g "
    "JOIN person p ON p.id = g.person WHERE g.person = ?"
)
_GRANTS, _GRANTS_OF_ANYBODY = Sql(f"{_OF} AND p.active ORDER BY g.id"), Sql(f"{_OF} ORDER BY g.id")
_VERSION = Sql("SELECT grants_version FROM person WHERE id = ?")


class Viewer:
    """One person as the predicate sees them; holds only within the transaction it was loaded in."""

    def __init__(
        self,
        *,
        person: str,
        grants: tuple[Grant, ...],
        grants_version: int,
        tree: Tree,
        configuration: Configuration,
    ) -> None:
        self.person, self.tree, self._configuration = person, tree, configuration
        self.actor = Actor(person=person, grants=grants)
        self.scope_version = f"{grants_version}.{tree.version}"
        self._classes: dict[tuple[str, str], int] = {}
        self._hidden: dict[tuple[str, int, int], frozenset[str]] = {}

    @property
    def lease_policy(self) -> LeasePolicy:
        """How long the person's devices may read without the server."""
        return lease_policy(self._configuration.leases, (grant.role for grant in self.grants))

    @property
    def grants(self) -> tuple[Grant, ...]:
        """The person's grants."""
        return self.actor.grants

    def access(self, ticket: Ticket) -> Access:
        """What the person may do with a ticket."""
        return access(self.actor, ticket, self.tree.ancestors)

    def covers(self, org: str, line: str) -> int:
        """The classes of fields that grants alone show at a unit and line; 0 where none covers it."""
        key = (org, line)
        known = self._classes.get(key)
        if known is None:
            known = access_at(self.actor, org_ancestors=self.tree.ancestors(org), line=line).classes
            self._classes[key] = known
        return known

    def hidden_fields(self, template: str, version: int, classes: int) -> frozenset[str]:
        """The form fields of a template that these classes don't show."""
        key = (template, version, classes)
        known = self._hidden.get(key)
        if known is None:
            form = self._configuration.template(template, version)
            fields = form.fields if form else ()
            known = frozenset(one.key for one in fields if not CLASS_BIT[one.field_class] & classes)
            self._hidden[key] = known
        return known

    @cached_property
    def scope(self) -> Scope:
        """The person's scope as a replica is told it."""
        granted = []
        for grant in sorted(self.grants, key=lambda one: one.id):
            if not grant_classes(grant) or grant.unit not in self.tree.units:
                continue
            everything = self.tree.is_root(grant.unit)
            units = () if everything else tuple(sorted(self.tree.below(grant.unit)))
            granted.append(GrantedUnits(grant=grant, everything=everything, units=units))
        return Scope(version=self.scope_version, person=self.person, grants=tuple(granted))


def load_viewer(
    conn: Connection, person: str, tree: Tree, configuration: Configuration, *, leaving: bool = False
) -> Viewer:
    """The viewer as this transaction sees them; an unknown person sees nothing, nor does one who has left.

    With `leaving` one who has left counts as they did before: their device brings what they did then.
    """
    found = _VERSION.all(conn, person)
    return Viewer(
        person=person,
        grants=load_grants(conn, person, leaving=leaving),
        grants_version=int(found[0][0] or 0) if found else 0,
        tree=tree,
        configuration=configuration,
    )


def load_grants(conn: Connection, person: str, *, leaving: bool = False) -> tuple[Grant, ...]:
    """The grants of an active person; with `leaving` also of one who is not any more."""
    rows = (_GRANTS_OF_ANYBODY if leaving else _GRANTS).all(conn, person)
    return tuple(Grant(**dict(zip(GRANT_FIELDS, row, strict=True))) for row in rows)


def sight(conn: Connection, tree: Tree) -> Callable[[str, Ticket], bool]:
    """Who may see which ticket in this transaction; those who may not are told nothing of it (RULES §10)."""
    grants: dict[str, tuple[Grant, ...]] = {}

    def sees(person: str, ticket: Ticket) -> bool:
        if access(Actor(person=person), ticket, tree.ancestors).visible:
            return True
        if person not in grants:
            grants[person] = load_grants(conn, person)
        return access(Actor(person=person, grants=grants[person]), ticket, tree.ancestors).visible

    return sees


def reach(conn: Connection, tree: Tree) -> Callable[[str, Ticket], int]:
    """The classes of fields of a ticket that somebody is shown in this transaction; 0 where it is out of sight."""
    grants: dict[str, tuple[Grant, ...]] = {}

    def shown(person: str, ticket: Ticket) -> int:
        if person not in grants:
            grants[person] = load_grants(conn, person)
        return access(Actor(person=person, grants=grants[person]), ticket, tree.ancestors).classes

    return shown
