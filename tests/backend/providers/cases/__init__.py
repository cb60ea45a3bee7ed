"""What differs between providers in the contract suite: one case each."""

from tests.backend.providers.cases.case import Case, all_modes, both_modes, mode_name
from tests.backend.providers.cases.digitalocean import DIGITALOCEAN
from tests.backend.providers.cases.ec2 import EC2
from tests.backend.providers.cases.hostwinds import HOSTWINDS
from tests.backend.providers.cases.linode import LINODE
from tests.backend.providers.cases.vultr import VULTR

CASES = (DIGITALOCEAN, EC2, HOSTWINDS, LINODE, VULTR)

__all__ = [
    "CASES",
    "DIGITALOCEAN",
    "EC2",
    "HOSTWINDS",
    "LINODE",
    "VULTR",
    "Case",
    "all_modes",
    "both_modes",
    "mode_name",
]
