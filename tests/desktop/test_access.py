"""A new user's path on a real desktop: by a screen reader's means, and by the keyboard alone.

From the empty first window over an account and an order to a ready server (a real host behind the emulated cloud),
and to its end. The program runs as a process of its own; nothing in it is reached but through X11 and AT-SPI.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.desktop import desk
from tests.desktop.keyboard import Keyboard
from tests.desktop.screen_reader import CHECKED, ENABLED, ScreenReader
from tests.emulators.process import Emulator
from tests.installation import PASSPHRASE

pytestmark = [pytest.mark.lab, pytest.mark.timeout(1200)]

NAME, JOB_S = "mx1.example.net", 300.0
ENDPOINT = "Alternative API URL (a proxy), otherwise empty"
SECRET_STORE = "Passphrase of the secret store"  # the words of a label
SECRET_STORE_AGAIN = "The same passphrase again"


@pytest.fixture
def reader(display: str, bus: str, tmp_path: Path) -> Iterator[ScreenReader]:
    """A screen reader on a desktop where the program was just opened."""
    with desk.opened(display, bus, tmp_path, ["--data-dir", str(tmp_path / "data")]) as eyes:
        eyes.find("push button", "Connect a provider")
        yield eyes


@pytest.fixture
def keyboard(display: str, reader: ScreenReader) -> Keyboard:
    return Keyboard(display, reader)


def test_the_path_of_a_new_user_by_screen_reader(
    reader: ScreenReader, keyboard: Keyboard, emulator_with_machines: Emulator
) -> None:
    """Buttons and fields by what the screen reader offers; in a box one types, with a screen reader as without."""
    reader.press(reader.find("push button", "Connect a provider"))
    dialog = reader.find("dialog", "Add account")
    reader.focus(reader.field("Provider", within=dialog))
    keyboard.choose("Provider", "DigitalOcean")
    for label, text in _account(emulator_with_machines):
        reader.write(reader.field(label, within=dialog), text)
    reader.press(reader.find("push button", "Add and verify", within=dialog))
    reader.find("cell", "Verified")

    reader.press(reader.find("check box", "Servers"))
    reader.press(reader.find("push button", "New server"))
    wizard = reader.find("dialog", "New server")
    reader.wait(lambda: reader.has("cell", "s-1vcpu-2gb", within=wizard), "the offers")
    reader.focus(reader.field("Region", within=wizard))
    keyboard.choose("Region", "Frankfurt")
    reader.write(reader.field("Name", within=wizard), NAME)
    order = reader.find("push button", "Create server", within=wizard)
    reader.wait(lambda: reader.state(order, ENABLED), "the order to be whole")
    reader.press(order)
    reader.press(reader.find("push button", "Open in Activity"))

    activity = reader.find("check box", "Activity")
    reader.wait(lambda: reader.state(activity, CHECKED), "the page of jobs")
    reader.find("label", "Done", seconds=JOB_S)
    reader.press(reader.find("check box", "Servers"))
    reader.find("cell", NAME)
    reader.find("label", "OK")
    chart = reader.find("filler", "CPU %")
    reader.wait(lambda: "lowest" in reader.description(chart), "the chart to say what it shows")


@pytest.mark.proof("a newcomer by keyboard")
def test_the_path_of_a_new_user_by_keyboard_alone(
    reader: ScreenReader, keyboard: Keyboard, emulator_with_machines: Emulator
) -> None:
    keyboard.tab_to("Connect a provider")
    keyboard.press("space")
    reader.find("dialog", "Add account")
    keyboard.choose("Provider", "DigitalOcean")
    for label, text in _account(emulator_with_machines):
        keyboard.fill(label, text)
    keyboard.press("Return")
    reader.find("cell", "Verified")

    keyboard.press("ctrl+n")
    wizard = reader.find("dialog", "New server")
    reader.wait(lambda: reader.has("cell", "s-1vcpu-2gb", within=wizard), "the offers")
    keyboard.fill("Name", NAME)
    keyboard.choose("Region", "Frankfurt")
    keyboard.tab_to("Create server")
    keyboard.press("space")
    reader.find("push button", "Open in Activity")
    keyboard.press("ctrl+4")
    reader.find("label", "Done", seconds=JOB_S)

    keyboard.press("ctrl+2")
    reader.find("cell", NAME)
    keyboard.tab_to("More actions")
    keyboard.press("space")
    keyboard.press("Up", "Return")  # the last of its entries; a menu stands outside the tree: what opens is looked at
    sheet = reader.find("dialog", f"Destroy {NAME}")
    act = reader.find("push button", "Destroy permanently", within=sheet)
    assert not reader.state(act, ENABLED)
    keyboard.tab_to(f"Type “{NAME}” to continue:")
    keyboard.write(NAME)
    keyboard.tab_to("Destroy permanently")
    keyboard.press("space")
    reader.wait(lambda: emulator_with_machines.counters()["servers"] == [], "the server to be gone", JOB_S)
    keyboard.press("ctrl+2")
    reader.find("label", "No servers yet")


def _account(emulator: Emulator) -> tuple[tuple[str, str], ...]:
    return (
        ("Name", "Main"),
        ("API token", emulator.token),
        (ENDPOINT, emulator.url),
        (SECRET_STORE, PASSPHRASE.reveal()),
        (SECRET_STORE_AGAIN, PASSPHRASE.reveal()),
    )
