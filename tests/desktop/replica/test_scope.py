"""What a changed scope gains, and what it takes away."""

from desktop.replica import backfill, scope
from desktop.replica.scope import Reach, gained
from domain.entities.people import Grant
from domain.entities.ticket import Ticket
from domain.rules.permissions import access
from domain.wire.sync import GrantedUnits, Range, Scope
from tests.desktop.replica.desk import TREE, Desk, handler
from tests.desktop.replica.station import Station


def _granted(
    unit: str, *units: str, line: str = "", everything: bool = False, classes: int = 7
) -> GrantedUnits:
    grant = Grant(id=unit + line, role="r", unit=unit, line=line, level=4, classes=classes)
    return GrantedUnits(grant=grant, units=units, everything=everything)


def test_new_grant_is_one_deep_range() -> None:
    """A grant that is new as a whole is filled as a subtree."""
    assert gained([], [_granted("north", "north", "s1", "s2")]) == [
        Range(kind="unit", unit="north", deep=True)
    ]


def test_everything_is_one_deep_range() -> None:
    """The whole tree is asked for from its root."""
    assert gained([_granted("s1", "s1")], [_granted("cn", everything=True)]) == [
        Range(kind="unit", unit="cn", deep=True)
    ]


def test_moved_unit_alone_is_filled() -> None:
    """A store that moved under a known grant costs that store, not the subtree."""
    old, new = _granted("north", "north", "s1"), _granted("north", "north", "s1", "s3")
    assert gained([old], [new]) == [Range(kind="unit", unit="s3")]


def test_what_another_grant_covers_is_not_filled_again() -> None:
    """A narrower grant inside a wider one gains nothing, nor does a line inside all lines."""
    wide = _granted("north", "north", "s1", "s2")
    assert gained([wide], [wide, _granted("s1", "s1", line="retail")]) == []


def test_another_line_of_the_same_units_is_gained() -> None:
    """Lines are covered one by one."""
    old, new = _granted("s1", "s1", line="retail"), _granted("s1", "s1", line="online")
    assert gained([old], [new]) == [Range(kind="unit", unit="s1", line="online", deep=True)]


def test_grant_without_classes_covers_nothing() -> None:
    """A grant that shows no class of fields is as none, before and after."""
    nothing = _granted("s1", "s1", classes=0)
    assert gained([], [nothing]) == []
    assert gained([nothing], [_granted("s1", "s1")]) == [Range(kind="unit", unit="s1", deep=True)]


def test_reach_agrees_with_the_one_predicate() -> None:
    """Access by the resolved scope is access by the tree."""
    desk = Desk()
    desk.grant("ann", handler("north", "retail", level=2), handler("s3", level=4, classes=1), handler("s1"))
    reach = Reach(desk.scope("ann"))
    for org in TREE:
        for line in ("retail", "online"):
            for assignee in (None, "ann"):
                ticket = Ticket(
                    id="1", template="t", template_version=1, org=org, line=line, assignee=assignee
                )
                assert reach.access(ticket) == access(desk.actor("ann"), ticket, desk.above)


def test_units_of_a_range_given_up_half_filled_are_asked_for_again(ann: Station, desk: Desk) -> None:
    """A wide grant that is narrowed before it was filled leaves no hole in what remains."""
    desk.grant("ann", handler("cn"))
    ann.pull()
    with ann.replica.read() as conn:
        assert Range(kind="unit", unit="cn", deep=True) in backfill.undone_units(conn)
    desk.grant("ann", handler("south"))
    ann.pull()
    with ann.replica.read() as conn:
        assert backfill.undone_units(conn) == [Range(kind="unit", unit="south", deep=True)]


def test_units_that_relied_on_a_range_given_up_are_asked_for_again(ann: Station, desk: Desk) -> None:
    """A grant that was covered by another's unfinished range is filled by itself when that one goes."""
    desk.grant("ann")
    ann.settle()
    desk.grant("ann", handler("north"))
    ann.pull()
    desk.grant("ann", handler("north"), handler("s2"))
    ann.pull()
    desk.grant("ann", handler("s2"))
    ann.pull()
    with ann.replica.read() as conn:
        assert backfill.undone_units(conn) == [Range(kind="unit", unit="s2", deep=True)]


def test_older_scope_is_not_taken(ann: Station) -> None:
    """A scope that was overtaken by a newer one on the way changes nothing."""
    with ann.replica.write() as conn:
        assert scope.take(conn, Scope(version="1.1", person="ann")) is False
        assert scope.take(conn, Scope(version="2.0", person="ann")) is False
        assert scope.take(conn, Scope(version="2.2", person="ann")) is True
