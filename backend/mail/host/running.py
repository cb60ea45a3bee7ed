"""What several jobs do with the containers of a mail server: fetch their images, and wait until all are well."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend.core.errors import CommandFailed, SshError
from backend.core.present.text import _
from backend.mail.host import docker

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence, Set

    from backend.core.ssh.session import SshSession
    from backend.engine.context import StepContext

#: rspamd compiles its expressions at its first start; its image is given 350 s before it counts as ill.
WELL_EVERY_S, WELL_LIMIT_S = 3.0, 600.0


def fetch(ctx: StepContext[object], ssh: SshSession, images: Sequence[str]) -> int:
    """One image after the other, so that it can be told which; how many were not there yet.

    :raises CommandFailed: as in :func:`backend.mail.host.docker.pull`.
    """
    fetched = 0
    for number, image in enumerate(images):
        ctx.stop_if_cancelled()
        ctx.progress(round(100 * number / len(images)), image)
        fetched += docker.pull(ssh, image)
    return fetched


def wait_until_well(
    ctx: StepContext[object], ssh: SshSession, project: docker.ComposeProject, *, only: Collection[str] = ()
) -> int:
    """*Healthy* by their own checks: open ports say nothing, front answers before Postfix is up. How many run then.

    ``only``: these services, whatever the others do.

    :raises SshError: one does not become healthy, and which.
    """
    last: Sequence[docker.Container] = ()
    fallen = set[str]()
    trouble: CommandFailed | None = None

    def look() -> bool | None:
        nonlocal last, trouble
        try:
            last, trouble = [each for each in project.containers() if not only or each.service in only], None
        except CommandFailed as error:  # the engine, or the whole server, starts again
            trouble = error
            return None
        fallen.update(each.service for each in last if each.state != "running")
        ill = [each.service for each in last if not each.is_well]
        ctx.progress(None, _("waits for {names}").format(names=", ".join(ill) or "–"))
        return True if last and not ill else None

    if ctx.poll(look, every_s=WELL_EVERY_S, limit_s=WELL_LIMIT_S) is None:
        raise trouble or _never_well(ssh, last, fallen)
    return len(last)


def _never_well(ssh: SshSession, last: Sequence[docker.Container], fallen: Set[str]) -> SshError:
    """With what its own log says of a container that is not well: one that ended, or else one that is waited for.

    It was waited for long enough: the same wait once more is a person's to begin.
    """
    ill = sorted((each.service for each in last if not each.is_well), key=lambda name: name not in fallen)
    name = ill[0] if ill else "?"
    log = ssh.run(f"journalctl -q -o cat -n 5 CONTAINER_TAG=mailu-{name}").stdout.strip()
    return SshError(
        _("The container {name} does not become healthy.").format(name=name),
        remedy=_("Its last lines are below. Retry when the cause is mended, or roll back."),
        detail=log[-500:],
    )
