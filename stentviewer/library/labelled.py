"""The labels in force, with the file and the patient of each: what a model can be taught with."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from stentviewer.core.types import LabelAction
from stentviewer.library import worklist
from stentviewer.library.schema import image, label, patient, series, study


@dataclass(frozen=True, slots=True)
class LabelledFrame:
    """One frame of an image on the worklist and the label in force on it.

    patient_id is empty for pictures, which say nothing of whose they are.
    """

    path: Path
    sha256: str  # of the file's bytes when it was added
    frame: int
    label: str
    patient_id: str


def labelled_frames(connection: sa.Connection, sealed_to: str = "") -> list[LabelledFrame]:
    """In the order in which their images were added; of `sealed_to`'s own frames where given."""
    newest = sa.select(sa.func.max(label.c.id)).group_by(label.c.image_id, label.c.frame)
    columns = (label.c.image_id, label.c.frame, label.c.maker, image.c.path, image.c.sha256)
    query = (
        sa.select(*columns, patient.c.patient_id)
        .select_from(label.join(image).join(series).join(study).join(patient))
        .where(label.c.id.in_(newest), label.c.action != LabelAction.CLEAR.value)
        .where(image.c.removed == "")
        .order_by(label.c.image_id, label.c.frame)
    )
    own = worklist.answered(connection, sealed_to) if sealed_to else None
    return [
        LabelledFrame(Path(row.path), row.sha256, row.frame, row.maker, row.patient_id)
        for row in connection.execute(query)
        if own is None or (row.image_id, row.frame) in own
    ]
