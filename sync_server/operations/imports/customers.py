"""`import customers` and `import orders`: what a shop's system knows, from files; may be run again (C01)."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from domain.wire.customers import CustomerRow, OrderItem, OrderRow, PushTaken, RowRefused
from sync_server.operations.customers import writer_for
from sync_server.operations.imports.columns import Columns, Outcome, Refuse, RowProblem, read_rows
from sync_server.operations.imports.sheet import SheetRow, open_sheet
from sync_server.operations.tools import Tools
from sync_server.store.customers import CustomerWriter

T = TypeVar("T")
Taken = Callable[[CustomerWriter, Sequence[Any]], PushTaken]

SOURCE = "import"
SLICE = 500
_CONTACTS = ("phone", "email", "wechat", "address")


def import_customers(
    tools: Tools, path: Path, *, mapping: Mapping[str, str], source: str = "", dry_run: bool = False
) -> Outcome:
    """Add customers or bring them to what the file says; without numbers of their own they go by their phone."""
    sheet = open_sheet(path)
    columns = Columns("customers", sheet, mapping, ())
    problems: list[RowProblem] = []
    rows = read_rows(sheet, columns, lambda row: _customer(columns, row), problems)
    return _written(tools, columns, rows, CustomerWriter.customers, problems, source=source, dry_run=dry_run)


def import_orders(
    tools: Tools,
    path: Path,
    *,
    mapping: Mapping[str, str],
    timezone: str = "Asia/Shanghai",
    source: str = "",
    dry_run: bool = False,
) -> Outcome:
    """Add orders or bring them to what the file says; rows of one number are the items of one order."""
    sheet = open_sheet(path)
    columns = Columns("orders", sheet, mapping, ("number", "unit"))
    problems: list[RowProblem] = []
    rows = read_rows(sheet, columns, lambda row: _order(columns, row, timezone), problems)
    together: dict[str, tuple[int, OrderRow]] = {}
    for line, row in rows:
        first = together.setdefault(row.number, (line, row))
        if first[1] is not row:
            values = {name: getattr(first[1], name) for name in row.__struct_fields__}
            together[row.number] = (first[0], OrderRow(**{**values, "items": first[1].items + row.items}))
    written = list(together.values())
    done = _written(tools, columns, written, CustomerWriter.orders, problems, source=source, dry_run=dry_run)
    return msgspec.structs.replace(done, counts={**done.counts, "unlinked": len(done.remarks)})


def _customer(columns: Columns, row: SheetRow) -> CustomerRow:
    found = {kind: columns.text(row, kind) for kind in _CONTACTS}
    key = columns.text(row, "external_id") or found["phone"]
    if not key:
        raise Refuse("external_id", "cell_empty")
    return CustomerRow(
        external_id=key,
        name=columns.text(row, "name"),
        tier=columns.text(row, "tier"),
        unit=columns.text(row, "unit"),
        contacts={kind: (value,) for kind, value in found.items() if value},  # type: ignore[misc]
    )


def _order(columns: Columns, row: SheetRow, timezone: str) -> OrderRow:
    names = ("customer", "phone", "line", "status", "courier", "courier_phone", "tracking", "address")
    item = columns.text(row, "item")
    items: tuple[OrderItem, ...] = ()
    if item:
        quantity = _decimal(columns, row, "quantity")
        items = (
            OrderItem(
                name=item,
                quantity=Decimal(1) if quantity is None else quantity,
                amount=_decimal(columns, row, "item_amount"),
            ),
        )
    return OrderRow(
        number=columns.text(row, "number", required=True),
        unit=columns.text(row, "unit", required=True),
        amount=_decimal(columns, row, "amount"),
        currency=columns.text(row, "currency") or "CNY",
        ordered_at=columns.instant(row, "ordered_at", timezone),
        delivered_at=columns.instant(row, "delivered_at", timezone),
        items=items,
        **{name: columns.text(row, name) for name in names},
    )


def _decimal(columns: Columns, row: SheetRow, field: str) -> Decimal | None:
    text = columns.text(row, field).replace(",", "").lstrip("¥￥")
    if not text:
        return None
    try:
        return Decimal(text)
    except InvalidOperation:
        raise Refuse(field, "cell_not_number", value=text[:60], least=0, most="…") from None


def _written(
    tools: Tools,
    columns: Columns,
    rows: Sequence[tuple[int, T]],
    take: Taken,
    problems: list[RowProblem],
    *,
    source: str,
    dry_run: bool,
) -> Outcome:
    """Everything that can be read in one transaction; what the writer refuses becomes a problem of its line."""

    def work() -> Outcome:
        counts = {"added": 0, "changed": 0, "unchanged": 0}
        found = list(problems)
        remarks: list[RowProblem] = []
        with tools.store.write() as conn:
            writer = writer_for(tools, conn, source or SOURCE, at=tools.clock.now())
            for begin in range(0, len(rows), SLICE):
                part = rows[begin : begin + SLICE]
                taken = take(writer, [row for _, row in part])
                for name in counts:
                    counts[name] += getattr(taken, name)
                found += [_refused(columns, part[one.index][0], one) for one in taken.refused]
                remarks += [_unlinked(columns, *part[index]) for index in taken.unlinked]
            if not dry_run:
                conn.commit()
        return Outcome(
            counts=counts,
            problems=tuple(sorted(found, key=lambda one: one.line)),
            remarks=tuple(remarks),
            unread=columns.unread,
        )

    return tools.store.retrying(work)


def _refused(columns: Columns, line: int, one: RowRefused) -> RowProblem:
    field = one.args.get("field", "")
    column = columns.heading(field) if field else ""
    return RowProblem(line=line, column=column, code=one.code, args=one.args)


def _unlinked(columns: Columns, line: int, row: Any) -> RowProblem:
    """An order is kept without its customer; who is imported later gets it when the order comes again."""
    field = "customer" if row.customer else "phone"
    args = {"value": row.customer[:60]} if row.customer else {}  # a log need not hold telephone numbers
    code = "order_customer" if row.customer else "order_phone"
    return RowProblem(line=line, column=columns.heading(field), code=code, args=args)
