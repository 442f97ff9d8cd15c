"""The library's tables, as they are after the newest migration.

Readings, findings, explanations, labels, measurements and the audit trail are only ever added to:
triggers made by the migrations refuse to change or delete their rows.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

VERSION = 3  # the newest migration, as an Alembic revision: f"{VERSION:04d}"

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False)


def _later_text(name: str) -> sa.Column[str]:
    """A text column that older rows did not have."""
    return sa.Column(name, sa.Text, nullable=False, server_default="")


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, nullable=False)


def _key(name: str = "id") -> sa.Column[int]:
    return sa.Column(name, sa.Integer, primary_key=True)


def _of(table: str, *, nullable: bool = False) -> sa.Column[int]:
    name = f"{table}_id"
    return sa.Column(name, sa.Integer, sa.ForeignKey(f"{table}.id"), nullable=nullable)


def _heat(*, nullable: bool) -> list[sa.Column[Any]]:
    return [
        sa.Column("heat", sa.LargeBinary, nullable=nullable),  # zlib of '<f2', row by row
        sa.Column("heat_rows", sa.Integer, nullable=nullable),
        sa.Column("heat_columns", sa.Integer, nullable=nullable),
        sa.Column("heat_extent", sa.JSON(none_as_null=True), nullable=nullable),
        sa.Column("heat_method", sa.Text, nullable=nullable),
    ]


about = sa.Table("about", metadata, sa.Column("key", sa.Text, primary_key=True), _text("value"))

patient = sa.Table(
    "patient",
    metadata,
    _key(),
    sa.Column("patient_id", sa.Text, nullable=False, index=True),
    _text("name"),
    _text("name_ideographic"),
    _text("birth_date"),
    _text("sex"),
)

study = sa.Table(
    "study",
    metadata,
    _key(),
    _of("patient"),
    _text("key"),  # the study's UID, or "folder:" and the folder of pictures
    _text("uid"),
    _text("date"),
    _text("time"),
    _text("description"),
    _text("accession_number"),
    _later_text("opened"),  # when it was last looked at, UTC; empty: never
    sa.UniqueConstraint("patient_id", "key"),
)

series = sa.Table(
    "series",
    metadata,
    _key(),
    _of("study"),
    _text("uid"),
    sa.Column("number", sa.Integer),
    _text("description"),
    _text("modality"),
    sa.UniqueConstraint("study_id", "uid"),
)

image = sa.Table(
    "image",
    metadata,
    _key(),
    _of("series"),
    sa.Column("sop_uid", sa.Text, nullable=False, index=True),
    sa.Column("sha256", sa.Text, nullable=False, unique=True),
    _text("path"),
    _number("rows"),
    _number("columns"),
    _number("frames"),
    _text("format"),
    sa.Column("has_dicom_truth", sa.Boolean, nullable=False),
    sa.Column("instance_number", sa.Integer),
    sa.Column("identity", sa.JSON, nullable=False),
    _text("added"),
    _later_text("removed"),  # when it was taken off the worklist, UTC; empty: it is on it
    _later_text("body_part"),
    sa.Index(None, "series_id", "removed", "body_part"),  # holds all that the worklist counts
)

thumbnail = sa.Table(  # apart from the images, so that counting these reads no pictures
    "thumbnail",
    metadata,
    sa.Column("image_id", sa.Integer, sa.ForeignKey("image.id"), primary_key=True),
    sa.Column("png", sa.LargeBinary, nullable=False),
)

reading = sa.Table(
    "reading",
    metadata,
    _key(),
    _of("image"),
    _number("frame"),
    _text("task"),
    _text("model_id"),
    _text("model_sha256"),
    _text("model_name"),
    _text("model_version"),
    _text("device"),
    sa.Column("seconds", sa.JSON, nullable=False),
    sa.Column("findings", sa.JSON, nullable=False),
    sa.Column("notes", sa.JSON, nullable=False),
    *_heat(nullable=True),
    _text("by"),
    _text("created"),
    _later_text("answer"),  # what the findings come to (core.answers): the worklist's
    _later_text("refusal"),
    sa.Index(None, "image_id", "frame", "answer"),
)

finding = sa.Table(  # what is large of a reading's findings; their words are in its row
    "finding",
    metadata,
    _key(),
    _of("reading"),
    _number("number"),  # in the reading, from 1
    *_heat(nullable=True),
    sa.Column("feature", sa.LargeBinary, nullable=True),  # '<f2'
    sa.UniqueConstraint("reading_id", "number"),
)

explanation = sa.Table(
    "explanation",
    metadata,
    _key(),
    sa.Column("reading_id", sa.Integer, sa.ForeignKey("reading.id"), nullable=False, index=True),
    *_heat(nullable=False),
    _text("by"),
    _text("created"),
)

label = sa.Table(
    "label",
    metadata,
    _key(),
    _of("image"),
    _number("frame"),
    _text("maker"),
    _text("action"),
    _text("by"),
    _text("at"),
    _of("reading", nullable=True),
    _text("model_said"),
    sa.Index(None, "image_id", "frame"),
)

measurement = sa.Table(  # events: the newest of a key is in force, unless it removes
    "measurement",
    metadata,
    _key(),
    sa.Column("key", sa.Text, nullable=False, index=True),
    sa.Column("image_id", sa.Integer, sa.ForeignKey("image.id"), nullable=False, index=True),
    _number("frame"),
    _text("plane"),
    _text("kind"),
    sa.Column("points", sa.JSON, nullable=False),
    sa.Column("widths", sa.JSON, nullable=False),
    sa.Column("mm", sa.Float),
    _text("note"),
    _text("by"),
    _text("at"),
    sa.Column("removed", sa.Boolean, nullable=False),
)

presentation = sa.Table(
    "presentation",
    metadata,
    _key(),
    sa.Column("sha256", sa.Text, nullable=False, unique=True),
    _text("sop_uid"),
    _text("path"),
    _text("label"),
    _text("added"),
)

presentation_image = sa.Table(  # which images a presentation is of
    "presentation_image",
    metadata,
    sa.Column("presentation_id", sa.Integer, sa.ForeignKey("presentation.id"), primary_key=True),
    sa.Column("sop_uid", sa.Text, primary_key=True, index=True),
)

audit = sa.Table(
    "audit",
    metadata,
    _key("n"),
    _text("at"),
    _text("by"),
    _text("action"),
    _text("target"),
    _text("detail"),
    _text("data"),  # the same for the machine, canonical JSON: what check() compares
    _text("hash"),
)


def insert(connection: sa.Connection, table: sa.Table, row: dict[str, Any]) -> int:
    """Add a row; returns its id."""
    key = connection.execute(table.insert(), row).inserted_primary_key
    assert key is not None
    return int(key[0])
