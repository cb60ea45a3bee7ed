"""``docker compose config --format json`` of an emulated host: its files with everything expanded (compose-spec.io)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from backend.demo.fleet.hosted_mail import HostedMail


def description(mail: HostedMail, files: Mapping[str, str]) -> dict[str, Any]:
    """The document, secrets of mailu.env and all."""
    import yaml

    found = yaml.safe_load(files.get(mail.compose_file, "")) or {}
    env = {key: value.replace("$", "$$") for key, value in mail.environment.items()}
    return {"name": "mailu", "services": {name: _service(node, env) for name, node in found["services"].items()}}


def _service(node: Mapping[str, Any], env: Mapping[str, str]) -> dict[str, Any]:
    return {
        "image": node["image"],
        "environment": env if "env_file" in node else None,
        "ports": [_port(*each.split(":")) for each in node.get("ports", ())],
        "volumes": [_volume(*each.split(":")) for each in node.get("volumes", ())],
    }


def _port(ip: str, outside: str, inside: str) -> dict[str, Any]:
    return {"mode": "ingress", "host_ip": ip, "target": int(inside), "published": outside, "protocol": "tcp"}


def _volume(source: str, target: str, mode: str = "") -> dict[str, Any]:
    return {"type": "bind", "source": source, "target": target, **({"read_only": True} if mode == "ro" else {})}
