"""What differs between providers in the contract suite: one case each."""

from tests.backend.providers.cases.case import Case, both_modes, mode_name
from tests.backend.providers.cases.digitalocean import DIGITALOCEAN
from tests.backend.providers.cases.vultr import VULTR

CASES = (DIGITALOCEAN, VULTR)

__all__ = ["CASES", "DIGITALOCEAN", "VULTR", "Case", "both_modes", "mode_name"]
