"""``mailyard domain templates``: list, add, set, delete; the named limits that fill in those of a domain."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.following import settle
from app.cli.output import AsJson, Exit, give_up, show, show_json
from app.cli.session import changing, reading
from backend.mail.requests import KeepTemplate, RemoveTemplate

if TYPE_CHECKING:
    from app.cli.session import CommandSession
    from backend.mail.templates import LimitTemplate

app = typer.Typer(no_args_is_help=True)

#: Mailboxes, aliases, bytes of one mailbox; None: no limit.
Limits = tuple[int | None, int | None, int | None]
MB = 1_000_000
Most = Annotated[int | None, typer.Option(min=0, help="At most so many; no limit if none is given.")]
MostMb = Annotated[int | None, typer.Option("--max-quota-mb", min=1, help="A mailbox may have at most so much.")]
Unlimited = Annotated[bool, typer.Option("--unlimited", help="Take the limits that are not given away.")]
Name = Annotated[str, typer.Argument(help="The template's name.")]
LIST = ("name", "max_mailboxes", "max_aliases", "max_quota_bytes")


@app.command("list")
def list_templates(context: typer.Context, as_json: AsJson = False) -> None:
    """All templates with what they fill in."""
    from backend.mail.templates import LimitTemplates

    with reading(context.obj) as session:
        rows = session.ask(LimitTemplates())
    show(rows, as_json=as_json, columns=LIST, empty="No templates yet: mailyard domain templates add NAME")


@app.command()
def add(
    context: typer.Context,
    name: Name,
    max_mailboxes: Most = None,
    max_aliases: Most = None,
    max_quota_mb: MostMb = None,
    as_json: AsJson = False,
) -> None:
    """A new template; at least one limit."""
    request = KeepTemplate(name, max_mailboxes, max_aliases, in_bytes(max_quota_mb))
    with changing(context.obj) as session:
        _keep(session, request, as_json=as_json)


@app.command("set")
def set_template(
    context: typer.Context,
    name: Name,
    new_name: Annotated[str, typer.Option(help="Another name for it.")] = "",
    max_mailboxes: Most = None,
    max_aliases: Most = None,
    max_quota_mb: MostMb = None,
    unlimited: Unlimited = False,
    as_json: AsJson = False,
) -> None:
    """Another name, or other limits; what is not given stays. No domain changes with it."""
    given = (max_mailboxes, max_aliases, in_bytes(max_quota_mb))
    if not (new_name or unlimited) and all(each is None for each in given):
        give_up(Exit.USAGE, "Say what is to change: mailyard domain templates set --help")
    with changing(context.obj) as session:
        row = template_of(session, name)
        limits = or_kept(given, (None, None, None) if unlimited else row.limits)
        _keep(session, KeepTemplate(new_name or row.name, *limits, of=row.name), as_json=as_json)


@app.command()
def delete(context: typer.Context, name: Name, as_json: AsJson = False) -> None:
    """Delete a template; domains keep the limits that it filled in."""
    with changing(context.obj) as session:
        row = template_of(session, name)
        settle(session, RemoveTemplate(row.name))
    if as_json:
        show_json(row)


def template_of(session: CommandSession, name: str) -> LimitTemplate:
    """The one of that name; ends the command where there is none."""
    from backend.mail.templates import LimitTemplates, named

    found = named(session.ask(LimitTemplates()), name)
    if found is None:
        give_up(Exit.NOT_FOUND, f"There is no template {name or '-'}: mailyard domain templates list")
    return found


def in_bytes(megabytes: int | None) -> int | None:
    return None if megabytes is None else megabytes * MB


def or_kept(given: Limits, kept: Limits) -> Limits:
    """What is given, else what is kept."""
    mailboxes, aliases, quota = (old if new is None else new for new, old in zip(given, kept, strict=True))
    return mailboxes, aliases, quota


def _keep(session: CommandSession, request: KeepTemplate, *, as_json: bool) -> None:
    settle(session, request)
    if as_json:
        show_json(template_of(session, request.name))
