"""What is kept of hosts' disks: images for hosts to come, and copies that a host is put back to."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.lab.disk import ENGINE, Disk
from tests.lab.first_boot import forget_identity
from tests.lab.orders import Refused

LAYER, COPY = "layer", "copy"


@dataclass(frozen=True)
class Snapshot:
    """A folder with a host's own layer, once whole and once without identity, and its engine's folders beside them.

    ``below`` are the layers that lay under the host's own, uppermost first.
    """

    folder: Path
    below: tuple[str, ...]

    @property
    def layers(self) -> tuple[str, ...]:
        """What a host made from it has under its own layer."""
        return (str(self.folder / LAYER), *self.below)


class Snapshots:
    """The snapshots of one lab, in a folder that goes with it; one that was exported is used where it lies."""

    def __init__(self, folder: str) -> None:
        self._folder = Path(folder)
        self._kept: dict[str, Snapshot] = {}

    def take(self, disk: Disk, below: tuple[str, ...], name: str) -> None:
        """A copy of what a host wrote. It may run meanwhile, but an engine in it must not: half of its books are of no
        use to another."""
        snapshot = Snapshot(self._folder / f"snapshot-{len(os.listdir(self._folder))}", below)
        snapshot.folder.mkdir()
        _copy(f"{disk.folder}/upper", snapshot.folder / COPY)
        _copy(snapshot.folder / COPY, snapshot.folder / LAYER)
        forget_identity(snapshot.folder / LAYER)
        for part in ENGINE:
            _copy(f"{disk.folder}/{part}", snapshot.folder / part)
        self._kept[name] = snapshot

    def image(self, name: str, base: str) -> Snapshot:
        """The one to start a host from: by its name, or by the folder it was exported to, which lies upon ``base``.

        :raises Refused: there is none.
        """
        if name not in self._kept and (Path(name) / LAYER).is_dir():
            return Snapshot(Path(name), (base,))
        return self.named(name, "image")

    def put_back(self, disk: Disk, name: str) -> tuple[str, ...]:
        """Make the disk what it was; returns the layers that lie under the host's own."""
        snapshot = self.named(name)
        for part in ("upper", "work"):
            shutil.rmtree(f"{disk.folder}/{part}")
        os.mkdir(f"{disk.folder}/work")
        _copy(snapshot.folder / COPY, f"{disk.folder}/upper")
        fill_engine(disk, snapshot)
        return snapshot.below

    def export(self, name: str, to: str) -> None:
        """Move what a later lab needs to start hosts from it into a new folder; this one knows it by that path, too.

        :raises Refused: it lies upon other snapshots, which would be missing there, or others lie upon it.
        """
        snapshot = self.named(name)
        if len(snapshot.below) > 1 or any(snapshot.layers[0] in each.below for each in self._kept.values()):
            raise Refused(f"{name} lies upon other snapshots, or they upon it")
        os.mkdir(to)
        for part in (LAYER, *ENGINE):
            shutil.move(snapshot.folder / part, f"{to}/{part}")
        shutil.rmtree(snapshot.folder)
        del self._kept[name]

    def named(self, name: str, kind: str = "snapshot") -> Snapshot:
        """:raises Refused: there is none."""
        if name not in self._kept:
            raise Refused(f"there is no {kind} {name}")
        return self._kept[name]


def fill_engine(disk: Disk, snapshot: Snapshot) -> None:
    """Give a disk the snapshot's engine in place of its own."""
    for part in ENGINE:
        shutil.rmtree(f"{disk.folder}/{part}")
        _copy(snapshot.folder / part, f"{disk.folder}/{part}")


def _copy(folder: Path | str, to: Path | str) -> None:
    subprocess.run(["cp", "-a", str(folder), str(to)], check=True, capture_output=True)
