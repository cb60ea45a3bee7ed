"""Requests about mail servers and what is on them."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from backend.core.domain_names import plain_address, plain_domain
from backend.engine.payload import Request, Result
from backend.mail.networks import plain_network
from backend.mailu.next_hop import plain_hop
from backend.mailu.settings import VERSION, SmartHost, Webmail

MOST_AT_ONCE = 5_000  # mailboxes of one request
LONGEST_NAME, LONGEST_SUBJECT, LONGEST_COMMENT = 160, 255, 255  # characters that Mailu's columns hold (models.py)


@dataclass(frozen=True)
class InstallMail(Request, kind="mail.install"):
    """Set Mailu up on a ready server. ``host_name`` empty: the server's own name; ``client`` is the workspace that
    gets the first domain, the agency itself by default.
    """

    server_id: UUID
    domain: str
    host_name: str = ""
    client: UUID | None = None
    webmail: Webmail = "roundcube"
    has_antivirus: bool = False
    scans_macros: bool = True
    smart_host: SmartHost | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "domain", plain_domain(self.domain))
        object.__setattr__(self, "host_name", plain_domain(self.host_name))


@dataclass(frozen=True)
class SetOutside(Request, kind="mail.outside"):
    """The mail servers of others that port 25 is tried with; none: those that come with the program."""

    names: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "names", tuple(dict.fromkeys(map(plain_domain, self.names))))


@dataclass(frozen=True)
class OnMail(Request):
    """A request about what one mail server has."""

    server_id: UUID


@dataclass(frozen=True)
class ReadMail(OnMail, kind="mail.read"):
    """Read what a mail server has: domains, mailboxes, aliases, app tokens, relays."""


@dataclass(frozen=True)
class ReadAllMail(Request, kind="mail.read_all"):
    """The same of every mail server that runs."""


@dataclass(frozen=True)
class KeepFiles(OnMail, kind="mail.files.keep"):
    """What somebody changed by hand in its files is as it should be; ``stamp`` is that of what was shown."""

    stamp: str


@dataclass(frozen=True)
class SetSmartHost(OnMail, kind="mail.smart_host"):
    """Let all mail leave through another server, or with None by itself. ``test_to`` gets a message that proves it;
    empty: nobody does.
    """

    smart_host: SmartHost | None
    test_to: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "test_to", plain_address(self.test_to))


@dataclass(frozen=True)
class UpgradeMail(OnMail, kind="mail.upgrade"):
    """Another patch release of the same Mailu: the newest known by default."""

    to_version: str = VERSION


@dataclass(frozen=True)
class AddDomain(OnMail, kind="mail.domain.add"):
    """A domain for ``client``, the agency itself by default. A limit that is None is none; bytes are of one mailbox."""

    domain: str
    client: UUID | None = None
    max_mailboxes: int | None = None
    max_aliases: int | None = None
    max_quota_bytes: int | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "domain", plain_domain(self.domain))


@dataclass(frozen=True)
class SetDomain(OnMail, kind="mail.domain.set"):
    """Other limits, or other alternative names."""

    domain: str
    max_mailboxes: int | None = None
    max_aliases: int | None = None
    max_quota_bytes: int | None = None
    alternatives: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "domain", plain_domain(self.domain))
        object.__setattr__(self, "alternatives", tuple(dict.fromkeys(map(plain_domain, self.alternatives))))


@dataclass(frozen=True)
class KeepTemplate(Request, kind="mail.template.keep"):
    """A template of limits as it is to be, see :class:`AddDomain`; ``of`` is the name of the one that it is made of,
    empty: it is a new one.
    """

    name: str
    max_mailboxes: int | None = None
    max_aliases: int | None = None
    max_quota_bytes: int | None = None
    of: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", " ".join(self.name.split()))


@dataclass(frozen=True)
class RemoveTemplate(Request, kind="mail.template.remove"):
    """Domains keep the limits that it filled in."""

    name: str


@dataclass(frozen=True)
class SetManagers(OnMail, kind="mail.domain.managers"):
    """Who may manage the domain in Mailu's own pages: all of them, as they are to be."""

    domain: str
    managers: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "domain", plain_domain(self.domain))
        object.__setattr__(self, "managers", tuple(dict.fromkeys(map(plain_address, self.managers))))


@dataclass(frozen=True)
class RemoveDomain(OnMail, kind="mail.domain.remove"):
    """With its mailboxes and aliases; the folders of mail stay on the server."""

    domain: str
    typed_name: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "domain", plain_domain(self.domain))
        object.__setattr__(self, "typed_name", plain_domain(self.typed_name))


