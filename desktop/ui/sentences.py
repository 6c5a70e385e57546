"""Refusals and troubles as sentences: what happened, what became of the work, what to do."""

from collections.abc import Mapping
from typing import Any

from desktop.ui.text import has_text, tr
from desktop.ui.times import duration
from desktop.ui.widgets.status import status_text
from domain.errors import GongdanError


def sentence(code: str, args: Mapping[str, Any] | None = None) -> str:
    """The sentence of a code with its arguments put into words."""
    key = f"error.{code}"
    if not has_text(key):
        return tr("error.unknown", code=code)
    try:
        return tr(key, **_worded(args or {}))
    except KeyError:
        # A server of another version may leave out what the sentence names.
        return tr("error.unknown", code=code)


def error_words(error: GongdanError) -> str:
    """The sentence of an error of ours."""
    return sentence(error.code, error.args_by_name)


def _worded(args: Mapping[str, Any]) -> dict[str, Any]:
    worded = {"code": "", "number": "", **args}
    for name in ("current", "wanted"):
        if name in worded:
            worded[name] = status_text(str(worded[name]))
    if "retry_after_s" in worded:
        worded["wait"] = duration(int(worded["retry_after_s"]))
    if isinstance(worded.get("errors"), list | tuple):
        worded["count"] = len(worded["errors"])
    return worded
