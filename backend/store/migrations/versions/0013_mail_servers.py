"""Mail servers, and what their domains have: limits, mailboxes, aliases."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

LIMITS = (
    ("comment", sa.Text(), "", False),
    ("max_mailboxes", sa.Integer(), None, True),
    ("max_aliases", sa.Integer(), None, True),
    ("max_quota_bytes", sa.BigInteger(), None, True),
    ("alternatives", sa.JSON(), "[]", False),
    ("managers", sa.JSON(), "[]", False),
    ("seen_at", sa.DateTime(timezone=True), None, True),
    ("gone_at", sa.DateTime(timezone=True), None, True),
)


def upgrade() -> None:
    op.create_table(
        "mail_server",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("server_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("is_adopted", sa.Boolean(), nullable=False),
        sa.Column("version", sa.String(40), nullable=False),
        sa.Column("host_name", sa.String(253), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=True),
        sa.Column("project", sa.String(80), nullable=False),
        sa.Column("files", sa.JSON(), nullable=False),
        sa.Column("api_token_ref", sa.String(200), nullable=True),
        sa.Column("admin_ref", sa.String(200), nullable=True),
        sa.Column("certificate", sa.Text(), nullable=False),
        sa.Column("certificate_kind", sa.String(20), nullable=False),
        sa.Column("sends", sa.String(20), nullable=False),
        sa.Column("sends_note", sa.Text(), nullable=False),
        sa.Column("installed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "server_id", name="pk_mail_server"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "server_id"], ["server.tenant_id", "server.id"], name="fk_mail_server_tenant_id_server_id"
        ),
    )
    for name, kind, default, is_nullable in LIMITS:
        op.add_column("domain", sa.Column(name, kind, nullable=is_nullable, server_default=default))
    _create_of_domain("mailbox", *_mailbox_columns())
    op.create_index("ix_mailbox_address", "mailbox", ["address"])
    _create_of_domain(
        "mail_alias",
        sa.Column("destinations", sa.JSON(), nullable=False),
        sa.Column("is_wildcard", sa.Boolean(), nullable=False),
    )


def _create_of_domain(name: str, *columns: sa.Column[Any]) -> None:
    op.create_table(
        name,
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("domain_id", sa.Uuid(), nullable=False),
        sa.Column("address", sa.String(320), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        *columns,
        sa.PrimaryKeyConstraint("tenant_id", "domain_id", "address", name=f"pk_{name}"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "domain_id"], ["domain.tenant_id", "domain.id"], name=f"fk_{name}_tenant_id_domain_id"
        ),
    )


def _mailbox_columns() -> tuple[sa.Column[Any], ...]:
    return (
        sa.Column("display_name", sa.String(200), nullable=False),
        sa.Column("quota_bytes", sa.BigInteger(), nullable=True),
        sa.Column("used_bytes", sa.BigInteger(), nullable=False),
        sa.Column("is_enabled", sa.Boolean(), nullable=False),
        sa.Column("must_change_password", sa.Boolean(), nullable=False),
        sa.Column("is_admin", sa.Boolean(), nullable=False),
        sa.Column("forwards_to", sa.JSON(), nullable=False),
        sa.Column("is_forwarding", sa.Boolean(), nullable=False),
        sa.Column("keeps_copy", sa.Boolean(), nullable=False),
        sa.Column("replies", sa.Boolean(), nullable=False),
        sa.Column("reply_subject", sa.String(300), nullable=False),
        sa.Column("reply_body", sa.Text(), nullable=False),
        sa.Column("spam_threshold", sa.Integer(), nullable=True),
    )
