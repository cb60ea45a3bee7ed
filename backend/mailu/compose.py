"""The compose file: one value from the settings, nothing read and nothing asked (compose-spec.io)."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

from backend.mailu.services import ROOT, services_of

if TYPE_CHECKING:
    from backend.mailu.services import Service
    from backend.mailu.settings import MailSettings

ENV_FILE = "mailu.env"
HEAD = "# Written by Mailyard for Mailu {version}. Images are pinned: a pull changes nothing by itself.\n"
#: Networks of their own; those that reach nothing outside are internal.
INTERNAL = frozenset({"oletools"})
Node = dict[str, object]


def compose(settings: MailSettings) -> Node:
    """The document as plain values."""
    services = services_of(settings)
    networks: Node = {"default": _default_network(settings)}
    for name in sorted({name for service in services for name in service.networks}):
        networks[name] = {"driver": "bridge", **({"internal": True} if name in INTERNAL else {})}
    return {
        "services": {service.name: _service(service, settings) for service in services},
        "networks": networks,
    }


def compose_text(settings: MailSettings) -> str:
    """The same as YAML."""
    return document_text(compose(settings), settings.mailu_version)


def document_text(document: Node, version: str) -> str:
    """A document as it lies on the server."""
    import yaml

    text: str = yaml.safe_dump(document, sort_keys=False, default_flow_style=False, width=200)
    return HEAD.format(version=version) + text


def _service(service: Service, settings: MailSettings) -> Node:
    node: Node = {"image": service.pinned(settings.mailu_version), "restart": "always"}
    if service.host_name:
        node["hostname"] = service.host_name
    if service.reads_env:
        node["env_file"] = ENV_FILE
    if service.logs_to_journal:
        node["logging"] = {"driver": "journald", "options": {"tag": f"mailu-{service.name}"}}
    if service.name == "front":
        node["ports"] = [f"0.0.0.0:{port}:{port}" for port in sorted(settings.ports)]
    if service.volumes:
        node["volumes"] = [f"{ROOT}/{folder}:{to}{':ro' if is_read else ''}" for folder, to, is_read in service.volumes]
    if service.name == "resolver":
        node["networks"] = {"default": {"ipv4_address": settings.resolver_address}}
    elif service.networks:
        node["networks"] = [*(() if service.is_apart else ("default",)), *service.networks]
    after = (*service.after, *(("resolver",) if service.asks_resolver else ()))
    if after:
        node["depends_on"] = list(after)
    if service.asks_resolver:
        node["dns"] = [settings.resolver_address]
    return node


def _default_network(settings: MailSettings) -> Node:
    subnet = str(ipaddress.ip_network(settings.subnet))
    return {"driver": "bridge", "ipam": {"driver": "default", "config": [{"subnet": subnet}]}}
