"""What keeps a probe from observing and says nothing about its subject: the store is busy, the program closes."""

from __future__ import annotations

import logging

from backend.core.errors import Cancelled, StoreError

log = logging.getLogger(__name__)


class Unobserved:
    """Ends such an error where it stands, with a line in the log. Owner: whoever observes."""

    def __init__(self, probe: str) -> None:
        self._probe = probe

    def __enter__(self) -> None:
        """Nothing is held."""

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> bool:
        if isinstance(error, StoreError):
            log.warning("Probe %s observed nothing: %s", self._probe, error.title)
        elif isinstance(error, Cancelled):
            log.info("Probe %s observed nothing: the program closes", self._probe)
        else:
            return False
        return True


def unless_in_the_way(probe: str) -> Unobserved:
    """Around one observation: in such a moment nothing was observed, and the next turn observes again."""
    return Unobserved(probe)
