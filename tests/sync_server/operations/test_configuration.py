"""Configuration as files: applied whole or not at all, versioned, and written back as it was."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from domain.entities.forms import Template
from domain.errors import InvalidInputError
from sync_server.operations.configuration.applying import Applied, apply
from sync_server.operations.configuration.exporting import export
from sync_server.operations.sample import FOLDER
from sync_server.operations.tools import Tools
from sync_server.store import tables as t
from sync_server.store.organisation import counter_value
from sync_server.store.soundness import feed_gap

Edit = Callable[[Any], object]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The sample's files, to be changed."""
    return Path(shutil.copytree(FOLDER / "configuration", tmp_path / "files"))


def _change(folder: Path, name: str, edit: Edit) -> None:
    file = folder / name
    content = json.loads(file.read_text(encoding="utf-8"))
    edit(content)
    file.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")


def _state(tools: Tools) -> tuple[int, int]:
    with tools.store.read() as conn:
        rows = conn.execute(select(func.count()).select_from(t.config)).scalar_one()
        return rows, counter_value(conn, "config")


def _only(applied: Applied) -> tuple[str, str, str]:
    assert len(applied.problems) == 1, applied.problems
    one = applied.problems[0]
    return one.file, one.place, one.code


def test_files_come_back_as_they_went_in(sample: Tools, tmp_path: Path) -> None:
    """Export gives, byte for byte, the files that were applied."""
    export(sample, tmp_path / "out")
    names = {
        file.relative_to(FOLDER / "configuration") for file in (FOLDER / "configuration").rglob("*.json")
    }
    assert {file.relative_to(tmp_path / "out") for file in (tmp_path / "out").rglob("*.json")} == names
    for name in names:
        assert (tmp_path / "out" / name).read_bytes() == (FOLDER / "configuration" / name).read_bytes(), name


def test_applying_twice_changes_nothing(sample: Tools, folder: Path) -> None:
    """The same files again write no row and no version."""
    before = _state(sample)
    assert apply(sample, folder) == Applied()
    assert _state(sample) == before


def test_what_changed_alone_gets_a_new_version(sample: Tools, folder: Path) -> None:
    """One template changed: one row more, its first version kept, the feed dense."""
    _change(folder, "templates/refund.json", lambda one: one.update(name="退款（新）"))
    applied = apply(sample, folder)
    assert [(one.kind, one.id, one.version) for one in applied.written] == [("template", "refund", 2)]
    with sample.store.read() as conn:
        configuration = sample.configurations.current(conn)
        assert feed_gap(conn)["missing"] == 0
    names = [configuration.template("refund", version) for version in (1, 2)]
    assert [one.name for one in names if isinstance(one, Template)] == ["退款", "退款（新）"]


def test_what_left_the_files_is_deleted(sample: Tools, folder: Path) -> None:
    """A row that its file no longer names is gone, and may come back as a later version."""
    _change(folder, "routing.json", lambda rules: rules.pop("retail"))
    assert [(one.id, one.deleted) for one in apply(sample, folder).written] == [("retail", True)]
    with sample.store.read() as conn:
        assert "retail" not in {rule.id for rule in sample.configurations.current(conn).routing}
    shutil.copy(FOLDER / "configuration" / "routing.json", folder)
    assert [(one.version, one.deleted) for one in apply(sample, folder).written if one.id == "retail"] == [
        (3, False)
    ]


def test_noun_without_a_file_is_left_alone(sample: Tools, folder: Path) -> None:
    """A folder with one file speaks of that noun only."""
    for file in folder.glob("*.json"):
        if file.name != "lines.json":
            file.unlink()
    shutil.rmtree(folder / "templates")
    assert apply(sample, folder) == Applied()


def test_dry_run_tells_and_changes_nothing(sample: Tools, folder: Path) -> None:
    """A dry run says what would be written, and that is all."""
    before = _state(sample)
    _change(folder, "lines.json", lambda lines: lines.update(wholesale={"name": "批发"}))
    assert [one.id for one in apply(sample, folder, dry_run=True).written] == ["wholesale"]
    assert _state(sample) == before


