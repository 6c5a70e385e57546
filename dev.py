#!/usr/bin/env python3
"""Set up this machine for the project and run its commands; needs nothing but Python 3.11 or later."""

from __future__ import annotations

import contextlib
import ctypes
import hashlib
import importlib.util
import json
import os
import platform
import shlex
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
LOCKS = ROOT / "requirements"
STAMP = VENV / "gongdan-stamp.json"
OLDEST_PYTHON, NOT_FOR_CHILDREN = (3, 11), ("PYTHONHOME", "PYTHONDONTWRITEBYTECODE")
MEMORY, TESTS_BYTES = Path("/dev/shm"), 4 << 30
TYPED = ("domain", "sync_server", "desktop", "resources", "tests", "dev.py")

# Debian's package → the library Qt loads from it: first what every window needs, then what X adds.
QT_LIBRARIES = {
    "libglib2.0-0": "libglib-2.0.so.0",
    "libgl1": "libGL.so.1",
    "libegl1": "libEGL.so.1",
    "libxkbcommon0": "libxkbcommon.so.0",
    "libdbus-1-3": "libdbus-1.so.3",
    "libfontconfig1": "libfontconfig.so.1",
}
X_LIBRARIES = {
    "libxcb-cursor0": "libxcb-cursor.so.0",
    "libxkbcommon-x11-0": "libxkbcommon-x11.so.0",
    "libxcb-icccm4": "libxcb-icccm.so.4",
    "libxcb-keysyms1": "libxcb-keysyms.so.1",
    "libxcb-image0": "libxcb-image.so.0",
    "libxcb-render-util0": "libxcb-render-util.so.0",
    "libxcb-shape0": "libxcb-shape.so.0",
    "libxcb-xkb1": "libxcb-xkb.so.1",
    "libxcb-randr0": "libxcb-randr.so.0",
}
# Debian's package → a program it brings.
TEST_PROGRAMS = {
    "xvfb": "Xvfb",
    "xauth": "xauth",
    "postgresql": "postgres",
    "dbus": "dbus-run-session",
    "gnome-keyring": "gnome-keyring-daemon",
}
PACKAGE_PROGRAMS = {"binutils": "objdump"}
FONT_PACKAGE = "fonts-wqy-microhei"
FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.fonts", "~/.local/share/fonts")
CHINESE_FONTS = "wqy", "notosanscjk", "notoserifcjk", "notosanssc", "sourcehan", "droidsansfallback", "uming"


class Stopped(Exception):
    """Something this program cannot put right by itself; the message says what to do."""


def say(text: str) -> None:
    """Tell the person what is going on, on stderr: stdout belongs to the command."""
    print(f"dev: {text}", file=sys.stderr, flush=True)


def child_environment(**extra: str) -> dict[str, str]:
    """Give children the virtual environment and the pinned time zones instead of the system's."""
    # What is compiled is kept, whatever the caller's habit: the tests start hundreds of processes.
    env = {name: value for name, value in os.environ.items() if name not in NOT_FOR_CHILDREN}
    env["PATH"] = os.pathsep.join([str(BIN), env.get("PATH", os.defpath)])
    return env | {"VIRTUAL_ENV": str(VENV), "PYTHONTZPATH": ""} | extra


def captured(command: Sequence[str], env: Mapping[str, str] | None = None) -> tuple[int, str]:
    """Run to the end and return the exit status and all output."""
    nothing, pipe, merged = subprocess.DEVNULL, subprocess.PIPE, subprocess.STDOUT
    done = subprocess.run(command, check=False, cwd=ROOT, env=env, stdin=nothing, stdout=pipe, stderr=merged)
    return done.returncode, done.stdout.decode(errors="replace").strip()


def run_quietly(command: Sequence[str], failure: str, env: Mapping[str, str] | None = None) -> None:
    """Run to the end without a word; raise Stopped with the end of the output if it fails."""
    status, output = captured(command, env)
    if status != 0:
        raise Stopped(f"{failure}\n  {shlex.join(command)}\n{textwrap.indent(output[-4000:], '  | ')}")


