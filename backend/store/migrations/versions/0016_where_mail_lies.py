"""Where a mail server's settings and data lie: whoever else installed one chose other folders than Mailyard does."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

#: Of those that Mailyard installed.
OURS = {"env_file": "/opt/mailu/mailu.env", "root": "/mailu"}


def upgrade() -> None:
    for name, place in OURS.items():
        op.add_column("mail_server", sa.Column(name, sa.String(300), nullable=False, server_default=place))
