"""One reader at work: what the window and the command line do, without widgets.

Every method may be called from any thread. Readings run one at a time; labels, undo and the tree
do not wait for them.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from stentviewer.app import adding
from stentviewer.app.adding import AddResult as AddResult
from stentviewer.app.commands import Change, RemovalChange, RemoveImages, SetLabel
from stentviewer.app.explaining import Checks
from stentviewer.app.measuring import (
    MeasurementChange,
    Measuring,
    RemoveMeasurement,
    SetMeasurement,
)
from stentviewer.app.models import Models
from stentviewer.app.open_series import SeriesOpener
from stentviewer.app.sealed import Note, Sealing, committed
from stentviewer.app.unchanged import must_be_unchanged
from stentviewer.core.answers import ANSWERS, answer_of, parts_of, with_part
from stentviewer.core.errors import KnownError, UserError
from stentviewer.core.jobs import JobContext
from stentviewer.core.logs import log
from stentviewer.core.sentences import sentence
from stentviewer.core.types import ImageHeader, Label, LabelAction, ModelRef
from stentviewer.core.undo import Command, UndoStack
from stentviewer.core.wording import say_reading
from stentviewer.library.records import (
    AuditEvent,
    ImageRecord,
    ReadingRecord,
    StudyRecord,
    StudyRow,
    TimelineStudy,
)

if TYPE_CHECKING:
    from stentviewer.app.hanging import Content, Hanging
    from stentviewer.app.opened import Opened
    from stentviewer.app.places import Place
    from stentviewer.imaging.image import Radiograph
    from stentviewer.inference.catalog import Catalog
    from stentviewer.library.repository import Library

_TELLING = (SetLabel, SetMeasurement, RemoveMeasurement, RemoveImages)  # say what they left
_SEALED = sentence("The model's answer is sealed. Give yours first, then it is shown.")
_KEPT_OPEN = 3  # radiographs: the one on screen, one to compare, the one before


@dataclass(frozen=True, slots=True)
class OpenedImage:
    """An image ready to be shown."""

    record: ImageRecord
    radiograph: Radiograph


class Session:
    """The library, the models and one reader. Closing the library is its opener's business."""

    def __init__(self, library: Library, catalog: Catalog, reader: str) -> None:
        self.library = library
        self.catalog = catalog
        self.reader = reader
        self._undo = UndoStack()
        self._labelling = threading.RLock()
        self.measuring = Measuring(library, self._undo, self._labelling)
        self._opening = threading.Lock()
        self._opened: OrderedDict[int, tuple[ImageHeader, Radiograph]] = OrderedDict()
        self._reading = threading.Lock()
        self.models = Models(catalog)
        self.sealing = Sealing(library)
        self.checks = Checks()
        self.volumes = SeriesOpener(library)

    @property
    def reader(self) -> str:
        """Whose name stands on labels, readings and in the audit trail."""
        return self.library.reader

    @reader.setter
    def reader(self, name: str) -> None:
        self.library.reader = name

    # images

    def add(self, paths: Sequence[Path], context: JobContext | None = None) -> AddResult:
        """Index files, folders and ZIPs; a file that cannot be used becomes a problem.

        Raises Cancelled, and UserError or KnownError where the library itself cannot be written;
        what was indexed until then stays.
        """
        return adding.add(self.library, paths, context or JobContext())

    def remove(self, ids: Sequence[int]) -> RemovalChange | None:
        """Take images off the worklist, their files untouched; None where none was on it."""
        command = RemoveImages(self.library, ids)
        with self._labelling:
            command.do()
            if not command.done().ids:
                return None
            self._undo.remember(command)
        return command.done()

    def thumbnail(self, image_id: int) -> bytes | None:
        """The image's thumbnail, PNG, made when first asked for; None where it cannot be made."""
        return adding.thumbnail(self.library, image_id)

    def worklist(self) -> list[StudyRow]:
        """One line a study, newest first; of sealed frames it tells nothing."""
        return self.library.worklist(self.sealing.sealed_to)

    def study_row(self, study_id: int) -> StudyRow | None:
        """One line of the worklist as it is now, None where the study is no more on it."""
        return self.library.study_row(study_id, self.sealing.sealed_to)

    def study_row_of(self, image_id: int) -> StudyRow | None:
        """The same for the study of an image."""
        study_id = self.library.study_of(image_id)
        return None if study_id is None else self.study_row(study_id)

    def study(self, study_id: int) -> StudyRecord:
        """A study with its series and images. Raises LookupError where none is on the worklist."""
        return self.sealing.veil_study(self.library.study(study_id))

    def timeline(self, patient: int) -> tuple[TimelineStudy, ...]:
        """The patient's examinations, oldest first, and what was read and said of them."""
        return self.sealing.veil_timeline(self.library.timeline(patient))

    def open_image(self, image_id: int) -> OpenedImage:
        """The image with its pixels; the last few stay open.

        Raises KnownError where the file is gone, changed since it was added, or damaged.
        """
        from stentviewer.imaging.readers import read_radiograph

        record = self.library.image(image_id)
        with self._opening:
            kept = self._opened.get(image_id)
            if kept is not None and kept[0] == record.header:
                self._opened.move_to_end(image_id)
                return OpenedImage(record, kept[1])
        must_be_unchanged(record)
        radiograph = read_radiograph(record.header.path)
        header = record.header
        log("image.opened", image=image_id, rows=header.rows, columns=header.columns)
        with self._opening:
            self._opened[image_id] = (record.header, radiograph)
            while len(self._opened) > _KEPT_OPEN:
                self._opened.popitem(last=False)
        return OpenedImage(record, radiograph)

    # what is shown where

    def content_of(self, image_id: int) -> Content:
        """An image as it is opened: within its volume where its series makes one."""
        from stentviewer.app import hanging, places

        study = self.library.study(places.study_id_of(self.library, image_id))
        return hanging.content_of(study, image_id)

    def open(self, content: Content, context: JobContext | None = None) -> Opened:
        """An image, or a volume's plane; the image alone where it is none of the volume's slices.

        Of a volume whose one slice is gone or damaged the rest is opened; its notes name the slice.
        Raises KnownError as `open_image`, and where it is not (or no more) on the worklist.
        """
        from stentviewer.app.open_series import place_of
        from stentviewer.app.opened import Opened
        from stentviewer.app.places import study_id_of

        if content.series_id is not None:
            volume = self.volumes.open(content.series_id, content.plane, context, content.image_id)
            if volume is not None:
                return volume
        study_id_of(self.library, content.image_id)
        try:
            opened = self.open_image(content.image_id)
        except KnownError:
            rest = self._rest_of_volume(content, context)
            if rest is None:
                raise
            return rest
        return Opened((opened.record,), opened.radiograph, place=place_of(opened.record))

    def _rest_of_volume(self, content: Content, context: JobContext | None) -> Opened | None:
        if content.series_id is None:
            return None
        try:
            return self.volumes.open(content.series_id, content.plane, context)
        except KnownError:
            return None  # what is wrong with the image itself says more

    def hang(self, study_id: int) -> tuple[Hanging, str]:
        """How a study is hung, and a sentence where the person's own rules cannot be used."""
        from stentviewer.app.hanging import hang_study, load_rules

        rules, trouble = load_rules()
        return hang_study(self.library, study_id, rules), trouble

    def hang_image(self, image_id: int) -> tuple[Hanging, str]:
        """The same for an image's study, with this image as the current one."""
        from stentviewer.app.hanging import hang_study, load_rules
        from stentviewer.app.places import study_id_of

        rules, trouble = load_rules()
        study_id = study_id_of(self.library, image_id)
        return hang_study(self.library, study_id, rules, image_id), trouble

    def place(self, image_id: int) -> Place | None:
        """The image's study, its neighbours in time and its prior."""
        from stentviewer.app.places import place_of

        return place_of(self.library, image_id)

    # readings

    def read(
        self, image_id: int, frame: int, context: JobContext | None = None, model_id: str = ""
    ) -> ReadingRecord | None:
        """Have a model, the usual one by default, read one frame (zero-based) and keep that.

        None where the frame is sealed: the reading is kept, and shown once it has been answered.
        """
        from stentviewer.app.analyse import read_stents

        opened = self.open_image(image_id)
        job = context or JobContext()
        with self._reading:
            job.step(0, 0)  # a reading cancelled while it waited for another is not begun
            bundle = self.models.bundle(model_id)
            runtime = self.models.runtime(bundle)
            reading = read_stents(opened.radiograph, frame, bundle, runtime, job)
        record = self.library.save_reading(image_id, reading)
        log(
            "reading.done",
            image=image_id,
            frame=frame,
            reading=record.id,
            model=reading.model.sha256[:8],
            findings=len(reading.findings),
            seconds=reading.seconds.get("total"),
        )
        return None if self.sealing.hides(image_id, frame) else record

    def latest_reading(self, image_id: int, frame: int) -> ReadingRecord | None:
        """What a model last said of this frame; None while that is sealed."""
        if self.sealing.hides(image_id, frame):
            return None
        return self.library.latest_reading(image_id, frame)

    @property
    def model(self) -> ModelRef:
        """The model that reads. Raises KnownError or UserError where there is none in order."""
        return self.models.bundle().ref

    def makers(self) -> list[str]:
        """The makers one can choose from: the model's labels."""
        return list(self.models.bundle().labels)

    def device(self) -> str:
        """What the model runs on; opens the runtime, so the first call takes a moment."""
        with self._reading:
            return self.models.runtime(self.models.bundle()).device

    def data_source(self, model: ModelRef) -> str:
        """What a model was trained on, empty where this very model is no longer here."""
        bundle = self.models.find(model)
        return "" if bundle is None else bundle.manifest.data_source

    # labels

    def label(self, image_id: int, frame: int) -> Label | None:
        """The label in force on this frame; None while it is sealed, as it is another reader's."""
        return None if self.sealing.hides(image_id, frame) else self.library.label(image_id, frame)

    def history(self, image_id: int) -> list[Label]:
        """Every label the image ever had, newest first, without those of sealed frames."""
        labels = self.library.label_history(image_id)
        hidden = {f for f in {one.frame for one in labels} if self.sealing.hides(image_id, f)}
        return [label for label in labels if label.frame not in hidden]

    def audit(self, limit: int | None = None) -> list[AuditEvent]:
        """The newest events of the audit trail, newest first."""
        if self.sealing.is_on:
            return self.sealing.veil(self.library.audit())[:limit]
        return self.library.audit(limit)

    def accept(self, image_id: int, frame: int) -> Change:
        """Agree with the model on every stent that it found, or that there is none.

        Raises UserError where there is no reading, or one that does not name the maker of every
        stent: then there is nothing to agree with, and a maker has to be chosen. So too while the
        frame is sealed.
        """
        if self.sealing.hides(image_id, frame):
            raise UserError(_SEALED)
        record = self.latest_reading(image_id, frame)
        if record is None:
            raise UserError(
                sentence(
                    "This frame has not been read yet, so there is nothing to accept. Read it "
                    "first, or choose a maker."
                )
            )
        self._must_name_all(record)
        return self._set(image_id, frame, answer_of(record.reading), LabelAction.ACCEPT, record)

    def _must_name_all(self, record: ReadingRecord) -> None:
        findings = record.reading.findings
        if record.reading.refusal:
            raise UserError(
                sentence(
                    "The model did not read this image, so there is nothing to accept. Choose a "
                    "maker if you see a stent."
                )
            )
        unknown = [number for number, one in enumerate(findings, start=1) if one.unknown]
        if unknown and len(findings) > 1:
            raise UserError(
                sentence(
                    "The model does not name the maker of stent {n}, so the reading cannot be "
                    "accepted as a whole. Correct that stent; the others then stand as read.",
                    n=unknown[0],
                )
            )
        if unknown:
            raise UserError(
                sentence(
                    "No maker stands out in this reading, so there is none to accept. Choose one "
                    "from the list if you know it."
                )
            )

    def correct(
        self,
        image_id: int,
        frame: int,
        maker: str,
        confidence: int | None = None,
        stent: int | None = None,
    ) -> Change:
        """Say which maker it is, whatever the model said, or one of `ANSWERS`; also several.

        Several answers stand in one text (`core.answers.joined`). With `stent`, the number on its
        card from 1, only that stent is answered and the others stay as they are. On a sealed
        frame this commits the answer, with a confidence of 1 to 5 where one is given, and reveals
        the model's. Raises UserError for an unknown answer or stent.
        """
        record = self.library.latest_reading(image_id, frame)
        is_sealed = self.sealing.hides(image_id, frame)
        self._must_be_answers(maker, record)
        if stent is not None and not is_sealed:
            maker = self._with_stent(record, stent, maker)
        if not is_sealed:
            return self._set(image_id, frame, maker, LabelAction.CORRECT, record)
        note = committed(maker, confidence)
        return self._set(image_id, frame, maker, LabelAction.COMMIT, record, note)

    def _with_stent(self, record: ReadingRecord | None, stent: int, maker: str) -> str:
        """The frame's answer with this one in the place of what it says of one stent."""
        findings = record.reading.findings if record is not None else ()
        if record is None or not 1 <= stent <= len(findings):
            raise UserError(
                sentence("The model found no stent {n} on this frame. Read it again.", n=stent)
            )
        label = self.library.label(record.image_id, record.reading.frame)
        # an answer to another reading numbers other stents
        known = label.maker if label is not None and label.reading_id == record.id else ""
        return with_part(known, findings, stent - 1, maker)

    def _must_be_answers(self, answer: str, record: ReadingRecord | None) -> None:
        for part in parts_of(answer) or (answer,):
            if part not in ANSWERS:
                self._must_be_a_maker(part, record)

    def _must_be_a_maker(self, maker: str, record: ReadingRecord | None) -> None:
        """One of the usual model's labels, or of those of the model that read the frame."""
        findings = record.reading.findings if record is not None else ()
        scores = findings[0].scores if findings else ()
        makers = dict.fromkeys([*self.makers(), *(score.label for score in scores)])
        if maker not in makers:
            raise UserError(
                sentence(
                    "“{maker}” is not one of the makers: {makers}.",
                    maker=maker,
                    makers=tuple(makers),
                )
            )

    def undo(self) -> Change | MeasurementChange | RemovalChange | None:
        """Take the last change of this session back; None where there is none.

        Raises UserError where that would show another reader's label on a frame sealed to this one.
        """
        with self._labelling:
            self._must_be_open(self._undo.next_undone)
            command = self._undo.undo()
        return command.undone() if isinstance(command, _TELLING) else None

    def redo(self) -> Change | MeasurementChange | RemovalChange | None:
        """Do what was last undone again; None where there is nothing. Raises like `undo`."""
        with self._labelling:
            self._must_be_open(self._undo.next_redone)
            command = self._undo.redo()
        return command.done("Redone: ") if isinstance(command, _TELLING) else None

    def _must_be_open(self, command: Command | None) -> None:
        if isinstance(command, SetLabel):
            label = command.label
            if self.sealing.hides(label.image_id, label.frame):
                raise UserError(_SEALED)

    @property
    def undo_title(self) -> str | None:
        return self._undo.undo_title

    @property
    def redo_title(self) -> str | None:
        return self._undo.redo_title

    def _set(
        self,
        image_id: int,
        frame: int,
        maker: str,
        action: LabelAction,
        record: ReadingRecord | None,
        note: Note | None = None,
    ) -> Change:
        label = Label(
            image_id=image_id,
            frame=frame,
            maker=maker,
            action=action,
            by=self.reader,
            at=datetime.now(UTC),
            reading_id=record.id if record else None,
            model_said=say_reading(record.reading) if record else "",
        )
        with self._labelling:
            former = self.library.label(image_id, frame)
            command = SetLabel(self.library, label, former, self.sealing.notes, note)
            self._undo.do(command)
        log("label.changed", image=image_id, frame=frame, action=action.value)
        return command.done()
