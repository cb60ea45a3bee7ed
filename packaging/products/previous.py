"""The .deb of an earlier revision, from its own sources; one from before there were packages is packed as today."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

from products.place import ROOT, Refused, version

KEPT = ROOT / ".cache/previous"
#: The last revision with an older database: stands for the last release until there is one.
BEFORE_ANY = "98eeba6681b992c4ff1c9d8832628d7aeca0c85a"
#: Below every version there will be: for a revision that has the version of today.
LOWEST = "0.0.1"
#: What packs, for a revision that had none of it.
PACKING = ("package.py", "products", "bundle", "linux", "requirements/package.txt")
VERSION = re.compile(r'^version = ".+"$', re.MULTILINE)


def deb(revision: str = "") -> Path:
    """Of ``revision``, else of the last release's tag; built once and kept.

    :raises Refused: there is no such revision, or it cannot be built.
    """
    commit = _git("rev-parse", "--verify", f"{revision or _last_tag()}^{{commit}}")
    kept = sorted((KEPT / commit).glob("*.deb"))
    return kept[0] if kept else _build(commit)


def _last_tag() -> str:
    done = subprocess.run(
        ["git", "describe", "--tags", "--abbrev=0", "--match", "v*", "HEAD^"], cwd=ROOT, capture_output=True, text=True
    )
    return done.stdout.strip() if done.returncode == 0 else BEFORE_ANY


def _build(commit: str) -> Path:
    place = KEPT / commit / "sources"
    shutil.rmtree(place, ignore_errors=True)
    _git("worktree", "prune")
    _git("worktree", "add", "--detach", str(place), commit)
    try:
        _lay_over(place)
        if subprocess.call([sys.executable, "packaging/package.py", "bundle", "deb"], cwd=place):
            raise Refused(f"{commit[:12]} could not be built (see above).")
        (built,) = (place / "dist").glob("*.deb")
        return Path(shutil.copy(built, KEPT / commit / built.name))
    finally:
        _git("worktree", "remove", "--force", str(place))


def _lay_over(place: Path) -> None:
    """Today's means of packing where there were none, and a version below today's."""
    if not (place / "packaging/package.py").exists():
        for name in PACKING:
            source, target = ROOT / "packaging" / name, place / "packaging" / name
            (shutil.copytree if source.is_dir() else shutil.copy)(source, target)
        shutil.copy(ROOT / "resources/data/notices.txt", place / "resources/data/notices.txt")
    project = place / "pyproject.toml"
    text = project.read_text()
    if f'version = "{version()}"' in text:
        project.write_text(VERSION.sub(f'version = "{LOWEST}"', text, count=1))


def _git(*words: str) -> str:
    done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        raise Refused(f"git {words[0]}: {done.stderr.strip()}")
    return done.stdout.strip()
