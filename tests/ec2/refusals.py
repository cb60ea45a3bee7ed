"""How Amazon refuses: its bodies by service, and the refusals that moto does not know."""

from __future__ import annotations

import json
from uuid import uuid4
from xml.sax.saxutils import escape

from backend.demo.emulator.routes import Refusal
from backend.demo.emulator.wire import Answer
from tests.ec2.documents import NAMESPACES
from tests.ec2.query import Call

XML, JSON = {"content-type": "text/xml;charset=UTF-8"}, {"content-type": "application/x-amz-json-1.1"}

VCPUS = (
    "You have requested more vCPU capacity than your current vCPU limit of {limit} allows for the instance bucket "
    "that the specified instance type belongs to. Please visit http://aws.amazon.com/contact-us/ec2-request to "
    "request an adjustment to this limit."
)
NO_STATE = "The {state} instance '{number}' is not in a valid state for this operation."
TOO_MANY_POINTS = (
    "You have requested up to {asked} datapoints, which exceeds the limit of {most}. You may reduce the datapoints "
    "requested by increasing Period, or decreasing the time range."
)
ERRORS = "docs.aws.amazon.com/ec2/latest/devguide/errors-overview.html"
#: Refusals of the live service that moto does not know, with where they were seen.
BEYOND_MOTO = (
    ("an unknown key or a wrong signature: 401 AuthFailure", ERRORS),
    ("the same at STS: 403 InvalidClientTokenId and SignatureDoesNotMatch", "STS API reference, common errors"),
    ("the same at the price list: 400 UnrecognizedClientException", "botocore issues, words of the service"),
    ("a signature older than 15 minutes: 400 RequestExpired", ERRORS),
    ("a policy that does not allow it: 403 UnauthorizedOperation", ERRORS),
    ("a policy of the organisation: the same, with its words", "aws-samples/aws-sts-network-query-tool issue 7"),
    ("a region that was never enabled: 401 OptInRequired", ERRORS),
    ("the same at the price list: 400 AccessDeniedException", "AWS Price List reference, common errors"),
    ("too many calls: 503 RequestLimitExceeded, without a header that says how long", ERRORS),
    (f"the limit of CPUs: 400 VcpuLimitExceeded '{VCPUS}'", "logs in public repositories"),
    ("user-data of more than 16 KB: 400 InvalidParameterValue", "EC2 user guide, user data"),
    ("another order under a used client token: 400 IdempotentParameterMismatch", ERRORS),
    ("a plan that is none: 400 InvalidParameterValue (for a change: InvalidInstanceAttributeValue)", ERRORS),
    ("another plan for a server that is not stopped: 400 IncorrectInstanceState", ERRORS),
    ("another root volume for a server that is not running: 400 IncorrectInstanceState", "text of the call"),
    ("another root volume from a snapshot of another disk: 400 InvalidParameterValue", "text of the call (assumed)"),
    ("a name that does not lead to the address: 400 InvalidParameterValue", "EC2 user guide (words assumed)"),
    ("more addresses than the account may have: 400 AddressLimitExceeded", "scylladb/scylla-cluster-tests issue 9503"),
    ("an address for a server that is being made: 400 InvalidInstanceID", "terraform-provider-aws pull request 3072"),
    ("an address that another server has, not to be taken: 400 Resource.AlreadyAssociated", ERRORS),
    ("an address released while a server has it: 400 InvalidIPAddress.InUse", "text of the call"),
    ("an address released with a reverse name: 400 InvalidAddress.PtrSet", "cloud-custodian pull request 8924"),
    ("a group deleted while a server has it: 400 DependencyViolation", "terraform-provider-aws issue 1671"),
    ("a group's name that begins with sg-: 400 InvalidParameterValue", "text of the call (words assumed)"),
    ("ports or a network that are none: 400 InvalidParameterValue", "logs in public repositories (words assumed)"),
    ("a rule that is there, and none of those beside it go in: 400 InvalidPermission.Duplicate", ERRORS),
    ("more than 60 rules of a family: 400 RulesPerSecurityGroupLimitExceeded", ERRORS),
    ("more than 1,440 points of CloudWatch: 400 InvalidParameterCombination", "cloud-custodian issue 7683"),
    ("a policy that does not allow it, at CloudWatch: 403 AccessDenied", "grafana issue 6327"),
    ("a call that is none: 400 InvalidAction", ERRORS),
)


