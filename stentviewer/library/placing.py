"""Where an image belongs: its patient, study and series, found or made.

Two patients are the same where the patient ID is and neither name nor birth date contradicts; to
mix two people up is worse than to show one twice. Without an ID name and birth date must both be
equal. Pictures say nothing of a patient: they share one empty patient, a folder being a study.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from stentviewer.core.types import Identity, ImageHeader
from stentviewer.library.schema import image, insert, patient, series, study


def place(connection: sa.Connection, header: ImageHeader) -> int:
    """The id of the series the image belongs to; its patient, study and series are made if new."""
    identity = header.identity
    key = identity.study_uid or f"folder:{header.path.parent}"
    study_id = _find_or_make(
        connection,
        study,
        {"patient_id": _patient(connection, identity), "key": key},
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


def notice(connection: sa.Connection, header: ImageHeader) -> str:
    """What the person should know of a new image, in sentences; mostly empty. Names nobody."""
    identity = header.identity
    sentences = []
    twin = sa.select(image.c.id).where(image.c.sop_uid == identity.sop_uid)
    if identity.sop_uid and connection.execute(twin).first() is not None:
        sentences.append(
            "Another file with the same SOP Instance UID but different content is already in the "
            "library; both are kept."
        )
    if identity.patient_id and not _same(connection, identity) and _namesakes(connection, identity):
        sentences.append(
            "Its patient ID is already in the library with another name or birth date; the two "
            "are kept apart."
        )
    return " ".join(sentences)


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
