"""``mailyard server``: create, list, show, power, resize, rdns, snapshot, restore, adopt, release, destroy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.accounts import account_id
from app.cli.following import carry_out, end_of
from app.cli.output import (
    AsJobJson,
    AsJson,
    Exit,
    Yes,
    ask_typed,
    ask_yes,
    give_up,
    say,
    show,
    show_json,
)
from app.cli.session import CommandSession, agency, changing, reading

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from backend.accounts.queries import OfferRows, PlanOffer
    from backend.servers.held import Held
    from backend.servers.queries import ServerDetail, ServerRow

app = typer.Typer(no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="The server's full name, e.g. mx1.example.net.")]
DELETES = "This deletes {name} and all that is on it."
LIST = ("name", "health", "life", "power", "address", "region", "plan", "account", "sampled_at")


@app.command()
def create(
    context: typer.Context,
    name: Name,
    account: Annotated[str, typer.Option(help="Name of the account.")],
    region: Annotated[str, typer.Option(help="As the provider names it, e.g. fra1.")],
    plan: Annotated[str, typer.Option(help="As the provider names it, e.g. s-1vcpu-2gb.")],
    image: Annotated[str, typer.Option(help="As the provider names it; Debian 12 if none is given.")] = "",
    yes: Yes = False,
    as_json: AsJobJson = False,
) -> None:
    """Order a server, make it, prove it."""
    from backend.accounts.queries import Offers
    from backend.bootstrap import new_order_id

    with changing(context.obj) as session:
        at = account_id(session, account)
        offers = session.ask(Offers(at))
        offer = _offer(offers, plan, region)
        ask_yes(f"Create {name}: {plan} in {region}, {_price(offer)}?", yes=yes)
        wish = {
            "order_id": new_order_id(),
            "name": name,
            "account_id": str(at),
            "region": region,
            "plan": plan,
            "image": image or offers.debian,
            "seen_monthly_micro": offer.monthly_micro if offer else None,
        }
        end_of(session, carry_out(session, "server.provision", wish), as_json=as_json)


@app.command("list")
def list_servers(context: typer.Context, as_json: AsJson = False) -> None:
    """All servers."""
    with reading(context.obj) as session:
        rows = servers(session)
    if as_json:
        show_json(rows)
    else:
        show(rows, as_json=False, columns=LIST, empty="No servers yet: mailyard server create NAME")


@app.command("show")
def show_server(context: typer.Context, name: Name, as_json: AsJson = False) -> None:
    """One server with addresses and timeline."""
    from backend.servers.held import ServerHoldings
    from backend.servers.queries import ServerDetails

    with reading(context.obj) as session:
        row = found(session, name)
        detail, held = session.ask(ServerDetails(agency(), row.id)), session.ask(ServerHoldings(agency(), row.id))
    if as_json:
        show_json(_whole(row, detail, held))
        return
    show([row], as_json=False, columns=LIST)
    say()
    show(detail.addresses, as_json=False, columns=("ip", "kind", "ptr", "since", "until"), empty="No addresses.")
    say()
    if detail.snapshots:
        show(detail.snapshots, as_json=False, columns=("id", "name", "size_gb", "created_at"))
        say()
    show(detail.events, as_json=False, columns=("at", "kind", "text"), empty="Nothing happened yet.")


@app.command()
def power(
    context: typer.Context,
    name: Name,
    action: Annotated[str, typer.Argument(help="on, off, shutdown, reboot or power_cycle")],
    as_json: AsJobJson = False,
) -> None:
    """Switch a server, and see that it is as wished."""
    with changing(context.obj) as session:
        wish: dict[str, object] = {"server_id": str(found(session, name).id), "action": action}
        end_of(session, carry_out(session, "server.power", wish), as_json=as_json)


@app.command()
def resize(
    context: typer.Context,
    name: Name,
    plan: Annotated[str, typer.Argument(help="As the provider names it, e.g. s-2vcpu-4gb.")],
    grow_disk: Annotated[
        bool, typer.Option(help="Take the plan's larger disk too, where that is a choice; it never shrinks again.")
    ] = False,
    yes: Yes = False,
    as_json: AsJobJson = False,
) -> None:
    """Give a server another plan. It is away meanwhile."""
    from backend.accounts.queries import Offers

    with changing(context.obj) as session:
        row = found(session, name)
        offer = _offer(session.ask(Offers(row.account_id)), plan, row.region)
        ask_yes(f"Resize {row.name} from {row.plan} to {plan}, {_price(offer)}? It is away meanwhile.", yes=yes)
        wish: dict[str, object] = {
            "server_id": str(row.id),
            "plan": plan,
            "grow_disk": grow_disk,
            "seen_monthly_micro": offer.monthly_micro if offer else None,
        }
        end_of(session, carry_out(session, "server.resize", wish), as_json=as_json)


@app.command()
def rdns(
    context: typer.Context,
    name: Name,
    host_name: Annotated[str, typer.Argument(help="The reverse name, e.g. mail.acme.example.")],
    ip: Annotated[str, typer.Option(help="Which of its addresses; its main one if none is given.")] = "",
    as_json: AsJobJson = False,
) -> None:
    """Give an address of a server its reverse name (PTR)."""
    with changing(context.obj) as session:
        row = found(session, name)
        wish: dict[str, object] = {"server_id": str(row.id), "ip": ip or row.address, "name": host_name}
        end_of(session, carry_out(session, "server.reverse", wish), as_json=as_json)


@app.command()
def snapshot(
    context: typer.Context,
    name: Name,
    words: Annotated[str, typer.Argument(help="What to call it; a mark of ours is added.")],
    as_json: AsJobJson = False,
) -> None:
    """Take a snapshot of a server's disk."""
    with changing(context.obj) as session:
        wish: dict[str, object] = {"server_id": str(found(session, name).id), "name": words}
        end_of(session, carry_out(session, "server.snapshot", wish), as_json=as_json)


