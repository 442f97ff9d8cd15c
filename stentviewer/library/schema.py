"""The library's tables, as they are after the newest migration.

Readings, labels and the audit trail are only ever added to: triggers made by the migration refuse
to change or delete their rows.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

VERSION = 1  # the newest migration, as an Alembic revision: f"{VERSION:04d}"

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


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, nullable=False)


def _key(name: str = "id") -> sa.Column[int]:
    return sa.Column(name, sa.Integer, primary_key=True)


def _of(table: str, *, nullable: bool = False) -> sa.Column[int]:
    name = f"{table}_id"
    return sa.Column(name, sa.Integer, sa.ForeignKey(f"{table}.id"), nullable=nullable)


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
    sa.Column("series_id", sa.Integer, sa.ForeignKey("series.id"), nullable=False, index=True),
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
    sa.Column("thumbnail", sa.LargeBinary, nullable=False),
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
    sa.Column("heat", sa.LargeBinary),  # zlib of little-endian float16, row by row
    sa.Column("heat_rows", sa.Integer),
    sa.Column("heat_columns", sa.Integer),
    sa.Column("heat_extent", sa.JSON(none_as_null=True)),
    sa.Column("heat_method", sa.Text),
    _text("by"),
    _text("created"),
    sa.Index(None, "image_id", "frame"),
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
