"""What mailu.env says, with the values that Mailu takes where it says nothing."""

from __future__ import annotations

import os
from pathlib import Path

DEFAULTS = {
    "ADMIN": "none",
    "API": "false",
    "API_TOKEN": "",
    "AUTH_RATELIMIT_EXEMPTION": "",
    "AUTH_RATELIMIT_EXEMPTION_LENGTH": "86400",
    "AUTH_RATELIMIT_IP": "5/hour",
    "AUTH_RATELIMIT_IP_V4_MASK": "24",
    "AUTH_RATELIMIT_USER": "50/day",
    "AUTH_REQUIRE_TOKENS": "false",
    "COMPRESSION": "",
    "CREDENTIAL_ROUNDS": "12",
    "DEFAULT_QUOTA": "1000000000",
    "DEFAULT_SPAM_THRESHOLD": "80",
    "DEFER_ON_TLS_ERROR": "true",
    "DKIM_PATH": "/dkim/{domain}.{selector}.key",
    "DKIM_SELECTOR": "dkim",
    "DMARC_RUA": "",
    "DMARC_RUF": "",
    "INBOUND_TLS_ENFORCE": "false",
    "MESSAGE_RATELIMIT": "200/day",
    "MESSAGE_RATELIMIT_EXEMPTION": "",
    "MESSAGE_SIZE_LIMIT": "50000000",
    "OUTBOUND_TLS_LEVEL": "dane",
    "PORTS": "25,80,443,465,993,995,4190",
    "POSTMASTER": "postmaster",
    "RECIPIENT_DELIMITER": "",
    "REJECT_UNLISTED_RECIPIENT": "",
    "RELAYHOST": "",
    "RELAYNETS": "",
    "SECRET_KEY": "changeMe",
    "SQLITE_DATABASE_FILE": "data/main.db",
    "SUBNET": "192.168.203.0/24",
    "TLS_CERT_FILENAME": "cert.pem",
    "TLS_FLAVOR": "cert",
    "TLS_KEYPAIR_FILENAME": "key.pem",
    "WEBMAIL": "none",
    "WEBROOT_REDIRECT": "",
    "WEB_ADMIN": "/admin",
    "WEB_API": "/api",
    "WEB_WEBMAIL": "/webmail",
    "WILDCARD_SENDERS": "",
}
#: Names of the other containers, which Mailu's images carry in their environment.
ADMIN, FRONT, IMAP, SMTP, REDIS, ANTISPAM, WEBMAIL = (
    os.environ.get(f"{name}_ADDRESS", name.lower())
    for name in ("ADMIN", "FRONT", "IMAP", "SMTP", "REDIS", "ANTISPAM", "WEBMAIL")
)


def setting(name: str) -> str:
    """Its value; a ``NAME_FILE`` wins over ``NAME``."""
    file = os.environ.get(f"{name}_FILE")
    if file:
        return Path(file).read_text().strip()
    return os.environ.get(name, DEFAULTS.get(name, ""))


def is_on(name: str) -> bool:
    return setting(name).lower() in ("true", "yes")


def listed(name: str) -> list[str]:
    """The parts of a value with commas."""
    return [part.strip() for part in setting(name).split(",") if part.strip()]


def host_name() -> str:
    """The server's first name, by which others know it."""
    return listed("HOSTNAMES")[0]


def open_ports() -> set[int]:
    """What front listens on: three ports cannot be switched off. Names are cut at commas and not trimmed, so that one
    behind a blank stays shut (core/base/libs/socrate/socrate/system.py).
    """
    return {int(name) for name in setting("PORTS").split(",") if name.isdecimal()} | {25, 465, 993}


def advised_ports() -> set[int]:
    """What the API advises clients to use; here names are trimmed (models.py)."""
    return {int(name) for name in listed("PORTS") if name.isdecimal()} | {25, 465, 993}


def resolver() -> str:
    """The address of the first name server this container has."""
    lines = Path("/etc/resolv.conf").read_text().splitlines()
    return next(line.split()[1] for line in lines if line.startswith("nameserver"))
