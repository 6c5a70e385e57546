"""The commands about people and their devices on the command line."""

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from typing import Any

from sync_server.operations.commands import Run, Work, command, group, print_table, said
from sync_server.operations.tools import Tools
from sync_server.operations.words import Words


def add(to: Any, with_tools: Callable[[Work], Run]) -> None:
    """Add the commands of this module."""
    _add_users(group(to, "user", "people who sign in"), with_tools)
    _add_devices(group(to, "device", "the devices of people"), with_tools)


def _add_users(to: Any, with_tools: Callable[[Work], Run]) -> None:
    add = command(to, "add", with_tools(_user_add), "add a person")
    add.add_argument("login")
    add.add_argument("--name", required=True)
    add.add_argument("--unit", required=True, help="the code of their unit")
    add.add_argument("--superior", default="", help="the login of their superior")
    _password(add)
    command(to, "list", with_tools(_user_list), "list people and their grants")
    password = command(to, "password", with_tools(_user_password), "set a password")
    password.add_argument("login")
    _password(password)
    grant = command(to, "grant", with_tools(_user_grant), "grant a role over a unit")
    grant.add_argument("login")
    grant.add_argument("--role", default="agent")
    grant.add_argument("--unit", required=True, help="the unit's code; everything below it is covered")
    grant.add_argument("--line", default="", help="a business line; none is every line")
    grant.add_argument("--level", required=True, help="see, create, handle, manage or administer")
    grant.add_argument("--classes", default="", help="ordinary,internal,sensitive")
    revoke = command(to, "revoke", with_tools(_user_revoke), "take grants away")
    revoke.add_argument("login")
    revoke.add_argument("--unit", default="", help="only those at this unit")
    revoke.add_argument("--line", help="only those of this line")
    for name, locked in (("lock", True), ("unlock", False)):
        lock = command(to, name, with_tools(_user_lock), f"{name} a person's account")
        lock.add_argument("login")
        lock.set_defaults(locked=locked)

    leaving = command(to, "deactivate", with_tools(_user_deactivate), "a person leaves: devices are revoked")
    leaving.add_argument("login")
    back = command(to, "activate", with_tools(_user_activate), "a person who had left is back")
    back.add_argument("login")


def _user_deactivate(tools: Tools, given: Namespace) -> int:
    from sync_server.operations import devices

    count = devices.deactivate(tools, given.login)
    return said("server.user.deactivated", login=given.login, count=count)


def _user_activate(tools: Tools, given: Namespace) -> int:
    from sync_server.operations import devices

    devices.activate(tools, given.login)
    return said("server.user.activated", login=given.login)


def _password(to: ArgumentParser) -> None:
    to.add_argument("--password", help="the password; without this it is asked for, or read from a pipe")


def _given_password(given: Namespace) -> str:
    if given.password is not None:
        return str(given.password)
    if sys.stdin.isatty():
        from getpass import getpass

        return getpass(Words().say("server.password.ask"))
    return sys.stdin.readline().rstrip("\r\n")


def _user_add(tools: Tools, given: Namespace) -> int:
    from sync_server.operations import people

    people.add(
        tools,
        login=given.login,
        name=given.name,
        unit=given.unit,
        superior=given.superior,
        password=_given_password(given),
    )
    return said("server.user.added", login=given.login)


def _user_list(tools: Tools, _given: Namespace) -> int:
    from sync_server.operations import people

    print_table(people.listed_people(tools), ("login", "name", "unit", "active", "locked", "grants"))
    return 0


def _user_password(tools: Tools, given: Namespace) -> int:
    from sync_server.operations import people

    people.set_password(tools, given.login, _given_password(given))
    return said("server.user.password_set", login=given.login)


def _user_grant(tools: Tools, given: Namespace) -> int:
    from sync_server.operations import people

    changed = people.give_grant(
        tools,
        given.login,
        role=given.role,
        unit=given.unit,
        line=given.line,
        level=given.level,
        classes=given.classes,
    )
    return said("server.user.granted" if changed else "server.unchanged", login=given.login)


def _user_revoke(tools: Tools, given: Namespace) -> int:
    from sync_server.operations import people

    count = people.take_grants(tools, given.login, unit=given.unit, line=given.line)
    return said("server.user.revoked", login=given.login, count=count)


def _user_lock(tools: Tools, given: Namespace) -> int:
    from sync_server.operations import people

    people.set_lock(tools, given.login, locked=given.locked)
    return said("server.user.locked" if given.locked else "server.user.unlocked", login=given.login)


def _add_devices(to: Any, with_tools: Callable[[Work], Run]) -> None:
    listing = command(to, "list", with_tools(_device_list), "list devices, last seen first")
    listing.add_argument("--login", default="")
    for name, work, about in (
        ("revoke", _device_revoke, "end a device's rights; what it still has unsent is taken first"),
        ("stolen", _device_stolen, "end a stolen device's rights; nothing more is taken from it"),
        ("restore", _device_restore, "give a device its rights back"),
    ):
        change = command(to, name, with_tools(work), about)
        change.add_argument("device", help="its id or its code")
    unlock = command(to, "unlock", with_tools(_device_unlock), "a code that opens a device past its lease")
    unlock.add_argument("device", metavar="CHALLENGE", help="what the device shows; else its code or id")
    unlock.add_argument("--days", type=int, default=3, help="for how long, 1 to 31 (3)")


def _device_list(tools: Tools, given: Namespace) -> int:
    from sync_server.operations import devices

    rows = devices.listed(tools, given.login)
    print_table(rows, ("id", "code", "login", "name", "seen", "state"))
    return 0


def _device_revoke(tools: Tools, given: Namespace) -> int:
    from sync_server.operations import devices

    devices.revoke(tools, given.device)
    return said("server.device.revoked", device=given.device)


def _device_stolen(tools: Tools, given: Namespace) -> int:
    from sync_server.operations import devices

    devices.revoke(tools, given.device, stolen=True)
    return said("server.device.stolen", device=given.device)


def _device_restore(tools: Tools, given: Namespace) -> int:
    from sync_server.operations import devices

    devices.restore(tools, given.device)
    return said("server.device.restored", device=given.device)


def _device_unlock(tools: Tools, given: Namespace) -> int:
    from sync_server.operations import devices

    made = devices.unlock(tools, given.device, days=given.days)
    return said("server.device.unlock", code=made.code, device=made.device, login=made.login, days=made.days)
