"""Mail goes over real SMTP; what the server says decides whether it is tried again."""

import ssl
from collections.abc import Iterator, Mapping
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword

from domain.entities.notices import Channel
from domain.rules.automatic_mail import is_automatic
from sync_server.channels.sending import Letter, SendError
from sync_server.channels.smtp import SmtpSender
from tests.processes import free_port
from tests.sync_server.channels.provider import certificate

# The mail server's word on sign-in over a line that is encrypted already.
pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")

LETTER = Letter(
    id="b" * 32,
    to="amy@shops.test",
    subject="工单 100001 已派给您",
    body="第一行 <b>\n第二行",
    ticket="t1",
    number="100001",
    at=1_795_000_000_000,
)


class Mailbox:
    """Takes mail, or answers as told."""

    def __init__(self) -> None:
        self.taken: list[Envelope] = []
        self.to_recipient, self.to_data = "250 OK", "250 OK"

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if self.to_recipient.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.to_recipient

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.taken.append(envelope)
        return self.to_data

    def mail(self) -> EmailMessage:
        """The newest mail."""
        content = self.taken[-1].content
        assert isinstance(content, bytes)
        found = message_from_bytes(content, policy=policy.default)
        assert isinstance(found, EmailMessage)
        return found


class Given:
    """The password of the mailbox."""

    def __init__(self, password: str = "right") -> None:
        self._password = password

    def of(self, channel: str) -> Mapping[str, str]:
        return {"user": "desk", "password": self._password}


def _knows(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
    assert isinstance(data, LoginPassword)
    return AuthResult(success=data.login == b"desk" and data.password == b"right", handled=False)


@pytest.fixture(params=["starttls", "ssl"])
def served(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Mailbox, Channel]]:
    """A mail server on a free port, trusted here, and a channel to it."""
    file, key = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(file, key)
    security = request.param
    box, port = Mailbox(), free_port()
    tls: dict[str, Any] = {"tls_context": context, "require_starttls": True} if security == "starttls" else {}
    server = Controller(
        box,
        hostname="127.0.0.1",
        port=port,
        auth_required=True,
        auth_require_tls=security == "starttls",
        authenticator=_knows,
        ssl_context=context if security == "ssl" else None,
        **tls,
    )
    server.start()
    settings = {
        "host": "127.0.0.1",
        "port": str(port),
        "security": security,
        "from": "工单 <desk@shops.test>",
    }
    try:
        yield box, Channel(id="mail", kind="smtp", settings=settings)
    finally:
        server.stop()


def failure(channel: Channel, letter: Letter = LETTER, secrets: Given | None = None) -> SendError:
    """How sending fails."""
    with pytest.raises(SendError) as caught:
        SmtpSender(channel, secrets or Given()).send(letter)
    return caught.value


def test_a_mail_arrives_in_both_forms_and_says_what_it_is(served: tuple[Mailbox, Channel]) -> None:
    """Text and HTML, in the ticket's thread, under an id that stays, marked so that no machine answers it."""
    box, channel = served
    SmtpSender(channel, Given()).send(LETTER)
    mail = box.mail()
    assert box.taken[-1].rcpt_tos == ["amy@shops.test"]
    assert (mail["Subject"], mail["From"]) == ("工单 100001 已派给您", "工单 <desk@shops.test>")
    assert mail["Message-ID"] == f"<{LETTER.id}@shops.test>"
    assert mail["References"] == "<ticket.t1@shops.test>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert is_automatic(dict(mail.items()))
    plain, rich = mail.get_body(("plain",)), mail.get_body(("html",))
    assert plain is not None
    assert plain.get_content().splitlines() == LETTER.body.splitlines()
    assert rich is not None
    assert "第一行 &lt;b&gt;<br>" in rich.get_content()


def test_what_the_server_says_decides(served: tuple[Mailbox, Channel]) -> None:
    """550 for an address is for good, 451 may pass, a wrong password stops the channel, a bad address is nobody's."""
    box, channel = served
    box.to_recipient = "550 no such user"
    assert (failure(channel).code, failure(channel).permanent) == ("address_550", True)
    box.to_recipient = "451 greylisted"
    assert (failure(channel).code, failure(channel).permanent) == ("address_451", False)
    box.to_recipient, box.to_data = "250 OK", "554 looks like spam"
    assert (failure(channel).code, failure(channel).permanent) == ("smtp_554", True)
    wrong = failure(channel, secrets=Given("wrong"))
    assert (wrong.code, wrong.away, wrong.permanent) == ("sign_in_535", True, False)
    for bad in ("amy", "amy@x.test\r\nBcc: all@x.test"):
        error = failure(channel, Letter(id="1", to=bad, subject="s", body="b"))
        assert (error.code, error.permanent) == ("bad_address", True)


def test_a_server_that_nobody_vouches_for_gets_no_password(
    served: tuple[Mailbox, Channel], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without trust in its certificate nothing is sent, over either kind of encryption."""
    box, channel = served
    monkeypatch.delenv("SSL_CERT_FILE")
    assert failure(channel).away
    assert box.taken == []


def test_a_mail_server_that_is_not_there_is_away() -> None:
    """Nobody listens: the channel is away, for every mail."""
    channel = Channel(
        id="mail",
        kind="smtp",
        settings={"host": "127.0.0.1", "port": "1", "security": "none", "from": "desk@shops.test"},
    )
    error = failure(channel)
    assert (error.code, error.away) == ("unreachable", True)
