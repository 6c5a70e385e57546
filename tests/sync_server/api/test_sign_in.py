"""Passwords, lock-out, tokens and devices."""

from concurrent.futures import ThreadPoolExecutor

from msgspec import structs
from sqlalchemy import func, select

from domain.wire.identity import DeviceName, Refresh, Refreshed, SignedIn, SignIn
from sync_server.access import devices
from sync_server.store import tables as t
from tests.sync_server.api.house import PASSWORD, House, heard, refused


def _refresh(house: House, token: str) -> Refreshed:
    return heard(house.post("/refresh", Refresh(refresh_token=token)), Refreshed)


def test_signing_in_registers_the_device_and_gives_tokens(house: House) -> None:
    """A right password gives the person, a device with a four-letter code, and tokens that work."""
    session = house.sign_in()
    assert (session.person.id, session.person.unit) == ("amy", "e1")
    assert len(session.device.code) == 4
    assert house.pull(session).status_code == 200


def test_wrong_password_and_unknown_login_sound_the_same(house: House) -> None:
    """Who tries logins learns nothing of which exist."""
    wrong, unknown = house.refused_sign_in("amy"), house.refused_sign_in("nobody")
    assert (wrong.code, wrong.status) == ("wrong_password", 401)
    assert wrong == unknown


def test_too_many_wrong_passwords_lock_the_account_for_a_while(house: House) -> None:
    """Five wrong ones lock even the right one out, until the time that is told; then it works again."""
    codes = [house.refused_sign_in().code for _ in range(5)]
    assert codes == ["wrong_password"] * 4 + ["locked_out"]
    locked = refused(house.post("/sign-in", SignIn(login="amy", password=PASSWORD)))
    assert locked.code == "locked_out"
    assert locked.message["until"] == house.clock.at + 15 * 60 * 1000
    house.clock.pass_s(15 * 60)
    assert house.sign_in().person.id == "amy"


def test_right_password_forgets_earlier_wrong_ones(house: House) -> None:
    """Only wrong passwords in a row count."""
    for _ in range(3):
        for _ in range(4):
            assert house.refused_sign_in().code == "wrong_password"
        house.sign_in()


def test_signing_in_again_on_the_same_device_keeps_it(house: House) -> None:
    """The device keeps its id and code; a new one is registered only where none is named."""
    first = house.sign_in()
    again, other = house.sign_in(device=first.device.id), house.sign_in()
    assert again.device == first.device
    assert other.device.id != first.device.id
    assert other.device.code != first.device.code


def test_device_of_somebody_else_is_not_taken_over(house: House) -> None:
    """Naming another person's device registers a new one."""
    theirs = house.sign_in("ben")
    assert house.sign_in("amy", device=theirs.device.id).device.id != theirs.device.id


def test_access_token_expires_and_is_refreshed(house: House) -> None:
    """After an hour the access token is refused with a code of its own; the refresh token brings another."""
    session = house.sign_in()
    house.clock.pass_s(3600)
    assert refused(house.pull(session)).code == "token_expired"
    fresh = _refresh(house, session.tokens.refresh_token).tokens
    request = house.get("/devices/none/key", fresh.access_token)
    assert refused(request).code == "wrong_device"


def test_refresh_token_may_be_shown_again_if_its_answer_was_lost(house: House) -> None:
    """An answer lost on the way does not sign a store out; the tokens nobody received are void."""
    session = house.sign_in()
    lost = _refresh(house, session.tokens.refresh_token).tokens
    found = _refresh(house, session.tokens.refresh_token).tokens
    assert refused(house.get("/devices/x/key", lost.access_token)).code == "token_unknown"
    assert refused(house.get("/devices/x/key", found.access_token)).code == "wrong_device"


def test_refresh_token_shown_after_its_successor_was_used_ends_all(house: House) -> None:
    """Two holders of one token means a copy: every token of the device is void."""
    session = house.sign_in()
    second = _refresh(house, session.tokens.refresh_token).tokens
    assert refused(house.get("/devices/x/key", second.access_token)).code == "wrong_device"
    stolen = refused(house.post("/refresh", Refresh(refresh_token=session.tokens.refresh_token)))
    assert (stolen.code, stolen.status) == ("token_reused", 401)
    assert refused(house.get("/devices/x/key", second.access_token)).code == "token_unknown"
    assert (
        refused(house.post("/refresh", Refresh(refresh_token=second.refresh_token))).code == "token_unknown"
    )


