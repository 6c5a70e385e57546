"""Mail over SMTP: text and HTML, in one thread for each ticket, marked as written by a machine (RFC 3834)."""

import html
import smtplib
import ssl
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr

from domain.entities.notices import Channel
from sync_server.channels.sending import Letter, Secrets, SendError

TIMEOUT_S = 20
PORTS = {"ssl": 465, "starttls": 587, "none": 25}


class SmtpSender:
    """Settings: host, port, security (starttls, ssl, none), from, reply_to; secrets: user, password."""

    def __init__(self, channel: Channel, secrets: Secrets) -> None:
        self._settings, self._secrets = channel.settings, secrets.of(channel.id)
        self._name, self._from = parseaddr(channel.settings["from"])
        self._language = channel.language

    def send(self, letter: Letter) -> None:
        """Hand one mail over; the server's lasting refusal of it is permanent."""
        try:
            message = self.message(letter)
        except (ValueError, IndexError):
            raise SendError("bad_address", permanent=True) from None
        try:
            with self._connected() as server:
                server.send_message(message, from_addr=self._from, to_addrs=[letter.to])
        except smtplib.SMTPRecipientsRefused as error:
            code = next((code for code, _ in error.recipients.values()), 0)
            raise SendError(f"address_{code}", permanent=code >= 500) from None
        except smtplib.SMTPAuthenticationError as error:
            raise SendError(f"sign_in_{error.smtp_code}", away=True) from None
        except smtplib.SMTPResponseException as error:
            sender = isinstance(error, smtplib.SMTPSenderRefused)
            lasting = error.smtp_code >= 500 and not sender
            raise SendError(f"smtp_{error.smtp_code}", permanent=lasting, away=sender) from None
        except (OSError, smtplib.SMTPException):
            raise SendError("unreachable", away=True) from None

    def _connected(self) -> smtplib.SMTP:
        security = self._settings.get("security", "starttls")
        host, port = self._settings["host"], int(self._settings.get("port") or PORTS.get(security, 587))
        context = ssl.create_default_context()
        if security == "ssl":
            server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=TIMEOUT_S, context=context)
        else:
            server = smtplib.SMTP(host, port, timeout=TIMEOUT_S)
        try:
            if security == "starttls":
                server.starttls(context=context)
            if self._secrets.get("user"):
                server.login(self._secrets["user"], self._secrets.get("password", ""))
        except Exception:
            server.close()
            raise
        return server

    def message(self, letter: Letter) -> EmailMessage:
        """The mail; its id names the message, its reference the ticket."""
        user, _, domain = self._from.rpartition("@")
        message = EmailMessage()
        message["From"] = Address(self._name, user, domain)
        message["To"] = Address("", *_halves(letter.to))
        message["Subject"] = letter.subject
        message["Date"] = format_datetime(datetime.fromtimestamp(letter.at // 1000, UTC))
        message["Message-ID"] = f"<{letter.id}@{domain}>"
        if letter.ticket:
            message["References"] = message["In-Reply-To"] = f"<ticket.{letter.ticket}@{domain}>"
        message["Auto-Submitted"] = "auto-generated"
        message["X-Auto-Response-Suppress"] = "All"
        if self._settings.get("reply_to"):
            message["Reply-To"] = self._settings["reply_to"]
        message.set_content(letter.body)
        message.add_alternative(_html(letter.body, self._language), subtype="html")
        return message


def _halves(address: str) -> tuple[str, str]:
    """What stands before and after the last `@`; ValueError where one of them is empty."""
    user, _, domain = address.rpartition("@")
    if not user or not domain:
        raise ValueError
    return user, domain


def _html(body: str, language: str) -> str:
    paragraphs = "<br>\n".join(html.escape(line) for line in body.splitlines())
    return (
        f'<!doctype html>\n<html lang="{language}"><head><meta charset="utf-8"></head>\n'
        f'<body style="font-family: sans-serif; font-size: 14px; line-height: 1.6">{paragraphs}</body></html>\n'
    )
