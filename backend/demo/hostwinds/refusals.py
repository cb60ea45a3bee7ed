"""How the API refuses: its entries, and the refusals whose words nobody has written down."""

from __future__ import annotations

from typing import Any

from backend.demo.emulator.routes import Refusal
from backend.demo.emulator.wire import Answer

Record = dict[str, Any]

#: Titles that are more than the call's name in capitals; the spelling is the service's.
TITLES = {
    "change_main_ip": "Change Main IP",
    "recreate": "Rercreate",
    "set_rdns": "Set rDNS",
    "set_instance_firewall": "Set Instance Firewall Profile",
}
#: The places in the service's code where a server is asked for and not named.
CODES = {"toggle_lock": ("Service Id is required.", "5529903"), "upgrade_server": ("", "721334")}
NO_SERVER = "A valid serviceid is required."
HOURLY = "Hourly products are disabled! Please contact customer service."
PLACE = ("Location Id is invalid.", "342432")

SERVERS = "You have reached the maximum number of servers for this account."
SLOWER = "Too many requests. Please try again later."
LOCKED = "Service is locked."
BUSY = "Server is busy with another task."
PLAN = "Resource Id is invalid."
SYSTEM = "Template is invalid."
KEY = "SSH key is invalid."
OPEN = "An upgrade order is already open."
NO_ORDER = "No upgrade order found."
UNPAID = "The upgrade invoice is not paid."
SMALLER = "The disk of the new plan is smaller."
NO_RESIZE = "The server is not resized."
ADDRESS = "IP address is invalid."
PROFILE = "Firewall profile is invalid."
PERIOD = "Period is invalid."

#: Refusals that no source gives in words. What is assumed here says so; it must never carry a decision of a client.
ASSUMED = "words assumed"
BEYOND_THE_DOCUMENT = (
    (f"the limit of servers: '{SERVERS}'", f"accounts have limits; {ASSUMED}"),
    (f"too many calls: '{SLOWER}'", f"a client in use tries again on such words; {ASSUMED}"),
    (f"a locked server terminated: '{LOCKED}'", f"client repository's API file of 2025-11-18; {ASSUMED}"),
    (f"a task beside another: '{BUSY}'", f"OpenStack refuses it; {ASSUMED}"),
    (f"an unknown plan: '{PLAN}'", f"by analogy with an unknown place; {ASSUMED}"),
    (f"an unknown system: '{SYSTEM}'", f"by analogy with an unknown place; {ASSUMED}"),
    (f"an unknown login key: '{KEY}'", f"by analogy with an unknown place; {ASSUMED}"),
    (f"a second upgrade order: '{OPEN}'", f"documentation: one open order for a server; {ASSUMED}"),
    (f"an upgrade before it is paid: '{UNPAID}'", f"documentation: applies after the invoice is paid; {ASSUMED}"),
    (f"an upgrade that was not ordered: '{NO_ORDER}'", f"follows from the order of the calls; {ASSUMED}"),
    (f"a plan with a smaller disk: '{SMALLER}'", f"OpenStack refuses it; {ASSUMED}"),
    (f"a confirmation of nothing: '{NO_RESIZE}'", f"documentation: only in RESIZED; {ASSUMED}"),
    (f"the reverse name of a strange address: '{ADDRESS}'", ASSUMED),
    (f"an unknown firewall profile: '{PROFILE}'", ASSUMED),
    (f"charts of an unknown period: '{PERIOD}'", f"the four periods are documented; {ASSUMED}"),
)


def title_of(action: str) -> str:
    return TITLES.get(action) or action.replace("_", " ").title()


def error(action: str, words: str, code: str = "") -> Refusal:
    entry: Record = {"result": "error", "action": title_of(action), "message": words}
    return Refusal(Answer(200, entry | ({"ERROR": code} if code else {})))


def no_server(action: str) -> Refusal:
    """A missing, an unknown and another account's server are told alike."""
    words, code = CODES.get(action, ("", ""))
    return error(action, words or NO_SERVER, code)


def unknown_action() -> Refusal:
    return Refusal(Answer(200, {"result": "error", "message": "Invalid Action.", "ERROR": "6734"}))


def stranger(status: int) -> Refusal:
    return Refusal(Answer(status, {"result": "error", "action": "Authorization", "message": "Not Authorized!"}))


def not_emulated(action: str) -> Refusal:
    """The service would do it; we do not pretend to."""
    words = f"This emulator does not know: {action}"
    return Refusal(Answer(501, {"result": "error", "action": title_of(action), "message": words}))
