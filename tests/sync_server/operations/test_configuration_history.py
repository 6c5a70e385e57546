"""The configuration's history: numbered changes, what differs between them, going back, and what is in use."""

import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, get_args, get_origin

import msgspec
import pytest
from sqlalchemy import select, update

from domain.entities.forms import TextModule
from domain.errors import InvalidInputError
from domain.wire.configuration import KINDS, entity_of
from sync_server.operations.configuration import history
from sync_server.operations.configuration.applying import Applied, apply, roll_back
from sync_server.operations.configuration.exporting import export
from sync_server.operations.configuration.references import references, refers_to
from sync_server.operations.imports.calendar import import_calendar
from sync_server.operations.sample import FOLDER
from sync_server.operations.tools import Tools
from sync_server.store import tables as t
from sync_server.store.configuration_changes import Author
from sync_server.store.configuration_uses import NAMED_BY_TICKETS
from sync_server.store.configuration_writer import Edit, newest_rows, write_configuration
from sync_server.store.unit_of_work import UnitOfWork


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The sample's files, to be changed."""
    return Path(shutil.copytree(FOLDER / "configuration", tmp_path / "files"))


def _change(folder: Path, name: str, edit: Callable[[Any], object]) -> None:
    file = folder / name
    content = json.loads(file.read_text(encoding="utf-8"))
    edit(content)
    file.write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")


def _files(tools: Tools, folder: Path) -> dict[str, bytes]:
    export(tools, folder)
    return {file.name: file.read_bytes() for file in folder.rglob("*.json")}


def _turned_round(entries: dict[str, Any]) -> None:
    for id in list(entries)[:-1]:
        entries[id] = entries.pop(id)


def _codes(applied: Applied) -> list[str]:
    return [one.code for one in applied.problems]


def _audited(tools: Tools) -> list[tuple[str, Any]]:
    with tools.store.read() as conn:
        rows = conn.execute(select(t.audit.c.action, t.audit.c.detail).order_by(t.audit.c.id))
        return [(row.action, json.loads(row.detail)) for row in rows if row.action.startswith("config_")]


def test_changes_are_numbered_shown_and_taken_back(sample: Tools, folder: Path, tmp_path: Path) -> None:
    """Two changes, their log and differences; going back is a third one, after which the files are as they were."""
    first = history.newest(sample)
    before = _files(sample, tmp_path / "before")
    _change(folder, "policies.json", lambda one: one["it"]["targets"]["low"].update(resolution="9 days"))
    _change(folder, "lines.json", lambda one: one.update(wholesale={"name": "批发"}))
    done = apply(sample, folder, author=Author(actor="wang", note="slower"))
    assert done.number == first + 1
    _change(folder, "grants.json", lambda one: one["liuyang"][0].update(unit="HZ002"))
    assert apply(sample, folder).number == first + 2
    rows = history.log(sample, 2)
    assert [(row["number"], row["by"], row["note"], row["rows"]) for row in rows] == [
        (first + 2, "", "", 1),
        (first + 1, "wang", "slower", 2),
    ]
    found = {
        (one.file, one.place): (one.before, one.after) for one in history.between(sample, first, first + 1)
    }
    assert found["policies.json", "it.targets.low.resolution"][1] == '"9 days"'
    assert found["lines.json", "wholesale"] == ("", '{"name": "批发"}')
    assert len(found) == 2
    granted = history.between(sample, first + 1)
    assert [one.file for one in granted] == ["grants.json"] * len(granted)
    assert granted
    back = roll_back(sample, first, grants=True)
    assert (back.problems, back.number) == ((), first + 3)
    assert _files(sample, tmp_path / "after") == before
    assert history.between(sample, first) == []
    assert history.between(sample, first + 2) != []
    assert [name for name, _ in _audited(sample)][-3:] == ["config_apply", "config_apply", "config_rollback"]
    assert _audited(sample)[-3][1] == {"number": first + 1, "rows": 2, "actor": "wang", "note": "slower"}


def test_rollback_leaves_grants_alone_unless_asked(quick_sample: Tools, folder: Path) -> None:
    """Going back must not give back what was taken from a person meanwhile."""
    first = history.newest(quick_sample)
    _change(folder, "grants.json", lambda one: one.update(liuyang=[]))
    apply(quick_sample, folder)
    assert roll_back(quick_sample, first) == Applied()
    assert len(roll_back(quick_sample, first, grants=True).granted) == 1


