"""A desk with channels, rules and contacts, whose workers send into one post."""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import update

from domain.entities.notices import Channel, NoticeRule, NoticeTemplate, NoticeText
from sync_server.channels.sending import Letter
from sync_server.jobs.deliveries import Deliveries
from sync_server.store import delivery_queue as queue
from sync_server.store import tables as t
from sync_server.store.configuration_changes import Author
from sync_server.store.configuration_writer import Edit, write_configuration
from sync_server.store.contacts import set_contacts
from sync_server.store.deliveries import Outgoing, queue_deliveries
from sync_server.store.engine import Store
from sync_server.store.unit_of_work import UnitOfWork
from tests.sync_server.chain import START, Chain

MINUTE_MS, HOUR_MS = 60_000, 3_600_000
MAIL = Channel(id="mail", kind="smtp", reaches="email", settings={"host": "h", "from": "desk@x.test"})
SMS = Channel(id="sms", kind="webhook", reaches="phone", url="http://x.test")
TEXT = NoticeTemplate(
    id="news",
    texts={
        "zh": NoticeText(subject="工单 {number}", body="{store}：{subject}，{handler}"),
        "en": NoticeText(subject="Ticket {number}", body="{store}: {subject} {status}"),
    },
)
PLAIN = NoticeTemplate(id="plain", texts={"zh": NoticeText(body="单号 {number} {status}")})
TOLD = NoticeRule(
    id="given",
    events=("assigned",),
    roles=("assignee", "superior"),
    people=("ben",),
    channels=("mail", "app"),
    template="news",
)
CUSTOMER = NoticeRule(
    id="customer",
    events=("created", "replied", "resolved"),
    roles=("customer",),
    channels=("sms",),
    template="plain",
)


class Clock:
    """A clock the test moves."""

    def __init__(self) -> None:
        self.at = START + HOUR_MS

    def now(self) -> int:
        return self.at


class NoSecrets:
    """Channels without secrets."""

    def of(self, channel: str) -> Mapping[str, str]:
        return {}


class Post:
    """Takes every letter; `fails` may refuse one."""

    def __init__(self) -> None:
        self.letters: list[tuple[str, Letter]] = []
        self.tried = 0
        self.fails: Callable[[Letter], None] = lambda letter: None

    def open(self, channel: Channel, _secrets: Any) -> "Box":
        return Box(self, channel.id)


class Box:
    """One channel's way into the post."""

    def __init__(self, post: Post, channel: str) -> None:
        self._post, self._channel = post, channel

    def send(self, letter: Letter) -> None:
        self._post.tried += 1
        self._post.fails(letter)
        self._post.letters.append((self._channel, letter))


class Desk:
    """The small chain with channels, rules and contacts, and workers that send into one post."""

    def __init__(self, store: Store) -> None:
        self.chain, self.clock, self.post = Chain(store), Clock(), Post()
        self.store = store
        self.configure(
            Edit(kind="notice_channel", id="mail", entity=MAIL),
            Edit(kind="notice_channel", id="sms", entity=SMS),
            Edit(kind="notice_template", id="news", entity=TEXT),
            Edit(kind="notice_template", id="plain", entity=PLAIN),
        )
        with store.write() as conn:
            for person in ("amy", "ben", "eva"):
                set_contacts(conn, person, {"email": f"{person}@x.test"})
            conn.execute(update(t.person).where(t.person.c.id == "amy").values(superior="eva"))
            conn.commit()

    def configure(self, *edits: Edit) -> None:
        with self.store.write() as conn:
            work = UnitOfWork(conn, nonces=self.chain.ids, at=START)
            write_configuration(work, edits, author=Author())
            work.commit()

    def rule(self, *rules: NoticeRule) -> None:
        self.configure(*(Edit(kind="notice_rule", id=one.id, entity=one) for one in rules))

    def queue(self, *messages: Outgoing) -> None:
        with self.store.write() as conn:
            work = UnitOfWork(conn, nonces=self.chain.ids, at=self.clock.at)
            queue_deliveries(work, messages)
            work.commit()

    def worker(self) -> Deliveries:
        chain = self.chain
        return Deliveries(
            chain.store,
            configurations=chain.configurations,
            trees=chain.trees,
            clock=self.clock,
            secrets=NoSecrets(),
            opened=self.post.open,
        )

    def rows(self) -> dict[str, tuple[str, str]]:
        """State and outcome of each message, by recipient and channel."""
        with self.store.read() as conn:
            return {f"{one.recipient}/{one.channel}": (one.state, one.outcome) for one in queue.listed(conn)}

    def ticket(self, **values: Any) -> str:
        create = self.chain.create("e1", personal={"phone": "13800138000"}, **values)
        assert self.chain.do("amy", create)[0].status == "applied"
        return create.ticket_id


def message(ticket: str, to: str = "amy", **more: Any) -> Outgoing:
    """A message to a person by mail."""
    plain: dict[str, Any] = {
        "ticket": ticket,
        "rule": "test",
        "rev": 1,
        "channel": "mail",
        "template": "news",
    }
    return Outgoing(**{**plain, "to": to, **more})
