"""``mailyard server address``, ``server firewall`` and ``server usage``: what an account holds for a server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, get_args

import typer

from app.cli.following import end_of, submit_and_follow
from app.cli.output import AsJobJson, AsJson, Exit, Yes, ask_typed, ask_yes, give_up, say, show, show_json
from app.cli.servers import Name, found
from app.cli.session import CommandSession, agency, changing, reading
from backend.core.errors import Refused
from backend.providers.network import ANYWHERE, Allowed, Protocols
from backend.servers.requests import (
    AssignAddress,
    ReadUsage,
    ReleaseAddress,
    RemoveFirewall,
    ReserveAddress,
    SetFirewall,
)

if TYPE_CHECKING:
    from backend.servers.network.queries import AttachedResourceRows, UsageRow
    from backend.servers.queries import ServerRow

address = typer.Typer(no_args_is_help=True, help="Reserved addresses.")
firewall = typer.Typer(no_args_is_help=True, help="The firewall of a server.")
Ip = Annotated[str, typer.Argument(help="The address, as server address list has it.")]


@address.command("list")
def list_addresses(context: typer.Context, name: Name, as_json: AsJson = False) -> None:
    """Addresses reserved for a server, and free ones in its account and region."""
    with reading(context.obj) as session:
        resources = _resources(session, found(session, name))
    if as_json:
        show_json({"reserved": resources.reserved, "free": resources.free})
        return
    columns = ("ip", "monthly_micro", "currency", "reserved_at", "id")
    show(resources.reserved, as_json=False, columns=columns, empty="No reserved address.")
    say()
    show(resources.free, as_json=False, columns=columns, empty="No free address.")


@address.command()
def reserve(context: typer.Context, name: Name, yes: Yes = False, as_json: AsJobJson = False) -> None:
    """Reserve an address for a server. It outlives the server; the provider may bill it."""
    from backend.providers.capabilities import clouds

    with changing(context.obj) as session:
        row = found(session, name)
        ask_yes(f"Reserve an address for {row.name}? {clouds()[row.provider].cells['reserved_address'].note}", yes=yes)
        end_of(session, submit_and_follow(session, ReserveAddress(row.id)), as_json=as_json)


@address.command()
def assign(context: typer.Context, name: Name, ip: Ip, as_json: AsJobJson = False) -> None:
    """Assign a free address of the same account and region to a server."""
    with changing(context.obj) as session:
        row = found(session, name)
        free = {each.ip: each.id for each in _resources(session, row).free}
        if ip not in free:
            give_up(Exit.NOT_FOUND, f"{ip} is not free for {row.name}. See mailyard server address list.")
        end_of(session, submit_and_follow(session, AssignAddress(row.id, free[ip])), as_json=as_json)


@address.command()
def release(
    context: typer.Context,
    name: Name,
    ip: Ip,
    typed_name: Annotated[str, typer.Option(help="The address again, instead of the question.")] = "",
    as_json: AsJobJson = False,
) -> None:
    """Release an address of a server. Another customer may get it."""
    with changing(context.obj) as session:
        row = found(session, name)
        resources = {each.ip: each.id for each in _resources(session, row).reserved}
        if ip not in resources:
            give_up(Exit.NOT_FOUND, f"{ip} is not reserved for {row.name}. See mailyard server address list.")
        typed = typed_name or ask_typed(ip, "This releases {name}. It cannot be recovered.")
        end_of(session, submit_and_follow(session, ReleaseAddress(row.id, resources[ip], typed)), as_json=as_json)


@firewall.command("show")
def show_firewall(context: typer.Context, name: Name, as_json: AsJson = False) -> None:
    """What the firewall of a server allows."""
    with reading(context.obj) as session:
        firewall_row = _resources(session, found(session, name)).firewall
    if as_json:
        show_json({"firewall": firewall_row})
    elif firewall_row is None:
        say("No firewall from Mailyard: mailyard server firewall set NAME")
    else:
        for rule in firewall_row.allowed:
            say(f"{rule['protocol']:<5} {rule['ports'] or '-':<11} {', '.join(rule['sources'])}")


@firewall.command("set")
def set_firewall(
    context: typer.Context,
    name: Name,
    allow: Annotated[
        list[str] | None,
        typer.Option(
            help="tcp:8080, udp:5000-5010:203.0.113.0/24 or icmp; may be repeated. Without it: what mail needs."
        ),
    ] = None,
    yes: Yes = False,
    as_json: AsJobJson = False,
) -> None:
    """Set the firewall of a server, or change its rules. All other traffic is refused."""
    with changing(context.obj) as session:
        row = found(session, name)
        rules = tuple(_rule(text) for text in allow or ())
        what = ", ".join(allow) if allow else "SSH, mail and web"
        ask_yes(f"Allow {what} to {row.name}, and nothing else?", yes=yes)
        end_of(session, submit_and_follow(session, SetFirewall(row.id, rules)), as_json=as_json)


@firewall.command("remove")
def remove_firewall(context: typer.Context, name: Name, yes: Yes = False, as_json: AsJobJson = False) -> None:
    """Remove the firewall of a server."""
    with changing(context.obj) as session:
        row = found(session, name)
        ask_yes(f"Remove the firewall of {row.name}? All its ports are then open to the network.", yes=yes)
        end_of(session, submit_and_follow(session, RemoveFirewall(row.id)), as_json=as_json)


def usage(
    context: typer.Context,
    name: Name,
    refresh: Annotated[bool, typer.Option(help="Query the provider first.")] = False,
    as_json: AsJson = False,
) -> None:
    """Traffic of a server this month, as its provider counts it."""
    if refresh:
        with changing(context.obj) as session:
            row = found(session, name)
            detail = submit_and_follow(session, ReadUsage(row.id))
            if detail.job.state != "succeeded":
                give_up(Exit.FAILED, detail.job.cause or "The provider could not be queried.")
            used = _resources(session, row).usage
    else:
        with reading(context.obj) as session:
            used = _resources(session, found(session, name)).usage
    if as_json:
        show_json({"usage": used})
    elif used is None:
        say("Not read from the provider yet: mailyard server usage NAME --refresh")
    else:
        _say_usage(used)


def _say_usage(used: UsageRow) -> None:
    from backend.core.present.format import size

    facts = {
        "received": used.received_bytes,
        "sent": used.sent_bytes,
        "counted": used.counted_bytes,
        "included": used.included_bytes,
    }
    for word, volume in facts.items():
        say(f"{word:<9} {'not stated' if volume is None else size(volume)}")
    say(f"since {used.since:%Y-%m-%d}, from {used.source}, read {used.read_at:%Y-%m-%d %H:%M} UTC")


def _resources(session: CommandSession, row: ServerRow) -> AttachedResourceRows:
    from backend.servers.network.queries import AttachedResources

    return session.ask(AttachedResources(agency(), row.id))


def _rule(text: str) -> Allowed:
    """``protocol[:ports[:network[,network]]]``; what ports and networks mean is for the job to judge.

    :raises Refused: there is no such protocol.
    """
    protocol, ports, networks = (*text.split(":", 2), "", "")[:3]
    known: Protocols | None = next((each for each in get_args(Protocols) if each == protocol), None)
    if known is None:
        raise Refused(f"{protocol} is not a firewall protocol.")
    return Allowed(known, ports, tuple(networks.split(",")) if networks else ANYWHERE)
