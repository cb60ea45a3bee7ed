"""What an order would mean: cost, fitness for mail, time; shown before anything is bought."""

from __future__ import annotations

from datetime import UTC, datetime

from PySide6.QtWidgets import QFrame, QGridLayout

from backend.accounts.queries import OfferRows, PlanOffer
from backend.core.present import format as words
from backend.core.present import times
from backend.core.present.text import _, ngettext
from backend.engine.queries import Estimate
from backend.providers.capabilities import clouds
from backend.servers.provision.fitness import memory_fitness
from widgets.label import Label
from widgets.status_badge import StatusBadge


class OrderPreview(QFrame):
    """Rows of label, value and note; updated in place."""

    def __init__(self) -> None:
        super().__init__()
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(2, 1)
        self._past_runs = 0
        self._values: dict[str, tuple[Label, Label]] = {}
        for at, (key, label) in enumerate((("cost", _("Cost")), ("time", _("Time")), ("undo", _("Undo")))):
            value, note = Label("", "strong"), Label("", "muted", wraps=True)
            grid.addWidget(Label(label, "muted"), at, 0)
            grid.addWidget(value, at, 1)
            grid.addWidget(note, at, 2)
            self._values[key] = (value, note)
        self.fitness = StatusBadge(plain=True)
        self.fitness_note = Label("", "muted", wraps=True)
        grid.addWidget(Label(_("Suitable for mail"), "muted"), 3, 0)
        grid.addWidget(self.fitness, 3, 1)
        grid.addWidget(self.fitness_note, 3, 2)

    def show_plan(self, plan: PlanOffer | None, region: str, provider: str) -> None:
        """``provider`` says what its prices cover, and how they are billed."""
        self.setVisible(plan is not None)
        if plan is None:
            return
        hourly = words.money(plan.hourly_micro, plan.currency, digits=5)
        covers = clouds()[provider].cells["price_covers"]
        note = _("a month at most, {price} an hour").format(price=hourly) if covers.can == "yes" else _(covers.note)
        if plan.price_as_of is not None:
            day = times.dated(plan.price_as_of, datetime.now(UTC))
            note = _("{note}; price as of {day}, not refreshed").format(note=note, day=day)
        self._say("cost", words.money(plan.monthly_micro, plan.currency), note)
        self._values["time"][1].setText(self._time_note(region))
        paid = (
            _("started hours are billed")
            if plan.hourly_micro is not None
            else _("amounts already billed are not refunded")
        )
        self._say("undo", _("possible"), _("You can destroy it at any time; {paid}.").format(paid=paid))
        status, note = memory_fitness(plan.memory_mb)
        self.fitness.show_status(status)
        self.fitness_note.setText(note)

    def show_estimate(self, estimate: Estimate) -> None:
        """How long it will take, and from what that is known."""
        self._past_runs = estimate.past_runs
        self._values["time"][0].setText(words.estimate(estimate.seconds))

    def _time_note(self, region: str) -> str:
        if not self._past_runs:
            return _("estimate for {region}; no previous runs yet").format(region=region)
        runs = ngettext("{n} previous run", "{n} previous runs", self._past_runs).format(
            n=words.number(self._past_runs)
        )
        return _("until verified, in {region}; based on {runs}").format(region=region, runs=runs)

    def source_of(self, offers: OfferRows) -> str:
        """Where the prices are from, and how old they are."""
        source = offers.plans[0].source if offers.plans else ""
        age = words.age(offers.read_at, datetime.now(UTC))
        return _("Prices from {source}, read {age}").format(source=source, age=age) if source else ""

    def _say(self, key: str, value: str, note: str) -> None:
        self._values[key][0].setText(value)
        self._values[key][1].setText(note)
