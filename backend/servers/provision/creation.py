"""The provider's half of provisioning: check, keys, create under an intent, wait, hand over; and how each is undone."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from backend.core.errors import NotFound, ProviderRefused, Refused, SecretMissing
from backend.core.present.text import _
from backend.core.secrets.values import Secret
from backend.core.ssh.keys import new_key_pair, public_half
from backend.engine.intents import Wanted
from backend.engine.jobs import Done, StepOutcome
from backend.providers.capabilities import clouds
from backend.providers.ports import OUR_TAG, Machine, Order, intent_tag
from backend.servers.first_boot import FirstBoot
from backend.servers.price import question_of_price
from backend.servers.provision.beginning import begin
from backend.servers.provision.naming import contact_ref, key_name, login_ref, nonce_ref, server_id_of
from backend.servers.provision.order import ServerOrder, check_against
from backend.servers.records import Records

if TYPE_CHECKING:
    from backend.core.secrets.values import SecretStore
    from backend.engine.context import StepContext
    from backend.fleet.accounts import AccountAccess
    from backend.providers.ports import ComputeProvider

BOOT_LIMIT_S, LOOK_EVERY_S = 540.0, 2.0


class Creation:
    """Steps of :class:`backend.servers.provision.kind.ProvisionServer`; stateless, thread-safe."""

    def __init__(self, accounts: AccountAccess, secrets: SecretStore, records: Records) -> None:
        self._accounts = accounts
        self._secrets = secrets
        self._records = records

    def check(self, ctx: StepContext) -> StepOutcome:
        order = ServerOrder.from_wish(ctx.job.wish)
        plan = check_against(self._accounts.provider(order.account_id).catalogue(), order)
        dearer = question_of_price(ctx, plan, order.seen_monthly_micro, _("Create server"))
        if dearer is not None:
            return dearer  # before the row is there: a no leaves nothing behind
        begin(ctx, _server_id(ctx), order, plan)
        return Done(
            _("{plan} in {region}").format(plan=plan.slug, region=order.region),
            {"monthly_micro": plan.monthly_micro, "currency": plan.currency},
        )

    def make_keys(self, ctx: StepContext) -> StepOutcome:
        """Secrets are kept before anything relies on them; a second run finds them and makes none."""
        server_id = _server_id(ctx)
        public = {}
        for name, ref in (("login", login_ref(server_id)), ("contact", contact_ref(server_id))):
            try:
                public[name] = public_half(self._secrets.read(ref))
            except SecretMissing:
                pair = new_key_pair()
                self._secrets.keep(ref, pair.private)
                public[name] = pair.public
        try:
            self._secrets.read(nonce_ref(server_id))
        except SecretMissing:
            self._secrets.keep(nonce_ref(server_id), Secret(uuid4().hex + uuid4().hex))
        return Done(_("login key and first host key made"), public)

    def forget_keys(self, ctx: StepContext) -> None:
        server_id = _server_id(ctx)
        for ref in (login_ref(server_id), contact_ref(server_id), nonce_ref(server_id)):
            self._secrets.forget(ref)
        self._records.end(ctx, server_id, life="failed")

    def register_key(self, ctx: StepContext) -> StepOutcome:
        """A registered key keeps the provider from mailing a root password; not every provider takes one."""
        order, name = ServerOrder.from_wish(ctx.job.wish), key_name(_server_id(ctx))
        provider = self._accounts.provider(order.account_id)
        if not takes_keys(provider):
            return Done(_("not needed at this provider"), {"key_id": ""})
        wanted = Wanted(
            key="login_key",
            account_id=order.account_id,
            resource="ssh_key",
            name=name,
            look=lambda _intent: provider.find_key(name),
            make=lambda _intent: provider.register_key(name, str(ctx.result("keys")["login"])),
        )
        return Done("", {"key_id": ctx.create_once(wanted)})

    def remove_key(self, ctx: StepContext) -> None:
        order = ServerOrder.from_wish(ctx.job.wish)
        provider = self._accounts.provider(order.account_id)
        if not takes_keys(provider):
            return
        key_id = ctx.result("login_key").get("key_id") or provider.find_key(key_name(_server_id(ctx)))
        if key_id is not None:
            provider.remove_key(key_id)
        ctx.removed("login_key")

    def create(self, ctx: StepContext) -> StepOutcome:
        order = ServerOrder.from_wish(ctx.job.wish)
        provider = self._accounts.provider(order.account_id)

        def make(intent: UUID) -> str:
            ctx.say(_("The order goes out: {plan} in {region}.").format(plan=order.plan, region=order.region))
            return provider.create(self._order(ctx, order, intent)).id

        def look(intent: UUID) -> str | None:
            return _first_of(list(provider.find(intent)))

        wanted = Wanted("server", order.account_id, "server", order.name, look=look, make=make)
        machine_id = ctx.create_once(replace(wanted, may_repeat=provider.repeats_orders))
        self._records.created(ctx, _server_id(ctx), machine_id)
        return Done(_("number {id} at the provider").format(id=machine_id), {"machine_id": machine_id})

    def destroy(self, ctx: StepContext) -> None:
        """Remove the server, whether or not the step that made it got to know its number."""
        order = ServerOrder.from_wish(ctx.job.wish)
        provider = self._accounts.provider(order.account_id)
        intent = ctx.intent("server")
        ours = [machine.id for machine in provider.find(intent)] if intent else []
        for machine_id in {*ours, *([ctx.result("create")["machine_id"]] if ctx.result("create") else [])}:
            provider.delete(machine_id)
            ctx.say(_("Server {id} was deleted at the provider.").format(id=machine_id))
        ctx.removed("server")

    def wait_until_active(self, ctx: StepContext) -> StepOutcome:
        order = ServerOrder.from_wish(ctx.job.wish)
        provider = self._accounts.provider(order.account_id)
        machine_id = str(ctx.result("create")["machine_id"])

        def look() -> Machine | None:
            machine = provider.get(machine_id)
            return machine if machine.state == "active" and machine.ipv4 else None

        try:
            machine = ctx.poll(look, every_s=LOOK_EVERY_S, limit_s=BOOT_LIMIT_S, note=_("waits for the provider"))
        except NotFound as error:
            raise Refused(
                _("The server was deleted at the provider while it was being made."),
                remedy=_("Roll the job back, then order again."),
            ) from error
        if machine is None:
            raise ProviderRefused(
                _("The provider did not finish the server in time."),
                remedy=_("Try the step again, or roll back; nothing is lost."),
            )
        self._records.active(ctx, _server_id(ctx), machine)
        return Done(machine.ipv4[0], {"address": machine.ipv4[0]})

    def hand_over(self, ctx: StepContext) -> StepOutcome:
        """Remove what only the making needed; from now on the server is active."""
        self.remove_key(ctx)
        self._secrets.forget(contact_ref(_server_id(ctx)))
        self._secrets.forget(nonce_ref(_server_id(ctx)))
        self._records.ready(ctx, _server_id(ctx))
        return Done(_("ready"))

    def _order(self, ctx: StepContext, order: ServerOrder, intent: UUID) -> Order:
        server_id, keys = _server_id(ctx), ctx.result("keys")
        boot = FirstBoot(
            host_name=order.name,
            login_public=str(keys["login"]),
            host_private=self._secrets.read(contact_ref(server_id)),
            host_public=str(keys["contact"]),
            nonce=self._secrets.read(nonce_ref(server_id)),
        )
        return Order(
            name=order.name,
            region=order.region,
            plan=order.plan,
            image=order.image,
            key_id=str(ctx.result("login_key")["key_id"]),
            public_key=str(keys["login"]),
            user_data=boot.user_data(),
            tags=(OUR_TAG, intent_tag(intent)),
        )


def takes_keys(provider: ComputeProvider) -> bool:
    """Whether login keys are registered in the account before an order."""
    return clouds()[provider.kind].can("login_keys")


def _server_id(ctx: StepContext) -> UUID:
    return server_id_of(ctx.job.wish)


def _first_of(machines: list[Machine]) -> str | None:
    """The oldest machine of an intent: the one a second run adopts."""
    ordered = sorted(machines, key=lambda machine: (machine.created_at is None, str(machine.created_at), machine.id))
    return ordered[0].id if ordered else None
