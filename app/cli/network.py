"""``mailyard server address``, ``server firewall`` and ``server usage``: what an account holds for a server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.following import carry_out, end_of
from app.cli.output import AsJobJson, AsJson, Exit, Yes, ask_typed, ask_yes, give_up, say, show, show_json
from app.cli.servers import Name, found
from app.cli.session import CommandSession, agency, changing, reading

if TYPE_CHECKING:
    from backend.servers.held import Held, UsageRow
    from backend.servers.queries import ServerRow

address = typer.Typer(no_args_is_help=True, help="Addresses that outlive a server.")
firewall = typer.Typer(no_args_is_help=True, help="The firewall before a server.")
Ip = Annotated[str, typer.Argument(help="The address, as server address list has it.")]


@address.command("list")
def list_addresses(context: typer.Context, name: Name, as_json: AsJson = False) -> None:
    """What is held for a server, and what is free in its account and region."""
    with reading(context.obj) as session:
        held = _held(session, found(session, name))
    if as_json:
        show_json({"reserved": held.reserved, "free": held.free})
        return
    columns = ("ip", "monthly_micro", "currency", "reserved_at", "id")
    show(held.reserved, as_json=False, columns=columns, empty="No address is held for it.")
    say()
    show(held.free, as_json=False, columns=columns, empty="No address is free.")


@address.command()
def reserve(context: typer.Context, name: Name, yes: Yes = False, as_json: AsJobJson = False) -> None:
    """Hold an address for a server: it outlives it, and costs what the provider says."""
    from backend.providers.capabilities import clouds

    with changing(context.obj) as session:
        row = found(session, name)
        ask_yes(f"Reserve an address for {row.name}? {clouds()[row.provider].cells['reserved_address'].note}", yes=yes)
        wish: dict[str, object] = {"server_id": str(row.id)}
        end_of(session, carry_out(session, "server.address.reserve", wish), as_json=as_json)


@address.command()
def assign(context: typer.Context, name: Name, ip: Ip, as_json: AsJobJson = False) -> None:
    """Give a free address of the same account and region to a server."""
    with changing(context.obj) as session:
        row = found(session, name)
        free = {each.ip: each.id for each in _held(session, row).free}
        if ip not in free:
            give_up(Exit.NOT_FOUND, f"{ip} is not free for {row.name}. See mailyard server address list.")
        wish: dict[str, object] = {"server_id": str(row.id), "address_id": free[ip]}
        end_of(session, carry_out(session, "server.address.assign", wish), as_json=as_json)


@address.command()
def release(
    context: typer.Context,
    name: Name,
    ip: Ip,
    typed_name: Annotated[str, typer.Option(help="The address again, instead of the question.")] = "",
    as_json: AsJobJson = False,
) -> None:
    """Hold an address of a server no longer. Somebody else may get it."""
    with changing(context.obj) as session:
        row = found(session, name)
        held = {each.ip: each.id for each in _held(session, row).reserved}
        if ip not in held:
            give_up(Exit.NOT_FOUND, f"{ip} is not held for {row.name}. See mailyard server address list.")
        wish: dict[str, object] = {"server_id": str(row.id), "address_id": held[ip]}
        wish["typed_name"] = typed_name or ask_typed(ip, "This releases {name}. It cannot be had again.")
        end_of(session, carry_out(session, "server.address.release", wish), as_json=as_json)


@firewall.command("show")
def show_firewall(context: typer.Context, name: Name, as_json: AsJson = False) -> None:
    """What the firewall before a server lets in."""
    with reading(context.obj) as session:
        standing = _held(session, found(session, name)).firewall
    if as_json:
        show_json({"firewall": standing})
    elif standing is None:
        say("No firewall of Mailyard's stands before it: mailyard server firewall set NAME")
    else:
        for rule in standing.allowed:
            say(f"{rule['protocol']:<5} {rule['ports'] or '-':<11} {', '.join(rule['sources'])}")


@firewall.command("set")
def set_firewall(
    context: typer.Context,
    name: Name,
    allow: Annotated[
        list[str] | None,
        typer.Option(help="tcp:8080, udp:5000-5010:203.0.113.0/24 or icmp; again for more. What mail needs if none."),
    ] = None,
    yes: Yes = False,
    as_json: AsJobJson = False,
) -> None:
    """Put a firewall before a server, or change what it lets in. All else is refused."""
    with changing(context.obj) as session:
        row = found(session, name)
        rules = [_rule(text) for text in allow or ()]
        what = ", ".join(allow) if allow else "SSH, mail and web"
        ask_yes(f"Let {what} through to {row.name}, and nothing else?", yes=yes)
        wish: dict[str, object] = {"server_id": str(row.id), "allowed": rules}
        end_of(session, carry_out(session, "server.firewall", wish), as_json=as_json)


@firewall.command("remove")
def remove_firewall(context: typer.Context, name: Name, yes: Yes = False, as_json: AsJobJson = False) -> None:
    """Take the firewall before a server away."""
    with changing(context.obj) as session:
        row = found(session, name)
        ask_yes(f"Remove the firewall before {row.name}? It stands open to the network then.", yes=yes)
        wish: dict[str, object] = {"server_id": str(row.id)}
        end_of(session, carry_out(session, "server.firewall.remove", wish), as_json=as_json)


def usage(
    context: typer.Context,
    name: Name,
    ask: Annotated[bool, typer.Option(help="Ask the provider first.")] = False,
    as_json: AsJson = False,
) -> None:
    """Traffic of a server this month, as its provider counts it."""
    if ask:
        with changing(context.obj) as session:
            row = found(session, name)
            detail = carry_out(session, "server.usage", {"server_id": str(row.id)})
            if detail.job.state != "succeeded":
                give_up(Exit.FAILED, detail.job.cause or "The provider could not be asked.")
            used = _held(session, row).usage
    else:
        with reading(context.obj) as session:
            used = _held(session, found(session, name)).usage
    if as_json:
        show_json({"usage": used})
    elif used is None:
        say("The provider was not asked yet: mailyard server usage NAME --ask")
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
        say(f"{word:<9} {'not told' if volume is None else size(volume)}")
    say(f"since {used.since:%Y-%m-%d}, from {used.source}, read {used.read_at:%Y-%m-%d %H:%M} UTC")


def _held(session: CommandSession, row: ServerRow) -> Held:
    from backend.servers.held import ServerHoldings

    return session.ask(ServerHoldings(agency(), row.id))


def _rule(text: str) -> dict[str, object]:
    """``protocol[:ports[:network[,network]]]``; what it means is for the job to judge."""
    from backend.providers.network import ANYWHERE

    protocol, ports, networks = (*text.split(":", 2), "", "")[:3]
    return {"protocol": protocol, "ports": ports, "sources": networks.split(",") if networks else list(ANYWHERE)}
