"""The provider's half of provisioning: check, keys, create under an intent, wait, hand over; and how each is undone."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from backend.core.errors import NotFound, ProviderRefused, Refused, SecretMissing
from backend.core.present.text import _
from backend.core.secrets.values import Secret
from backend.core.ssh.keys import new_key_pair, public_half
from backend.engine.intents import ResourceSpec
from backend.engine.jobs import Done, StepOutcome
from backend.providers.capabilities import clouds
from backend.providers.ports import OUR_TAG, Machine, Order, intent_tag
from backend.servers.price_check import question_of_price
from backend.servers.provider_actions import is_new, known_late, told_of
from backend.servers.provision.first_boot import FirstBoot
from backend.servers.provision.naming import contact_ref, key_name, login_ref, nonce_ref, refs_of
from backend.servers.provision.order import check_against
from backend.servers.provision.registration import register_server
from backend.servers.provision.results import KeyRegistered, KeysMade, PriceNow, ServerActive, ServerCreated
from backend.servers.repository import ServerRepository

if TYPE_CHECKING:
    from backend.core.secrets.values import SecretRef, SecretStore
    from backend.engine.context import StepContext
    from backend.fleet.accounts import AccountAccess
    from backend.providers.ports import ComputeProvider
    from backend.servers.requests import ProvisionServer

BOOT_LIMIT_S, LOOK_EVERY_S = 540.0, 2.0


class CreateSteps:
    """Steps of :class:`backend.servers.provision.job.ProvisionServerJob`; stateless, thread-safe."""

    def __init__(self, accounts: AccountAccess, secrets: SecretStore, repository: ServerRepository) -> None:
        self._accounts = accounts
        self._secrets = secrets
        self._repository = repository

    def check(self, ctx: StepContext[ProvisionServer]) -> StepOutcome:
        order = ctx.job.request
        plan = check_against(self._accounts.provider(order.account_id).catalogue(), order)
        dearer = question_of_price(ctx, plan, order.seen_monthly_micro, _("Create server"))
        if dearer is not None:
            return dearer  # before the row is there: a no leaves nothing behind
        register_server(ctx, plan)
        return Done(
            _("{plan} in {region}").format(plan=plan.slug, region=order.region),
            PriceNow(plan.monthly_micro, plan.currency),
        )

    def make_keys(self, ctx: StepContext[ProvisionServer]) -> StepOutcome:
        """Secrets are kept before anything relies on them; a second run finds them and makes none."""
        server_id = ctx.job.request.server_id
        made = KeysMade(self._public(login_ref(server_id)), self._public(contact_ref(server_id)))
        try:
            self._secrets.read(nonce_ref(server_id))
        except SecretMissing:
            self._secrets.keep(nonce_ref(server_id), Secret(uuid4().hex + uuid4().hex))
        return Done(_("SSH key and first host key created"), made)

    def _public(self, ref: SecretRef) -> str:
        """The public half of a key that is kept, or is made now."""
        try:
            return public_half(self._secrets.read(ref))
        except SecretMissing:
            pair = new_key_pair()
            self._secrets.keep(ref, pair.private)
            return pair.public

    def forget_keys(self, ctx: StepContext[ProvisionServer]) -> None:
        server_id = ctx.job.request.server_id
        self._secrets.forget_all(refs_of(server_id))
        self._repository.end(ctx, server_id, life="failed")

    def register_key(self, ctx: StepContext[ProvisionServer]) -> StepOutcome:
        """A registered key keeps the provider from mailing a root password; not every provider takes one."""
        order, name = ctx.job.request, key_name(ctx.job.request.server_id)
        provider = self._accounts.provider(order.account_id)
        if not takes_keys(provider):
            return Done(_("not needed at this provider"), KeyRegistered(""))
        wanted = ResourceSpec(
            key="login_key",
            account_id=order.account_id,
            resource="ssh_key",
            name=name,
            look=lambda _intent: provider.find_key(name),
            make=lambda _intent: provider.register_key(name, ctx.need("keys", KeysMade).login),
        )
        return Done("", KeyRegistered(ctx.create_once(wanted)))

    def remove_key(self, ctx: StepContext[ProvisionServer]) -> None:
        order = ctx.job.request
        provider = self._accounts.provider(order.account_id)
        if not takes_keys(provider):
            return
        name = key_name(ctx.job.request.server_id)
        registered = ctx.result("login_key", KeyRegistered)
        known = registered.key_id if registered else ctx.number("login_key")
        key_id = known or provider.find_key(name)
        if key_id is not None:
            provider.remove_key(key_id)
        ctx.removed("login_key", was_seen=key_id is not None)

    def create(self, ctx: StepContext[ProvisionServer]) -> StepOutcome:
        order = ctx.job.request
        provider = self._accounts.provider(order.account_id)

        def make(intent: UUID) -> str:
            ctx.say(_("Sending the order: {plan} in {region}.").format(plan=order.plan, region=order.region))
            return provider.create(self._order(ctx, order, intent)).id

        def look(intent: UUID) -> str | None:
            return _first_of(list(told_of(provider.find(intent), order.region)))

        wanted = ResourceSpec("server", order.account_id, "server", order.name, look=look, make=make)
        machine_id = ctx.create_once(replace(wanted, may_repeat=provider.repeats_orders))
        self._repository.created(ctx, ctx.job.request.server_id, machine_id)
        return Done(
            _("ID {id} at the provider").format(id=machine_id), ServerCreated(machine_id, ordered_at=ctx.mark())
        )

    def destroy(self, ctx: StepContext[ProvisionServer]) -> None:
        """Remove the server, whether or not the step that made it got to know its number.

        To delete what the provider does not know yet would delete nothing, and look as if it had.
        """
        order, made = ctx.job.request, ctx.result("create", ServerCreated)
        provider = self._accounts.provider(order.account_id)
        intent, known = ctx.intent("server"), made.machine_id if made else ctx.number("server")
        ours = {machine.id for machine in told_of(provider.find(intent), order.region)} if intent else set()
        meant = ours | ({known} if known else set())
        for machine_id in meant:
            with known_late(ctx, made):
                if is_new(ctx, made):
                    provider.get(machine_id)
                provider.delete(machine_id)
            ctx.say(_("Server {id} was deleted at the provider.").format(id=machine_id))
        ctx.removed("server", was_seen=bool(meant))

    def wait_until_active(self, ctx: StepContext[ProvisionServer]) -> StepOutcome:
        order = ctx.job.request
        provider = self._accounts.provider(order.account_id)
        made = ctx.need("create", ServerCreated)
        machine_id = made.machine_id

        def look() -> Machine | None:
            try:
                machine = provider.get(machine_id)
            except NotFound:
                if is_new(ctx, made):
                    return None
                raise
            return machine if machine.state == "active" and machine.ipv4 else None

        try:
            machine = ctx.poll(look, every_s=LOOK_EVERY_S, limit_s=BOOT_LIMIT_S, note=_("waiting for the provider"))
        except NotFound as error:
            raise Refused(
                _("The server was deleted at the provider while it was being created."),
                remedy=_("Roll the job back, then order again."),
            ) from error
        if machine is None:
            raise ProviderRefused(
                _("The provider did not finish the server in time."),
                remedy=_("Retry the step, or roll back; nothing is lost."),
            )
        self._repository.active(ctx, ctx.job.request.server_id, machine)
        return Done(machine.ipv4[0], ServerActive(machine.ipv4[0]))

    def hand_over(self, ctx: StepContext[ProvisionServer]) -> StepOutcome:
        """Remove what only the making needed; from now on the server is active."""
        self.remove_key(ctx)
        self._secrets.forget(contact_ref(ctx.job.request.server_id))
        self._secrets.forget(nonce_ref(ctx.job.request.server_id))
        self._repository.ready(ctx, ctx.job.request.server_id)
        return Done(_("ready"))

    def _order(self, ctx: StepContext[ProvisionServer], order: ProvisionServer, intent: UUID) -> Order:
        server_id, keys = ctx.job.request.server_id, ctx.need("keys", KeysMade)
        boot = FirstBoot(
            host_name=order.name,
            login_public=keys.login,
            host_private=self._secrets.read(contact_ref(server_id)),
            host_public=keys.contact,
            nonce=self._secrets.read(nonce_ref(server_id)),
        )
        return Order(
            name=order.name,
            region=order.region,
            plan=order.plan,
            image=order.image,
            key_id=ctx.need("login_key", KeyRegistered).key_id,
            public_key=keys.login,
            user_data=boot.user_data(),
            tags=(OUR_TAG, intent_tag(intent)),
        )


def takes_keys(provider: ComputeProvider) -> bool:
    """Whether login keys are registered in the account before an order."""
    return clouds()[provider.kind].can("login_keys")


def _first_of(machines: list[Machine]) -> str | None:
    """The oldest machine of an intent: the one a second run adopts."""
    ordered = sorted(machines, key=lambda machine: (machine.created_at is None, str(machine.created_at), machine.id))
    return ordered[0].id if ordered else None
