"""The sync protocol over HTTP: who may speak, what is understood, how it is packed."""

import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from domain.wire import codec, dictionary
from domain.wire.protocol import MAX_BATCH_BYTES, PROTOCOL
from domain.wire.sync import BackfillRequest, PullAnswer, PushAnswer, Range, RowsAnswer, TicketsRequest
from sync_server.store import tables as t
from tests.sync_server.api.house import House, heard, refused

ADDRESSES = (
    "/sync/push",
    "/sync/pull",
    "/sync/tickets",
    "/sync/backfill",
    "/sync/digest",
    "/sign-in",
    "/refresh",
)


def _rows(house: House) -> int:
    with house.services.store.read() as conn:
        nouns = (t.ticket, t.entry, t.change, t.verdict, t.device, t.token)
        return sum(conn.execute(select(func.count()).select_from(noun)).scalar_one() for noun in nouns)


def test_ticket_goes_up_and_comes_down_elsewhere(house: House) -> None:
    """What a store pushes over HTTP, head office pulls over HTTP."""
    amy, max_ = house.sign_in("amy"), house.sign_in("max")
    start = heard(house.pull(max_), PullAnswer)
    answer = heard(house.push(amy, house.chain.create("e1", subject="Cold soup")), PushAnswer)
    assert [verdict.status for verdict in answer.verdicts] == ["applied"]
    page = heard(house.pull(max_, cursor=start.to_cursor, scope_version=start.scope_version), PullAnswer)
    assert [put.ticket.subject for put in page.put] == ["Cold soup"]
    assert page.put[0].ticket.number == answer.verdicts[0].number


def test_whole_tickets_and_ranges_are_read(house: House) -> None:
    """Tickets by id and pages of a range are answered from the same rows."""
    amy = house.sign_in("amy")
    create = house.chain.create("e1")
    house.push(amy, create)
    version = heard(house.pull(amy), PullAnswer).scope_version
    asked = TicketsRequest(
        protocol=1, device=amy.device.id, scope_version=version, ids=(create.ticket_id, "x")
    )
    whole = heard(house.post("/sync/tickets", asked, amy.tokens.access_token), RowsAnswer)
    wanted = BackfillRequest(
        protocol=1, device=amy.device.id, scope_version=version, range=Range(kind="mine")
    )
    page = heard(house.post("/sync/backfill", wanted, amy.tokens.access_token), RowsAnswer)
    assert whole.put == page.put
    assert whole.gone == ("x",)


def test_messages_may_be_packed_both_ways(house: House) -> None:
    """zstd is understood, and answered to those who take it."""
    amy = house.sign_in("amy")
    request = {"protocol": 1, "device": amy.device.id, "push_no": 1}
    commands = [house.chain.create("e1") for _ in range(20)]
    raw = zstandard.ZstdCompressor().compress(codec.encode({**request, "commands": commands}))
    response = house.client.post(
        "/v1/sync/push",
        content=raw,
        headers={
            "authorization": f"Bearer {amy.tokens.access_token}",
            "content-encoding": "zstd",
            "accept-encoding": "zstd",
        },
    )
    assert response.headers["content-encoding"] == "zstd"
    plain = response.content if response.content[:1] == b"{" else zstandard.decompress(response.content)
    assert len(codec.decode(plain, PushAnswer).verdicts) == 20


def test_small_answer_is_packed_with_what_answers_have_in_common(house: House) -> None:
    """A pull of one changed ticket takes a third with the dictionary, and is the same answer."""
    amy = house.sign_in("amy")
    start = heard(house.pull(amy), PullAnswer)
    house.push(amy, house.chain.create("e1"))
    wanted = {
        "protocol": 2,
        "device": amy.device.id,
        "cursor": start.to_cursor,
        "scope_version": start.scope_version,
    }
    headers = {"authorization": f"Bearer {amy.tokens.access_token}"}
    plain, packed = (
        house.client.post("/v1/sync/pull", json=wanted, headers={**headers, "accept-encoding": coding})
        for coding in ("identity", f"zstd, {dictionary.ENCODING}")
    )
    assert packed.headers["content-encoding"] == dictionary.ENCODING
    shared = zstandard.ZstdCompressionDict(dictionary.DICTIONARY, dict_type=zstandard.DICT_TYPE_RAWCONTENT)
    reader = zstandard.ZstdDecompressor(dict_data=shared).stream_reader(packed.content)
    assert codec.decode(reader.read(), PullAnswer).put == codec.decode(plain.content, PullAnswer).put
    assert 3 * len(packed.content) < len(plain.content)


def test_packed_message_is_not_unpacked_beyond_the_limit(house: House) -> None:
    """A small body that unpacks to gigabytes costs no more than the limit."""
    bomb = zstandard.ZstdCompressor().compress(bytes(64 * 1024 * 1024))
    problem = refused(house.post("/sync/push", bomb, "any", content_encoding="zstd"))
    assert (problem.code, problem.status) == ("too_large", 413)


