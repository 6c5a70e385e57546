"""What an operator does about messages: configure channels, see the queue, retry, test, set contacts."""

import json
import os
from pathlib import Path

import pytest

from domain.errors import InvalidInputError, UnavailableError
from sync_server.channels.secrets import SECRETS_FILE, ChannelSecrets
from sync_server.operations import notices
from sync_server.operations.configuration.applying import apply
from sync_server.operations.configuration.exporting import export
from sync_server.operations.doctor import examine
from sync_server.operations.imports.contacts import import_contacts, set_contact
from sync_server.operations.tools import Tools
from sync_server.store import delivery_queue as queue
from sync_server.store.contacts import contacts_of
from sync_server.store.deliveries import Outgoing, queue_deliveries
from sync_server.store.people_writer import people_by_login
from sync_server.store.unit_of_work import UnitOfWork
from tests.sync_server.channels.provider import provider

CHANNELS = {
    "hook": {"kind": "webhook", "url": "http://127.0.0.1:1/{path}", "per_minute": 30},
    "mail": {
        "name": "邮件",
        "kind": "smtp",
        "settings": {"host": "mail.shops.test", "from": "工单 <desk@shops.test>"},
        "quiet": {"daily": ["00:00-08:00", "21:00-24:00"]},
        "give_up_after": "12 hours",
    },
    "sms": {"kind": "aliyun_sms", "settings": {"sign_name": "好店"}, "quiet": {"sun": ["00:00-24:00"]}},
}
TEXTS = {
    "news": {
        "texts": {"zh": {"subject": "{number}", "body": "{store} {subject}"}},
        "variants": {"sms": {"code": "SMS_1", "params": ["number"]}},
    }
}
RULES = {
    "all": {
        "events": ["created", "resolved"],
        "when": {"all": [["priority", "is", "urgent"]]},
        "roles": ["customer"],
        "channels": ["sms"],
        "template": "news",
    },
    "lead": {"events": ["late"], "roles": ["lead"], "channels": ["mail", "app"], "template": "news"},
}


def written(folder: Path, **files: object) -> Path:
    """A folder with these files."""
    folder.mkdir(exist_ok=True)
    for name, value in files.items():
        (folder / f"{name}.json").write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")
    return folder


def applied(tools: Tools, folder: Path, **files: object) -> list[tuple[str, str]]:
    """The places and codes of what is wrong."""
    return [(one.place, one.code) for one in apply(tools, written(folder, **files)).problems]


def test_files_of_notices_come_back_as_they_went_in(quick_sample: Tools, tmp_path: Path) -> None:
    """Channels, templates and rules are exported as they were written."""
    files = {"channels": CHANNELS, "notice_templates": TEXTS, "notice_rules": RULES}
    assert applied(quick_sample, tmp_path / "in", **files) == []
    export(quick_sample, tmp_path / "out")
    for name, value in files.items():
        assert json.loads((tmp_path / "out" / f"{name}.json").read_text(encoding="utf-8")) == value
    assert apply(quick_sample, tmp_path / "out").written == ()


