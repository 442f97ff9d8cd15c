"""The reader's desk, apart from the widgets: the library, the model, what was added and changed.

One for the whole window. What concerns one picture on the screen is `review.FrameReview`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from stentviewer.core.errors import StentviewerError
from stentviewer.core.jobs import JobContext
from stentviewer.core.types import ModelRef
from stentviewer.ui.bridge import Bridge

if TYPE_CHECKING:
    from stentviewer.app.promoting import Promoted
    from stentviewer.app.session import AddResult, Session
    from stentviewer.library.records import AuditEvent, StudyRow

    _Adding = Callable[[JobContext], AddResult]


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """The model that reads here, or the sentence that says why none can."""

    ref: ModelRef | None = None
    makers: tuple[str, ...] = ()
    device: str = ""
    data_source: str = ""
    problem: str = ""
    installed: tuple[ModelRef, ...] = ()  # every model that can read, this one first
    coverage: float | None = None  # how often its sets hold the true maker; None: not promised


class Desk(QObject):
    """Every question to the session goes through the bridge; signals say what changed."""

    ready = Signal()  # the library is open
    worklistChanged = Signal(object)  # list[StudyRow]
    studyChanged = Signal(object)  # StudyRow: one line of the worklist
    modelKnown = Signal(object)  # ModelInfo
    added = Signal(object)  # AddResult
    sightChanged = Signal()  # other things may be seen: another reader, sealed reading on or off
    changed = Signal(object, str)  # a change; "accepted" | "removed" | "undone" | "redone" | …

    def __init__(self, bridge: Bridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.bridge = bridge
        self.model = ModelInfo()
        self._session: Session | None = None
        self._to_add: deque[tuple[_Adding, str]] = deque()  # the first is under way
        self._sight = 0  # grows with `sightChanged`: what was asked before may tell too much

    @property
    def has_session(self) -> bool:
        """Whether the library is open."""
        return self._session is not None

    @property
    def session(self) -> Session:
        """Raises RuntimeError while the library is still being opened."""
        if self._session is None:
            raise RuntimeError("there is no library yet")
        return self._session

    def attach(self, session: Session) -> None:
        """Work with this session from now on."""
        self._session = session
        self.ready.emit()
        self.refresh_worklist()
        self.ask_model()

    # the model that reads

    def ask_model(self) -> None:
        """Ask which model reads here: at the start, and once another may have been put in force."""
        session = self.session
        self.bridge.run(
            lambda _: _model_info(session), self._take_model, key="model", title=self.tr("Model")
        )

    def _take_model(self, info: ModelInfo) -> None:
        self.model = info
        self.modelKnown.emit(info)

    def change_model(
        self,
        work: Callable[[JobContext], Promoted],
        take: Callable[[Promoted], None],
        failed: Callable[[BaseException], object] | None = None,
    ) -> None:
        """Promote or roll back (`app.promoting`), then read with what is in force from then on.

        It is brought to its end also where the window is closed meanwhile.
        """

        def done(promoted: Promoted) -> None:
            self.ask_model()
            take(promoted)

        title = self.tr("Another model")
        self.bridge.run(work, done, failed, key="promotion", title=title, ordered=True)

    def note_model(self, model: ModelRef) -> None:
        """A reading came from this model as the usual one; another program may have promoted it."""
        known = self.model.ref
        if known is None or known.sha256 != model.sha256:
            self.ask_model()

    # the worklist

    def refresh_worklist(self) -> None:
        """Ask for the whole worklist again."""
        session = self.session
        self.bridge.run(
            lambda _: session.worklist(),
            self.worklistChanged.emit,
            key="worklist",
            title=self.tr("Worklist"),
        )

    def refresh_study(self, image_id: int) -> None:
        """Ask for the worklist's line of this image's study again."""
        session, sight = self.session, self._sight

        def take(row: StudyRow | None) -> None:
            if sight == self._sight:
                self._take_row(row)
            else:
                self.refresh_study(image_id)

        self.bridge.run(
            lambda _: session.study_row_of(image_id),
            take,
            key=f"row {image_id}",
            title=self.tr("Worklist"),
        )

    def note_opened(self, study_id: int) -> None:
        """Remember that a study was opened now: it is among the recent ones."""
        session = self.session

        def work(_: JobContext) -> StudyRow | None:
            session.library.note_opened(study_id)
            return session.study_row(study_id)

        self.bridge.run(
            work,
            self._take_row,
            lambda error: isinstance(error, LookupError),  # taken off the worklist meanwhile
            key="opened",
            title=self.tr("Library"),
            ordered=True,
        )

    def _take_row(self, row: StudyRow | None) -> None:
        if row is not None:
            self.studyChanged.emit(row)

    def add(self, paths: Sequence[Path]) -> None:
        """Index files and folders."""
        session, wanted = self.session, tuple(paths)
        self._add(lambda context: session.add(wanted, context), self.tr("Opening files"))

    def add_example(self) -> None:
        """Index the simulated example patient."""
        session = self.session

        def work(context: JobContext) -> AddResult:
            from stentviewer.app.demo import example_patient_files

            return session.add(example_patient_files(context), context)

        self._add(work, self.tr("Preparing the example patient"))

    @property
    def is_adding(self) -> bool:
        """Whether more is on its way."""
        return bool(self._to_add)

    def _add(self, work: _Adding, title: str) -> None:
        """One after the other: what is dropped while others are indexed must not cancel them."""
        self._to_add.append((work, title))
        if len(self._to_add) == 1:
            self._add_next()

    def _add_next(self) -> None:
        work, title = self._to_add[0]
        session, sight = self.session, self._sight

        def both(context: JobContext) -> tuple[AddResult, list[StudyRow]]:
            return work(context), session.worklist()

        def end() -> None:
            self._to_add.popleft()
            if self._to_add:
                self._add_next()

        def take(answer: tuple[AddResult, list[StudyRow]]) -> None:
            end()
            if sight == self._sight:
                self.worklistChanged.emit(answer[1])
            else:
                self.refresh_worklist()
            self.added.emit(answer[0])

        def failed(_: BaseException) -> None:
            end()
            self.refresh_worklist()  # what was indexed before a cancellation or a full disk stays

        self.bridge.run(both, take, failed, key="add", title=title)

    def remove(self, image_ids: Sequence[int]) -> None:
        """Take images off the worklist; their files, labels and readings stay."""
        session, ids = self.session, tuple(image_ids)
        self.change(lambda: session.remove(ids), "removed")

    # changes that can be taken back

    def undo(self) -> None:
        """Take the last change back, whichever image it was on."""
        self.change(self.session.undo, "undone")

    def redo(self) -> None:
        """Do the last undone change again."""
        self.change(self.session.redo, "redone")

    def change(self, work: Callable[[], object], how: str) -> None:
        """Change what is kept: in the order asked for, never dropped; `changed` says what."""
        self.bridge.run(
            lambda _: work(),
            lambda change: self._take_change(change, how),
            key="change",
            title=self.tr("Saving"),
            ordered=True,
        )

    def _take_change(self, change: object, how: str) -> None:
        if change is not None:
            self.changed.emit(change, how)

    def set_reader(self, name: str) -> None:
        """Later labels are this reader's; those on their way keep the name they were given."""
        session = self.session
        self._see(lambda: setattr(session, "reader", name))

    def set_sealed(self, on: bool) -> None:
        """From now on the model's answer is shown after the reader's, or at once."""
        session = self.session
        self._see(lambda: session.sealing.switch(on))

    def _see(self, work: Callable[[], None]) -> None:
        def done(_: object) -> None:  # also after a failure: sealing seals all the same
            self._sight += 1
            self.sightChanged.emit()

        self.bridge.run(
            lambda _: work(),
            done,
            done,
            key="change",
            title=self.tr("Saving"),
            ordered=True,
        )

    def ask_audit(self, take: Callable[[tuple[list[AuditEvent], list[str]]], None]) -> None:
        """Fetch the audit trail and what the library's check finds."""
        session = self.session
        self.bridge.run(
            lambda _: _audit(session),
            take,
            key="audit",
            title=self.tr("Checking the library"),
        )


def _audit(session: Session) -> tuple[list[AuditEvent], list[str]]:
    from stentviewer.app import promoting

    faults = session.library.check() + promoting.check(session.catalog, session.library)
    return session.audit(), faults


def _note_missed(session: Session) -> None:
    """What was decided while the library was not open to be told is noted in its trail now.

    Where that fails it is tried again at the next start, and the library's check says so.
    """
    from stentviewer.app import promoting

    try:
        promoting.note_missed(session.catalog, session.library)
    except StentviewerError:
        return


def _model_info(session: Session) -> ModelInfo:
    """Opens the runtime too, so that the first reading does not wait for it."""
    _note_missed(session)
    try:
        ref = session.model
        makers = tuple(session.makers())
        installed = tuple(session.models.installed())
        return ModelInfo(
            ref,
            makers,
            session.device(),
            session.data_source(ref),
            installed=installed,
            coverage=session.models.coverage(),
        )
    except StentviewerError as error:
        return ModelInfo(problem=str(error))
