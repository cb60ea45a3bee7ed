"""A new user's path on a real desktop: by a screen reader's means, and by the keyboard alone.

From the empty first window over an account and an order to a ready server (a real host behind the emulated cloud),
and to its end. The program runs as a process of its own; nothing in it is reached but through X11 and AT-SPI.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.desktop import services
from tests.desktop.keyboard import Keyboard
from tests.desktop.screen_reader import CHECKED, ENABLED, ScreenReader
from tests.emulators.process import Emulator
from tests.installation import PASSPHRASE, until
from tests.requirements import program

pytestmark = [pytest.mark.lab, pytest.mark.timeout(400)]

BUS_LAUNCHER = "/usr/libexec/at-spi-bus-launcher"
NAME, JOB_S = "mx1.example.net", 150.0
ENDPOINT = "Other address of the API (a proxy), else empty"
DOWN_TO_DESTROY = 6  # entries of a running server's menu that can be chosen
SECRET_STORE = "Passphrase of the secret store"  # the words of a label


@pytest.fixture
def reader(display: str, bus: str, tmp_path: Path) -> Iterator[ScreenReader]:
    """A screen reader on a desktop where the program was just opened."""
    services.need("openbox", "xdotool", BUS_LAUNCHER)
    with TemporaryDirectory(prefix="run-") as runtime:
        desktop = {"DISPLAY": display, "DBUS_SESSION_BUS_ADDRESS": bus, "XDG_RUNTIME_DIR": runtime}
        qt = {"QT_QPA_PLATFORM": "xcb", "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1"}
        console = [*program(), "--data-dir", str(tmp_path / "data")]
        with (
            services.program([BUS_LAUNCHER, "--launch-immediately"], desktop),
            services.window_manager(desktop),
            services.program(console, {**desktop, **qt}) as window,
        ):
            eyes = until(lambda: open_reader(bus), "the accessibility bus")
            eyes.find("push button", "Connect a provider")
            yield eyes
            assert window.poll() is None, "the window ended"
            eyes.close()


@pytest.fixture
def keyboard(display: str, reader: ScreenReader) -> Keyboard:
    return Keyboard(display, reader)


def open_reader(address: str) -> ScreenReader | None:
    try:
        return ScreenReader(address)
    except (OSError, IndexError, KeyError, ValueError):
        return None


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
    reader.find("label", "Done", seconds=JOB_S)

    keyboard.press("ctrl+2")
    reader.find("cell", NAME)
    keyboard.tab_to("More actions")
    keyboard.press("space")
    keyboard.press(*["Down"] * DOWN_TO_DESTROY, "Return")  # a menu stands outside the tree; what opens is looked at
    sheet = reader.find("dialog", f"Destroy {NAME}")
    act = reader.find("push button", "Destroy for good", within=sheet)
    assert not reader.state(act, ENABLED)
    keyboard.tab_to(f"Type {NAME} to go on:")
    keyboard.write(NAME)
    keyboard.tab_to("Destroy for good")
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
    )
