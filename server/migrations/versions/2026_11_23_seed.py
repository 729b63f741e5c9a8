"""Which files of the question bank were seeded last, so that the same ones are not read again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_23_seed"
down_revision = "2026_11_22_ratings"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "seeded_banks",
        sa.Column("source", sa.String(10), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("question_count", sa.Integer(), nullable=False),
        sa.Column("kept_count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("source", name="pk_seeded_banks"),
    )


def downgrade() -> None:
    op.drop_table("seeded_banks")
