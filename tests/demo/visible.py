"""With a display: the sample chain, two real desktops signed in, until somebody closes them."""

import os
import subprocess
import sys
import time
from pathlib import Path

from desktop.settings import SettingsFile
from tests.demo.cast import Person
from tests.demo.chain import Chain, Files, prepare
from tests.demo.journal import Journal
from tests.processes import Server

LOOK_S = 0.5
END_S = 15.0


def show(out: Path, files: Files) -> int:
    """Set up, open both desktops, wait until both are closed, clean up."""
    journal = Journal(out)
    chain = Chain(out / "server")
    cast = prepare(chain, files, journal.step)
    server = Server(chain.folder, chain.database)
    desktops: list[subprocess.Popen[bytes]] = []
    try:
        with journal.step("server_starts"):
            server.start()
        for person in (cast.store, cast.head):
            print(f"    {person.unit_name}: {person.name} · {person.login} / {person.password}", flush=True)
        for name, person in (("store", cast.store), ("head", cast.head)):
            with journal.step(f"{name}_desktop_starts"):
                desktops.append(_open(out / "desks" / name, server.address, person))
        print(f"the server is at {server.address}; close both windows to end, or press Ctrl+C", flush=True)
        while any(desktop.poll() is None for desktop in desktops):
            time.sleep(LOOK_S)
    finally:
        _end(desktops)
        server.stop()
    return 0


def _open(home: Path, address: str, person: Person) -> "subprocess.Popen[bytes]":
    home.mkdir(parents=True, exist_ok=True)
    # Closing the window ends the program here, also where there is a tray to stay in.
    SettingsFile(home).change(tray=False)
    env = {**os.environ, "GONGDAN_HOME": str(home), "GONGDAN_PASSWORD": person.password, "PYTHONTZPATH": ""}
    command = [sys.executable, "-m", "desktop", "--server", address, "--login", person.login]
    return subprocess.Popen(command, env=env)


def _end(desktops: list["subprocess.Popen[bytes]"]) -> None:
    for desktop in desktops:
        if desktop.poll() is None:
            desktop.terminate()
    for desktop in desktops:
        try:
            desktop.wait(END_S)
        except subprocess.TimeoutExpired:
            desktop.kill()
