"""What rspamd compiled once, as the image of a host that has nothing else: its first start takes a minute without."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.lab.disk import ENGINE
from tests.lab.mail.compose import ROOT
from tests.lab.snapshots import LAYER


def image_with_filter(snapshot: Path, folder: Path) -> Path:
    """Made in ``folder``, from the snapshot that mail servers start from."""
    kept = Path(LAYER) / ROOT.removeprefix("/") / "filter"
    (folder / kept).parent.mkdir(parents=True)
    subprocess.run(["cp", "-a", str(snapshot / kept), str(folder / kept)], check=True)
    for part in ENGINE:
        (folder / part).mkdir()
    return folder
