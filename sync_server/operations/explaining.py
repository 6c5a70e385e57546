"""`explain ticket NUMBER`: which policy, deadlines, rules, route and messages, and why, in words."""

from argparse import Namespace
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from domain.entities.base import Instant
from domain.entities.configuration import Configuration
from domain.entities.explaining import Section
from domain.errors import InvalidInputError
from domain.rules.explain_words import sentences
from domain.rules.zones import zone_names
from sync_server.operations.commands import Run, Work, command
from sync_server.operations.tools import Tools
from sync_server.operations.words import Words
from sync_server.reports.explaining import explained, ticket_numbered
from sync_server.store.organisation import Tree
from sync_server.store.people_writer import people_by_login

if TYPE_CHECKING:
    from sqlalchemy import Connection

LANGUAGES: Mapping[str, str] = {"zh": "zh_CN", "en": "en"}


class Spoken:
    """Words of the console, names of the directory, times of a zone."""

    def __init__(
        self,
        conn: "Connection",
        words: Words,
        *,
        tree: Tree,
        configuration: Configuration,
        zone: str = "Asia/Shanghai",
    ) -> None:
        self._words, self._zone = words, ZoneInfo(zone)
        logins = {id: login for login, id in people_by_login(conn).items()}
        self._names: Mapping[str, Mapping[str, str]] = {
            "person": logins,
            "unit": {id: unit.name for id, unit in tree.units.items()},
            "team": {id: one.name for id, one in configuration.teams.items()},
            "line": {id: one.name for id, one in configuration.lines.items()},
            "template": {id: one.name for (id, _), one in configuration.templates.items()},
            "category": {id: one.name for id, one in configuration.categories.items()},
        }

    def say(self, key: str, /, **args: Any) -> str:
        """The sentence of a key."""
        return self._words.say(key, **args)

    def name(self, kind: str, id: str) -> str:
        """A person's login, or the name of whatever else has an id."""
        return self._names.get(kind, {}).get(id) or id

    def moment(self, at: Instant) -> str:
        """An instant in the zone, to the minute."""
        return datetime.fromtimestamp(at / 1000, self._zone).strftime("%Y-%m-%d %H:%M")


def add(to: Any, with_tools: Callable[[Work], Run]) -> None:
    """Add the command."""
    ticket = command(to, "ticket", with_tools(_ticket), "why a ticket is as it is")
    ticket.add_argument("number", help="its number, or its id")
    ticket.add_argument("--language", choices=sorted(LANGUAGES), help="zh or en; without it the console's")
    ticket.add_argument("--timezone", default="Asia/Shanghai", help="in which times are said")


def words_for(given: Namespace) -> Words:
    """The words of the language that was asked for."""
    return Words(LANGUAGES.get(given.language) if given.language else None)


def _ticket(tools: Tools, given: Namespace) -> int:
    if given.timezone not in zone_names():
        raise InvalidInputError("unknown_zone", zone=given.timezone)
    words = words_for(given)
    with tools.store.read() as conn:
        ticket = ticket_numbered(conn, given.number)
        if ticket is None:
            raise InvalidInputError("explain_no_ticket", number=given.number)
        tree, configuration = tools.trees.current(conn), tools.configurations.current(conn)
        speech = Spoken(conn, words, tree=tree, configuration=configuration, zone=given.timezone)
        sections = explained(conn, ticket, configuration=configuration, tree=tree, now=tools.clock.now())
    number = ticket.number or ticket.id
    print(words.say("explain.title", number=number, subject=ticket.subject))
    for section in sections:
        _print(section, speech)
    return 0


def _print(section: Section, speech: Spoken) -> None:
    print(f"\n{speech.say(f'explain.section.{section.name}')}")
    for sentence in sentences(section, speech):
        print(f"  {sentence}")
