"""``mailyard server``: create, list, show, power, resize, rdns, snapshot, restore, adopt, release, destroy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, get_args

import typer

from app.cli.accounts import account_id
from app.cli.following import end_of, submit_and_follow
from app.cli.output import (
    AsJobJson,
    AsJson,
    Exit,
    OfWorkspace,
    Yes,
    ask_typed,
    ask_yes,
    give_up,
    say,
    show,
    show_json,
)
from app.cli.session import CommandSession, agency, changing, reading, scope_of
from backend.core.errors import Refused
from backend.providers.models import PowerAction
from backend.servers.requests import (
    DeleteSnapshot,
    DestroyServer,
    ManageServer,
    PowerServer,
    ProvisionServer,
    ResizeServer,
    RestoreSnapshot,
    SetReverseDns,
    TakeSnapshot,
    UnmanageServer,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from backend.accounts.queries import OfferRows, PlanOffer
    from backend.servers.network.queries import AttachedResourceRows
    from backend.servers.queries import ServerDetail, ServerRow
    from backend.store.scope import Scope

app = typer.Typer(no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="The server's full name, e.g. mx1.example.net.")]
DELETES = "This deletes {name} and everything on it."
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
    """Order a server, create it and verify it."""
    from backend.accounts.queries import Offers
    from backend.servers.provision.naming import new_order_id

    with changing(context.obj) as session:
        at = account_id(session, account)
        offers = session.ask(Offers(at))
        offer = _offer(offers, plan, region)
        ask_yes(f"Create {name}: {plan} in {region}, {_price(offer)}?", yes=yes)
        request = ProvisionServer(
            order_id=new_order_id(),
            name=name,
            account_id=at,
            region=region,
            plan=plan,
            image=image or offers.debian or "",
            seen_monthly_micro=offer.monthly_micro if offer else None,
        )
        end_of(session, submit_and_follow(session, request), as_json=as_json)


@app.command("list")
def list_servers(context: typer.Context, as_json: AsJson = False, workspace: OfWorkspace = "") -> None:
    """All servers, or those that a client uses."""
    with reading(context.obj) as session:
        rows = servers(session, scope_of(session, workspace))
    if as_json:
        show_json(rows)
    else:
        show(rows, as_json=False, columns=LIST, empty="No servers yet: mailyard server create NAME")


@app.command("show")
def show_server(context: typer.Context, name: Name, as_json: AsJson = False) -> None:
    """One server with addresses and timeline."""
    from backend.servers.network.queries import AttachedResources
    from backend.servers.queries import ServerDetails

    with reading(context.obj) as session:
        row = found(session, name)
        detail = session.ask(ServerDetails(agency(), row.id))
        resources = session.ask(AttachedResources(agency(), row.id))
    if as_json:
        show_json(_whole(row, detail, resources))
        return
    show([row], as_json=False, columns=LIST)
    say()
    show(detail.addresses, as_json=False, columns=("ip", "kind", "ptr", "since", "until"), empty="No addresses.")
    say()
    if detail.snapshots:
        show(detail.snapshots, as_json=False, columns=("id", "name", "size_gb", "created_at"))
        say()
    show(detail.events, as_json=False, columns=("at", "kind", "text"), empty="No events yet.")


@app.command()
def power(
    context: typer.Context,
    name: Name,
    action: Annotated[str, typer.Argument(help="on, off, shutdown, reboot or power_cycle")],
    as_json: AsJobJson = False,
) -> None:
    """Power a server on or off, shut it down or reboot it, and verify its state."""
    with changing(context.obj) as session:
        request = PowerServer(found(session, name).id, _power_action(action))
        end_of(session, submit_and_follow(session, request), as_json=as_json)


@app.command()
def resize(
    context: typer.Context,
    name: Name,
    plan: Annotated[str, typer.Argument(help="As the provider names it, e.g. s-2vcpu-4gb.")],
    grow_disk: Annotated[
        bool, typer.Option(help="Grow the disk too, where that is a choice; it cannot be shrunk again.")
    ] = False,
    yes: Yes = False,
    as_json: AsJobJson = False,
) -> None:
    """Resize a server: give it another plan. It is offline meanwhile."""
    from backend.accounts.queries import Offers

    with changing(context.obj) as session:
        row = found(session, name)
        offer = _offer(session.ask(Offers(row.account_id)), plan, row.region)
        ask_yes(f"Resize {row.name} from {row.plan} to {plan}, {_price(offer)}? It is offline meanwhile.", yes=yes)
        seen = offer.monthly_micro if offer else None
        request = ResizeServer(row.id, plan, grow_disk=grow_disk, seen_monthly_micro=seen)
        end_of(session, submit_and_follow(session, request), as_json=as_json)


@app.command()
def rdns(
    context: typer.Context,
    name: Name,
    host_name: Annotated[str, typer.Argument(help="The reverse DNS name, e.g. mail.acme.example.")],
    ip: Annotated[str, typer.Option(help="Which of its addresses; its main one if none is given.")] = "",
    as_json: AsJobJson = False,
) -> None:
    """Set the reverse DNS name (PTR) of an address of a server."""
    with changing(context.obj) as session:
        row = found(session, name)
        request = SetReverseDns(row.id, ip or row.address or "", host_name)
        end_of(session, submit_and_follow(session, request), as_json=as_json)


@app.command()
def snapshot(
    context: typer.Context,
    name: Name,
    words: Annotated[str, typer.Argument(help="Its name; Mailyard's ownership tag is added.")],
    as_json: AsJobJson = False,
) -> None:
    """Take a snapshot of a server's disk."""
    with changing(context.obj) as session:
        request = TakeSnapshot(found(session, name).id, words)
        end_of(session, submit_and_follow(session, request), as_json=as_json)


