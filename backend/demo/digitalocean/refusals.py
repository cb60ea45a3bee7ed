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