def test_refresh_token_expires_too(house: House) -> None:
    """After ninety days without a refresh the person signs in again."""
    session = house.sign_in()
    house.clock.pass_s(90 * 86_400)
    problem = refused(house.post("/refresh", Refresh(refresh_token=session.tokens.refresh_token)))
    assert problem.code == "token_expired"


def test_tokens_are_not_in_the_database(house: House) -> None:
    """Whoever reads the database can't speak for anybody."""
    session = house.sign_in()
    with house.services.store.read() as conn:
        kept = {row.hash for row in conn.execute(select(t.token))}
    assert kept
    assert not kept & {session.tokens.access_token, session.tokens.refresh_token}


def test_signing_out_voids_the_tokens(house: House) -> None:
    """After signing out neither token works."""
    session = house.sign_in()
    heard(house.post("/sign-out", {}, session.tokens.access_token), dict)
    assert refused(house.pull(session)).code == "token_unknown"


def test_revoked_device_is_told_so(house: House) -> None:
    """A revoked device can't go on, can't refresh, can't sign in again; other devices can."""
    session, other = house.sign_in(), house.sign_in()
    with house.services.store.write() as conn:
        devices.revoke(conn, session.device.id, now=house.clock.now())
        conn.commit()
    message = SignIn(login="amy", password=PASSWORD, device=DeviceName(id=session.device.id))
    again = refused(house.post("/sign-in", message))
    assert (again.code, again.status) == ("device_revoked", 401)
    assert refused(house.pull(session)).code == "device_revoked"
    assert house.pull(other).status_code == 200


def test_copied_replica_registers_anew(house: House) -> None:
    """The copy gets a device and tokens of its own; the original goes on as it was."""
    session = house.sign_in()
    copy = heard(
        house.post("/devices/register", DeviceName(name="copy"), session.tokens.access_token), SignedIn
    )
    assert copy.device.id != session.device.id
    assert house.pull(copy).status_code == 200
    assert house.pull(session).status_code == 200


def test_inactive_person_is_refused(house: House) -> None:
    """Who has left the company can't sign in, and a session that was open ends."""
    session = house.sign_in()
    with house.services.store.write() as conn:
        conn.execute(t.person.update().where(t.person.c.id == "amy").values(active=False))
        conn.commit()
    assert refused(house.pull(session)).code == "person_inactive"
    assert refused(house.post("/sign-in", SignIn(login="amy", password=PASSWORD))).code == "wrong_password"


def test_sign_ins_and_refusals_are_on_record(house: House) -> None:
    """The audit names person, device and address of every sign-in, and holds no password."""
    session = house.sign_in()
    house.refused_sign_in("amy")
    house.refused_sign_in("nobody")
    with house.services.store.read() as conn:
        rows = [
            tuple(row) for row in conn.execute(select(t.audit.c.action, t.audit.c.person, t.audit.c.device))
        ]
        count = conn.execute(select(func.count()).where(t.audit.c.detail.contains("not this one"))).scalar()
    assert ("signed_in", "amy", session.device.id) in rows
    assert {("sign_in_refused", "amy", ""), ("sign_in_refused", None, "")} <= set(rows)
    assert not count


def test_one_refresh_token_shown_twice_at_once_brings_one_set_of_tokens(house: House) -> None:
    """Two requests race with one refresh token: whoever is second replaces what the first brought."""
    session = house.sign_in()
    with ThreadPoolExecutor(2) as both:
        answers = list(both.map(_refresh, [house] * 2, [session.tokens.refresh_token] * 2))
    kept = [house.pull(session_of(session, one)).status_code for one in answers]
    assert sorted(kept) == [200, 401]


def session_of(session: SignedIn, refreshed: Refreshed) -> SignedIn:
    """The session with newer tokens."""
    return structs.replace(session, tokens=refreshed.tokens)