@contextlib.contextmanager
def set_up_alone() -> Iterator[None]:
    """Keep two calls from setting up at once; the second waits and then finds nothing to do."""
    with (ROOT / ".venv.lock").open("w") as lock:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(lock.fileno(), msvcrt.LK_LOCK, 1)
        else:
            import fcntl

            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


# --- the system's packages -------------------------------------------------------------------------


def on_debian() -> bool:
    """True on Debian, Ubuntu and what is made from them."""
    release = Path("/etc/os-release")
    return (
        shutil.which("apt-get") is not None and release.exists() and "debian" in release.read_text().lower()
    )


def is_root() -> bool:
    """True where apt may be used without asking for a password."""
    return sys.platform != "win32" and os.geteuid() == 0


def can_load(library: str) -> bool:
    """Load the library as Qt will: a file that is there but lacks its own libraries does not count."""
    with contextlib.suppress(OSError):
        return bool(ctypes.CDLL(library))
    return False


def has_program(name: str) -> bool:
    """Look on the path and where Debian keeps PostgreSQL's server programs."""
    return shutil.which(name) is not None or any(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))


def has_chinese_font() -> bool:
    """Ask fontconfig, or look through the font folders where its tools are missing."""
    if shutil.which("fc-list"):
        return bool(captured(["fc-list", ":lang=zh-cn", "file"])[1])
    files = (file for folder in FONT_FOLDERS for file in Path(folder).expanduser().rglob("*.*"))
    return any(file.name.lower().replace("-", "").startswith(CHINESE_FONTS) for file in files)


def system_needs(libraries: Mapping[str, str], programs: Mapping[str, str], *, font: bool) -> dict[str, str]:
    """Return what is missing, as Debian's package → the thing that was looked for."""
    if platform.system() != "Linux":
        return {}
    missing = {package: library for package, library in libraries.items() if not can_load(library)}
    missing |= {package: program for package, program in programs.items() if not has_program(program)}
    if font and not has_chinese_font():
        missing[FONT_PACKAGE] = "a Chinese font"
    return missing


def install_with_apt(packages: Sequence[str]) -> None:
    """Install Debian's packages without questions; another apt that is running is waited for."""
    say(f"installing with apt: {' '.join(packages)}")
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    apt = ["apt-get", "-q", "-o", "DPkg::Lock::Timeout=300"]
    run_quietly([*apt, "update"], "apt could not read its package lists.", env)
    install = [*apt, "install", "-y", "--no-install-recommends", *packages]
    run_quietly(install, "apt could not install what is missing.", env)


def provide(missing: Mapping[str, str], *, required: Sequence[str], purpose: str) -> None:
    """Install what is missing, or say the exact line; Stopped if a required package stays missing."""
    if not missing:
        return
    if on_debian() and is_root():
        install_with_apt(list(missing))
        return
    wanted = ", ".join(missing.values())
    if on_debian():
        line = f"sudo apt-get update && sudo apt-get install -y {' '.join(missing)}"
        advice = f"{purpose}: this machine lacks {wanted}. Run:\n\n    {line}\n"
    else:
        advice = f"{purpose}: this machine lacks {wanted}; please install what brings it."
    if any(package in missing for package in required):
        raise Stopped(advice)
    say(f"{advice}\nGoing on without.")


# --- the virtual environment -----------------------------------------------------------------------


def wanted_stamp() -> dict[str, str]:
    """Describe the environment as it should be: where it is, what is locked, what is installed from here."""
    import tomllib  # not at the top: an older Python must get as far as our own message

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return {
        "root": str(ROOT),
        "lock": hashlib.sha256((LOCKS / "dev.lock").read_bytes()).hexdigest(),
        "project": hashlib.sha256(json.dumps(project, sort_keys=True).encode()).hexdigest(),
    }


