"""Measurements as CSV and JSON: one line a number, with its unit and where it holds.

Whose images they are, their dates and identifiers, and what may name anybody (readers' notes, file
names) are left out unless they are asked for.
"""

from __future__ import annotations

import csv
import io
import json
import os
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from stentviewer import __version__
from stentviewer.core.errors import KnownError, StentviewerError
from stentviewer.core.jobs import JobContext
from stentviewer.core.sentences import sentence
from stentviewer.core.types import Identity, Measurement, Plane, Spacing
from stentviewer.core.wording import RESEARCH_USE
from stentviewer.imaging.measure import Number, calibrated_spacing, measure

if TYPE_CHECKING:
    from stentviewer.app.opened import Opened
    from stentviewer.app.session import Session

Format = Literal["csv", "json"]

_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet runs what begins so
_IDENTITY = (
    "patient_id",
    "patient_name",
    "study_date",
    "study_uid",
    "series_uid",
    "sop_uid",
)
_COLUMNS = (
    *("image", "modality", "frame", "plane", "measurement", "kind"),
    *("quantity", "value", "unit", "spacing", "reader", "time", "problem"),
)


@dataclass(frozen=True, slots=True)
class Measured:
    """One measurement with its numbers; `problem` says why it has none."""

    measurement: Measurement
    identity: Identity
    spacing: Spacing
    numbers: tuple[Number, ...]
    problem: str = ""


def measured(
    session: Session, image_ids: Sequence[int], context: JobContext | None = None
) -> list[Measured]:
    """Every measurement in force on these images, with its numbers.

    Of an image that cannot be opened the measurements are there without numbers, and say why.
    """
    job = context or JobContext()
    kept = session.measuring.on(image_ids)
    found = []
    for done, one in enumerate(kept):
        job.step(done, len(kept))
        identity = session.library.image(one.target.image_id).header.identity
        try:
            radiograph = _opened(session, one).radiograph
            place = one.target.image_id, one.target.plane
            same = [m for m in kept if (m.target.image_id, m.target.plane) == place]
            spacing = calibrated_spacing(same, radiograph)
            numbers = measure(one, radiograph, one.target.frame, spacing=spacing)
            found.append(Measured(one, identity, spacing, numbers))
        except StentviewerError as error:
            found.append(Measured(one, identity, Spacing(), (), str(error)))
    return found


def _opened(session: Session, measurement: Measurement) -> Opened:
    """The image; of a reformat the plane of its volume, whose frame the target names."""
    from stentviewer.app.hanging import Content

    target = measurement.target
    if target.plane is Plane.AXIAL:
        return session.open(Content(target.image_id))
    return session.open(replace(session.content_of(target.image_id), plane=target.plane))


def study_images(session: Session, image_id: int) -> list[int]:
    """Every image of an image's study; the image alone where it is on no worklist."""
    study_id = session.library.study_of(image_id)
    if study_id is None:
        return [image_id]
    series = session.library.study(study_id).series
    return [image.id for one in series for image in one.images]


def as_csv(rows: Iterable[Measured], *, identity: bool = False) -> str:
    """One line a number; a measurement without any has one line with its problem."""
    text = io.StringIO()
    names = [*(_IDENTITY if identity else ()), *_COLUMNS, *(("note",) if identity else ())]
    writer = csv.DictWriter(text, names, lineterminator="\r\n")
    writer.writeheader()
    for row in rows:
        common = _common(row, identity)
        for number in row.numbers or (None,):
            writer.writerow({name: _safe(v) for name, v in (common | _cells(number)).items()})
    return text.getvalue()


def _common(row: Measured, identity: bool) -> dict[str, Any]:
    one = row.measurement
    common: dict[str, Any] = {
        "image": one.target.image_id,
        "modality": row.identity.modality,
        "frame": one.target.frame + 1,
        "plane": one.target.plane.value,
        "measurement": one.id,
        "kind": one.kind.value,
        "reader": one.by,
        "time": one.at.isoformat(timespec="seconds"),
        "problem": "the image could not be opened" if row.problem else "",
    }
    if identity:  # what is wrong names the file, and a file's name may name a patient
        common["problem"] = row.problem
        common |= {name: getattr(row.identity, name) for name in _IDENTITY}
        common["note"] = one.note
    return common


def _cells(number: Number | None) -> dict[str, Any]:
    if number is None:
        return {}
    return {
        "quantity": number.quantity.value,
        "value": float(number.shown) if number.digits else int(number.shown),
        "unit": number.unit,
        "spacing": number.kind.value if number.kind is not None else "",
    }


def _safe(value: object) -> object:
    """Text that a spreadsheet would take for a formula gets an apostrophe; numbers stay."""
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return value


def as_json(rows: Iterable[Measured], *, identity: bool = False) -> str:
    """A list of measurements: the drawn points, the spacing used, the numbers unrounded."""
    document = {
        "program": f"stentviewer {__version__}",
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "use": RESEARCH_USE,
        "coordinates": "points are (column, row), a pixel covering a unit square from its index",
        "measurements": [_object(row, identity) for row in rows],
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _object(row: Measured, identity: bool) -> dict[str, Any]:
    one, spacing = row.measurement, row.spacing
    found = _common(row, identity) | {
        "points": one.points,
        "spacing": {"kind": spacing.kind.value, "row_mm_column_mm": spacing.mm},
        "numbers": [
            {
                "quantity": number.quantity.value,
                "value": number.value,
                "unit": number.unit,
                "holds": number.kind.value if number.kind is not None else None,
            }
            for number in row.numbers
        ],
    }
    if one.widths:
        found["diameters_columns"] = one.widths
    if one.mm is not None:
        found["known_mm"] = one.mm
    if not row.problem:
        del found["problem"]
    return found


def export(
    session: Session,
    image_ids: Sequence[int],
    path: Path,
    form: Format,
    *,
    identity: bool = False,
    context: JobContext | None = None,
) -> int:
    """Write the measurements of these images; returns how many there are.

    A file of this name is replaced once the new one is whole. CSV is UTF-8 with a byte order mark,
    by which a spreadsheet knows Korean. Raises KnownError where it cannot be written.
    """
    rows = measured(session, image_ids, context)
    text = as_csv(rows, identity=identity) if form == "csv" else as_json(rows, identity=identity)
    data = text.encode("utf-8-sig" if form == "csv" else "utf-8")
    try:
        _replace(path, data)
    except OSError as error:
        raise KnownError(
            sentence(
                "The measurements could not be written to “{path}” ({why}). Choose another folder "
                "or free some space, then try again.",
                path=str(path),
                why=error.strerror or type(error).__name__,
            )
        ) from error
    return len(rows)


def _replace(path: Path, data: bytes) -> None:
    number, name = tempfile.mkstemp(prefix=".", suffix=path.suffix, dir=path.parent)
    half = Path(name)
    try:
        with os.fdopen(number, "wb") as file:
            file.write(data)
        half.chmod(0o644)
        half.replace(path)
    except BaseException:
        half.unlink(missing_ok=True)
        raise
