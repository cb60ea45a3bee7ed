"""What the API refuses of addresses, firewalls and charts, in its own words; how, is in :mod:`.refusals`."""

from __future__ import annotations

from backend.demo.linode.refusals import (
    LENGTH,
    LINODEGO,
    NO_BOOLEAN,
    NO_INTEGER,
    NO_LIST,
    NO_OBJECT,
    NO_SUCH_FIELD,
    NO_SUCH_KIND,
    NO_TEXT,
    REQUIRED,
)

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
NEWER_KIND = (
    "Linode is using Linode Interfaces. "
    "Please apply Cloud Firewall to the interfaces of the Linode instead of directly to the Linode."
)
INTERFACE_HAS_FIREWALL = "Linode Interface already has an enabled Firewall"
NO_VLAN = "Firewalls cannot be applied to VLAN interfaces"
OLDER_KIND = "Linode is using Legacy Config Interfaces"
ONE_KIND = "Must contain one of public, vpc, vlan"
NOT_OFF = "Linode must be powered off"
SECOND_OF_KIND = "Only one interface of this kind is allowed"
VLAN_TWICE = "Must be unique among the Linode's interfaces"
INTERFACES = "A Linode may have up to 3 interfaces"
NO_STATUS = "Must be one of enabled, disabled"
NO_POLICY = "Must be one of ACCEPT, DROP"
NO_SETTING = "Must be one of the interface settings"
NO_PROTOCOL = "Must be one of TCP, UDP, ICMP, IPENCAP"
NO_PORTS = "Ports are not allowed for {protocol} protocols"
PORTS = "Must be ports of 1-65535, ranges of them, or a list of both"
NETWORKS = "A rule may have up to 255 addresses or networks"
VLAN_LABEL = "Must contain only ASCII letters, numbers and hyphens"
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

#: The same of servers with the newer interfaces, which came after the document.
OF_INTERFACES = (
    (
        f"a firewall before a server with the newer interfaces: 400 {NEWER_KIND}",
        "github linode/cluster-api-provider-linode, pull request 1127",
    ),
    (
        f"a second firewall before an interface: 400 {INTERFACE_HAS_FIREWALL}",
        "API reference, post-firewall-device (words assumed)",
    ),
    (f"a firewall before a VLAN: 400 {NO_VLAN}", "API reference, post-linode-interface (words assumed)"),
    (f"interfaces of an older server: 400 {OLDER_KIND}", "API reference, get-linode-interfaces (words assumed)"),
    (f"an interface of no kind: 400 {ONE_KIND}", "API reference, post-linode-interface (words assumed)"),
    (f"an interface for a server that runs: 400 {NOT_OFF}", "API reference, post-linode-interface (words assumed)"),
    (
        f"a second interface to the public network: 400 public: {SECOND_OF_KIND}",
        "API reference, post-linode-interface (words assumed)",
    ),
    (f"a VLAN twice: 400 vlan.vlan_label: {VLAN_TWICE}", "API reference, post-linode-interface (words assumed)"),
    (f"too many interfaces: 400 {INTERFACES}", "API reference, post-linode-interface (words assumed)"),
    (
        f"a kind of interfaces that the account may not have: 400 interface_generation: {NO_SUCH_KIND}",
        "API reference, post-linode-instance (words assumed)",
    ),
    (
        f"a setting that is none: 400 interfaces_for_new_linodes: {NO_SETTING}",
        "API reference, put-account-settings (words assumed)",
    ),
    (
        f"a VPC without a subnet: 400 vpc.subnet_id: {REQUIRED.format(name='subnet_id')}",
        "API reference, post-linode-interface (words assumed)",
    ),
    (
        f"a subnet that is no number: 400 vpc.subnet_id: {NO_INTEGER}",
        "API reference, post-linode-interface (words assumed)",
    ),
    (f"a VPC that is a list: 400 vpc: {NO_OBJECT}", "API reference, post-linode-interface (words assumed)"),
    (
        f"an unknown field of a VPC: 400 vpc.colour: {NO_SUCH_FIELD}",
        "API reference, post-linode-interface (words assumed)",
    ),
    (
        f"a public network that is a list: 400 public: {NO_OBJECT}",
        "API reference, post-linode-interface (words assumed)",
    ),
    (
        f"a VLAN without a label: 400 vlan.vlan_label: {REQUIRED.format(name='vlan_label')}",
        "API reference, post-linode-interface (words assumed)",
    ),
    (
        f"a VLAN's label that is no text: 400 vlan.vlan_label: {NO_TEXT}",
        "API reference, post-linode-interface (words assumed)",
    ),
    (
        f"a VLAN's label that is empty: 400 vlan.vlan_label: {LENGTH.format(least=1, most=64)}",
        "API reference, post-linode-interface (words assumed)",
    ),
    (
        f"a VLAN's label with blanks: 400 vlan.vlan_label: {VLAN_LABEL}",
        "API reference, post-linode-interface (words assumed)",
    ),
    (f"a VLAN that is a list: 400 vlan: {NO_OBJECT}", "API reference, post-linode-interface (words assumed)"),
    (
        f"an unknown field of a VLAN: 400 vlan.colour: {NO_SUCH_FIELD}",
        "API reference, post-linode-interface (words assumed)",
    ),
    (
        f"an address without a mask in a VLAN: 400 vlan.ipam_address: {NETWORK}",
        "API reference, post-linode-interface (words assumed)",
    ),
    (
        f"an unknown field of an interface: 400 colour: {NO_SUCH_FIELD}",
        "API reference, post-linode-interface (words assumed)",
    ),
    (
        f"a default route that is a list: 400 default_route: {NO_OBJECT}",
        "API reference, post-linode-interface (words assumed)",
    ),
    (
        f"a default route that is no yes or no: 400 default_route.ipv4: {NO_BOOLEAN}",
        "API reference, post-linode-interface (words assumed)",
    ),
)

