"""The search for older tickets over HTTP: for whom, and what is written down of it."""

from sqlalchemy import select, update

from domain.wire.older import OlderAnswer, OlderRequest
from sync_server.store import tables as t
from sync_server.store.rows import load_mapping
from tests.sync_server.api.house import House, heard, refused


def test_what_was_asked_is_audited(house: House) -> None:
    """The answer brings what is found; the record tells who asked, on which device, with which words."""
    amy = house.sign_in("amy")
    house.push(amy, house.chain.create("e1", subject="Cold soup"))
    with house.services.store.write() as conn:
        conn.execute(update(t.ticket).values(closed_at=1_000))
        conn.execute(update(t.feed_head).values(keep_since=2_000))
        conn.commit()
    asked = OlderRequest(protocol=2, device=amy.device.id, words="cold soup")
    answer = heard(house.post("/tickets/search", asked, amy.tokens.access_token), OlderAnswer)
    assert [one.subject for one in answer.found] == ["Cold soup"]
    with house.services.store.read() as conn:
        told = conn.execute(select(t.audit).where(t.audit.c.action == "older_searched")).one()
    assert (told.person, told.device) == ("amy", amy.device.id)
    assert load_mapping(told.detail) == {"words": "cold soup", "found": 1, "further": False}


def test_nobody_else_may_ask(house: House) -> None:
    """Without a token, for another device, or for nothing: refused, and nothing is written down."""
    amy = house.sign_in("amy")
    asked = OlderRequest(protocol=2, device=amy.device.id, words="soup")
    assert refused(house.post("/tickets/search", asked, "")).code == "token_missing"
    other = OlderRequest(protocol=2, device="another", words="soup")
    assert refused(house.post("/tickets/search", other, amy.tokens.access_token)).code == "wrong_device"
    nothing = OlderRequest(protocol=2, device=amy.device.id, words="  ")
    assert refused(house.post("/tickets/search", nothing, amy.tokens.access_token)).code == "search_words"
    with house.services.store.read() as conn:
        assert conn.execute(select(t.audit.c.id).where(t.audit.c.action == "older_searched")).first() is None
