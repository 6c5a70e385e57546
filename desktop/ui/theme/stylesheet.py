"""The style sheet of the whole application, built from tokens once per scheme."""

from string import Template

from desktop.ui.theme.tokens import GROUNDS, Tokens

# Properties a widget may set: `ground` (a token) on panes, `edge` (where its line is), `tone` on labels,
# `kind` on buttons, `state` (error, suggested) on inputs; set them with `widgets.polish`.
_SHEET = Template("""
QWidget { color: $text; outline: 0; }
QMainWindow, QDialog { background: $bg; }
QToolTip { background: $text; color: $surface; border: 0; padding: 4px 8px; }
QAbstractScrollArea, QScrollArea { background: transparent; border: 0; }
QScrollArea > QWidget > QWidget { background: transparent; }

QScrollBar { background: transparent; border: 0; }
QScrollBar:vertical { width: 10px; }
QScrollBar:horizontal { height: 10px; }
QScrollBar::handle { background: $line; border-radius: 3px; margin: 2px; }
QScrollBar::handle:vertical { min-height: 32px; }
QScrollBar::handle:horizontal { min-width: 32px; }
QScrollBar::handle:hover, QScrollBar::handle:pressed { background: $line_strong; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }

QSplitter::handle { background: $line; }

QMenuBar { background: transparent; border: 0; }
QMenuBar::item { background: transparent; padding: 4px 8px; border-radius: 4px; }
QMenuBar::item:selected, QMenuBar::item:pressed { background: $hover; }
QMenu { background: $surface; border: 1px solid $line_strong; border-radius: 6px; padding: 4px 0; }
QMenu::item { min-height: 28px; padding: 0 16px 0 8px; border: 0; }
QMenu::item:selected { background: $accent_soft; color: $accent; }
QMenu::item:disabled { color: $text3; background: transparent; }
QMenu::icon { padding-left: 12px; }
QMenu::separator { height: 1px; background: $line; margin: 4px 0; }

QLineEdit, QPlainTextEdit, QTextEdit, QComboBox, QAbstractSpinBox {
  background: $surface; color: $text; border: 1px solid $line_strong; border-radius: 4px;
  selection-background-color: $accent_fill; selection-color: $on_accent; }
QLineEdit { padding: 0 6px; min-height: 26px; }
QComboBox, QAbstractSpinBox { padding: 0 24px 0 8px; min-height: 26px; }
QPlainTextEdit, QTextEdit { padding: 2px 4px; }
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus, QComboBox:focus, QAbstractSpinBox:focus {
  border: 2px solid $accent; }
QLineEdit:focus { padding: 0 5px; min-height: 24px; }
QComboBox:focus, QAbstractSpinBox:focus { padding: 0 23px 0 7px; min-height: 24px; }
QPlainTextEdit:focus, QTextEdit:focus { padding: 1px 3px; }
QLineEdit[state="error"], QPlainTextEdit[state="error"], QTextEdit[state="error"], QComboBox[state="error"],
QAbstractSpinBox[state="error"] { border-color: $late; }
QLineEdit[state="suggested"], QComboBox[state="suggested"] {
  background: $soon_soft; border-color: $soon_soft; }
QLineEdit:read-only, QPlainTextEdit:read-only, QLineEdit:disabled, QComboBox:disabled,
QPlainTextEdit:disabled, QAbstractSpinBox:disabled {
  background: $sunken; color: $text2; border-color: $line; }
QComboBox[empty="yes"] { color: $text3; }
QComboBox::drop-down { border: 0; width: 24px; }
QComboBox::down-arrow { image: none; }
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button, QDateTimeEdit::drop-down { border: 0; width: 0; }
QComboBox QAbstractItemView { background: $surface; border: 1px solid $line_strong; padding: 4px 0; }
QComboBox QAbstractItemView::item { min-height: 28px; padding: 0 8px; border: 0; }
QComboBox QAbstractItemView::item:hover { background: $hover; color: $text; }
QComboBox QAbstractItemView::item:selected { background: $accent_soft; color: $accent; }

QAbstractItemView { background: $surface; border: 0; selection-background-color: $accent_soft;
  selection-color: $text; alternate-background-color: $surface; }
QAbstractItemView::item:hover { background: $hover; }
QAbstractItemView::item:selected { background: $accent_soft; color: $text; }
QTableCornerButton::section, QHeaderView, QHeaderView::section {
  background: $sunken; color: $text2; border: 0; font-weight: 400; }
QHeaderView::section { border-bottom: 1px solid $line; padding: 0 8px; min-height: 27px; text-align: left; }

QPushButton { background: $surface; color: $text; border: 1px solid $line; border-radius: 4px;
  padding: 0 11px; min-height: 26px; }
QPushButton:hover { background: $hover; }
QPushButton:pressed { background: $line; }
QPushButton:disabled { background: $hover; color: $text3; border-color: $line; }
QPushButton[dense="yes"] { min-height: 22px; padding: 0 7px; }
QPushButton[kind="primary"] { background: $accent_fill; color: $on_accent; border-color: $accent_fill; }
QPushButton[kind="primary"]:hover { background: $accent_hover; border-color: $accent_hover; }
QPushButton[kind="primary"]:pressed { background: $accent_press; border-color: $accent_press; }
QPushButton[kind="primary"]:disabled { background: $hover; color: $text3; border-color: $line; }
QPushButton[kind="quiet"], QPushButton[kind="danger"] { background: transparent; border-color: transparent; }
QPushButton[kind="danger"] { color: $late; }
QPushButton[kind="quiet"]:hover { background: $hover; border-color: $hover; }
QPushButton[kind="quiet"]:pressed { background: $line; border-color: $line; }
QPushButton[kind="danger"]:hover { background: $late_soft; border-color: $late_soft; }
QPushButton[kind="danger"]:pressed { background: $late_soft; border-color: $late_line; }
QPushButton[kind="quiet"]:disabled, QPushButton[kind="danger"]:disabled {
  background: transparent; color: $text3; border-color: transparent; }
QPushButton[kind="note"] { background: $note_soft; color: $note; border-color: $note; }
QPushButton[kind="note"]:hover, QPushButton[kind="note"]:pressed { background: $note_line; }

QPushButton[kind="link"] { background: transparent; border: 0; padding: 0; min-height: 24px; }

QToolButton { background: transparent; border: 0; border-radius: 4px; padding: 0; }
QToolButton:hover { background: $hover; }
QToolButton:pressed, QToolButton:checked { background: $line; }
QToolButton::menu-indicator { image: none; }

QProgressBar { background: $hover; border: 0; border-radius: 2px; max-height: 4px; min-height: 4px; }
QProgressBar::chunk { background: $accent_fill; border-radius: 2px; }
$grounds
$edges
$tones
""")

