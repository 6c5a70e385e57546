"""Customers and orders from files: read by their headings, bad rows by line, again without change; erased for good."""

from pathlib import Path

import pytest
from sqlalchemy import select

from domain.errors import InvalidInputError
from sync_server.api.sealing import server_secret
from sync_server.operations.erasing import erase, known_ledger, replay
from sync_server.operations.imports.customers import import_customers, import_orders
from sync_server.operations.tools import Tools
from sync_server.store import tables as t
from sync_server.store.erasures import Hasher
from sync_server.store.organisation_writer import unit_ids_by_code
from sync_server.store.unit_of_work import UnitOfWork

CUSTOMERS = (
    "会员号,姓名,会员等级,手机号,微信号\nM1,张伟,gold,139 0000 2222,zw_1\nM2,李娜,,13900003333,\n,无号,,,\n"
)
ORDERS = (
    "订单号,会员号,门店编号,金额,商品,数量,下单时间,收货地址\n"
    "D1,M1,{store},￥36.50,拿铁,2,2026-03-01 09:30,延安路 1 号\n"
    "D1,M1,{store},36.50,美式,1,2026-03-01 09:30,延安路 1 号\n"
    "D2,M1,nowhere,1,,,,\n"
)


def written(tools: Tools, folder: Path) -> tuple[Path, Path]:
    """Two files; the orders are of a store that there is."""
    with tools.store.read() as conn:
        store = next(iter(sorted(unit_ids_by_code(conn))))
    customers, orders = folder / "customers.csv", folder / "orders.csv"
    customers.write_text(CUSTOMERS, encoding="utf-8")
    orders.write_text(ORDERS.format(store=store), encoding="utf-8")
    return customers, orders


def test_files_are_read_by_their_headings_and_again_without_change(
    quick_sample: Tools, tmp_path: Path
) -> None:
    """Chinese headings; rows of one order are its items; bad rows are told by line; a second run changes nothing."""
    customers, orders = written(quick_sample, tmp_path)
    assert import_customers(quick_sample, customers, mapping={}, dry_run=True).counts["added"] == 2
    done = import_customers(quick_sample, customers, mapping={})
    assert (done.counts["added"], [(one.line, one.code) for one in done.problems]) == (2, [(4, "cell_empty")])
    done = import_orders(quick_sample, orders, mapping={})
    assert (done.counts["added"], [(one.line, one.code) for one in done.problems]) == (
        1,
        [(4, "cell_unknown_unit")],
    )
    with quick_sample.store.read() as conn:
        (order,) = conn.execute(select(t.customer_order)).all()
    assert (order.amount_cents, order.items.count('"name"')) == (3650, 2)
    assert import_customers(quick_sample, customers, mapping={}).counts["unchanged"] == 2
    assert import_orders(quick_sample, orders, mapping={}).counts["unchanged"] == 1


def test_a_misspelt_heading_is_refused_and_an_unknown_one_told(quick_sample: Tools, tmp_path: Path) -> None:
    """Almost a known heading: refused with the one meant, unless said to be none; others are listed as not read."""
    file = tmp_path / "customers.csv"
    file.write_text("会员号,手机号码,Name,生日\nM1,139,张伟,1990\n", encoding="utf-8")
    with pytest.raises(InvalidInputError, match="column_misspelt") as refused:
        import_customers(quick_sample, file, mapping={})
    assert refused.value.args_by_name == {"column": "手机号码", "nearest": "手机号", "field": "phone"}
    done = import_customers(quick_sample, file, mapping={"phone": ""})
    assert (done.unread, done.counts["added"], done.problems) == (("手机号码", "生日"), 1, ())


def test_bad_values_and_unknown_customers_are_told_by_line(quick_sample: Tools, tmp_path: Path) -> None:
    """A number that is none and a mail address that is none leave their rows out; an order without its customer is
    kept and told."""
    customers, orders = written(quick_sample, tmp_path)
    with quick_sample.store.read() as conn:
        store = min(unit_ids_by_code(conn))
    customers.write_text("id,phone,email\nM1,12,\nM2,,nobody\nM3,0571-88886666,a@b.cn\n", encoding="utf-8")
    done = import_customers(quick_sample, customers, mapping={})
    assert done.counts["added"] == 1
    assert [(one.line, one.column, one.code) for one in done.problems] == [
        (2, "phone", "cell_phone"),
        (3, "email", "cell_email"),
    ]
    orders.write_text(f"订单号,会员号,门店编号\nD1,M3,{store}\nD2,M9,{store}\n", encoding="utf-8")
    done = import_orders(quick_sample, orders, mapping={})
    assert (done.counts["added"], done.counts["unlinked"], done.problems) == (2, 1, ())
    assert [(one.line, one.column, one.code) for one in done.remarks] == [(3, "会员号", "order_customer")]


def test_an_erased_customer_is_empty_and_stays_so(quick_sample: Tools, tmp_path: Path) -> None:
    """Name, contacts and address go; the order's amount stays; neither an import nor a restore brings them back."""
    server_secret(quick_sample.settings.folder)
    customers, orders = written(quick_sample, tmp_path)
    import_customers(quick_sample, customers, mapping={})
    import_orders(quick_sample, orders, mapping={})
    assert erase(quick_sample, values=["+86 139-0000-2222"], reason="asked for").customers == 1
    assert left(quick_sample) == ([("", True), ("李娜", False)], ["13900003333"], [(3650, "{}")])
    again = import_customers(quick_sample, customers, mapping={})
    assert [(one.line, one.code) for one in again.problems] == [(2, "customer_was_erased"), (4, "cell_empty")]
    import_orders(quick_sample, orders, mapping={})
    with quick_sample.store.write() as conn:
        # As from a backup of before.
        conn.execute(t.customer.update().where(t.customer.c.name == "").values(name="张伟", erased=False))
        work = UnitOfWork(conn, nonces=quick_sample.ids, at=quick_sample.clock.now())
        secret = server_secret(quick_sample.settings.folder)
        replay(work, known_ledger(quick_sample.settings, None), Hasher(secret))
        work.commit()
    assert left(quick_sample) == ([("", True), ("李娜", False)], ["13900003333"], [(3650, "{}")])


def left(tools: Tools) -> tuple[list[tuple[str, bool]], list[str], list[tuple[int, str]]]:
    """What is left of customers, of ways to reach them, of orders."""
    with tools.store.read() as conn:
        people = conn.execute(
            select(t.customer.c.name, t.customer.c.erased).order_by(t.customer.c.external_id)
        )
        contacts = conn.execute(select(t.customer_contact.c.value).order_by(t.customer_contact.c.value))
        orders = conn.execute(select(t.customer_order.c.amount_cents, t.customer_order.c.delivery))
        return [tuple(row) for row in people], list(contacts.scalars()), [tuple(row) for row in orders]
