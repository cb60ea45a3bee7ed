"""``mailyard mail``: install, status, settings, upgrade, refresh; the mail servers themselves."""

from __future__ import annotations

import re
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from app.cli.following import end_of, submit_and_follow
from app.cli.options import read_secret
from app.cli.output import (
    AsJobJson,
    AsJson,
    Exit,
    OfWorkspace,
    Yes,
    ask_yes,
    cell,
    give_up,
    show,
    show_json,
    show_table,
)
from app.cli.servers import found
from app.cli.session import agency, changing, client_id, everybody, reading, scope_of
from backend.core.domain_names import plain_address, plain_domain
from backend.core.errors import Refused
from backend.core.present.format import estimate
from backend.core.secrets.values import Secret, SecretRef
from backend.mail.requests import InstallMail, ReadMail, SetSmartHost, UpgradeMail
from backend.mailu.settings import VERSION, RelayTls, SmartHost

if TYPE_CHECKING:
    from app.cli.session import CommandSession
    from backend.engine.queries import JobDetail
    from backend.mail.queries import DomainRow
    from backend.mail.settings_queries import MailSettingsRow
    from backend.mail.upgrade.plan import UpgradePlan
    from backend.mailu.settings import Webmail

app = typer.Typer(no_args_is_help=True)

Server = Annotated[str, typer.Argument(help="The server's full name, e.g. mx1.example.net.")]
LIST = ("server", "state", "version", "host_name", "sends", "domains", "mailboxes", "installed_at", "seen_at")
PORT = re.compile(r"[0-9]{1,5}")
WEBMAIL = ("roundcube", "snappymail", "none")


@app.command()
def install(
    context: typer.Context,
    server: Server,
    domain: Annotated[str, typer.Argument(help="The first mail domain, with the administrator's mailbox.")],
    host_name: Annotated[str, typer.Option(help="The name mail programs use; the server's own if none.")] = "",
    client: Annotated[str, typer.Option(help="The workspace the domain is for; the agency itself if none.")] = "",
    webmail: Annotated[str, typer.Option(help="roundcube, snappymail or none.")] = "roundcube",
    antivirus: Annotated[bool, typer.Option("--antivirus", help="ClamAV too; needs 4 GB of memory.")] = False,
    smart_host: Annotated[str, typer.Option(help="HOST:PORT that all outgoing mail goes through.")] = "",
    smart_host_user: Annotated[str, typer.Option(help="Its user; the password is asked for.")] = "",
    smart_host_password_stdin: Annotated[
        bool, typer.Option("--smart-host-password-stdin", help="Read that password from standard input.")
    ] = False,
    yes: Yes = False,
    as_json: AsJobJson = False,
) -> None:
    """Set Mailu up on a ready server."""
    if webmail not in WEBMAIL:
        raise typer.BadParameter(f"{webmail} is none of {', '.join(WEBMAIL)}.")
    relay = _smart_host(smart_host, smart_host_user)
    with changing(context.obj) as session:
        row = found(session, server)
        owner = client_id(session, client) if client else None
        words = f"Install Mailu on {row.name} as {host_name or row.name}, with the domain {plain_domain(domain)}?"
        ask_yes(words, yes=yes)
        if relay is not None and relay.user:
            option = "--smart-host-password-stdin"
            ref = _kept(session, from_stdin=smart_host_password_stdin, option=option)
            relay = replace(relay, password_ref=ref.path)
        kind = cast("Webmail", webmail)
        request = InstallMail(row.id, domain, host_name, owner, kind, antivirus, smart_host=relay)
        end_of(session, _followed(session, request), as_json=as_json)


@app.command()
def status(context: typer.Context, as_json: AsJson = False, workspace: OfWorkspace = "") -> None:
    """All mail servers: what runs, how mail leaves, how much they carry."""
    from backend.mail.queries import MailServers

    with reading(context.obj) as session:
        rows = session.ask(MailServers(scope_of(session, workspace) if workspace else everybody(session)))
    show(rows, as_json=as_json, columns=LIST, empty="No mail servers yet: mailyard mail install SERVER DOMAIN")


@app.command()
def settings(context: typer.Context, server: Server, as_json: AsJson = False) -> None:
    """How one mail server is set up: names, ports, limits, and how its mail leaves."""
    from backend.mail.settings_queries import MailServerSettings

    with reading(context.obj) as session:
        asked = found(session, server)
        row = session.ask(MailServerSettings(agency(), asked.id))
    if row is None:
        give_up(Exit.NOT_FOUND, f"{asked.name} has no mail server: mailyard mail install {asked.name} DOMAIN")
    if as_json:
        show_json(row)
        return
    show_table(("setting", "value"), _settings_table(row))


@app.command()
def upgrade(
    context: typer.Context,
    server: Server,
    version: Annotated[str, typer.Option(help=f"Another patch release than {VERSION}, the newest known.")] = VERSION,
    yes: Yes = False,
    as_json: AsJobJson = False,
) -> None:
    """Upgrade Mailu inside its release: images first, then a copy, and back by itself where it does not get well."""
    from backend.mail.upgrade.plan import MailUpgrade

    with changing(context.obj) as session:
        row = found(session, server)
        plan = session.ask(MailUpgrade(agency(), row.id))
        if plan is None:
            give_up(Exit.NOT_FOUND, f"{row.name} has no mail server: mailyard mail install {row.name} DOMAIN")
        ask_yes(_upgrade_words(plan, version), yes=yes)
        end_of(session, submit_and_follow(session, UpgradeMail(row.id, version)), as_json=as_json)