@app.command()
def restore(
    context: typer.Context,
    name: Name,
    snapshot_id: Annotated[str, typer.Argument(help="The snapshot's id, as server show lists it.")],
    typed_name: Annotated[str, typer.Option(help="The server's full name again, instead of the question.")] = "",
    as_json: AsJobJson = False,
) -> None:
    """Put a snapshot onto the server's disk. What is on it now is lost."""
    with changing(context.obj) as session:
        row = found(session, name)
        wish: dict[str, object] = {"server_id": str(row.id), "snapshot_id": snapshot_id}
        wish["typed_name"] = typed_name or ask_typed(row.name, "This replaces all that is on {name} now.")
        end_of(session, carry_out(session, "server.restore", wish), as_json=as_json)


@app.command("delete-snapshot")
def delete_snapshot(
    context: typer.Context,
    name: Name,
    snapshot_id: Annotated[str, typer.Argument(help="The snapshot's id, as server show lists it.")],
    typed_name: Annotated[str, typer.Option(help="The snapshot's full name, instead of the question.")] = "",
    as_json: AsJobJson = False,
) -> None:
    """Delete a snapshot for good."""
    from backend.servers.queries import ServerDetails

    with changing(context.obj) as session:
        row = found(session, name)
        known = {each.id: each.name for each in session.ask(ServerDetails(agency(), row.id)).snapshots}
        if snapshot_id not in known:
            give_up(Exit.NOT_FOUND, f"There is no snapshot {snapshot_id} of {row.name}. See mailyard server show.")
        wish: dict[str, object] = {"server_id": str(row.id), "snapshot_id": snapshot_id}
        wish["typed_name"] = typed_name or ask_typed(known[snapshot_id], "This deletes the snapshot {name}.")
        end_of(session, carry_out(session, "snapshot.delete", wish), as_json=as_json)


@app.command()
def adopt(context: typer.Context, name: Name, yes: Yes = False, as_json: AsJobJson = False) -> None:
    """Take a server that Mailyard did not make into its hands. The provider is not called."""
    with changing(context.obj) as session:
        row = found(session, name)
        ask_yes(f"Adopt {row.name}: from now on it can be switched, resized and destroyed from here?", yes=yes)
        wish: dict[str, object] = {"server_id": str(row.id), "typed_name": row.name}
        end_of(session, carry_out(session, "server.adopt", wish), as_json=as_json)


@app.command()
def release(context: typer.Context, name: Name, as_json: AsJobJson = False) -> None:
    """Leave an adopted server alone again."""
    with changing(context.obj) as session:
        wish: dict[str, object] = {"server_id": str(found(session, name).id)}
        end_of(session, carry_out(session, "server.release", wish), as_json=as_json)


@app.command()
def destroy(
    context: typer.Context,
    name: Name,
    typed_name: Annotated[str, typer.Option(help="The full name again, instead of the question.")] = "",
    as_json: AsJobJson = False,
) -> None:
    """Delete a server for good."""
    with changing(context.obj) as session:
        row = found(session, name)
        wish: dict[str, object] = {"server_id": str(row.id), "typed_name": typed_name or ask_typed(row.name, DELETES)}
        end_of(session, carry_out(session, "server.destroy", wish), as_json=as_json)


def servers(session: CommandSession) -> Sequence[ServerRow]:
    """All servers."""
    from backend.servers.queries import Servers

    return session.ask(Servers(agency()))


def found(session: CommandSession, name: str) -> ServerRow:
    """The server with this name or id; ends the command when there is none, or more than one."""
    rows = [row for row in servers(session) if name in (row.name, str(row.id))]
    if len(rows) > 1:
        rows = [row for row in rows if row.life != "failed"] or rows
    if not rows:
        give_up(Exit.NOT_FOUND, f"There is no server named {name}. See mailyard server list.")
    if len(rows) > 1:
        ids = ", ".join(str(row.id) for row in rows)
        give_up(Exit.NOT_FOUND, f"{len(rows)} servers are named {name}. Name one by its id: {ids}.")
    return rows[0]


def _offer(offers: OfferRows, plan: str, region: str) -> PlanOffer | None:
    from backend.core.prices import priced_in

    return next((priced_in(offer, region) for offer in offers.plans if offer.slug == plan), None)


def _price(offer: PlanOffer | None) -> str:
    from backend.core.present.format import money

    if offer is None or offer.monthly_micro is None:
        return "price unknown"
    return f"{money(offer.monthly_micro, offer.currency)} a month"


def _whole(row: ServerRow, detail: ServerDetail, held: Held) -> Mapping[str, object]:
    """All that is known of a server, for JSON."""
    return {
        "server": row,
        "addresses": detail.addresses,
        "snapshots": detail.snapshots,
        "held": held,
        "events": detail.events,
    }
