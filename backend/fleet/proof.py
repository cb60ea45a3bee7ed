"""Whether an account's token is good and of the account that we know, and what that makes of the account."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from backend.core.errors import ClockWrong, MailyardError, SecretMissing, SecretStoreLocked, Unauthorized
from backend.core.secrets.redactor import redactor
from backend.fleet.identity import check_no_twin, check_same_account
from backend.store.schema.fleet import Account
from backend.store.scope import AGENCY, ENGINE_SCOPE

if TYPE_CHECKING:
    from backend.engine.context import StepContext
    from backend.fleet.accounts import AccountAccess
    from backend.providers.ports import TokenDetails

#: What an error says of the account; a secret that cannot be read says nothing of the provider.
STATES: tuple[tuple[type[MailyardError], str], ...] = (
    (Unauthorized, "refused"),
    (ClockWrong, "clock"),
    (SecretStoreLocked, "locked"),
    (SecretMissing, "unverified"),
    (MailyardError, "unreachable"),
)


def prove(ctx: StepContext[object], accounts: AccountAccess, account_id: UUID) -> TokenDetails:
    """Ask the provider about the token, and keep the answer, good or bad, as the account's state.

    :raises MailyardError: the token is refused, of another account, or nobody could be asked.
    """
    try:
        provider = accounts.provider(account_id)
        found = provider.verify()
        check_same_account(ctx, account_id, provider)
        check_no_twin(ctx, account_id, provider)
    except MailyardError as error:
        _note(ctx, account_id, next(state for kind, state in STATES if isinstance(error, kind)), error.title)
        raise
    _note(ctx, account_id, "verified", found.note, found)
    return found


def _note(ctx: StepContext[object], account_id: UUID, state: str, note: str, found: TokenDetails | None = None) -> None:
    with ctx.store.write(ENGINE_SCOPE) as session:
        account = session.get_one(Account, (AGENCY, account_id))
        account.state, account.note, account.checked_at = state, redactor.redact(note), ctx.now()
        if found is not None:
            account.verified_at, account.holder = ctx.now(), found.holder
            account.scopes, account.can_write = list(found.scopes), found.can_write
            account.token_ends_at = found.expires_at
