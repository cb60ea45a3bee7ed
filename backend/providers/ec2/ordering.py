"""An order as Amazon takes it: image, disk, network and what keeps a repeated one from making a second server."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from backend.core.errors import NotFound, ProviderRefused, Refused
from backend.core.present.text import _
from backend.core.rest import refusals
from backend.core.rest.values import record
from backend.core.rest.wire import carried_out
from backend.providers.ec2 import parsing
from backend.providers.ec2.error_codes import SERVICE
from backend.providers.ec2.network import Network
from backend.providers.ec2.offers import Offers, ours
from backend.providers.ec2.wire import Ec2Wire
from backend.providers.ports import Order
from backend.wires.aws.wire import Answer

# https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-add-user-data.html: before it is encoded
MOST_USER_DATA = 16 * 1024


class Ordering:
    """Orders instances. Thread-safe."""

    def __init__(self, wire: Ec2Wire, offers: Offers, network: Network) -> None:
        self._wire = wire
        self._offers = offers
        self._network = network

    def place(self, order: Order) -> Answer:
        """The new instance, as Amazon tells of it.

        :raises Refused: the user-data is too long; nothing was sent.
        :raises ProviderRefused: region, plan or image are not on offer.
        """
        request = _request(order)
        if order.region not in self._offers.regions():
            raise refusals.refused(
                SERVICE, _("the account has no region {region}").format(region=order.region), "not listed"
            )
        request["BlockDeviceMappings"] = [self._disk(request, order)]
        request["SecurityGroupIds"] = [self._network.group(order.region)]
        try:
            answer = self._wire.call("run_instances", order.region, **request)
        except NotFound as error:  # what was ordered is not there: no server is lost
            remedy = _("Change the order and try again.")
            raise ProviderRefused(error.title, remedy=remedy, detail=error.detail) from error
        with carried_out():
            made = parsing.instances([answer])
            return record(SERVICE, next(iter(made), None), "InstanceId")

    def _disk(self, request: dict[str, Any], order: Order) -> Answer:
        """Names the image in the request; plans have no disk, so it is as large as we say."""
        image = self._offers.image(order.image, order.region)
        request["ImageId"] = str(image["ImageId"])
        size = {"VolumeSize": ours().disk_gb, "VolumeType": ours().disk_type, "DeleteOnTermination": True}
        return {"DeviceName": str(image.get("RootDeviceName") or "/dev/xvda"), "Ebs": size}


def _request(order: Order) -> dict[str, Any]:
    """All but image, disk and network. With the same token Amazon answers with the server it made before.

    What the server is told for its first boot holds secrets: asking for it takes a token of its own (IMDSv2), which a
    web page that can be made to fetch addresses does not get.
    """
    data = order.user_data.reveal()
    if len(data.encode()) > MOST_USER_DATA:
        raise Refused(
            _("The user data for the first boot is longer than {most} bytes.").format(most=MOST_USER_DATA),
            remedy=_("Amazon's limit: leave out what can be done after the first boot."),
        )
    tags = parsing.amazons_form(order.name, order.tags)
    request: dict[str, Any] = {
        "InstanceType": order.plan,
        "MinCount": 1,
        "MaxCount": 1,
        "UserData": data,
        "MetadataOptions": {"HttpTokens": "required"},
        "TagSpecifications": [{"ResourceType": kind, "Tags": tags} for kind in ("instance", "volume")],
    }
    if intent := parsing.intent_of(order.tags):
        request["ClientToken"] = UUID(intent).hex
    return request
