"""How the API refuses: its error bodies, and the refusals the official document does not spell out."""

from __future__ import annotations

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


class Refusal(Exception):
    """The request is answered with an error."""

    def __init__(self, status: int, error_id: str, message: str) -> None:
        super().__init__(message)
        self.answer = Answer(status, {"id": error_id, "message": message})


def not_found() -> Refusal:
    return Refusal(404, "not_found", "The resource you were accessing could not be found.")


def unprocessable(message: str) -> Refusal:
    return Refusal(422, "unprocessable_entity", message)


def unauthorized() -> Refusal:
    return Refusal(401, "unauthorized", "Unable to authenticate you")


def forbidden() -> Refusal:
    return Refusal(403, "forbidden", "You do not have access for the attempted action.")
