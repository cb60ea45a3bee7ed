"""The jobs on the firewall of a server: put one there or change what it lets in, and take it away."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar
from uuid import UUID

from backend.core.errors import ProviderRefused, Refused
from backend.core.present.text import N_, _
from backend.engine.intents import ResourceSpec
from backend.engine.jobs import Accepted, Done, Owner, Step, StepOutcome
from backend.engine.payload import Result
from backend.fleet.acts import about_server, machine_id_of, server_of
from backend.fleet.ownership import has_ownership_tag, ownership_tag
from backend.providers.network import Allowed
from backend.servers.provider_actions import Ordered, Waits, answers, known_late, told_of
from backend.servers.requests import RemoveFirewall, SetFirewall

if TYPE_CHECKING:
    from backend.engine.context import StepContext
    from backend.fleet.accounts import AccountAccess
    from backend.fleet.servers import ServerAccess
    from backend.providers.network import Firewalls
    from backend.servers.network.attached_resources import AttachedResourceRepository
    from backend.store.schema.fleet import Server
    from backend.store.scope import ScopedSession

KEY = "firewall"
MOST_RULES, TRY_EVERY_S, ANSWER_LIMIT_S = 40, 3.0, 60.0
#: Providers put a firewall in force some seconds after they took it: an answer before that proves nothing.
SETTLE_S = 10.0
PORTS = re.compile(r"(\d{1,5})(?:-(\d{1,5}))?\Z")
SSH = 22


@dataclass(frozen=True)
class FirewallBefore(Result):
    """Our own where there is one, and its rules where it stood there: what to go back to."""

    firewall_id: str | None
    before: tuple[Allowed, ...] | None = None


@dataclass(frozen=True)
class FirewallMade(Ordered):
    """The firewall as the provider names it."""

    firewall_id: str


class SetFirewallJob:
    """Job ``server.firewall``: a firewall before the server, or other rules for the one that is there.

    A server that we enter must answer us behind it, or all is as it was before.
    """

    request: ClassVar[type[SetFirewall]] = SetFirewall
    version: ClassVar[int] = 1
    title: ClassVar[str] = N_("Set firewall")
    priority: ClassVar[int] = 3
    owner: ClassVar[Owner] = "agency"

    def __init__(self, accounts: AccountAccess, servers: ServerAccess, resources: AttachedResourceRepository) -> None:
        self._accounts = accounts
        self._servers = servers
        self._resources = resources

    def accept(self, session: ScopedSession, request: SetFirewall) -> Accepted:
        accepted = about_server(session, request, needs="firewall")
        check_rules(request.rules)
        return accepted

    def steps(self, _request: SetFirewall) -> Sequence[Step[SetFirewall]]:
        return (
            Step("look", N_("Check the current firewall of the server"), self._look, 3, "provider"),
            Step("make", N_("Create the firewall"), self._make, 3, "provider", undo=self._unmake),
            Step("rules", N_("Set the rules of the firewall"), self._set_rules, 5, "provider"),
            Step("attach", N_("Attach the firewall to the server"), self._lock, 5, "provider"),
            Step(
                "answer", N_("Verify that the server responds behind the firewall"), self._see_it_answer, 15, "server"
            ),
        )

    def _look(self, ctx: StepContext[SetFirewall]) -> StepOutcome:
        """What somebody else put there is not replaced, nor is what it lets in added to ours.

        The result is our own where there is one, and its rules where it stood there: what to go back to.
        """
        server = server_of(ctx)
        machine_id, ours = machine_id_of(server), self._resources.firewall_of(server)
        there = told_of(self._firewalls(server).all(), machine_id)
        in_place = [each for each in there if machine_id in each.machine_ids]
        strange = next((each for each in in_place if each.id != ours and not has_ownership_tag(each.name)), None)
        if strange is not None:
            raise ProviderRefused(
                _("{name} has the firewall {firewall}, which was not created by Mailyard.").format(
                    firewall=strange.name or strange.id, name=server.name
                ),
                remedy=_("Detach it at the provider if Mailyard is to set a firewall there, then retry."),
            )
        known = next((each for each in there if each.id == ours), None)
        before = known.allowed if known is not None and known in in_place else None
        return Done("", FirewallBefore(known.id if known else None, before))

    def _make(self, ctx: StepContext[SetFirewall]) -> StepOutcome:
        server, present = server_of(ctx), ctx.need("look", FirewallBefore).firewall_id
        if present is not None:
            return Done(_("already present"), FirewallMade(present))
        firewalls, machine_id = self._firewalls(server), machine_id_of(server)

        def look(intent: UUID) -> str | None:
            return find_firewall(firewalls, intent, machine_id)

        def make(intent: UUID) -> str:
            return firewalls.make(machine_id, ownership_tag(intent), ctx.job.request.rules)

        number = ctx.create_once(ResourceSpec(KEY, server.account_id, KEY, server.name, look=look, make=make))
        return Done("", FirewallMade(number, ordered_at=ctx.mark()))

    def _set_rules(self, ctx: StepContext[SetFirewall]) -> StepOutcome:
        with known_late(ctx, ctx.result("make", FirewallMade)):
            self._firewalls(server_of(ctx)).set_rules(_number(ctx), ctx.job.request.rules)
        return Done()

    def _lock(self, ctx: StepContext[SetFirewall]) -> StepOutcome:
        server = server_of(ctx)
        with known_late(ctx, ctx.result("make", FirewallMade)):
            self._firewalls(server).attach(_number(ctx), machine_id_of(server))
        self._resources.attached(ctx, server, _number(ctx), ctx.job.request.rules)
        return Done()

    def _see_it_answer(self, ctx: StepContext[SetFirewall]) -> StepOutcome:
        """Rules and place are seen to again first: an earlier try may have gone back."""
        server = server_of(ctx)
        if not server.host_key or server.power == "off":
            return Done(_("Mailyard has no login to this server, so it was not checked"))
        self._set_rules(ctx)
        self._lock(ctx)
        if answers(ctx, self._servers, server.id, Waits(TRY_EVERY_S, ANSWER_LIMIT_S, settle_s=SETTLE_S)):
            return Done(_("it responds"))
        if self._go_back(ctx):
            done = _("{name} does not respond behind these rules, so the previous rules were restored.")
        else:
            done = _("{name} does not respond behind the firewall, so the firewall was detached.")
        raise ProviderRefused(
            done.format(name=server.name),
            remedy=_("Allow SSH from this computer's address, then set the firewall again."),
        )

    def _go_back(self, ctx: StepContext[SetFirewall]) -> bool:
        """To the rules it had, or to no firewall before the server; whether there were such rules."""
        server, before = server_of(ctx), ctx.need("look", FirewallBefore).before
        firewalls = self._firewalls(server)
        if before is not None:
            firewalls.set_rules(_number(ctx), before)
            self._resources.attached(ctx, server, _number(ctx), before)
            return True
        firewalls.detach(_number(ctx), machine_id_of(server))
        self._resources.detached(ctx, server, _number(ctx), _("Firewall detached"))
        return False

    def _unmake(self, ctx: StepContext[SetFirewall]) -> None:
        """Remove what this job made; one that was there before gets its rules back."""
        server, intent = server_of(ctx), ctx.intent(KEY)
        firewalls = self._firewalls(server)
        looked = ctx.result("look", FirewallBefore)
        if looked is not None and looked.firewall_id is not None:
            self._go_back(ctx)
            return
        machine_id = machine_id_of(server)
        number = ctx.number(KEY) or (find_firewall(firewalls, intent, machine_id) if intent else None)
        was_seen = any(each.id == number for each in told_of(firewalls.all(), machine_id))
        if number is not None:
            firewalls.detach(number, machine_id)
            firewalls.delete(number)
            self._resources.detached(ctx, server, number, _("Firewall removed"))
        ctx.removed(KEY, was_seen=was_seen)

    def _firewalls(self, server: Server) -> Firewalls:
        return self._accounts.provider(server.account_id).firewalls


class RemoveFirewallJob:
    """Job ``server.firewall.remove``: from then on the server stands open to the network."""

    request: ClassVar[type[RemoveFirewall]] = RemoveFirewall
    version: ClassVar[int] = 1
    title: ClassVar[str] = N_("Remove firewall")
    priority: ClassVar[int] = 3
    owner: ClassVar[Owner] = "agency"

    def __init__(self, accounts: AccountAccess, resources: AttachedResourceRepository) -> None:
        self._accounts = accounts
        self._resources = resources

    def accept(self, session: ScopedSession, request: RemoveFirewall) -> Accepted:
        return about_server(session, request, needs="firewall")

    def steps(self, _request: RemoveFirewall) -> Sequence[Step[RemoveFirewall]]:
        return (Step("remove", N_("Detach and delete the firewall"), self._remove, 5, "provider"),)

    def _remove(self, ctx: StepContext[RemoveFirewall]) -> StepOutcome:
        server = server_of(ctx)
        number = self._resources.firewall_of(server)
        if number is None:
            return Done(_("there is no firewall from Mailyard"))
        firewalls = self._accounts.provider(server.account_id).firewalls
        firewalls.detach(number, machine_id_of(server))
        firewalls.delete(number)
        self._resources.detached(ctx, server, number, _("Firewall removed"))
        return Done()


def find_firewall(firewalls: Firewalls, intent: UUID, place: str) -> str | None:
    """What an intent to make a firewall came to at the provider, in a region or that of a machine; None: nothing.

    :raises Unauthorized: the provider tells nothing of there.
    """
    return next((each.id for each in told_of(firewalls.all(), place) if each.name == ownership_tag(intent)), None)


def check_rules(rules: Sequence[Allowed]) -> None:
    """:raises Refused: a rule means nothing, or nobody could log in to the server any more."""
    if len(rules) > MOST_RULES:
        raise Refused(_("A firewall can have at most {most} rules.").format(most=MOST_RULES))
    for rule in rules:
        _check_rule(rule)
    if not any(rule.protocol == "tcp" and SSH in _span(rule) for rule in rules):
        raise Refused(
            _("No rule allows SSH: Mailyard could no longer log in to the server."),
            remedy=_("Allow TCP port 22, from the addresses you work from if not from everywhere."),
        )


def _check_rule(rule: Allowed) -> None:
    if rule.protocol == "icmp" and rule.ports:
        raise Refused(_("ICMP has no ports."))
    if rule.protocol != "icmp" and not _span(rule):
        raise Refused(
            _("{ports} is neither a port nor a range of ports.").format(ports=rule.ports or "''"),
            remedy=_("Enter 25, or 8000-8080."),
        )
    if not rule.sources:
        raise Refused(_("A rule has no source."), remedy=_("Specify a network, or omit the rule."))
    for source in rule.sources:
        try:
            ipaddress.ip_network(source)
        except ValueError as error:
            raise Refused(
                _("{source} is not a network.").format(source=source),
                remedy=_("Enter it in CIDR notation, e.g. 203.0.113.0/24."),
            ) from error


def _span(rule: Allowed) -> range:
    """The ports of a rule; empty where they mean nothing."""
    match = PORTS.match(rule.ports)
    if match is None:
        return range(0)
    first, last = int(match[1]), int(match[2] or match[1])
    return range(first, last + 1) if 0 < first <= last <= 65_535 else range(0)


def _number(ctx: StepContext[SetFirewall]) -> str:
    """Of the step that made or found it; on the way back that step may have come to nothing more."""
    made = ctx.result("make", FirewallMade)
    number = made.firewall_id if made else ctx.need("look", FirewallBefore).firewall_id
    if number is None:
        raise LookupError("neither step left a firewall")
    return number
