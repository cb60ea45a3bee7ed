"""The .deb: Depends as the bundle's files ask for, everything of root, the same bytes each time."""

from __future__ import annotations

import subprocess
from pathlib import Path

from products import libraries
from products.place import DIST, ROOT, Refused, environment, need, same_times, version
from products.tree import lay_out

CONTROL = """Package: mailyard
Version: {version}
Section: admin
Priority: optional
Architecture: amd64
Maintainer: Mailyard <packages@mailyard.invalid>
Installed-Size: {size}
Depends: {depends}
Recommends: gnome-keyring | kwalletmanager, default-dbus-session-bus | dbus-session-bus
Suggests: notification-daemon
Description: console for the e-mail infrastructure of an agency's clients
 Servers at five clouds, ordered and proved by durable jobs that survive a kill
 at any point; living charts, costs, orphans, and a demo fleet that needs no
 account and no network.
"""
#: Loaded by name while it runs, so no file names them: for a window on X11 (app/system.py), and for reading the zone.
BY_NAME = ("libxcb-cursor0", "libxkbcommon-x11-0", "libgl1", "libegl1")
C_LIBRARY = "libc6 (>= 2.36)"


def build() -> None:
    """dist/mailyard_VERSION_amd64.deb."""
    need("dpkg-deb", "dpkg")
    need("readelf", "binutils")
    root = ROOT / "build/deb"
    lay_out(root)
    size = sum(path.stat().st_size for path in root.rglob("*") if path.is_file() and not path.is_symlink())
    control = root / "DEBIAN"
    control.mkdir()
    text = CONTROL.format(version=version(), size=size // 1024, depends=", ".join(depends()))
    (control / "control").write_text(text)
    for name in ("postinst", "postrm"):
        script = control / name
        script.write_text((ROOT / "packaging/linux" / f"deb-{name}").read_text())
        script.chmod(0o755)
    same_times(root)
    target = DIST / f"mailyard_{version()}_amd64.deb"
    fresh = target.with_suffix(".new")
    command = ["dpkg-deb", "-Zxz", "-z9", "--root-owner-group", "--build", str(root), str(fresh)]
    if subprocess.call(command, env=environment(), stdout=subprocess.DEVNULL):
        raise Refused("dpkg-deb failed (see above).")
    fresh.rename(target)


def depends() -> list[str]:
    """What apt installs along.

    :raises Refused: the bundle asks for a newer C library than the oldest Debian has.
    """
    newest = libraries.newest_glibc()
    if newest > libraries.GLIBC:
        raise Refused(f"the bundle asks for glibc {newest}, Debian 12 has {libraries.GLIBC}: build on Debian 12.")
    found = libraries.packages(set(libraries.needed()))
    return [C_LIBRARY, *sorted({*found.values(), *BY_NAME})]


def contents(path: Path) -> str:
    """What dpkg says of a package."""
    return subprocess.run(["dpkg-deb", "--info", str(path)], capture_output=True, text=True, check=True).stdout
