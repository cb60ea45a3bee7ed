"""Settings: wishes without effect outside the store, carried out at once at the desk instead of as a job."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from backend.store.scope import ScopedSession

#: Applies a setting in the desk's transaction; raises ``Refused`` with what to change. (session, payload, now)
Setting = Callable[[ScopedSession, Mapping[str, Any], datetime], None]