_TONES = ("text", "text2", "text3", "accent", "late", "soon", "ok", "note", "on_accent", "surface", "line")
_SIDES = ("top", "right", "bottom", "left")


def stylesheet(tokens: Tokens) -> str:
    """The QSS of a scheme."""
    values = {name: getattr(tokens, name) for name in type(tokens).__dataclass_fields__}
    line = f"1px solid {tokens.line}"
    # A soft ground has a line of its own; on the others a card has the plain one.
    soft = {
        name: values[name.replace("_soft", "_line")] if "_soft" in name else tokens.line for name in GROUNDS
    }
    edges = [f'QWidget[edge="{side}"] {{ border: 0; border-{side}: {line}; }}' for side in _SIDES]
    edges.append(f'QWidget[edge="card"] {{ border: {line}; border-radius: 6px; }}')
    edges += [
        f'QWidget[ground="{ground}"][edge="card"] {{ border: 1px solid {soft[ground]}; border-radius: 6px; }}'
        for ground in GROUNDS
    ]
    edges.append(
        f'QWidget[edge="popup"] {{ background: {tokens.surface}; border: 1px solid {tokens.line_strong};'
        " border-radius: 6px; }"
    )
    return _SHEET.substitute(
        values,
        grounds="\n".join(f'QWidget[ground="{name}"] {{ background: {values[name]}; }}' for name in GROUNDS),
        edges="\n".join(edges),
        tones="\n".join(f'QLabel[tone="{name}"] {{ color: {values[name]}; }}' for name in _TONES),
    )
