"""``mailyard server``: create, list, show, power, destroy; and ``mailyard metrics``."""

from __future__ import annotations

from math import isnan
from typing import Annotated, Any
from uuid import UUID

import typer

from app.cli.accounts import account_id
from app.cli.output import AsJson, Exit, give_up, show
from app.cli.session import CommandSession, changing, end_of, reading

app = typer.Typer(no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="The server's full name, e.g. mx1.example.net.")]
LIST = ("name", "health", "life", "power", "address", "region", "plan", "account", "sampled_at")


@app.command()
def create(
    context: typer.Context,
    name: Name,
    account: Annotated[str, typer.Option(help="Name of the account.")],
    region: Annotated[str, typer.Option()],
    plan: Annotated[str, typer.Option()],
    image: Annotated[str, typer.Option()] = "debian-12-x64",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before it costs money.")] = False,
) -> None:
    """Order a server, make it, prove it."""
    from backend.bootstrap import new_order_id

    with changing(context.obj) as session:
        offered = _offer(session, account_id(session, account), plan)
        price = offered.monthly_micro if offered else None
        words = (
            f"{price / 1_000_000:.2f} {offered.currency} a month" if offered and price is not None else "price unknown"
        )
        if not yes:
            typer.confirm(f"Create {name}: {plan} in {region}, {words}?", abort=True)
        wish = {
            "order_id": new_order_id(),
            "name": name,
            "account_id": str(account_id(session, account)),
            "region": region,
            "plan": plan,
            "image": image,
            "seen_monthly_micro": price,
        }
        end_of(session.follow(session.wish("server.provision", wish)))


@app.command("list")
def list_servers(context: typer.Context, as_json: AsJson = False) -> None:
    """All servers."""
    with reading(context.obj) as session:
        show(_servers(session), as_json=as_json, columns=LIST)


@app.command("show")
def show_server(context: typer.Context, name: Name, as_json: AsJson = False) -> None:
    """One server with addresses and timeline."""
    from backend.servers.queries import ServerDetails
    from backend.store.scope import AGENCY, Scope

    with reading(context.obj) as session:
        row = _found(session, name)
        detail = session.ask(ServerDetails(Scope.of(AGENCY), row.id))
        if as_json:
            show({"server": row, "addresses": detail.addresses, "events": detail.events}, as_json=True)
            return
        show([row], as_json=False, columns=LIST)
        show(detail.addresses, as_json=False, columns=("ip", "kind", "ptr", "since", "until"))
        show(detail.events, as_json=False, columns=("at", "kind", "text"))


@app.command()
def power(
    context: typer.Context,
    name: Name,
    action: Annotated[str, typer.Argument(help="on, off, shutdown, reboot or power_cycle")],
) -> None:
    """Switch a server, and see that it is as wished."""
    with changing(context.obj) as session:
        wish = {"server_id": str(_found(session, name).id), "action": action}
        end_of(session.follow(session.wish("server.power", wish)))


@app.command()
def destroy(
    context: typer.Context,
    name: Name,
    typed_name: Annotated[str, typer.Option(help="The full name again, instead of the question.")] = "",
) -> None:
    """Delete a server for good."""
    with changing(context.obj) as session:
        row = _found(session, name)
        typed = typed_name or str(typer.prompt(f"This deletes {row.name} and all that is on it. Type its name"))
        wish = {"server_id": str(row.id), "typed_name": typed}
        end_of(session.follow(session.wish("server.destroy", wish)))


def metrics(
    context: typer.Context,
    server: Name,
    hours: Annotated[int, typer.Option(min=1, max=2160)] = 24,
    as_json: AsJson = False,
) -> None:
    """Samples of a server: CPU, memory, disk and the rest."""
    from backend.servers.queries import HistorySeries
    from backend.store.scope import AGENCY, Scope

    with reading(context.obj) as session:
        row = _found(session, server)
        series = session.ask(HistorySeries(Scope.of(AGENCY), row.id, hours))
    samples = [{"at": int(at), **_sample(series, n)} for n, at in enumerate(series.times)]
    if as_json:
        show(samples, as_json=True)
        return
    for sample in samples:
        typer.echo("  ".join(f"{key} {value}" for key, value in sample.items()))


def _sample(series: Any, number: int) -> dict[str, float]:
    """The metrics of one moment that were observed."""
    values = {name: float(column[number]) for name, column in series.values.items()}
    return {name: round(value, 2) for name, value in values.items() if not isnan(value)}


def _servers(session: CommandSession) -> Any:
    from backend.servers.queries import Servers
    from backend.store.scope import AGENCY, Scope

    return session.ask(Servers(Scope.of(AGENCY)))


def _found(session: CommandSession, name: str) -> Any:
    for row in _servers(session):
        if name in (row.name, str(row.id)):
            return row
    give_up(Exit.NOT_FOUND, f"There is no server named {name}.")


def _offer(session: CommandSession, account: UUID, plan: str) -> Any:
    from backend.accounts.queries import Offers

    return next((offer for offer in session.ask(Offers(account)).plans if offer.slug == plan), None)
