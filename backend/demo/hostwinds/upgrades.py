"""Upgrade orders of the emulated account: invoiced, paid, applied, kept or taken back."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from backend.demo.emulator.state import State
from backend.demo.hostwinds import refusals
from backend.demo.hostwinds.catalogue import Catalogue
from backend.demo.hostwinds.clock import due_day
from backend.demo.hostwinds.refusals import error
from backend.demo.hostwinds.servers import Servers, size_of

Record = dict[str, Any]

FIRST_ORDER, FIRST_INVOICE = 5_400_100, 9_100_200


class Upgrades:
    """Owner of the orders' records, one for a server at most; a paid one stays until it is applied."""

    def __init__(self, state: State, catalogue: Catalogue, servers: Servers) -> None:
        self._state = state
        self._catalogue = catalogue
        self._servers = servers

    def order(self, fields: Record) -> None:
        """Despite its words the call makes an order and an invoice, and changes nothing yet."""
        server = self._servers.of(fields)
        if server["hourly"]:
            raise error("upgrade_instance", refusals.HOURLY)
        plan = self._catalogue.plan(fields.get("rid"))
        if plan is None:
            raise error("upgrade_instance", refusals.PLAN)
        if plan["disk"] < server["size"]["disk"]:
            raise error("upgrade_instance", refusals.SMALLER)
        dearer = self._catalogue.monthly(plan["rid"]) - self._catalogue.monthly(server["plan"])
        with self._state.change():
            if self._of(server) is not None:
                raise error("upgrade_instance", refusals.OPEN)
            number = self._state.next_number("order", FIRST_ORDER)
            order = {
                "id": number,
                "orderid": number,
                "invoiceid": self._state.next_number("invoice", FIRST_INVOICE),
                "duedate": due_day().isoformat(),
                "total": f"{max(Decimal(0), dearer):.2f}",
            }
            record = {"server": server["id"], "rid": plan["rid"], "is_paid": False, "order": order}
            self._state.put("upgrade", str(server["id"]), record)
            self._state.count("upgrades ordered")

    def open_order(self, fields: Record) -> Record | None:
        """What waits to be paid."""
        upgrade = self._of(self._servers.of(fields))
        return None if upgrade is None or upgrade["is_paid"] else dict(upgrade["order"])

    def pay(self, body: Record) -> None:
        """Control ``pay``: what a person does in the portal."""
        key = str(body["serviceid"])
        upgrade = self._state.get("upgrade", key)
        if upgrade is not None:
            self._state.put("upgrade", key, upgrade | {"is_paid": True})

    def cancel(self, body: Record) -> None:
        """Control ``cancel``: what support does with an order nobody pays."""
        self._state.drop("upgrade", str(body["serviceid"]))

    def will_reboot(self, fields: Record) -> bool:
        """When processors or memory change."""
        server = self._servers.of(fields)
        upgrade = self._of(server) or {"rid": server["plan"]}
        size = size_of(self._catalogue.plan(upgrade["rid"]) or {})
        return any(size[part] != server["size"][part] for part in ("vcpus", "memory"))

    def apply(self, fields: Record) -> None:
        server = self._servers.at_rest(fields)
        upgrade = self._of(server)
        if upgrade is None:
            raise error("upgrade_server", refusals.NO_ORDER)
        if not upgrade["is_paid"]:
            raise error("upgrade_server", refusals.UNPAID)
        plan = self._catalogue.plan(upgrade["rid"]) or {}
        with self._state.change():
            self._state.drop("upgrade", str(server["id"]))
            self._state.count("upgrades applied")
        self._servers.begin(server, "resize", size=size_of(plan), plan=plan["rid"], product=plan["name"])

    def settle(self, fields: Record, kind: str) -> None:
        """``kind`` is confirm or revert."""
        server = self._servers.of(fields)
        if server["status"] != "RESIZED" or server["task"]:
            raise error(str(fields["action"]), refusals.NO_RESIZE)
        self._servers.begin(server, kind)

    def _of(self, server: Record) -> Record | None:
        return self._state.get("upgrade", str(server["id"]))
