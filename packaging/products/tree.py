"""The tree that an installed package consists of, for .deb and .rpm alike."""

from __future__ import annotations

import gzip
import shutil
from pathlib import Path

from products.place import BUNDLE, LINUX, ROOT, Refused, moment, same_times

HOME = "usr/lib/mailyard"
TEXTS = ("LICENSE-Inter", "LICENSE-JetBrainsMono")


def lay_out(root: Path) -> None:
    """Fill ``root`` with everything but the package's own control files."""
    if not (BUNDLE / "mailyard").exists():
        raise Refused("there is no bundle yet: python packaging/package.py bundle")
    shutil.rmtree(root, ignore_errors=True)
    shutil.copytree(BUNDLE, root / HOME, symlinks=True)
    _put(root, "usr/share/applications", LINUX / "mailyard.desktop")
    _put(root, "usr/share/metainfo", LINUX / "mailyard.metainfo.xml")
    _put(root, "usr/share/icons/hicolor/scalable/apps", LINUX / "mailyard.svg")
    _put(root, "usr/share/doc/mailyard", ROOT / "resources/data/notices.txt")
    (root / "usr/share/doc/mailyard/notices.txt").rename(root / "usr/share/doc/mailyard/copyright")
    for name in TEXTS:
        _put(root, "usr/share/doc/mailyard", ROOT / "resources/fonts" / name)
    (root / "usr/share/doc/mailyard/changelog.gz").write_bytes(changes())
    (root / "usr/bin").mkdir(parents=True)
    (root / "usr/bin/mailyard").symlink_to("../lib/mailyard/mailyard")
    same_times(root)


def changes() -> bytes:
    """The changelog, packed the same way each time."""
    lines = "".join(path.read_text() for path in sorted((ROOT / "changelog.d").glob("*.md"), reverse=True))
    return gzip.compress(lines.encode(), 9, mtime=moment())


def _put(root: Path, folder: str, file: Path) -> None:
    (root / folder).mkdir(parents=True, exist_ok=True)
    shutil.copy(file, root / folder / file.name)
