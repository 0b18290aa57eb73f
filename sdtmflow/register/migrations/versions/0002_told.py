"""What people were told of each run: what ran before this column is never told again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the column; runs of older versions told nobody, and are not told now."""
    told = sa.Column("told", sa.String, nullable=False, server_default="all")
    op.add_column("run", told)
