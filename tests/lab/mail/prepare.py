"""Building all that tests of mail find in the cache, beforehand: it takes minutes, which no test has."""

from __future__ import annotations

from contextlib import closing

from tests.lab.base import ensure_base
from tests.lab.client import Client
from tests.lab.flavours import docker
from tests.lab.lifetime import up
from tests.lab.mail.images import ensure_images
from tests.lab.mail.snapshot import ensure_snapshot, snapshot_folder
from tests.lab.nodes.dns import start_dns
from tests.lab.nodes.packages import ensure_packages
from tests.lab.nodes.registry import start_registry
from tests.lab.nodes.servers import Servers
from tests.lab.recipe import NEXT_SUITE, SUITE


def prepare() -> None:
    """Roots, images, and in a lab of its own a mail server; quick when all is there. Moves this process into the lab.

    :raises BaseFailed: a root or an image could not be built. :raises LabError: the mail server could not.
    """
    ensure_base()
    for suite in (SUITE, NEXT_SUITE):
        ensure_base(docker(suite))
    ensure_packages()
    images = ensure_images()
    if snapshot_folder().exists():
        return
    lab = up()
    try:
        lab.owner.enter()
        with closing(Client.connect(lab.path)) as client:
            servers = Servers(client, lab.folder / "servers")
            start_dns(servers)
            start_registry(servers, images)
            ensure_snapshot(client)
    finally:
        lab.down()
