"""The jobs on the firewall before a server: put one there or change what it lets in, and take it away."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID

from backend.core.errors import ProviderRefused, Refused
from backend.core.present.text import N_, _
from backend.engine.intents import Wanted
from backend.engine.jobs import Accepted, Done, Step, StepOutcome
from backend.fleet.marks import is_marked, mark
from backend.providers.network import MAIL, Allowed
from backend.servers.acting import Waits, about_server, answers, machine_id_of, server_of
from backend.servers.holdings import allowed_of, records_of

if TYPE_CHECKING:
    from backend.engine.context import StepContext
    from backend.fleet.accounts import AccountAccess
    from backend.fleet.servers import ServerAccess
    from backend.providers.network import Firewalls
    from backend.servers.holdings import Holdings
    from backend.store.schema.fleet import Server
    from backend.store.scope import ScopedSession

KEY = "firewall"
MOST_RULES, TRY_EVERY_S, ANSWER_LIMIT_S = 40, 3.0, 60.0
#: Providers put a firewall in force some seconds after they took it: an answer before that proves nothing.
SETTLE_S = 10.0
PORTS = re.compile(r"(\d{1,5})(?:-(\d{1,5}))?\Z")
SSH = 22


class GuardServer:
    """Job ``server.firewall``: ``allowed`` are records of ``protocol``, ``ports``, ``sources``; what mail needs where
    there is none.

    A server that we enter must answer us behind it, or all is as it was before.
    """

    name: ClassVar[str] = "server.firewall"
    version: ClassVar[int] = 1
    title: ClassVar[str] = N_("Set firewall")
    priority: ClassVar[int] = 3

    def __init__(self, accounts: AccountAccess, servers: ServerAccess, holdings: Holdings) -> None:
        self._accounts = accounts
        self._servers = servers
        self._holdings = holdings

    def accept(self, session: ScopedSession, wish: Mapping[str, Any]) -> Accepted:
        accepted = about_server(session, wish, needs="firewall")
        check_rules(rules_of(wish))
        return accepted

    def steps(self, _wish: Mapping[str, Any]) -> Sequence[Step]:
        return (
            Step("look", N_("See what stands before the server"), self._look, 3, "provider"),
            Step("make", N_("Make it"), self._make, 3, "provider", undo=self._unmake),
            Step("rules", N_("Say what it lets in"), self._set_rules, 5, "provider"),
            Step("guard", N_("Put it before the server"), self._guard, 5, "provider"),
            Step("answer", N_("See the server answer behind it"), self._see_it_answer, 15, "server"),
        )

    def _look(self, ctx: StepContext) -> StepOutcome:
        """What somebody else put there is not replaced, nor is what it lets in added to ours.

        The result is our own where there is one, and its rules where it stood there: what to go back to.
        """
        server = server_of(ctx)
        machine_id, ours = machine_id_of(server), self._holdings.firewall_of(server)
        there = self._firewalls(server).all()
        standing = [each for each in there if machine_id in each.machine_ids]
        strange = next((each for each in standing if each.id != ours and not is_marked(each.name)), None)
        if strange is not None:
            raise ProviderRefused(
                _("The firewall {firewall} stands before {name}, and Mailyard did not make it.").format(
                    firewall=strange.name or strange.id, name=server.name
                ),
                remedy=_("Take it away at the provider if Mailyard's is to stand there, then try again."),
            )
        known = next((each for each in there if each.id == ours), None)
        before = records_of(known.allowed) if known is not None and known in standing else None
        return Done("", {"firewall_id": known.id if known else None, "before": before})

    def _make(self, ctx: StepContext) -> StepOutcome:
        server, present = server_of(ctx), ctx.result("look").get("firewall_id")
        if present is not None:
            return Done(_("it was there already"), {"firewall_id": present})
        firewalls, machine_id = self._firewalls(server), machine_id_of(server)

        def make(intent: UUID) -> str:
            return firewalls.make(machine_id, mark(intent), rules_of(ctx.job.wish))

        def look(intent: UUID) -> str | None:
            return find_firewall(firewalls, intent)

        number = ctx.create_once(Wanted(KEY, server.account_id, KEY, server.name, look=look, make=make))
        return Done("", {"firewall_id": number})

    def _set_rules(self, ctx: StepContext) -> StepOutcome:
        self._firewalls(server_of(ctx)).set_rules(_number(ctx), rules_of(ctx.job.wish))
        return Done()

    def _guard(self, ctx: StepContext) -> StepOutcome:
        server = server_of(ctx)
        self._firewalls(server).guard(_number(ctx), machine_id_of(server))
        self._holdings.guarded(ctx, server, _number(ctx), rules_of(ctx.job.wish))
        return Done()

    def _see_it_answer(self, ctx: StepContext) -> StepOutcome:
        """Rules and place are seen to again first: an earlier try may have gone back."""
        server = server_of(ctx)
        if not server.host_key or server.power == "off":
            return Done(_("Mailyard does not enter this server, so it was not asked"))
        self._set_rules(ctx)
        self._guard(ctx)
        if answers(ctx, self._servers, server.id, Waits(TRY_EVERY_S, ANSWER_LIMIT_S, settle_s=SETTLE_S)):
            return Done(_("it answers"))
        if self._go_back(ctx):
            done = _("{name} does not answer behind these rules, so those it had are back.")
        else:
            done = _("{name} does not answer behind the firewall, so the firewall stepped aside.")
        raise ProviderRefused(
            done.format(name=server.name),
            remedy=_("Allow SSH from this computer's address, then set the firewall again."),
        )

    def _go_back(self, ctx: StepContext) -> bool:
        """To the rules it had, or to no firewall before the server; whether there were such rules."""
        server, before = server_of(ctx), ctx.result("look").get("before")
        firewalls = self._firewalls(server)
        if before is not None:
            firewalls.set_rules(_number(ctx), allowed_of(before))
            self._holdings.guarded(ctx, server, _number(ctx), allowed_of(before))
            return True
        firewalls.unguard(_number(ctx), machine_id_of(server))
        self._holdings.unguarded(ctx, server, _number(ctx), _("Firewall stepped aside"))
        return False

    def _unmake(self, ctx: StepContext) -> None:
        """Remove what this job made; one that was there before gets its rules back."""
        server, intent = server_of(ctx), ctx.intent(KEY)
        firewalls = self._firewalls(server)
        if ctx.result("look").get("firewall_id") is not None:
            self._go_back(ctx)
            return
        number = find_firewall(firewalls, intent) if intent else None
        if number is not None:
            firewalls.unguard(number, machine_id_of(server))
            firewalls.delete(number)
            self._holdings.unguarded(ctx, server, number, _("Firewall removed"))
        ctx.removed(KEY)

    def _firewalls(self, server: Server) -> Firewalls:
        return self._accounts.provider(server.account_id).firewalls


class UnguardServer:
    """Job ``server.firewall.remove``: from then on the server stands open to the network."""

    name: ClassVar[str] = "server.firewall.remove"
    version: ClassVar[int] = 1
    title: ClassVar[str] = N_("Remove firewall")
    priority: ClassVar[int] = 3

    def __init__(self, accounts: AccountAccess, holdings: Holdings) -> None:
        self._accounts = accounts
        self._holdings = holdings

    def accept(self, session: ScopedSession, wish: Mapping[str, Any]) -> Accepted:
        return about_server(session, wish, needs="firewall")

    def steps(self, _wish: Mapping[str, Any]) -> Sequence[Step]:
        return (Step("remove", N_("Take it away and delete it"), self._remove, 5, "provider"),)

    def _remove(self, ctx: StepContext) -> StepOutcome:
        server = server_of(ctx)
        number = self._holdings.firewall_of(server)
        if number is None:
            return Done(_("there is none of Mailyard's"))
        firewalls = self._accounts.provider(server.account_id).firewalls
        firewalls.unguard(number, machine_id_of(server))
        firewalls.delete(number)
        self._holdings.unguarded(ctx, server, number, _("Firewall removed"))
        return Done()


def find_firewall(firewalls: Firewalls, intent: UUID) -> str | None:
    """What an intent to make a firewall came to at the provider; None: nothing."""
    return next((each.id for each in firewalls.all() if each.name == mark(intent)), None)


def rules_of(wish: Mapping[str, Any]) -> tuple[Allowed, ...]:
    """What a wish lets in; what mail needs where it says nothing.

    :raises Refused: it is no list of rules.
    """
    try:
        return allowed_of(wish["allowed"]) if wish.get("allowed") else MAIL
    except (KeyError, TypeError) as error:
        raise Refused(_("The wish names no rules.")) from error


def check_rules(rules: Sequence[Allowed]) -> None:
    """:raises Refused: a rule means nothing, or nobody could log in to the server any more."""
    if len(rules) > MOST_RULES:
        raise Refused(_("A firewall takes {most} rules at most.").format(most=MOST_RULES))
    for rule in rules:
        _check_rule(rule)
    if not any(rule.protocol == "tcp" and SSH in _span(rule) for rule in rules):
        raise Refused(
            _("Nothing lets SSH in: Mailyard could not enter the server any more."),
            remedy=_("Allow TCP port 22, from the addresses you work from if not from everywhere."),
        )


def _check_rule(rule: Allowed) -> None:
    if rule.protocol not in ("tcp", "udp", "icmp"):
        raise Refused(_("{word} is no protocol a firewall knows.").format(word=rule.protocol))
    if rule.protocol == "icmp" and rule.ports:
        raise Refused(_("ICMP has no ports."))
    if rule.protocol != "icmp" and not _span(rule):
        raise Refused(
            _("{ports} is neither a port nor a range of ports.").format(ports=rule.ports or "''"),
            remedy=_("Write 25, or 8000-8080."),
        )
    if not rule.sources:
        raise Refused(_("A rule lets in from nowhere."), remedy=_("Name a network, or leave the rule out."))
    for source in rule.sources:
        try:
            ipaddress.ip_network(source)
        except ValueError as error:
            raise Refused(
                _("{source} is no network.").format(source=source),
                remedy=_("Write it in CIDR notation, e.g. 203.0.113.0/24."),
            ) from error


def _span(rule: Allowed) -> range:
    """The ports of a rule; empty where they mean nothing."""
    match = PORTS.match(rule.ports)
    if match is None:
        return range(0)
    first, last = int(match[1]), int(match[2] or match[1])
    return range(first, last + 1) if 0 < first <= last <= 65_535 else range(0)


def _number(ctx: StepContext) -> str:
    """Of the step that made or found it; on the way back that step may have come to nothing more."""
    return str(ctx.result("make").get("firewall_id") or ctx.result("look")["firewall_id"])
