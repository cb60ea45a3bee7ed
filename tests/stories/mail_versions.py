"""Other versions of a mail server's images on a host of the lab: an older one that runs, and one that is broken."""

from __future__ import annotations

from uuid import UUID

from backend.mailu.services import REGISTRY
from backend.mailu.settings import VERSION
from tests.lab.hosts import LabHost
from tests.lab.mail.images import VERSIONS
from tests.lab.mail.stack import SHELL_S
from tests.stories.mail_hosts import MailAgency

OLDER, BROKEN = VERSIONS[0], "2024.06.99"
MAILU = "docker compose -p mailu -f /opt/mailu/docker-compose.yml"
#: As if it had been set up when this version was the newest: no image of the newer one is there.
RUN_OLDER = f"""set -e
sed -i 's/:{VERSION}$/:{OLDER}/' /opt/mailu/docker-compose.yml
{MAILU} pull -q
{MAILU} up -d
docker images --format '{{{{.Repository}}}}:{{{{.Tag}}}}' | grep ':{VERSION}$' | xargs docker image rm
"""
#: Each image under the tag of a version that is none; that of the filter ends at each start.
MAKE_BROKEN = f"""set -e
for name in $(docker images --format '{{{{.Repository}}}}' '{REGISTRY}/*' | sort -u); do
  docker tag $name:{VERSION} $name:{BROKEN}
done
docker create --name broken {REGISTRY}/rspamd:{VERSION} false
docker commit -c 'CMD ["false"]' broken {REGISTRY}/rspamd:{BROKEN}
docker rm broken
"""


def run_older(agency: MailAgency, host: LabHost, server: UUID) -> None:
    """And Mailyard knows it."""
    with host.shell() as shell:
        shell.read(RUN_OLDER, SHELL_S)
    agency.repository.has_version(server, OLDER)


def make_broken(host: LabHost) -> None:
    with host.shell() as shell:
        shell.read(MAKE_BROKEN, SHELL_S)


def version_of(host: LabHost) -> str:
    """What admin says of itself."""
    with host.shell() as shell:
        return shell.read(f"{MAILU} exec -T admin cat /version", SHELL_S)
