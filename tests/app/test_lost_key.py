"""The key of the secret store is gone from the keyring: the window says so, and names the way back in."""

from __future__ import annotations

from pathlib import Path

from backend.core.secrets.values import Secret
from backend.store.scope import AGENCY
from tests.app.conftest import NewConsole
from tests.drawer import Drawer, in_place
from tests.installation import choices, open_installation


def test_a_keyring_without_the_key_names_the_way_back_in(new_console: NewConsole, tmp_path: Path) -> None:
    drawer = Drawer()
    with in_place(drawer):
        before = open_installation(tmp_path / "data", use_keyring=lambda: True)
        before.client.keep_secret_now("api_keys", AGENCY, Secret("a token that is kept"))
        before.close()
        drawer.kept.clear()
        person = new_console(wanted=choices(use_keyring=lambda: True))

        part, errors = person.settings_part("secrets"), person.window.global_errors

        person.wait(lambda: "Cannot be opened" in part.badge.text(), "that it cannot be opened")
        assert "mailyard secrets begin-anew" in part.words.text()
        assert not part.unlock.isVisible()
        assert errors is not None
        person.wait(lambda: "mailyard secrets begin-anew" in errors.locked.text, "the banner")
