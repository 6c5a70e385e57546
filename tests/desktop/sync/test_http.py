"""The transport: what the network does to us, in our words; nothing is repeated by itself."""

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import zstandard

from desktop.clock import SystemClock
from desktop.sync.http import HttpTransport, server_address
from desktop.sync.tokens import TokenShelf
from desktop.sync.transport import UnreachableError
from domain.errors import GongdanError, InvalidInputError, RefusedError, UnavailableError
from domain.wire import codec, dictionary
from domain.wire.identity import DeviceName, Health, Tokens
from domain.wire.sync import Problem, PushAnswer, PushRequest

TOKENS = Tokens(access_token="a", access_expires_at=0, refresh_token="r", refresh_expires_at=0)
PUSH = PushRequest(protocol=1, device="d", push_no=1, commands=())
ANSWER = codec.encode(PushAnswer(verdicts=(), head="e.1.x", server_time=1))


class Box:
    """Something at an address that answers as the test wants, and counts."""

    def __init__(self) -> None:
        self.status, self.body, self.headers = 200, ANSWER, {"Content-Type": "application/json"}
        self.asked: list[tuple[str, bytes, dict[str, str]]] = []
        self.silent = threading.Event()
        box = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                length = int(self.headers.get("Content-Length", 0))
                box.asked.append((self.path, self.rfile.read(length), dict(self.headers)))
                if box.status == 0:
                    self.close_connection = True
                    return
                if box.status == -1:
                    box.silent.wait(30)
                    self.close_connection = True
                    return
                self.send_response(box.status)
                for name, value in box.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(box.body)))
                self.end_headers()
                self.wfile.write(box.body)

            do_GET = do_POST

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def says(self, status: int, body: bytes = b"", **headers: str) -> None:
        """Answer so from now on; 0 cuts the connection, -1 says nothing."""
        self.status, self.body = status, body
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}

    def close(self) -> None:
        """Answer nobody."""
        self.silent.set()
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def box() -> Iterator[Box]:
    """A box for one test."""
    made = Box()
    yield made
    made.close()


@pytest.fixture
def asks(box: Box) -> Iterator[HttpTransport]:
    """A transport that asks the box, with tokens, and not patient."""
    made = HttpTransport(box.address, TokenShelf(TOKENS), SystemClock(), connect_s=2, read_s=0.5)
    yield made
    made.close()


def problem(code: str, status: int, **message: object) -> bytes:
    """Problem details as our server writes them."""
    return codec.encode(Problem(title=code, status=status, code=code, message=message))


PROBLEM = "application/problem+json"


def refused(ask: Callable[[], object]) -> GongdanError:
    """The error an exchange ends with."""
    with pytest.raises(GongdanError) as caught:
        ask()
    return caught.value


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("gongdan.example.com", "https://gongdan.example.com"),
        (" https://gongdan.example.com:8443/ ", "https://gongdan.example.com:8443"),
        ("https://example.com/gongdan/", "https://example.com/gongdan"),
        ("http://127.0.0.1:8470", "http://127.0.0.1:8470"),
        ("http://localhost:8470", "http://localhost:8470"),
        ("http://[::1]:8470", "http://[::1]:8470"),
    ],
)
def test_an_address_is_understood_as_typed(typed: str, address: str) -> None:
    """People leave out the scheme and add slashes and spaces."""
    assert server_address(typed) == address


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "bad_address"),
        ("https://", "bad_address"),
        ("ftp://example.com", "bad_address"),
        ("https://me:secret@example.com", "bad_address"),
        ("https://example.com:port", "bad_address"),
        ("two words", "bad_address"),
        ("http://example.com", "insecure_address"),
        ("http://192.168.1.5:8470", "insecure_address"),
    ],
)
def test_a_bad_address_is_refused(typed: str, code: str) -> None:
    """Passwords never leave the machine without TLS."""
    with pytest.raises(InvalidInputError, match=code):
        server_address(typed)


def test_a_refusal_is_the_servers_own_word(box: Box, asks: HttpTransport) -> None:
    """Problem details become a refusal with the code and the arguments of its sentence."""
    box.says(409, problem("stale_push", 409, push_no=3), Content_Type=PROBLEM)
    error = refused(lambda: asks.push(PUSH))
    assert isinstance(error, RefusedError)
    assert (error.code, error.args_by_name) == ("stale_push", {"push_no": 3})


def test_a_busy_server_says_when_to_come_back(box: Box, asks: HttpTransport) -> None:
    """The advice is handed on."""
    box.says(503, problem("busy", 503), Content_Type=PROBLEM, Retry_After="7")
    error = refused(lambda: asks.push(PUSH))
    assert isinstance(error, UnavailableError)
    assert (error.code, error.args_by_name["retry_after_ms"]) == ("busy", 7000)


@pytest.mark.parametrize(
    ("status", "body", "headers", "code"),
    [
        (200, b"<html>Welcome to our wifi</html>", {"Content_Type": "text/html"}, "bad_answer"),
        (200, b'{"verdicts": 3}', {"Content_Type": "application/json"}, "bad_answer"),
        (200, b"not zstd", {"Content_Encoding": "zstd"}, "bad_answer"),
        (302, b"", {"Location": "http://127.0.0.1:1/login"}, "not_our_server"),
        (404, b"<html>nothing here</html>", {"Content_Type": "text/html"}, "not_our_server"),
        (401, b"who are you", {"Content_Type": "text/plain"}, "not_our_server"),
        (407, b"", {}, "proxy_refused"),
        (502, b"bad gateway", {"Content_Type": "text/html"}, "server_error"),
        (500, problem("server_error", 500), {"Content_Type": PROBLEM}, "server_error"),
        (0, b"", {}, "connection_lost"),
        (-1, b"", {}, "timeout"),
    ],
)
def test_what_stands_between_is_passing_trouble(
    box: Box, asks: HttpTransport, status: int, body: bytes, headers: dict[str, str], code: str
) -> None:
    """Portals, proxies and cut lines are no word of the server: nothing is given up, nothing repeated."""
    box.says(status, body, **headers)
    error = refused(lambda: asks.push(PUSH))
    assert isinstance(error, UnavailableError)
    assert error.code == code
    assert not isinstance(error, UnreachableError)
    assert len(box.asked) == 1


