"""Mutants of promises to one person or device: what was read is compared, who leaves goes, keys stay shut."""

from typing import Any

from desktop import clock, credentials
from desktop.replica import integrity
from desktop.sync import farewell as leaving
from desktop.sync import meanings
from domain.rules import merge
from sync_server.push import batch
from tests.simulation.real.directed_mutants import Make, Place


def _giving(value: Any) -> Make:
    return lambda _: lambda *_, **__: value


def _last_writer(_: Any) -> Any:
    return lambda current, base, mine: "same" if current == mine else "apply"


def _replaced(_: Any) -> Any:
    return lambda current, add, remove: tuple(add)


def _politely(real: Any) -> Any:
    def farewell(error: Any, **told: Any) -> Any:
        means = real(error, **told)
        return "last_push" if means == "stolen" else means

    return farewell


def _going_on(real: Any) -> Any:
    return real - {"protocol_too_old"}


PROMISED: dict[str, tuple[str, tuple[Place, ...], Make]] = {
    "values-compared": (
        "An edit is applied whatever was there: the last writer wins.",
        ((merge, "merge_value"),),
        _last_writer,
    ),
    "members-merged": (
        "Tags and followers are replaced by those that were added.",
        ((merge, "merge_members"),),
        _replaced,
    ),
    "content-compared": (
        "Other content under a known id gets the verdict of the first.",
        ((batch, "content_hash"),),
        _giving("alike"),
    ),
    "dependents-blocked": (
        "What a command depends on is not looked at.",
        ((batch.Batch, "_dependent"),),
        _giving(None),
    ),
    "stolen-at-once": (
        "A stolen device is let push before its key goes.",
        ((leaving, "farewell"),),
        _politely,
    ),
    "time-reported": (
        "A clock that was set is trusted as before.",
        ((clock.ServerTime, "_stepped"),),
        _giving(False),
    ),
    "repairs-alarm": (
        "However often a replica is repaired, nobody is told.",
        ((integrity, "alarmed"),),
        _giving(False),
    ),
    "lock-out": (
        "Passwords may be guessed offline as often as one likes.",
        ((credentials.Attempts, "locked"),),
        _giving(None),
    ),
    "too-old-freezes": (
        "A program that is too old goes on asking.",
        ((meanings, "_PAUSED"),),
        _going_on,
    ),
}
