"""A chain with any number of tickets, the same for the same seed, written straight into a server's tables."""

import itertools
import random
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Table, insert, update

from domain.entities.forms import FormField, Template
from domain.entities.org import BusinessLine, Team
from domain.entities.people import Grant
from domain.entities.sla import Metric, Policy, Target
from domain.wire import codec
from sync_server.access.passwords import Passwords
from sync_server.store import tables as t
from sync_server.store.engine import Store
from sync_server.store.rows import dump

SEED = 20261121
NOW = 1_795_000_000_000
DAY_MS = 86_400_000
PASSWORD = "correct-horse-42"
STORES, PROVINCES = 200, 10
COMMENTS = 3
SLICE = 5_000

WORDS = (
    "收银机",
    "冷柜",
    "草莓礼盒",
    "优惠券",
    "退款",
    "配送",
    "会员卡",
    "电饭煲",
    "标签",
    "发票",
    "牛奶",
    "蛋糕",
)
TROUBLES = (
    "无法打印",
    "温度报警",
    "开箱发霉",
    "未生效",
    "三天未到账",
    "超时两小时",
    "重复扣款",
    "内胆划痕",
    "不一致",
)
NAMES = ("陈", "周", "赵", "刘", "王", "孙", "吴", "郑", "冯", "何", "曹", "彭", "许", "唐", "邓", "韩", "杨")

PEOPLE = {
    "hq-one": ("hq", 4, 7),
    "hq-two": ("hq", 4, 7),
    "store-one": ("s000", 3, 7),
    "store-two": ("s001", 3, 3),
}
"""Login (and id) → unit, level, classes."""


def fill(store: Store, tickets: int, *, seed: int = SEED) -> None:
    """Fill an empty, migrated database with the chain and `tickets` tickets of three comments each."""
    dice = random.Random(seed)
    with store.write() as conn:
        _chain(conn)
        for rows in _slices(_tickets(dice, tickets), SLICE):
            _write(conn, rows)
        conn.execute(update(t.feed_head).values(seq=tickets))
        conn.execute(update(t.counter).where(t.counter.c.name == "ticket_number").values(value=tickets))
        conn.commit()


def _slices(rows: Iterator[Any], size: int) -> Iterator[list[Any]]:
    while part := list(itertools.islice(rows, size)):
        yield part


def _chain(conn: Connection) -> None:
    units = [_unit("hq", "", "总部", 0, 1 + PROVINCES + STORES)]
    each = STORES // PROVINCES
    for p in range(PROVINCES):
        start = 1 + p * (each + 1)
        units.append(_unit(f"p{p:02}", "hq", f"第 {p + 1} 省区", start, start + each + 1))
        units += [
            _unit(f"s{n:03}", f"p{p:02}", f"{n + 1} 号店", start + 1 + i, start + 2 + i)
            for i, n in enumerate(range(p * each, (p + 1) * each))
        ]
    conn.execute(insert(t.org_unit), units)
    hashed = Passwords().hash(PASSWORD)
    conn.execute(insert(t.person), [_person(login, of[0], hashed) for login, of in PEOPLE.items()])
    grants = [
        Grant(id=f"g-{login}", role="agent", unit=unit, level=level, classes=classes)
        for login, (unit, level, classes) in PEOPLE.items()
    ]
    rows = [{"person": g.id[2:], **{f: getattr(g, f) for f in g.__struct_fields__}} for g in grants]
    conn.execute(insert(t.grant), rows)
    conn.execute(insert(t.config), [_config(kind, one) for kind, one in _configuration()])
    counters = t.counter.c.name.in_(["tree", "config"])
    conn.execute(update(t.counter).where(counters).values(value=1))


def _unit(id: str, parent: str, name: str, pos: int, end: int) -> dict[str, Any]:
    return {
        "id": id, "parent": parent, "name": name, "kind": "store" if id[0] == "s" else "province", "code": id,
        "pinyin": id, "latitude": None, "longitude": None, "address": "", "version": 1, "pos": pos, "end": end,
    }  # fmt: skip


def _person(login: str, unit: str, hashed: str) -> dict[str, Any]:
    return {
        "id": login, "login": login, "name": login, "unit": unit, "pinyin": login, "superior": "", "active": True,
        "password_hash": hashed, "grants_version": 1, "version": 1, "failed_sign_ins": 0, "locked_until": 0,
    }  # fmt: skip


