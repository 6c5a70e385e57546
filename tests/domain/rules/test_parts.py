"""A person's parts in a ticket."""

from hypothesis import given
from hypothesis import strategies as some

from domain.entities.flow import FlowState, Token, Vote
from domain.rules.flow import waits_for
from domain.rules.parts import asked_by

PEOPLE = ("amy", "ben", "eva")


@given(
    some.lists(
        some.tuples(
            some.none() | some.sampled_from(PEOPLE),
            some.sets(some.sampled_from(PEOPLE)),
            some.sets(some.sampled_from(PEOPLE)),
        )
    )
)
def test_everybody_asked_is_found(tokens: list[tuple[str | None, set[str], set[str]]]) -> None:
    """Who is asked by a flow is whoever it waits for, be it a node of theirs or an approval not yet given."""
    made = tuple(
        Token(
            node="n",
            assignee=assignee,
            approvers=tuple(sorted(approvers)),
            votes=tuple(Vote(person=one, approved=True, at=1) for one in sorted(voted)),
        )
        for assignee, approvers, voted in tokens
    )
    state = FlowState(tokens=made)
    assert asked_by(state) == {person for person in PEOPLE if waits_for(state, person)}