def test_grants_replace_what_a_person_had(sample: Tools, folder: Path) -> None:
    """A person named in the file has exactly these grants; their scope's version rises, others' does not."""

    def version(login: str) -> int:
        with sample.store.read() as conn:
            row = select(t.person.c.grants_version).where(t.person.c.login == login)
            return int(conn.execute(row).scalar_one())

    before = version("liuyang"), version("xudan")
    _change(folder, "grants.json", lambda grants: grants["liuyang"][0].update(unit="HZ002"))
    assert len(apply(sample, folder).granted) == 1
    assert (version("liuyang"), version("xudan")) == (before[0] + 1, before[1])
    with sample.store.read() as conn:
        rows = list(conn.execute(select(t.change.c.people).where(t.change.c.entity == "grant")))
    assert len(rows) >= 1


WRONG: dict[str, tuple[str, Edit, tuple[str, str, str]]] = {
    "unknown word": (
        "lines.json",
        lambda one: one["retail"].update(colour="red"),
        ("lines.json", "retail", "config_not_valid"),
    ),
    "missing word": (
        "teams.json",
        lambda one: one["it-desk"].pop("unit"),
        ("teams.json", "it-desk", "config_not_valid"),
    ),
    "unknown unit": (
        "teams.json",
        lambda one: one["it-desk"].update(unit="MOON"),
        ("teams.json", "it-desk", "config_unknown_unit"),
    ),
    "unknown person": (
        "teams.json",
        lambda one: one["it-desk"].update(members=["nobody"]),
        ("teams.json", "it-desk", "config_unknown_person"),
    ),
    "bad target": (
        "policies.json",
        lambda one: one["it"]["targets"]["low"].update(resolution="soonish"),
        ("policies.json", "it", "config_target"),
    ),
    "target too long": (
        "policies.json",
        lambda one: one["it"]["targets"]["low"].update(resolution="9999 weeks"),
        ("policies.json", "it", "target_length"),
    ),
    "bad step": (
        "policies.json",
        lambda one: one["it"]["steps"][0].update(at="just before"),
        ("policies.json", "it", "config_step"),
    ),
    "unknown calendar": (
        "policies.json",
        lambda one: one["it"].update(calendar="lunar"),
        ("policies.json", "it", "config_unknown_calendar"),
    ),
    "unknown field in a condition": (
        "routing.json",
        lambda one: one["it"]["when"].update(all=[["colour", "is", "red"]]),
        ("routing.json", "it.when.all[0]", "condition_unknown_field"),
    ),
    "comparison that does not fit": (
        "routing.json",
        lambda one: one["it"]["when"].update(all=[["line", "gt", "a"]]),
        ("routing.json", "it.when.all[0]", "condition_op_not_for_kind"),
    ),
    "condition in another form": (
        "routing.json",
        lambda one: one["it"]["when"].update(all=[["line"]]),
        ("routing.json", "it", "config_condition"),
    ),
    "unknown team": (
        "routing.json",
        lambda one: one["it"].update(team="b-team"),
        ("routing.json", "it", "config_unknown_team"),
    ),
    "never open": (
        "calendars.json",
        lambda one: one["service"].update(weekly={}),
        ("calendars.json", "service", "calendar_never_open"),
    ),
    "no period": (
        "calendars.json",
        lambda one: one["service"]["weekly"].update(mon=["9 to 5"]),
        ("calendars.json", "service", "config_period"),
    ),
    "fifth level": (
        "categories.json",
        lambda one: one["it"]["children"]["pos"]["children"]["scanner"].update(
            children={"a": {"name": "a", "children": {"b": {"name": "b"}}}}
        ),
        ("categories.json", "it.pos.scanner.a.b", "config_category_depth"),
    ),
    "category twice": (
        "categories.json",
        lambda one: one["it"]["children"].update(claim={"name": "again"}),
        ("categories.json", "it.claim", "config_category_twice"),
    ),
    "select without options": (
        "templates/urge.json",
        lambda one: one["fields"].append({"key": "x", "label": "x", "kind": "select"}),
        ("templates/urge.json", "fields[7]", "config_options"),
    ),
    "field twice": (
        "templates/urge.json",
        lambda one: one["fields"].append(one["fields"][0]),
        ("templates/urge.json", "fields", "config_field_twice"),
    ),
    "sensitive but not personal": (
        "templates/urge.json",
        lambda one: one["fields"].append({"key": "x", "label": "x", "class": "sensitive"}),
        ("templates/urge.json", "fields[7]", "config_sensitive_not_personal"),
    ),
    "shown by an unknown field": (
        "templates/urge.json",
        lambda one: one["fields"][0].update(when={"all": [["nothing", "is_set"]]}),
        ("templates/urge.json", "fields[0].when.all[0]", "condition_unknown_field"),
    ),
    "unknown category": (
        "templates/urge.json",
        lambda one: one.update(frequent_categories=["weather"]),
        ("templates/urge.json", "frequent_categories", "config_unknown_category"),
    ),
    "unknown level": (
        "grants.json",
        lambda one: one["liuyang"][0].update(level="emperor"),
        ("grants.json", "liuyang", "config_not_valid"),
    ),
    "unknown login": (
        "grants.json",
        lambda one: one.update(nobody=[]),
        ("grants.json", "nobody", "config_unknown_person"),
    ),
}


