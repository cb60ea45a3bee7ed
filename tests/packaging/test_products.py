"""What packages are made of: the same tree each time, what it needs of the system, a list of what goes where."""

from __future__ import annotations

import gzip
import re
import shutil
import struct
import subprocess
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtGui import QImage

from tests.packaging.conftest import MOMENT
from tests.packaging.machine import ROOT

Product = Callable[[str], Any]


@pytest.fixture
def tree(product: Product) -> Any:
    return product("tree")


@pytest.fixture
def bundle(product: Product, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A bundle of one program and one file."""
    folder = tmp_path / "bundle"
    (folder / "_internal").mkdir(parents=True)
    shutil.copy("/bin/true", folder / "mailyard")
    (folder / "_internal/data").write_text("words")
    (folder / "_internal/data").chmod(0o600)
    for name in ("tree", "libraries", "sizes"):
        monkeypatch.setattr(product(name), "BUNDLE", folder)
    return folder


def test_the_tree_is_the_same_whoever_builds_it(tree: Any, bundle: Path, tmp_path: Path) -> None:
    tree.lay_out(tmp_path / "one")

    for path in (tmp_path / "one").rglob("*"):
        assert int(path.lstat().st_mtime) == MOMENT, path
        assert path.is_symlink() or oct(path.stat().st_mode)[-3:] in ("755", "644"), path
    assert str((tmp_path / "one/usr/bin/mailyard").readlink()) == "../lib/mailyard/mailyard"
    assert (tmp_path / "one/usr/share/doc/mailyard/copyright").read_text().startswith("Mailyard carries")
    changes = gzip.decompress((tmp_path / "one/usr/share/doc/mailyard/changelog.gz").read_bytes()).decode()
    assert changes.count("\n- ") > 5
    assert tree.changes() == tree.changes()


def test_the_notices_name_every_library_that_the_program_asks_for() -> None:
    asked = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    named = (ROOT / "resources/data/notices.txt").read_text().casefold()

    assert asked
    assert [each for each in asked if re.split(r"[^A-Za-z0-9]", each)[0].casefold() not in named] == []


def test_without_a_bundle_nothing_is_laid_out(tree: Any, bundle: Path, tmp_path: Path) -> None:
    shutil.rmtree(bundle)
    with pytest.raises(Exception, match="there is no bundle yet"):
        tree.lay_out(tmp_path / "one")


@pytest.mark.skipif(shutil.which("readelf") is None, reason="needs binutils: apt-get install binutils")
def test_it_names_the_libraries_that_the_bundle_lacks(product: Product, bundle: Path) -> None:
    libraries = product("libraries")
    assert libraries.needed() == {}

    shutil.copy(shutil.which("openssl") or "/usr/bin/openssl", bundle / "_internal/openssl")

    assert set(libraries.needed()) == {"libssl.so.3", "libcrypto.so.3"}
    shutil.copy(next(Path("/usr/lib/x86_64-linux-gnu").glob("libssl.so.3")), bundle / "_internal/libssl.so.3")
    assert set(libraries.needed()) == {"libcrypto.so.3"}
    assert libraries.packages({"libcrypto.so.3"}) == {"libcrypto.so.3": "libssl3"}
    with pytest.raises(Exception, match=r"no installed package carries libnowhere\.so\.1"):
        libraries.packages({"libnowhere.so.1"})


def test_a_screen_becomes_a_picture(product: Product, tmp_path: Path) -> None:
    """Two pixels, red and blue, as Xvfb writes them: 32 bits, blue first, a line padded to 12 bytes."""
    picture = product("picture")
    header = [100, 7, 2, 24, 2, 1, 0, 0, 32, 0, 32, 32, 12, 4, 0, 0, 0, 8, 256, 1, 2, 1, 0, 0, 0]
    dump = struct.pack(">25I", *header) + bytes(12) + b"\0\0\xff\0" + b"\xff\0\0\0" + bytes(4)

    picture.to_png(dump, tmp_path / "screen.png")

    image = QImage(str(tmp_path / "screen.png"))
    assert (image.width(), image.height()) == (2, 1)
    assert [image.pixelColor(x, 0).name() for x in range(2)] == ["#ff0000", "#0000ff"]
    with pytest.raises(Exception, match="no XWD dump"):
        picture.to_png(bytes(200), tmp_path / "screen.png")


def test_each_file_of_a_bundle_counts_for_one_library(
    product: Product, bundle: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sizes = product("sizes")
    inside = bundle / "_internal"
    for name, size in (("PySide6/Qt/lib/libQt6Core.so", 3), ("numpy/core.so", 2), ("numpy.libs/blas.so", 4)):
        (inside / name).parent.mkdir(parents=True, exist_ok=True)
        (inside / name).write_bytes(bytes(size * 1_000_000))
    (inside / "numpy-2.3.5.dist-info").mkdir()
    (inside / "numpy-2.3.5.dist-info/RECORD").write_bytes(bytes(500_000))

    sizes.build()

    lines = [line.split(maxsplit=2) for line in capsys.readouterr().out.splitlines()]
    assert [(line[0], line[2]) for line in lines[:2]] == [("6.5", "numpy"), ("3.0", "Qt")]
    assert lines[-1][2] == "together"
    assert lines[-1][0] == "9.5"


def test_an_earlier_revision_is_packed_once_and_below_every_version(
    product: Product, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A project of two commits: one from before there were packages, and one of today, tagged."""
    project, kept = tmp_path / "project", tmp_path / "kept"
    first, second = two_commits(project)
    previous = product("previous")
    monkeypatch.setattr(previous, "ROOT", project)
    monkeypatch.setattr(previous, "KEPT", kept)
    monkeypatch.setattr(previous, "version", lambda: "0.1.0")

    early = previous.deb(first)

    assert early.read_text() == 'early version = "0.0.1" today'
    assert previous.deb().read_text() == 'late version = "0.0.1" its own'
    assert previous.deb().parent.name == second
    early.write_text("kept")
    assert previous.deb(first).read_text() == "kept"
    assert [path.name for path in early.parent.iterdir()] == [early.name], "its sources were left"
    with pytest.raises(Exception, match="git rev-parse"):
        previous.deb("no-such-revision")


def two_commits(project: Path) -> tuple[str, str]:
    """Each packs itself into a file of words; the last is tagged, and one more stands over it."""
    packing = """
import pathlib
name = pathlib.Path("name").read_text()
version = pathlib.Path("pyproject.toml").read_text()
pathlib.Path("dist").mkdir()
pathlib.Path("dist/it.deb").write_text(f"{name} {version} WHOSE")
"""
    folders = ("packaging/products", "packaging/bundle", "packaging/linux", "packaging/requirements", "resources/data")
    for folder in folders:
        (project / folder).mkdir(parents=True)
        (project / folder / "package.txt").write_text("")
    (project / "resources/data/notices.txt").write_text("")
    (project / "pyproject.toml").write_text('version = "0.1.0"')
    (project / "name").write_text("early")
    git(project, "init", "--quiet")
    git(project, "add", "name", "pyproject.toml", "packaging/requirements", "resources")
    first = commit(project)
    (project / "name").write_text("late")
    (project / "packaging/package.py").write_text(packing.replace("WHOSE", "its own"))
    git(project, "add", ".")
    second = commit(project)
    git(project, "tag", "v0.0.9")
    commit(project)
    (project / "packaging/package.py").write_text(packing.replace("WHOSE", "today"))
    return first, second


def commit(project: Path) -> str:
    git(project, "commit", "--quiet", "--allow-empty", "--message", "words")
    return git(project, "rev-parse", "HEAD")


def git(project: Path, *words: str) -> str:
    who = ("-c", "user.name=a test", "-c", "user.email=test@example.net")
    done = subprocess.run(["git", *who, *words], cwd=project, capture_output=True, text=True, check=True)
    return done.stdout.strip()
