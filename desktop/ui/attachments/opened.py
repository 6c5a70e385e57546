"""Copies of attachments for other programs: plain on the disk, and deleted when the session ends."""

import shutil
import stat
from pathlib import Path

from desktop.replica.engine import Replica
from domain.errors import RefusedError
from domain.wire.attachments import AttachmentRef

_NAME_LENGTH = 120


def folder(replica: Replica) -> Path:
    """Where the copies of this person's session stand."""
    return replica.vault.folder.with_name(f"{replica.vault.folder.name}-opened")


def copy(replica: Replica, ref: AttachmentRef) -> Path:
    """Write a copy that only this login may read; refused as ``attachment_gone`` where the bytes are not here."""
    there = folder(replica) / ref.hash[:12]
    there.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = there / plain_name(ref.name)
    if not path.exists():
        write(replica, ref, path)
        path.chmod(stat.S_IREAD)
    return path


def write(replica: Replica, ref: AttachmentRef, path: Path) -> None:
    """Write an attachment's bytes; refused as ``attachment_gone`` or ``attachment_unsaved``."""
    try:
        with path.open("wb") as out:
            for part in replica.vault.read(ref.hash, ref.size):
                out.write(part)
    except OSError as error:
        raise RefusedError("attachment_unsaved", name=ref.name, reason=error.strerror or "") from None
    except RefusedError:
        path.unlink(missing_ok=True)
        raise


def plain_name(name: str) -> str:
    """A name that is one file in one folder, whatever somebody elsewhere called it."""
    bare = "".join("_" if one in '/\\:*?"<>|' or ord(one) < 32 else one for one in name).strip(" .")
    stem, dot, ending = bare.rpartition(".")
    return f"{stem[:_NAME_LENGTH]}{dot}{ending[:16]}" if dot else bare[:_NAME_LENGTH] or "file"


def clean(replica: Replica) -> None:
    """Delete the copies, those of a session that crashed, too; what a program holds open stays until next time."""

    def writable(function: object, path: str, _: object) -> None:
        try:
            Path(path).chmod(stat.S_IWRITE)
            Path(path).unlink()
        except OSError:
            return

    shutil.rmtree(folder(replica), onerror=writable)
