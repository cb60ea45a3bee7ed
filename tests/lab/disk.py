"""A host's disk: a sparse ext4 image on a loop device, real down to ENOSPC."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from tests.lab import namespaces as ns
from tests.lab.orders import Refused

_FORMAT = ("-q", "-F", "-m", "0", "-O", "^has_journal", "-E", "lazy_itable_init=1,nodiscard")
LAYERS = ("upper", "work", "root")
#: Folders of /var/lib where Docker's engine keeps images and containers. They lie on the disk beside the layers: an
#: overlay on an overlay is refused, and the engine would copy whole layers instead.
ENGINE = ("docker", "containerd")


class Disk:
    """Mounted at ``folder``; its loop device clears itself when the mount ends, however that ends.

    Not a tmpfs: its pages would count as the host's memory, and a full disk would kill the host.
    """

    def __init__(self, image: Path, folder: str, size_mb: int) -> None:
        self.folder = folder
        self.size_mb = size_mb
        self._image = image

    @classmethod
    def make(cls, images: str, folder: str, size_mb: int) -> Disk:
        """A fresh disk; one formatted template for each size is kept in ``images`` and copied."""
        image = Path(images) / f"{Path(folder).name}.img"
        _run("cp", "--sparse=always", str(_template(Path(images), size_mb)), str(image))
        os.makedirs(folder)
        disk = cls(image, folder, size_mb)
        try:
            disk._mount()
        except OSError:
            os.rmdir(folder)
            image.unlink()
            raise
        for name in (*LAYERS, *ENGINE):
            os.mkdir(f"{folder}/{name}")
        return disk

    def grow(self, size_mb: int) -> None:
        """While its host is off: to grow a mounted ext4 takes a right (CAP_SYS_RESOURCE) that not all machines give.

        :raises Refused: a disk cannot shrink.
        """
        if size_mb < self.size_mb:
            raise Refused(f"a disk can only grow: it has {self.size_mb} MB and {size_mb} MB were asked for")
        ns.unmount(self.folder, 0)
        try:
            os.truncate(self._image, size_mb << 20)
            _run("e2fsck", "-f", "-p", str(self._image))
            _run("resize2fs", str(self._image))
        finally:
            self._mount()
        self.size_mb = size_mb

    def drop(self) -> None:
        """Unmount; the loop device and the space go with it."""
        ns.unmount(self.folder)
        os.rmdir(self.folder)
        self._image.unlink()

    def _mount(self) -> None:
        _run("mount", "-o", "loop,noatime", str(self._image), self.folder)


def _template(images: Path, size_mb: int) -> Path:
    template = images / f"template-{size_mb}.img"
    if not template.exists():
        with template.open("wb") as file:
            file.truncate(size_mb << 20)
        _run("mkfs.ext4", *_FORMAT, str(template))
    return template


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    if done.returncode != 0:
        raise OSError(f"{command[0]} failed: {(done.stdout + done.stderr).strip()[-300:]}")
