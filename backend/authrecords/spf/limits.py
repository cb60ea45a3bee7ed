"""What one check may cost (RFC 7208 4.6.4), and what it has cost so far."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from backend.core.present.text import _

#: Terms that ask the DNS, over all records that a check comes to.
MOST_LOOKUPS = 10
#: Look-ups that find nothing.
MOST_VOIDS = 2
#: Names of an MX or of a PTR answer whose addresses are looked up.
MOST_NAMES = 10
MOST_SECONDS = 20.0


class Stopped(Exception):
    """The check ends with an error, however deep it has come; ``text`` says why."""

    def __init__(self, result: Literal["permerror", "temperror"], text: str) -> None:
        super().__init__(text)
        self.result: Literal["permerror", "temperror"] = result
        self.text = text


@dataclass
class Costs:
    """Of one check; what is looked up for an explanation is not counted."""

    lookups: int = 0
    voids: int = 0
    is_counted: bool = True

    def count_lookup(self) -> None:
        """One more term asks the DNS.

        :raises Stopped: it is one too many.
        """
        if not self.is_counted:
            return
        if self.lookups == MOST_LOOKUPS:
            text = _("The limit of {most} for terms that ask the DNS is reached.").format(most=MOST_LOOKUPS)
            raise Stopped("permerror", text)
        self.lookups += 1

    def count_void(self) -> None:
        """One more look-up found nothing.

        :raises Stopped: it is one too many.
        """
        if not self.is_counted:
            return
        self.voids += 1
        if self.voids > MOST_VOIDS:
            text = _("The limit of {most} for look-ups that find nothing is passed.").format(most=MOST_VOIDS)
            raise Stopped("permerror", text)
