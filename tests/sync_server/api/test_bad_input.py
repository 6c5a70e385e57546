"""Whatever is sent, the answer is a problem with a code and nothing has changed: never a fault of ours.

One house for all the cases: nothing of them may have changed it.
"""

import itertools
import json
import shutil
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
import zstandard
from sqlalchemy import func, select

from domain.wire.identity import SignedIn
from sync_server.store import tables as t
from sync_server.store.engine import Store
from tests.sync_server.api.house import House, opened, refused

DEEP = b"[" * 100_000
BIG = b"1" + b"0" * 400
SIGNED_OUT = {
    "nothing": b"",
    "no_json": b"\xff\xfe",
    "other_shape": b"[1]",
    "null": b"null",
    "deep": DEEP,
    "nul_login": rb'{"login":"a\u0000b","password":"open sesame","device":{"id":"","name":"x"}}',
    "nul_device": rb'{"login":"amy","password":"open sesame","device":{"id":"a\u0000","name":"x"}}',
    "nul_name": rb'{"login":"amy","password":"open sesame","device":{"id":"","name":"a\u0000"}}',
    "half_pair": rb'{"login":"\ud800","password":"open sesame","device":{"id":"","name":"x"}}',
    "truncated_zstd": zstandard.ZstdCompressor().compress(b'{"login":"amy"}' * 100)[:-4],
}
_PUSHES = itertools.count(1)
BASE = {"subject": "Till", "priority": "normal", "type": "incident"}
COMMAND = {"id": "c" * 32, "ticket_id": "t" * 32, "kind": "reply", "set": {"body": "x"}}


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def house(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A server over the small chain, on either database."""
    folder = tmp_path_factory.mktemp("house")
    if request.param == "sqlite":
        shutil.copyfile(request.getfixturevalue("sqlite_template"), folder / "server.sqlite3")
        url = f"sqlite:///{folder / 'server.sqlite3'}"
    else:
        url = request.getfixturevalue("postgres").new()
    store = Store(url, pool_size=4)
    with opened(store, folder) as made:
        yield made
    store.close()
    if request.param == "postgres":
        request.getfixturevalue("postgres").drop(url)


@pytest.fixture(scope="module")
def session(house: House) -> SignedIn:
    """Somebody signed in there."""
    return house.sign_in()


def _rows(house: House) -> dict[str, int]:
    """How many rows there are of what a push may write."""
    with house.chain.store.read() as conn:
        return {
            table.name: int(conn.execute(select(func.count()).select_from(table)).scalar_one())
            for table in (t.ticket, t.entry, t.change, t.verdict, t.notice, t.ticket_cc)
        }


@pytest.mark.parametrize("path", ["/sign-in", "/refresh", "/devices/register"])
@pytest.mark.parametrize("body", SIGNED_OUT.values(), ids=SIGNED_OUT)
def test_bodies_that_are_no_message(house: House, session: SignedIn, path: str, body: bytes) -> None:
    """Bytes that are no message are refused, signed in or not."""
    token = session.tokens.access_token
    headers = {"content_encoding": "zstd"} if body[:4] == b"\x28\xb5\x2f\xfd" else {}
    problem = refused(house.post(path, body, token, **headers))
    assert problem.status < 500, problem


@pytest.mark.parametrize(
    "parts",
    [
        {"at": "@BIG@"},
        {"at": -5},
        {"base": {"priority": "@BIG@"}},
        {"set": {"body": "@BIG@"}},
        {"set": "@DEEP@"},
        {"id": "a\0b"},
        {"id": ""},
        {"id": "x" * 5000},
        {"ticket_id": "a\0b"},
        {"ticket_id": ""},
        {"depends_on": ["a\0"]},
        {"clock": {"contact_at": "@BIG@"}},
        {"clock": {"offset_ms": -(10**30)}},
        {"kind": "sing"},
        {"kind": "route", "set": {"rule": "x"}},
        {"version": -1},
    ],
    ids=str,
)
def test_commands_that_are_none(house: House, session: SignedIn, parts: dict[str, Any]) -> None:
    """A malformed command changes no ticket and is answered, by a verdict or by a problem."""
    before = _rows(house)
    message = {
        "protocol": 1,
        "device": session.device.id,
        "push_no": next(_PUSHES),
        "commands": [{**COMMAND, **parts}],
    }
    deep = b'{"a":' * 50_000 + b"1" + b"}" * 50_000
    body = msgspec.json.encode({**message, "commands": ["@"]}).replace(
        b'"@"', _json({**COMMAND, **parts}).replace(b'"@BIG@"', BIG).replace(b'"@DEEP@"', deep)
    )
    answer = house.post("/sync/push", body, session.tokens.access_token)
    if answer.status_code == 200:
        (verdict,) = msgspec.json.decode(answer.content)["verdicts"]
        assert verdict["status"] == "rejected"
        assert verdict["code"] != "server_fault"
    else:
        assert refused(answer).status < 500
    assert _rows(house) | {"verdict": 0} == before | {"verdict": 0}


def _json(value: object) -> bytes:
    return json.dumps(value).encode()


@pytest.mark.parametrize(
    "values",
    [
        {"body": "a\0b"},
        {"values": {"subject": 5}},
        {"values": {"subject": None}},
        {"values": {"subject": ["x"]}},
        {"values": {"priority": ["x"]}},
        {"values": {"priority": {"x": 1}}},
        {"values": {"type": []}},
        {"values": {"category": 5}},
        {"values": {"category": ["x"]}},
        {"values": {"category": {}}},
        {"values": {"fields.wish": {"x": 1}}},
        {"values": {"fields.": "x"}},
        {"values": {"fields.phone": {"x": 1}}},
        {"values": {"personal.phone": {"x": 1}}},
        {"values": {"personal.name": {"x": 1}}},
        {"values": {"personal.": "x"}},
        {"values": {"id": "x"}},
        {"values": {"": "x"}},
        {"values": {"fields.wish": "a\0b"}},
        {"to": "resolved", "fields": {"wish": ["x"]}},
        {"to": "on_hold", "reason": "x", "until": 10**18 * 99},
        {"to": "on_hold", "reason": "x", "until": -5},
        {"add": ["a\0b"]},
        {"add": [""]},
        {"remove": ["a\0b"], "add": ["a\0b"]},
        {"add": ["x" * 10_000]},
    ],
    ids=str,
)
def test_values_that_do_not_fit(house: House, session: SignedIn, values: dict[str, Any]) -> None:
    """Values of another kind than their field are refused with a sentence of their own, and change nothing."""
    create = house.chain.create()
    house.chain.do("amy", create)
    before = _rows(house)
    kinds = {"values": "edit", "body": "reply", "to": "status", "add": "tag", "remove": "cc"}
    command = {
        **COMMAND,
        "id": house.chain.ids.new(),
        "ticket_id": create.ticket_id,
        "kind": kinds[next(iter(values))],
        "set": values,
        "base": BASE,
    }
    message = {"protocol": 1, "device": session.device.id, "push_no": next(_PUSHES), "commands": [command]}
    answer = house.post("/sync/push", _json(message), session.tokens.access_token)
    if answer.status_code == 200:
        (verdict,) = msgspec.json.decode(answer.content)["verdicts"]
        assert (verdict["status"], verdict["code"] != "server_fault") == ("rejected", True), verdict
    else:
        assert refused(answer).status < 500
    assert _rows(house) | {"verdict": 0} == before | {"verdict": 0}


@pytest.mark.parametrize(
    "withdraw",
    [["c" * 32, "c" * 32], ["c" * 32], ["a\0b"], [""], ["x" * 9000]],
    ids=["twice", "also_sent", "nul", "empty", "long"],
)
def test_odd_withdrawals(house: House, session: SignedIn, withdraw: list[str]) -> None:
    """Setting something aside twice, or together with sending it, is no fault of the server's."""
    create = house.chain.create()
    house.chain.do("amy", create)
    command = {**COMMAND, "ticket_id": create.ticket_id}
    message = {
        "protocol": 1,
        "device": session.device.id,
        "push_no": next(_PUSHES),
        "commands": [command],
        "withdraw": withdraw,
    }
    answer = house.post("/sync/push", _json(message), session.tokens.access_token)
    assert answer.status_code == 200 or refused(answer).status < 500, answer.text


@pytest.mark.parametrize(
    "parts",
    [
        {"cursor": "epoch.0.\0"},
        {"cursor": "\0.1.1"},
        {"cursor": "epoch.-1.x"},
        {"cursor": "epoch.999999999999999999.x"},
        {"cursor": "epoch.1.forged"},
        {"cursor": "epoch.１.x"},
        {"limit": -(10**12), "cursor": "epoch.0.0"},
        {"protocol": -1},
        {"protocol": 10**9},
        {"scope_version": "\0"},
    ],
    ids=str,
)
def test_odd_pulls(house: House, session: SignedIn, parts: dict[str, Any]) -> None:
    """Forged cursors and numbers out of range are refused or answered with nothing."""
    message = {"protocol": 1, "device": session.device.id, "cursor": "", "scope_version": "", **parts}
    answer = house.post("/sync/pull", _json(message), session.tokens.access_token)
    assert answer.status_code == 200 or refused(answer).status < 500, answer.text


@pytest.mark.parametrize(
    "parts",
    [
        {"range": {"kind": "unit", "unit": "a\0"}},
        {"range": {"kind": "unit", "unit": "e1", "line": "a\0"}},
        {"range": {"kind": "unit", "unit": "e1"}, "after": "\0"},
        {"range": {"kind": "unit", "unit": "e1"}, "limit": 10**18 * 99},
        {"range": {"kind": "moon"}},
        {"range": None},
    ],
    ids=str,
)
def test_odd_backfills(house: House, session: SignedIn, parts: dict[str, Any]) -> None:
    """Ranges that are none are refused or not granted."""
    version = house.chain.viewer("amy").scope_version
    message = {"protocol": 1, "device": session.device.id, "scope_version": version, "after": "", **parts}
    answer = house.post("/sync/backfill", _json(message), session.tokens.access_token)
    assert answer.status_code == 200 or refused(answer).status < 500, answer.text


@pytest.mark.parametrize("ids", [["a\0"], ["x" * 9000], [""], [1], ["x"] * 40_000], ids=lambda v: str(v)[:20])
def test_odd_tickets(house: House, session: SignedIn, ids: list[Any]) -> None:
    """Ids that are none name no ticket."""
    version = house.chain.viewer("amy").scope_version
    message = {"protocol": 1, "device": session.device.id, "scope_version": version, "ids": ids}
    answer = house.post("/sync/tickets", _json(message), session.tokens.access_token)
    assert answer.status_code == 200 or refused(answer).status < 500, answer.text


@pytest.mark.parametrize(
    "query",
    [
        "from=9999-01-01&to=9999-12-31",
        "from=0001-01-01&to=0001-01-02",
        "from=2026-01-01&to=2026-01-31&unit=%00",
        "from=2026-01-01&to=2026-01-31&team=%00",
        "from=2026-01-01&to=2026-01-31&line=%00",
        "from=2026-01-01&to=2026-01-31&category=%00",
        "from=2026-01-01&to=2026-01-31&zone=..%2F..%2Fetc",
        "from=2026-01-01&to=2026-01-31&zone=%00",
        "from=2026-01-31&to=2026-01-01",
        "from=x&to=y",
        "",
        "from=2026-01-01&from=2026-01-02&to=2026-01-31",
        "from=%ff&to=%fe",
    ],
)
@pytest.mark.parametrize(
    "path", ["overview?", "tickets?measure=category&key=%00&", "tickets?measure=created&"]
)
def test_odd_reports(house: House, session: SignedIn, path: str, query: str) -> None:
    """Questions that don't hold are refused."""
    token = session.tokens.access_token
    answer = house.get(f"/reports/{path}{query}", token)
    assert answer.status_code == 200 or refused(answer).status < 500, answer.text


@pytest.mark.parametrize("device", ["%00", "a" * 5000, "..%2f", "%ff"])
def test_odd_devices(house: House, session: SignedIn, device: str) -> None:
    """Keys of devices that are none are refused."""
    token = session.tokens.access_token
    assert refused(house.get(f"/devices/{device}/key", token)).status < 500
    assert refused(house.put(f"/devices/{device}/key", {"key": "\0"}, token)).status < 500


@pytest.mark.parametrize(
    "header", ["Bearer", "Bearer  ", "Basic x", "Bearer \xff\xfe", "Bearer " + "x" * 9000]
)
def test_odd_tokens(house: House, header: str) -> None:
    """Tokens that are none are refused as such."""
    answer = house.client.get(
        "/v1/reports/overview?from=2026-01-01&to=2026-01-02",
        headers={b"authorization": header.encode("latin-1")},
    )
    assert refused(answer).status == 401