#: The same of what the document says of a firewall's rules, in words that it does not say.
OF_RULES = (
    (
        f"a rule's label that is too short: 400 rules.inbound[0].label: {LENGTH.format(least=3, most=32)}",
        "OpenAPI document, put-firewall-rules (words assumed)",
    ),
    (
        f"a rule's label that is too long: 400 rules.inbound[0].label: {LENGTH.format(least=3, most=32)}",
        "OpenAPI document, put-firewall-rules (words assumed)",
    ),
    (
        f"a rule's label that is no text: 400 rules.inbound[0].label: {NO_TEXT}",
        "OpenAPI document, put-firewall-rules (words assumed)",
    ),
    (
        f"a rule's description that is too long: 400 rules.inbound[0].description: {LENGTH.format(least=1, most=100)}",
        "OpenAPI document, put-firewall-rules (words assumed)",
    ),
    (
        f"an unknown field of a rule: 400 rules.inbound[0].colour: {NO_SUCH_FIELD}",
        "OpenAPI document, put-firewall-rules (words assumed)",
    ),
    (
        f"an unknown family of addresses: 400 rules.inbound[0].addresses.ipv5: {NO_SUCH_FIELD}",
        "OpenAPI document, put-firewall-rules (words assumed)",
    ),
    (
        f"an unknown field of rules: 400 rules.forward: {NO_SUCH_FIELD}",
        "OpenAPI document, put-firewall-rules (words assumed)",
    ),
    (f"a rule that is none: 400 rules.inbound[0]: {NO_OBJECT}", "OpenAPI document, put-firewall-rules (words assumed)"),
    (f"rules that are no list: 400 rules.inbound: {NO_LIST}", "OpenAPI document, put-firewall-rules (words assumed)"),
    (
        f"addresses that are no object: 400 rules.inbound[0].addresses: {NO_OBJECT}",
        "OpenAPI document, put-firewall-rules (words assumed)",
    ),
    (
        f"networks that are no list: 400 rules.inbound[0].addresses.ipv4: {NO_LIST}",
        "OpenAPI document, put-firewall-rules (words assumed)",
    ),
    (
        f"a network that is no text: 400 rules.inbound[0].addresses.ipv4: {NO_TEXT}",
        "OpenAPI document, put-firewall-rules (words assumed)",
    ),
    (
        f"ports that are a number: 400 rules.inbound[0].ports: {PORTS}",
        "OpenAPI document, put-firewall-rules (words assumed)",
    ),
    (
        f"too many networks: 400 rules.inbound[0].addresses: {NETWORKS}",
        "OpenAPI document, put-firewall-rules (words assumed)",
    ),
)
