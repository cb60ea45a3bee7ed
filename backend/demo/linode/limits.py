"""How often a token may call: each kind of call has a limit of its own."""

from __future__ import annotations

from collections.abc import Mapping

from backend.demo.emulator.meter import Meter, Window
from backend.demo.emulator.wire import Request

#: https://techdocs.akamai.com/linode-api/reference/rate-limits (2026-09-15)
LISTS, IMAGE_LISTS = Window("lists", 60, 200), Window("image_lists", 60, 20)
ORDERS, OTHERS = Window("orders", 15, 20), Window("others", 60, 1_600)
LISTED = (
    "/v4/linode/instances",
    "/v4/linode/types",
    "/v4/regions",
    "/v4/regions/availability",
    "/v4/account/events",
    "/v4/account/invoices",
    "/v4/profile/tokens",
    "/v4/networking/reserved/ips",
    "/v4/networking/reserved/ips/types",
    "/v4/networking/firewalls",
    "/v4/domains",
)
#: Ends of the paths of lists that belong to one thing.
LISTED_OF_ONE = ("/disks", "/devices", "/firewalls", "/records")


class Limits:
    """The meters by the names of their windows; for the account as a whole."""

    def __init__(self) -> None:
        self._meters = {window.name: Meter(window) for window in (LISTS, IMAGE_LISTS, ORDERS, OTHERS)}

    def wait_s(self, request: Request) -> float:
        """Count a call and return 0; when it is one too many, the seconds until there is room."""
        return self._meters[_kind(request)].wait_s()

    def headers(self, request: Request) -> dict[str, str]:
        kind = _kind(request)
        meter = self._meters[kind]
        return {"x-ratelimit-limit": str(meter.most(kind)), "x-ratelimit-remaining": str(meter.left(kind))}

    def change(self, limits: Mapping[str, int]) -> None:
        """Other limits by the windows' names, counted from now."""
        for name, most in limits.items():
            self._meters[name].change({name: most})

    def reset(self) -> None:
        for meter in self._meters.values():
            meter.reset()


def _kind(request: Request) -> str:
    if request.method == "POST" and request.path == "/v4/linode/instances":
        return ORDERS.name
    if request.method == "GET" and request.path == "/v4/images":
        return IMAGE_LISTS.name
    if request.method == "GET" and (request.path in LISTED or request.path.endswith(LISTED_OF_ONE)):
        return LISTS.name
    return OTHERS.name
