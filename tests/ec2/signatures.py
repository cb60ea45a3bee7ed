"""Whether a request was signed with the secret of its access key, by AWS's own rules (Signature Version 4)."""

from __future__ import annotations

import hmac
from datetime import UTC, datetime, timedelta

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from backend.demo.emulator.wire import Request
from tests.ec2.query import Call, call_in

LONGEST = timedelta(minutes=15)
MOMENT = "%Y%m%dT%H%M%SZ"


def is_signed(request: Request, secret: str) -> bool:
    """With this secret, over the headers the request names and its whole body."""
    call: Call = call_in(request)
    _algorithm, _space, rest = request.headers["authorization"].partition(" ")
    parts = dict(part.strip().split("=", 1) for part in rest.split(","))
    signed = {name: request.headers[name] for name in parts["SignedHeaders"].split(";") if name in request.headers}
    url = f"http://{request.headers['host']}{request.body['url']}"
    copy = AWSRequest(method=request.body["method"], url=url, headers=signed, data=request.body["raw"])
    copy.context["timestamp"] = request.headers.get("x-amz-date", "")
    signer = SigV4Auth(Credentials(call.access_key, secret), call.service, call.region)
    expected = signer.signature(signer.string_to_sign(copy, signer.canonical_request(copy)), copy)
    return hmac.compare_digest(str(expected), parts["Signature"])


def is_of_now(request: Request) -> bool:
    try:
        made = datetime.strptime(request.headers.get("x-amz-date", ""), MOMENT).replace(tzinfo=UTC)
    except ValueError:
        return False
    return abs(datetime.now(UTC) - made) < LONGEST
