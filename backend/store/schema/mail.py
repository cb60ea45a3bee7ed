"""The mail servers of the agency, and what a client owns on them: domains, mailboxes, aliases, app tokens, relays."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import (
    JSON,
    BigInteger,
    ColumnElement,
    Date,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    Text,
    Uuid,
    or_,
)
from sqlalchemy import UniqueConstraint as Unique
from sqlalchemy.orm import Mapped, mapped_column

from backend.store.schema.base import TOLD, Base, Said, ScopeLike, UtcTime
from backend.store.schema.fleet import used_now

#: Where they lie on a server that Mailyard set up (backend/mailu/services.py).
ENV_FILE, ROOT = "/opt/mailu/mailu.env", "/mailu"


class MailServer(Base):
    """Mailu on a server, as we set it up or found it. ``state`` is installing, running, upgrading, stopped or
    removed.

    ``settings`` is a :class:`backend.mailu.settings.MailSettings` as JSON, None for what was adopted unread.
    ``sends`` says how mail leaves: direct, smart_host, no or unknown, ``sends_note`` why. ``certificate`` is the PEM of
    the pair that front was given, empty where Mailyard gave it none; ``certificate_kind`` self_signed or authority.
    ``files`` are those of the compose ``project``, ``env_file`` what its containers read, ``root`` the folder of what
    they keep. ``api_token_since`` and ``admin_since`` None: as long as it is installed.

    ``files_accepted``, ``files_seen`` and ``files_before`` are digests of what these say
    (:mod:`backend.mail.files.watch`), the last with ``files_job``, the job that was writing into them.
    """

    __tablename__ = "mail_server"
    kept_because = "one row a mail server there ever was: jobs and domains name it"
    __table_args__ = (ForeignKeyConstraint(["tenant_id", "server_id"], ["server.tenant_id", "server.id"]),)
    announced_as = "mail"
    only_age = frozenset({"seen_at"})

    server_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    state: Mapped[str] = mapped_column(String(20))
    is_adopted: Mapped[bool] = mapped_column(default=False)
    version: Mapped[str] = mapped_column(String(40), info=TOLD)
    host_name: Mapped[str] = mapped_column(String(253))
    settings: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    project: Mapped[str] = mapped_column(String(80))
    files: Mapped[list[str]] = mapped_column(JSON, default=list)
    env_file: Mapped[str] = mapped_column(String(300), default=ENV_FILE, server_default=ENV_FILE)
    root: Mapped[str] = mapped_column(String(300), default=ROOT, server_default=ROOT)
    api_token_ref: Mapped[str | None] = mapped_column(String(200))
    admin_ref: Mapped[str | None] = mapped_column(String(200))
    api_token_since: Mapped[datetime | None] = mapped_column(UtcTime)
    admin_since: Mapped[datetime | None] = mapped_column(UtcTime)
    certificate: Mapped[str] = mapped_column(Text, default="")
    certificate_kind: Mapped[str] = mapped_column(String(20), default="self_signed")
    sends: Mapped[str] = mapped_column(String(20), default="unknown")
    sends_note: Mapped[str] = mapped_column(Said, default="", info=TOLD)
    installed_at: Mapped[datetime | None] = mapped_column(UtcTime)
    seen_at: Mapped[datetime | None] = mapped_column(UtcTime)
    files_accepted: Mapped[dict[str, str] | None] = mapped_column(JSON(none_as_null=True))
    files_seen: Mapped[dict[str, str] | None] = mapped_column(JSON(none_as_null=True))
    files_before: Mapped[dict[str, str] | None] = mapped_column(JSON(none_as_null=True))
    files_job: Mapped[UUID | None] = mapped_column(Uuid)

    @classmethod
    def visible_to(cls, scope: ScopeLike) -> ColumnElement[bool]:
        return or_(cls.owned_by(scope), used_now(cls.tenant_id, cls.server_id, scope))


class Domain(Base):
    """A mail domain of one client; two clients of one server never see each other's. Limits None: none."""

    __tablename__ = "domain"
    kept_because = "one row a domain of a client"
    __table_args__ = (
        Unique("tenant_id", "name"),
        ForeignKeyConstraint(["server_tenant_id", "server_id"], ["server.tenant_id", "server.id"]),
    )
    announced_as = "domains"
    only_age = frozenset({"seen_at"})

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    name: Mapped[str] = mapped_column(String(253))
    server_tenant_id: Mapped[UUID | None] = mapped_column(Uuid)
    server_id: Mapped[UUID | None] = mapped_column(Uuid)
    comment: Mapped[str] = mapped_column(Text, default="", server_default="", info=TOLD)
    max_mailboxes: Mapped[int | None] = mapped_column(Integer)
    max_aliases: Mapped[int | None] = mapped_column(Integer)
    max_quota_bytes: Mapped[int | None] = mapped_column(BigInteger)
    alternatives: Mapped[list[str]] = mapped_column(JSON, default=list, server_default="[]")
    managers: Mapped[list[str]] = mapped_column(JSON, default=list, server_default="[]")
    created_at: Mapped[datetime] = mapped_column(UtcTime)
    seen_at: Mapped[datetime | None] = mapped_column(UtcTime)
    gone_at: Mapped[datetime | None] = mapped_column(UtcTime)


