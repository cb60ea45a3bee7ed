"""The place of the Settings page, with its parts in order."""

from __future__ import annotations

from app.shell.places import Command, Part, Place
from backend.core.present.text import N_

ROOM = "app.pages.settings"
DESKTOP, SYSTEM, PROGRAM = N_("Desktop"), N_("System"), N_("Program")

PLACE = Place(
    key="settings",
    title=N_("Settings"),
    goes=N_("Go to Settings"),
    icon="sliders-horizontal",
    page=f"{ROOM}.page:SettingsPage",
    shortcut="Ctrl+,",
    has_gap=True,
    parts=(
        Part("accounts", N_("Accounts"), f"{ROOM}.accounts:AccountsPart", shows={"account": ""}),
        Part("providers", N_("Providers"), f"{ROOM}.providers:ProvidersPart"),
        Part("appearance", N_("Appearance"), f"{ROOM}.appearance:AppearancePart", group=DESKTOP),
        Part("notifications", N_("Notifications"), f"{ROOM}.notifications:NotificationsPart", group=DESKTOP),
        Part("mail", N_("Mail"), f"{ROOM}.mail:MailPart", group=SYSTEM),
        Part("engine", N_("Engine"), f"{ROOM}.engine_part:EnginePart", group=SYSTEM),
        Part("secrets", N_("Secrets"), f"{ROOM}.secrets_part:SecretsPart", group=SYSTEM),
        Part("updates", N_("Updates"), f"{ROOM}.updates:UpdatesPart", group=PROGRAM),
        Part("about", N_("About"), f"{ROOM}.about:AboutPart", group=PROGRAM),
    ),
    commands=(
        Command(
            "add_account", N_("Add account"), "app.pages.settings.account_dialog:open_account_dialog", part="accounts"
        ),
    ),
)
