"""Reserved addresses, firewalls, what servers used, what accounts owe and were billed."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

OF_ACCOUNT = ["tenant_id", "account_id"], ["account.tenant_id", "account.id"]


def upgrade() -> None:
    _holdings()
    _usage()
    _money()


def _holdings() -> None:
    op.create_table(
        "reserved_address",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.String(length=80), nullable=False),
        sa.Column("ip", sa.String(length=45), nullable=False),
        sa.Column("region", sa.String(length=60), nullable=False),
        sa.Column("server_id", sa.Uuid(), nullable=True),
        sa.Column("monthly_micro", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("reserved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("gone_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(*OF_ACCOUNT, name=op.f("fk_reserved_address_tenant_id_account_id")),
        sa.PrimaryKeyConstraint("tenant_id", "account_id", "provider_id", name=op.f("pk_reserved_address")),
    )
    op.create_index("ix_reserved_address_server", "reserved_address", ["tenant_id", "server_id"], unique=False)
    op.create_table(
        "firewall",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.String(length=80), nullable=False),
        sa.Column("server_id", sa.Uuid(), nullable=False),
        sa.Column("allowed", sa.JSON(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("gone_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(*OF_ACCOUNT, name=op.f("fk_firewall_tenant_id_account_id")),
        sa.PrimaryKeyConstraint("tenant_id", "account_id", "provider_id", name=op.f("pk_firewall")),
    )
    op.create_index("ix_firewall_server", "firewall", ["tenant_id", "server_id"], unique=False)


def _usage() -> None:
    op.create_table(
        "server_usage",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("server_id", sa.Uuid(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_bytes", sa.BigInteger(), nullable=True),
        sa.Column("sent_bytes", sa.BigInteger(), nullable=True),
        sa.Column("counted_bytes", sa.BigInteger(), nullable=True),
        sa.Column("included_bytes", sa.BigInteger(), nullable=True),
        sa.Column("cpu_percent", sa.Float(), nullable=True),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "server_id"],
            ["server.tenant_id", "server.id"],
            name=op.f("fk_server_usage_tenant_id_server_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "server_id", name=op.f("pk_server_usage")),
    )


def _money() -> None:
    op.create_table(
        "account_charge",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("balance_micro", sa.BigInteger(), nullable=True),
        sa.Column("so_far_micro", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("trouble", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(*OF_ACCOUNT, name=op.f("fk_account_charge_tenant_id_account_id")),
        sa.PrimaryKeyConstraint("tenant_id", "account_id", name=op.f("pk_account_charge")),
    )
    op.create_table(
        "account_invoice",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=80), nullable=False),
        sa.Column("issued", sa.Date(), nullable=True),
        sa.Column("total_micro", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.ForeignKeyConstraint(*OF_ACCOUNT, name=op.f("fk_account_invoice_tenant_id_account_id")),
        sa.PrimaryKeyConstraint("tenant_id", "account_id", "number", name=op.f("pk_account_invoice")),
    )
