"""Where everything lies that products are made of, which version it is, and what makes two builds the same."""

from __future__ import annotations

import os
import subprocess
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DIST = ROOT / "dist"
BUNDLE = DIST / "mailyard"
LINUX = ROOT / "packaging/linux"


class Refused(Exception):
    """A product cannot be built; the text says why and what to do."""


def version() -> str:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return str(project["version"])


def moment() -> int:
    """Seconds since 1970 of the commit that is built, or of ``SOURCE_DATE_EPOCH``: no build knows when it was made."""
    given = os.environ.get("SOURCE_DATE_EPOCH")
    if given:
        return int(given)
    done = subprocess.run(["git", "log", "-1", "--format=%ct"], cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        raise Refused("this is no git checkout: set SOURCE_DATE_EPOCH.")
    return int(done.stdout)


def environment() -> dict[str, str]:
    """For tools that write times or walk over hashes."""
    return {**os.environ, "SOURCE_DATE_EPOCH": str(moment()), "PYTHONHASHSEED": "1", "LC_ALL": "C.UTF-8", "TZ": "UTC"}


def need(program: str, package: str) -> None:
    """:raises Refused: it is not installed."""
    from shutil import which

    if which(program) is None:
        raise Refused(f"{program} is missing: apt-get install {package}")


def same_times(folder: Path) -> None:
    """All files of a tree as old as the commit, and with the same rights whoever builds."""
    for path in (folder, *folder.rglob("*")):
        if path.is_symlink():
            os.utime(path, (moment(), moment()), follow_symlinks=False)
            continue
        is_program = path.is_dir() or os.access(path, os.X_OK)
        path.chmod(0o755 if is_program else 0o644)
        os.utime(path, (moment(), moment()))
