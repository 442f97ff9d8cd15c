"""What one viewport shows, apart from its widgets: the image, what the model said, the label.

Every question to the session goes through the desk's bridge, and signals say what changed. Several
viewports may show the same frame: each hears of what the others did.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from stentviewer.app.frame_facts import FrameFacts
from stentviewer.app.sealed import Seal
from stentviewer.core.errors import Cancelled, StentviewerError
from stentviewer.core.jobs import JobContext
from stentviewer.core.types import RADIOGRAPHS, Target
from stentviewer.ui.desk import Desk
from stentviewer.ui.frame_state import FrameState

if TYPE_CHECKING:
    from stentviewer.app.hanging import Content
    from stentviewer.app.opened import Opened
    from stentviewer.core.types import HeatMap
    from stentviewer.imaging.image import Window
    from stentviewer.library.records import ReadingRecord


class FrameReview(QObject):
    """One viewport's way through the images. `key` tells its requests from the others'."""

    opening = Signal()
    opened = Signal(object)  # Opened
    openFailed = Signal(str)
    stateChanged = Signal(object)  # FrameState
    readingSaved = Signal(int, int)  # image id, frame: heard by every viewport
    saved = Signal(object)  # list[Path]

    def __init__(self, desk: Desk, key: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.desk = desk
        self._key = key
        self._busy: set[tuple[int, int]] = set()
        self._failures: dict[tuple[int, int], str] = {}
        self._read_once_open = False
        self._shown: Opened | None = None
        self.content: Content | None = None
        self.is_opening = False
        self.state = FrameState()
        desk.changed.connect(self._take_change)

    @property
    def shown(self) -> Opened | None:
        """What is on the screen; None while there is nothing or it is being opened."""
        return self._shown

    # image and frame

    def expect(self) -> None:
        """Something else is about to be opened: what belonged to the former image goes at once."""
        self.desk.bridge.drop(f"image {self._key}")
        self.stop_explaining()
        self.content = self._shown = None
        self.is_opening, self._read_once_open = True, False
        self._set(FrameState())
        self.opening.emit()

    def open(self, content: Content, *, resolve: bool = False) -> None:
        """Show this, or with `resolve` the volume that the image is a slice of, if it is of one."""
        session = self.desk.session
        wanted = self.wants_reading
        self.expect()
        self.content, self._read_once_open = content, wanted

        def failed(error: BaseException) -> bool:
            self.is_opening, self.content = False, None
            self._set(FrameState())
            if isinstance(error, StentviewerError):
                self.openFailed.emit(str(error))
            return isinstance(error, StentviewerError)

        def work(context: JobContext) -> tuple[Content, Opened]:
            what = session.content_of(content.image_id) if resolve else content
            return what, session.open(what, context)

        self.desk.bridge.run(
            work,
            self._take_opened,
            failed,
            key=f"image {self._key}",
            title=self.tr("Opening the image"),
        )

    def clear(self) -> None:
        """Show nothing."""
        self.desk.bridge.drop(f"image {self._key}")
        self.stop_explaining()
        self.content = self._shown = None
        self.is_opening = self._read_once_open = False
        self._set(FrameState())

    def _take_opened(self, answer: tuple[Content, Opened]) -> None:
        self.content, opened = answer
        self.is_opening = False
        self._shown = opened
        self._set(FrameState(image=opened.records[0], is_readable=self.can_read))
        self.opened.emit(opened)  # the viewer decodes it and says when a frame is on the screen
        if self._read_once_open:
            self.read()

    def show_frame(self, index: int) -> None:
        """The viewport's frame on the screen is this one now."""
        if self._shown is None:
            return
        target = self._shown.target(index)
        image = self._shown.record(index)
        busy = (image.id, target.frame) in self._busy
        self.stop_explaining()
        self._set(FrameState(image, target.frame, self.can_read, is_reading=busy))
        self._ask_frame()

    def target(self) -> Target | None:
        """What the frame on the screen is of."""
        image = self.state.image
        return None if image is None else Target(image.id, self.state.frame)

    @property
    def wants_reading(self) -> bool:
        """Whether R was pressed while the image was being opened."""
        return self.is_opening and self._read_once_open

    @property
    def can_read(self) -> bool:
        """Whether there is a frame that the model can be asked about, now or in a moment."""
        if self.is_opening:
            return True
        if self._shown is None or self._shown.volume is not None:
            return False
        return self._shown.records[0].header.identity.modality in RADIOGRAPHS

    def _ask_frame(self) -> None:
        image, frame, session = self.state.image, self.state.frame, self.desk.session
        assert image is not None
        image_id = image.id

        def work(_: JobContext) -> FrameFacts:
            from stentviewer.app.frame_facts import frame_facts

            return frame_facts(session, image_id, frame)

        def take(facts: FrameFacts) -> None:
            if self._is_shown(image_id, frame):
                failure = self._failures.get((image_id, frame), "")
                busy = (image_id, frame) in self._busy
                self._set(
                    replace(
                        self.state, is_known=True, facts=facts, failure=failure, is_reading=busy
                    )
                )

        self.desk.bridge.run(work, take, key=f"frame {self._key}", title=self.tr("Library"))

    def refresh(self, image_id: int, frame: int) -> None:
        """Something was kept of this frame: ask again where it is the one on the screen."""
        if self._is_shown(image_id, frame):
            self._ask_frame()

    def see_anew(self) -> None:
        """Other things may be seen of the frame than before: until it is known, nothing is."""
        asked = self.desk.bridge.is_running(f"frame {self._key}")  # its answer may be too open
        if self.state.image is not None and (self.state.is_known or asked):
            self.stop_explaining()
            self._set(replace(self.state, facts=FrameFacts(), is_known=False))
            self._ask_frame()

    def _is_shown(self, image_id: int, frame: int) -> bool:
        image = self.state.image
        return image is not None and image.id == image_id and self.state.frame == frame

    # reading and labels

    def read(self, model_id: str = "") -> None:
        """Have the model read the frame on the screen, or the image that is being opened.

        `model_id` is that of another model than the usual one.
        """
        image, frame, session = self.state.image, self.state.frame, self.desk.session
        self._read_once_open = self.is_opening
        if image is None or not self.can_read or (image.id, frame) in self._busy:
            return
        image_id = image.id
        self._busy.add((image_id, frame))
        self._failures.pop((image_id, frame), None)
        self._set(replace(self.state, is_reading=True, failure=""))

        def done(record: ReadingRecord | None) -> None:
            self._busy.discard((image_id, frame))
            if record is not None and not model_id:
                self.desk.note_model(record.reading.model)
            self.refresh(image_id, frame)  # what of it may be seen, the library knows
            self.desk.refresh_study(image_id)
            self.readingSaved.emit(image_id, frame)

        def failed(error: BaseException) -> bool:
            self._busy.discard((image_id, frame))
            why = str(error) if isinstance(error, StentviewerError) else ""
            if not isinstance(error, Cancelled):
                self._failures[image_id, frame] = why or self.tr("The reading failed.")
            if self._is_shown(image_id, frame):
                failure = self._failures.get((image_id, frame), "")
                self._set(replace(self.state, is_reading=False, failure=failure))
            return bool(why) and self._is_shown(image_id, frame)

        self.desk.bridge.run(
            lambda context: session.read(image_id, frame, context, model_id),
            done,
            failed,
            key=f"read {image_id} {frame}",
            title=self.tr("Reading"),
        )

    def accept(self) -> None:
        """Agree with the model on the frame on the screen."""
        image, frame, session = self.state.image, self.state.frame, self.desk.session
        if image is not None and self.state.can_accept:
            image_id = image.id
            self.desk.change(lambda: session.accept(image_id, frame), "accepted")

    def correct(self, maker: str, confidence: int | None = None) -> None:
        """Say which maker it is, or that there is none, on the frame on the screen.

        Where the frame is sealed this commits the answer, with a confidence of 1 to 5 if given.
        """
        image, frame, session = self.state.image, self.state.frame, self.desk.session
        if image is not None:
            image_id = image.id
            how = "committed" if self.state.seal is Seal.SEALED else "corrected"
            self.desk.change(lambda: session.correct(image_id, frame, maker, confidence), how)

    def correct_stent(self, maker: str) -> None:
        """Say what the chosen stent is, the others as they are; the whole frame where none is."""
        image, frame, session = self.state.image, self.state.frame, self.desk.session
        stent = self.state.stent
        if image is None or not stent:
            self.correct(maker)
            return
        image_id = image.id
        self.desk.change(lambda: session.correct(image_id, frame, maker, stent=stent), "corrected")

    def choose_stent(self, number: int) -> None:
        """Look at one stent alone by its number, at all with 0 or the one that is chosen."""
        state = self.state
        wanted = 0 if number == state.stent or len(state.findings) < 2 else number
        if state.reading is not None and wanted != state.stent:
            self._set(replace(state, stent_chosen=(state.reading.id, wanted)))

    def next_stent(self) -> None:
        """Look at the next stent alone; after the last at all of them."""
        if len(self.state.findings) > 1:
            self.choose_stent(self.state.next_stent)

    def _take_change(self, change: object, _how: str) -> None:
        from stentviewer.app.commands import Change

        if isinstance(change, Change) and self._is_shown(change.image_id, change.frame):
            self._set(self.state.with_label(change.label))
            self._ask_frame()

    # a second look

    def explain(self) -> None:
        """Make a second map of the reading on the screen, which takes some seconds."""
        image, frame, session = self.state.image, self.state.frame, self.desk.session
        if image is None or not self.state.can_explain:
            return
        image_id = image.id
        self._set(replace(self.state, is_explaining=True, explain_failure=""))

        def work(context: JobContext) -> HeatMap:
            from stentviewer.app.explaining import explain_again

            return explain_again(session, image_id, frame, context)

        def done(heat: HeatMap) -> None:
            if self._is_shown(image_id, frame):
                chosen = replace(self.state, is_explaining=False, map_chosen=heat.method)
                self._set(chosen)
            self.readingSaved.emit(image_id, frame)

        def failed(error: BaseException) -> bool:
            is_told = isinstance(error, StentviewerError) and self._is_shown(image_id, frame)
            if self._is_shown(image_id, frame):
                why = str(error) if is_told else ""
                self._set(replace(self.state, is_explaining=False, explain_failure=why))
            return is_told

        self.desk.bridge.run(
            work, done, failed, key=f"explain {self._key}", title=self.tr("Explaining")
        )

    def stop_explaining(self) -> None:
        """Do without the second map."""
        if self.state.is_explaining:
            self.desk.bridge.drop(f"explain {self._key}")
            self._set(replace(self.state, is_explaining=False))

    def show_map(self, method: str) -> None:
        """Lay this map of the reading over the image."""
        self._set(replace(self.state, map_chosen=method))

    def show_sets(self, ids: frozenset[str]) -> None:
        """Show what these models and readers said."""
        self._set(replace(self.state, sets_chosen=ids))

    # leaving the program

    def save(self, folder: Path, window: Window | None, invert: bool, strength: float) -> None:
        """Write the review of the frame on the screen as PDF and picture into the folder."""
        image, frame, session = self.state.image, self.state.frame, self.desk.session
        if image is None:
            return
        image_id = image.id

        def work(_: JobContext) -> list[Path]:
            from stentviewer.app.exporting import export_review

            return export_review(session, image_id, frame, folder, window, invert, strength)

        self.desk.bridge.run(work, self.saved.emit, key="save", title=self.tr("Saving the review"))

    def _set(self, state: FrameState) -> None:
        self.state = state
        self.stateChanged.emit(state)
