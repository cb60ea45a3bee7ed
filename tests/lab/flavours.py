"""Roots besides the plain one: hosts with Docker's engine, and what the containers of the mail stack are made of."""

from __future__ import annotations

from pathlib import Path

from tests.lab.authority import lab_authority
from tests.lab.base import BaseFailed
from tests.lab.recipe import DISABLED, HOST_FILES, MASKED, PLAIN_PACKAGES, SUITE, Flavour

#: The engine, and what is found beside it on a server that a person set up.
DOCKER_PACKAGES = ("docker.io", "openssl", "nftables", "iptables", "fail2ban", "python3-systemd")
#: What is a package of its own since Debian 13.
SPLIT_OFF = ("docker-cli",)
#: Servers of mail and the web, what the stand-ins for Mailu's programs import, and what their containers check them by.
STAND_IN_PACKAGES = (
    *("ca-certificates", "curl", "iproute2", "netbase", "openssl", "procps", "psmisc", "bind9-dnsutils", "unbound"),
    *("python3", "python3-bcrypt", "python3-cryptography", "python3-dnspython", "python3-idna", "python3-passlib"),
    *("python3-yaml", "redis-server", "rspamd", "nginx", "libnginx-mod-mail"),
    *("postfix", "postfix-lmdb", "postfix-pcre", "libsasl2-modules"),
    *("dovecot-imapd", "dovecot-lmtpd", "dovecot-pop3d", "dovecot-submissiond", "dovecot-auth-lua"),
    *("dovecot-sieve", "dovecot-managesieved", "roundcube-core", "roundcube-sqlite3", "php-fpm"),
)
#: Debian 12 has no ``docker compose``; packaging/set_up.py puts the real one there.
COMPOSE = Path(__file__).parents[2] / ".cache/compose/docker-compose"
COMPOSE_PLUGIN = "usr/libexec/docker/cli-plugins/docker-compose"
AUTHORITY = "usr/local/share/ca-certificates/mailyard-lab.crt"
#: It finds no log on a Debian without rsyslog: who wants it must say where to look.
NOT_STARTED = ("fail2ban.service",)


def docker(suite: str = SUITE) -> Flavour:
    """A host that runs containers, and trusts the lab's certificate authority.

    :raises BaseFailed: there is no compose to put into it.
    """
    if not COMPOSE.exists():
        raise BaseFailed(f"there is no {COMPOSE}: make test gets it")
    return Flavour(
        "docker" if suite == SUITE else f"docker-{suite}",
        (*PLAIN_PACKAGES, *DOCKER_PACKAGES, *(() if suite == SUITE else SPLIT_OFF)),
        MASKED,
        (*DISABLED, *NOT_STARTED),
        {**HOST_FILES, AUTHORITY: lab_authority().pair.certificate},
        {COMPOSE_PLUGIN: COMPOSE},
        (("update-ca-certificates",),),
        suite,
    )


def stand_ins() -> Flavour:
    """What the containers of the mail stack are made of; no host."""
    return Flavour(
        "stand-ins",
        STAND_IN_PACKAGES,
        files={AUTHORITY: lab_authority().pair.certificate},
        commands=(("update-ca-certificates",),),
    )