def _configuration() -> list[tuple[str, Any]]:
    phone = FormField(key="phone", label="电话", kind="phone", personal=True, field_class="sensitive")
    targets: dict[str, dict[Metric, Target]] = {
        p: {"first_response": Target(n=30, unit="minute"), "resolution": Target(n=8, unit="hour")}
        for p in ("urgent", "high", "normal", "low")
    }
    return [
        ("line", BusinessLine(id="retail", name="门店零售")),
        ("team", Team(id="care", name="客诉组", unit="hq", members=("hq-one", "hq-two"))),
        (
            "template",
            Template(id="c", version=1, name="门店客诉", category_required_at="never", fields=(phone,)),
        ),
        ("policy", Policy(id="standard", name="标准", targets=targets)),
    ]


def _config(kind: str, one: Any) -> dict[str, Any]:
    body = codec.encode(one).decode()
    return {
        "kind": kind, "id": one.id, "version": 1, "deleted": False, "audience": "everyone", "body": body,
        "at": NOW, "person": None,
    }  # fmt: skip


def _tickets(dice: random.Random, count: int) -> Iterator[dict[str, list[dict[str, Any]]]]:
    for n in range(count):
        created = NOW - dice.randrange(80 * DAY_MS)
        yield _ticket(dice, n, f"{n:032x}", created)


def _ticket(dice: random.Random, n: int, id: str, created: int) -> dict[str, list[dict[str, Any]]]:
    store = f"s{dice.randrange(STORES):03}"
    status = dice.choices(("new", "open", "pending", "resolved", "closed"), (10, 25, 10, 15, 40))[0]
    holder = None if status == "new" else dice.choice(("hq-one", "hq-two"))
    solved = created + 3_600_000 if status in ("resolved", "closed") else None
    due = None if solved else created + 30 * 60_000
    subject = f"{dice.choice(WORDS)}{dice.choice(TROUBLES)}，编号 {n}"
    row: dict[str, Any] = {
        "id": id, "rev": 1, "number": str(100_001 + n), "provisional": None, "type": "incident", "status": status,
        "priority": dice.choice(("urgent", "high", "normal", "low")), "category": None, "template": "c",
        "template_version": 1, "org": store, "line": "retail", "team": "care", "assignee": holder,
        "creator": "store-one" if store == "s000" else None, "cc": "[]", "tags": "[]", "requester": "customer",
        "channel": "desktop", "subject": subject, "fields": dump({"amount": dice.randrange(1, 500)}),
        "hold_reason": None, "hold_until": None, "created_at": created, "updated_at": created + 1000,
        "sent_at": created, "taken_at": created + 500 if holder else None, "resolved_at": solved,
        "closed_at": solved if status == "closed" else None, "policy": "standard", "policy_version": 1,
        "due_at": due, "due_metric": "first_response" if due else None, "sla_state": "running" if due else "met",
        "sla_remaining_s": None, "soon_at": due - 20 * 60_000 if due else None,
    }  # fmt: skip
    change = {
        "seq": n + 1, "nonce": f"{n:08x}", "entity": "ticket", "entity_id": id, "rev_from": 0, "rev_to": 1,
        "org_old": "", "line_old": "", "org_new": store, "line_new": "retail", "people": "[]", "at": created,
    }  # fmt: skip
    name = dice.choice(NAMES) + dice.choice(("女士", "先生"))
    phone = f"138{dice.randrange(10**8):08}"
    values = [("name", name, "ordinary"), ("phone", phone, "sensitive")]
    return {
        "ticket": [row],
        "change": [change],
        "entry": [_entry(dice, id, i, created + i * 60_000, subject, holder) for i in range(COMMENTS)],
        "personal": [
            {"ticket": id, "key": k, "rev": 1, "field_class": c, "value": v, "masked": False, "erased": False}
            for k, v, c in values
        ],
    }


def _entry(
    dice: random.Random, ticket: str, i: int, at: int, subject: str, holder: str | None
) -> dict[str, Any]:
    kind = ("created", "reply", "note")[i]
    body = f"{subject}。{dice.choice(WORDS)}{dice.choice(TROUBLES)}，客户要求尽快处理并给出说明。" * 2
    detail = {"by": "customer", "status": "new", "priority": "normal"} if i == 0 else {}
    return {
        "id": f"{ticket}{i}", "ticket": ticket, "rev": 1, "kind": kind, "at": at, "known_at": at,
        "person": holder if i else None, "field_class": "internal" if i == 2 else "ordinary", "body": body,
        "detail": dump(detail), "erased": False,
    }  # fmt: skip


def _write(conn: Connection, rows: list[dict[str, list[dict[str, Any]]]]) -> None:
    tables: tuple[Table, ...] = (t.ticket, t.change, t.entry, t.personal)
    for table in tables:
        conn.execute(insert(table), [row for one in rows for row in one[table.name]])