@app.command("smart-host")
def set_smart_host(
    context: typer.Context,
    server: Server,
    host: Annotated[str, typer.Argument(help="HOST:PORT that all outgoing mail goes through.")] = "",
    none: Annotated[bool, typer.Option("--none", help="Mail leaves by itself again.")] = False,
    user: Annotated[str, typer.Option(help="The user there; the password is asked for.")] = "",
    password_stdin: Annotated[bool, typer.Option("--password-stdin", help="Read it from standard input.")] = False,
    spf: Annotated[str, typer.Option(help="What SPF records include for it, e.g. include:spf.example.net.")] = "",
    test_to: Annotated[str, typer.Option(help="Send a message there that proves it.")] = "",
    yes: Yes = False,
    as_json: AsJobJson = False,
) -> None:
    """Let all mail leave through another server, which is tried first, or by itself again."""
    if bool(host) == none:
        give_up(Exit.USAGE, "Give either HOST:PORT or --none.")
    if none and (user or spf):
        give_up(Exit.USAGE, "--none takes no --user and no --spf.")
    relay = _smart_host(host, user)
    with changing(context.obj) as session:
        row = found(session, server)
        way = f"through {relay.host}" if relay is not None else "by itself"
        ask_yes(f"Let all mail leave {row.name} {way}? Outgoing mail waits for a few seconds.", yes=yes)
        if relay is not None:
            kept = _kept(session, from_stdin=password_stdin, option="--password-stdin").path if user else ""
            relay = replace(relay, password_ref=kept, spf=spf)
        end_of(session, _followed(session, SetSmartHost(row.id, relay, test_to)), as_json=as_json)


@app.command()
def refresh(context: typer.Context, server: Server, as_json: AsJobJson = False) -> None:
    """Read again which domains, mailboxes and aliases a mail server has."""
    with changing(context.obj) as session:
        request = ReadMail(found(session, server).id)
        end_of(session, submit_and_follow(session, request), as_json=as_json)


def _upgrade_words(plan: UpgradePlan, version: str) -> str:
    """What is done, and how long mail stands still as far as that is known."""
    stands = "for how long is not known yet" if plan.downtime_s is None else f"for {estimate(plan.downtime_s)}"
    return (
        f"Upgrade Mailu on {plan.server} from {plan.version} to {version}? Mail stands still {stands}; data, keys and "
        "settings are copied first, and come back with the version before if it does not get well."
    )


def _smart_host(told: str, user: str) -> SmartHost | None:
    """As it was told; where it has a user, its password is not kept yet."""
    if not told:
        if user:
            give_up(Exit.USAGE, "--smart-host-user needs --smart-host.")
        return None
    host, _colon, port = told.rpartition(":")
    if not host or not PORT.fullmatch(port):
        give_up(Exit.USAGE, f"{told!r} has no port: say HOST:PORT, e.g. smtp.example.net:587.")
    tls: RelayTls = "tls" if port == "465" else "starttls"
    return SmartHost(plain_domain(host), int(port), user, tls=tls)


def _followed(session: CommandSession, request: InstallMail | SetSmartHost) -> JobDetail:
    """The job; where it was refused, the password of the smart host is forgotten."""
    try:
        return submit_and_follow(session, request)
    except Refused:
        if request.smart_host is not None and request.smart_host.password_ref:
            session.installation.secrets.forget(SecretRef(request.smart_host.password_ref))
        raise


def _kept(session: CommandSession, *, from_stdin: bool, option: str) -> SecretRef:
    """Where the password of the smart host lies now; ``option`` is what says that it comes from standard input."""
    from backend.store.scope import AGENCY

    password = read_secret("password of the smart host", from_stdin=from_stdin, option=option)
    if not password:
        give_up(Exit.USAGE, "The password of the smart host is empty.")
    return session.installation.client.keep_secret_now("smtp", AGENCY, Secret(password))


def _settings_table(row: MailSettingsRow) -> list[tuple[str, str]]:
    """A line a setting; what lies in the secret store is not among them."""
    told: dict[str, Any] = {"server": row.server, "state": row.state, "sends": row.sends, "note": row.sends_note}
    told |= {"certificate": row.certificate_kind, "installed_at": row.installed_at}
    if row.settings is None:
        return [(name, cell(value)) for name, value in (told | {"version": row.version}).items()]
    settings = {field.name: getattr(row.settings, field.name) for field in fields(row.settings)}
    relay = row.settings.smart_host
    settings["smart_host"] = "" if relay is None else f"{relay.host}:{relay.port} ({relay.tls})"
    return [(name.replace("_", " "), cell(value)) for name, value in (told | settings).items()]


def address_of(session: CommandSession, text: str) -> tuple[DomainRow, str]:
    """The row of an address's domain, and the address as it is compared; ends the command where it is none."""
    address = plain_address(text)
    local, at, domain = address.rpartition("@")
    if not local or not at or not domain:
        give_up(Exit.USAGE, f"{text!r} is not an e-mail address.")
    return domain_of(session, domain), address


def domain_of(session: CommandSession, text: str) -> DomainRow:
    """The row of a domain; ends the command where no mail server carries it."""
    from backend.mail.queries import Domains

    name = plain_domain(text)
    row = next((row for row in session.ask(Domains(everybody(session))) if row.name == name), None)
    if row is None:
        give_up(Exit.NOT_FOUND, f"No mail server carries {name or '-'}: mailyard domain list")
    return row


def domain_or_all(session: CommandSession, text: str) -> str:
    """The name that a list is narrowed to, empty where none was told."""
    return domain_of(session, text).name if text else ""
