"""The six verdicts and the states of jobs, with the words a person reads."""

from __future__ import annotations

from enum import StrEnum

from backend.core.present.text import N_, _


class Status(StrEnum):
    """What a shape can say; ``running`` is for jobs only."""

    OK = "ok"
    WARNING = "warning"
    CRITICAL = "critical"
    INCONCLUSIVE = "inconclusive"
    WAITING = "waiting"
    UNKNOWN = "unknown"
    RUNNING = "running"


WORDS = {
    Status.OK: N_("OK"),
    Status.WARNING: N_("Warning"),
    Status.CRITICAL: N_("Critical"),
    Status.INCONCLUSIVE: N_("Inconclusive"),
    Status.WAITING: N_("Waiting"),
    Status.UNKNOWN: N_("Unknown"),
    Status.RUNNING: N_("Running"),
}

JOB_STATES = {
    "queued": (Status.WAITING, N_("Queued")),
    "running": (Status.RUNNING, N_("Running")),
    "waiting_for_you": (Status.WAITING, N_("Awaiting approval")),
    "waiting_until": (Status.WAITING, N_("Retries soon")),
    "succeeded": (Status.OK, N_("Done")),
    "failed": (Status.CRITICAL, N_("Failed")),
    "cancelled": (Status.UNKNOWN, N_("Cancelled")),
    "rolled_back": (Status.WARNING, N_("Rolled back")),
}

STEP_STATES = {
    "pending": Status.UNKNOWN,
    "running": Status.RUNNING,
    "undoing": Status.RUNNING,
    "waiting": Status.WAITING,
    "done": Status.OK,
    "undone": Status.UNKNOWN,
    "failed": Status.CRITICAL,
    "stopped": Status.UNKNOWN,
}

LIVES = {
    "provisioning": N_("provisioning"),
    "warming": N_("warming up"),
    "active": N_("active"),
    "maintenance": N_("maintenance"),
    "quarantined": N_("quarantined"),
    "decommissioned": N_("decommissioned"),
    "failed": N_("failed"),
}

POWERS = {"on": N_("on"), "off": N_("off")}

ACCOUNT_STATES = {
    "unverified": (Status.WAITING, N_("Not verified yet")),
    "verified": (Status.OK, N_("Verified")),
    "refused": (Status.CRITICAL, N_("Token refused")),
    "unreachable": (Status.INCONCLUSIVE, N_("Not reachable")),
    "locked": (Status.WAITING, N_("Secret store locked")),
    "clock": (Status.INCONCLUSIVE, N_("Clock wrong")),
}


def word(status: Status) -> str:
    """The word beside a shape."""
    return _(WORDS[status])


def status_of(text: str) -> Status:
    """The status behind a stored word; anything unheard of is unknown, never good or bad."""
    try:
        return Status(text)
    except ValueError:
        return Status.UNKNOWN


def job_state(state: str) -> tuple[Status, str]:
    """Shape and word of a job's state."""
    status, message = JOB_STATES.get(state, (Status.UNKNOWN, state))
    return status, _(message)


def account_state(state: str) -> tuple[Status, str]:
    """Shape and word of an account's state."""
    status, message = ACCOUNT_STATES.get(state, (Status.UNKNOWN, state))
    return status, _(message)


def power(state: str) -> str:
    """The word for whether a server is on."""
    return _(POWERS[state]) if state in POWERS else state


def life(state: str) -> str:
    """The word for a server's stage of life."""
    return _(LIVES[state]) if state in LIVES else state
