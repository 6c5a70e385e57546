"""Files of rows under headings: CSV, JSON lines and xlsx read alike; a broken row is reported, the rest goes on."""

import csv
import gzip
import io
import json
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from domain.errors import InvalidInputError, UnavailableError

CSV_FIELD_BYTES = 1024 * 1024


class SheetRow(NamedTuple):
    """One row: where it begins in the file, and its values by heading; or why it can't be read."""

    line: int
    values: Mapping[str, Any]
    problem: str = ""
    detail: str = ""


class Sheet(NamedTuple):
    """A file's headings and rows."""

    headings: tuple[str, ...]
    rows: Iterator[SheetRow]


def open_sheet(path: Path) -> Sheet:
    """Read a file by its suffix; raise InvalidInputError or UnavailableError where that can't be done at all."""
    packed = path.suffix.lower() == ".gz"
    suffix = Path(path.stem).suffix.lower() if packed else path.suffix.lower()
    try:
        if suffix == ".xlsx" and not packed:
            return _xlsx(path)
        raw = gzip.decompress(path.read_bytes()) if packed else path.read_bytes()
    except FileNotFoundError:
        raise InvalidInputError("file_missing", file=str(path)) from None
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise InvalidInputError("file_not_gzip", file=str(path), reason=str(error)) from None
    except OSError as error:
        raise UnavailableError("file_unreadable", file=str(path), reason=error.strerror or "") from None
    if suffix in (".jsonl", ".ndjson", ".json"):
        return _json_lines(_text(raw, path))
    if suffix in (".csv", ".tsv", ".txt"):
        return _csv(_text(raw, path), "\t" if suffix == ".tsv" else ",")
    raise InvalidInputError("file_kind_unknown", file=str(path), known=".csv, .tsv, .jsonl, .xlsx, .csv.gz")


def _text(raw: bytes, path: Path) -> str:
    """UTF-8, else what Chinese spreadsheets write."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise InvalidInputError("file_encoding_unknown", file=str(path))


def _csv(text: str, delimiter: str) -> Sheet:
    csv.field_size_limit(CSV_FIELD_BYTES)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    headings = tuple(heading.strip() for heading in next(reader, []))
    if not any(headings):
        raise InvalidInputError("file_without_headings")
    return Sheet(headings, _csv_rows(reader, headings))


def _csv_rows(reader: Any, headings: tuple[str, ...]) -> Iterator[SheetRow]:
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield SheetRow(line, {}, "row_unreadable", str(error))
            continue
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(headings):
            yield SheetRow(line, {}, "row_cells", f"{len(cells)}/{len(headings)}")
            continue
        yield SheetRow(line, dict(zip(headings, cells, strict=True)))


def _json_lines(text: str) -> Sheet:
    # Not splitlines(): inside a JSON text stand line separators that end no line of the file.
    rows = [_json_row(line, part) for line, part in enumerate(text.split("\n"), 1) if part.strip()]
    headings = dict.fromkeys(heading for row in rows for heading in row.values)
    return Sheet(tuple(headings), iter(rows))


def _json_row(line: int, text: str) -> SheetRow:
    try:
        values = json.loads(text)
    except json.JSONDecodeError as error:
        return SheetRow(line, {}, "row_unreadable", f"{error.msg} ({error.colno})")
    if not isinstance(values, dict):
        return SheetRow(line, {}, "row_not_object", type(values).__name__)
    return SheetRow(line, values)


def _xlsx(path: Path) -> Sheet:
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = load_workbook(path, read_only=True, data_only=True)
    except (InvalidFileException, KeyError, ValueError, EOFError) as error:
        raise InvalidInputError("file_not_xlsx", file=str(path), reason=str(error)) from None
    sheet = book.worksheets[0]
    rows = [(line, cells) for line, cells in enumerate(sheet.iter_rows(values_only=True), 1) if any(cells)]
    book.close()
    if not rows:
        raise InvalidInputError("file_without_headings")
    headings = tuple(str(cell).strip() if cell is not None else "" for cell in rows[0][1])
    found = [
        SheetRow(line, {h: cell for h, cell in zip(headings, cells, strict=False) if h})
        for line, cells in rows[1:]
    ]
    return Sheet(tuple(h for h in headings if h), iter(found))
