"""How the API refuses: its error bodies, and the refusals the official document does not spell out."""

from __future__ import annotations

from backend.demo.emulator.routes import Refusal
from backend.demo.emulator.wire import Answer

BUSY = "Linode busy."
LIMIT = "Account Limit reached. Please open a support ticket."
NO_PLAN = "A valid plan type by that ID was not found"
NOT_THERE = "This plan is not available in the selected region"
NO_REGION = "region is not valid"
LABEL = "Label must begin and end with an alphanumeric character"
NO_IMAGE = "image is not valid"
TAKEN = "Label must be unique among your linodes"
PASSWORD = "Length must be 11-128 characters"  # noqa: S105 - what is said about one
REQUIRED = "{name} is required"
NO_PASSWORD = REQUIRED.format(name="root_pass")
LENGTH = "Length must be {least}-{most} characters"
TAG = LENGTH.format(least=3, most=50)
NO_OBJECT = "Must be of type Object"
NO_LIST = "Must be of type Array"
NO_TEXT = "Must be of type String"
NO_INTEGER = "Must be of type Integer"
NO_BOOLEAN = "Must be of type Boolean"
NO_SUCH_FIELD = "Unknown field"
USER_DATA = "Must not exceed 16384 bytes"
MAY_NOT = "Your OAuth token is not authorized to use this endpoint."
NO_LOOKUP = "We were unable to perform a lookup for '{name}' at this time."
NO_FORWARD = "No match was found for '{name}'. Reverse DNS must have a matching forward entry."
DISKS = "Linode has more disk allocated than the new plan allows"
BOOTED = "Linode is already booted"
OFFLINE = "Linode is not booted"
LARGE = "Image is larger than the disk of the Linode"
ALIAS = "Record conflict - CNAMES must be unique"
PROTOCOL = "Please select a valid protocol ('udp', 'tcp');"
NO_TARGET = "Invalid target"

NAME = "mail.acme.example"
NO_SUCH_KIND = "Not allowed by the account's interfaces_for_new_linodes setting"
LINODEGO = "recorded answers in github linode/linodego, test/integration/fixtures"
MANAGED = "tests against live accounts in github linode/linode-cli and linode/linode_api4-python"
#: Refusals of the live service that the OpenAPI document does not know, with where they were seen.
BEYOND_THE_DOCUMENT = (
    ("an unknown token: 401 Invalid Token", "github linode/cluster-api-provider-linode, its tests"),
    (f"a scope the token lacks: 401 {MAY_NOT}", "github linode/docs, and many clients"),
    (f"the limit of servers: 400 {LIMIT}", "github pulumi/templates issue 184"),
    (f"a server something is done with: 400 {BUSY}", LINODEGO),
    (f"an unknown plan: 400 type: {NO_PLAN}", MANAGED),
    (f"an unknown region: 400 region: {NO_REGION}", MANAGED),
    (f"a label that is taken: 400 label: {TAKEN}", "github linode/cluster-api-provider-linode, its tests"),
    (f"a tag that is too long: 400 tags: {TAG}", MANAGED),
    (f"a short root password: 400 root_pass: {PASSWORD}", "github mistio/mist-ce issue 1040"),
    ("a filter by what cannot be filtered: 400 X-Filter: Cannot filter on colour", LINODEGO),
    (f"a name that leads nowhere: 400 rdns: {NO_LOOKUP.format(name=NAME)}", "linode/linode_api4-python issue 75"),
    (f"a name that leads elsewhere: 400 rdns: {NO_FORWARD.format(name=NAME)}", "linode/linode_api4-python issue 78"),
    (f"an unknown system: 400 image: {NO_IMAGE}", "by analogy with the region (words assumed)"),
    (f"a system without a root password: 400 root_pass: {NO_PASSWORD}", "API reference (words assumed)"),
    (f"user data above 16 KiB: 400 metadata.user_data: {USER_DATA}", "API reference (words assumed)"),
    (f"a plan the region does not have: 400 type: {NOT_THERE}", "the list of availability (words assumed)"),
    (f"a plan smaller than the disks: 400 {DISKS}", "API reference, text of the call (words assumed)"),
    (f"booting a server that runs: 400 {BOOTED}", "by analogy with other providers (words assumed)"),
    (f"rebooting a server that is off: 400 {OFFLINE}", "by analogy with other providers (words assumed)"),
    (f"an image larger than the disk: 400 image: {LARGE}", "API reference, size of an image (words assumed)"),
)
#: The same about records of domains.
OF_DOMAINS = (
    (f"an alias beside another record: 400 name: {ALIAS}", "github kubernetes-sigs/external-dns issue 2499"),
    (f"a service by another protocol: 400 protocol: {PROTOCOL}", "github linode/linode_api4-python issue 171"),
    (
        f"an authority with parameters: 400 target: {NO_TARGET}",
        "github StackExchange/dnscontrol, providers/linode/auditrecords.go (words assumed)",
    ),
    ("a priority of more than 255: 400 priority: Must be 0-255", "OpenAPI document (words assumed)"),
    (f"a text that is empty: 400 target: {NO_TARGET}", "assumed"),
)


def unauthorized() -> Refusal:
    return refusal(401, "Invalid Token")


def forbidden() -> Refusal:
    """Told as a wrong token is."""
    return refusal(401, MAY_NOT)


def not_found() -> Refusal:
    return refusal(404, "Not found")


def busy() -> Refusal:
    return refusal(400, BUSY)


def bad(reason: str, field: str = "") -> Refusal:
    return refusal(400, reason, field)


def all_bad(errors: list[tuple[str, str]]) -> Refusal:
    """Several fields at once, each with its reason."""
    return Refusal(Answer(400, {"errors": [{"field": field, "reason": reason} for field, reason in errors]}))


def too_many(seconds: float) -> Refusal:
    answer = refusal(429, "Too many requests").answer
    return Refusal(Answer(answer.status, answer.body, {"retry-after": str(max(1, round(seconds)))}))


def not_emulated(fields: set[str]) -> Refusal:
    """The service would do it; we do not pretend to."""
    return refusal(501, f"This emulator does not know: {', '.join(sorted(fields))}")


def refusal(status: int, reason: str, field: str = "") -> Refusal:
    error = {"reason": reason, **({"field": field} if field else {})}
    return Refusal(Answer(status, {"errors": [error]}))
