"""What is left of an install that is taken back."""

from __future__ import annotations

from backend.mail.requests import InstallMail
from backend.mailu.settings import SmartHost
from tests.backend.mail.world import MailWorld
from tests.backend.servers.steps import step_context


def test_the_password_of_a_smart_host_goes_with_an_install_that_is_rolled_back(world: MailWorld) -> None:
    ref = world.kept("CANARY-relay-51")
    request = InstallMail(world.bare, "other.example", smart_host=SmartHost("smtp.else.example", 587, "us", ref))

    for step in reversed(world.installation.kinds[request.kind].steps(request)):
        if step.undo is not None and step.key in ("look", "secrets"):
            step.undo(step_context(world.installation, request))

    assert not world.lies_there(ref)
