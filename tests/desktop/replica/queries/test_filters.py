"""Filters in SQL are the conditions of the rules, value by value."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop.replica import rows, sql
from desktop.replica.engine import Replica
from desktop.replica.queries import filters
from domain.entities.conditions import Condition, Conditions
from domain.entities.ticket import Ticket
from domain.rules.conditions import holds
from domain.rules.ticket_values import FIELD_KINDS, ticket_values
from tests.desktop.replica.desk import TREE

_WORDS = st.sampled_from(["", "a", "A", "ab", "草莓", "x y", "0"])
_FIELDS = st.dictionaries(
    st.sampled_from(["k", "m"]),
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-2, 3),
        st.sampled_from([0.5, 2.0]),
        _WORDS,
        st.lists(_WORDS, max_size=2),
    ),
    max_size=2,
)
_TICKETS = st.builds(
    Ticket,
    id=st.just("t"),
    template=st.just("t1"),
    template_version=st.just(1),
    org=st.sampled_from(sorted(TREE)),
    line=_WORDS,
    subject=_WORDS,
    status=st.sampled_from(["new", "open"]),
    team=st.one_of(st.none(), _WORDS),
    assignee=st.one_of(st.none(), _WORDS),
    tags=st.lists(_WORDS, max_size=2, unique=True).map(lambda some: tuple(sorted(some))),
    fields=_FIELDS,
    created_at=st.integers(0, 4),
    due_at=st.one_of(st.none(), st.integers(0, 4)),
)


@st.composite
def _conditions(draw: st.DrawFn) -> Condition:
    """A condition on a plain column, a list, an instant, a unit or a value of the form."""
    field = draw(
        st.sampled_from(
            ["subject", "status", "team", "assignee", "tags", "due_at", "org", "fields.k", "nothing"]
        )
    )
    op = draw(st.sampled_from(_ops(field)))
    single = st.one_of(_WORDS, st.integers(-2, 3)) if field in ("fields.k", "due_at") else _WORDS
    if field == "org":
        single = st.sampled_from(sorted(TREE))
    value: Any = draw(st.lists(single, min_size=1, max_size=2) if op in ("in", "not_in") else single)
    if op == "between":
        bound = st.one_of(st.none(), single)
        value = draw(st.one_of(st.tuples(bound, bound).map(list), st.just([])))
    return Condition(field=field, op=op, value=value)  # type: ignore[arg-type]  # one of the kind's


def _ops(field: str) -> list[str]:
    plain = ["is", "is_not", "in", "not_in", "is_set", "is_unset"]
    kind = FIELD_KINDS.get(field)
    if kind == "unit":
        return [*plain, "under"]
    if field == "fields.k":
        return [*plain, "gt", "lt", "gte", "lte", "contains", "not_contains", "starts_with", "between"]
    if kind == "date":
        return [*plain, "gt", "lt", "gte", "lte", "between", "within"]
    if kind in ("text", "list"):
        return [*plain, "contains", "not_contains"] + (["starts_with"] if kind == "text" else [])
    return plain


@settings(max_examples=300)
@given(ticket=_TICKETS, all=st.lists(_conditions(), max_size=2), any=st.lists(_conditions(), max_size=2))
def test_sql_agrees_with_the_rules(
    replica: Replica, ticket: Ticket, all: list[Condition], any: list[Condition]
) -> None:
    """Whatever a view asks, the list holds exactly the tickets for which its conditions hold."""
    conditions = Conditions(all=tuple(all), any=tuple(any))
    with replica.write() as conn:
        sql.run(conn, "DELETE FROM ticket")
        sql.run(conn, rows.PUT_TICKET, rows.ticket_row(ticket, mark=0, access=7, my=0))
        text, parameters = filters.where(conn, conditions)
        found = sql.column(conn, f"SELECT t.id FROM ticket t WHERE {text}", parameters)
    values = ticket_values(ticket, org_path=_path(ticket.org), category_path=())
    assert bool(found) == holds(conditions, values)


@pytest.fixture(scope="module")
def replica(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Replica]:
    """A plain replica with the tree of units in it."""
    made = Replica(tmp_path_factory.mktemp("filters") / "r.db", None, durable=False)
    with made.write() as conn:
        sql.run_many(
            conn,
            "INSERT INTO unit (id, parent, name, kind, code, initials) VALUES (?, ?, ?, '', '', '')",
            [(unit, parent, unit) for unit, parent in TREE.items()],
        )
    yield made
    made.close()


def _path(unit: str) -> tuple[str, ...]:
    path: list[str] = []
    while unit:
        path.insert(0, unit)
        unit = TREE[unit]
    return tuple(path)
