"""The clouds of the demo: the only list of them."""

from __future__ import annotations

from collections.abc import Mapping

from backend.demo.digitalocean.twin import TWIN as DIGITALOCEAN
from backend.demo.emulator.twin import Twin
from backend.demo.linode.twin import TWIN as LINODE

TWINS: Mapping[str, Twin] = {twin.kind: twin for twin in (DIGITALOCEAN, LINODE)}
