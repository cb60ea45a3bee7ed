"""The places of the window, in the order of the side bar: the one list there is."""

from __future__ import annotations

from app.pages.activity.place import PLACE as ACTIVITY
from app.pages.costs.place import PLACE as COSTS
from app.pages.mail.place import PLACE as MAIL
from app.pages.overview.place import PLACE as OVERVIEW
from app.pages.servers.place import PLACE as SERVERS
from app.pages.settings.place import PLACE as SETTINGS
from app.pages.workspaces.place import PLACE as WORKSPACES
from app.shell.places import Places

PLACES = Places((OVERVIEW, SERVERS, MAIL, ACTIVITY, COSTS, WORKSPACES, SETTINGS))