@pytest.mark.parametrize("name", sorted(WRONG))
def test_what_is_wrong_is_told_with_file_and_place(quick_sample: Tools, folder: Path, name: str) -> None:
    """Each mistake names its file, its place and a code, and nothing at all is written."""
    file, edit, told = WRONG[name]
    before = _state(quick_sample)
    _change(folder, file, edit)
    found = _only(apply(quick_sample, folder))
    assert found[0] == told[0]
    assert found[1].startswith(told[1])
    assert found[2] == told[2]
    assert _state(quick_sample) == before


def test_all_mistakes_are_told_at_once(quick_sample: Tools, folder: Path) -> None:
    """Five mistakes in five files are five problems, not one."""
    for name in ("unknown word", "unknown unit", "bad target", "no period", "select without options"):
        _change(folder, *WRONG[name][:2])
    assert len(apply(quick_sample, folder).problems) == 5


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{", "config_not_json"),
        ('{"a": {"name": "x"}, "a": {"name": "y"}}', "config_key_twice"),
        ("[]", "config_not_object"),
        ('{"No Id": {"name": "x"}}', "config_bad_id"),
    ],
)
def test_file_that_is_no_such_file(quick_sample: Tools, folder: Path, text: str, code: str) -> None:
    """Broken JSON, a key given twice, another form, an id nobody can type."""
    (folder / "lines.json").write_text(text, encoding="utf-8")
    problems = apply(quick_sample, folder).problems
    assert code in {one.code for one in problems if one.file == "lines.json"}


def test_a_key_given_twice_is_told_where_it_comes_again(quick_sample: Tools, folder: Path) -> None:
    """The second of them, with its line and column, however deep."""
    (folder / "lines.json").write_text('{"a": {"name": "x",\n  "name": "y"}}', encoding="utf-8")
    found = {one.code: one.where for one in apply(quick_sample, folder).problems}
    assert found["config_key_twice"] == "lines.json:2:3"


def test_misspelt_file_is_not_passed_over(quick_sample: Tools, folder: Path) -> None:
    """A file that nobody would read is a mistake."""
    (folder / "policys.json").write_text("{}", encoding="utf-8")
    assert _only(apply(quick_sample, folder)) == ("policys.json", "", "config_unknown_file")


def test_folder_that_is_not_there(quick_sample: Tools, tmp_path: Path) -> None:
    """A wrong path is a sentence, and writes nothing."""
    with pytest.raises(InvalidInputError, match="config_no_folder"):
        apply(quick_sample, tmp_path / "nowhere")
