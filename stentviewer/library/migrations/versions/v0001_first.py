"""The first released schema."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

APPEND_ONLY = ("reading", "label", "audit")


def upgrade() -> None:
    """Make every table and the triggers that keep history from being rewritten."""
    op.create_table("about", sa.Column("key", sa.Text, primary_key=True), _text("value"))
    _create_index_of_images()
    _create_reading_and_label()
    op.create_table(
        "audit",
        sa.Column("n", sa.Integer, primary_key=True),
        *map(_text, ("at", "by", "action", "target", "detail", "data", "hash")),
    )
    for table in APPEND_ONLY:
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} rows are never changed'); END"
            )


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False)


def _number(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, nullable=nullable)


def _reference(name: str, target: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, sa.ForeignKey(f"{target}.id"), nullable=nullable)


def _id() -> sa.Column[int]:
    return sa.Column("id", sa.Integer, primary_key=True)


def _create_index_of_images() -> None:
    op.create_table(
        "patient",
        _id(),
        *map(_text, ("patient_id", "name", "name_ideographic", "birth_date", "sex")),
    )
    op.create_index("ix_patient_patient_id", "patient", ["patient_id"])
    op.create_table(
        "study",
        _id(),
        _reference("patient_id", "patient"),
        *map(_text, ("key", "uid", "date", "time", "description", "accession_number")),
        sa.UniqueConstraint("patient_id", "key", name="uq_study_patient_id_key"),
    )
    op.create_table(
        "series",
        _id(),
        _reference("study_id", "study"),
        _text("uid"),
        _number("number", nullable=True),
        *map(_text, ("description", "modality")),
        sa.UniqueConstraint("study_id", "uid", name="uq_series_study_id_uid"),
    )
    op.create_table(
        "image",
        _id(),
        _reference("series_id", "series"),
        *map(_text, ("sop_uid", "sha256", "path")),
        *map(_number, ("rows", "columns", "frames")),
        _text("format"),
        sa.Column("has_dicom_truth", sa.Boolean, nullable=False),
        _number("instance_number", nullable=True),
        sa.Column("identity", sa.JSON, nullable=False),
        _text("added"),
        sa.Column("thumbnail", sa.LargeBinary, nullable=False),
        sa.UniqueConstraint("sha256", name="uq_image_sha256"),
    )
    op.create_index("ix_image_series_id", "image", ["series_id"])
    op.create_index("ix_image_sop_uid", "image", ["sop_uid"])


def _create_reading_and_label() -> None:
    op.create_table(
        "reading",
        _id(),
        _reference("image_id", "image"),
        _number("frame"),
        *map(_text, ("task", "model_id", "model_sha256", "model_name", "model_version", "device")),
        *(sa.Column(name, sa.JSON, nullable=False) for name in ("seconds", "findings", "notes")),
        sa.Column("heat", sa.LargeBinary),
        _number("heat_rows", nullable=True),
        _number("heat_columns", nullable=True),
        sa.Column("heat_extent", sa.JSON),
        sa.Column("heat_method", sa.Text),
        *map(_text, ("by", "created")),
    )
    op.create_index("ix_reading_image_id_frame", "reading", ["image_id", "frame"])
    op.create_table(
        "label",
        _id(),
        _reference("image_id", "image"),
        _number("frame"),
        *map(_text, ("maker", "action", "by", "at")),
        _reference("reading_id", "reading", nullable=True),
        _text("model_said"),
    )
    op.create_index("ix_label_image_id_frame", "label", ["image_id", "frame"])
