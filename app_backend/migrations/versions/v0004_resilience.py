"""Circuit breakers, shared by all processes on the database."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    when = sa.DateTime(timezone=True)
    op.create_table(
        "circuits",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("opened_at", when, nullable=True),
        sa.Column("trial", sa.Uuid(), nullable=True),
        sa.Column("trial_until", when, nullable=True),
        sa.PrimaryKeyConstraint("name", name="circuits_pkey"),
        sa.CheckConstraint("state IN ('closed', 'opened', 'half-opened')", name="circuits_state_check"),
    )
