"""``mailyard domain``: list, add, set, remove; the domains on mail servers."""

from __future__ import annotations

from typing import Annotated

import typer

from app.cli import domain_templates
from app.cli.domain_templates import Limits, Most, MostMb, Unlimited, in_bytes, or_kept, template_of
from app.cli.following import end_of, submit_and_follow
from app.cli.mail import domain_of
from app.cli.output import AsJobJson, AsJson, Exit, OfWorkspace, ask_typed, give_up, show
from app.cli.servers import found
from app.cli.session import changing, client_id, everybody, reading, scope_of
from backend.mail.requests import AddDomain, RemoveDomain, SetDomain

app = typer.Typer(no_args_is_help=True)
app.add_typer(domain_templates.app, name="templates", help="Named limits that fill in those of a domain.")

Name = Annotated[str, typer.Argument(help="The domain, e.g. example.com.")]
Template = Annotated[str, typer.Option(help="The template that fills in the limits that are not given.")]
LIST = ("name", "server", "workspace", "mailboxes", "max_mailboxes", "aliases", "max_aliases", "used_bytes", "seen_at")


@app.command("list")
def list_domains(context: typer.Context, as_json: AsJson = False, workspace: OfWorkspace = "") -> None:
    """All domains with what they have and may have."""
    from backend.mail.queries import Domains

    with reading(context.obj) as session:
        scope = scope_of(session, workspace) if workspace else everybody(session)
        rows = session.ask(Domains(scope))
    show(rows, as_json=as_json, columns=LIST, empty="No domains yet: mailyard domain add NAME --server SERVER")


@app.command()
def add(
    context: typer.Context,
    name: Name,
    server: Annotated[str, typer.Option(help="The server that carries it.")],
    client: Annotated[str, typer.Option(help="The workspace it is for; the agency itself if none.")] = "",
    max_mailboxes: Most = None,
    max_aliases: Most = None,
    max_quota_mb: MostMb = None,
    template: Template = "",
    as_json: AsJobJson = False,
) -> None:
    """A domain on a mail server."""
    given = (max_mailboxes, max_aliases, in_bytes(max_quota_mb))
    with changing(context.obj) as session:
        owner = client_id(session, client) if client else None
        kept = template_of(session, template).limits if template else (None, None, None)
        request = AddDomain(found(session, server).id, name, owner, *or_kept(given, kept))
        end_of(session, submit_and_follow(session, request), as_json=as_json)


@app.command("set")
def set_domain(
    context: typer.Context,
    name: Name,
    max_mailboxes: Most = None,
    max_aliases: Most = None,
    max_quota_mb: MostMb = None,
    alternative: Annotated[list[str] | None, typer.Option(help="Another name for it; again for more.")] = None,
    no_alternatives: Annotated[bool, typer.Option("--no-alternatives", help="Take the other names away.")] = False,
    unlimited: Unlimited = False,
    template: Template = "",
    as_json: AsJobJson = False,
) -> None:
    """Other limits, or other alternative names; what is not given stays."""
    if alternative and no_alternatives:
        raise typer.BadParameter("--no-alternatives takes no --alternative.")
    if template and unlimited:
        raise typer.BadParameter("--unlimited takes no --template.")
    given = (max_mailboxes, max_aliases, in_bytes(max_quota_mb))
    changes = (*given, alternative)
    if all(each is None for each in changes) and not (no_alternatives or unlimited or template):
        give_up(Exit.USAGE, "Say what is to change: mailyard domain set --help")
    with changing(context.obj) as session:
        row = domain_of(session, name)
        kept: Limits = (None, None, None) if unlimited else (row.max_mailboxes, row.max_aliases, row.max_quota_bytes)
        if template:
            kept = template_of(session, template).limits
        request = SetDomain(
            row.server_id,
            row.name,
            *or_kept(given, kept),
            () if no_alternatives else row.alternatives if alternative is None else tuple(alternative),
        )
        end_of(session, submit_and_follow(session, request), as_json=as_json)


@app.command()
def remove(
    context: typer.Context,
    name: Name,
    typed_name: Annotated[str, typer.Option(help="The domain once more, instead of being asked.")] = "",
    as_json: AsJobJson = False,
) -> None:
    """Take a domain off its mail server, with its mailboxes and aliases."""
    with changing(context.obj) as session:
        row = domain_of(session, name)
        words = f"This removes {{name}} with {row.mailboxes} mailboxes and {row.aliases} aliases."
        typed = typed_name or ask_typed(row.name, words)
        request = RemoveDomain(row.server_id, row.name, typed)
        end_of(session, submit_and_follow(session, request), as_json=as_json)
