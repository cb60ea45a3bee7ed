"""ProvisionServerJob: from an order to a server that proved itself.

The walk of its data: request (order) -> job -> steps -> rows ``server``, ``address``, ``server_interval``, secrets by
reference -> topic *servers* -> Servers page.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from backend.core.present.text import N_
from backend.engine.jobs import Accepted, Owner, Step
from backend.servers.provision.create import CreateSteps
from backend.servers.provision.first_login import FirstLogin
from backend.servers.provision.order import accept_order
from backend.servers.provision.verification import IdentityVerification
from backend.servers.requests import ProvisionServer

if TYPE_CHECKING:
    from backend.store.scope import ScopedSession


class ProvisionServerJob:
    """A :class:`backend.engine.jobs.JobKind`."""

    request: ClassVar[type[ProvisionServer]] = ProvisionServer
    version: ClassVar[int] = 1
    title: ClassVar[str] = N_("New server")
    priority: ClassVar[int] = 5
    owner: ClassVar[Owner] = "agency"

    def __init__(self, create_steps: CreateSteps, first_login: FirstLogin, verification: IdentityVerification) -> None:
        self._create_steps = create_steps
        self._first_login = first_login
        self._verification = verification

    def accept(self, session: ScopedSession, request: ProvisionServer) -> Accepted:
        accept_order(session, request)
        server_id = request.server_id
        return Accepted(lane=f"server:{server_id}", about=request.name, about_id=server_id)

    def steps(self, _request: ProvisionServer) -> Sequence[Step[ProvisionServer]]:
        create_steps, verification = self._create_steps, self._verification
        return (
            Step("check", N_("Check the order and its price"), create_steps.check, 2),
            Step(
                "keys",
                N_("Create the SSH keys of the server"),
                create_steps.make_keys,
                1,
                undo=create_steps.forget_keys,
            ),
            Step(
                "login_key",
                N_("Register the SSH key with the provider"),
                create_steps.register_key,
                2,
                undo=create_steps.remove_key,
            ),
            Step("create", N_("Create the server at the provider"), create_steps.create, 3, undo=create_steps.destroy),
            Step("boot", N_("Wait until the server runs"), create_steps.wait_until_active, 45, "provider"),
            Step("ssh", N_("Log in to the server for the first time"), self._first_login.log_in, 30, "server"),
            Step("nonce", N_("Verify the identity of the server"), verification.read_nonce, 5),
            Step("host_key", N_("Create a new host key on the server"), verification.make_host_key, 3),
            Step("pin", N_("Pin the new host key of the server"), verification.pin_host_key, 4),
            Step("harden", N_("Allow logins by key only, enable automatic updates"), verification.harden, 20),
            Step("sample", N_("Read the first metrics of the server"), verification.first_sample, 4),
            Step("ready", N_("Delete the temporary keys, mark the server as ready"), create_steps.hand_over, 2),
        )
