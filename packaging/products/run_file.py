"""The .run: unpacks itself into a folder of the person's own, for systems without .deb and .rpm; no root."""

from __future__ import annotations

import shutil
import subprocess

from products.place import BUNDLE, DIST, LINUX, ROOT, Refused, environment, need, same_times, version


def build() -> None:
    """dist/mailyard-VERSION.run."""
    need("makeself", "makeself")
    root = ROOT / "build/run"
    shutil.rmtree(root, ignore_errors=True)
    shutil.copytree(BUNDLE, root / "mailyard", symlinks=True)
    for name in ("install.sh", "mailyard.desktop", "mailyard.svg"):
        shutil.copy(LINUX / name, root / name)
    (root / "install.sh").chmod(0o755)
    same_times(root)
    target = DIST / f"mailyard-{version()}.run"
    command = ["makeself", "--quiet", "--xz", "--nox11", "--sha256", "--tar-quietly"]
    command += ["--tar-extra", "--sort=name --owner=0 --group=0 --numeric-owner"]
    command += ["--packaging-date", "none", str(root), str(target), "Mailyard", "./install.sh"]
    if subprocess.call(command, env=environment(), stdout=subprocess.DEVNULL):
        raise Refused("makeself failed (see above).")