def test_nobody_there_means_it_did_not_happen(box: Box) -> None:
    """A connection that was never made is told apart from one that was lost."""
    address = box.address
    box.close()
    transport = HttpTransport(address, TokenShelf(TOKENS), SystemClock(), connect_s=1, read_s=1)
    error = refused(lambda: transport.push(PUSH))
    assert isinstance(error, UnreachableError)
    transport.close()


def test_an_unknown_name_means_it_did_not_happen() -> None:
    """A name that no server has is no reason to think that something was sent."""
    transport = HttpTransport(
        "http://gongdan.invalid", TokenShelf(TOKENS), SystemClock(), connect_s=2, read_s=1
    )
    assert isinstance(refused(lambda: transport.push(PUSH)), UnavailableError)
    transport.close()


def test_requests_are_packed_once_the_server_packs(box: Box, asks: HttpTransport) -> None:
    """Packing is offered by doing it; a box that does not take it gets plain requests again."""
    name = DeviceName(name="x" * 2000)
    signed = codec.encode({"device": {"id": "d", "code": "c"}})
    box.says(200, zstandard.ZstdCompressor().compress(ANSWER), Content_Encoding="zstd")
    assert asks.push(PUSH).head == "e.1.x"
    box.says(200, signed)
    refused(lambda: asks.register(name))
    sent = box.asked[-1]
    assert sent[2]["Content-Encoding"] == "zstd"
    assert codec.decode(zstandard.ZstdDecompressor().decompress(sent[1]), DeviceName) == name
    box.says(415, problem("unsupported_encoding", 415), Content_Type=PROBLEM)
    error = refused(lambda: asks.register(name))
    assert error.code == "unsupported_encoding"
    assert "Content-Encoding" not in box.asked[-1][2]


def test_small_answer_is_unpacked_with_what_answers_have_in_common(box: Box, asks: HttpTransport) -> None:
    """A small answer that was packed with the dictionary of the protocol is the answer."""
    shared = zstandard.ZstdCompressionDict(dictionary.DICTIONARY, dict_type=zstandard.DICT_TYPE_RAWCONTENT)
    packed = zstandard.ZstdCompressor(dict_data=shared, write_content_size=False).compress(ANSWER)
    box.says(200, packed, Content_Encoding=dictionary.ENCODING)
    assert asks.push(PUSH).head == "e.1.x"
    assert dictionary.ENCODING in box.asked[-1][2]["Accept-Encoding"]


def test_an_answer_without_end_is_not_swallowed(
    box: Box, asks: HttpTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A small packed answer that unpacks to more than any honest one is refused."""
    monkeypatch.setattr("desktop.sync.answers.MOST_BYTES", 100_000)
    box.says(200, zstandard.ZstdCompressor().compress(b" " * 10_000_000), Content_Encoding="zstd")
    assert refused(lambda: asks.push(PUSH)).code == "bad_answer"


def test_a_netrc_file_is_not_consulted(box: Box, asks: HttpTransport, own_home: Path) -> None:
    """What a person keeps for other programs never replaces our token."""
    (own_home / ".netrc").write_text("machine 127.0.0.1 login me password secret\n")
    asks.push(PUSH)
    assert box.asked[-1][2]["Authorization"] == "Bearer a"
    box.says(
        200, codec.encode(Health(status="ok", version="1", protocol=1, oldest_protocol=1, server_time=1))
    )
    asks.health()
    assert "Authorization" not in box.asked[-1][2]


def test_an_expired_token_is_renewed_once_for_all_threads(box: Box) -> None:
    """Two requests that meet an expired token use up one refresh token, not two."""
    shelf = TokenShelf(TOKENS)
    asks = HttpTransport(box.address, shelf, SystemClock(), connect_s=2, read_s=5)
    fresh = Tokens(access_token="b", access_expires_at=0, refresh_token="s", refresh_expires_at=0)
    box.says(200, codec.encode({"tokens": fresh, "server_time": 1}))
    threads = [threading.Thread(target=asks.fresh_token, args=("a",)) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert [path for path, _, _ in box.asked] == ["/v1/refresh"]
    assert shelf.current == fresh
    asks.close()


def test_where_there_is_no_token_the_person_is_asked() -> None:
    """Without tokens nothing is sent at all."""
    asks = HttpTransport("http://127.0.0.1:9", TokenShelf(), SystemClock())
    assert refused(lambda: asks.push(PUSH)).code == "sign_in_needed"
    asks.close()


def test_a_time_slot_is_finer_than_the_header(box: Box, asks: HttpTransport) -> None:
    """The slot in the problem counts; one that no server gives is not believed."""
    box.says(503, problem("busy", 503, retry_after_ms=2_345), Content_Type=PROBLEM, Retry_After="3")
    assert refused(lambda: asks.push(PUSH)).args_by_name["retry_after_ms"] == 2_345
    box.says(503, problem("busy", 503, retry_after_ms=10**12), Content_Type=PROBLEM, Retry_After="3")
    assert refused(lambda: asks.push(PUSH)).args_by_name["retry_after_ms"] == 3_000
