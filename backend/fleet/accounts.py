"""Opens provider accounts by id: one driver each, so that its rate limit holds for the whole program."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING
from uuid import UUID

from backend.core.errors import Refused
from backend.core.present.text import _
from backend.core.secrets.values import SecretRef
from backend.store.schema.fleet import Account
from backend.store.scope import AGENCY, ENGINE_SCOPE

if TYPE_CHECKING:
    from backend.core.secrets.values import SecretStore
    from backend.providers.ports import ComputeProvider, Providers
    from backend.store.database import Store

Credentials = tuple[str, str | None]


class AccountAccess:
    """Owner of the drivers of this process; thread-safe, closed with the engine."""

    def __init__(self, store: Store, secrets: SecretStore, providers: Providers) -> None:
        self._store = store
        self._secrets = secrets
        self._providers = providers
        self._open: dict[UUID, tuple[Credentials, ComputeProvider]] = {}
        self._lock = threading.Lock()

    def provider(self, account_id: UUID) -> ComputeProvider:
        """The account's driver, opened on first use and after its token or address was replaced.

        :raises Refused: the account was removed.
        :raises SecretStoreLocked, SecretMissing: its token cannot be read.
        """
        with self._store.read(ENGINE_SCOPE) as session:
            account = session.get(Account, (AGENCY, account_id))
        if account is None or account.removed_at is not None:
            raise Refused(_("The provider account was removed."), remedy=_("Add it again in Settings > Accounts."))
        wanted: Credentials = (account.secret_ref, account.endpoint_url)
        with self._lock:
            present, driver = self._open.get(account_id, (None, None))
            if driver is None or present != wanted:
                if driver is not None:
                    driver.close()
                token = self._secrets.read(SecretRef(account.secret_ref))
                driver = self._providers.open(account.provider, token, endpoint_url=account.endpoint_url)
                self._open[account_id] = (wanted, driver)
            return driver

    def forget_token(self, ref: SecretRef) -> None:
        """Remove a token nothing refers to any more; no error when it is gone already."""
        self._secrets.forget(ref)

    def forget(self, account_id: UUID) -> None:
        """Close the account's driver."""
        with self._lock:
            _credentials, driver = self._open.pop(account_id, (None, None))
        if driver is not None:
            driver.close()

    def close(self) -> None:
        for account_id in list(self._open):
            self.forget(account_id)
