"""UpgradeMailJob: a mail server at another patch release of Mailu, or as it was before.

The walk of its data: request -> job -> images, copy and compose file on the server -> row ``mail_server`` -> topic
*mail*.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from backend.core.errors import Refused
from backend.core.present.text import N_, _
from backend.engine.jobs import Accepted, Owner, Step
from backend.fleet.acts import about_server
from backend.mail.acts.base import managed
from backend.mail.requests import UpgradeMail
from backend.mail.upgrade.plan import FIRST, LAST
from backend.mailu.versions import check_upgrade

if TYPE_CHECKING:
    from backend.mail.upgrade.steps import UpgradeSteps
    from backend.store.scope import ScopedSession


class UpgradeMailJob:
    """A :class:`backend.engine.jobs.JobKind`."""

    request: ClassVar[type[UpgradeMail]] = UpgradeMail
    version: ClassVar[int] = 1
    title: ClassVar[str] = N_("Upgrade the mail server")
    priority: ClassVar[int] = 4
    owner: ClassVar[Owner] = "agency"

    def __init__(self, steps: UpgradeSteps) -> None:
        self._steps = steps

    def accept(self, session: ScopedSession, request: UpgradeMail) -> Accepted:
        server, row = about_server(session, request), managed(session, request.server_id)
        if row.settings is None:
            raise Refused(
                _("How this mail server was set up is not known."), remedy=_("Mailyard changes only what it set up.")
            )
        if row.state != "running":
            raise Refused(_("The mail server does not run."), remedy=_("Start it first."))
        check_upgrade(row.version, request.to_version)
        return Accepted(lane=f"mail:{request.server_id}", about=server.about, about_id=server.about_id)

    def steps(self, _request: UpgradeMail) -> Sequence[Step[UpgradeMail]]:
        """Until *stop* mail runs; from then on the job goes back by itself."""
        do = self._steps
        return (
            Step("look", N_("Check that the mail server is well and has room"), do.look, 8),
            Step("pull", N_("Fetch the images of the new version"), do.pull, 90, "image", undo=do.drop_images),
            Step(FIRST, N_("Stop the mail server"), do.stop, 15, undo=do.start_again, goes_back=True),
            Step("copy", N_("Copy what the new version may change"), do.copy, 5, undo=do.drop_copy, goes_back=True),
            Step(
                "files", N_("Write the version into the compose file"), do.write, 2, undo=do.write_back, goes_back=True
            ),
            Step(
                "start", N_("Start the containers of the new version"), do.start, 20, undo=do.take_down, goes_back=True
            ),
            Step("well", N_("Wait until the new version is healthy"), do.wait, 60, "server", goes_back=True),
            Step(LAST, N_("Prove that mail flows"), do.prove, 8, goes_back=True),
            Step("note", N_("Note the new version and remove old copies"), do.note, 2),
        )
