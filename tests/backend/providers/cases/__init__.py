"""What differs between providers in the contract suite: one case each."""

from tests.backend.providers.cases.case import Case, both_modes, mode_name
from tests.backend.providers.cases.digitalocean import DIGITALOCEAN

CASES = (DIGITALOCEAN,)

__all__ = ["CASES", "DIGITALOCEAN", "Case", "both_modes", "mode_name"]