def test_dry_runs_write_nothing(quick_sample: Tools, folder: Path) -> None:
    """Both ways say field by field what would change, and leave number and audit as they were."""
    _change(folder, "policies.json", _turned_round)
    number, audited = history.newest(quick_sample), _audited(quick_sample)
    would = apply(quick_sample, folder, dry_run=True)
    assert ("policies.json", "(order)") in {(one.file, one.place) for one in would.differences}
    assert (history.newest(quick_sample), _audited(quick_sample)) == (number, audited)
    apply(quick_sample, folder)
    assert roll_back(quick_sample, number, dry_run=True).differences
    assert history.newest(quick_sample) == number + 1


def test_numbers_that_never_were_are_refused(quick_sample: Tools) -> None:
    """Neither a later number nor one before the beginning can be gone back to."""
    for number in (history.newest(quick_sample) + 1, -1):
        with pytest.raises(InvalidInputError, match="config_no_change"):
            roll_back(quick_sample, number)


def test_import_of_a_calendar_is_a_change(quick_sample: Tools, tmp_path: Path) -> None:
    """Whatever writes configuration stands in the log."""
    file = tmp_path / "days.csv"
    file.write_text("date,off\n2027-01-01,true\n", encoding="utf-8")
    import_calendar(
        quick_sample, file, calendar="service", name="", week="", place="Asia/Shanghai", mapping={}
    )
    row = history.log(quick_sample, 1)[0]
    assert (row["cause"], row["note"], row["rows"]) == ("import", "days.csv", 1)


def test_rollback_that_no_longer_fits_is_refused_whole(quick_sample: Tools, folder: Path) -> None:
    """A line that tickets have come to use since can't be rolled away; nothing else of it is rolled back either."""
    first = history.newest(quick_sample)
    _change(folder, "lines.json", lambda one: one.update(wholesale={"name": "批发"}))
    _change(folder, "policies.json", lambda one: one["it"].update(name="IT+"))
    _change(folder, "grants.json", lambda one: one["liuyang"][0].update(line="wholesale"))
    apply(quick_sample, folder)
    refused = roll_back(quick_sample, first)
    assert _codes(refused) == ["config_in_use_by_grants"]
    assert refused.problems[0].args["users"] == "liuyang"
    assert history.newest(quick_sample) == first + 1


USED: dict[str, tuple[str, Callable[[Any], object], str, str]] = {
    "category of a template": (
        "categories.json",
        lambda one: one["complaint"]["children"].clear(),
        "config_unknown_category",
        "",
    ),
    "calendar of a policy": ("calendars.json", lambda one: one.pop("service"), "config_in_use", "policy "),
    "team of a rule": ("teams.json", lambda one: one.pop("it-desk"), "config_in_use", "routing "),
    "line of a grant": ("lines.json", lambda one: one.pop("retail"), "config_in_use", ""),
}


@pytest.mark.parametrize("name", sorted(USED))
def test_what_is_in_use_is_not_deleted(quick_sample: Tools, folder: Path, name: str) -> None:
    """Files that leave out a row which others name are refused, with those who name it."""
    file, edit, code, user = USED[name]
    _change(folder, file, edit)
    for other in [*folder.glob("*.json"), *folder.glob("templates/*.json")]:
        if other.name != file and code == "config_in_use":
            other.unlink()
    if code == "config_in_use":
        (folder / "templates").rmdir()
    before = history.newest(quick_sample)
    refused = apply(quick_sample, folder)
    assert code in _codes(refused)
    assert user in " ".join(str(one.args.get("users", "")) for one in refused.problems)
    assert history.newest(quick_sample) == before


