"""The log of this machine: what was done and ids, in a file that turns over; never a customer's words (DESIGN §8)."""

import logging
import traceback
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType
from typing import Any

import structlog

from domain.errors import GongdanError

FILE = "desktop.log"
MOST_BYTES, KEPT = 1_000_000, 5


def start(folder: Path, *, level: int = logging.INFO) -> Path:
    """Send everything that is logged to a file in this folder; returns the file."""
    file = folder / FILE
    handler = RotatingFileHandler(file, maxBytes=MOST_BYTES, backupCount=KEPT, encoding="utf-8", delay=True)
    handler.setFormatter(logging.Formatter("%(message)s"))
    root = logging.getLogger()
    for other in list(root.handlers):
        root.removeHandler(other)
        other.close()
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    logging.getLogger("gongdan").setLevel(level)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _without_messages,
            structlog.processors.JSONRenderer(ensure_ascii=False, default=str),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda *_: logging.getLogger("gongdan"),
    )
    return file


def stop() -> None:
    """Close the file."""
    root = logging.getLogger()
    for handler in list(root.handlers):
        root.removeHandler(handler)
        handler.close()
    structlog.reset_defaults()


def file_in_use() -> Path | None:
    """The file that is logged to now, if there is one."""
    for handler in logging.getLogger().handlers:
        if isinstance(handler, RotatingFileHandler):
            return Path(handler.baseFilename)
    return None


def places(error: BaseException) -> list[str]:
    """Where an error came from and of which kind it is, without its message: that may quote what somebody wrote."""
    found: list[str] = []
    one: BaseException | None = error
    while one is not None:
        code = f" {one.code}" if isinstance(one, GongdanError) else ""
        found.append(f"{type(one).__name__}{code}")
        found += _frames(one.__traceback__)
        one = one.__cause__ or (None if one.__suppress_context__ else one.__context__)
    return found


def _frames(trace: TracebackType | None) -> list[str]:
    return [f"  {frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(trace)]


def _without_messages(logger: Any, name: str, event: structlog.types.EventDict) -> structlog.types.EventDict:
    error = event.pop("exc_info", None)
    if isinstance(error, BaseException):
        event["where"] = places(error)
    return event
