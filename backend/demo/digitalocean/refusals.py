"""How the API refuses: its error bodies, and the refusals the official document does not spell out."""

from __future__ import annotations

from backend.demo.emulator.routes import Refusal
from backend.demo.emulator.wire import Answer

#: Refusals of the live service that the OpenAPI document does not know, with where they were seen.
ISSUES = "public client issue threads"
BEYOND_THE_DOCUMENT = (
    (
        "a second key with the same public part: 422 'SSH Key is already in use on your account'",
        ISSUES,
    ),
    ("an action while another runs: 422 'Droplet already has a pending event.'", ISSUES),
    ("power_on of a running droplet: 422 'Droplet is already powered on.'", ISSUES),
    ("resize while powered on: 422 'Please power off the Droplet before resizing.'", "product documentation"),
    (
        "droplet limit: 422 'creating this/these droplet(s) will exceed your droplet limit'",
        ISSUES,
    ),
    ("user_data above 64 KiB: 422", "API reference, text of the field"),
)
#: The same about networks, each with its status; words that stand in no source are not quoted.
LIMITS = "product documentation, limits of reserved IPs and of firewalls (2026)"
OF_NETWORKS = (
    (
        "a change of an address while another is under way: 'The reserved IP already has a pending event.'",
        422,
        "https://github.com/digitalocean/doctl/issues/493",
    ),
    (
        "an address for a droplet that is busy: 'Droplet already has a pending event.'",
        422,
        "https://github.com/digitalocean/terraform-provider-digitalocean/issues/1034",
    ),
    ("a second address for a droplet", 422, LIMITS),
    ("more addresses than the account may hold", 422, LIMITS),
    ("an address for a droplet that is not there", 422, "the emulator's own"),
    ("an address for a droplet in another region", 422, "product documentation, availability of reserved IPs (2026)"),
    ("an address taken from no droplet", 422, "source of terraform-provider-digitalocean, which expects it"),
    (
        "a firewall of a name that is taken: 'duplicate name'",
        409,
        "https://github.com/harmony-one/harmony-ops/issues/390",
    ),
    ("a firewall named with an underscore", 422, "https://github.com/digitalocean/api-v2/issues/188"),
    (
        "a rule without ports: 'You must specify a positive value for ports.'",
        422,
        "https://github.com/digitalocean/doctl/issues/247",
    ),
    (
        "a rule about no address: 'invalid address'",
        422,
        "https://github.com/digitalocean/terraform-provider-digitalocean/issues/33",
    ),
    ("a firewall without rules", 422, "API reference, text of the call"),
    ("a firewall with 51 rules", 422, LIMITS),
    ("a firewall before a droplet that is not there", 422, "the emulator's own"),
)
#: The same about records of domains.
FOUND_OUT = "github StackExchange/dnscontrol, providers/digitalocean/auditrecords.go (words assumed)"
OF_DOMAINS = (
    (
        "a TTL below 30 s: 'record ttl must be greater than 30'",
        "https://github.com/Pelado-Nerdworks/peladonerd/pull/44",
    ),
    (
        "a name without its final dot: 'Data needs to end with a dot (.)'",
        "https://github.com/digitalocean/api-v2/issues/130",
    ),
    (
        "an alias beside another record: 'CNAME records cannot share a name with other records'",
        "https://github.com/kubernetes-sigs/external-dns/issues/4802",
    ),
    ("a text with a backslash", FOUND_OUT),
    ("an empty text", FOUND_OUT),
    ("a text of more than 512 octets as it is written", FOUND_OUT),
    ("an MX that takes no mail", FOUND_OUT),
    ("an authority with parameters", FOUND_OUT),
)


def not_found() -> Refusal:
    return _refusal(404, "not_found", "The resource you were accessing could not be found.")


def unprocessable(message: str) -> Refusal:
    return _refusal(422, "unprocessable_entity", message)


def bad_request(message: str) -> Refusal:
    return _refusal(400, "bad_request", message)


def conflict(message: str) -> Refusal:
    return _refusal(409, "conflict", message)


def unauthorized() -> Refusal:
    return _refusal(401, "unauthorized", "Unable to authenticate you")


def forbidden() -> Refusal:
    return _refusal(403, "forbidden", "You do not have access for the attempted action.")


def too_many(seconds: float) -> Refusal:
    body = {"id": "too_many_requests", "message": "API rate limit exceeded."}
    return Refusal(Answer(429, body, {"retry-after": str(max(1, round(seconds)))}))


def _refusal(status: int, error_id: str, message: str) -> Refusal:
    return Refusal(Answer(status, {"id": error_id, "message": message}))
