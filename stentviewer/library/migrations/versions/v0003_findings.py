"""Several findings with a heat map and a feature each; readings that refused an image."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Every row is kept as it is; a reading of several stents now answers with all of them."""
    op.execute("DROP TRIGGER reading_no_update")
    op.add_column("reading", sa.Column("refusal", sa.Text, nullable=False, server_default=""))
    _say_all_stents()
    _refuse("reading", "UPDATE")
    op.create_table(
        "finding",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("reading_id", sa.Integer, sa.ForeignKey("reading.id"), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("heat", sa.LargeBinary),
        sa.Column("heat_rows", sa.Integer),
        sa.Column("heat_columns", sa.Integer),
        sa.Column("heat_extent", sa.JSON),
        sa.Column("heat_method", sa.Text),
        sa.Column("feature", sa.LargeBinary),
        sa.UniqueConstraint("reading_id", "number", name="uq_finding_reading_id_number"),
    )
    for verb in ("UPDATE", "DELETE"):
        _refuse("finding", verb)


def _refuse(table: str, verb: str) -> None:
    op.execute(
        f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{table} rows are never changed'); END"
    )


def _say_all_stents() -> None:
    connection = op.get_bind()
    rows = connection.execute(sa.text("SELECT id, findings FROM reading")).all()
    for key, findings in rows:
        answer = _answer(findings)
        if answer:
            connection.execute(
                sa.text("UPDATE reading SET answer = :answer WHERE id = :key"),
                {"answer": answer, "key": key},
            )


def _answer(findings: str) -> str:
    """What the findings say in their order; empty where one answer is as it was."""
    try:
        found = json.loads(findings)
        if len(found) < 2:
            return ""
        return " + ".join(
            "another design" if one["unknown"] else str(one["maker"]) for one in found
        )
    except (ValueError, TypeError, KeyError):  # a damaged row: the check names it
        return ""
