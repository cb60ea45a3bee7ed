"""``mailyard alias``: list, set, delete."""

from __future__ import annotations

from typing import Annotated

import typer

from app.cli.following import end_of, submit_and_follow
from app.cli.mail import address_of, domain_or_all
from app.cli.output import AsJobJson, AsJson, OfWorkspace, show
from app.cli.session import changing, everybody, reading, scope_of
from backend.mail.requests import RemoveAlias, SetAlias

app = typer.Typer(no_args_is_help=True)

Address = Annotated[str, typer.Argument(help="The whole address, e.g. sales@example.com.")]
LIST = ("address", "destinations", "is_wildcard", "comment")


@app.command("list")
def list_aliases(
    context: typer.Context,
    domain: Annotated[str, typer.Argument(help="Of this domain alone.")] = "",
    as_json: AsJson = False,
    workspace: OfWorkspace = "",
) -> None:
    """Aliases and where they lead."""
    from backend.mail.queries import Aliases

    with reading(context.obj) as session:
        scope = scope_of(session, workspace) if workspace else everybody(session)
        rows = session.ask(Aliases(scope, domain_or_all(session, domain)))
    show(rows, as_json=as_json, columns=LIST, empty="No aliases yet: mailyard alias set ADDRESS TO")


@app.command("set")
def set_alias(
    context: typer.Context,
    address: Address,
    to: Annotated[list[str], typer.Argument(help="Where its mail goes, inside or outside.")],
    wildcard: Annotated[bool, typer.Option("--wildcard", help="% stands for any letters: %@example.com.")] = False,
    comment: Annotated[str, typer.Option(help="A word on what it is for.")] = "",
    as_json: AsJobJson = False,
) -> None:
    """Make an alias, or let it lead elsewhere."""
    with changing(context.obj) as session:
        row, plain = address_of(session, address)
        request = SetAlias(row.server_id, plain, tuple(to), wildcard, comment)
        end_of(session, submit_and_follow(session, request), as_json=as_json)


@app.command()
def delete(context: typer.Context, address: Address, as_json: AsJobJson = False) -> None:
    """Delete an alias: mail to it is refused from then on."""
    with changing(context.obj) as session:
        row, plain = address_of(session, address)
        end_of(session, submit_and_follow(session, RemoveAlias(row.server_id, plain)), as_json=as_json)