class _OfDomain(Base):
    """What a domain has, by its address. ``told_by`` are the columns that tell two of one domain apart."""

    __abstract__ = True
    told_by: ClassVar[tuple[str, ...]] = ("address",)
    announced_as = "domains"
    only_age = frozenset({"seen_at"})

    domain_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    address: Mapped[str] = mapped_column(String(320), primary_key=True)
    comment: Mapped[str] = mapped_column(Text, default="", info=TOLD)
    seen_at: Mapped[datetime] = mapped_column(UtcTime)


class Mailbox(_OfDomain):
    """A mailbox as its server last told it. ``quota_bytes`` None: none; ``forward`` and ``reply`` are as the API's."""

    __tablename__ = "mailbox"
    kept_because = "one row a mailbox there is: it goes when its server no longer tells of it"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "domain_id"], ["domain.tenant_id", "domain.id"]),
        Index("ix_mailbox_address", "address"),
    )

    display_name: Mapped[str] = mapped_column(String(200), default="", info=TOLD)
    quota_bytes: Mapped[int | None] = mapped_column(BigInteger)
    used_bytes: Mapped[int] = mapped_column(BigInteger, default=0)
    is_enabled: Mapped[bool] = mapped_column(default=True)
    must_change_password: Mapped[bool] = mapped_column(default=False)
    is_admin: Mapped[bool] = mapped_column(default=False)
    forwards_to: Mapped[list[str]] = mapped_column(JSON, default=list)
    is_forwarding: Mapped[bool] = mapped_column(default=False)
    keeps_copy: Mapped[bool] = mapped_column(default=True)
    replies: Mapped[bool] = mapped_column(default=False)
    reply_subject: Mapped[str] = mapped_column(String(300), default="", info=TOLD)
    reply_body: Mapped[str] = mapped_column(Text, default="", info=TOLD)
    spam_threshold: Mapped[int | None] = mapped_column(Integer)


class MailAlias(_OfDomain):
    """An alias as its server last told it."""

    __tablename__ = "mail_alias"
    kept_because = "one row an alias there is: it goes when its server no longer tells of it"
    __table_args__ = (ForeignKeyConstraint(["tenant_id", "domain_id"], ["domain.tenant_id", "domain.id"]),)

    destinations: Mapped[list[str]] = mapped_column(JSON, default=list)
    is_wildcard: Mapped[bool] = mapped_column(default=False)


class AppToken(_OfDomain):
    """A password of a mailbox for one device, as its server last told it: by its number there, without its secret."""

    __tablename__ = "app_token"
    told_by = ("address", "token_id")
    kept_because = "one row an app token there is: it goes when its server no longer tells of it"
    __table_args__ = (ForeignKeyConstraint(["tenant_id", "domain_id"], ["domain.tenant_id", "domain.id"]),)

    token_id: Mapped[str] = mapped_column(String(20), primary_key=True)
    networks: Mapped[list[str]] = mapped_column(JSON, default=list)
    created_on: Mapped[date | None] = mapped_column(Date)


#: What goes with its domain.
OF_DOMAIN = (Mailbox, MailAlias, AppToken)


class MailRelay(Base):
    """A domain of a client whose mail a server hands on, as its server last told it; ``seen_at`` None: it is to be made
    for them. ``next_hop`` is as :mod:`backend.mailu.next_hop` says.
    """

    __tablename__ = "mail_relay"
    kept_because = "one row a relay there is: it goes when its server no longer tells of it"
    __table_args__ = (ForeignKeyConstraint(["server_tenant_id", "server_id"], ["server.tenant_id", "server.id"]),)
    announced_as = "domains"
    only_age = frozenset({"seen_at"})

    server_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    name: Mapped[str] = mapped_column(String(253), primary_key=True)
    server_tenant_id: Mapped[UUID] = mapped_column(Uuid)
    next_hop: Mapped[str] = mapped_column(String(300), default="", info=TOLD)
    comment: Mapped[str] = mapped_column(Text, default="", info=TOLD)
    seen_at: Mapped[datetime | None] = mapped_column(UtcTime)
