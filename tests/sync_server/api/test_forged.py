"""Well-formed messages of somebody who means harm: other people's ids, invented cursors, repeats in any order."""

import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from domain.wire import codec
from domain.wire.commands import Command
from domain.wire.identity import SignedIn
from domain.wire.sync import BackfillRequest, PullRequest, PushRequest, Range, TicketsRequest
from sync_server.store import tables as t
from sync_server.store.engine import Store
from tests.sync_server.api.house import SECRET, House, opened, with_a_secret

EXAMPLES = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


class Told:
    """A house with a ticket of Amy's store and one of the west, and what an honest Amy has heard."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.mine, self.foreign = with_a_secret(house)
        self.session: SignedIn = house.sign_in()
        self.head: dict[str, Any] = house.pull(self.session).json()
        self.start = f"{self.head['to_cursor'].partition('.')[0]}.0.0"
        self.push_no = 0

    def ask(self, path: str, message: object) -> tuple[int, str]:
        """Send a message as Amy; returns status and text, none of which may tell of the west."""
        answer = self.house.post(f"/sync/{path}", message, self.session.tokens.access_token)
        assert answer.status_code < 500, answer.text
        assert SECRET not in answer.text
        return answer.status_code, answer.text

    def rows(self, path: str, message: object) -> dict[str, Any]:
        """An answer that brings rows, if any, of Amy's own store alone; empty where it was refused."""
        status, text = self.ask(path, message)
        if status != 200:
            assert codec.decode(text, dict[str, Any])["code"]
            return {}
        answer = codec.decode(text, dict[str, Any])
        assert {put[0][0] for put in answer.get("put", ())} <= {self.mine}
        return answer

    def push(self, *commands: Command, push_no: int | None = None) -> tuple[int, str]:
        """Push as Amy, with the next number unless one is given."""
        self.push_no += 1
        number = self.push_no if push_no is None else push_no
        request = PushRequest(protocol=2, device=self.session.device.id, push_no=number, commands=commands)
        return self.ask("push", request)

    def tickets(self) -> dict[str, tuple[int, str]]:
        """Revision and subject of every ticket there is."""
        with self.house.chain.store.read() as conn:
            rows = conn.execute(select(t.ticket.c.id, t.ticket.c.rev, t.ticket.c.subject))
            return {row.id: (row.rev, row.subject) for row in rows}


@pytest.fixture(scope="module")
def told(sqlite_template: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    """The house, with Amy signed in."""
    folder = tmp_path_factory.mktemp("forged")
    shutil.copyfile(sqlite_template, folder / "server.sqlite3")
    store = Store(f"sqlite:///{folder / 'server.sqlite3'}", pool_size=4)
    with opened(store, folder) as house:
        yield Told(house)
    store.close()


HISTORY = {"template": "complaint", "template_version": 1, "org": "e1", "line": "retail", "subject": "old"}
SETS: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "reply": st.builds(
        lambda body, internal: {"body": body, "internal": internal}, st.text(min_size=1), st.booleans()
    ),
    "edit": st.builds(lambda subject: {"values": {"subject": subject}}, st.text(min_size=1, max_size=40)),
    "take": st.just({}),
    "assign": st.just({"assignee": "amy"}),
    "transfer": st.just({"org": "e1", "line": "retail", "note": "to me"}),
    "status": st.sampled_from([{"to": "resolved"}, {"to": "open"}, {"to": "pending"}]),
    "tag": st.just({"add": ["x"]}),
    "cc": st.just({"add": ["amy"]}),
    "message": st.just({"body": "as if from a customer"}),
    "route": st.just({"rule": "to-desk", "assignee": "amy"}),
    "history": st.just({**HISTORY, "rows": [{"at": 0}], "created_at": 0}),
}
COMMANDS = st.sampled_from(sorted(SETS)).flatmap(lambda kind: st.tuples(st.just(kind), SETS[kind]))


@EXAMPLES
@given(wanted=st.lists(COMMANDS, min_size=1, max_size=5))
def test_commands_on_other_people_s_tickets(told: Told, wanted: list[tuple[str, dict[str, Any]]]) -> None:
    """Whatever is commanded on a ticket out of scope is rejected, changes nothing and tells nothing of it."""
    before = told.tickets()
    commands = tuple(
        Command(id=told.house.chain.ids.new(), ticket_id=told.foreign, kind=kind, set=values)
        for kind, values in wanted
    )
    status, text = told.push(*commands)
    if status == 200:
        assert {one["status"] for one in codec.decode(text, dict[str, Any])["verdicts"]} == {"rejected"}
    assert told.tickets() == before