def refused(call: Call, status: int, code: str, words: str) -> Refusal:
    return Refusal(answer(call, status, code, words))


def answer(call: Call, status: int, code: str, words: str) -> Answer:
    """The error body of the call's own service."""
    number = str(uuid4())
    if call.service == "pricing":
        return Answer(status, json.dumps({"__type": code, "message": words}), JSON)
    if call.service == "monitoring":  # its errors keep the names they had in the query protocol
        named = {"x-amzn-query-error": f"{code};Sender"}
        body = json.dumps({"__type": f"com.amazonaws.cloudwatch#{code}", "message": words})
        return Answer(status, body, {"content-type": "application/x-amz-json-1.0", **named})
    if space := NAMESPACES.get(call.service):
        error = f"<Error><Type>Sender</Type><Code>{code}</Code><Message>{escape(words)}</Message></Error>"
        return Answer(
            status, f'<ErrorResponse xmlns="{space}">{error}<RequestId>{number}</RequestId></ErrorResponse>', XML
        )
    error = f"<Error><Code>{code}</Code><Message>{escape(words)}</Message></Error>"
    return Answer(status, f"<Response><Errors>{error}</Errors><RequestID>{number}</RequestID></Response>", XML)


def wrong_key(call: Call) -> Refusal:
    """Nobody has this access key."""
    if call.service in ("sts", "monitoring", "route53"):
        return refused(call, 403, "InvalidClientTokenId", "The security token included in the request is invalid.")
    if call.service == "pricing":
        words = "The security token included in the request is invalid."
        return refused(call, 400, "UnrecognizedClientException", words)
    return refused(call, 401, "AuthFailure", "AWS was not able to validate the provided access credentials")


def wrong_signature(call: Call) -> Refusal:
    """The secret is not that of the access key."""
    words = "The request signature we calculated does not match the signature you provided."
    if call.service in ("sts", "monitoring", "route53"):
        return refused(call, 403, "SignatureDoesNotMatch", words)
    if call.service == "pricing":
        return refused(call, 400, "InvalidSignatureException", words)
    return wrong_key(call)


def expired(call: Call) -> Refusal:
    """The clock of the caller is off."""
    return refused(call, 400, "RequestExpired", "Request has expired.")


def may_not(call: Call, arn: str) -> Refusal:
    """The policy of the user does not name the call."""
    if call.service == "pricing":
        words = f"User: {arn} is not authorized to perform: {call.right}"
        return refused(call, 400, "AccessDeniedException", words)
    words = f"User: {arn} is not authorized to perform: {call.right}"
    if call.service in ("monitoring", "route53"):
        return refused(call, 403, "AccessDenied", words)
    return refused(call, 403, "UnauthorizedOperation", f"You are not authorized to perform this operation. {words}")


def closed(call: Call, arn: str, code: str) -> Refusal:
    """Nothing may be done in this region: an organisation forbids it, or the account never enabled it."""
    if code == "AuthFailure":
        return wrong_key(call)
    if code == "OptInRequired":
        words = "You are not subscribed to this service. Please go to http://aws.amazon.com to subscribe."
        return refused(call, 401, code, words)
    words = f"User: {arn} is not authorized to perform: {call.right} with an explicit deny in a service control policy"
    return refused(call, 403, code, f"You are not authorized to perform this operation. {words}")


def too_many(call: Call) -> Answer:
    if call.service in ("monitoring", "route53"):
        return answer(call, 400, "Throttling", "Rate exceeded")
    return answer(call, 503, "RequestLimitExceeded", "Request limit exceeded.")


def bad(call: Call, words: str, code: str = "InvalidParameterValue") -> Refusal:
    return refused(call, 400, code, words)
