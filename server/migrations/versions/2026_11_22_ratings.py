"""What people rated, and who has opened which report."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_22_ratings"
down_revision = "2026_11_21_reports"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "ratings",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("interview_id", sa.String(36), nullable=False),
        sa.Column("source", sa.String(10), nullable=False),
        sa.Column("rater", sa.String(80), nullable=False),
        sa.Column("competency", sa.String(60), nullable=False),
        sa.Column("question_id", sa.String(120), nullable=False),
        sa.Column("rating", sa.Integer(), nullable=True),
        sa.Column("sight", sa.String(10), nullable=False),
        sa.Column("created_at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_ratings"),
        sa.UniqueConstraint(
            "interview_id", "source", "rater", "competency", "question_id", name="uq_ratings_rated"
        ),
        sa.ForeignKeyConstraint(
            ["interview_id"],
            ["interviews.id"],
            name="fk_ratings_interview_id_interviews",
            ondelete="CASCADE",
        ),
    )
    op.create_table(
        "reports_seen",
        sa.Column("interview_id", sa.String(36), nullable=False),
        sa.Column("account_id", sa.String(36), nullable=False),
        sa.Column("first_seen_at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("interview_id", "account_id", name="pk_reports_seen"),
        sa.ForeignKeyConstraint(
            ["interview_id"],
            ["interviews.id"],
            name="fk_reports_seen_interview_id_interviews",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["accounts.id"],
            name="fk_reports_seen_account_id_accounts",
            ondelete="CASCADE",
        ),
    )


def downgrade() -> None:
    op.drop_table("reports_seen")
    op.drop_table("ratings")
