"""Installs the .deb in a minimal Debian without Python, tries it there as a person would, and takes it away again.

``python packaging/chroot.py [bookworm] [trixie]``, as root; run by ``make package-test``. For each: a fresh root
by mmdebstrap, ``apt-get install ./mailyard.deb`` with nothing else beside an X server, ``mailyard --self-test`` and the
demo under that X server as a user without rights, a picture of it into dist/, ``apt-get purge``: afterwards nothing of
the package is left but what the user made.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from pathlib import Path

from products.picture import to_png
from products.place import DIST, ROOT, Refused, need, version

SUITES = ("bookworm", "trixie")
WORK = ROOT / "build/chroot"
PERSON, HOME = "person", "/home/person"
#: The machine's own way to its packages, for the time of the test.
APT_SETTINGS = ("Acquire::http", "Acquire::https", "Acquire::Check", "Acquire::Retries")
SCREEN = "1366x768x24"
DEMO_S = 25
#: Runs a command inside with its own mounts and processes: all are gone with it.
INSIDE = """
set -eu
mount --make-rprivate /
mount -t proc proc "$1/proc"
mount --rbind /dev "$1/dev"
mount -t tmpfs tmp "$1/tmp"
root=$1; shift
exec chroot "$root" "$@"
"""
DEMO = f"""
Xvfb :7 -screen 0 {SCREEN} -fbdir {HOME}/screen -nolisten tcp -noreset >/dev/null 2>&1 &
sleep 2
DISPLAY=:7 mailyard --demo >{HOME}/demo.log 2>&1 &
sleep {DEMO_S}
cp {HOME}/screen/Xvfb_screen0 {HOME}/demo.xwd
kill %2
wait %2 || true
kill %1
"""


def main(suites: list[str]) -> int:
    """0 when the package came, worked and went in each."""
    try:
        need("mmdebstrap", "mmdebstrap")
        for suite in suites or SUITES:
            one(suite)
    except Refused as refusal:
        print(f"failed: {refusal}", file=sys.stderr)
        return 1
    return 0


def one(suite: str) -> None:
    """:raises Refused: a step failed; its last words are in the message."""
    root = WORK / suite
    remove(root)
    say(suite, "a minimal root without Python")
    bootstrap(suite, root)
    if inside(root, "sh", "-c", "command -v python3", check=False).returncode == 0:
        raise Refused(f"{suite}: the root has a Python, so the test would prove nothing.")
    before = listing(root)
    package = DIST / f"mailyard_{version()}_amd64.deb"
    shutil.copy(package, root / "root" / package.name)
    say(suite, "apt-get install")
    inside(root, "apt-get", "-qq", "update")
    inside(root, "apt-get", "-qq", "-y", "--no-install-recommends", "install", f"/root/{package.name}", "xvfb", "xauth")
    inside(root, "useradd", "--create-home", "--shell", "/bin/sh", PERSON)
    say(suite, "mailyard doctor, mailyard --self-test")
    print(as_person(root, "mailyard doctor", check=False).stdout)
    tried = as_person(root, "xvfb-run -a mailyard --self-test")
    print(tried.stdout.splitlines()[-1])
    say(suite, "the demo, looked at")
    as_person(root, f"mkdir -p {HOME}/screen\n{DEMO}", shell="bash")
    to_png((root / f"{HOME[1:]}/demo.xwd").read_bytes(), DIST / f"demo-{suite}.png")
    say(suite, "apt-get purge")
    inside(root, "apt-get", "-qq", "-y", "purge", "mailyard")
    left = sorted(path for path in listing(root) - before if "mailyard" in path and not path.startswith(HOME[1:]))
    if left:
        raise Refused(f"{suite}: the package left {left[:5]}")
    if not (root / f"{HOME[1:]}/.local/share/mailyard-demo").exists():
        raise Refused(f"{suite}: what the person made went with the package.")
    say(suite, "nothing of the package is left but the person's data")
    remove(root)


def bootstrap(suite: str, root: Path) -> None:
    root.parent.mkdir(parents=True, exist_ok=True)
    command = ["mmdebstrap", "--variant=minbase", "--format=directory", suite, str(root), *sources(suite)]
    command[1:1] = [f"--aptopt={line}" for line in apt_settings()]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise Refused(f"{suite}: mmdebstrap failed: {done.stderr[-800:]}")


def sources(suite: str) -> list[str]:
    """The machine's own list where it is of this suite, else none: mmdebstrap knows Debian's."""
    places = [Path("/etc/apt/sources.list"), *sorted(Path("/etc/apt/sources.list.d").glob("debian.*"))]
    return [str(place) for place in places if place.is_file() and suite in place.read_text().split()]


def apt_settings() -> list[str]:
    done = subprocess.run(["apt-config", "dump"], capture_output=True, text=True)
    return [line for line in done.stdout.splitlines() if line.startswith(APT_SETTINGS) and not line.endswith('"";')]


def inside(root: Path, *command: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    """Run in the root, with mounts that end with it."""
    wrapped = ["unshare", "--mount", "--pid", "--fork", "sh", "-c", INSIDE, "inside", str(root), *command]
    environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
    resolver = root / "etc/resolv.conf"
    if Path("/etc/resolv.conf").exists() and not resolver.is_symlink():
        shutil.copy("/etc/resolv.conf", resolver)
    done = subprocess.run(wrapped, capture_output=True, text=True, env=environment, timeout=900)
    if check and done.returncode:
        raise Refused(f"{' '.join(command)[:80]} ended with {done.returncode}: {(done.stdout + done.stderr)[-1500:]}")
    return done


def as_person(root: Path, script: str, *, check: bool = True, shell: str = "sh") -> subprocess.CompletedProcess[str]:
    return inside(root, "su", "-", PERSON, "-s", f"/bin/{shell}", "-c", script, check=check)


def listing(root: Path) -> set[str]:
    """Every file of the root but what changes by itself."""
    passing = ("proc", "sys", "dev", "tmp", "run", "var/cache", "var/lib/apt", "var/lib/dpkg", "var/log", "root")
    return {
        name
        for path in root.rglob("*")
        if not (name := str(path.relative_to(root))).startswith(passing) and not path.is_dir()
    }


def remove(root: Path) -> None:
    subprocess.run(["rm", "-rf", "--one-file-system", str(root)], check=True)


def say(suite: str, words: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {suite}: {words}", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
