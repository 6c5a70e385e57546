"""Bodies that came broken, in another encoding or much too large, at each of the sync endpoints.

What was cut or changed on its way is refused with a code, never taken in part: no fault, no effect, no leak.
"""

import gzip
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from domain.wire import codec
from domain.wire.commands import Command
from domain.wire.identity import SignedIn
from domain.wire.protocol import MAX_BATCH_BYTES
from domain.wire.sync import BackfillRequest, PullRequest, PushRequest, Range, TicketsRequest
from sync_server.store import tables as t
from sync_server.store.engine import Store
from tests.sync_server.api.house import SECRET, House, opened, refused, with_a_secret

PATHS = ("push", "pull", "tickets", "backfill")
EXAMPLES = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


class Asked:
    """A house with a ticket of Amy's and one that is not, and a good message of hers for each endpoint."""

    def __init__(self, house: House) -> None:
        self.house = house
        mine, foreign = with_a_secret(house)
        self._session: SignedIn = house.sign_in()
        version = house.pull(self._session).json()["scope_version"]
        who: dict[str, Any] = {"protocol": 2, "device": self._session.device.id}
        said = Command(id="c" * 32, ticket_id=mine, kind="reply", set={"body": "答复 ü"})
        self.good: dict[str, bytes] = {
            "push": codec.encode(PushRequest(**who, push_no=1, commands=(said,))),
            "pull": codec.encode(PullRequest(**who, cursor="", scope_version=version)),
            "tickets": codec.encode(TicketsRequest(**who, scope_version=version, ids=(mine, foreign))),
            "backfill": codec.encode(
                BackfillRequest(**who, scope_version=version, range=Range(kind="unit", unit="e1"))
            ),
        }

    def send(self, path: str, body: bytes, **headers: str) -> int:
        """Send bytes as Amy; returns the status. No fault, nothing of the west, and no effect but of what was taken."""
        before = self._rows()
        token = self._session.tokens.access_token
        answer = self.house.post(f"/sync/{path}", body, token, **headers)
        assert SECRET not in answer.text
        if answer.status_code != 200:
            assert refused(answer).status < 500, answer.text
            assert self._rows() == before
        return answer.status_code

    def _rows(self) -> list[int]:
        with self.house.chain.store.read() as conn:
            return [
                int(conn.execute(select(func.count()).select_from(table)).scalar_one())
                for table in (t.ticket, t.entry, t.change, t.verdict, t.notice)
            ]


@pytest.fixture(scope="module")
def asked(sqlite_template: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    """One house for all the cases: nothing of what is broken may have changed it."""
    folder = tmp_path_factory.mktemp("broken")
    shutil.copyfile(sqlite_template, folder / "server.sqlite3")
    store = Store(f"sqlite:///{folder / 'server.sqlite3'}", pool_size=4)
    with opened(store, folder) as house:
        yield Asked(house)
    store.close()


def _packed(body: bytes) -> bytes:
    return zstandard.ZstdCompressor().compress(body)


@pytest.mark.parametrize("path", PATHS)
def test_what_is_cut_anywhere_is_refused_whole(asked: Asked, path: str) -> None:
    """After each eighth of the message, plain or packed."""
    body = asked.good[path]
    for eighths in range(8):
        cut = body[: len(body) * eighths // 8]
        assert asked.send(path, cut) == 400
        assert (
            asked.send(path, _packed(body)[: len(_packed(body)) * eighths // 8], content_encoding="zstd")
            == 400
        )


BROKEN: dict[str, tuple[Callable[[bytes], bytes], dict[str, str]]] = {
    "utf-16": (lambda body: body.decode().encode("utf-16"), {}),
    "gb18030": (lambda body: body.decode().replace("2", "工").encode("gb18030"), {}),
    "half a character": (lambda body: body[:-1] + b'\xe7"}', {}),
    "called zstd": (lambda body: body, {"content_encoding": "zstd"}),
    "called gzip": (gzip.compress, {"content_encoding": "gzip"}),
    "called br": (lambda body: body, {"content_encoding": "br, zstd"}),
    "gzip, called nothing": (gzip.compress, {}),
    "packed twice": (lambda body: _packed(_packed(body)), {"content_encoding": "zstd"}),
    "twice in one": (lambda body: body + body, {}),
    "a list of it": (lambda body: b"[" + body + b"]", {}),
    "too large": (lambda body: b" " * (4 * MAX_BATCH_BYTES) + body, {}),
    "a bomb": (lambda body: _packed(b" " * 30_000_000 + body), {"content_encoding": "zstd"}),
}


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("how", BROKEN)
def test_other_encodings_and_sizes_are_refused(asked: Asked, path: str, how: str) -> None:
    """Whatever it says of itself."""
    change, headers = BROKEN[how]
    assert asked.send(path, change(asked.good[path]), **headers) in (400, 413, 415)


@EXAMPLES
@given(
    path=st.sampled_from(PATHS),
    flips=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 7)), min_size=1, max_size=4),
    packed=st.booleans(),
)
def test_flipped_bits_are_no_fault(
    asked: Asked, path: str, flips: list[tuple[float, int]], packed: bool
) -> None:
    """What still reads as a message is judged as one, by its own rights; anything else is refused."""
    good = asked.good[path]
    body = bytearray(_packed(good) if packed else good)
    for place, bit in flips:
        body[int(place * len(body))] ^= 1 << bit
    asked.send(path, bytes(body), **({"content_encoding": "zstd"} if packed else {}))