def read_stamp() -> dict[str, str]:
    """Return what the environment was last made from; empty if it was never finished or lost its Python."""
    if not PYTHON.exists():
        return {}
    try:
        stamp = json.loads(STAMP.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def make_venv() -> None:
    """Make an empty environment, first installing what Debian's python3 leaves out."""
    if importlib.util.find_spec("ensurepip") is None:
        package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
        provide({package: "Python's ensurepip"}, required=[package], purpose="The virtual environment")
    say(f"making .venv with Python {sys.version.split()[0]}")
    if VENV.is_symlink():
        VENV.unlink()  # what it points to is another folder's, and would be cleared
    run_quietly(
        [sys.executable, "-m", "venv", "--clear", str(VENV)], "The virtual environment could not be made."
    )


def ensure_venv() -> None:
    """Bring .venv to what the lock and pyproject.toml say; costs nothing when it is there already."""
    if read_stamp() == wanted_stamp():
        return
    with set_up_alone():
        have, want = read_stamp(), wanted_stamp()
        if have == want:
            return
        if have.get("root") != want["root"]:
            make_venv()
        pip = [str(PYTHON), "-m", "pip", "--quiet", "--disable-pip-version-check", "--no-input", "install"]
        if have.get("lock") != want["lock"]:
            say("installing the locked packages into .venv (a minute or two)")
            locked = [*pip, "--no-compile", "--require-hashes", "-r", str(LOCKS / "dev.lock")]
            run_quietly(locked, "The packages could not be installed.", child_environment())
            captured([str(PYTHON), "-m", "compileall", "-q", "-j", "2", str(VENV)])  # pip takes one processor
        # A plain path entry: the default finder costs time at every start and hides the source from tools.
        here = ["--no-deps", "--no-build-isolation", "--config-settings", "editable_mode=compat", "-e", "."]
        run_quietly([*pip, *here], "The project itself could not be installed.", child_environment())
        STAMP.write_text(json.dumps(want), encoding="utf-8")
        say(".venv is ready")


# --- the commands ----------------------------------------------------------------------------------


def become(command: Sequence[str], **extra: str) -> int:
    """Run the command in this one's place and return its exit status."""
    env = child_environment(**extra)
    if os.name == "posix":
        sys.stdout.flush()
        os.chdir(ROOT)
        os.execve(command[0], list(command), env)  # so that a signal sent to us reaches the command itself
    return subprocess.call(command, cwd=ROOT, env=env)


def offscreen() -> dict[str, str]:
    """Let Qt draw without a screen, unless the caller chose a platform."""
    return {"QT_QPA_PLATFORM": os.environ.get("QT_QPA_PLATFORM", "offscreen")}


def in_memory() -> dict[str, str]:
    """Let the tests keep their files in memory where there is room: their databases are made there at half the cost."""
    room = sys.platform == "linux" and MEMORY.is_dir() and shutil.disk_usage(MEMORY).free >= TESTS_BYTES
    return {"TMPDIR": str(MEMORY)} if room and not os.statvfs(MEMORY).f_flag & os.ST_NOEXEC else {}


def need_windows(purpose: str, *, screen: bool = False, programs: Mapping[str, str] | None = None) -> None:
    """Have what Qt needs: required are its libraries, wished for the font and the programs."""
    libraries = QT_LIBRARIES | (X_LIBRARIES if screen else {})
    missing = system_needs(libraries, programs or {}, font=True)
    if missing:
        with set_up_alone():
            required = QT_LIBRARIES if programs else libraries  # tests skip what has no X
            provide(missing, required=list(required), purpose=purpose)


def demo(args: Sequence[str]) -> int:
    """A server, a store's desktop and head office's, on sample or real files (--headless --out DIR)."""
    need_windows("The demo", screen="DISPLAY" in os.environ and "--headless" not in args)
    return become([str(PYTHON), "-m", "tests.demo", *args])


def test(args: Sequence[str]) -> int:
    """Every test, in random order on two processes; more arguments go to pytest."""
    need_windows("The tests", screen=True, programs=TEST_PROGRAMS)
    own_choice = any(arg.startswith("-n") or arg == "no:xdist" for arg in args)
    parallel = [] if own_choice else ["-n", "2", "--dist", "worksteal"]
    # A busy machine can make a real window or process miss its time; such a test is run again, and it is said.
    patience = ["--reruns", "2", "--reruns-delay", "2"]
    return become([str(PYTHON), "-m", "pytest", *parallel, *patience, *args], **offscreen(), **in_memory())


def check(args: Sequence[str]) -> int:
    """Format, lint, types, import contracts, unused dependencies; --fix first puts right what it can."""
    repairs = {"lint --fix": ["ruff", "check", "--fix-only", "."], "format --fix": ["ruff", "format", "."]}
    steps = {
        "types": ["mypy", "--strict", *TYPED],
        "format": ["ruff", "format", "--check", "--output-format=concise", "."],
        "lint": ["ruff", "check", "--output-format=concise", "."],
        "imports": ["lint-imports"],
        "dependencies": ["deptry", "."],
    }
    chosen = repairs | steps if "--fix" in args else steps
    # Repairs come one after the other; what only looks shares the processors with the types, which take longest.
    failed = [name for name in repairs if name in chosen and not check_step(name, chosen.pop(name))]
    with ThreadPoolExecutor(2) as threads:
        held = list(threads.map(check_step, chosen, chosen.values()))
    failed += [name for name, holds in zip(chosen, held, strict=True) if not holds]
    print(f"check: failed: {', '.join(failed)}" if failed else "check: all passed")
    return 1 if failed else 0


def check_step(name: str, command: Sequence[str]) -> bool:
    """Run one check and show its output only if it fails."""
    status, output = captured([str(BIN / command[0]), *command[1:]], child_environment(NO_COLOR="1"))
    print(f"check: {name} … ok" if status == 0 else f"check: {name} … failed\n{output}", flush=True)
    return status == 0


def sim(args: Sequence[str]) -> int:
    """The simulation of the sync under faults: [--model] --seeds N [--start S] [--mutant NAME]."""
    return become([str(PYTHON), "-m", "tests.simulation", *args])


def bench(args: Sequence[str]) -> int:
    """One benchmark by name, with the raw limit beside it: bench NAME [--json]."""
    need_windows("The benchmarks")
    return become([str(PYTHON), "-m", "tests.bench", *args], **offscreen())


def shots(args: Sequence[str]) -> int:
    """A picture of every window in its states: shots --out DIR."""
    need_windows("The pictures")
    return become([str(PYTHON), "-m", "tests.shots", *args], **offscreen())


def package(args: Sequence[str]) -> int:
    """The bundle for this system."""
    builder = ROOT / "installers" / "build.py"
    if not builder.is_file():
        raise Stopped("This version has nothing to build a bundle with: installers/build.py is not there.")
    need_windows("The bundle", screen=True, programs=PACKAGE_PROGRAMS)
    return become([str(PYTHON), str(builder), *args])


def lock(args: Sequence[str]) -> int:
    """Resolve pyproject.toml into requirements/*.lock (--upgrade: to newer versions) and install it."""
    resolve = [str(BIN / "uv"), "pip", "compile", "pyproject.toml", "--quiet", "--universal"]
    resolve += ["--generate-hashes", "--no-emit-index-url", "--no-header", "--no-annotate"]
    same = ["-c", "requirements/dev.lock"]  # the smaller locks hold the very versions that were tested
    extras = {"dev": ["--all-extras", *args], "desktop": ["--extra", "desktop", *same]}
    for name, choice in (extras | {"server": ["--extra", "server", *same]}).items():
        target = f"requirements/{name}.lock"
        run_quietly([*resolve, *choice, "-o", target], f"{target} could not be made.", child_environment())
        say(f"wrote {target}")
    ensure_venv()
    return 0


COMMANDS: Mapping[str, Callable[[Sequence[str]], int]] = {
    command.__name__: command for command in (demo, test, check, sim, bench, shots, package, lock)
}


def usage() -> str:
    """List the commands; each one's help is its docstring."""
    lines = [f"  {name:<8} {(command.__doc__ or '').strip()}" for name, command in COMMANDS.items()]
    return "\n".join(["usage: python3 dev.py COMMAND [arguments]", "", *lines])


def main(args: Sequence[str]) -> int:
    """Set up, then do what was asked; without a command only set up."""
    if sys.version_info < OLDEST_PYTHON:
        raise Stopped(f"Python 3.11 or later is needed; this is {sys.version.split()[0]} ({sys.executable}).")
    if args and args[0] in ("-h", "--help", "help"):
        print(usage())
        return 0
    if args and args[0] not in COMMANDS:
        raise Stopped(f"there is no command {args[0]!r}.\n{usage()}")
    ensure_venv()
    if not args:
        print(usage())
        return 0
    return COMMANDS[args[0]](args[1:])


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except Stopped as reason:
        say(str(reason))
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)
