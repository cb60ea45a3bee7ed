"""Snapshots, and orphans: what carries our mark at a provider and belongs to nothing here."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    account = ["tenant_id", "account_id"], ["account.tenant_id", "account.id"]
    op.create_table(
        "orphan",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("resource", sa.String(length=20), nullable=False),
        sa.Column("provider_id", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=253), nullable=False),
        sa.Column("region", sa.String(length=60), nullable=False),
        sa.Column("plan", sa.String(length=80), nullable=False),
        sa.Column("monthly_micro", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(*account, name=op.f("fk_orphan_tenant_id_account_id")),
        sa.PrimaryKeyConstraint("tenant_id", "account_id", "resource", "provider_id", name=op.f("pk_orphan")),
    )
    op.create_table(
        "orphan_look",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("resource", sa.String(length=20), nullable=False),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("trouble", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(*account, name=op.f("fk_orphan_look_tenant_id_account_id")),
        sa.PrimaryKeyConstraint("tenant_id", "account_id", "resource", name=op.f("pk_orphan_look")),
    )
    op.create_table(
        "snapshot",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.String(length=80), nullable=False),
        sa.Column("server_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("size_gb", sa.Float(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("gone_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(*account, name=op.f("fk_snapshot_tenant_id_account_id")),
        sa.PrimaryKeyConstraint("tenant_id", "account_id", "provider_id", name=op.f("pk_snapshot")),
    )
    op.create_index("ix_snapshot_server", "snapshot", ["tenant_id", "server_id"], unique=False)
