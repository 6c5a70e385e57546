"""People, grants and devices from the command line and from files."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from domain.errors import InvalidInputError
from domain.wire.identity import DeviceName
from sync_server.access import devices, tokens
from sync_server.access.tokens import Caller, Lifetimes
from sync_server.operations import people
from sync_server.operations.imports.people import import_people
from sync_server.operations.tools import Tools
from sync_server.store import tables as t
from sync_server.store.people_writer import grants_of, people_by_login

HEAD = "login,name,unit,superior,role,level,line,scope,classes,password\n"


def _person(tools: Tools, login: str) -> Any:
    with tools.store.read() as conn:
        return conn.execute(select(t.person).where(t.person.c.login == login)).one()


def _grants(tools: Tools, login: str) -> list[tuple[str, str, int, int]]:
    with tools.store.read() as conn:
        names = {unit.id: unit.code for unit in tools.trees.current(conn).units.values()}
        found = grants_of(conn, people_by_login(conn)[login])
    return sorted((names[one.unit], one.line, one.level, one.classes) for one in found)


def _session(tools: Tools, login: str) -> tuple[str, str]:
    """A device of a person and its access token."""
    with tools.store.write() as conn:
        person = people_by_login(conn)[login]
        device = devices.known_or_new(conn, tools.ids, person=person, wanted=DeviceName(), now=0)
        lifetimes = Lifetimes(access_s=10**9, refresh_s=10**9)
        issued = tokens.issue(conn, Caller(person=person, device=device.id), lifetimes, now=tools.clock.now())
        conn.commit()
    return device.code, issued.access_token


def _works(tools: Tools, token: str) -> bool:
    with tools.store.read() as conn:
        try:
            tokens.authenticate(conn, token, now=tools.clock.now())
        except Exception:  # noqa: BLE001 - whatever the reason
            return False
    return True


def test_person_is_added_with_a_hashed_password(sample: Tools) -> None:
    """The password is kept as argon2id; the name is found by its initials."""
    people.add(sample, login="new", name="林小满", unit="HZ001", password="long enough", superior="wuhao")
    row = _person(sample, "new")
    assert row.password_hash.startswith("$argon2id$")
    assert (row.pinyin, row.superior) == ("lxm", _person(sample, "wuhao").id)


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"login": "lina"}, "login_taken"),
        ({"unit": "MOON"}, "unknown_unit_code"),
        ({"superior": "nobody"}, "unknown_login"),
        ({"password": "short"}, "password_length"),
    ],
)
def test_person_that_cannot_be_is_refused(quick_sample: Tools, values: dict[str, str], code: str) -> None:
    """A login that is taken, a unit or superior that is not there, a password too short."""
    plain = {"login": "new", "name": "N", "unit": "HQ", "password": "long enough"}
    with pytest.raises(InvalidInputError, match=code):
        people.add(quick_sample, **{**plain, **values})


def test_new_password_ends_open_sessions(sample: Tools) -> None:
    """After a password was set every device has to sign in again."""
    _, token = _session(sample, "lina")
    assert _works(sample, token)
    people.set_password(sample, "lina", "another password")
    assert not _works(sample, token)


def test_locked_person_is_out_until_unlocked(sample: Tools) -> None:
    """Locking ends sessions and bars sign-in; unlocking lifts it."""
    _, token = _session(sample, "lina")
    people.set_lock(sample, "lina", locked=True)
    assert not _works(sample, token)
    assert _person(sample, "lina").locked_until > sample.clock.now()
    people.set_lock(sample, "lina", locked=False)
    assert _person(sample, "lina").locked_until == 0


def test_grants_are_given_and_taken(sample: Tools) -> None:
    """A grant is added once; taking it away raises the version of the scope, too."""
    before = _person(sample, "xudan").grants_version
    wanted = {"role": "agent", "unit": "NB001", "line": "retail", "level": "handle", "classes": "ordinary"}
    assert people.give_grant(sample, "xudan", **wanted)
    assert not people.give_grant(sample, "xudan", **wanted)
    assert _grants(sample, "xudan") == [("HZ002", "", 3, 7), ("NB001", "retail", 3, 1)]
    assert people.take_grants(sample, "xudan", unit="NB001") == 1
    assert _grants(sample, "xudan") == [("HZ002", "", 3, 7)]
    assert _person(sample, "xudan").grants_version == before + 2
    assert people.take_grants(sample, "xudan") == 1
    assert _grants(sample, "xudan") == []


def test_people_come_from_a_file_with_their_grants(sample: Tools, tmp_path: Path) -> None:
    """Accounts, superiors that stand later in the file, and a grant each."""
    file = tmp_path / "people.csv"
    file.write_text(
        HEAD
        + "mei,梅清,HZ003,tang,store_agent,handle,,,ordinary|internal,first password\n"
        + "tang,唐越,ZJ-HZ,,city_manager,manage,retail,ZJ-HZ,,\n",
        encoding="utf-8",
    )
    done = import_people(sample, file, mapping={})
    assert (done.counts["added"], done.counts["granted"], done.problems) == (2, 2, ())
    assert _person(sample, "mei").superior == _person(sample, "tang").id
    assert _grants(sample, "mei") == [("HZ003", "", 3, 3)]
    assert _grants(sample, "tang") == [("ZJ-HZ", "retail", 4, 1)]
    again = import_people(sample, file, mapping={})
    assert {name: again.counts[name] for name in ("added", "changed", "granted")} == {
        "added": 0,
        "changed": 0,
        "granted": 0,
    }


def test_bad_people_are_told_and_the_rest_comes_in(sample: Tools, tmp_path: Path) -> None:
    """Each bad row by line and column; a superior nobody knows costs the superior, not the person."""
    file = tmp_path / "people.csv"
    file.write_text(
        HEAD
        + "a,甲,MOON,,,,,,,\n"
        + "b,乙,HQ,,agent,emperor,,,,\n"
        + "c,丙,HQ,,agent,see,tv,,,\n"
        + "d,丁,HQ,,agent,see,,,secret,\n"
        + "e,戊,HQ,nobody,,,,,,\n"
        + "e,戊,HQ,,,,,,,\n",
        encoding="utf-8",
    )
    done = import_people(sample, file, mapping={})
    assert sorted((p.line, p.column, p.code) for p in done.problems) == [
        (2, "unit", "cell_unknown_unit"),
        (3, "level", "cell_unknown_option"),
        (4, "line", "cell_unknown_line"),
        (5, "classes", "unknown_class"),
        (6, "superior", "cell_unknown_login"),
        (7, "login", "cell_twice"),
    ]
    assert done.counts["added"] == 1
    assert _person(sample, "e").superior == ""
