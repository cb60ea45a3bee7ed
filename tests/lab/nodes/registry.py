"""The lab's registry of container images, under the names of the real ones."""

from __future__ import annotations

import json
import ssl
import urllib.request
from pathlib import Path

from tests.lab.authority import lab_authority
from tests.lab.nodes.plan import REGISTRY, REGISTRY_NAMES, Node
from tests.lab.nodes.servers import Servers


def start_registry(servers: Servers, storage: Path, node: Node = REGISTRY, *, is_open: bool = False) -> None:
    """Serve the images in ``storage``, and take more where it ``is_open``: a folder that labs share must stay as it is.

    Whatever the name it is called by, it is the same registry.
    """
    authority, place = lab_authority(), servers.place(node)
    authority.issue(*REGISTRY_NAMES, node.ip).write(place)
    settings = {
        "version": "0.1",
        "log": {"level": "warn"},
        "storage": {
            "filesystem": {"rootdirectory": str(storage)},
            "maintenance": {"readonly": {"enabled": not is_open}},
        },
        "http": {
            "addr": f"{node.ip}:443",
            "tls": {"certificate": str(place / "cert.pem"), "key": str(place / "key.pem")},
        },
    }
    (place / "registry.yml").write_text(json.dumps(settings))  # JSON is YAML
    trust = ssl.create_default_context(cafile=authority.path)

    def answers() -> bool:
        with urllib.request.urlopen(f"https://{node.ip}/v2/", timeout=2, context=trust) as answer:
            return bool(answer.status == 200)

    servers.start(node, ["docker-registry", "serve", str(place / "registry.yml")], answers)
