"""What mail servers need: a newer patch release of Mailu, secrets that are not so old, a look at changed files."""

from __future__ import annotations

from collections.abc import Iterator

from backend.attention import Asked, Need
from backend.core.present.status import Status
from backend.core.present.text import _
from backend.mail.change.requests import RenewPassword, RenewToken
from backend.mail.files.names import named
from backend.mail.queries import MailServerRow, MailServers
from backend.mailu.settings import VERSION
from backend.store.scope import AGENCY


def needs(asked: Asked) -> Iterator[Need]:
    """Each server that the agency may change, of one that was adopted unread or is watched only nobody could; and each
    whose files are no longer as they were accepted.
    """
    for row in asked.ask(MailServers(asked.scope)) if asked.scope.covers(AGENCY) else ():
        if row.can_be_upgraded:
            detail = _(
                "Mailu {newest} is known; the server has {version}. An upgrade inside a release can be taken back."
            )
            said = detail.format(newest=VERSION, version=row.version)
            title = _("{server}: Mailu can be upgraded").format(server=row.server)
            yield Need("mail_server", row.server_id, Status.WARNING, title, said, "", None, _("Open"))
        yield from _of_secrets(asked, row)
        if row.changed_by_hand:
            yield _by_hand(row)


def _of_secrets(asked: Asked, row: MailServerRow) -> Iterator[Need]:
    """With why the last renewal failed, where one did since they are as they are."""
    password = _("The password of its mail administrator is due for renewal.")
    token = _("The token of its mail server's API is due for renewal.")
    for kind, renewal, due_at, words in (
        ("mail_admin", RenewPassword, row.admin_due_at, password),
        ("mail_token", RenewToken, row.token_due_at, token),
    ):
        if due_at is not None and due_at <= asked.now:
            said = asked.with_failure(words, renewal.kind, row.server_id, due_at)
            yield Need(kind, row.server_id, Status.WARNING, row.server, said, "", due_at, _("Open"))


def _by_hand(row: MailServerRow) -> Need:
    title = _("{server}: its files were changed by hand").format(server=row.server)
    said = _("No longer as accepted: {names}. Compare its set-up, then keep it or set it back.")
    detail = said.format(names=named(row.changed_by_hand))
    return Need("mail_files", row.server_id, Status.WARNING, title, detail, "", None, _("Open"))
