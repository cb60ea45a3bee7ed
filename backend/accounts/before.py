"""What an account was before a job changed it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from backend.engine.payload import Result

if TYPE_CHECKING:
    from backend.store.schema.fleet import Account


@dataclass(frozen=True)
class AccountBefore(Result):
    """What an account was before a job changed it, for the way back."""

    was_there: bool
    provider: str = ""
    name: str = ""
    secret_ref: str = ""
    endpoint_url: str | None = None
    state: str = ""
    token_since: datetime | None = None

    @classmethod
    def of(cls, account: Account | None, requested_at: datetime) -> AccountBefore:
        """One that was written after the request is this job's own, from a run that a kill cut off."""
        if account is None or account.created_at >= requested_at:
            return cls(was_there=False)
        return cls(
            was_there=True,
            provider=account.provider,
            name=account.name,
            secret_ref=account.secret_ref,
            endpoint_url=account.endpoint_url,
            state=account.state,
            token_since=account.token_since,
        )

    def put_back(self, account: Account) -> None:
        account.provider, account.name, account.secret_ref = self.provider, self.name, self.secret_ref
        account.endpoint_url, account.state, account.token_since = self.endpoint_url, self.state, self.token_since
