"""The window: viewports in the middle, worklist, reading and time line around them.

It wires what others do: `desk` asks the library, each viewport's `review` knows what it shows,
`opener` says what is opened where, `windows` has the viewports of every window.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QPaintEvent
from PySide6.QtWidgets import QLabel, QMainWindow, QVBoxLayout, QWidget

from stentviewer.core.settings import Settings
from stentviewer.ui import actions, menu_bar, theme
from stentviewer.ui.activity import Activity
from stentviewer.ui.announcements import Announcements
from stentviewer.ui.bridge import Bridge
from stentviewer.ui.comfort import Comfort
from stentviewer.ui.comparing import Comparing
from stentviewer.ui.desk import Desk, ModelInfo
from stentviewer.ui.docks import Docks
from stentviewer.ui.files import Files
from stentviewer.ui.frame_state import FrameState
from stentviewer.ui.grid import ViewerGrid
from stentviewer.ui.held_key import HeldKey
from stentviewer.ui.history import History
from stentviewer.ui.i18n import say
from stentviewer.ui.kept import Kept
from stentviewer.ui.looking import Looking
from stentviewer.ui.measuring import Measuring
from stentviewer.ui.message_bar import MessageBar
from stentviewer.ui.opener import Opener
from stentviewer.ui.panels.explanations_desk import ExplanationsDesk
from stentviewer.ui.panels.measurements import MeasurementsPanel
from stentviewer.ui.panels.reading import ReadingPanel
from stentviewer.ui.panels.timeline import Timeline
from stentviewer.ui.reading_desk import ReadingDesk
from stentviewer.ui.review import FrameReview
from stentviewer.ui.situation import preset_titles, situation_of
from stentviewer.ui.viewer.canvas import ImageCanvas
from stentviewer.ui.viewer.panel import ViewerPanel
from stentviewer.ui.viewport import Viewport
from stentviewer.ui.windows import Windows
from stentviewer.ui.wizard.wizard import Wizard
from stentviewer.ui.worklist.panel import Worklist

if TYPE_CHECKING:
    from stentviewer.app.session import AddResult, Session
    from stentviewer.library.records import AuditEvent, ImageRecord, StudyRow

_KEEP_MS = 1000  # after a change of what is shown until it is written down


class MainWindow(QMainWindow):
    """Empty until `use_session`; it can be seen and resized before."""

    firstPainted = Signal()
    closed = Signal()  # no work is under way any more: the library can be closed
    rebuildWanted = Signal(object)  # Settings: another language or theme, kept already

    def __init__(self, settings: Settings, library_dir: Path) -> None:
        super().__init__()
        self.setWindowTitle("stentviewer")
        self.setAcceptDrops(True)
        self.settings = settings
        self._kept = Kept(library_dir)
        self._painted = self._closed = False
        self._to_open: tuple[Path, ...] = ()
        self._open_example = self._was_restored = False
        self.bridge = Bridge(self)
        self.desk = Desk(self.bridge, self)
        self.windows = Windows(self.desk, self._kept, self)
        self.announcements = Announcements(self)
        self.opener = Opener(self.desk, lambda: self.front, lambda: self.settings, self)
        self.files = Files(self)
        self.looking = Looking(self.desk, self, lambda: self.canvas)
        self.measuring = Measuring(self.desk, self)
        self.actions_by_id = actions.build(self)
        self.worklist = Worklist(
            [self.actions_by_id[name] for name in ("open_files", "open_folder", "open_example")],
            self.desk,
        )
        self.reading = ReadingPanel(self.actions_by_id)
        self.timeline = Timeline()
        self.history = History(self.desk, self.opener, self.timeline)
        self.measurements = MeasurementsPanel(self.measuring)
        self.messages = MessageBar()
        self.comfort = Comfort(self, self)
        self.wizard = Wizard(self)
        self.device = QLabel()
        self._middle = QMainWindow(self, Qt.WindowType.Widget)  # holds the docks, below messages
        self.docks = Docks(self._middle)
        self._keeping = QTimer(self)
        self._keeping.setSingleShot(True)
        self._keeping.setInterval(_KEEP_MS)
        self._keeping.timeout.connect(self._keep_shown)
        self._lay_out()
        menu_bar.fill(self, self.actions_by_id)
        self._connect()
        self.reading_desk = ReadingDesk(self)
        self.explaining = ExplanationsDesk(self)
        self.comparing = Comparing(self)
        HeldKey(self.actions_by_id["magnify"], self)
        self.windows.begin(list(self.actions_by_id.values()))
        self.looking.use(settings)
        self.worklist.set_identity_hidden(settings.hide_identity)
        self._kept.restore_places(self, self._middle)
        self.worklist.restore_arrangement(self._kept.worklist())
        self._update_actions()

    # what is in front

    @property
    def grid(self) -> ViewerGrid:
        """This window's own viewports."""
        return self.windows.main

    @property
    def front(self) -> ViewerGrid:
        """The viewports of the window that is in front."""
        return self.windows.front

    @property
    def viewport(self) -> Viewport:
        """Where the keys go."""
        return self.front.active

    @property
    def viewer(self) -> ViewerPanel:
        return self.viewport.panel

    @property
    def canvas(self) -> ImageCanvas:
        return self.viewport.canvas

    @property
    def review(self) -> FrameReview:
        return self.viewport.review

    # making

    def _lay_out(self) -> None:
        centre = QWidget(self)
        column = QVBoxLayout(centre)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.messages)
        column.addWidget(self._middle, 1)
        self._middle.setCentralWidget(self.grid)
        self.setCentralWidget(centre)
        area = Qt.DockWidgetArea
        self.docks.add("worklist", self.tr("Worklist"), self.worklist, area.LeftDockWidgetArea)
        self.docks.add("reading", self.tr("Reading"), self.reading, area.RightDockWidgetArea)
        self.docks.add("timeline", self.tr("Time line"), self.timeline, area.BottomDockWidgetArea)
        right, below = area.RightDockWidgetArea, area.BottomDockWidgetArea
        window, measurements = self.tr("Window and histogram"), self.tr("Measurements")
        self.docks.add("histogram", window, self.looking.panel, right, hidden=True)
        self.docks.add(
            "measurements", measurements, self.measurements, below, hidden=True, beside="timeline"
        )
        sides = [self.docks.dock("worklist"), self.docks.dock("reading")]
        self._middle.resizeDocks(sides, [280, 320], Qt.Orientation.Horizontal)
        status = self.statusBar()
        status.setSizeGripEnabled(False)
        status.setMinimumHeight(theme.GRID * 4)  # the image must not jump when Cancel appears
        status.setContentsMargins(0, 0, theme.GRID, 0)
        status.addPermanentWidget(Activity(self.bridge, self))
        status.addPermanentWidget(self.device)

    def _connect(self) -> None:
        desk, opener = self.desk, self.opener
        self.bridge.trouble.connect(self.announcements.trouble)
        desk.ready.connect(self._begin)
        desk.worklistChanged.connect(self._show_worklist)
        desk.studyChanged.connect(self.worklist.update_row)
        desk.modelKnown.connect(self._show_model)
        desk.added.connect(self._show_added)
        desk.changed.connect(self._take_change)
        desk.sightChanged.connect(self._see_anew)
        opener.chosen.connect(self.worklist.show_chosen)
        opener.placeChanged.connect(lambda _: self._update_actions())
        opener.ruleTrouble.connect(self.announcements.notice)
        self.worklist.imageChosen.connect(opener.open_image)
        self.worklist.studyChosen.connect(opener.hang)
        self.worklist.removeRequested.connect(desk.remove)
        self.worklist.bar.sortChanged.connect(self._keep_soon)
        self.worklist.filterLeft.connect(lambda: self.canvas.setFocus())
        self.docks.changed.connect(self._update_actions)
        self.looking.changed.connect(self._update_actions)
        self.looking.said.connect(self.announcements.say)
        self.looking.noticed.connect(self.announcements.notice)
        self.measuring.changed.connect(self._update_actions)
        self.comfort.changed.connect(self._take_settings)
        self.comfort.rebuildWanted.connect(self.rebuildWanted)
        self.measuring.said.connect(self.announcements.say)
        self.windows.gridAdded.connect(self._add_grid)
        self.windows.viewportAdded.connect(self._add_viewport)
        self.windows.cameForward.connect(self._come_forward)
        self.windows.changed.connect(self._keep_soon)

    def _add_grid(self, grid: ViewerGrid) -> None:
        grid.planes.filled.connect(self.announcements.volume_read)
        grid.planes.crosshairChanged.connect(self._update_actions)

    def _add_viewport(self, viewport: Viewport) -> None:
        review = viewport.review
        self.looking.watch(viewport)
        self.measuring.watch(viewport.canvas, viewport.target)
        self.reading_desk.prepare(viewport.canvas)
        review.stateChanged.connect(lambda state: self._show_state(viewport, state))
        review.saved.connect(self.announcements.saved)
        review.readingSaved.connect(self._refresh_frame)
        viewport.tileDropped.connect(lambda image: self.opener.open_image(image, viewport))
        viewport.firstShown.connect(lambda: self._first_shown(viewport))

    # beginning and ending

    def open_after_start(self, paths: Sequence[Path], *, example: bool = False) -> None:
        """What to open once the library is there."""
        self._to_open = tuple(paths)
        self._open_example = example

    def use_session(self, session: Session) -> None:
        """The library is open: show it."""
        session.sealing.is_on = self.settings.sealed_reading
        self.desk.attach(session)

    def refuse(self, sentence: str) -> None:
        """The library cannot be opened: say so where the image would be."""
        self.setAcceptDrops(False)
        self.viewer.set_message(sentence)
        self.messages.say([sentence])

    def load_icons(self) -> None:
        """After the window is on the screen: the icon fonts take a third of a second."""
        actions.load_icons(self.actions_by_id)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._painted:
            self._painted = True
            QTimer.singleShot(0, self, self.firstPainted.emit)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Changes under way are finished, everything else is cancelled; a run is asked about."""
        super().closeEvent(event)
        if self._closed:
            return
        if not self.wizard.running.may_close(self.close):
            event.ignore()
            return
        self._closed = True
        self.comfort.close_pages()
        self.wizard.close()
        self.hide()
        if self.desk.has_session:
            self._keep_shown()
            self._keep_look()
        self.windows.close()
        self._keeping.stop()
        self.bridge.close()
        self.closed.emit()

    def hand_over(self) -> Session | None:
        """Write everything down for the window that takes this one's place."""
        if not self.desk.has_session:
            return None
        self._keep_shown()
        self._keep_look()
        return self.desk.session

    def _keep_soon(self) -> None:
        if not self._closed:
            self._keeping.start()

    def _keep_shown(self) -> None:
        """Write down what is shown, and the worklist's order."""
        self.windows.keep(also_empty=self._was_restored)
        self._kept.keep_worklist(self.worklist.arrangement())

    def _keep_look(self) -> None:
        self._kept.keep_places(self, self._middle)
        self.windows.keep_places()
        self.reading_desk.keep()

    def keep_settings(self, changed: Settings) -> bool:
        """Write them down and apply them; False, and a sentence, where the disk refuses."""
        return self.comfort.keep(changed)

    def _take_settings(self, before: Settings, after: Settings) -> None:
        """Something was changed on the settings page, or by a switch that is kept."""
        if before.reader != after.reader and self.desk.has_session:
            self.desk.set_reader(after.reader)
            self.announcements.reader(after.reader)
        self.reading_desk.take_settings(before, after)
        self.looking.use(after)
        for viewport in self.windows.viewports:
            viewport.panel.cine.set_usual_speed(after.cine_speed)
        self.worklist.set_identity_hidden(after.hide_identity)
        self._update_actions()

    def _begin(self) -> None:
        self._update_actions()
        if self._to_open:
            self.desk.add(self._to_open)
        elif self._open_example:
            self.desk.add_example()

    # what the desk and the viewports say

    def _come_forward(self, viewport: Viewport) -> None:
        """The keys go to this viewport; the panels speak of it."""
        self.looking.come_forward()
        self.explaining.show_state(viewport.review.state)
        content = viewport.review.content
        if content is not None and not viewport.review.is_opening:
            self.worklist.show_chosen(content.image_id)
            self.opener.find_place()
        self._update_actions()

    def _show_worklist(self, rows: list[StudyRow]) -> None:
        self.worklist.set_rows(rows)
        self._update_actions()
        nothing_else = not self._to_open and not self._open_example
        if not self._was_restored and self.review.state.image is None and nothing_else:
            self._was_restored = True
            self.windows.restore()
            self.opener.find_place()
        self._to_open, self._open_example = (), False

    def _first_shown(self, viewport: Viewport) -> None:
        self.statusBar().clearMessage()
        self._keep_shown()  # now, for a start after a crash
        if viewport is self.viewport and not self.worklist.filter.hasFocus():
            viewport.canvas.setFocus()

    def _show_state(self, viewport: Viewport, state: FrameState) -> None:
        if viewport is self.viewport:
            self.explaining.show_state(state)
            self._update_actions()

    def _refresh_frame(self, image_id: int, frame: int) -> None:
        for viewport in self.windows.viewports:
            viewport.review.refresh(image_id, frame)
        self.history.refresh()

    def _see_anew(self) -> None:
        """Another reader, or sealed reading on or off: other things may be seen now."""
        self.desk.refresh_worklist()
        for viewport in self.windows.viewports:
            viewport.review.see_anew()
        self.history.refresh()

    def _show_model(self, info: ModelInfo) -> None:
        self.reading.show_model(info)
        parts = (info.device, info.ref.short if info.ref else self.tr("no model"))
        self.device.setText("  ·  ".join(part for part in parts if part))
        self.device.setToolTip(f"SHA-256 {info.ref.sha256}" if info.ref else say(info.problem))
        self.reading_desk.fill_makers(info)
        self._update_actions()

    def _show_added(self, result: AddResult) -> None:
        self.announcements.added(result)
        if result.images:
            self._was_restored = True
            self.opener.open_added(_newest(result.images).id)

    def _take_change(self, change: object, how: str) -> None:
        self._update_actions()
        self.announcements.changed(change, how)

    def show_trouble(self, error: BaseException) -> None:
        """What went wrong, in a sentence; see `Announcements.trouble`."""
        self.announcements.trouble(error)

    def _update_actions(self) -> None:
        titles = preset_titles(self)
        actions.update(self.actions_by_id, situation_of(self, frozenset(titles)))
        actions.name_presets(self.actions_by_id, titles)

    # dropping files

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        if not paths:
            return
        event.acceptProposedAction()
        if not self.desk.has_session:
            self._to_open = (*self._to_open, *paths)  # the library is still being opened
        else:
            self.desk.add(paths)

    # handlers of the actions

    def save_review_in(self, folder: Path) -> None:
        """Write the review as it is on the screen."""
        strength, _, _ = self.reading.heat_look
        self.review.save(folder, self.canvas.window, self.canvas.inverted, strength)

    def show_audit(self) -> None:
        """Check the library and show its trail."""
        self.desk.ask_audit(self._show_audit)

    def _show_audit(self, answer: tuple[list[AuditEvent], list[str]]) -> None:
        from stentviewer.ui.panels.audit import AuditDialog

        AuditDialog(*answer, self).open()

    def previous_image(self) -> None:
        self.worklist.step(-1)

    def next_image(self) -> None:
        self.worklist.step(1)

    def focus_filter(self) -> None:
        self.docks.show("worklist")
        self.worklist.filter.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def toggle_full_screen(self) -> None:
        """The window over the whole screen, and back."""
        self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)


def _newest(images: Sequence[ImageRecord]) -> ImageRecord:
    """The first image of the latest study: what a reader opens a patient for."""

    def when(image: ImageRecord) -> tuple[str, str]:
        return image.header.identity.study_date, image.header.identity.study_time

    return max(images, key=when)  # the first of equals
