"""What is being reviewed, apart from the widgets that show it.

Holds the image on the screen, what the model said of the frame and which label is in force; every
question to the session goes through the bridge, and signals say what changed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from stentviewer.core.errors import Cancelled, StentviewerError
from stentviewer.core.jobs import JobContext
from stentviewer.core.types import HeatMap, Label, LabelAction, ModelRef
from stentviewer.ui.bridge import Bridge

if TYPE_CHECKING:
    from stentviewer.app.session import AddResult, OpenedImage, Session
    from stentviewer.imaging.image import Window
    from stentviewer.library.records import AuditEvent, ImageRecord, PatientRecord, ReadingRecord


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """The model that reads here, or the sentence that says why none can."""

    ref: ModelRef | None = None
    makers: tuple[str, ...] = ()
    device: str = ""
    data_source: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class FrameState:
    """What is known of the frame on the screen."""

    image: ImageRecord | None = None
    frame: int = 0
    is_known: bool = False  # False until the library has answered
    reading: ReadingRecord | None = None
    label: Label | None = None
    history: tuple[Label, ...] = ()
    is_reading: bool = False
    failure: str = ""  # why the last reading failed

    @property
    def can_accept(self) -> bool:
        """Whether the model named a maker to agree with, and that has not been done yet."""
        if self.reading is None or self.is_reading or not self.reading.reading.findings:
            return False
        top = max(self.reading.reading.findings, key=lambda one: one.probability)
        label = self.label
        is_done = (
            label is not None
            and label.action is LabelAction.ACCEPT
            and label.reading_id == self.reading.id
        )
        return not top.unknown and not is_done

    @property
    def heat(self) -> HeatMap | None:
        return self.reading.reading.heat if self.reading else None


class Review(QObject):
    """One reader's way through the images."""

    ready = Signal()  # the library is open
    treeChanged = Signal(object)  # list[PatientRecord]
    imageRecordChanged = Signal(object)  # ImageRecord
    opening = Signal(int)  # image id
    opened = Signal(object)  # OpenedImage
    openFailed = Signal(int, str)
    frameStateChanged = Signal(object)  # FrameState
    modelKnown = Signal(object)  # ModelInfo
    added = Signal(object)  # AddResult
    labelled = Signal(object, str)  # Change, "accepted" | "corrected" | "undone" | "redone"
    saved = Signal(object)  # list[Path]

    def __init__(self, bridge: Bridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._busy: set[tuple[int, int]] = set()
        self._failures: dict[tuple[int, int], str] = {}
        self.is_opening = False
        self._read_once_open = False
        self.session: Session | None = None
        self.model = ModelInfo()
        self.state = FrameState()

    # library

    def attach(self, session: Session) -> None:
        """Work with this session from now on."""
        self.session = session
        self.ready.emit()
        self.refresh_tree()
        self._bridge.run(
            lambda _: _model_info(session), self._take_model, key="model", title=self.tr("Model")
        )

    def refresh_tree(self) -> None:
        """Ask for the worklist again."""
        session = self._session()
        self._bridge.run(
            lambda _: session.tree(),
            self.treeChanged.emit,
            key="tree",
            title=self.tr("Worklist"),
        )

    def add(self, paths: Sequence[Path]) -> None:
        """Index files and folders; the first image found is then opened."""
        session = self._session()
        wanted = tuple(paths)
        self._add(lambda context: session.add(wanted, context), self.tr("Opening files"))

    def add_example(self) -> None:
        """Index the simulated example patient."""
        session = self._session()

        def work(context: JobContext) -> AddResult:
            from stentviewer.app.demo import example_patient_files

            return session.add(example_patient_files(context), context)

        self._add(work, self.tr("Preparing the example patient"))

    def _add(self, work: Callable[[JobContext], AddResult], title: str) -> None:
        session = self._session()

        def both(context: JobContext) -> tuple[AddResult, list[PatientRecord]]:
            return work(context), session.tree()

        def take(answer: tuple[AddResult, list[PatientRecord]]) -> None:
            self.treeChanged.emit(answer[1])
            self.added.emit(answer[0])

        # what was indexed before a cancellation or a full disk stays, so it has to be shown
        self._bridge.run(both, take, lambda _: self.refresh_tree(), key="add", title=title)

    # image and frame

    def open_image(self, image_id: int) -> None:
        """Show this image; what belonged to the former one goes at once."""
        session = self._session()
        self.is_opening, self._read_once_open = True, False
        self._set(FrameState())
        self.opening.emit(image_id)

        def failed(error: BaseException) -> bool:
            self.is_opening = False
            self._set(FrameState())
            if isinstance(error, StentviewerError):
                self.openFailed.emit(image_id, str(error))
            return isinstance(error, StentviewerError)

        self._bridge.run(
            lambda _: session.open_image(image_id),
            self._take_image,
            failed,
            key="image",
            title=self.tr("Opening the image"),
        )

    def _take_image(self, opened: OpenedImage) -> None:
        self.is_opening = False
        self._set(FrameState(image=opened.record))
        self.opened.emit(opened)  # the viewer decodes it and says when a frame is on the screen
        if self._read_once_open:
            self.read()

    def show_frame(self, frame: int) -> None:
        """The frame on the screen is this one now."""
        image = self.state.image
        if image is None:
            return
        self._set(FrameState(image=image, frame=frame, is_reading=(image.id, frame) in self._busy))
        self._ask_frame()

    def _ask_frame(self) -> None:
        image, frame, session = self.state.image, self.state.frame, self._session()
        assert image is not None
        image_id = image.id

        def work(_: JobContext) -> tuple[ReadingRecord | None, Label | None, tuple[Label, ...]]:
            reading = session.latest_reading(image_id, frame)
            return reading, session.label(image_id, frame), tuple(session.history(image_id))

        def take(answer: tuple[ReadingRecord | None, Label | None, tuple[Label, ...]]) -> None:
            if not self._is_shown(image_id, frame):
                return
            reading, label, history = answer
            of_frame = tuple(one for one in history if one.frame == frame)
            failure = self._failures.get((image_id, frame), "")
            self._set(
                replace(
                    self.state,
                    is_known=True,
                    reading=reading,
                    label=label,
                    history=of_frame,
                    failure=failure,
                )
            )

        self._bridge.run(work, take, key="frame", title=self.tr("Library"))

    def _is_shown(self, image_id: int, frame: int) -> bool:
        image = self.state.image
        return image is not None and image.id == image_id and self.state.frame == frame

    # reading and labels

    def read(self) -> None:
        """Have the model read the frame on the screen, or the image that is being opened."""
        image, frame, session = self.state.image, self.state.frame, self._session()
        self._read_once_open = self.is_opening
        if image is None or (image.id, frame) in self._busy:
            return
        image_id = image.id
        self._busy.add((image_id, frame))
        self._failures.pop((image_id, frame), None)
        self._set(replace(self.state, is_reading=True, failure=""))

        def done(record: ReadingRecord) -> None:
            self._busy.discard((image_id, frame))
            if self._is_shown(image_id, frame):
                self._set(replace(self.state, is_known=True, reading=record, is_reading=False))
            self._refresh_record(image_id)

        def failed(error: BaseException) -> bool:
            self._busy.discard((image_id, frame))
            why = str(error) if isinstance(error, StentviewerError) else ""
            if not isinstance(error, Cancelled):
                self._failures[image_id, frame] = why or self.tr("The reading failed.")
            if self._is_shown(image_id, frame):
                failure = self._failures.get((image_id, frame), "")
                self._set(replace(self.state, is_reading=False, failure=failure))
            return bool(why) and self._is_shown(image_id, frame)

        self._bridge.run(
            lambda context: session.read(image_id, frame, context),
            done,
            failed,
            key=f"read {image_id} {frame}",
            title=self.tr("Reading"),
        )

    def accept(self) -> None:
        """Agree with the model on the frame on the screen."""
        image, frame, session = self.state.image, self.state.frame, self._session()
        if image is not None and self.state.can_accept:
            image_id = image.id
            self._change(lambda: session.accept(image_id, frame), "accepted")

    def correct(self, maker: str) -> None:
        """Say which maker it is, on the frame on the screen."""
        image, frame, session = self.state.image, self.state.frame, self._session()
        if image is not None:
            image_id = image.id
            self._change(lambda: session.correct(image_id, frame, maker), "corrected")

    def undo(self) -> None:
        """Take the last change of a label back, whichever image it was on."""
        self._change(self._session().undo, "undone")

    def redo(self) -> None:
        """Do the last undone change again."""
        self._change(self._session().redo, "redone")

    def set_reader(self, name: str) -> None:
        """Later labels are this reader's; those on their way keep the name they were given."""
        session = self._session()
        self._bridge.run(
            lambda _: setattr(session, "reader", name),
            lambda _: None,
            key="change",
            title=self.tr("Saving"),
            ordered=True,
        )

    def _change(self, work: Callable[[], object], how: str) -> None:
        self._bridge.run(
            lambda _: work(),
            lambda change: self._take_change(change, how),
            key="change",
            title=self.tr("Saving"),
            ordered=True,
        )

    def _take_change(self, change: object, how: str) -> None:
        from stentviewer.app.commands import Change

        if not isinstance(change, Change):
            return
        if self._is_shown(change.image_id, change.frame):
            self._set(replace(self.state, label=change.label))
            self._ask_frame()
        self._refresh_record(change.image_id)
        self.labelled.emit(change, how)

    def _refresh_record(self, image_id: int) -> None:
        session = self._session()
        self._bridge.run(
            lambda _: session.library.image(image_id),
            self.imageRecordChanged.emit,
            key=f"record {image_id}",
            title=self.tr("Worklist"),
        )

    # leaving the program

    def save(self, folder: Path, window: Window | None, invert: bool, strength: float) -> None:
        """Write the review of the frame on the screen as PDF and picture into the folder."""
        image, frame, session = self.state.image, self.state.frame, self._session()
        if image is None:
            return
        image_id = image.id

        def work(_: JobContext) -> list[Path]:
            from stentviewer.app.exporting import export_review

            return export_review(session, image_id, frame, folder, window, invert, strength)

        self._bridge.run(work, self.saved.emit, key="save", title=self.tr("Saving the review"))

    def ask_audit(self, take: Callable[[tuple[list[AuditEvent], list[str]]], None]) -> None:
        """Fetch the audit trail and what the library's check finds."""
        session = self._session()
        self._bridge.run(
            lambda _: (session.audit(), session.library.check()),
            take,
            key="audit",
            title=self.tr("Checking the library"),
        )

    # inside

    def _session(self) -> Session:
        if self.session is None:
            raise RuntimeError("there is no library yet")
        return self.session

    def _take_model(self, info: ModelInfo) -> None:
        self.model = info
        self.modelKnown.emit(info)

    def _set(self, state: FrameState) -> None:
        self.state = state
        self.frameStateChanged.emit(state)


def _model_info(session: Session) -> ModelInfo:
    """Opens the runtime too, so that the first reading does not wait for it."""
    try:
        ref = session.model
        makers = tuple(session.makers())
        return ModelInfo(ref, makers, session.device(), session.data_source(ref))
    except StentviewerError as error:
        return ModelInfo(problem=str(error))
