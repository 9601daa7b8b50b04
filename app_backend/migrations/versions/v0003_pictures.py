"""Which pictures there are, and uploads that were already done."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables, and enter the pictures that people show already."""
    when = sa.DateTime(timezone=True)
    op.create_table(
        "pictures",
        # Refers to people, but is no foreign key: a row has to outlive its person until the files are gone.
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("since", when, nullable=False),
        sa.PrimaryKeyConstraint("person_id", "version", name="pictures_pkey"),
        sa.CheckConstraint("state IN ('coming', 'shown', 'leaving')", name="pictures_state_check"),
    )
    op.create_index("pictures_since_idx", "pictures", ["since"], postgresql_where=sa.text("state <> 'shown'"))
    op.execute(
        "INSERT INTO pictures (person_id, version, state, since)"
        " SELECT id, avatar_version, 'shown', now() FROM people WHERE avatar_version IS NOT NULL"
    )
    op.create_table(
        "ledger_identity",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="ledger_identity_pkey"),
    )
    op.execute("INSERT INTO ledger_identity (id) VALUES (gen_random_uuid())")
    op.create_table(
        "idempotency_keys",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("answer", JSONB(), nullable=True),
        sa.Column("expires_at", when, nullable=False),
        sa.PrimaryKeyConstraint("person_id", "key", name="idempotency_keys_pkey"),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name="idempotency_keys_person_id_fkey", ondelete="CASCADE"
        ),
    )
    op.create_index("idempotency_keys_expires_at_idx", "idempotency_keys", ["expires_at"])
    # For sweeping: what expires is found by its time.
    op.create_index("token_pairs_refresh_expires_at_idx", "token_pairs", ["refresh_expires_at"])
