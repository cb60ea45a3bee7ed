"""What the API refuses of addresses, firewalls and charts, in its own words; how, is in :mod:`.refusals`."""

from __future__ import annotations

from backend.demo.linode.refusals import LINODEGO

STATS = "Stats are unavailable at this time."
NO_MORE_ADDRESSES = (
    "Additional Reserved IPv4 addresses require technical justification. "
    "Please contact support describing your requirement."
)
ONLY_ADDRESS = "Linodes must have at least one public IPv4 address"
NO_ADDRESS_LEFT = "All Linodes involved must have at least one public IPv4 address after assignment"
NOT_IN_REGION = "All IPs and Linodes must exist in this Region"
FIREWALL_TAKEN = "Label must be unique among your Cloud Firewalls"
FIREWALL_LABEL = "Length must be 3-32 characters"
HAS_FIREWALL = "Linode already has an enabled Firewall"
NO_STATUS = "Must be one of enabled, disabled"
NO_POLICY = "Must be one of ACCEPT, DROP"
NO_PROTOCOL = "Must be one of TCP, UDP, ICMP, IPENCAP"
NO_PORTS = "Ports are not allowed for {protocol} protocols"
PORTS = "Must be ports of 1-65535, ranges of them, or a list of both"
NO_ADDRESSES = "Must contain ipv4, ipv6, or both, and neither empty"
NETWORK = "Must be a network in IP/mask format"
RULES = "A Firewall may have up to 25 rules"

#: Refusals of the live service that the OpenAPI document does not know, with where they were seen.
BEYOND_THE_DOCUMENT = (
    (f"a chart of a new server: 400 {STATS}", "github linode/manager, queries of stats"),
    (f"the limit of addresses: 400 {NO_MORE_ADDRESSES}", LINODEGO),
    (f"a server's only address taken away: 400 {ONLY_ADDRESS}", "API reference, delete-linode-ip (words assumed)"),
    (f"the only address given to another: 400 {NO_ADDRESS_LEFT}", "API reference, post-assign-ips (words assumed)"),
    (
        f"an address for a server elsewhere: 400 assignments[0].address: {NOT_IN_REGION}",
        "API reference, post-assign-ips (words assumed)",
    ),
    (f"a firewall's label that is taken: 400 label: {FIREWALL_TAKEN}", "tests in github linode/linode-cli"),
    (f"a second firewall before a server: 400 {HAS_FIREWALL}", "API reference, post-firewall-device (words assumed)"),
    (
        f"ports of ICMP: 400 rules.inbound[0].ports: {NO_PORTS.format(protocol='ICMP')}",
        "API reference, post-firewalls (words assumed)",
    ),
    (f"ports that are none: 400 rules.inbound[0].ports: {PORTS}", "API reference, post-firewalls (words assumed)"),
    (
        f"a source that is no network: 400 rules.inbound[0].addresses.ipv4: {NETWORK}",
        "API reference, post-firewalls (words assumed)",
    ),
    (
        f"a rule for nobody: 400 rules.inbound[0].addresses: {NO_ADDRESSES}",
        "API reference, post-firewalls (words assumed)",
    ),
    (f"too many rules: 400 rules: {RULES}", "API reference, post-firewalls (words assumed)"),
)
