"""The key of the lab's root zone: the same in every run, since what trusts it is built once and kept."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

from tests.lab.base import cache_folder
from tests.lab.client import LabError

WAIT_S = 60
SHA256 = "2"


@dataclass(frozen=True)
class RootKey:
    """``folder`` is knot's database of keys, to be copied; ``anchor`` a trust anchor in unbound's form."""

    folder: Path
    anchor: str


def root_key() -> RootKey:
    """The one in the cache; made when it is missing."""
    folder = cache_folder() / "root-key"
    cache_folder().mkdir(parents=True, exist_ok=True)
    with FileLock(f"{folder}.lock", timeout=WAIT_S):
        if not folder.exists():
            fresh = folder.with_name(f"{folder.name}.new")
            shutil.rmtree(fresh, ignore_errors=True)
            fresh.mkdir()
            _make(fresh)
            fresh.rename(folder)
    return RootKey(folder / "keys", (folder / "anchor").read_text())


def _make(folder: Path) -> None:
    keys = folder / "keys"
    keys.mkdir()
    _keymgr(keys, "generate", "algorithm=ecdsap256sha256", "ksk=yes", "zsk=yes")
    digests = [line.split()[2:] for line in _keymgr(keys, "ds").splitlines()]
    (folder / "anchor").write_text("".join(f". IN DS {' '.join(each)}\n" for each in digests if each[2] == SHA256))


def _keymgr(folder: Path, *command: str) -> str:
    done = subprocess.run(["keymgr", "-D", str(folder), ".", *command], capture_output=True, text=True, timeout=30)
    if done.returncode != 0:
        raise LabError(f"keymgr {command[0]}: {done.stdout}{done.stderr}")
    return done.stdout
