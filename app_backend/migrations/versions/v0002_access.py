"""Sign-ins that are refreshed, and counters of rate limits."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Replace the tokens of 30 days; everybody signs in once more, as these can't be refreshed."""
    when = sa.DateTime(timezone=True)
    op.drop_table("sign_ins")
    op.create_table(
        "sign_ins",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("user_agent", sa.Text(), nullable=False),
        sa.Column("created_at", when, nullable=False),
        sa.Column("refreshed_at", when, nullable=False),
        sa.Column("expires_at", when, nullable=False),
        sa.PrimaryKeyConstraint("id", name="sign_ins_pkey"),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name="sign_ins_person_id_fkey", ondelete="CASCADE"
        ),
    )
    op.create_index("sign_ins_person_id_idx", "sign_ins", ["person_id"])
    op.create_index("sign_ins_expires_at_idx", "sign_ins", ["expires_at"])
    op.create_table(
        "token_pairs",
        sa.Column("refresh_digest", sa.LargeBinary(), nullable=False),
        sa.Column("access_digest", sa.LargeBinary(), nullable=False),
        sa.Column("sign_in_id", sa.Uuid(), nullable=False),
        sa.Column("access_expires_at", when, nullable=False),
        sa.Column("refresh_expires_at", when, nullable=False),
        sa.Column("exchanged_at", when, nullable=True),
        sa.Column("successor", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("refresh_digest", name="token_pairs_pkey"),
        sa.UniqueConstraint("access_digest", name="token_pairs_access_digest_key"),
        sa.ForeignKeyConstraint(
            ["sign_in_id"], ["sign_ins.id"], name="token_pairs_sign_in_id_fkey", ondelete="CASCADE"
        ),
    )
    op.create_index("token_pairs_sign_in_id_idx", "token_pairs", ["sign_in_id"])
    # Not logged: a counter is not worth a wait for the disk, and after a crash of PostgreSQL all start at 0.
    op.create_table(
        "rate_limits",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("hits", sa.Integer(), nullable=False),
        sa.Column("expires_at", when, nullable=False),
        sa.PrimaryKeyConstraint("key", name="rate_limits_pkey"),
        prefixes=["UNLOGGED"],
    )
    op.create_index("rate_limits_expires_at_idx", "rate_limits", ["expires_at"])
