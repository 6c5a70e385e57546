"""Mutants of promises to one person or device, and of transactions: each is noticed by a test of its own."""

from typing import Any

from msgspec.structs import replace

from desktop import clock, credentials
from desktop.replica import integrity
from desktop.sync import farewell as leaving
from desktop.sync import meanings
from desktop.sync.lanes import Lanes
from domain.rules import merge
from sync_server.feed import pages
from sync_server.jobs import upkeep
from sync_server.push import batch
from sync_server.store import engine
from sync_server.store.unit_of_work import UnitOfWork
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


def _to_anybody(real: Any) -> Any:
    def repeated(self: Any, command: Any, row: Any) -> Any:
        return real(self, command, replace(row, person=self.sender.person))

    return repeated


def _none(_: Any) -> Any:
    return 0


def _endless(_: Any) -> Any:
    return 1 << 40


def _undoing_nothing(_: Any) -> Any:
    return lambda _: lambda: None


def _once(_: Any) -> Any:
    return 1


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
    "lines-merged": (
        "Of a long text that two people changed the server's version stands.",
        ((merge, "merge_lines"),),
        _giving(None),
    ),
    "keyring-part": (
        "The person's password alone opens the replica's key.",
        ((credentials.KeyVault, "_make_secret"),),
        _giving(None),
    ),
    "back-off-ends": (
        "A pull that succeeded leaves the wait of the outage before.",
        ((Lanes, "pulled"),),
        _giving(None),
    ),
    "verdict-own": (
        "Who sends another's command is told that one's verdict.",
        ((batch.Batch, "_repeated"),),
        _to_anybody,
    ),
    "verdicts-kept": (
        "Verdicts are forgotten as soon as somebody sets it so.",
        ((upkeep, "LEAST_VERDICT_DAYS"),),
        _none,
    ),
    "pages-bounded": (
        "A page is as long as what was asked for.",
        ((pages, "PAGE_BYTES"),),
        _endless,
    ),
    "savepoint-undone": (
        "What a rule that failed had staged goes in all the same.",
        ((UnitOfWork, "savepoint"),),
        _undoing_nothing,
    ),
    "deadlock-repeated": (
        "A transaction that a deadlock ended is not repeated.",
        ((engine, "RETRIES"),),
        _once,
    ),
}
