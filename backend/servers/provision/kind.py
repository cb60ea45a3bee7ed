"""ProvisionServer: from an order to a server that proved itself.

The walk of its data: wish (order) -> job -> steps -> rows ``server``, ``address``, ``server_interval``, secrets by
reference -> topic *servers* -> Servers page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from backend.core.present.text import N_
from backend.engine.jobs import Accepted, Step
from backend.servers.provision import order as orders
from backend.servers.provision.creation import Creation
from backend.servers.provision.entry import Entry
from backend.servers.provision.naming import server_id_of
from backend.servers.provision.proof import Proof

if TYPE_CHECKING:
    from backend.store.scope import ScopedSession


class ProvisionServer:
    """A :class:`backend.engine.jobs.JobKind`."""

    name: ClassVar[str] = "server.provision"
    version: ClassVar[int] = 1
    title: ClassVar[str] = N_("New server")
    priority: ClassVar[int] = 5

    def __init__(self, creation: Creation, entry: Entry, proof: Proof) -> None:
        self._creation = creation
        self._entry = entry
        self._proof = proof

    def accept(self, session: ScopedSession, wish: Mapping[str, Any]) -> Accepted:
        order = orders.ServerOrder.from_wish(wish)
        orders.accept_order(session, order)
        server_id = server_id_of(wish)
        return Accepted(lane=f"server:{server_id}", about=order.name, about_id=server_id)

    def steps(self, _wish: Mapping[str, Any]) -> Sequence[Step]:
        creation, proof = self._creation, self._proof
        return (
            Step("check", N_("Check the order and its price"), creation.check, 2),
            Step("keys", N_("Make the keys"), creation.make_keys, 1, undo=creation.forget_keys),
            Step("login_key", N_("Register the login key"), creation.register_key, 2, undo=creation.remove_key),
            Step("create", N_("Create the server"), creation.create, 3, undo=creation.destroy),
            Step("boot", N_("Wait until it runs"), creation.wait_until_active, 45, "provider"),
            Step("ssh", N_("First login over SSH"), self._entry.log_in, 30, "server"),
            Step("nonce", N_("Read back what only this machine knows"), proof.read_nonce, 5),
            Step("host_key", N_("Make a new host key"), proof.make_host_key, 3),
            Step("pin", N_("Pin the new host key"), proof.pin_host_key, 4),
            Step("harden", N_("Allow keys only, update by itself"), proof.harden, 20),
            Step("sample", N_("Take the first sample"), proof.first_sample, 4),
            Step("ready", N_("Tidy up and hand over"), creation.hand_over, 2),
        )
