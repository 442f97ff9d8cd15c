"""Where an image belongs: its patient, study and series, found or made.

Two patients are the same where the patient ID is and neither name nor birth date contradicts; to
mix two people up is worse than to show one twice. Without an ID name and birth date must both be
equal. Pictures say nothing of a patient: they share one empty patient, a folder being a study.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from stentviewer.core.sentences import sentence
from stentviewer.core.types import Identity, ImageHeader
from stentviewer.library.schema import insert, patient, series, study

TWIN = sentence(
    "Another file with the same SOP Instance UID but different content is already in the library; "
    "both are kept."
)
NAMESAKE = sentence(
    "Its patient ID is already in the library with another name or birth date; the two are kept "
    "apart."
)


class Placer:
    """Finds places within one transaction, each asked of the database once."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection
        self._patients: dict[tuple[str, ...], int] = {}
        self._series: dict[tuple[int, str, str], int] = {}

    def place(self, header: ImageHeader) -> tuple[int, str]:
        """The id of the series the image belongs to, made if new, and NAMESAKE or nothing."""
        identity = header.identity
        who = (
            identity.patient_id,
            identity.patient_name,
            identity.patient_name_ideographic,
            identity.birth_date,
            identity.sex,
        )
        told = ""
        if who not in self._patients:
            if _is_namesake(self._connection, identity):
                told = NAMESAKE
            self._patients[who] = _patient(self._connection, identity)
        patient_id = self._patients[who]
        key = identity.study_uid or f"folder:{header.path.parent}"
        where = (patient_id, key, identity.series_uid)
        if where not in self._series:
            self._series[where] = _place(self._connection, header, patient_id, key)
        return self._series[where], told


def _place(connection: sa.Connection, header: ImageHeader, patient_id: int, key: str) -> int:
    identity = header.identity
    study_id = _find_or_make(
        connection,
        study,
        {"patient_id": patient_id, "key": key},
        {
            "uid": identity.study_uid,
            "date": identity.study_date,
            "time": identity.study_time,
            "description": identity.study_description
            or ("" if identity.study_uid else header.path.parent.name),
            "accession_number": identity.accession_number,
        },
    )
    return _find_or_make(
        connection,
        series,
        {"study_id": study_id, "uid": identity.series_uid},
        {
            "number": identity.series_number,
            "description": identity.series_description,
            "modality": identity.modality,
        },
    )


def _is_namesake(connection: sa.Connection, identity: Identity) -> bool:
    """Whether the ID is known, but of somebody else."""
    if not identity.patient_id or _same(connection, identity) is not None:
        return False
    return bool(_namesakes(connection, identity))


def _patient(connection: sa.Connection, identity: Identity) -> int:
    fields = {
        "name": identity.patient_name,
        "name_ideographic": identity.patient_name_ideographic,
        "birth_date": identity.birth_date,
        "sex": identity.sex,
    }
    known = _same(connection, identity)
    if known is None:
        row = {"patient_id": identity.patient_id} | fields
        return insert(connection, patient, row)
    gaps = {name: value for name, value in fields.items() if value and not getattr(known, name)}
    if gaps:
        connection.execute(patient.update().where(patient.c.id == known.id).values(gaps))
    return int(known.id)


def _same(connection: sa.Connection, identity: Identity) -> sa.Row[Any] | None:
    ours = (_plain(identity.patient_name), identity.birth_date)
    for row in _namesakes(connection, identity):
        theirs = (_plain(row.name), row.birth_date)
        if ours == theirs:
            return row
        pairs = zip(ours, theirs, strict=True)
        if identity.patient_id and all(a == b or not a or not b for a, b in pairs):
            return row
    return None


def _namesakes(connection: sa.Connection, identity: Identity) -> list[sa.Row[Any]]:
    query = sa.select(patient).where(patient.c.patient_id == identity.patient_id)
    return list(connection.execute(query.order_by(patient.c.id)).all())


def _plain(name: str) -> str:
    """A name without case, DICOM's component marks and spaces: how sites spell it differs."""
    return "".join(name.replace("^", "").split()).casefold()


def _find_or_make(
    connection: sa.Connection, table: sa.Table, key: dict[str, Any], rest: dict[str, Any]
) -> int:
    found = connection.execute(
        sa.select(table.c.id).where(*(table.c[name] == value for name, value in key.items()))
    ).first()
    if found is not None:
        return int(found.id)
    return insert(connection, table, key | rest)
