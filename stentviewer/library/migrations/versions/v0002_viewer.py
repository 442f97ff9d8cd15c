"""Measurements, presentations, second explanations; the worklist's columns; thumbnails apart."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

APPEND_ONLY = ("measurement", "explanation")


def upgrade() -> None:
    """Every row is kept; what is new of the old ones is worked out of them."""
    _text_column("study", "opened")
    _text_column("image", "removed")
    _text_column("image", "body_part")
    op.execute(
        "UPDATE image SET body_part = coalesce(json_extract(identity, '$.body_part'), '') "
        "WHERE json_valid(identity)"
    )
    op.drop_index("ix_image_series_id")
    op.create_index(
        "ix_image_series_id_removed_body_part", "image", ["series_id", "removed", "body_part"]
    )
    _set_thumbnails_apart()
    _say_answers()
    _create_measurement()
    _create_explanation()
    _create_presentation()
    for table in APPEND_ONLY:
        _refuse(table, "UPDATE")
        _refuse(table, "DELETE")


def _refuse(table: str, verb: str) -> None:
    op.execute(
        f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{table} rows are never changed'); END"
    )


def _set_thumbnails_apart() -> None:
    op.create_table(
        "thumbnail",
        sa.Column("image_id", sa.Integer, sa.ForeignKey("image.id"), primary_key=True),
        sa.Column("png", sa.LargeBinary, nullable=False),
    )
    op.execute("INSERT INTO thumbnail SELECT id, thumbnail FROM image WHERE length(thumbnail) > 0")
    op.execute("ALTER TABLE image DROP COLUMN thumbnail")


def _say_answers() -> None:
    op.execute("DROP TRIGGER reading_no_update")
    _text_column("reading", "answer")
    connection = op.get_bind()
    rows = connection.execute(sa.text("SELECT id, findings FROM reading")).all()
    for key, findings in rows:
        connection.execute(
            sa.text("UPDATE reading SET answer = :answer WHERE id = :key"),
            {"answer": _answer(findings), "key": key},
        )
    _refuse("reading", "UPDATE")
    op.drop_index("ix_reading_image_id_frame")
    op.create_index("ix_reading_image_id_frame_answer", "reading", ["image_id", "frame", "answer"])


def _answer(findings: str) -> str:
    """What the surest finding says."""
    try:
        found = json.loads(findings)
        if not found:
            return "no stent"
        top = max(found, key=lambda finding: finding["probability"])
        return "another design" if top["unknown"] else str(top["maker"])
    except (ValueError, TypeError, KeyError):  # a damaged row: the check names it
        return ""


def _create_measurement() -> None:
    op.create_table(
        "measurement",
        _id(),
        _text("key"),
        _reference("image_id", "image"),
        _number("frame"),
        *map(_text, ("plane", "kind")),
        *(sa.Column(name, sa.JSON, nullable=False) for name in ("points", "widths")),
        sa.Column("mm", sa.Float),
        *map(_text, ("note", "by", "at")),
        sa.Column("removed", sa.Boolean, nullable=False),
    )
    op.create_index("ix_measurement_key", "measurement", ["key"])
    op.create_index("ix_measurement_image_id", "measurement", ["image_id"])


def _create_explanation() -> None:
    op.create_table(
        "explanation",
        _id(),
        _reference("reading_id", "reading"),
        sa.Column("heat", sa.LargeBinary, nullable=False),
        _number("heat_rows"),
        _number("heat_columns"),
        sa.Column("heat_extent", sa.JSON, nullable=False),
        *map(_text, ("heat_method", "by", "created")),
    )
    op.create_index("ix_explanation_reading_id", "explanation", ["reading_id"])


def _create_presentation() -> None:
    op.create_table(
        "presentation",
        _id(),
        *map(_text, ("sha256", "sop_uid", "path", "label", "added")),
        sa.UniqueConstraint("sha256", name="uq_presentation_sha256"),
    )
    op.create_table(
        "presentation_image",
        sa.Column(
            "presentation_id", sa.Integer, sa.ForeignKey("presentation.id"), primary_key=True
        ),
        sa.Column("sop_uid", sa.Text, primary_key=True),
    )
    op.create_index("ix_presentation_image_sop_uid", "presentation_image", ["sop_uid"])


def _text_column(table: str, name: str) -> None:
    op.add_column(table, sa.Column(name, sa.Text, nullable=False, server_default=""))


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, nullable=False)


def _reference(name: str, target: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, sa.ForeignKey(f"{target}.id"), nullable=False)


def _id() -> sa.Column[int]:
    return sa.Column("id", sa.Integer, primary_key=True)
