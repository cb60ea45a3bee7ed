"""The checks of monitoring: what a server's samples say, and whether our own network is up."""

from __future__ import annotations

from typing import Final

from backend.core.checks import INSTALLATION, CheckKind
from backend.core.present.text import N_
from backend.fleet.checks import SERVER_SAMPLE

OWN_NETWORK: Final = CheckKind("own_network", N_("Own network"), INSTALLATION)

CHECKS: Final = (SERVER_SAMPLE, OWN_NETWORK)
