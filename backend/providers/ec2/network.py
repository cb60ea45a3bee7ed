"""The security group that lets in what a mail server needs, one in each region we order in."""

from __future__ import annotations

import threading
from contextlib import suppress

from backend.core.errors import ProviderRefused, ProviderUnavailable
from backend.core.present.text import _
from backend.core.rest.values import record
from backend.providers.ec2.error_codes import SERVICE, AlreadySo
from backend.providers.ec2.offers import filters
from backend.providers.ec2.parsing import amazons_form, tags
from backend.providers.ec2.rules import permissions, wanted
from backend.providers.ec2.wire import Ec2Wire
from backend.providers.network import MAIL
from backend.providers.ports import OUR_TAG
from backend.wires.aws.wire import Answer

GROUP = "mailyard"
#: On a group from when it is made until its rules are in.
HALF_MADE = f"{OUR_TAG}:half-made"
#: What a group says of itself. Amazon does not take one that says nothing.
ABOUT = "for servers of Mailyard"


class Network:
    """Where new servers stand. Thread-safe."""

    def __init__(self, wire: Ec2Wire) -> None:
        self._wire = wire
        self._lock = threading.Lock()

    def group(self, region: str) -> str:
        """The id of our group, made when it is not there: by one order, the others wait for it.

        Rules are put in once, when it is made: whoever narrowed or removed them meant it. One that still says that it
        is half made has none yet, or was left before it could be told so.

        :raises ProviderRefused: there is no default network to make it in, or its name is taken by somebody else.
        """
        with self._lock:
            network = self._default_network(region)
            found = self._ours(region, network) or self._make(region, network)
            number = str(record(SERVICE, found, "GroupId")["GroupId"])
            if HALF_MADE in tags(found):
                self._finish(region, number, has_rules=bool(found.get("IpPermissions")))
            return number

    def _default_network(self, region: str) -> str:
        found = list(self._wire.pages("describe_vpcs", region, "Vpcs", Filters=filters(is_default="true")))
        if not found:
            raise ProviderRefused(
                _("There is no default network in {region}.").format(region=region),
                remedy=_("Create one at Amazon, in the VPC console under Actions > Create default VPC, then retry."),
            )
        return str(record(SERVICE, found[0], "VpcId")["VpcId"])

    def _ours(self, region: str, network: str) -> Answer | None:
        """A network has one group of a name at most."""
        wanted = {"group-name": GROUP, "vpc-id": network}
        groups = self._wire.pages("describe_security_groups", region, "SecurityGroups", Filters=filters(**wanted))
        found = next(groups, None)
        if found is not None and OUR_TAG not in tags(found):
            raise ProviderRefused(
                _("The security group {name} in {region} was not created by Mailyard.").format(
                    name=GROUP, region=region
                ),
                remedy=_(
                    "Remove it at Amazon, in the EC2 console under Security Groups. If it was created for "
                    "Mailyard, add the tag {tag} to it instead: its rules stay unchanged."
                ).format(tag=OUR_TAG),
                detail=str(found.get("GroupId") or ""),
            )
        return found

    def _make(self, region: str, network: str) -> Answer:
        """Marked as half made, so that whoever finds it so can finish it. A second one of this name Amazon refuses."""
        tags = amazons_form(GROUP, [OUR_TAG, HALF_MADE])
        try:
            answer = made_group(self._wire, region, network, GROUP, tags)
        except AlreadySo as error:
            return self._of_another_process(region, network, error)
        return {"GroupId": answer.get("GroupId"), "Tags": tags}

    def _of_another_process(self, region: str, network: str, error: AlreadySo) -> Answer:
        found = self._ours(region, network)
        if found is None:  # Amazon's answers are not all of one moment
            raise ProviderUnavailable(
                _("{service} does not list its resources yet.").format(service=SERVICE),
                remedy=_("Mailyard retries automatically."),
                detail=error.detail,
            ) from error
        return found

    def _finish(self, region: str, number: str, *, has_rules: bool) -> None:
        """Rules go in all at once or not at all."""
        if not has_rules:
            with suppress(AlreadySo):
                needed = permissions(wanted(MAIL))
                self._wire.call("authorize_security_group_ingress", region, GroupId=number, IpPermissions=needed)
        self._wire.call("delete_tags", region, Resources=[number], Tags=[{"Key": HALF_MADE}])


def made_group(wire: Ec2Wire, region: str, network: str, name: str, tags: list[dict[str, str]]) -> Answer:
    """A security group that lets in nothing yet, and everything out.

    :raises AlreadySo: the network has one of this name.
    """
    return wire.call(
        "create_security_group",
        region,
        GroupName=name,
        Description=ABOUT,
        VpcId=network,
        TagSpecifications=[{"ResourceType": "security-group", "Tags": tags}],
    )
