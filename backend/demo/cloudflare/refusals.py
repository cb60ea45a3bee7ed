"""How the API refuses: its error bodies, and the refusals the official document does not spell out."""

from __future__ import annotations

from backend.demo.emulator.routes import Refusal
from backend.demo.emulator.wire import Answer

VALIDATION = (1004, "DNS Validation Error")
TTL = (9021, "TTL must be between 60 and 86400 seconds, or 1 for Automatic.")
HOST_HELD = (81053, "An A, AAAA, or CNAME record with that host already exists.")
ALIAS_HELD = (81054, "A CNAME record with that host already exists.")
IDENTICAL = (81058, "An identical record already exists.")
NO_RECORD = (81044, "Record does not exist.")
BAD_TOKEN = (1000, "Invalid API Token")
NO_TOKEN = (9106, "Missing X-Auth-Key, X-Auth-Email or Authorization headers")
STRANGE_TOKEN = (9109, "Invalid access token")
MAY_NOT = (10000, "Authentication error")
NO_ROUTE = "Could not route to {path}, perhaps your object identifier is invalid?"
TOO_MANY = "Please wait and consider throttling your request speed"
ISSUES = "answers quoted in threads of public clients"
#: Refusals of the live service that the OpenAPI document does not know, with where they were seen.
BEYOND_THE_DOCUMENT = (
    ("a record that is there already: 400 81058", "github jeessy2/ddns-go issue 1378"),
    ("an address beside an alias: 400 81054", "github favonia/cloudflare-ddns issue 990"),
    ("an alias beside an address: 400 81053", ISSUES),
    ("a TTL of 30 s: 400 1004, chain 9021", "github timothymiller/cloudflare-ddns issue 179"),
    ("an address that is none: 400 1004, chain 9005", ISSUES),
    ("a record that is gone: 404 81044", ISSUES),
    ("an unknown zone: 404 7003", "OpenAPI document, its example"),
    ("an unknown token: 403 9109", ISSUES),
    ("a token that may not work with the zone: 403 10000", ISSUES),
    ("a batch of more than 200: 400", "developers.cloudflare.com, batch record changes (words and code assumed)"),
    ("a text of more than 2048 octets: 400", "developers.cloudflare.com, TXT records (words and code assumed)"),
)


def validation(code: int, words: str) -> Refusal:
    """What is wrong with a record stands in a chain below the error."""
    return refusal(400, *VALIDATION, chain=[{"code": code, "message": words}])


def not_found(path: str) -> Refusal:
    return refusal(404, 7003, NO_ROUTE.format(path=path.removeprefix("/client/v4")))


def too_many(seconds: float) -> Refusal:
    answer = refusal(429, 971, TOO_MANY).answer
    return Refusal(Answer(answer.status, answer.body, {"retry-after": str(max(1, round(seconds)))}))


def refusal(status: int, code: int, words: str, *, chain: list[dict[str, object]] | None = None) -> Refusal:
    error = {"code": code, "message": words, **({"error_chain": chain} if chain else {})}
    return Refusal(Answer(status, {"success": False, "errors": [error], "messages": [], "result": None}))
