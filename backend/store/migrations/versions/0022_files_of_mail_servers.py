"""What is accepted of the files of a mail server, what was seen of them last, and from before a job of ours wrote."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("files_accepted", "files_seen", "files_before"):
        op.add_column("mail_server", sa.Column(name, sa.JSON(none_as_null=True), nullable=True))
    op.add_column("mail_server", sa.Column("files_job", sa.Uuid(), nullable=True))
