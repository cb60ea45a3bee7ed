"""What packages are made of: the same tree each time, what it needs of the system, a list of what goes where."""

from __future__ import annotations

import gzip
import shutil
import struct
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from PySide6.QtGui import QImage

from tests.packaging.machine import ROOT

MOMENT = 1_700_000_000


@pytest.fixture
def products(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The modules of packaging/products, fresh, as package.py finds them."""
    monkeypatch.syspath_prepend(str(ROOT / "packaging"))
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(MOMENT))
    yield __import__("products.tree", fromlist=["tree"])
    for name in [name for name in sys.modules if name.split(".")[0] == "products"]:
        del sys.modules[name]


@pytest.fixture
def bundle(products: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A bundle of one program and one file."""
    folder = tmp_path / "bundle"
    (folder / "_internal").mkdir(parents=True)
    shutil.copy("/bin/true", folder / "mailyard")
    (folder / "_internal/data").write_text("words")
    (folder / "_internal/data").chmod(0o600)
    monkeypatch.setattr(products, "BUNDLE", folder)
    monkeypatch.setattr(sys.modules["products.place"], "BUNDLE", folder)
    return folder


def test_the_tree_is_the_same_whoever_builds_it(products: Any, bundle: Path, tmp_path: Path) -> None:
    products.lay_out(tmp_path / "one")

    for path in (tmp_path / "one").rglob("*"):
        assert int(path.lstat().st_mtime) == MOMENT, path
        assert path.is_symlink() or oct(path.stat().st_mode)[-3:] in ("755", "644"), path
    assert str((tmp_path / "one/usr/bin/mailyard").readlink()) == "../lib/mailyard/mailyard"
    assert (tmp_path / "one/usr/share/doc/mailyard/copyright").read_text().startswith("Mailyard carries")
    changes = gzip.decompress((tmp_path / "one/usr/share/doc/mailyard/changelog.gz").read_bytes()).decode()
    assert changes.count("\n- ") > 5
    assert products.changes() == products.changes()


def test_without_a_bundle_nothing_is_laid_out(products: Any, bundle: Path, tmp_path: Path) -> None:
    shutil.rmtree(bundle)
    with pytest.raises(Exception, match="there is no bundle yet"):
        products.lay_out(tmp_path / "one")


@pytest.mark.skipif(shutil.which("readelf") is None, reason="needs binutils: apt-get install binutils")
def test_it_names_the_libraries_that_the_bundle_lacks(products: Any, bundle: Path) -> None:
    libraries: Any = __import__("products.libraries", fromlist=["libraries"])
    libraries.BUNDLE = bundle
    assert libraries.needed() == {}

    shutil.copy(shutil.which("openssl") or "/usr/bin/openssl", bundle / "_internal/openssl")

    assert set(libraries.needed()) == {"libssl.so.3", "libcrypto.so.3"}
    shutil.copy(next(Path("/usr/lib/x86_64-linux-gnu").glob("libssl.so.3")), bundle / "_internal/libssl.so.3")
    assert set(libraries.needed()) == {"libcrypto.so.3"}
    assert libraries.packages({"libcrypto.so.3"}) == {"libcrypto.so.3": "libssl3"}
    with pytest.raises(Exception, match=r"no installed package carries libnowhere\.so\.1"):
        libraries.packages({"libnowhere.so.1"})


def test_a_screen_becomes_a_picture(products: Any, tmp_path: Path) -> None:
    """Two pixels, red and blue, as Xvfb writes them: 32 bits, blue first, a line padded to 12 bytes."""
    picture = __import__("products.picture", fromlist=["picture"])
    header = [100, 7, 2, 24, 2, 1, 0, 0, 32, 0, 32, 32, 12, 4, 0, 0, 0, 8, 256, 1, 2, 1, 0, 0, 0]
    dump = struct.pack(">25I", *header) + bytes(12) + b"\0\0\xff\0" + b"\xff\0\0\0" + bytes(4)

    picture.to_png(dump, tmp_path / "screen.png")

    image = QImage(str(tmp_path / "screen.png"))
    assert (image.width(), image.height()) == (2, 1)
    assert [image.pixelColor(x, 0).name() for x in range(2)] == ["#ff0000", "#0000ff"]
    with pytest.raises(Exception, match="no XWD dump"):
        picture.to_png(bytes(200), tmp_path / "screen.png")


@pytest.mark.skipif(shutil.which("makensis") is None, reason="needs NSIS: apt-get install nsis")
def test_the_windows_installer_compiles(tmp_path: Path) -> None:
    payload = tmp_path / "payload"
    (payload / "_internal").mkdir(parents=True)
    (payload / "mailyard.exe").write_bytes(b"MZ")
    (payload / "_internal/data").write_text("words")
    target = tmp_path / "setup.exe"
    options = ["-DVERSION=0.1.0", f"-DPAYLOAD={payload}", f"-DOUTPUT={target}", "-V2"]

    done = subprocess.run(
        ["makensis", *options, str(ROOT / "packaging/windows/installer.nsi")], capture_output=True, text=True
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert target.read_bytes()[:2] == b"MZ"
