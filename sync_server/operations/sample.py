"""Filling an empty server with the sample chain that is shipped: units, people, configuration."""

import tempfile
from pathlib import Path

import resources
from domain.errors import RefusedError
from sync_server.operations.configuration.applying import apply
from sync_server.operations.imports.org import import_org
from sync_server.operations.imports.people import import_people
from sync_server.operations.tools import Tools
from sync_server.store.organisation_writer import stored_units
from sync_server.store.people_writer import all_people

FOLDER = Path(resources.__file__).parent / "sample"


def fill(tools: Tools, *, password: str = "") -> dict[str, int]:
    """Import the sample's units and people and apply its configuration; refused where there is anything yet."""
    with tools.store.read() as conn:
        if stored_units(conn) or all_people(conn):
            raise RefusedError("not_empty")
    units = import_org(tools, FOLDER / "units.csv", company="", mapping={})
    with tempfile.TemporaryDirectory() as folder:
        people_file = Path(folder) / "people.csv"
        people_file.write_text(_people(password), encoding="utf-8")
        people = import_people(tools, people_file, mapping={})
    applied = apply(tools, FOLDER / "configuration")
    trouble = [*units.problems, *people.problems, *applied.problems]
    if trouble:
        raise RefusedError("sample_broken", first=str(trouble[0]))
    return {
        "units": units.counts["added"],
        "people": people.counts["added"],
        "rows": len(applied.written),
    }


def _people(password: str) -> str:
    """The sample's people, all with one password; without one nobody can sign in yet."""
    lines = (FOLDER / "people.csv").read_text(encoding="utf-8").splitlines()
    return "\n".join([f"{lines[0]},password", *(f"{line},{password}" for line in lines[1:] if line)])