@EXAMPLES
@given(
    org=st.sampled_from(["w1", "west", "hq", "east", "nowhere", ""]),
    line=st.sampled_from(["", "retail", "online"]),
    deep=st.booleans(),
    after=st.sampled_from(["", "0", "f" * 32, "Z"]),
    kind=st.sampled_from(["unit", "mine", "config"]),
)
def test_ranges_of_others(told: Told, org: str, line: str, deep: bool, after: str, kind: Any) -> None:
    """A range that isn't the caller's is never filled, however it is asked for."""
    asked = BackfillRequest(
        protocol=2,
        device=told.session.device.id,
        range=Range(kind=kind, unit=org, line=line, deep=deep),
        scope_version=told.head["scope_version"],
        after=after,
    )
    answer = told.rows("backfill", asked)
    if kind == "unit" and org != "e1" and answer:
        assert answer.get("granted") is False
        assert "config" not in answer


@EXAMPLES
@given(
    epoch=st.sampled_from(["", "epoch", "other"]),
    seq=st.one_of(st.integers(-5, 50), st.sampled_from([10**12, 10**18, 10**30])),
    nonce=st.sampled_from(["0", "", "00000000", "deadbeef", "x" * 300]),
    version=st.sampled_from(["", "1.1", "999.999", "1"]),
    seen=st.booleans(),
)
def test_invented_cursors(told: Told, epoch: str, seq: int, nonce: str, version: str, seen: bool) -> None:
    """A cursor the feed never gave brings no rows: a refusal, or the head and the scope alone."""
    forged = f"{epoch or told.head['to_cursor'].partition('.')[0]}.{seq}.{nonce}"
    asked = PullRequest(
        protocol=2,
        device=told.session.device.id,
        cursor=told.head["to_cursor"] if seen else forged,
        scope_version=version,
        seen=forged if seen else "",
    )
    answer = told.rows("pull", asked)
    # The feed's very beginning is the one place that can be guessed; it tells what the head tells, and no more.
    guessed = forged == told.start
    if not guessed and (version != told.head["scope_version"] or forged == asked.cursor):
        assert not answer.get("put")


@EXAMPLES
@given(numbers=st.permutations([0, 1, 2]), again=st.lists(st.integers(0, 2), max_size=4))
def test_pushes_in_any_order_and_repeated(told: Told, numbers: list[int], again: list[int]) -> None:
    """Each command has its effect once, and the same verdict each time, however often and late it comes."""
    new = told.house.chain.ids.new
    replies = [
        Command(id=new(), ticket_id=told.mine, kind="reply", set={"body": f"answer {number}"})
        for number in range(3)
    ]
    base = told.push_no
    heard: dict[int, set[tuple[str, int]]] = {}
    for number in [*numbers, *again]:
        status, text = told.push(replies[number], push_no=base + 1 + number)
        if status == 200:
            (verdict,) = codec.decode(text, dict[str, Any])["verdicts"]
            heard.setdefault(number, set()).add((verdict["status"], verdict.get("rev", 0)))
    told.push_no = base + 3
    assert all(len(verdicts) == 1 for verdicts in heard.values())
    with told.house.chain.store.read() as conn:
        there = select(t.entry.c.id).where(t.entry.c.id.in_([one.id for one in replies]))
        assert len(conn.execute(there).all()) == len(heard)


@EXAMPLES
@given(ids=st.lists(st.sampled_from(["foreign", "mine", "unknown", ""]), max_size=6))
def test_whole_tickets_of_others(told: Told, ids: list[str]) -> None:
    """One's own come; others' are gone, exactly like those that never were."""
    named = {"foreign": told.foreign, "mine": told.mine, "unknown": "f" * 32, "": ""}
    wanted = tuple(named[one] for one in ids)
    asked = TicketsRequest(
        protocol=2, device=told.session.device.id, scope_version=told.head["scope_version"], ids=wanted
    )
    status, text = told.ask("tickets", asked)
    if status == 200:
        answer = codec.decode(text, dict[str, Any])
        assert set(answer.get("gone", ())) == set(wanted) - {told.mine}
