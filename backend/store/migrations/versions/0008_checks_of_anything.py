"""Checks of any kind of subject, with every verdict they had; reasons as words that can be translated later."""

from typing import Any
from uuid import uuid4

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

OWN_NETWORK = "own_network"
KNOWN = ("ok", "warning", "critical")


def upgrade() -> None:
    with op.batch_alter_table("server") as server:
        server.add_column(sa.Column("health_values", sa.JSON(), nullable=True))
    _intervals()
    _drop_doubles()
    with op.batch_alter_table("check_result") as check:
        check.drop_index("ix_check_result_subject")
        check.alter_column("kind", new_column_name="check_key", type_=sa.String(length=60))
        check.add_column(sa.Column("subject_kind", sa.String(length=30), nullable=False, server_default="server"))
        check.add_column(sa.Column("why_values", sa.JSON(), nullable=True))
        check.add_column(sa.Column("about", sa.String(length=253), nullable=False, server_default=""))
        check.add_column(sa.Column("named_as", sa.String(length=120), nullable=False, server_default=""))
        check.add_column(sa.Column("counts_for_health", sa.Boolean(), nullable=False, server_default=sa.true()))
        check.add_column(sa.Column("known_verdict", sa.String(length=20), nullable=True))
        check.add_column(sa.Column("known_since", sa.DateTime(timezone=True), nullable=True))
    _rename_checks()
    with op.batch_alter_table("check_result") as check:
        for column in ("subject_kind", "about", "named_as", "counts_for_health"):
            check.alter_column(column, server_default=None)
        check.create_unique_constraint(
            op.f("uq_check_result_tenant_id_subject_kind_subject_id_check_key"),
            ["tenant_id", "subject_kind", "subject_id", "check_key"],
        )
    _bring_over()


def _intervals() -> None:
    op.create_table(
        "check_interval",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subject_kind", sa.String(length=30), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("check_key", sa.String(length=60), nullable=False),
        sa.Column("verdict", sa.String(length=20), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("why_values", sa.JSON(), nullable=True),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("before", sa.String(length=20), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_check_interval")),
    )
    key = ["tenant_id", "subject_kind", "subject_id", "check_key", "since"]
    op.create_index("ix_check_interval_subject", "check_interval", key, unique=False)
    op.create_index("ix_check_interval_since", "check_interval", ["since"], unique=False)


def _drop_doubles() -> None:
    """Nothing kept two rows of one check apart before: the newest is what it says."""
    check = _table("check_result", "kind")
    newest: dict[tuple[object, ...], object] = {}
    for row in op.get_bind().execute(sa.select(check).order_by(check.c.observed_at.desc())).all():
        key = (row.tenant_id, row.subject_id, row.kind)
        if newest.setdefault(key, row.id) != row.id:
            op.execute(check.delete().where(check.c.tenant_id == row.tenant_id, check.c.id == row.id))


def _rename_checks() -> None:
    check = _table("check_result", "check_key", sa.column("subject_kind", sa.String), _counts())
    own = check.c.check_key == OWN_NETWORK
    op.execute(check.update().where(own).values(subject_kind="installation", counts_for_health=False))
    op.execute(check.update().where(check.c.check_key == "sample").values(check_key="server.sample"))
    known = _table("check_result", "check_key", sa.column("known_verdict", sa.String), _known_since())
    of_known = known.c.verdict.in_(KNOWN)
    op.execute(known.update().where(of_known).values(known_verdict=known.c.verdict, known_since=known.c.since))


def _bring_over() -> None:
    """What holds now began when it began; what was said before it was never kept."""
    check = _table("check_result", "check_key", sa.column("subject_kind", sa.String))
    interval = _table(
        "check_interval", "check_key", sa.column("subject_kind", sa.String), sa.column("before", sa.String)
    )
    for row in op.get_bind().execute(sa.select(check)).all():
        values = row._asdict() | {"id": uuid4(), "before": ""}
        del values["observed_at"]
        op.execute(interval.insert().values(**values))


def _table(name: str, check: str, *more: sa.ColumnClause[Any]) -> sa.TableClause:
    uuids = (sa.column(each, sa.Uuid) for each in ("tenant_id", "id", "subject_id"))
    words = (sa.column(each, sa.String) for each in (check, "verdict", "why"))
    moments = (sa.column(each, sa.DateTime(timezone=True)) for each in ("since", "observed_at"))
    return sa.table(name, *uuids, *words, *moments, *more)


def _counts() -> sa.ColumnClause[Any]:
    return sa.column("counts_for_health", sa.Boolean)


def _known_since() -> sa.ColumnClause[Any]:
    return sa.column("known_since", sa.DateTime(timezone=True))
