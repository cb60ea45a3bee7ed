"""Since when a mail server has its API token and its administrator's password: renewed ones are younger than it."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("api_token_since", "admin_since"):
        op.add_column("mail_server", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
