"""Who gets a ticket: skills, shifts, capacity, and the order among those who are left (RULES §7)."""

from hypothesis import given
from hypothesis import strategies as st

from domain.entities.calendars import Calendar
from domain.entities.conditions import Condition, Conditions
from domain.entities.configuration import Configuration
from domain.entities.routing import Roster, RoutingRule
from domain.entities.ticket import Ticket
from domain.rules.routing import Candidate, Wanted, choose, how_of, route

HOUR = 3_600_000
MONDAY = 1_767_571_200_000  # 2026-01-05 00:00 UTC
OFFICE = Calendar(id="office", zone="UTC", weekly=(*[((540, 1080),)] * 5, (), ()))
AT_TEN = MONDAY + 10 * HOUR


def someone(person: str, *, load: int = 0, last_at: int = 0, **roster: object) -> Candidate:
    """A candidate with a roster."""
    made = Roster(id=person, **roster)  # type: ignore[arg-type]
    calendar = OFFICE if made.calendar else None
    return Candidate(person=person, roster=made, calendar=calendar, load=load, last_at=last_at)


def test_least_loaded_counts_what_tickets_weigh_and_then_who_waited_longest() -> None:
    """The smaller weighted load wins; between equals the one who was given a ticket longest ago."""
    few, many = someone("a", load=2, last_at=9), someone("b", load=3, last_at=1)
    assert choose([many, few], Wanted(), AT_TEN).person == "a"
    first = someone("c", load=2, last_at=5)
    assert choose([few, first], Wanted(), AT_TEN).person == "c"


def test_round_robin_goes_by_who_was_given_one_last_whatever_they_hold() -> None:
    """Everybody in turn, whatever their load, as long as they have capacity."""
    given = dict.fromkeys("abc", 0)
    order = []
    for turn in range(6):
        people = [someone(name, last_at=at, load=turn) for name, at in given.items()]
        choice = choose(people, Wanted(how="round_robin"), AT_TEN)
        assert choice.person is not None
        given[choice.person] = turn + 1
        order.append(choice.person)
    assert order == ["a", "b", "c", "a", "b", "c"]


def test_the_hurdle_that_nobody_took_is_named() -> None:
    """Nobody: the answer says why, and when somebody's shift begins or their absence ends."""
    assert choose([], Wanted(), AT_TEN).why == "nobody_there"
    gone = someone("a", away=((AT_TEN - HOUR, AT_TEN + HOUR),))
    assert (choose([gone], Wanted(), AT_TEN).why, choose([gone], Wanted(), AT_TEN).again_at) == (
        "away",
        AT_TEN + HOUR,
    )
    coffee = Wanted(skills=frozenset({"coffee"}))
    assert choose([someone("a", skills=("till",))], coffee, AT_TEN).why == "skills"
    office = someone("a", skills=("coffee",), calendar="office")
    evening = choose([office], coffee, MONDAY + 20 * HOUR)
    assert (evening.why, evening.again_at) == ("shift", MONDAY + 33 * HOUR)
    full = choose([someone("a", capacity=3, load=2)], Wanted(priority="high"), AT_TEN)
    assert (full.why, full.again_at) == ("capacity", None)
    assert choose([someone("a", capacity=4, load=2)], Wanted(priority="high"), AT_TEN).load == 4


def test_explicit_shifts_stand_instead_of_the_calendar_and_end_half_open() -> None:
    """A shift of one's own counts alone; its end is no longer part of it; an absence moves the next beginning."""
    one = someone("a", calendar="office", shifts=((AT_TEN, AT_TEN + HOUR),))
    assert choose([one], Wanted(), AT_TEN).person == "a"
    assert choose([one], Wanted(), AT_TEN + HOUR).why == "shift"
    back = someone("a", calendar="office", away=((AT_TEN, MONDAY + 34 * HOUR),))
    assert choose([back], Wanted(), AT_TEN).again_at == MONDAY + 34 * HOUR


def test_what_goes_to_one_person_waits_with_them_unless_they_are_away() -> None:
    """Direct looks at absence alone: their tickets may wait for their shift in their own list."""
    busy = someone("a", capacity=1, load=9, calendar="office")
    assert choose([busy], Wanted(how="direct"), MONDAY).person == "a"
    gone = someone("a", away=((MONDAY, AT_TEN),))
    assert choose([gone], Wanted(how="direct"), MONDAY).person is None


@given(
    st.lists(
        st.tuples(
            st.integers(0, 6),
            st.integers(0, 3),
            st.sets(st.sampled_from("xy")),
            st.integers(1, 6),
            st.booleans(),
        ),
        max_size=5,
    ),
    st.sets(st.sampled_from("xy")),
    st.sampled_from(["urgent", "high", "normal"]),
    st.sampled_from(["round_robin", "least_loaded"]),
)
def test_whoever_is_chosen_may_take_it_and_somebody_is_where_anybody_may(
    people: list[tuple[int, int, set[str], int, bool]], skills: set[str], priority: str, how: str
) -> None:
    """Against a plain reading of the four conditions: nobody ineligible is chosen, nobody eligible is overlooked."""
    weigh = {"urgent": 3, "high": 2, "normal": 1}[priority]
    made, may = [], set()
    for index, (load, last, has, capacity, away) in enumerate(people):
        name = str(index)
        spans = ((0, AT_TEN + 1),) if away else ()
        made.append(someone(name, load=load, last_at=last, skills=tuple(has), capacity=capacity, away=spans))
        if not away and skills <= has and load + weigh <= capacity:
            may.add(name)
    choice = choose(made, Wanted(how=how, priority=priority, skills=frozenset(skills)), AT_TEN)  # type: ignore[arg-type]
    assert (choice.person in may) if may else (choice.person is None)


def test_rules_read_what_was_written_whose_unit_it_is_and_the_customers_tier() -> None:
    """By keyword in subject or description, by organisation, by tier: the first rule that holds."""

    def rule(id: str, field: str, op: str, value: str, **more: object) -> RoutingRule:
        when = Conditions(any=(Condition(field=field, op=op, value=value),))  # type: ignore[arg-type]
        return RoutingRule(id=id, name=id, conditions=when, **more)  # type: ignore[arg-type]

    configuration = Configuration(
        routing=(
            rule("machines", "description", "contains", "咖啡机", position=0),
            rule("gold", "tier", "is", "gold", position=1),
            rule("east", "org", "under", "east", position=2, assignee="wang"),
        )
    )
    ticket = Ticket(id="t", template="x", template_version=1, org="store", line="retail")
    found = route(ticket, configuration, ("root", "east", "store"), "门店咖啡机不出水")
    assert found is not None
    assert found.id == "machines"
    dedicated = route(ticket, configuration, ("root", "east", "store"))
    assert dedicated is not None
    assert (dedicated.id, how_of(dedicated)) == ("east", "direct")
