"""The form drawn from a template."""

from datetime import UTC, datetime
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from desktop.ui.form.view import FormView
from domain.rules.forms import FieldError, form_errors
from tests.desktop.ui.form.sample import TEMPLATE, Stores


def _view(qtbot: QtBot, values: dict[str, Any] | None = None, **options: Any) -> FormView:
    view = FormView(TEMPLATE, values or {}, **{"sections": ("request",), "directory": Stores(), **options})
    qtbot.addWidget(view)
    view.resize(800, 400)
    with qtbot.waitActive(view):
        view.show()
        view.activateWindow()
    return view


def _choose(qtbot: QtBot, view: FormView, key: str, value: object) -> None:
    """Choose in a combo box by the keyboard."""
    box = view.field(key).editor
    box.setFocus()
    for _ in range(box.count()):
        if box.value() == value:
            break
        QTest.keyClick(box, Qt.Key.Key_Down)
    box.activated.emit(box.currentIndex())


def test_conditional_fields_come_and_go(qtbot: QtBot) -> None:
    """A field shows only while its condition holds, and one that hangs on a hidden field hides with it."""
    view = _view(qtbot)
    assert "amount" not in view.shown_keys()
    _choose(qtbot, view, "want", "refund")
    QTest.keyClicks(view.field("amount").editor, "89")
    assert view.field("amount").isVisible()
    assert view.field("reason").isVisible()
    _choose(qtbot, view, "want", "swap")
    assert not {"amount", "reason"} & set(view.shown_keys())
    assert "amount" not in view.values()
    assert view.kept()["amount"] == 89
    assert form_errors(TEMPLATE, view.values(), at="create") == ()


def test_same_errors_as_the_rules(qtbot: QtBot) -> None:
    """The form complains about exactly what the server would complain about."""
    view = _view(qtbot, {"want": "refund", "amount": -3})
    assert view.errors() == form_errors(TEMPLATE, {"want": "refund", "amount": -3}, at="create")
    assert view.validate() != ()
    assert view.field("amount").error() == "最少 0.01"


def test_error_on_leaving_and_gone_while_typing(qtbot: QtBot) -> None:
    """A wrong value is told when the field is left, and no longer once it is typed over."""
    view = _view(qtbot, {"want": "refund"})
    amount = view.field("amount")
    amount.editor.setFocus()
    QTest.keyClicks(amount.editor, "abc")
    assert amount.error() == ""
    QTest.keyClick(amount.editor, Qt.Key.Key_Tab)
    assert amount.error() == "只填数字，如 89.00"
    amount.editor.setFocus()
    amount.editor.selectAll()
    QTest.keyClicks(amount.editor, "8")
    assert amount.error() == ""
    assert view.values()["amount"] == 8


def test_jump_to_the_first_error(qtbot: QtBot) -> None:
    """The cursor goes to the first field that is wrong, in the form's order."""
    view = _view(qtbot, {"want": "refund"})
    view.validate()
    assert view.focus_first_error()
    qtbot.waitUntil(view.field("amount").editor.hasFocus)


def test_required_only_when_resolving(qtbot: QtBot) -> None:
    """A field required at resolution is not asked for at creation, and opens its section when it is wrong."""
    sections = ("request", "completion")
    assert "solution" not in {e.key for e in _view(qtbot, {"want": "swap"}, sections=sections).errors()}
    view = _view(qtbot, {"want": "swap"}, sections=sections, at="resolve")
    assert [error.key for error in view.errors()] == ["solution"]
    view.open_section("completion", opened=False)
    assert view.focus_first_error()
    assert view.field("solution").isVisible()


def test_lines_for_what_is_not_filled_here(qtbot: QtBot) -> None:
    """What may not be edited is shown in words and never comes back as a value."""
    view = _view(
        qtbot,
        {"want": "refund", "amount": 89, "shop": "u1", "solution": "退款"},
        sections=("request", "completion"),
        editable_keys=frozenset({"solution"}),
        at="resolve",
    )
    assert view.values() == {"solution": "退款"}
    shown = [line.value() for line in view.findChildren(_line_class())]
    assert shown[:2] == ["退款", "89.00 元"]
    assert "国贸店" in shown


def _line_class() -> type[Any]:
    from desktop.ui.form.line import Line

    return Line


def test_store_found_by_initials(qtbot: QtBot) -> None:
    """A store is found by its initials and chosen with the keyboard; text that names none is an error."""
    view = _view(qtbot, {"want": "swap"})
    shop: QLineEdit = view.field("shop").editor
    shop.setFocus()
    QTest.keyClicks(shop, "gm")
    popup = view.field("shop").editor.matches()
    assert popup.isVisible()
    QTest.keyClick(popup, Qt.Key.Key_Return)
    assert view.values()["shop"] == "u1"
    assert shop.text() == "国贸店"
    shop.setText("")
    QTest.keyClicks(shop, "zzz")
    assert "shop" not in view.values()
    assert view.validate() != ()
    assert view.field("shop").error() == "没有找到“zzz”，从列表里选一项"


def test_dates_as_people_write_them(qtbot: QtBot) -> None:
    """A day without a year is the nearest one; the value is ISO."""
    now_at = int(datetime(2026, 1, 5, 12, tzinfo=UTC).timestamp() * 1000)
    view = _view(qtbot, {"want": "swap"}, now_at=now_at)
    bought = view.field("bought").editor
    for written, meant in (("12-30", "2025-12-30"), ("1/6", "2026-01-06"), ("20251120", "2025-11-20")):
        bought.setText("")
        QTest.keyClicks(bought, written)
        assert view.values()["bought"] == meant
    bought.setText("")
    QTest.keyClicks(bought, "2-30")
    assert [error.code for error in view.errors()] == ["field_not_date"]


def test_defaults_and_errors_from_elsewhere(qtbot: QtBot) -> None:
    """A new form takes the template's presets, and shows what the server found wrong."""
    view = _view(qtbot)
    assert view.values() == {"more": "无"}
    view.mark([FieldError(key="want", code="field_unknown_option", args={"value": "x"})])
    assert view.field("want").error() == "“x”已不在选项里，请重新选择"
