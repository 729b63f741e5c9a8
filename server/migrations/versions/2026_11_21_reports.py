"""Reports, written once and kept by version, and the links they are shared by."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_21_reports"
down_revision = "2026_11_20_companion"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "reports",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("interview_id", sa.String(36), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("lease_until_ms", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.String(500), nullable=False),
        sa.Column("body", sa.JSON(), nullable=True),
        sa.Column("idempotency_key", sa.String(64), nullable=True),
        sa.Column("created_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("written_at_ms", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_reports"),
        sa.UniqueConstraint("interview_id", "version", name="uq_reports_interview_id_version"),
        sa.UniqueConstraint(
            "interview_id", "idempotency_key", name="uq_reports_interview_id_idempotency_key"
        ),
        sa.ForeignKeyConstraint(
            ["interview_id"],
            ["interviews.id"],
            name="fk_reports_interview_id_interviews",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_reports_state_due_at_ms", "reports", ["state", "due_at_ms"])
    op.create_table(
        "report_shares",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("interview_id", sa.String(36), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("edition", sa.String(20), nullable=False),
        sa.Column("created_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("expires_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("revoked_at_ms", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_report_shares"),
        sa.UniqueConstraint("token_hash", name="uq_report_shares_token_hash"),
        sa.ForeignKeyConstraint(
            ["interview_id"],
            ["interviews.id"],
            name="fk_report_shares_interview_id_interviews",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_report_shares_interview_id", "report_shares", ["interview_id"])


def downgrade() -> None:
    op.drop_index("ix_report_shares_interview_id", table_name="report_shares")
    op.drop_table("report_shares")
    op.drop_index("ix_reports_state_due_at_ms", table_name="reports")
    op.drop_table("reports")
