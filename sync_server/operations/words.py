"""The operator's words: sentences by key in the language of the console."""

import os
from collections.abc import Mapping
from typing import Any

from domain.errors import GongdanError
from resources.i18n import load


def console_language(environment: Mapping[str, str]) -> str:
    """The language to speak: ``GONGDAN_LANGUAGE``, else what the console is set to."""
    named = environment.get("GONGDAN_LANGUAGE") or environment.get("LC_ALL") or environment.get("LANG") or ""
    return "zh_CN" if named.lower().startswith("zh") else "en"


class Count(int):
    """A number that picks its word: `{count:row is|rows are}` says the first of one thing, else the second."""

    def __format__(self, spec: str) -> str:
        one, bar, many = spec.partition("|")
        return (one if self == 1 else many) if bar else super().__format__(spec)


class Words:
    """Sentences of one language; a key that has none is shown itself with its arguments."""

    def __init__(self, language: str | None = None) -> None:
        self._texts = load(language or console_language(os.environ))

    def say(self, key: str, /, **args: Any) -> str:
        """The sentence of a key with its blanks filled in."""
        text = self._texts.get(key)
        if text is None:
            return " ".join([key, *(f"{name}={value}" for name, value in args.items())])
        try:
            return text.format_map({name: _counting(value) for name, value in args.items()})
        except (KeyError, IndexError, ValueError):
            return " ".join([text, *(f"{name}={value}" for name, value in args.items())])

    def error(self, error: GongdanError) -> str:
        """The sentence of an error."""
        return self.reason(error.code, error.args_by_name)

    def reason(self, code: str, args: Mapping[str, Any]) -> str:
        """The sentence of a code: the operator's own where there is one, else everybody's."""
        own = f"server.error.{code}"
        return self.say(own if own in self._texts else f"error.{code}", **args)


def _counting(value: object) -> object:
    return Count(value) if type(value) is int else value
