"""People, their sign-ins, used upload tickets, and posts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the first tables."""
    when = sa.DateTime(timezone=True)
    op.create_table(
        "people",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("display_name", sa.Text(), nullable=False),
        sa.Column("bio", sa.Text(), nullable=False),
        sa.Column("avatar_version", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", when, nullable=False),
        sa.PrimaryKeyConstraint("id", name="people_pkey"),
        sa.UniqueConstraint("email", name="people_email_key"),
    )
    op.create_table(
        "sign_ins",
        sa.Column("token_digest", sa.LargeBinary(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("expires_at", when, nullable=False),
        sa.PrimaryKeyConstraint("token_digest", name="sign_ins_pkey"),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name="sign_ins_person_id_fkey", ondelete="CASCADE"
        ),
    )
    op.create_index("sign_ins_person_id_idx", "sign_ins", ["person_id"])
    op.create_table(
        "used_tickets",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("expires_at", when, nullable=False),
        sa.PrimaryKeyConstraint("id", name="used_tickets_pkey"),
    )
    op.create_index("used_tickets_expires_at_idx", "used_tickets", ["expires_at"])
    op.create_table(
        "posts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", when, nullable=False),
        sa.PrimaryKeyConstraint("id", name="posts_pkey"),
        sa.ForeignKeyConstraint(["author_id"], ["people.id"], name="posts_author_id_fkey"),
    )
    op.create_index("posts_created_at_id_idx", "posts", ["created_at", "id"])
    op.create_index("posts_author_id_created_at_id_idx", "posts", ["author_id", "created_at", "id"])
