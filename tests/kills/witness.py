"""What is needed to judge a wait of a campaign that was in vain; told with the failure, for the test takes it away."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from backend.core.errors import HostUnreachable
from backend.core.log import start_logging
from backend.engine.jobs import ENDED
from tests.installation import Driver

if TYPE_CHECKING:
    from backend.store.schema.operations import Job
    from tests.kills.campaign import Campaign, Site

T = TypeVar("T")
#: Hosts as a lab has them, by name.
Hosts = Callable[[], Mapping[str, object]]

log = logging.getLogger(__name__)

NOT_REACHED = "Not reached:"
LAST_LINES, LAST_DIALS, LAST_CALLS = 40, 12, 200


def listen(folder: Path) -> None:
    """In an engine's process: write its log beside the data folder, and each host that was not reached with the error
    of the dial itself, which no row keeps."""
    made = HostUnreachable.__init__

    def make(error: HostUnreachable, *words: Any, **more: Any) -> None:
        made(error, *words, **more)
        log.info("%s %s %s", NOT_REACHED, error.title, error.detail)

    setattr(HostUnreachable, "__init__", make)  # noqa: B010 - mypy knows no other way to say that it is meant
    start_logging(folder.parent, name=_name(folder))


class Witness:
    """Owned by the campaign, whose engines, providers and hosts it looks at when a wait was in vain."""

    def __init__(self, campaign: Campaign, hosts: Hosts | None) -> None:
        self._campaign, self._hosts = campaign, hosts

    def tell(self) -> str:
        """The state of everything, a part that cannot be told by its reason."""
        parts = {
            "jobs that have not ended": self._jobs,
            "the last dials that reached no host": self._dials,
            "in the lab": self._lab,
            "at the providers": self._things,
            "what was done there": self._acts,
            "the last words of the engines": self._words,
            "where the threads of the engine stand": self._threads,
        }
        return "\n".join(f"== {name}:\n{_lines(look)}" for name, look in parts.items())

    def log(self) -> list[str]:
        """The lines of the engines, of all that were."""
        path = self._campaign.folder.parent / f"{_name(self._campaign.folder)}.log"
        return path.read_text(encoding="utf-8").splitlines() if path.exists() else []

    def _jobs(self) -> Iterator[str]:
        for job in self._campaign.jobs():
            if job.state not in ENDED:
                yield f"{job.kind} {job.about} {job.state} {job.cause} {self._campaign.driver.described(job.id)}"

    def _dials(self) -> list[str]:
        return [line for line in self.log() if NOT_REACHED in line][-LAST_DIALS:]

    def _lab(self) -> list[str]:
        return [f"{name}: {state}" for name, state in self._hosts().items()] if self._hosts else ["there is none"]

    def _things(self) -> Iterator[str]:
        for site in self._campaign.sites:
            counters = site.emulator.counters()
            yield f"{site.case.kind}: {json.dumps(counters, default=str)}"

    def _acts(self) -> Iterator[str]:
        for site in self._campaign.sites:
            yield from (f"{site.case.kind}: {act}" for act in _acts_at(site))

    def _words(self) -> list[str]:
        return self.log()[-LAST_LINES:]

    def _threads(self) -> list[str]:
        if self._campaign.pid is None:
            return ["no engine runs"]
        return self._campaign.forks.where_it_stands(self._campaign.pid).splitlines()


class WatchedDriver(Driver):
    """Tells all of it where a job does not come to be what it is waited for."""

    def __init__(self, campaign: Campaign, witness: Witness) -> None:
        super().__init__(campaign.client)
        self._witness = witness

    def wait_for(self, job_id: Any, *states: str, seconds: float = 60.0) -> Job:
        return witnessed(lambda: super(WatchedDriver, self).wait_for(job_id, *states, seconds=seconds), self._witness)


def witnessed(wait: Callable[[], T], witness: Witness) -> T:
    """What the wait answers; where it was in vain, with all that is told."""
    try:
        return wait()
    except AssertionError as error:
        raise AssertionError(f"{error}\n{witness.tell()}") from error


def _name(folder: Path) -> str:
    return f"{folder.name}-engines"


def _acts_at(site: Site) -> list[str]:
    """All that changed something, and all that met a fault, oldest first."""
    calls = [each for each in site.emulator.log() if each["method"] != "GET" or "fault" in each]
    return [f"{each['method']} {each['path']} {each['status']} {each.get('fault', '')}" for each in calls[-LAST_CALLS:]]


def _lines(look: Callable[[], Any]) -> str:
    try:
        return "\n".join(f"  {line}" for line in look()) or "  nothing"
    except Exception as error:  # noqa: BLE001 - what is told of one part must not hide the others
        return f"  cannot be told: {error!r}"
