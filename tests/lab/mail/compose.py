"""What a Mailu server is set up with: its compose file and its mailu.env, as Mailu's own set-up page writes them."""

from __future__ import annotations

import json
from collections.abc import Mapping

PROJECT = "mailu"
ROOT = "/mailu"
SUBNET, DNS = "192.168.203.0/24", "192.168.203.254"
PORTS = (80, 443, 25, 465, 587, 110, 995, 143, 993, 4190)
#: Image, folders it keeps, and what is started before it.
SERVICES: dict[str, tuple[str, tuple[str, ...], tuple[str, ...]]] = {
    "front": ("nginx", ("certs:/certs", "overrides/nginx:/overrides:ro"), ("resolver",)),
    "admin": ("admin", ("data:/data", "dkim:/dkim"), ("redis", "resolver")),
    "imap": ("dovecot", ("mail:/mail", "overrides/dovecot:/overrides:ro"), ("front", "resolver")),
    "smtp": ("postfix", ("mailqueue:/queue", "overrides/postfix:/overrides:ro"), ("front", "resolver")),
    "antispam": (
        "rspamd",
        ("filter:/var/lib/rspamd", "overrides/rspamd:/overrides:ro"),
        ("front", "redis", "resolver"),
    ),
    "webmail": ("webmail", ("webmail:/data", "overrides/roundcube:/overrides:ro"), ("front",)),
}
#: What the fixed host name of a service tells the others.
HOST_NAMES = {"antispam": "antispam"}
API_TOKEN = "lab-api-token-0123456789"
ENVIRONMENT = {
    "SECRET_KEY": "0123456789ABCDEF",
    "SUBNET": SUBNET,
    "DOMAIN": "lab.test",
    "HOSTNAMES": "mx1.lab.test",
    "POSTMASTER": "admin",
    "TLS_FLAVOR": "cert",
    "PORTS": "25,80,110,143,443,465,587,993,995,4190",
    "DISABLE_STATISTICS": "True",
    "ADMIN": "true",
    "WEBMAIL": "roundcube",
    "API": "true",
    "API_TOKEN": API_TOKEN,
    "WEBDAV": "none",
    "ANTIVIRUS": "none",
    "SCAN_MACROS": "false",
    "MESSAGE_SIZE_LIMIT": "50000000",
    "RECIPIENT_DELIMITER": "+",
    "DMARC_RUA": "admin",
    "DMARC_RUF": "admin",
    "WEBROOT_REDIRECT": "/webmail",
    "WEB_ADMIN": "/admin",
    "WEB_WEBMAIL": "/webmail",
    "WEB_API": "/api",
    # Tests come from one network; the limits are for those who ask for them.
    "AUTH_RATELIMIT_EXEMPTION": "10.77.0.0/16",
    # Passwords are hashed for tests, not for thieves.
    "CREDENTIAL_ROUNDS": "4",
}


def compose_file(version: str, webmail: str = "roundcube") -> str:
    """JSON, which is YAML. All images but Redis's are of one version."""
    services = {name: _service(name, version) for name in SERVICES if name != "webmail" or webmail != "none"}
    redis = {
        "image": "redis:alpine",
        "restart": "always",
        "volumes": [f"{ROOT}/redis:/data"],
        "depends_on": ["resolver"],
        "dns": [DNS],
    }
    resolver = {**_common("unbound", "resolver", version), "networks": {"default": {"ipv4_address": DNS}}}
    default = {"driver": "bridge", "ipam": {"driver": "default", "config": [{"subnet": SUBNET}]}}
    networks = {"default": default, **({"webmail": {"driver": "bridge"}} if webmail != "none" else {})}
    return json.dumps({"services": {"redis": redis, "resolver": resolver, **services}, "networks": networks}, indent=1)


def environment_file(changes: Mapping[str, str] | None = None) -> str:
    """mailu.env; what changes is the test's own business."""
    return "".join(f"{name}={value}\n" for name, value in {**ENVIRONMENT, **(changes or {})}.items())


def _service(name: str, version: str) -> dict[str, object]:
    image, folders, before = SERVICES[name]
    found: dict[str, object] = {
        **_common(image, name, version),
        "volumes": [f"{ROOT}/{folder}" for folder in folders],
        "depends_on": list(before),
    }
    if name in HOST_NAMES:
        found["hostname"] = HOST_NAMES[name]
    if name == "webmail":
        return {**found, "networks": ["webmail"]}
    if name == "front":
        found |= {"ports": [f"0.0.0.0:{port}:{port}" for port in PORTS], "networks": ["default", "webmail"]}
    return {**found, "dns": [DNS]}


def _common(image: str, name: str, version: str) -> dict[str, object]:
    return {
        "image": f"${{DOCKER_ORG:-ghcr.io/mailu}}/${{DOCKER_PREFIX:-}}{image}:${{MAILU_VERSION:-{version}}}",
        "restart": "always",
        "env_file": "mailu.env",
        "logging": {"driver": "journald", "options": {"tag": f"mailu-{name}"}},
    }
