"""What somebody changed by hand in the files of a mail server, as commands tell it; and kept by one."""

from __future__ import annotations

from app.cli.output import Exit
from backend.mail.files.digests import digests_of
from backend.store.schema.mail import MailServer
from backend.store.scope import AGENCY, ENGINE_SCOPE
from tests.app.cli.command import Commands
from tests.app.cli.test_mail import commands as commands
from tests.app.cli.test_mail import shared as shared
from tests.app.cli.test_mail import world as world
from tests.backend.mail.world import MailWorld
from tests.backend.mailu.emulated import HOST_NAME

BEFORE, AFTER = (digests_of(f"SECRET_KEY=abc\nDOMAIN={each}.example", [], {}) for each in ("one", "two"))


def test_a_change_by_hand_is_told_and_kept(world: MailWorld, commands: Commands) -> None:
    assert commands.asks("mail", "status")[0]["changed_by_hand"] == []
    assert "Nobody changed" in commands.run("mail", "keep-files", HOST_NAME, code=Exit.REFUSED).err
    with world.installation.store.write(ENGINE_SCOPE) as session:
        row = session.get_one(MailServer, (AGENCY, world.server))
        row.files_accepted, row.files_seen = BEFORE, AFTER

    assert commands.asks("mail", "status")[0]["changed_by_hand"] == ["DOMAIN"]
    assert [each["kind"] for each in commands.asks("needs") if "by hand" in each["title"]] == ["mail_files"]
    kept = commands.run("mail", "keep-files", HOST_NAME, "--yes", "--json").json
    assert (kept["server"], kept["changed_by_hand"]) == (HOST_NAME, [])
