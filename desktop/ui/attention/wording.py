"""Conflicts and refusals in words: what was done, which value, why not."""

from collections.abc import Callable
from typing import Any

from desktop.commands.settle import words_of
from desktop.ui.attention.concerns import Concern, Difference
from desktop.ui.directory import Directory
from desktop.ui.form.wording import error_sentence, value_words
from desktop.ui.kinds import kind_words
from desktop.ui.sentences import sentence
from desktop.ui.text import has_text, tr
from desktop.ui.widgets.priority import priority_text
from desktop.ui.widgets.status import status_text
from domain.entities.forms import Template
from domain.rules.forms import FieldError, field_of
from domain.wire.commands import CREATING, Command

LONG = 24
"""From this many characters on a value is text whose differences are worth marking."""


def key_label(key: str, template: Template | None) -> str:
    """What people call a value: 优先级, 处理方案."""
    field = field_of(template, key)
    if field is not None:
        return field.label
    name = f"attention.key_{key}"
    return tr(name) if has_text(name) else key.partition(".")[2] or key


def words_of_value(difference: Difference, value: Any, names: Directory) -> str:
    """A value in words; an empty one is 无."""
    if value in (None, "", [], ()):
        return tr("attention.nothing")
    wordings: dict[str, Callable[[str], str]] = {
        "priority": priority_text,
        "status": status_text,
        "assignee": names.person,
        "org": names.unit,
        "team": names.team,
        "line": names.line,
        "category": names.category,
    }
    known = wordings.get(difference.key)
    if known is not None:
        return known(str(value)) or str(value)
    return value_words(difference.field, value, names)


def title_of(concern: Concern) -> str:
    """The first line in the list: 2 处改动冲突, 1 项操作被拒绝."""
    if concern.conflict:
        return tr("attention.conflicts", count=len(concern.differences))
    name = f"attention.title_{concern.item.kind}"
    return tr(name) if has_text(name) else tr("attention.title_rejected")


def done_words(command: Command, template: Template | None, names: Directory) -> str:
    """What the person had done: 转派给华北采购组, 公开回复."""
    given = command.set
    if command.kind == "reply":
        return tr("attention.did_note" if given.get("internal") else "attention.did_reply")
    if command.kind == "status":
        return tr("attention.did_status", status=status_text(str(given.get("to"))))
    if command.kind in ("assign", "transfer"):
        return tr(f"attention.did_{command.kind}", to=_whither(given, names))
    if command.kind == "edit":
        labels = [key_label(key, template) for key in given.get("values", {})]
        return tr("attention.did_edit", what=tr("form.comma").join(labels))
    name = f"attention.did_{command.kind}"
    return tr(name) if has_text(name) else kind_words(command.kind)


def _whither(given: dict[str, Any], names: Directory) -> str:
    places = (
        names.person(given.get("assignee")),
        names.team(given.get("team")),
        names.unit(given.get("org")),
        names.line(given.get("line")) if given.get("line") else "",
    )
    return next((place for place in places if place), tr("attention.somebody"))


def reason_of(concern: Concern) -> list[str]:
    """Why it was refused: the sentence, and for a form each field that is wrong."""
    item = concern.item
    args = {"number": item.number, **item.detail}
    told = [sentence(item.code, args)]
    errors = item.detail.get("errors")
    for one in errors if isinstance(errors, list) else []:
        error = FieldError(key=str(one.get("key")), code=str(one.get("code")), args=one.get("args") or {})
        field = field_of(concern.template, f"fields.{error.key}") or field_of(concern.template, error.key)
        told.append(error_sentence(error, field))
    return told


def own_words(concern: Concern, names: Directory) -> str:
    """What the person wrote, or what they wanted where they wrote nothing."""
    command = concern.item.command
    if command.kind in ("edit", "complete"):
        lines = []
        for given, value in command.set.get("values", {}).items():
            key = given if command.kind == "edit" or given == "category" else f"fields.{given}"
            difference = Difference(key=key, field=field_of(concern.template, key), theirs=None, mine=value)
            lines.append(
                f"{key_label(key, concern.template)}{tr('attention.colon')}"
                f"{words_of_value(difference, value, names)}"
            )
        return "\n".join(lines)
    if command.kind in CREATING:
        parts = (command.set.get("subject"), command.set.get("description"))
        return "\n".join(str(part) for part in parts if part)
    return words_of(command)
