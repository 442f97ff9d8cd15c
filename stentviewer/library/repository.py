"""The library: one SQLite file (write-ahead log) that keeps what was opened, read and decided.

Every change carries its row of the audit trail in the same transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa

from stentviewer.core.errors import KnownError
from stentviewer.core.sentences import sentence
from stentviewer.core.types import HeatMap, ImageHeader, Label, Measurement, Reading
from stentviewer.core.wording import say_reading
from stentviewer.library import (
    audit,
    codec,
    findings,
    indexing,
    labelled,
    measurements,
    presentations,
    tree,
    worklist,
)
from stentviewer.library.check import check_library
from stentviewer.library.records import (
    Added,
    AuditEvent,
    ImageRecord,
    PresentationRecord,
    ReadingRecord,
    SeriesRecord,
    StudyRecord,
    StudyRow,
    TimelineStudy,
)
from stentviewer.library.schema import (
    explanation,
    insert,
    label,
    patient,
    reading,
    study,
    thumbnail,
)
from stentviewer.library.store import Store
from stentviewer.library.timeline import timeline

if TYPE_CHECKING:
    from stentviewer.imaging.presentation_header import PresentationHeader


class Library(Store):
    """Open with `Library.open`. Thread-safe; one writer at a time, readers beside it."""

    # images

    def add(self, header: ImageHeader, sha256: str) -> Added:
        """Index a file. Known content makes no copy: the record follows it to its new path.

        Other content under a known SOP Instance UID is kept as an image of its own. An image that
        was removed is back on the worklist, with all that was read and said of it.
        """
        return self.add_many([(header, sha256)])[0]

    def add_many(self, files: Sequence[indexing.File]) -> list[Added]:
        """Index files in one transaction; what was done to each, in their order."""
        with self._write() as connection:
            return indexing.add(connection, files, self.reader)

    def remove_images(self, ids: Sequence[int]) -> tuple[int, ...]:
        """Take images off the worklist; returns those that were on it.

        Their files are not touched, and what was read and said of them is kept: adding a file
        again brings its image back.
        """
        with self._write() as connection:
            return indexing.remove(connection, ids, self.reader)

    def put_back(self, ids: Sequence[int]) -> tuple[int, ...]:
        """Put removed images on the worklist again; returns those that were off it."""
        with self._write() as connection:
            return indexing.put_back(connection, ids, self.reader)

    def thumbnail(self, image_id: int) -> bytes | None:
        """The image's thumbnail, PNG; None where none was kept yet."""
        query = sa.select(thumbnail.c.png).where(thumbnail.c.image_id == image_id)
        with self._read() as connection:
            return connection.execute(query).scalar()

    def set_thumbnail(self, image_id: int, png: bytes) -> None:
        """Keep an image's thumbnail. It is made of the file, so the trail does not speak of it."""
        with self._write() as connection:
            row = {"image_id": image_id, "png": png}
            connection.execute(thumbnail.insert().prefix_with("OR REPLACE"), row)

    def worklist(self, sealed_to: str = "") -> list[StudyRow]:
        """Every study that has an image on the worklist, newest first.

        With `sealed_to`, a reader's name, nothing is told of frames this reader has not answered.
        """
        with self._read() as connection:
            return worklist.rows(connection, sealed_to=sealed_to)

    def study_row(self, study_id: int, sealed_to: str = "") -> StudyRow | None:
        """One line of the worklist as it is now, None where the study is not (or no more) on it."""
        with self._read() as connection:
            rows = worklist.rows(connection, study.c.id == study_id, sealed_to)
            return next(iter(rows), None)

    def answered(self, reader: str) -> frozenset[tuple[int, int]]:
        """The frames (image, frame) on which a reader ever gave an answer."""
        with self._read() as connection:
            return worklist.answered(connection, reader)

    def patient_studies(self, patient_row: int) -> list[StudyRow]:
        """The patient's lines of the worklist, newest first."""
        with self._read() as connection:
            return worklist.rows(connection, patient.c.id == patient_row)

    def study(self, study_id: int) -> StudyRecord:
        """A study with its series and images. Raises LookupError where none is on the worklist."""
        with self._read() as connection:
            return tree.one_study(connection, study_id)

    def series(self, series_id: int) -> SeriesRecord:
        """A series with its images. Raises LookupError where none is on the worklist."""
        with self._read() as connection:
            return tree.one_series(connection, series_id)

    def image_ids(self, study_ids: Sequence[int]) -> tuple[int, ...]:
        """The images of these studies that are on the worklist."""
        with self._read() as connection:
            return worklist.image_ids(connection, study_ids)

    def study_of(self, image_id: int) -> int | None:
        """The study of an image, None where the image is not (or no more) on the worklist."""
        with self._read() as connection:
            return worklist.study_of(connection, image_id)

    def timeline(self, patient_row: int) -> tuple[TimelineStudy, ...]:
        """The patient's examinations with what was read and said of them, oldest first."""
        with self._read() as connection:
            return timeline(connection, patient_row)

    def note_opened(self, study_id: int) -> None:
        """Remember that the study was looked at now. Raises LookupError for an unknown id."""
        now = {"opened": datetime.now(UTC).isoformat()}
        with self._write() as connection:
            done = connection.execute(study.update().where(study.c.id == study_id).values(now))
            if done.rowcount == 0:
                raise LookupError(f"no study {study_id}")
            audit.append(connection, self.reader, "study opened", f"study {study_id}")

    def image(self, image_id: int) -> ImageRecord:
        """One image. Raises LookupError for an id that was never given out."""
        with self._read() as connection:
            return tree.image_record(connection, image_id)

    # readings

    def save_reading(self, image_id: int, reading_: Reading) -> ReadingRecord:
        """Keep what the model said; never changed afterwards."""
        row = codec.reading_row(image_id, reading_, self.reader)
        with self._write() as connection:
            reading_id = insert(connection, reading, row)
            parts = findings.save(connection, reading_id, reading_.findings)
            audit.append(
                connection,
                self.reader,
                "reading saved",
                _target(image_id, reading_.frame),
                f"{reading_.model.short} said {say_reading(reading_)}",
                {"reading": reading_id, "digest": codec.row_digest(row)} | parts,
            )
        return ReadingRecord(reading_id, image_id, reading_, self.reader)

    def readings(self, image_id: int, frame: int | None = None) -> list[ReadingRecord]:
        """The image's readings, newest first; of one frame where it is given."""
        query = sa.select(reading).where(reading.c.image_id == image_id)
        if frame is not None:
            query = query.where(reading.c.frame == frame)
        with self._read() as connection:
            rows = connection.execute(query.order_by(reading.c.id.desc()))
            return findings.complete(connection, list(map(codec.reading_of, rows)))

    def latest_reading(self, image_id: int, frame: int) -> ReadingRecord | None:
        """The frame's newest reading."""
        of_frame = sa.and_(reading.c.image_id == image_id, reading.c.frame == frame)
        query = sa.select(reading).where(of_frame).order_by(reading.c.id.desc()).limit(1)
        with self._read() as connection:
            row = connection.execute(query).first()
            found = [] if row is None else [codec.reading_of(row)]
            return next(iter(findings.complete(connection, found)), None)

    def save_explanation(self, reading_id: int, heat: HeatMap) -> None:
        """Keep a further heat map of a reading, beside the one it came with."""
        now = datetime.now(UTC).isoformat()
        made = {"reading_id": reading_id, "by": self.reader, "created": now}
        row = made | codec.heat_columns(heat)
        with self._write() as connection:
            key = insert(connection, explanation, row)
            audit.append(
                connection,
                self.reader,
                "explanation saved",
                f"reading {reading_id}",
                heat.method,
                {"explanation": key, "digest": codec.row_digest(row)},
            )

    def explanations(self, reading_id: int) -> list[HeatMap]:
        """The reading's further heat maps, the newest of each method."""
        query = sa.select(explanation).where(explanation.c.reading_id == reading_id)
        with self._read() as connection:
            rows = connection.execute(query.order_by(explanation.c.id))
            found = {row.heat_method: codec.heat_of(row) for row in rows}
        return list(found.values())

    # labels

    def set_label(
        self, new: Label, action: str = "", notes: Sequence[tuple[str, str]] = ()
    ) -> Label:
        """Add to the frame's label history, which puts `new` in force.

        `action` is the audit trail's word for it where it is not a plain "label accepted",
        "label corrected" or "label cleared": "undo", "redo". `notes` are further events of the
        trail on the same frame, each an action and its detail.
        """
        row = codec.label_row(new)
        with self._write() as connection:
            label_id = insert(connection, label, row)
            audit.append(
                connection,
                self.reader,
                action or f"label {new.action.value}",
                _target(new.image_id, new.frame),
                _label_detail(new),
                {"label": label_id} | row,
            )
            for what, detail in notes:
                target = _target(new.image_id, new.frame)
                audit.append(connection, self.reader, what, target, detail)
        return new

    def label(self, image_id: int, frame: int) -> Label | None:
        """The label in force; None where there never was one or it was cleared."""
        with self._read() as connection:
            return tree.label_in_force(connection, image_id, frame)

    def label_history(self, image_id: int) -> list[Label]:
        """Every label the image's frames ever had, newest first."""
        query = sa.select(label).where(label.c.image_id == image_id).order_by(label.c.id.desc())
        with self._read() as connection:
            return list(map(codec.label_of, connection.execute(query)))

    def labelled_frames(self, sealed_to: str = "") -> list[labelled.LabelledFrame]:
        """Every frame on the worklist with a label in force; of `sealed_to`'s own where given."""
        with self._read() as connection:
            return labelled.labelled_frames(connection, sealed_to)

    # measurements and presentations

    def measurements(self, image_ids: Sequence[int]) -> list[Measurement]:
        """Those in force on these images, in the order they were first drawn."""
        with self._read() as connection:
            return measurements.in_force(connection, image_ids)

    def measurement_history(self, measurement_id: str) -> list[tuple[Measurement, bool]]:
        """Every state of a measurement, newest first, and whether that was its removal."""
        with self._read() as connection:
            return measurements.history(connection, measurement_id)

    def set_measurement(self, new: Measurement, action: str = "") -> Measurement:
        """Put a measurement in force, in place of what its id stood for before.

        `action` is the audit trail's word for it where it is neither "measurement drawn" nor
        "measurement changed": "undo", "redo". Raises ValueError for a number that is none.
        """
        with self._write() as connection:
            measurements.set_one(connection, new, self.reader, action)
        return new

    def remove_measurement(self, measurement_id: str, action: str = "") -> Measurement:
        """Take a measurement out of force; returns it as it was. Raises LookupError if it is not.

        It can be put in force again as it was: nothing is deleted.
        """
        with self._write() as connection:
            return measurements.remove(connection, measurement_id, self.reader, action)

    def add_presentation(
        self, header: PresentationHeader, sha256: str
    ) -> tuple[PresentationRecord, bool]:
        """Keep a presentation state's file, and whether it is new; known content follows it."""
        with self._write() as connection:
            return presentations.add(connection, header, sha256, self.reader)

    def presentations(self, sop_uids: Sequence[str]) -> list[PresentationRecord]:
        """The presentation states of any of these images, oldest first."""
        with self._read() as connection:
            return presentations.of_images(connection, sop_uids)

    # the trail

    def audit(self, limit: int | None = None, actions: Sequence[str] = ()) -> list[AuditEvent]:
        """The newest events, newest first; with `actions`, only those of that kind."""
        with self._read() as connection:
            return audit.events(connection, limit, actions)

    def note(self, action: str, target: str, detail: str = "") -> None:
        """Write into the audit trail what changes nothing else. Must name no patient."""
        with self._write() as connection:
            audit.append(connection, self.reader, action, target, detail)

    def check(self) -> list[str]:
        """One sentence for everything that is not as it should be; empty when all is well."""
        try:
            with self._read() as connection:
                return check_library(connection)
        except KnownError as error:  # too damaged to be read to its end
            return [str(error)]


def _label_detail(new: Label) -> str:
    text = new.maker or sentence("no label")
    if not new.model_said:
        return text
    return sentence("{maker}; the model had said {words}", maker=text, words=new.model_said)


def _target(image_id: int, frame: int | None = None) -> str:
    if frame is None:
        return sentence("image {id}", id=image_id)
    return sentence("image {id}, frame {n}", id=image_id, n=frame + 1)