def test_large_message_is_refused(house: House) -> None:
    """A push beyond its size is refused before it is read as a message."""
    problem = refused(house.post("/sync/push", b" " * (2 * MAX_BATCH_BYTES + 1), "any"))
    assert problem.code == "too_large"
    assert refused(house.post("/sync/push", b" " * 2_000_000, "any")).code == "too_large"


def test_unknown_encoding_is_refused(house: House) -> None:
    """What can't be unpacked is named."""
    assert refused(house.post("/sync/pull", b"{}", content_encoding="br")).code == "unsupported_encoding"


def test_other_protocols_are_told_apart(house: House) -> None:
    """A client too old and one too new each get their code."""
    amy = house.sign_in("amy")
    assert refused(house.pull(amy, protocol=0)).code == "protocol_too_old"
    newer = refused(house.pull(amy, protocol=PROTOCOL + 1))
    assert (newer.code, newer.status) == ("protocol_too_new", 426)


def test_token_speaks_for_its_own_device_alone(house: House) -> None:
    """A message that names another device is refused, and nothing of it is done."""
    amy, other = house.sign_in("amy"), house.sign_in("amy")
    asked = {"protocol": 1, "device": other.device.id, "push_no": 1, "commands": [house.chain.create("e1")]}
    before = _rows(house)
    problem = refused(house.post("/sync/push", asked, amy.tokens.access_token))
    assert (problem.code, problem.status) == ("wrong_device", 403)
    assert _rows(house) == before


def test_requests_without_a_token_are_refused(house: House) -> None:
    """No token, an empty one, another scheme, a made-up one: each is refused."""
    asked = {"protocol": 1, "device": "d", "cursor": "", "scope_version": ""}
    assert refused(house.post("/sync/pull", asked)).code == "token_missing"
    assert refused(house.post("/sync/pull", asked, authorization="Basic abc")).code == "token_missing"
    assert refused(house.post("/sync/pull", asked, "made-up")).code == "token_unknown"
    assert refused(house.get("/sync/poke")).code == "token_missing"


def test_unknown_fields_are_passed_over(house: House) -> None:
    """A newer client may say more than this server knows."""
    amy = house.sign_in("amy")
    asked = {"protocol": 1, "device": amy.device.id, "cursor": "", "scope_version": "", "mood": "good"}
    assert house.post("/sync/pull", asked, amy.tokens.access_token).status_code == 200


def test_unknown_kind_of_command_is_rejected_and_others_go_on(house: House) -> None:
    """One command nobody knows does not hold up its neighbours."""
    amy = house.sign_in("amy")
    good = house.chain.create("e1")
    odd = {"id": "f" * 32, "ticket_id": good.ticket_id, "kind": "teleport"}
    asked = {"protocol": 1, "device": amy.device.id, "push_no": 1, "commands": [odd, good]}
    answer = heard(house.post("/sync/push", asked, amy.tokens.access_token), PushAnswer)
    assert [(v.status, v.code) for v in answer.verdicts] == [("rejected", "unknown_command"), ("applied", "")]


def test_forged_cursor_is_a_problem_with_a_code(house: House) -> None:
    """Cursors that this server never gave are told from broken ones."""
    amy = house.sign_in("amy")
    version = heard(house.pull(amy), PullAnswer).scope_version
    assert refused(house.pull(amy, cursor="nonsense", scope_version=version)).code == "bad_cursor"
    other = refused(house.pull(amy, cursor="other.1.abcdefgh", scope_version=version))
    assert (other.code, other.status) == ("epoch_changed", 409)


def test_addresses_that_are_not_there_are_problems_too(house: House) -> None:
    """Every refusal has the same form."""
    assert refused(house.get("/nothing")).code == "not_found"
    assert refused(house.get("/sync/push")).code == "method_not_allowed"


def test_fault_of_ours_says_nothing_of_our_insides(house: House) -> None:
    """What was not foreseen is answered with a code alone, and the server goes on."""
    amy = house.sign_in("amy")
    with house.services.store.write() as conn:
        conn.exec_driver_sql("ALTER TABLE notice RENAME TO hidden")
        conn.commit()
    asked = BackfillRequest(protocol=1, device=amy.device.id, scope_version="", range=Range(kind="config"))
    version = heard(house.pull(amy), PullAnswer).scope_version
    asked = BackfillRequest(
        protocol=1, device=amy.device.id, scope_version=version, range=Range(kind="config")
    )
    response = house.post("/sync/backfill", asked, amy.tokens.access_token)
    assert refused(response).code == "server_error"
    assert "notice" not in response.text
    assert house.get("/health").status_code == 200


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    address=st.sampled_from(ADDRESSES),
    body=st.one_of(
        st.binary(max_size=200),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(max_size=8),
            lambda inner: (
                st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
            ),
            max_leaves=10,
        ).map(codec.encode),
    ),
)
def test_whatever_comes_in_is_answered_with_a_problem_and_changes_nothing(
    house: House, address: str, body: bytes
) -> None:
    """Any bytes at any address: a refusal in the one form, below 500, and not a row more."""
    before = _rows(house)
    problem = refused(house.post(address, body, "made-up"))
    assert problem.status < 500
    assert _rows(house) == before