@dataclass(frozen=True)
class NewMailbox:
    """``password_ref`` is where its first password lies; it is forgotten once the mailbox has it."""

    local_part: str
    password_ref: str
    display_name: str = ""
    quota_bytes: int | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "local_part", self.local_part.strip().lower())


@dataclass(frozen=True)
class AddMailboxes(OnMail, kind="mail.mailbox.add"):
    """One or many of one domain. ``must_change``: whoever logs in first chooses another password."""

    domain: str
    mailboxes: tuple[NewMailbox, ...]
    must_change: bool = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "domain", plain_domain(self.domain))


@dataclass(frozen=True)
class OnAddress(OnMail):
    """A request about one address of a mail server."""

    address: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "address", plain_address(self.address))


@dataclass(frozen=True)
class SetMailbox(OnAddress, kind="mail.mailbox.set"):
    """What is None stays as it is; ``no_quota`` takes the quota away, ``forwards_to`` empty ends the forwarding."""

    display_name: str | None = None
    quota_bytes: int | None = None
    no_quota: bool = False
    is_enabled: bool | None = None
    forwards_to: tuple[str, ...] | None = None
    keeps_copy: bool | None = None
    replies: bool | None = None
    reply_subject: str | None = None
    reply_body: str | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.forwards_to is not None:
            object.__setattr__(self, "forwards_to", tuple(dict.fromkeys(map(plain_address, self.forwards_to))))


@dataclass(frozen=True)
class ResetPassword(OnAddress, kind="mail.mailbox.password"):
    """Another password; sessions of the webmail end with it, app tokens are deleted where ``ends_tokens``."""

    password_ref: str
    must_change: bool = True
    ends_tokens: bool = True


@dataclass(frozen=True)
class EndTokens(OnAddress, kind="mail.mailbox.tokens"):
    """Delete every app token of a mailbox: a device that was lost cannot log in any more."""


@dataclass(frozen=True)
class AddToken(OnAddress, kind="mail.token.add"):
    """A new app token, for use from ``networks``, none: from anywhere. ``key_ref`` is where the key lies that its
    secret is handed over with (:mod:`backend.core.secrets.one_time`); it is forgotten once that is sealed.
    """

    key_ref: str
    comment: str = ""
    networks: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "comment", self.comment.strip())
        object.__setattr__(self, "networks", tuple(dict.fromkeys(map(plain_network, self.networks))))


@dataclass(frozen=True)
class NewToken(Result):
    """What came of it: its number, and its secret, sealed with the key that the request names."""

    token_id: str
    sealed: str


@dataclass(frozen=True)
class RemoveToken(OnAddress, kind="mail.token.remove"):
    """One app token, by its number; the one that was meant has this ``comment``, since Mailu gives numbers again."""

    token_id: str
    comment: str = ""


@dataclass(frozen=True)
class RemoveMailbox(OnAddress, kind="mail.mailbox.remove"):
    """Its folder of mail stays on the server."""

    typed_name: str = ""

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "typed_name", plain_address(self.typed_name))


@dataclass(frozen=True)
class SetAlias(OnAddress, kind="mail.alias.set"):
    """An alias as it is to be, new or not. ``is_wildcard``: ``%`` stands for any letters, ``_`` for any one."""

    destinations: tuple[str, ...]
    is_wildcard: bool = False
    comment: str = ""

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "destinations", tuple(dict.fromkeys(map(plain_address, self.destinations))))


@dataclass(frozen=True)
class RemoveAlias(OnAddress, kind="mail.alias.remove"):
    """Mail to it is refused from then on."""


@dataclass(frozen=True)
class OnRelay(OnMail):
    """A request about a domain whose mail a server hands on."""

    name: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", plain_domain(self.name))


@dataclass(frozen=True)
class SetRelay(OnRelay, kind="mail.relay.set"):
    """Another next hop, or another comment; ``next_hop`` is as :mod:`backend.mailu.next_hop` says, empty: the MX."""

    next_hop: str = ""
    comment: str = ""

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "next_hop", plain_hop(self.next_hop))


@dataclass(frozen=True)
class AddRelay(SetRelay, kind="mail.relay.add"):
    """A relayed domain for ``client``, the agency itself by default."""

    client: UUID | None = None


@dataclass(frozen=True)
class RemoveRelay(OnRelay, kind="mail.relay.remove"):
    """Mail for it is refused from then on."""
