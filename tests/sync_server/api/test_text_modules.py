"""A person's own text modules: on all their desktops, on nobody else's."""

import pytest

from domain.wire import codec
from domain.wire.configuration import entity_of
from domain.wire.identity import SignedIn
from domain.wire.sync import BackfillRequest, PullAnswer, Range, RowsAnswer
from domain.wire.text_modules import KeepTextModule
from tests.sync_server.api.house import House, heard, refused

ID = "a" * 32
MINE = KeepTextModule(name="我的开场白", body="您好，canary", use="reply")


def _config(house: House, session: SignedIn) -> bytes:
    version = heard(house.pull(session), PullAnswer).scope_version
    asked = BackfillRequest(
        protocol=2, device=session.device.id, range=Range(kind="config"), scope_version=version
    )
    return house.post("/sync/backfill", asked, session.tokens.access_token).content


def test_own_module_reaches_its_owner_alone(house: House) -> None:
    """By the next pull and by back-filling; to another person neither brings a word of it."""
    amy, ben = house.sign_in("amy"), house.sign_in("ben")
    begun = {one.device.id: heard(house.pull(one), PullAnswer) for one in (amy, ben)}
    answer = house.put(f"/text-modules/{ID}", MINE, amy.tokens.access_token)
    assert answer.status_code == 200, answer.text
    for session, has in ((amy, True), (ben, False)):
        start = begun[session.device.id]
        moved = house.pull(session, cursor=start.to_cursor, scope_version=start.scope_version)
        assert (b"canary" in moved.content) is has
        assert (b"canary" in _config(house, session)) is has
    rows = [one for one in heard_rows(_config(house, amy)).config if one.id == ID]
    assert [(entity_of(one).owner, one.deleted) for one in rows] == [("amy", False)]


def heard_rows(content: bytes) -> RowsAnswer:
    """The answer of a back-fill."""
    return codec.decode(content, RowsAnswer)


def test_nobody_else_changes_or_drops_it(house: House) -> None:
    """To another person the id is not there; its owner may write it anew and drop it, once."""
    amy, ben = house.sign_in("amy"), house.sign_in("ben")
    house.put(f"/text-modules/{ID}", MINE, amy.tokens.access_token)
    path, theirs = f"/v1/text-modules/{ID}", {"authorization": f"Bearer {ben.tokens.access_token}"}
    assert refused(house.put(f"/text-modules/{ID}", MINE, ben.tokens.access_token)).code == "not_found"
    assert refused(house.client.delete(path, headers=theirs)).code == "not_found"
    again = house.put(f"/text-modules/{ID}", KeepTextModule(name="x", body="y"), amy.tokens.access_token)
    assert again.status_code == 200
    own = {"authorization": f"Bearer {amy.tokens.access_token}"}
    assert house.client.delete(path, headers=own).status_code == 200
    assert refused(house.client.delete(path, headers=own)).code == "not_found"


@pytest.mark.parametrize(
    ("id", "message", "code"),
    [
        ("short", MINE, "bad_message"),
        (ID, KeepTextModule(name=" ", body="x"), "text_module_length"),
        (ID, KeepTextModule(name="x", body="x" * 5000), "text_module_length"),
    ],
)
def test_what_no_module_may_be_is_refused(house: House, id: str, message: KeepTextModule, code: str) -> None:
    """An id of another form, no name, a text without end."""
    amy = house.sign_in("amy")
    assert refused(house.put(f"/text-modules/{id}", message, amy.tokens.access_token)).code == code
