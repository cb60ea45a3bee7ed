"""All features, in the order they tell of themselves: the only list there is."""

from __future__ import annotations

from backend.accounts.feature import FEATURE as ACCOUNTS
from backend.activity.feature import FEATURE as ACTIVITY
from backend.feature import Features
from backend.inventory.feature import FEATURE as INVENTORY
from backend.mail.feature import FEATURE as MAIL
from backend.monitoring.feature import FEATURE as MONITORING
from backend.servers.feature import FEATURE as SERVERS
from backend.upkeep.feature import FEATURE as UPKEEP
from backend.workspaces.feature import FEATURE as WORKSPACES

FEATURES = Features((WORKSPACES, ACTIVITY, SERVERS, MAIL, ACCOUNTS, INVENTORY, MONITORING, UPKEEP))
