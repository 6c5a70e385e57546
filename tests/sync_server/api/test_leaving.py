"""Leases as devices are told them, and devices that were revoked: one last push, or nothing at all."""

import base64
from typing import Any

import pytest
from sqlalchemy import select, update

from domain.entities.leases import LeasePolicy
from domain.rules.unlocking import revocation_proof
from domain.wire.commands import ChangeStatus, EditTicket
from domain.wire.identity import DeviceName, Lease, Refresh, Refreshed, SignedIn, SignIn
from domain.wire.sync import BackfillRequest, Problem, PullAnswer, PushAnswer, Range
from sync_server.access import devices
from sync_server.access.tokens import LAST_PUSH_S
from sync_server.store import tables as t
from sync_server.store.configuration_changes import Author
from sync_server.store.configuration_writer import Edit, write_configuration
from sync_server.store.unit_of_work import UnitOfWork
from tests.sync_server.api.house import PASSWORD, House, heard, refused

DAY_S = 86_400


def revoke(house: House, session: SignedIn, *, stolen: bool = False) -> None:
    """As an operator would."""
    with house.services.store.write() as conn:
        devices.revoke(conn, session.device.id, now=house.clock.now(), stolen=stolen)
        conn.commit()


def lease(session: SignedIn | Refreshed) -> Lease:
    """What a device was told of its lease."""
    assert session.lease is not None
    return session.lease


def proven(session: SignedIn, problem: Problem) -> bool:
    """Whether the refusal proves to this device that its server said so."""
    secret = base64.b64decode(lease(session).secret)
    stolen = bool(problem.message["stolen"])
    return bool(problem.message["proof"] == revocation_proof(secret, session.device.id, stolen=stolen))


def statuses(answer: Any) -> list[str]:
    """How each command of a push fared."""
    return [verdict.status for verdict in heard(answer, PushAnswer).verdicts]


def test_a_device_is_told_its_lease(house: House) -> None:
    """At sign-in, with new tokens, and with each page: fourteen days where nothing is set."""
    session = house.sign_in()
    again = heard(house.post("/refresh", Refresh(refresh_token=session.tokens.refresh_token)), Refreshed)
    assert lease(session).length_s == lease(again).length_s == 14 * DAY_S
    assert lease(session).secret == lease(again).secret
    assert lease(house.sign_in()).secret != lease(session).secret
    assert heard(house.pull(session), PullAnswer).lease_s == 14 * DAY_S


def test_a_lease_follows_the_role(house: House) -> None:
    """What `leases.json` says of the person's role is told with the next page."""
    session = house.sign_in()
    policy = LeasePolicy(id="agent", days=5, warn_days=2)
    with house.services.store.write() as conn:
        conn.execute(update(t.grant).where(t.grant.c.person == "amy").values(role="agent"))
        work = UnitOfWork(conn, nonces=house.services.ids, at=house.clock.now())
        write_configuration(work, [Edit(kind="lease", id="agent", entity=policy)], author=Author())
        work.commit()
    assert heard(house.pull(session), PullAnswer).lease_s == 5 * DAY_S
    assert lease(house.sign_in()).warn_s == 2 * DAY_S


def test_a_revoked_device_makes_its_last_push_and_nothing_else(house: House) -> None:
    """Its commands are taken; it can't pull, fill, fetch keys, register or sign in; it is told why, with proof."""
    session = house.sign_in()
    revoke(house, session)
    assert statuses(house.push(session, house.chain.create("e1", subject="Left over"))) == ["applied"]
    token = session.tokens.access_token
    fill = BackfillRequest(protocol=1, device=session.device.id, scope_version="", range=Range(kind="config"))
    sign_in = SignIn(login="amy", password=PASSWORD, device=DeviceName(id=session.device.id))
    for answer in (
        house.pull(session),
        house.post("/sync/backfill", fill, token),
        house.get(f"/devices/{session.device.id}/key", token),
        house.post("/devices/register", DeviceName(name="new"), token),
        house.post("/sign-in", sign_in),
        house.get("/sync/poke", token),
    ):
        problem = refused(answer)
        assert problem.code == "device_revoked"
        assert proven(session, problem)