@app.command()
def restore(
    context: typer.Context,
    name: Name,
    snapshot_id: Annotated[str, typer.Argument(help="The snapshot's id, as server show lists it.")],
    typed_name: Annotated[str, typer.Option(help="The server's full name again, instead of the question.")] = "",
    as_json: AsJobJson = False,
) -> None:
    """Restore a server from a snapshot. What is on its disk now is lost."""
    with changing(context.obj) as session:
        row = found(session, name)
        typed = typed_name or ask_typed(row.name, "This replaces all data on {name}.")
        end_of(session, submit_and_follow(session, RestoreSnapshot(row.id, snapshot_id, typed)), as_json=as_json)


@app.command("delete-snapshot")
def delete_snapshot(
    context: typer.Context,
    name: Name,
    snapshot_id: Annotated[str, typer.Argument(help="The snapshot's id, as server show lists it.")],
    typed_name: Annotated[str, typer.Option(help="The snapshot's full name, instead of the question.")] = "",
    as_json: AsJobJson = False,
) -> None:
    """Delete a snapshot permanently."""
    from backend.servers.queries import ServerDetails

    with changing(context.obj) as session:
        row = found(session, name)
        known = {each.id: each.name for each in session.ask(ServerDetails(agency(), row.id)).snapshots}
        if snapshot_id not in known:
            give_up(Exit.NOT_FOUND, f"There is no snapshot {snapshot_id} of {row.name}. See mailyard server show.")
        typed = typed_name or ask_typed(known[snapshot_id], "This deletes the snapshot {name}.")
        end_of(session, submit_and_follow(session, DeleteSnapshot(row.id, snapshot_id, typed)), as_json=as_json)


@app.command()
def adopt(context: typer.Context, name: Name, yes: Yes = False, as_json: AsJobJson = False) -> None:
    """Start managing a server that Mailyard did not create. The provider is not called."""
    with changing(context.obj) as session:
        row = found(session, name)
        ask_yes(
            f"Start managing {row.name}: from now on it can be powered on and off, resized and destroyed from here?",
            yes=yes,
        )
        end_of(session, submit_and_follow(session, ManageServer(row.id, row.name)), as_json=as_json)


@app.command()
def release(context: typer.Context, name: Name, as_json: AsJobJson = False) -> None:
    """Stop managing a server that Mailyard did not create."""
    with changing(context.obj) as session:
        request = UnmanageServer(found(session, name).id)
        end_of(session, submit_and_follow(session, request), as_json=as_json)


@app.command()
def destroy(
    context: typer.Context,
    name: Name,
    typed_name: Annotated[str, typer.Option(help="The full name again, instead of the question.")] = "",
    as_json: AsJobJson = False,
) -> None:
    """Destroy a server permanently."""
    with changing(context.obj) as session:
        row = found(session, name)
        request = DestroyServer(row.id, typed_name or ask_typed(row.name, DELETES))
        end_of(session, submit_and_follow(session, request), as_json=as_json)


def servers(session: CommandSession, scope: Scope | None = None) -> Sequence[ServerRow]:
    """All servers in the scope, the agency's if none is given."""
    from backend.servers.queries import Servers

    return session.ask(Servers(scope or agency()))


def found(session: CommandSession, name: str) -> ServerRow:
    """The server with this name or id; ends the command when there is none, or more than one."""
    rows = [row for row in servers(session) if name in (row.name, str(row.id))]
    if len(rows) > 1:
        rows = [row for row in rows if row.life != "failed"] or rows
    if not rows:
        give_up(Exit.NOT_FOUND, f"There is no server named {name}. See mailyard server list.")
    if len(rows) > 1:
        ids = ", ".join(str(row.id) for row in rows)
        give_up(Exit.NOT_FOUND, f"Several servers are named {name}. Name one by its id: {ids}.")
    return rows[0]


def _power_action(word: str) -> PowerAction:
    """:raises Refused: there is no such action."""
    known: PowerAction | None = next((each for each in get_args(PowerAction) if each == word), None)
    if known is None:
        raise Refused(f"Choose one of: {', '.join(get_args(PowerAction))}.")
    return known


def _offer(offers: OfferRows, plan: str, region: str) -> PlanOffer | None:
    from backend.core.prices import priced_in

    return next((priced_in(offer, region) for offer in offers.plans if offer.slug == plan), None)


def _price(offer: PlanOffer | None) -> str:
    from backend.core.present.format import money

    if offer is None or offer.monthly_micro is None:
        return "price unknown"
    return f"{money(offer.monthly_micro, offer.currency)} a month"


def _whole(row: ServerRow, detail: ServerDetail, resources: AttachedResourceRows) -> Mapping[str, object]:
    """All that is known of a server, for JSON."""
    return {
        "server": row,
        "addresses": detail.addresses,
        "snapshots": detail.snapshots,
        "resources": resources,
        "events": detail.events,
    }
