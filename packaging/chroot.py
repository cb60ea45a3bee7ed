"""Installs the .deb in a minimal Debian without Python, tries it there as a person would, and takes it away again.

``python packaging/chroot.py [bookworm] [trixie]``, as root; run by ``make package-test``. For each: a fresh root
by mmdebstrap, ``apt-get install ./mailyard.deb`` with nothing else beside an X server, ``mailyard --self-test`` and,
as a user without rights, the first window and a click on the demo, with pictures into dist/, ``apt-get purge``:
afterwards nothing of the package is left but what the user made.
"""

from __future__ import annotations

import sys
import time

from products.picture import to_png
from products.place import DIST, Refused, need, version
from products.root import HOME, Root

SUITES = ("bookworm", "trixie")
SCREEN = "1366x768x24"
OPENED_S, DEMO_S, SETTLED_S = 15, 30, 10
#: Where *Explore the demo fleet* stands in the first window; without a window manager it lies at the corner.
BUTTON = "297 232"
#: Says after how many seconds the first window and, after the click, the demo's was there. Ends with 1 where the click
#: opened none. Both are ended like anything that a logout ends.
DEMO = rf"""
mkdir -p {HOME}/screen
Xvfb :7 -screen 0 {SCREEN} -fbdir {HOME}/screen -nolisten tcp -noreset >/dev/null 2>&1 &
sleep 2
export DISPLAY=:7
seconds_until() {{
    for second in $(seq "$2"); do
        xdotool search --name "^$1\$" >/dev/null && echo "$1: after $second s" && return 0
        sleep 1
    done
    return 1
}}
mailyard >{HOME}/live.log 2>&1 &
seconds_until Mailyard {OPENED_S} || echo 'Mailyard: no window to click on'
sleep {SETTLED_S}
cp {HOME}/screen/Xvfb_screen0 {HOME}/first.xwd
xdotool mousemove {BUTTON} click 1
seconds_until 'Mailyard demo' {DEMO_S}
found=$?
sleep {SETTLED_S}
cp {HOME}/screen/Xvfb_screen0 {HOME}/demo.xwd
[ $found = 0 ] || tail -n 20 {HOME}/live.log {HOME}/.local/share/mailyard*/logs/*
for each in /proc/[0-9]*; do
    [ "$(readlink "$each/exe")" = /usr/lib/mailyard/mailyard ] && kill "${{each#/proc/}}"
done
sleep 8
kill %1
exit $found
"""
PICTURES = ("first", "demo")


def main(suites: list[str]) -> int:
    """0 when the package came, worked and went in each."""
    try:
        need("mmdebstrap", "mmdebstrap")
        for suite in suites or SUITES:
            say(suite, "a minimal root without Python")
            with Root(suite) as root:
                one(root)
    except Refused as refusal:
        print(f"failed: {refusal}", file=sys.stderr)
        return 1
    return 0


def one(root: Root) -> None:
    """:raises Refused: a step failed; its last words are in the message."""
    suite = root.suite
    if root.run("sh", "-c", "command -v python3", check=False).returncode == 0:
        raise Refused(f"{suite}: the root has a Python, so the test would prove nothing.")
    before = listing(root)
    say(suite, "apt-get install")
    root.install(root.bring(DIST / f"mailyard_{version()}_amd64.deb"), "xvfb", "xauth", "xdotool")
    say(suite, "mailyard doctor, mailyard --self-test")
    print(root.as_person("mailyard doctor", check=False).stdout)
    print(root.as_person("xvfb-run -a mailyard --self-test").stdout.splitlines()[-1])
    say(suite, "the first window, a click, the demo")
    tried = root.as_person(DEMO, check=False)
    for name in PICTURES:
        to_png(root.home(f"{name}.xwd").read_bytes(), DIST / f"{name}-{suite}.png")
    if tried.returncode:
        raise Refused(
            f"{suite}: the click opened no demo, see {PICTURES[-1]}-{suite}.png:\n{tried.stdout}{tried.stderr}"
        )
    print(tried.stdout)
    say(suite, "apt-get purge")
    root.run("apt-get", "-qq", "-y", "purge", "mailyard")
    left = sorted(path for path in listing(root) - before if "mailyard" in path and not path.startswith(HOME[1:]))
    if left:
        raise Refused(f"{suite}: the package left {left[:5]}")
    if not root.home(".local/share/mailyard-demo").exists():
        raise Refused(f"{suite}: what the person made went with the package.")
    say(suite, "nothing of the package is left but the person's data")


def listing(root: Root) -> set[str]:
    """Every file of the root but what changes by itself."""
    passing = ("proc", "sys", "dev", "tmp", "run", "var/cache", "var/lib/apt", "var/lib/dpkg", "var/log", "root")
    return {
        name
        for path in root.path.rglob("*")
        if not (name := str(path.relative_to(root.path))).startswith(passing) and not path.is_dir()
    }


def say(suite: str, words: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {suite}: {words}", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
