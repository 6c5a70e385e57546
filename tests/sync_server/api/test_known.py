"""A token met before is believed only as long as the store still says so."""

import pytest
from sqlalchemy import update

from domain.wire.sync import PushAnswer
from sync_server.access import devices, tokens
from sync_server.store import tables as t
from tests.sync_server.api.house import House, heard, refused


def test_a_push_of_a_known_token_is_taken(house: House) -> None:
    """The second push asks for its caller together with its facts, and is answered alike."""
    amy = house.sign_in("amy")
    for push_no in (1, 2):
        answer = heard(house.push(amy, house.chain.create("e1"), push_no=push_no), PushAnswer)
        assert [verdict.status for verdict in answer.verdicts] == ["applied"]
    assert house.services.known.find(tokens.hashed(amy.tokens.access_token), now=house.clock.now())


@pytest.mark.parametrize("how", ["signed_out", "stolen", "left", "expired", "another_device"])
def test_what_was_taken_back_holds_at_once(house: House, how: str) -> None:
    """Signed out, revoked, left, expired: the very next push of a known token is refused and has no effect."""
    amy = house.sign_in("amy")
    heard(house.push(amy, house.chain.create("e1")), PushAnswer)
    other = house.sign_in("amy")
    session = amy
    with house.services.store.write() as conn:
        if how == "signed_out":
            tokens.sign_out(conn, amy.device.id)
        elif how == "stolen":
            devices.revoke(conn, amy.device.id, now=house.clock.now(), stolen=True)
        elif how == "left":
            conn.execute(update(t.person).where(t.person.c.id == "amy").values(active=False))
        elif how == "expired":
            house.clock.pass_s(house.services.settings.access_token_s)
        else:
            session = type(amy)(
                **{**{f: getattr(amy, f) for f in amy.__struct_fields__}, "device": other.device}
            )
        conn.commit()
    codes = {
        "signed_out": "token_unknown",
        "stolen": "device_revoked",
        "left": "person_inactive",
        "expired": "token_expired",
        "another_device": "wrong_device",
    }
    late = house.chain.create("e1")
    assert refused(house.push(session, late, push_no=2)).code == codes[how]
    with house.services.store.read() as conn:
        assert not conn.execute(t.ticket.select().where(t.ticket.c.id == late.ticket_id)).first()


def test_a_revoked_device_known_before_may_still_make_its_last_push(house: House) -> None:
    """One that was not stolen brings what it has: the known token is asked for anew and taken as leaving."""
    amy = house.sign_in("amy")
    heard(house.push(amy, house.chain.create("e1")), PushAnswer)
    with house.services.store.write() as conn:
        devices.revoke(conn, amy.device.id, now=house.clock.now())
        conn.commit()
    answer = heard(house.push(amy, house.chain.create("e1"), push_no=2), PushAnswer)
    assert [verdict.status for verdict in answer.verdicts] == ["applied"]
    assert not house.services.known.find(tokens.hashed(amy.tokens.access_token), now=house.clock.now())