def test_what_open_tickets_use_is_not_deleted(sample: Tools, folder: Path) -> None:
    """A template can't go while a ticket made from it is not closed: their number, and the first twenty."""
    for file in [*folder.glob("*.json"), folder / "templates" / "urge.json"]:
        file.unlink()
    with sample.store.write() as conn:
        row = dict.fromkeys(
            (one.name for one in t.ticket.c if not one.nullable and not one.server_default), ""
        )
        numbers = {"rev": 1, "template_version": 1, "created_at": 0, "updated_at": 0, "policy_version": 0}
        lists = {"cc": "[]", "tags": "[]", "fields": "{}", "template": "urge", "status": "open"}
        rows = [{**row, **numbers, **lists, "id": str(n), "number": str(200 + n)} for n in range(25)]
        conn.execute(t.ticket.insert(), rows)
        conn.commit()
    refused = apply(sample, folder)
    told = next(one for one in refused.problems if one.code == "config_in_use_by_tickets")
    assert (told.file, told.args["count"]) == ("templates/urge.json", 25)
    assert told.args["users"].startswith("200, 201")
    assert told.args["users"].count(",") == 19
    with sample.store.write() as conn:
        conn.execute(update(t.ticket).values(status="closed"))
        conn.commit()
    assert apply(sample, folder).problems == ()


def test_personal_rows_are_nobody_elses(quick_sample: Tools, folder: Path) -> None:
    """Neither files nor going back touch what belongs to a person."""
    first = history.newest(quick_sample)
    with quick_sample.store.write() as conn:
        work = UnitOfWork(conn, nonces=quick_sample.ids, at=1)
        module = TextModule(id="m1", name="mine", body="…", owner="p1")
        write_configuration(
            work, [Edit(kind="text_module", id="m1", entity=module)], author=Author(person="p1")
        )
        work.commit()
    assert apply(quick_sample, folder) == Applied()
    assert roll_back(quick_sample, first) == Applied()


def test_problems_have_lines_and_columns(quick_sample: Tools, folder: Path) -> None:
    """Each of two mistakes in one file is told where it stands, the first line first."""
    text = '{\n  "retail": {"name": "零售", "colour": "red"},\n  "b2b": {\n    "name": 7\n  }\n}\n'
    (folder / "lines.json").write_text(text, encoding="utf-8")
    found = [
        (one.line, one.column) for one in apply(quick_sample, folder).problems if one.file == "lines.json"
    ]
    assert found == [(2, 28), (4, 5)]


def _structs(kind: Any, seen: set[type]) -> Iterator[type[msgspec.Struct]]:
    """Every struct that values of a type may hold."""
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        if kind not in seen:
            seen.add(kind)
            yield kind
            for field in msgspec.structs.fields(kind):
                yield from _structs(field.type, seen)
        return
    for one in get_args(kind):
        yield from _structs(one, seen)


WORDS = """
address body code description hint icon id key label name params pattern pinyin settings subject tags texts title url
value zone category_required_at event field kind language level metric op pause_in priority reaches required_at
requester field_class columns role roles channel section status targets type use arguments
start reopen_at node join to inputs
skills how maker group reply events
"""
PLAIN = frozenset(WORDS.split())
"""Texts that name no row of the configuration."""


def _texts(kind: Any) -> bool:
    """Whether values of a type may be texts of no fixed choice, alone or in a list or under a key."""
    if kind is str:
        return True
    held = get_args(kind)
    return any(_texts(one) for one in (held[1:] if get_origin(kind) in (dict, Mapping) else held))


def test_no_field_of_the_configuration_is_undeclared() -> None:
    """Every text in every entity of every kind is known to name a row of some kind, or known not to."""
    unknown = set()
    for struct in [one for kind in KINDS.values() for one in _structs(kind, set())]:
        for field in msgspec.structs.fields(struct):
            if (
                _texts(field.type)
                and refers_to(struct.__name__, field.name) is None
                and field.name not in PLAIN
            ):
                unknown.add(f"{struct.__name__}.{field.name}")
    assert not unknown, (
        f"declare in configuration/references.py what these name, or that they name nothing: {unknown}"
    )


def test_sample_names_only_what_is_there(quick_sample: Tools) -> None:
    """The walk finds references of many kinds in the sample chain, and each leads somewhere."""
    with quick_sample.store.read() as conn:
        rows = newest_rows(conn)
    found = [one for row in rows.values() for one in references(row.kind, row.id, entity_of(row))]
    assert {"category", "calendar", "team", "line", "unit", "person"} <= {one.target_kind for one in found}
    stored = [one for one in found if one.target_kind not in ("unit", "person")]
    assert [one for one in stored if (one.target_kind, one.target) not in rows] == []


def test_every_kind_that_tickets_name_is_counted() -> None:
    """A column of the ticket called after a kind is looked at before a row of that kind is deleted."""
    assert set(KINDS) & set(t.ticket.c.keys()) - set(NAMED_BY_TICKETS) <= {"policy"}