@pytest.mark.parametrize(
    ("name", "change", "code"),
    [
        ("channels", {"c": {"kind": "smtp", "settings": {"host": "h"}}}, "config_channel_setting"),
        ("channels", {"c": {"kind": "webhook"}}, "config_channel_setting"),
        (
            "channels",
            {"c": {"kind": "smtp", "settings": {"host": "h", "from": "f", "password": "p"}}},
            "config_channel_unknown_setting",
        ),
        ("channels", {"c": {"kind": "apprise", "url": "mailto://me:secret@x.test"}}, "config_channel_secret"),
        ("channels", {"c": {"kind": "webhook", "url": "https://u:secret@x.test"}}, "config_channel_secret"),
        (
            "channels",
            {"c": {"kind": "smtp", "settings": {"host": "h", "from": "f", "security": "tls"}}},
            "config_channel_value",
        ),
        ("channels", {"c": {"kind": "webhook", "url": "http://x", "quiet": {"day": []}}}, "config_weekday"),
        ("notice_templates", {"t": {"texts": {"zh": {"body": "{phone}"}}}}, "config_placeholder"),
        ("notice_templates", TEXTS, "config_unknown_channel"),
        (
            "notice_rules",
            {"r": {"events": ["created"], "channels": ["x"], "template": "received"}},
            "config_unknown_channel",
        ),
        (
            "notice_rules",
            {"r": {"events": ["created"], "channels": ["app"], "template": "x"}},
            "config_unknown_notice_template",
        ),
        (
            "notice_rules",
            {"r": {"events": ["created"], "roles": ["customer"], "channels": ["app"], "template": "task"}},
            "config_customer_placeholder",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_mistake_in_the_files_is_refused(
    name: str, change: object, code: str, quick_sample: Tools, tmp_path: Path
) -> None:
    """Secrets in the configuration, settings that lack or lead nowhere, and what customers must not be told."""
    assert code in [found for _, found in applied(quick_sample, tmp_path / "in", **{name: change})]


def test_a_text_message_needs_the_providers_code(quick_sample: Tools, tmp_path: Path) -> None:
    """A rule that sends a template over a channel of approved texts, without one, is refused."""
    texts = {"news": {"texts": {"zh": {"body": "{number}"}}}}
    found = applied(
        quick_sample, tmp_path / "in", channels=CHANNELS, notice_templates=texts, notice_rules=RULES
    )
    assert found == [("all", "config_notice_code")]


def test_secrets_come_from_the_environment_or_a_file(tmp_path: Path) -> None:
    """The environment goes before the file; a file that others may read shows; a damaged one is refused."""
    (tmp_path / SECRETS_FILE).write_text('{"my-hook": {"secret": "a", "path": "b"}}', encoding="utf-8")
    secrets = ChannelSecrets(
        tmp_path, {"GONGDAN_CHANNEL_MY_HOOK_SECRET": "c", "GONGDAN_CHANNEL_OTHER_X": "d"}
    )
    assert secrets.of("my-hook") == {"secret": "c", "path": "b"}
    assert secrets.of("nobody") == {}
    if os.name == "posix":
        (tmp_path / SECRETS_FILE).chmod(0o644)
        assert secrets.open_to_others()
        (tmp_path / SECRETS_FILE).chmod(0o600)
        assert not secrets.open_to_others()


def test_a_channel_is_tested_and_says_what_is_wrong(
    quick_sample: Tools, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A message goes out past the queue; without its secret, or where nobody listens, a sentence says so."""
    tools = quick_sample
    with provider() as there:
        hook = {"hook": {"kind": "webhook", "url": there.url}}
        assert applied(tools, tmp_path / "in", channels=hook) == []
        values = {"to": "x", "code": "", "subject": "s", "body": "b"}
        with pytest.raises(UnavailableError) as caught:
            notices.test_channel(tools, "hook", **values)
        assert caught.value.args_by_name["reason"] == "secret_missing"
        monkeypatch.setenv("GONGDAN_CHANNEL_HOOK_SECRET", "s3")
        notices.test_channel(tools, "hook", **values)
        assert there.last.json()["body"] == "b"
    with pytest.raises(InvalidInputError):
        notices.test_channel(tools, "other", **values)


def test_contacts_come_from_a_file(quick_sample: Tools, tmp_path: Path) -> None:
    """Columns that are there are taken, others left alone, an empty cell takes a contact away."""
    tools, file = quick_sample, tmp_path / "people.csv"
    with tools.store.read() as conn:
        login, person = next(iter(people_by_login(conn).items()))
    set_contact(tools, login, {"email": "old@x.test", "phone": "0571-88886666"})
    file.write_text(f"账号,邮箱,企业微信\n{login},new@x.test,w1\nnobody,a@b.test,\n", encoding="utf-8")
    done = import_contacts(tools, file, mapping={})
    assert dict(done.counts) == {"read": 2, "changed": 1}
    assert [one.code for one in done.problems] == ["config_unknown_person"]
    set_contact(tools, login, {"wecom": ""})
    with tools.store.read() as conn:
        assert contacts_of(conn, [person]) == {person: {"email": "new@x.test", "phone": "0571-88886666"}}
    with pytest.raises(InvalidInputError):
        set_contact(tools, login, {"pigeon": "x"})


def test_the_queue_is_listed_without_anybodys_number(quick_sample: Tools) -> None:
    """The operator sees to whom by login or part, and what became of it; failed and waiting ones are retried."""
    tools = quick_sample
    now = tools.clock.now()
    with tools.store.write() as conn:
        login, person = next(iter(people_by_login(conn).items()))
        work = UnitOfWork(conn, nonces=tools.ids, at=now)
        base = {"ticket": "t", "rule": "test", "rev": 1, "channel": "mail", "template": "news"}
        queue_deliveries(
            work,
            [
                Outgoing(**base, to=person),  # type: ignore[arg-type]
                Outgoing(**base, to_kind="customer"),  # type: ignore[arg-type]
            ],
        )
        work.commit()
    with tools.store.write() as conn:
        for one in queue.listed(conn):
            queue.end(conn, one.id, state="failed", outcome="address_550", at=now)
        conn.commit()
    rows = notices.listed(tools, states=["failed"])
    assert sorted(row["to"] for row in rows) == sorted([login, "customer"])
    assert notices.retry(tools, [rows[0]["id"]], "") == 1
    assert notices.retry(tools, [], "mail") == 1
    assert [row["state"] for row in notices.listed(tools)] == ["waiting", "waiting"]
    with tools.store.write() as conn:
        queue.postpone(conn, rows[0]["id"], tools.clock.now() + 3_600_000)
        conn.commit()
    assert notices.retry(tools, [], "mail") == 1  # the one that would wait for an hour; the other is due
    with pytest.raises(InvalidInputError):
        notices.listed(tools, number="999")
    assert notices.attempts(tools, rows[0]["id"]) == []
    with pytest.raises(InvalidInputError, match="unknown_message"):
        notices.attempts(tools, "nothing")


def test_the_doctor_looks_at_the_queue(quick_sample: Tools) -> None:
    """Messages that nobody sends are an illness; secrets that others may read, too."""
    tools = quick_sample
    found = {one.name: one.well for one in examine(tools)}
    assert (found["deliveries"], found["channel_secrets"]) == (True, True)
    with tools.store.write() as conn:
        work = UnitOfWork(conn, nonces=tools.ids, at=tools.clock.now() - 3_600_000)
        queue_deliveries(work, [Outgoing(ticket="t", rule="r", rev=1, to="x", channel="mail", template="n")])
        work.commit()
    assert not {one.name: one.well for one in examine(tools)}["deliveries"]
