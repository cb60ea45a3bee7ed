"""The rows an order begins with: the server under way, and who is going to use it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from sqlalchemy import select

from backend.core.present.text import _
from backend.fleet.history import note_event
from backend.servers.provision.order import check_name_is_free
from backend.store.schema.fleet import Server, ServerUse
from backend.store.scope import AGENCY, ENGINE_SCOPE, ScopedSession

if TYPE_CHECKING:
    from backend.engine.context import StepContext
    from backend.providers.ports import Plan
    from backend.servers.requests import ProvisionServer


def register_server(ctx: StepContext[ProvisionServer], plan: Plan) -> None:
    """The server's row exists from the first step on, so that the person sees it in the list. May be repeated.

    :raises Refused: another order took the name meanwhile.
    """
    order, server_id = ctx.job.request, ctx.job.request.server_id
    with ctx.store.write(ENGINE_SCOPE) as session:
        server = session.get(Server, (AGENCY, server_id))
        if server is None:
            check_name_is_free(session, order.name)  # two orders may have been accepted at once
            server = Server(tenant_id=AGENCY, id=server_id, account_id=order.account_id, created_at=ctx.now())
            session.add(server)
            words = _("Ordered by {author}").format(author=ctx.job.author)
            note_event(session, server_id, ctx.now(), "ordered", words, job_id=ctx.job.id)
        server.name, server.region, server.plan, server.image = order.name, order.region, order.plan, order.image
        server.vcpus, server.memory_mb, server.disk_gb = plan.vcpus, plan.memory_mb, plan.disk_gb
        server.monthly_micro, server.currency = plan.monthly_micro, plan.currency
        server.life, server.power, server.gone_at, server.is_ours = "provisioning", "unknown", None, True
        session.flush()
        for workspace in order.workspaces:
            _use(session, workspace, server_id, ctx.now())


def _use(session: ScopedSession, workspace: UUID, server_id: UUID, now: datetime) -> None:
    statement = select(ServerUse).where(
        ServerUse.tenant_id == workspace, ServerUse.server_id == server_id, ServerUse.until.is_(None)
    )
    if session.scalars(statement).first() is None:
        session.add(ServerUse(tenant_id=workspace, id=uuid4(), server_tenant_id=AGENCY, server_id=server_id, since=now))
