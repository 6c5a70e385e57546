"""What is refused is written down, and what is written down stays."""

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.exc import DBAPIError

from domain.wire.commands import Reply
from sync_server.access.audit import DENIED, REFUSED, recorded
from sync_server.store import tables as t
from tests.sync_server.api.house import House


def test_every_refusal_names_person_device_address_and_what_was_asked(house: House) -> None:
    """A file of a ticket out of sight, and a reply on one: two rows, without a word of what was written."""
    amy = house.sign_in("amy")
    made = house.chain.create("w1")
    house.chain.do("wes", made)
    there = made.ticket_id
    house.get(f"/attachments/{'a' * 64}?ticket={there}", amy.tokens.access_token)
    told = house.chain.command("reply", Reply(body="a secret word"), ticket=there)
    house.push(amy, told)
    house.push(amy, told, push_no=2)  # a repeat is no second refusal
    with house.services.store.read() as conn:
        rows = recorded(conn, person="amy", action=REFUSED, limit=10)
        assert recorded(conn, person="ben", limit=10) == []
    assert [(one.login, one.device) for one in rows] == [("amy", amy.device.id)] * 2
    assert all(one.address for one in rows)
    by_code = {one.detail["code"]: one.detail for one in rows}
    assert by_code["out_of_scope"] == {
        "code": "out_of_scope", "kind": "reply", "ticket": there, "command": told.id,
    }  # fmt: skip
    file = by_code["attachment_not_found"]
    assert (file["ticket"], file["path"]) == (there, f"/v1/attachments/{'a' * 64}")
    assert set(by_code) <= DENIED
    assert "secret" not in str(rows)


@pytest.mark.parametrize("table", ["audit", "config_change"])
def test_the_record_can_only_grow(house: House, table: str) -> None:
    """The database itself refuses to change or delete a row of it."""
    rows = t.metadata.tables[table]
    with house.services.store.write() as conn:
        values = {"audit": {"id": "x", "at": 1, "device": "", "address": "", "action": "a", "detail": "{}"}}
        values["config_change"] = {"number": 99, "at": 1, "actor": "", "cause": "", "note": "", "rows": "[]",
                                   "grants": "[]"}  # fmt: skip
        conn.execute(rows.insert().values(**values[table]))
        conn.commit()
    for statement in (update(rows).values(at=2), delete(rows)):
        with pytest.raises(DBAPIError, match="append-only"), house.services.store.write() as conn:
            conn.execute(statement)
    with house.services.store.read() as conn:
        assert conn.execute(select(rows.c.at).where(rows.c.at == 1)).all()
