"""The containers of Mailu 2024.06: which image each runs, where it keeps what, on which networks it is."""

from __future__ import annotations

from dataclasses import dataclass

from backend.mailu.settings import MailSettings

REGISTRY = "ghcr.io/mailu"
#: The name of the compose project. Always given to compose, which does not read it from mailu.env.
PROJECT = "mailu"
#: Where compose file and mailu.env lie, and what the containers keep.
FOLDER, ROOT = "/opt/mailu", "/mailu"


@dataclass(frozen=True)
class Service:
    """One container. ``image`` is Mailu's own (pinned to its version) unless it names a registry or a tag itself.

    ``volumes`` are (folder under the root, place in the container, read only); ``networks`` beside the default one,
    ``is_apart``: it is on those alone. ``reads_env``: mailu.env is its environment.
    """

    name: str
    image: str
    volumes: tuple[tuple[str, str, bool], ...] = ()
    after: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()
    is_apart: bool = False
    reads_env: bool = True
    logs_to_journal: bool = True
    asks_resolver: bool = True
    host_name: str = ""

    def pinned(self, version: str) -> str:
        return self.image if ":" in self.image else f"{REGISTRY}/{self.image}:{version}"


_CORE = (
    Service("redis", "redis:alpine", (("redis", "/data", False),), reads_env=False, logs_to_journal=False),
    Service("resolver", "unbound", asks_resolver=False),
    Service("admin", "admin", (("data", "/data", False), ("dkim", "/dkim", False)), after=("redis",)),
    Service("imap", "dovecot", (("mail", "/mail", False), ("overrides/dovecot", "/overrides", True)), after=("front",)),
    Service(
        "smtp",
        "postfix",
        (("mailqueue", "/queue", False), ("overrides/postfix", "/overrides", True)),
        after=("front",),
    ),
)


def services_of(settings: MailSettings) -> tuple[Service, ...]:
    """What runs for these settings, front first."""
    has_webmail, scans = settings.webmail != "none", settings.scans_macros
    front = Service(
        "front",
        "nginx",
        (("certs", "/certs", False), ("overrides/nginx", "/overrides", True)),
        networks=("webmail",) if has_webmail else (),
    )
    filters = (*(("oletools",) if scans else ()), *(("antivirus",) if settings.has_antivirus else ()))
    antispam = Service(
        "antispam",
        "rspamd",
        (("filter", "/var/lib/rspamd", False), ("overrides/rspamd", "/overrides", True)),
        after=("front", "redis", *filters),
        networks=tuple("clamav" if name == "antivirus" else name for name in filters),
        host_name="antispam",
    )
    return (front, *_CORE, antispam, *_optional(settings))


def _optional(settings: MailSettings) -> tuple[Service, ...]:
    found = list[Service]()
    if settings.scans_macros:
        found.append(
            Service(
                "oletools", "oletools", networks=("oletools",), is_apart=True, reads_env=False, host_name="oletools"
            )
        )
    if settings.has_antivirus:
        found.append(
            Service(
                "antivirus",
                "clamav/clamav-debian:1.4",
                (("clamav", "/var/lib/clamav", False),),
                networks=("clamav",),
                is_apart=True,
                reads_env=False,
                asks_resolver=False,
            )
        )
    if settings.webmail != "none":
        found.append(
            Service(
                "webmail",
                "webmail",
                (("webmail", "/data", False), (f"overrides/{settings.webmail}", "/overrides", True)),
                after=("front",),
                networks=("webmail",),
                is_apart=True,
                asks_resolver=False,
            )
        )
    return tuple(found)


def folders_of(settings: MailSettings) -> tuple[str, ...]:
    """Every folder under the root that a container is given, in order."""
    return tuple(sorted({folder for service in services_of(settings) for folder, _to, _is_read in service.volumes}))
