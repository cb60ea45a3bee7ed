"""How Amazon refuses: its bodies by service, and the refusals that moto does not know."""

from __future__ import annotations

import json
from uuid import uuid4
from xml.sax.saxutils import escape

from backend.demo.emulator.routes import Refusal
from backend.demo.emulator.wire import Answer
from tests.ec2.documents import STS
from tests.ec2.query import Call

XML, JSON = {"content-type": "text/xml;charset=UTF-8"}, {"content-type": "application/x-amz-json-1.1"}

VCPUS = (
    "You have requested more vCPU capacity than your current vCPU limit of {limit} allows for the instance bucket "
    "that the specified instance type belongs to. Please visit http://aws.amazon.com/contact-us/ec2-request to "
    "request an adjustment to this limit."
)
ERRORS = "docs.aws.amazon.com/ec2/latest/devguide/errors-overview.html"
#: Refusals of the live service that moto does not know, with where they were seen.
BEYOND_MOTO = (
    ("an unknown key or a wrong signature: 401 AuthFailure", ERRORS),
    ("the same at STS: 403 InvalidClientTokenId and SignatureDoesNotMatch", "STS API reference, common errors"),
    ("the same at the price list: 400 UnrecognizedClientException", "botocore issues, words of the service"),
    ("a signature older than 15 minutes: 400 RequestExpired", ERRORS),
    ("a policy that does not allow it: 403 UnauthorizedOperation", ERRORS),
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
    ("a call that is none: 400 InvalidAction", ERRORS),
)


def refused(call: Call, status: int, code: str, words: str) -> Refusal:
    return Refusal(answer(call, status, code, words))


def answer(call: Call, status: int, code: str, words: str) -> Answer:
    """The error body of the call's own service."""
    number = str(uuid4())
    if call.service == "pricing":
        return Answer(status, json.dumps({"__type": code, "message": words}), JSON)
    if call.service == "sts":
        error = f"<Error><Type>Sender</Type><Code>{code}</Code><Message>{escape(words)}</Message></Error>"
        return Answer(
            status, f'<ErrorResponse xmlns="{STS}">{error}<RequestId>{number}</RequestId></ErrorResponse>', XML
        )
    error = f"<Error><Code>{code}</Code><Message>{escape(words)}</Message></Error>"
    return Answer(status, f"<Response><Errors>{error}</Errors><RequestID>{number}</RequestID></Response>", XML)


def wrong_key(call: Call) -> Refusal:
    """Nobody has this access key."""
    if call.service == "sts":
        return refused(call, 403, "InvalidClientTokenId", "The security token included in the request is invalid.")
    if call.service == "pricing":
        words = "The security token included in the request is invalid."
        return refused(call, 400, "UnrecognizedClientException", words)
    return refused(call, 401, "AuthFailure", "AWS was not able to validate the provided access credentials")


def wrong_signature(call: Call) -> Refusal:
    """The secret is not that of the access key."""
    words = "The request signature we calculated does not match the signature you provided."
    if call.service == "sts":
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
        words = f"User: {arn} is not authorized to perform: pricing:{call.action}"
        return refused(call, 400, "AccessDeniedException", words)
    words = (
        "You are not authorized to perform this operation. "
        f"User: {arn} is not authorized to perform: {call.service}:{call.action}"
    )
    return refused(call, 403, "UnauthorizedOperation", words)


def too_many(call: Call) -> Answer:
    return answer(call, 503, "RequestLimitExceeded", "Request limit exceeded.")


def bad(call: Call, words: str, code: str = "InvalidParameterValue") -> Refusal:
    return refused(call, 400, code, words)
