"""How the API refuses: its error bodies, and the refusals the official document does not spell out."""

from __future__ import annotations

from backend.demo.emulator.routes import Refusal
from backend.demo.emulator.wire import Answer

LOCKED = "Server is currently locked"
#: The account's limits: told when a server is ordered, and by no other call.
TOO_MANY_SERVERS = "Server add failed: You have reached the maximum number of active instances for this account."
TOO_DEAR = (
    "Server add failed: You have reached the maximum monthly fee limit for this account. "
    "To deploy additional services, please request a limit increase."
)
NOT_THERE = "Server add failed: plan is not available in the selected region"
ONE_SYSTEM = "please provide only one os_id, app_id, or snapshot_id"

#: Refusals of the live service that the OpenAPI document does not know, with where they were seen.
MEASURED = "github ingvarch/tent, a client written against a live account in September 2026"
BEYOND_THE_DOCUMENT = (
    ("an unknown token: 401 'Invalid API token.'", MEASURED),
    (f"the limit of servers: 400 '{TOO_MANY_SERVERS}'", MEASURED),
    (f"the limit of fees: 400 '{TOO_DEAR}'", MEASURED),
    ("an unknown region: 400 'Invalid region.'", MEASURED),
    ("an unknown plan: 400 'Invalid plan chosen.'", "github vultr/terraform-provider-vultr issue 377"),
    (f"a plan the region does not have: 400 '{NOT_THERE}'", "deployment notes in public repositories, 2026-01-02"),
    ("neither system nor snapshot: 400 'Bad request.'", "github nanovms/ops pull request 1191"),
    (f"two things to start from: 400 '{ONE_SYSTEM}'", "github vultr/packer-plugin-vultr issue 105"),
    ("a snapshot id that is no UUID: 400 'Invalid UUID format.'", "github vultr/terraform-provider-vultr issue 110"),
    (
        "deleting a server something is done with: 500 'Unable to destroy server: Unable to remove VM: "
        "Server is currently locked'",
        "github vultr/ansible-collection-vultr issue 113",
    ),
    ("a smaller plan: 400 'Invalid plan chosen.'", "github squat/terraform-provider-vultr issue 59 (words assumed)"),
    ("an unknown system: 400 'Invalid os_id.'", "the fake of github ingvarch/tent (words assumed)"),
    ("an unknown login key: 400 'Invalid SSH key ID.'", "the fake of github ingvarch/tent (words assumed)"),
    (f"a snapshot of a locked server: 400 '{LOCKED}'", "by analogy with the deletion of one (words assumed)"),
    ("the reverse name of a strange address: 400 'Invalid IP address.'", "API reference, text of the call"),
    ("an IPv6 address in short form: 400 'Invalid IP address.'", "API reference: full, expanded format"),
)

STILL_THERE = "Floating IPv4 address is already attached to another server"
MAIN_ADDRESS = "Unable to detach subnet, please restart your server from the control panel"
TOO_MANY_ADDRESSES = "You have reached the maximum number of reserved IPs for this account."
TOO_MANY_RULES = "You have reached the maximum number of rules for this firewall group."
ELSEWHERE = "The reserved IP and the server are not in the same location."
TENT = "github ingvarch/tent, its fake of the service"
#: The same about reserved addresses and firewalls.
BEYOND_IN_NETWORKS = (
    ("an address of nobody: 400 'Invalid IP address.'", "by analogy with reverse names (words assumed)"),
    ("an address reserved twice: 400 'IP address is already reserved.'", "plain sense (words assumed)"),
    (f"the limit of addresses: 400 '{TOO_MANY_ADDRESSES}'", "by analogy with instances (words assumed)"),
    (f"an address of another region: 400 '{ELSEWHERE}'", "github rsp2k/mcp-vultr, reserved_ip_attach (words assumed)"),
    (
        f"an address another server has: 400 '{STILL_THERE}'",
        "github vultr/terraform-provider-vultr issue 77, of orders",
    ),
    (f"the main address of a server: 400 '{MAIN_ADDRESS}'", "github vultr/terraform-provider-vultr issue 348"),
    ("an address for no server: 400 'Invalid instance ID.'", "by analogy with snapshots (words assumed)"),
    ("a rule of no family: 400 'Invalid ip_type.'", TENT),
    ("a rule of no protocol: 400 'Invalid protocol.'", TENT),
    ("a rule with no network: 400 'Invalid subnet.'", "by analogy (words assumed)"),
    (
        "a rule with no port: 400 'Invalid port number - must be between 1 and 65535'",
        "github vultr/terraform-provider-vultr issue 2",
    ),
    ("a rule that is there: 400 'This rule is already defined'", "github glunk-works/bounty-infra, live in 2026"),
    (f"a rule too many: 400 '{TOO_MANY_RULES}'", TENT),
    ("a firewall that is not there: 400 'Invalid firewall group ID.'", f"{TENT}, of orders"),
    ("traffic of too many days: 400 'Invalid date_range.'", "API reference: 1 to 60 (words assumed)"),
)

DNS_ADD = "Unable to add record"
DNSCONTROL = "github StackExchange/dnscontrol, providers/vultr"
#: The same about zones and their records.
BEYOND_IN_DOMAINS = (
    ("an unknown zone: 404 'Invalid domain.'", "by analogy with other things (words assumed)"),
    ("a record that is gone: 404 'Invalid record ID.'", "by analogy with other things (words assumed)"),
    (
        f"a text without quotes: 400 '{DNS_ADD}: Record data must be enclosed in quotes'",
        "github DNSControl/dnscontrol issue 1240",
    ),
    ("a text with a quote inside: 400", f"{DNSCONTROL}, its audit (words assumed)"),
    ("an MX record of no mail: 400", f"{DNSCONTROL}, its audit (words assumed)"),
    ("a CAA record with a space: 400", f"{DNSCONTROL}, its audit (words assumed)"),
    ("an MX record without priority: 400", "OpenAPI document: required for MX and SRV (words assumed)"),
    ("a type that it does not have: 400", "OpenAPI document, its list (words assumed)"),
    ("an address that is none: 400", "plain sense (words assumed)"),
    ("an alias beside an address: 400", "RFC 1034 3.6.2 (words assumed)"),
    ("a record that is there already: 400", "plain sense (assumed)"),
)


def unauthorized() -> Refusal:
    return refusal(401, "Invalid API token.")


def forbidden() -> Refusal:
    return refusal(403, "Forbidden")


def not_found(what: str) -> Refusal:
    return refusal(404, f"Invalid {what} ID.")


def bad(words: str) -> Refusal:
    return refusal(400, words)


def too_many(seconds: float) -> Refusal:
    answer = refusal(429, "Rate limit exceeded").answer
    return Refusal(Answer(answer.status, answer.body, {"retry-after": str(max(1, round(seconds)))}))


def not_emulated(fields: set[str]) -> Refusal:
    """The service would do it; we do not pretend to."""
    return refusal(501, f"This emulator does not know: {', '.join(sorted(fields))}")


def refusal(status: int, words: str) -> Refusal:
    return Refusal(Answer(status, {"error": words, "status": status}))
