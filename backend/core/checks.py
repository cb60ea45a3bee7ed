"""What is checked and what a check says: subjects of every kind, kinds of checks, verdicts with a reason."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from backend.core.present.message import Message

SERVER, DOMAIN, ADDRESS, CERTIFICATE = "server", "domain", "address", "certificate"
MAILBOX, ACCOUNT, BACKUP_TARGET, INSTALLATION = "mailbox", "account", "backup_target", "installation"
WORKSPACE = "workspace"
SUBJECTS: Final = frozenset(
    {SERVER, DOMAIN, ADDRESS, CERTIFICATE, MAILBOX, ACCOUNT, BACKUP_TARGET, INSTALLATION, WORKSPACE}
)

#: The worst first. What is not known of a subject is worse than what is known to be well.
VERDICTS: Final = ("critical", "warning", "inconclusive", "waiting", "ok")
KNOWN: Final = frozenset({"critical", "warning", "ok"})


@dataclass(frozen=True)
class Subject:
    """Whatever can be observed: its kind, whose it is, its id, and what a list calls it (a server has its own row)."""

    kind: str
    tenant_id: UUID
    id: UUID
    about: str = ""


@dataclass(frozen=True)
class CheckKind:
    """One question that is asked of each subject of a kind, again and again.

    ``title`` is a msgid. ``counts_for_health``: the subject is as well as the worst of these. ``names_itself``: its
    reasons tell what is wrong without its title before them.
    """

    key: str
    title: str
    subject: str
    counts_for_health: bool = False
    names_itself: bool = False


@dataclass(frozen=True)
class Verdict:
    """``word`` is one of :data:`VERDICTS`; ``why`` is empty where there is nothing to say."""

    word: str
    why: Message = field(default_factory=Message)

    def __post_init__(self) -> None:
        if self.word not in VERDICTS:
            raise ValueError(f"no verdict: {self.word}")

    @property
    def is_known(self) -> bool:
        """Whether something was found out of the subject: of *inconclusive* nothing was."""
        return self.word in KNOWN
