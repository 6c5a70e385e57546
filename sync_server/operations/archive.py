"""The file of a backup: a zip with every table as packed lines of JSON, the contents of attachments, and a manifest."""

import hashlib
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO, Any

import msgspec
import zstandard

from domain.entities.base import Entity, Instant
from domain.errors import RefusedError

FORMAT = 1
SUFFIX = ".gdbackup"
MANIFEST, SECRET = "manifest.json", "secret.sealed"
_PIECE = 1 << 20

Progress = Callable[[str, int], None]
"""Told the name of what is under way and how many rows or files of it are done."""


class TableEntry(Entity):
    """One table of a backup: its columns in order, its rows, and the hash of its unpacked lines."""

    columns: tuple[str, ...]
    rows: int
    sha256: str


class Manifest(Entity):
    """What a backup holds; written last, so that a torn file has none."""

    format: int
    made_at: Instant
    revision: str
    epoch: str
    head: int
    tables: dict[str, TableEntry]
    blobs: dict[str, int] = {}  # sizes in bytes by SHA-256
    missing_blobs: int = 0
    secret: bool = False


class Writer:
    """Writes a backup member by member; the file stands under its name only once it is whole."""

    def __init__(self, file: Path) -> None:
        self._file, self._partial = file, file.with_name(file.name + ".partial")
        self._zip = zipfile.ZipFile(self._partial, "w", zipfile.ZIP_STORED)

    def table(
        self, name: str, columns: Sequence[str], rows: Iterable[Sequence[Any]], told: Progress
    ) -> TableEntry:
        """Write the rows of one table."""
        hashed, count, encode = hashlib.sha256(), 0, msgspec.json.encode
        packer = zstandard.ZstdCompressor(level=6)
        with self._zip.open(_table(name), "w", force_zip64=True) as out, packer.stream_writer(out) as packed:
            for row in rows:
                line = encode(row) + b"\n"
                hashed.update(line)
                packed.write(line)
                count += 1
                if not count % 50_000:
                    told(name, count)
        told(name, count)
        return TableEntry(columns=tuple(columns), rows=count, sha256=hashed.hexdigest())

    def file(self, name: str, content: Path) -> None:
        """Write a file as it is."""
        with self._zip.open(name, "w", force_zip64=True) as out, content.open("rb") as source:
            while piece := source.read(_PIECE):
                out.write(piece)

    def text(self, name: str, content: bytes) -> None:
        """Write a short member."""
        self._zip.writestr(name, content)

    def finish(self, manifest: Manifest) -> None:
        """Write the manifest and give the file its name."""
        self.text(MANIFEST, msgspec.json.format(msgspec.json.encode(manifest)))
        self._zip.close()
        self._partial.replace(self._file)

    def abandon(self) -> None:
        """Leave nothing behind."""
        self._zip.close()
        self._partial.unlink(missing_ok=True)


class Reader:
    """Reads a backup; refused (``backup_unreadable``) where it is torn or none of ours."""

    def __init__(self, file: Path) -> None:
        try:
            self._zip = zipfile.ZipFile(file)
            self.manifest = msgspec.json.decode(self._zip.read(MANIFEST), type=Manifest)
        except (OSError, KeyError, zipfile.BadZipFile, msgspec.MsgspecError) as error:
            raise RefusedError("backup_unreadable", file=str(file), reason=type(error).__name__) from None
        if self.manifest.format != FORMAT:
            raise RefusedError("backup_unreadable", file=str(file), reason="format")

    def rows(self, name: str) -> Iterator[list[Any]]:
        """The rows of one table; refused (``backup_damaged``), before the first, where they are not those written."""
        told, hashed, count = self.manifest.tables[name], hashlib.sha256(), 0
        for line in self._table(name):
            hashed.update(line)
            count += 1
        if (count, hashed.hexdigest()) != (told.rows, told.sha256):
            raise RefusedError("backup_damaged", member=name)
        yield from map(msgspec.json.Decoder(list[Any]).decode, self._table(name))

    def _table(self, name: str) -> Iterator[bytes]:
        try:
            with self._zip.open(_table(name)) as packed:
                yield from _lines(zstandard.ZstdDecompressor().stream_reader(packed))
        except (KeyError, EOFError, zipfile.BadZipFile, zstandard.ZstdError):
            raise RefusedError("backup_damaged", member=name) from None

    def blob(self, hash: str, to: Path | None) -> None:
        """Copy the content of an attachment to a file, or only check it; refused where it is damaged."""
        hashed = hashlib.sha256()
        try:
            with self._zip.open(blob_member(hash)) as source:
                _copy(source, hashed.update, to)
        except (KeyError, zipfile.BadZipFile):
            raise RefusedError("backup_damaged", member=hash) from None
        if hashed.hexdigest() != hash:
            if to is not None:
                to.unlink(missing_ok=True)
            raise RefusedError("backup_damaged", member=hash)

    def secret(self) -> bytes:
        """The sealed secret."""
        return self._zip.read(SECRET)

    def close(self) -> None:
        """Close the file."""
        self._zip.close()


def blob_member(hash: str) -> str:
    """The name of an attachment's content in the file."""
    return f"blobs/{hash[:2]}/{hash[2:]}"


def _table(name: str) -> str:
    return f"tables/{name}.jsonl.zst"


def _lines(source: Any) -> Iterator[bytes]:
    rest = b""
    while piece := source.read(_PIECE):
        lines = (rest + piece).split(b"\n")
        rest = lines.pop()
        for line in lines:
            yield line + b"\n"
    if rest:
        raise zstandard.ZstdError("the last line has no end")


def _copy(source: IO[bytes], hear: Callable[[bytes], None], to: Path | None) -> None:
    if to is None:
        while piece := source.read(_PIECE):
            hear(piece)
        return
    to.parent.mkdir(parents=True, exist_ok=True)
    with to.open("wb") as out:
        while piece := source.read(_PIECE):
            hear(piece)
            out.write(piece)