def test_the_last_push_works_with_tokens_that_have_expired(house: House) -> None:
    """A device that comes back after days refreshes first; what it gets is good for the push alone."""
    session = house.sign_in()
    revoke(house, session)
    house.clock.pass_s(10 * DAY_S)
    assert refused(house.push(session)).code == "token_expired"
    fresh = heard(house.post("/refresh", Refresh(refresh_token=session.tokens.refresh_token)), Refreshed)
    assert fresh.lease is None
    token = fresh.tokens.access_token
    pull = house.post(
        "/sync/pull", {"protocol": 1, "device": session.device.id, "cursor": "", "scope_version": ""}, token
    )
    assert refused(pull).code == "device_revoked"
    push = {"protocol": 1, "device": session.device.id, "push_no": 1, "commands": [house.chain.create("e1")]}
    assert statuses(house.post("/sync/push", push, token)) == ["applied"]


def test_the_last_push_is_bounded_in_time(house: House) -> None:
    """Thirty days after it was revoked nothing is taken any more, nor are tokens given."""
    session = house.sign_in()
    revoke(house, session)
    house.clock.pass_s(LAST_PUSH_S)
    problem = refused(house.push(session, house.chain.create("e1")))
    assert (problem.code, problem.message["last_push"]) == ("device_revoked", False)
    again = house.post("/refresh", Refresh(refresh_token=session.tokens.refresh_token))
    assert refused(again).code == "device_revoked"


def test_nothing_is_taken_from_a_stolen_device(house: House) -> None:
    """Not even what it had unsent; and revoking it once more makes it no less stolen."""
    session = house.sign_in()
    revoke(house, session, stolen=True)
    revoke(house, session)
    problem = refused(house.push(session, house.chain.create("e1")))
    assert (problem.code, problem.message["stolen"], problem.message["last_push"]) == (
        "device_revoked",
        True,
        False,
    )
    assert proven(session, problem)
    with house.services.store.read() as conn:
        assert conn.execute(select(t.ticket.c.id)).all() == []


def test_the_last_verdicts_hold_no_values(house: House) -> None:
    """What others wrote meanwhile is not told to who leaves: a conflict, without theirs."""
    session, max_ = house.sign_in(), house.sign_in("max")
    create = house.chain.create("e1", subject="Before")
    house.push(session, create)
    theirs, mine = (
        house.chain.command(
            "edit",
            EditTicket(values={"subject": words}),
            ticket=create.ticket_id,
            base={"subject": "Before"},
        )
        for words in ("A secret of theirs", "Mine")
    )
    assert statuses(house.push(max_, theirs)) == ["applied"]
    revoke(house, session)
    answer = house.push(session, mine, push_no=2)
    assert statuses(answer) == ["conflict"]
    assert b"secret" not in answer.content
    again = house.push(session, mine, push_no=2)
    assert statuses(again) == ["conflict"]
    assert b"secret" not in again.content


def test_what_somebody_who_left_did_before_still_counts(house: House) -> None:
    """The grants they had decide, though they can't sign in any more."""
    session = house.sign_in()
    create = house.chain.create("e1")
    house.push(session, create)
    revoke(house, session)
    with house.services.store.write() as conn:
        conn.execute(update(t.person).where(t.person.c.id == "amy").values(active=False))
        conn.commit()
    solve = house.chain.command(
        "status", ChangeStatus(to="open"), ticket=create.ticket_id, base={"status": "new"}
    )
    assert statuses(house.push(session, solve, push_no=2)) == ["applied"]
    assert refused(house.pull(session)).code == "device_revoked"


@pytest.mark.parametrize("stolen", [True, False])
def test_a_restored_device_signs_in_again(house: House, stolen: bool) -> None:
    """Its old tokens are gone; its password lets it in under the same name."""
    session = house.sign_in()
    revoke(house, session, stolen=stolen)
    with house.services.store.write() as conn:
        devices.restore(conn, session.device.id)
        conn.commit()
    assert refused(house.pull(session)).code == "token_unknown"
    assert house.pull(house.sign_in(device=session.device.id)).status_code == 200
