"""``mailyard relay``: list, add, set, delete; domains whose mail a mail server hands on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.following import end_of, submit_and_follow
from app.cli.output import AsJobJson, AsJson, Exit, OfWorkspace, give_up, show
from app.cli.servers import found
from app.cli.session import changing, client_id, everybody, reading, scope_of
from backend.core.domain_names import plain_domain
from backend.mail.requests import AddRelay, RemoveRelay, SetRelay

if TYPE_CHECKING:
    from app.cli.session import CommandSession
    from backend.mail.relay_queries import RelayRow

app = typer.Typer(no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="The relayed domain, e.g. example.com.")]
On = Annotated[str, typer.Option("--server", help="Its mail server, where several relay it.")]
HOP = "Where its mail goes: host, host:port, [host]:port, mx:domain or lmtp:host:port."
LIST = ("name", "server", "workspace", "next_hop", "comment", "seen_at")


@app.command("list")
def list_relays(context: typer.Context, as_json: AsJson = False, workspace: OfWorkspace = "") -> None:
    """Relayed domains and where their mail goes; nothing there is the domain's own MX."""
    from backend.mail.relay_queries import Relays

    with reading(context.obj) as session:
        rows = session.ask(Relays(scope_of(session, workspace) if workspace else everybody(session)))
    show(rows, as_json=as_json, columns=LIST, empty="No relays yet: mailyard relay add NAME --server SERVER")


@app.command()
def add(
    context: typer.Context,
    name: Name,
    server: Annotated[str, typer.Option(help="The server that takes its mail.")],
    to: Annotated[str, typer.Option(help=f"{HOP} The domain's MX if none.")] = "",
    client: Annotated[str, typer.Option(help="The workspace it is for; the agency itself if none.")] = "",
    comment: Annotated[str, typer.Option(help="A word on what it is for.")] = "",
    as_json: AsJobJson = False,
) -> None:
    """Let a mail server take the mail of a domain and hand it on."""
    with changing(context.obj) as session:
        owner = client_id(session, client) if client else None
        request = AddRelay(found(session, server).id, name, to, comment, owner)
        end_of(session, submit_and_follow(session, request), as_json=as_json)


@app.command("set")
def set_relay(
    context: typer.Context,
    name: Name,
    to: Annotated[str | None, typer.Option(help=HOP)] = None,
    by_mx: Annotated[bool, typer.Option("--by-mx", help="To the MX of the domain.")] = False,
    comment: Annotated[str | None, typer.Option(help="A word on what it is for.")] = None,
    server: On = "",
    as_json: AsJobJson = False,
) -> None:
    """Hand its mail on elsewhere; what is not given stays."""
    if to is not None and by_mx:
        raise typer.BadParameter("--by-mx takes no --to.")
    if to is None and comment is None and not by_mx:
        give_up(Exit.USAGE, "Say what is to change: mailyard relay set --help")
    with changing(context.obj) as session:
        row = relay_of(session, name, server)
        hop = "" if by_mx else row.next_hop if to is None else to
        request = SetRelay(row.server_id, row.name, hop, row.comment if comment is None else comment)
        end_of(session, submit_and_follow(session, request), as_json=as_json)


@app.command()
def delete(context: typer.Context, name: Name, server: On = "", as_json: AsJobJson = False) -> None:
    """Delete a relay: mail for the domain is refused from then on."""
    with changing(context.obj) as session:
        row = relay_of(session, name, server)
        end_of(session, submit_and_follow(session, RemoveRelay(row.server_id, row.name)), as_json=as_json)


def relay_of(session: CommandSession, text: str, server: str) -> RelayRow:
    """The row of a relayed domain; ends the command where there is none, or more than one."""
    from backend.mail.relay_queries import Relays

    name, on = plain_domain(text), found(session, server).id if server else None
    rows = [row for row in session.ask(Relays(everybody(session), on)) if row.name == name]
    if not rows:
        give_up(Exit.NOT_FOUND, f"No mail server relays {name or '-'}: mailyard relay list")
    if len(rows) > 1:
        give_up(Exit.USAGE, f"{', '.join(row.server for row in rows)} relay {name}: say which with --server.")
    return rows[0]
