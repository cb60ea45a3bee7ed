"""A host with Docker: a real engine on the disk itself, whose images go with snapshots and come back with them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.lab.authority import lab_authority
from tests.lab.base import ensure_base
from tests.lab.client import Client, LabError
from tests.lab.flavours import docker
from tests.lab.hosts import LabHost
from tests.lab.mail.stack import wait_for_engine
from tests.lab.nodes.packages import WITHOUT_DOCKER
from tests.lab.nodes.plan import RESOLVER
from tests.lab.shell import Shell

pytestmark = pytest.mark.lab

#: The one program of the smallest image there can be; it says its version.
IMPORT = "tar -ch -C /usr/bin docker-init | docker import - tiny:1"
RUN = "docker run --rm --network none tiny:1 /docker-init --version"
#: As docs.docker.com says, for Debian 12.
INSTALL = """set -e
install -m 0755 -d /etc/apt/keyrings
curl -fsSL https://download.docker.com/linux/debian/gpg -o /etc/apt/keyrings/docker.asc
from='deb [arch=amd64 signed-by=/etc/apt/keyrings/docker.asc] https://download.docker.com/linux/debian'
echo "$from bookworm stable" > /etc/apt/sources.list.d/docker.list
apt-get -q update
DEBIAN_FRONTEND=noninteractive apt-get -q -y install docker-ce docker-ce-cli containerd.io docker-compose-plugin
"""
INSTALL_S = 600.0


def test_an_engine_and_its_images_go_with_snapshots(lab: Client, lab_host: Callable[..., LabHost]) -> None:
    base = str(ensure_base(docker()))
    first = lab_host("first", base=base, memory_mb=1024, disk_mb=2048)
    with _engine(first) as shell:
        assert shell.read("docker info --format '{{.Driver}}'") == "overlay2"
        assert shell.read("docker compose version --short") == "2.40.3"
        shell.read(f"{IMPORT}; {RUN}")
        _trusts_the_lab(shell)
        assert shell.run("which fail2ban-client nft iptables openssl").code == 0
        shell.read("systemctl stop docker.socket docker containerd; sync")
    lab.snapshot("first", "engine")

    second = lab_host("second", image="engine", memory_mb=1024, disk_mb=2048)
    with _engine(second) as shell:
        assert shell.read(RUN).startswith("tini version")
    with _engine(first, start=True) as shell:
        shell.read("docker rmi tiny:1")
    lab.restore("first", "engine")
    with _engine(first) as shell:
        assert shell.read(RUN).startswith("tini version")


@pytest.mark.usefixtures("packages")
def test_an_engine_comes_from_dockers_own_repository(lab_host: Callable[..., LabHost]) -> None:
    host = lab_host("bare", base=str(ensure_base(docker())), memory_mb=1024, disk_mb=2048, resolver=RESOLVER)
    with _engine(host) as shell:
        shell.read(WITHOUT_DOCKER)
        assert shell.run("which docker dockerd containerd runc").output == ""

        shell.read(INSTALL, INSTALL_S)

        wait_for_engine(shell)
        assert shell.read("docker compose version --short") == "2.40.3"
        shell.read(f"{IMPORT}; {RUN}")


def test_a_snapshot_outlives_its_lab_in_a_folder(lab: Client, lab_host: Callable[..., LabHost], tmp_path: Path) -> None:
    host = lab_host("kept")
    with host.shell() as shell:
        shell.read("cloud-init status --wait; echo kept > /root/note; echo kept > /var/lib/docker/note; sync")
    lab.snapshot("kept", "to keep")
    lab.export("to keep", tmp_path / "exported")
    lab.delete("kept")

    again = lab_host("again", image=str(tmp_path / "exported"))

    with again.shell() as shell:
        assert shell.read("cat /root/note /var/lib/docker/note").split() == ["kept", "kept"]
        assert shell.read("hostname") == "again"
    lab.snapshot("again", "upon another")
    with pytest.raises(LabError, match="lies upon other snapshots, or they upon it"):
        lab.export("upon another", tmp_path / "again")


def test_a_host_asks_the_resolver_it_was_ordered_with(lab_host: Callable[..., LabHost]) -> None:
    with lab_host("asks", resolver="10.77.8.8").shell() as shell:
        assert shell.read("cat /etc/resolv.conf") == "nameserver 10.77.8.8"
    with lab_host("silent").shell() as shell:
        assert shell.read("cat /etc/resolv.conf") == ""


def _engine(host: LabHost, *, start: bool = False) -> Shell:
    shell = host.shell()
    if start:
        shell.read("systemctl start docker")
    wait_for_engine(shell)
    return shell


def _trusts_the_lab(shell: Shell) -> None:
    pair = lab_authority().issue("ghcr.io")
    shell.read(f"cat > /root/pair.pem <<'END'\n{pair.certificate}END")
    assert shell.read("openssl verify /root/pair.pem") == "/root/pair.pem: OK"
