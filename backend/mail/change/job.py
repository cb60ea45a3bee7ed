"""ChangeMailJob: other settings of a mail server that runs, compared with what is on it, and shown before.

The walk of its data: request -> job -> question with the lines -> mailu.env and compose file on the server -> row
``mail_server`` -> topic *mail*.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from backend.core.errors import Refused
from backend.core.present.text import N_, _
from backend.engine.jobs import Accepted, Owner, Step
from backend.engine.payload import from_plain
from backend.fleet.acts import about_server
from backend.mail.acts.base import managed
from backend.mail.change.requests import ChangeMail
from backend.mailu.settings import MailSettings, check_settings

if TYPE_CHECKING:
    from backend.mail.change.steps import ChangeSteps
    from backend.store.scope import ScopedSession


class ChangeMailJob:
    """A :class:`backend.engine.jobs.JobKind`."""

    request: ClassVar[type[ChangeMail]] = ChangeMail
    version: ClassVar[int] = 1
    title: ClassVar[str] = N_("Change the mail server's settings")
    priority: ClassVar[int] = 4
    owner: ClassVar[Owner] = "agency"

    def __init__(self, steps: ChangeSteps) -> None:
        self._steps = steps

    def accept(self, session: ScopedSession, request: ChangeMail) -> Accepted:
        server, row = about_server(session, request), managed(session, request.server_id)
        if row.state != "running":
            raise Refused(_("The mail server does not run."), remedy=_("Start it first."))
        if row.settings is None:
            raise Refused(
                _("How this mail server was set up is not known."), remedy=_("Mailyard changes only what it set up.")
            )
        check_settings(request.on(from_plain(MailSettings, row.settings)))
        return Accepted(lane=f"mail:{request.server_id}", about=server.about, about_id=server.about_id)

    def steps(self, _request: ChangeMail) -> Sequence[Step[ChangeMail]]:
        """Until the packet filter is written nothing is changed that mail depends on; from then on the job goes back by
        itself.
        """
        do = self._steps
        return (
            Step("look", N_("Compare with what is on the server"), do.look, 5),
            Step("images", N_("Fetch the images that are new"), do.fetch, 20, "image"),
            Step(
                "filter",
                N_("Open and close ports in the packet filter"),
                do.open_ports,
                5,
                undo=do.ports_back,
                goes_back=True,
            ),
            Step("write", N_("Write the files"), do.write, 3, undo=do.files_back, goes_back=True),
            Step("start", N_("Make the containers that read the settings anew"), do.start, 20, goes_back=True),
            Step("well", N_("Wait until the changed containers are healthy"), do.wait, 60, "server", goes_back=True),
            Step("proof", N_("Ask the API"), do.prove, 3, goes_back=True),
            Step("note", N_("Note the new settings"), do.note, 2),
        )
