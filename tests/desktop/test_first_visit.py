"""Who never saw the program finds in the demo what its first window promises: by a real mouse, without a guide.

The clicks are those that docs/guide/demo.md writes down: one more, or another one, fails here.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from app.pages.overview.first_minute import SHOWN
from backend.core.present.format import day
from tests.desktop.ears import Ears
from tests.desktop.mouse import Mouse
from tests.desktop.screen_reader import ENABLED, ScreenReader, Thing
from tests.requirements import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]

MOST_CLICKS = 3
TROUBLED, FILLING, ILL = "relay2.cedar-legal.example", "mail.acme-dental.example", "mail.bluebird-books.example"
#: What needs somebody in the demo: once all is found, no row moves away from under the mouse.
FOUND = ((TROUBLED, "does not respond over SSH."), (FILLING, "disk over 80 %"), (ILL, "starts again and again"))
OPEN_FILLING = f"Open beside {FILLING}"
RESIZE = "Resize...\tCtrl+Shift+E"  # a menu's entry has its key in its name
WAITING = "Resize: mx1.acme-dental.example"
WANTED, DAYS, MOST_LOOKS = 60, 92, 20
EDGES, NEAR = (0.15, 0.9), 4  # shares of the chart that are surely among its days; px


def clicks_for(promise: str) -> list[str]:
    """What the guide says to click for it."""
    guide = (ROOT / "docs/guide/demo.md").read_text()
    part = guide.partition(f"\n## {promise}\n")[2].partition("\n## ")[0]
    assert part, promise
    return [line.replace("`", "") for line in re.findall(r"^\d\. (.+)$", part, re.MULTILINE)]


def test_the_guide_names_every_promise_with_few_clicks() -> None:
    for promise in SHOWN:
        assert len(clicks_for(promise)) <= MOST_CLICKS


def test_a_first_visit(demo: ScreenReader, bus: str, display: str) -> None:
    trouble, past, larger, waiting = SHOWN
    mouse = Mouse(display, demo)
    needs = demo.find("panel", "Needs attention")
    for server, reason in FOUND:
        demo.find("label", server, within=needs)
        assert any(name.endswith(reason) for _role, name in demo.told(needs))
    assert mouse.clicks == clicks_for(trouble)

    open_filling(demo, mouse)
    mouse.click(demo.find("page tab", "History"))
    mouse.click(demo.find("check box", "Last 90 days"), "90 d")
    demo.find("label", "daily mean")
    look_for_the_day(demo, mouse)
    assert mouse.take_clicks() == clicks_for(past)

    with Ears(bus, demo) as ears:
        open_filling(demo, mouse)
        mouse.click(demo.find("button menu", "More actions for this server"), "... beside Reboot...")
        mouse.click(demo.find("menu item", RESIZE, within=ears.menu()), "Resize...")
    sheet = demo.find("dialog", f"Resize {FILLING}")
    demo.find("column header", "Difference", within=sheet)
    demo.find("cell", "+12.00 USD", within=sheet)
    assert not demo.state(demo.find("push button", "Resize", within=sheet), ENABLED)
    assert mouse.take_clicks() == clicks_for(larger)
    demo.press(demo.find("push button", "Keep s-1vcpu-2gb", within=sheet))

    demo.press(demo.find("check box", "Overview"))
    mouse.click(demo.find("push button", f"Review: {WAITING}"), f"Review beside {WAITING}")
    cost = "Cost: 12.00 USD \N{RIGHTWARDS ARROW} 24.00 USD a month"
    demo.wait(lambda: any(name.startswith(cost) for _role, name in demo.told(None)), "what it costs now")
    assert mouse.take_clicks() == clicks_for(waiting)


def open_filling(demo: ScreenReader, mouse: Mouse) -> None:
    """From the Overview."""
    demo.press(demo.find("check box", "Overview"))
    act = demo.find("push button", f"Open: {FILLING}")
    mouse.scroll_to(act, within=demo.find("panel", "Needs attention"))
    mouse.click(act, OPEN_FILLING)
    demo.find("label", FILLING)


def look_for_the_day(demo: ScreenReader, mouse: Mouse) -> None:
    """Along the chart, nearer each time, until what stands below it is the day sixty days ago; that is in full view."""
    chart, now = demo.find("filler", "Disk %"), datetime.now(UTC)
    ages = {day(now - timedelta(days=age)): age for age in range(DAYS)}
    low, high = EDGES
    for _each in range(MOST_LOOKS):
        share = (low + high) / 2
        below = day_below(demo, set(ages), mouse.rest(chart, share))
        age = ages[demo.name(below)]
        if age == WANTED:
            _left, top, _width, height = demo.place(below)
            assert top + height <= demo.place(demo.find("panel", "Application status"))[1], "the day is hidden"
            return
        low, high = (share, high) if age > WANTED else (low, share)
    raise AssertionError(f"{WANTED} days ago is not to be found on the chart")


def day_below(demo: ScreenReader, days: set[str], at: int) -> Thing:
    """The day that stands below the mouse, as soon as it has followed there."""

    def look() -> Thing | None:
        for thing in demo.walk(demo.find("filler", "History")):
            if demo.name(thing) in days:
                left, _top, width, _height = demo.place(thing)
                return thing if abs(left + width // 2 - at) <= NEAR else None
        return None

    return demo.another(look, than=None)
