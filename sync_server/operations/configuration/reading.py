"""Files to structs: every file is read, every problem is collected with its file and place."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from msgspec.structs import replace

from domain.entities.base import Entity
from domain.errors import InvalidInputError
from sync_server.operations.configuration import desk_shapes, flow_shapes, notice_shapes, rule_shapes, shapes
from sync_server.operations.configuration.notation import read_json
from sync_server.operations.configuration.positions import position_of, second_of
from sync_server.operations.configuration.view_shapes import ViewShape

T = TypeVar("T")

FILES: Mapping[str, type[shapes.Shape]] = {
    "lines": shapes.LineShape,
    "teams": shapes.TeamShape,
    "categories": shapes.CategoryShape,
    "calendars": shapes.CalendarShape,
    "policies": shapes.PolicyShape,
    "routing": shapes.RoutingShape,
    "text_modules": shapes.TextModuleShape,
    "views": ViewShape,
    "triggers": rule_shapes.TriggerShape,
    "automations": rule_shapes.AutomationShape,
    "macros": rule_shapes.MacroShape,
    "leases": shapes.LeaseShape,
    "gates": flow_shapes.GateShape,
    "rosters": desk_shapes.RosterShape,
    "equipment": desk_shapes.EquipmentShape,
    "urging": desk_shapes.UrgingShape,
    "channels": notice_shapes.ChannelShape,
    "notice_templates": notice_shapes.NoticeTemplateShape,
    "notice_rules": notice_shapes.NoticeRuleShape,
}
GRANTS, TEMPLATES = "grants", "templates"
BY_LOGIN = frozenset({"rosters"})
"""Files whose entries go by people's logins instead of names of the administrator's."""
_AT = re.compile(r"(?P<reason>.*?)(?: - at `\$?\.?(?P<place>[^`]*)`)?")
_NAME = re.compile(r"[a-z0-9][a-z0-9_\-]{0,63}")


class FileProblem(Entity):
    """What is wrong, and where: a file, a place in it, a code with the arguments of its sentence."""

    file: str
    place: str
    code: str
    args: dict[str, Any] = {}
    line: int = 0  # 0 where the file itself does not name it
    column: int = 0

    @property
    def where(self) -> str:
        """File, line, column and place, as compilers say it."""
        at = f":{self.line}:{self.column}" if self.line else ""
        return ": ".join(part for part in (f"{self.file}{at}", self.place) if part)


class Problems:
    """Collects what is wrong, so that all of it is told at once."""

    def __init__(self, found: Iterable[FileProblem] = ()) -> None:
        self.found = list(found)

    def add(self, file: str, place: str, code: str, /, **args: Any) -> None:
        """One more."""
        self.found.append(FileProblem(file=file, place=place, code=code, args=args))

    def guard(self, file: str, place: str, work: Callable[[], T]) -> T | None:
        """Run a piece of work; an InvalidInputError becomes a problem."""
        try:
            return work()
        except InvalidInputError as error:
            self.add(file, place, error.code, **error.args_by_name)
            return None


def located(folder: Path, problems: Iterable[FileProblem]) -> tuple[FileProblem, ...]:
    """The problems with the lines and columns of their places, in the order of the files."""
    texts: dict[str, str] = {}
    found = []
    for one in problems:
        if one.file not in texts:
            try:
                texts[one.file] = (folder / one.file).read_text(encoding="utf-8-sig")
            except (OSError, UnicodeDecodeError):
                texts[one.file] = ""
        if one.code == "config_not_json":
            found.append(replace(one, line=one.args["line"], column=one.args["column"]))
            continue
        if one.code == "config_key_twice":
            at = second_of(texts[one.file], one.args["key"])
        else:
            at = position_of(texts[one.file], one.place, str(one.args.get("reason", "")))
        found.append(replace(one, line=at.line, column=at.column) if at is not None else one)
    return tuple(sorted(found, key=lambda one: (one.file, one.line, one.column)))


class Folder(Entity):
    """What the files of a folder say, by noun; a noun without a file is not there."""

    nouns: dict[str, dict[str, Any]] = {}
    named: dict[str, set[str]] = {}  # every id of a noun, those too whose entry is wrong
    templates: dict[str, flow_shapes.ScenarioShape] | None = None
    grants: dict[str, list[shapes.GrantShape]] | None = None


def read_folder(folder: Path, problems: Problems) -> Folder:
    """Read every file of a configuration folder."""
    contents = {noun: _content(folder, noun, problems) for noun in (*FILES, GRANTS)}
    nouns = {
        noun: _entries(f"{noun}.json", content, FILES[noun], problems, names=noun not in BY_LOGIN)
        for noun, content in contents.items()
        if content is not None and noun != GRANTS
    }
    granted = contents[GRANTS]
    grants = None
    if granted is not None:
        grants = _entries(f"{GRANTS}.json", granted, list[shapes.GrantShape], problems, names=False)
    _strangers(folder, problems)
    return Folder(
        nouns=nouns,
        named={noun: set(_named(content or {})) for noun, content in contents.items()},
        templates=_templates(folder / TEMPLATES, problems),
        grants=grants,
    )


def _named(content: Mapping[str, Any]) -> Iterator[str]:
    """The ids of a file, those of its tree included."""
    for id, entry in content.items():
        yield id
        children = entry.get("children") if isinstance(entry, dict) else None
        if isinstance(children, dict):
            yield from _named(children)


def _strangers(folder: Path, problems: Problems) -> None:
    """A file whose name is misspelt must not be passed over in silence."""
    known = {f"{noun}.json" for noun in (*FILES, GRANTS)}
    for file in sorted(folder.glob("*.json")):
        if file.name not in known:
            problems.add(file.name, "", "config_unknown_file", known=", ".join(sorted(known)))


def _bytes(file: Path, problems: Problems) -> bytes | None:
    try:
        return file.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        problems.add(file.name, "", "config_unreadable", reason=error.strerror or "")
        return None


def _content(folder: Path, noun: str, problems: Problems) -> dict[str, Any] | None:
    """What a noun's file says; nothing where there is no file, an empty object where it can't be read."""
    file = f"{noun}.json"
    raw = _bytes(folder / file, problems)
    if raw is None:
        return None
    content = problems.guard(file, "", lambda: read_json(raw))
    if content is not None and not isinstance(content, dict):
        problems.add(file, "", "config_not_object")
    return content if isinstance(content, dict) else {}


def _entries(
    file: str, content: Mapping[str, Any], shape: Any, problems: Problems, *, names: bool = True
) -> dict[str, Any]:
    """The entries of a file that could be read, in its order."""
    found: dict[str, Any] = {}
    for id, entry in content.items():
        if names and not _NAME.fullmatch(id):
            problems.add(file, id, "config_bad_id")
        one = converted(file, id, entry, shape, problems)
        if one is not None:
            found[id] = one
    return found


def converted(file: str, place: str, value: Any, shape: Any, problems: Problems) -> Any:
    try:
        return msgspec.convert(value, shape)
    except msgspec.ValidationError as error:
        found = _AT.fullmatch(str(error))
        reason, inner = (found["reason"], found["place"] or "") if found else (str(error), "")
        problems.add(
            file, ".".join(part for part in (place, inner) if part), "config_not_valid", reason=reason
        )
        return None


def _templates(folder: Path, problems: Problems) -> dict[str, flow_shapes.ScenarioShape] | None:
    if not folder.is_dir():
        return None
    found: dict[str, flow_shapes.ScenarioShape] = {}
    for file in sorted(folder.glob("*.json")):
        name, id = f"{TEMPLATES}/{file.name}", file.stem
        if not _NAME.fullmatch(id):
            problems.add(name, "", "config_bad_id")
        raw = _bytes(file, problems)
        content = problems.guard(name, "", lambda raw=raw: read_json(raw or b""))  # type: ignore[misc]
        if content is not None:
            one = converted(name, "", content, flow_shapes.ScenarioShape, problems)
            if one is not None:
                found[id] = one
    return found
