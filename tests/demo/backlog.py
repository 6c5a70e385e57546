"""Invented matters of the last weeks for the sample chain, so that lists, clocks and charts have something to show."""

import json
import random
import sqlite3
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

SEED, TICKETS, DAYS = 20261121, 150, 21
ANSWERED_SHARE = 0.82

MATTERS: dict[str, list[tuple[str, str, str, str]]] = {
    "complaint": [
        (
            "spoiled",
            "草莓礼盒开封后发霉",
            "客户昨天买的草莓礼盒，打开后下层有三颗发霉，要求退款并说明进货日期。",
            "已核对进货批次并致歉，全额退款已原路退回。",
        ),
        (
            "near_expiry",
            "酸奶临期未标示",
            "货架上的酸奶还有一天到期，没有临期标签，客户回家后才发现。",
            "已补贴临期标签，为客户更换并赠送一盒。",
        ),
        (
            "attitude",
            "收银员态度生硬",
            "客户询问满减规则，收银员答复不耐烦，客户希望门店致歉。",
            "店长已电话致歉，已安排班后培训。",
        ),
        (
            "price_tag",
            "货架价签与收银价不符",
            "价签标 19.90 元，收银时为 23.90 元，客户要求按价签结算。",
            "已按价签退差价并更换价签。",
        ),
        (
            "queue",
            "周末收银排队过久",
            "周六下午只开了一个收银台，排队超过二十分钟。",
            "已调整周末排班，加开两个收银台。",
        ),
    ],
    "refund": [
        (
            "not_received",
            "退款三天未到账",
            "线上订单取消后退款三天仍未到账，客户多次来电。",
            "已联系支付渠道，退款今日到账并短信告知。",
        ),
        (
            "partial",
            "只退了一部分",
            "少送一件商品，应退 36 元，实际到账 18 元。",
            "已补退差额，客户确认收到。",
        ),
    ],
    "chase_delivery": [
        (
            "rider",
            "骑手超时四十分钟",
            "约定 12:00 前送达，12:40 仍显示配送中，客户催促。",
            "骑手车辆故障，已改派并补偿运费券。",
        ),
        (
            "never_came",
            "显示送达但没有收到",
            "订单显示已送达，客户在家没有收到，门口也没有。",
            "核对定位后确认误送，已重新配送。",
        ),
    ],
    "it_support": [
        (
            "pos_down",
            "2 号收银机无法开机",
            "早上开店后 2 号收银机黑屏，重启无效，影响结账。",
            "更换电源后恢复，已观察一小时。",
        ),
        ("printer", "小票打印机卡纸", "打印机频繁卡纸，小票打不全。", "清理切刀并更换纸卷，测试正常。"),
    ],
}
NAMES = ("陈女士", "周先生", "赵女士", "刘先生", "王女士", "孙先生", "吴女士", "郑先生", "冯女士", "何先生")


def write_backlog(folder: Path, conn: sqlite3.Connection) -> dict[str, Path]:
    """Write a file of matters for each template that the chain has; returns template → file."""
    folder.mkdir(parents=True, exist_ok=True)
    stores = [
        row["code"] for row in conn.execute("SELECT code FROM org_unit WHERE kind = 'store' ORDER BY code")
    ]
    dice, now = random.Random(SEED), datetime.now(UTC)
    rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for number in range(TICKETS):
        template = dice.choices(list(MATTERS), weights=(5, 2, 2, 1))[0]
        rows[template].append(_row(dice, number, template, stores, now))
    files = {}
    for template, found in rows.items():
        files[template] = folder / f"{template}.jsonl"
        text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in found)
        files[template].write_text(text, encoding="utf-8")
    return files


def _row(dice: random.Random, number: int, template: str, stores: list[str], now: datetime) -> dict[str, Any]:
    """One matter; what came in during the last hours is mostly not answered yet."""
    category, subject, description, reply = dice.choice(MATTERS[template])
    age_hours = min(dice.expovariate(1 / 90), DAYS * 24 - 1)
    created = now - timedelta(hours=age_hours, minutes=2)
    row = {
        "key": f"S{number:04}",
        "unit": dice.choice(stores),
        "subject": subject,
        "description": description,
        "category": category,
        "customer": dice.choice(NAMES),
        "phone": f"139{dice.randrange(10**8):08}",
        "priority": dice.choices(("normal", "high", "low", "urgent"), weights=(12, 3, 3, 1))[0],
        "created_at": created.isoformat(timespec="seconds"),
    }
    if age_hours > 30 or (age_hours > 3 and dice.random() < ANSWERED_SHARE):
        after = timedelta(minutes=dice.choice((6, 14, 25, 48, 95, 160)))
        row |= {"reply": reply, "replied_at": (created + after).isoformat(timespec="seconds")}
    return row
