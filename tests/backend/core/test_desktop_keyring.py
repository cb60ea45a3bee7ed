"""The key of the sealed file in a real Secret Service: gnome-keyring on a message bus of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from tests.backend.core.desktop_keyring import VALUE
from tests.desktop.services import BARE
from tests.requirements import ROOT

NEEDED = ("dbus-run-session", "dbus-send", "gnome-keyring-daemon", "secret-tool")
MISSING = [name for name in NEEDED if shutil.which(name) is None]
ENDS_S = 40

pytestmark = [
    pytest.mark.judged_once,
    pytest.mark.skipif(
        bool(MISSING),
        reason="needs a keyring: apt-get install gnome-keyring dbus libsecret-tools",
    ),
]

#: The daemon answers before it has its name on the bus.
ON_BUS = """
n=0
until dbus-send --session --print-reply --dest=org.freedesktop.DBus / org.freedesktop.DBus.NameHasOwner \\
    string:org.freedesktop.secrets | grep -q "boolean true"
do n=$((n + 1)); test $n -lt 200 || exit 9; sleep 0.05
done
exec "$@"
"""
UNLOCKED = f"printf login-password | gnome-keyring-daemon --unlock --components=secrets >/dev/null\n{ON_BUS}"
LOCKED = f"gnome-keyring-daemon --start --components=secrets >/dev/null\n{ON_BUS}"
BUS = BARE.format(folder="/tmp")


class Desktop:
    """One person's desktop: the keyring's files live in ``home``, its daemon only while a session runs."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self.file = home / "secrets.sealed"
        (home / "data").mkdir(mode=0o700)
        (home / "bus.conf").write_text(BUS)

    def session(self, script: str, *command: str) -> list[str]:
        """Log in, run one command, log out; its lines. A session that hangs ends itself, with all that is in it."""
        bus = ["dbus-run-session", f"--config-file={self._home / 'bus.conf'}", "--"]
        with TemporaryDirectory(prefix="mailyard-keyring-") as runtime:  # a socket's path is short
            done = subprocess.run(
                [*bus, "timeout", str(ENDS_S), "sh", "-c", script, "sh", *command],
                cwd=ROOT,
                env=self._environment(runtime),
                capture_output=True,
                text=True,
                timeout=2 * ENDS_S,
            )
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()

    def _environment(self, runtime: str) -> dict[str, str]:
        hidden = ("DBUS_SESSION_BUS_ADDRESS", "DISPLAY", "WAYLAND_DISPLAY", "PYTHON_KEYRING_BACKEND")
        return {name: value for name, value in os.environ.items() if name not in hidden} | {
            "HOME": str(self._home),
            "XDG_DATA_HOME": str(self._home / "data"),
            "XDG_RUNTIME_DIR": runtime,
            "PYTHONPATH": str(ROOT),
        }

    def deeds(self, *names: str, script: str = UNLOCKED) -> list[Any]:
        command = [sys.executable, "-m", "tests.backend.core.desktop_keyring", ",".join(names), str(self.file)]
        return [json.loads(line) for line in self.session(script, *command)]

    def keys(self) -> list[str]:
        """The names of our entries, as another program sees them."""
        found = self.session(UNLOCKED, "sh", "-c", "secret-tool search --all service mailyard 2>&1 || true")
        assert not [line for line in found if line.startswith("secret-tool: ")], found
        return [line for line in found if line.startswith("attribute.username = ")]


@pytest.fixture
def desktop(tmp_path: Path) -> Desktop:
    return Desktop(tmp_path)


def test_the_key_lies_in_the_keyring_and_opens_the_file_after_the_next_login(desktop: Desktop) -> None:
    assert desktop.deeds("keep", "read") == ["keyring", VALUE]
    assert desktop.deeds("read", "ask") == [VALUE, [True, "keyring", False, True]]
    (name,) = desktop.keys()
    header = json.loads(desktop.file.read_text())["header"]["key"]
    assert header == {"place": "keyring", "name": name.removeprefix("attribute.username = ")}


def test_the_key_moves_out_of_the_keyring_and_back(desktop: Desktop) -> None:
    assert desktop.deeds("keep", "to_passphrase") == ["keyring", "passphrase"]
    assert desktop.keys() == []
    assert desktop.deeds("to_keyring", "read") == ["keyring", VALUE]
    assert len(desktop.keys()) == 1


def test_asking_about_a_store_before_anything_is_kept_writes_no_key(desktop: Desktop) -> None:
    assert desktop.deeds("ask", "ask") == [[True, "keyring", False, False]] * 2
    assert desktop.keys() == []


def test_a_first_write_that_fails_leaves_no_key_in_the_keyring(desktop: Desktop) -> None:
    desktop.file.with_name(desktop.file.name + ".new").mkdir()
    (failed,) = desktop.deeds("keep")
    assert failed["error"] == "StoreReadOnly"
    assert desktop.keys() == []


def test_a_locked_keyring_that_nobody_can_unlock_is_named_with_a_remedy(desktop: Desktop) -> None:
    desktop.deeds("keep")
    (answer,) = desktop.deeds("read", script=LOCKED)
    assert answer["error"] == "SecretStoreLocked"
    assert "Unlock" in answer["remedy"]
    assert desktop.deeds("read") == [VALUE]


def test_a_bus_without_a_keyring_is_no_keyring(desktop: Desktop) -> None:
    (found, kept) = desktop.deeds("ask", "keep", script='exec "$@"')
    assert found == [False, "passphrase", False, False]
    assert (kept["error"], "passphrase" in kept["remedy"]) == ("SecretStoreLocked", True)


def test_no_bus_at_all_is_no_keyring(desktop: Desktop) -> None:
    (found,) = desktop.deeds("ask", script='unset DBUS_SESSION_BUS_ADDRESS; XDG_RUNTIME_DIR=/nonexistent exec "$@"')
    assert found == [False, "passphrase", False, False]
