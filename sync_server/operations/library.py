"""The template library that is shipped: scenarios with form, flow, SLA and text modules, in both languages."""

import shutil
from pathlib import Path

import resources
from domain.errors import RefusedError

FOLDER = Path(resources.__file__).parent / "library"
LANGUAGES = ("zh_CN", "en")


def write_library(language: str, folder: Path) -> int:
    """Write the library's files for editing and `config apply --add`; returns how many scenarios it has.

    Raises RefusedError ``folder_not_empty`` where the folder holds anything: nobody's files are written over.
    """
    if folder.exists() and any(folder.iterdir()):
        raise RefusedError("folder_not_empty", folder=str(folder))
    shutil.copytree(FOLDER / language, folder, dirs_exist_ok=True)
    return len(list((folder / "templates").glob("*.json")))
