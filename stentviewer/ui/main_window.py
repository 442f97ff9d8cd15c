"""The window: viewports in the middle, worklist, reading and time line around them.

It wires what others do: `desk` asks the library, each viewport's `review` knows what it shows,
`opener` says what is opened where.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import (
    QCloseEvent,
    QDesktopServices,
    QDragEnterEvent,
    QDropEvent,
    QPaintEvent,
)
from PySide6.QtWidgets import QLabel, QMainWindow, QMenu, QVBoxLayout, QWidget

from stentviewer.core.errors import StentviewerError
from stentviewer.core.settings import LONGEST_NAME, Settings
from stentviewer.ui import actions, menu_bar, theme
from stentviewer.ui.activity import Activity
from stentviewer.ui.answers import shown_answer
from stentviewer.ui.bridge import Bridge
from stentviewer.ui.comfort import Comfort
from stentviewer.ui.desk import Desk, ModelInfo
from stentviewer.ui.dialogs import BugDialog, CommandPalette, ReaderDialog
from stentviewer.ui.docks import Docks
from stentviewer.ui.files import Files
from stentviewer.ui.frame_state import FrameState
from stentviewer.ui.grid import ViewerGrid
from stentviewer.ui.i18n import say
from stentviewer.ui.kept import Kept, KeptDesk, KeptGrid
from stentviewer.ui.looking import Looking
from stentviewer.ui.measuring import Measuring
from stentviewer.ui.message_bar import MessageBar
from stentviewer.ui.opener import Opener
from stentviewer.ui.panels.measurements import MeasurementsPanel
from stentviewer.ui.panels.reading import ReadingPanel
from stentviewer.ui.panels.timeline import Timeline
from stentviewer.ui.panels.window import title_of
from stentviewer.ui.reading_desk import ReadingDesk
from stentviewer.ui.review import FrameReview
from stentviewer.ui.viewer.canvas import ImageCanvas
from stentviewer.ui.viewer.panel import ViewerPanel
from stentviewer.ui.viewer_window import ViewerWindow
from stentviewer.ui.viewport import Viewport
from stentviewer.ui.worklist.panel import Worklist

if TYPE_CHECKING:
    from stentviewer.app.commands import Change
    from stentviewer.app.places import Place
    from stentviewer.app.session import AddResult, Session
    from stentviewer.imaging.volume import Volume
    from stentviewer.library.records import AuditEvent, ImageRecord, StudyRow

_SAID_MS = 8000  # how long the status bar keeps a word of what was done
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
        self.heat_on = True
        self.bridge = Bridge(self)
        self.desk = Desk(self.bridge, self)
        self.grid = self._front = ViewerGrid(self.desk, self)
        self.windows: list[ViewerWindow] = []
        self.opener = Opener(self.desk, lambda: self._front, lambda: self.settings, self)
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
        self.measurements = MeasurementsPanel(self.measuring)
        self.messages = MessageBar()
        self.comfort = Comfort(self, self)
        self.makers = QMenu(self)
        self.device = QLabel()
        self._middle = QMainWindow(self, Qt.WindowType.Widget)  # holds the docks, below messages
        self.docks = Docks(self._middle)
        self._keeping = QTimer(self)
        self._keeping.setSingleShot(True)
        self._keeping.setInterval(_KEEP_MS)
        self._keeping.timeout.connect(self._keep_desk)
        self._lay_out()
        menu_bar.fill(self, self.actions_by_id)
        self._connect()
        self.reading_desk = ReadingDesk(self)
        self._add_grid(self.grid)
        self.looking.use(settings)
        self.worklist.set_identity_hidden(settings.hide_identity)
        self._kept.restore_places(self, self._middle)
        self.worklist.restore_arrangement(self._kept.worklist())
        self._update_actions()

    # what is in front

    @property
    def front(self) -> ViewerGrid:
        """The viewports of the window that is in front."""
        return self._front

    @property
    def viewport(self) -> Viewport:
        """Where the keys go."""
        return self._front.active

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
        self.bridge.trouble.connect(self.show_trouble)
        desk.ready.connect(self._begin)
        desk.worklistChanged.connect(self._show_worklist)
        desk.studyChanged.connect(self.worklist.update_row)
        desk.modelKnown.connect(self._show_model)
        desk.added.connect(self._show_added)
        desk.changed.connect(self._say_changed)
        desk.sightChanged.connect(self._see_anew)
        opener.chosen.connect(self.worklist.show_chosen)
        opener.placeChanged.connect(self._show_place)
        opener.ruleTrouble.connect(lambda sentence: self.messages.say([sentence]))
        self.worklist.imageChosen.connect(opener.open_image)
        self.worklist.studyChosen.connect(opener.hang)
        self.worklist.removeRequested.connect(desk.remove)
        self.worklist.filterLeft.connect(lambda: self.canvas.setFocus())
        self.timeline.studyChosen.connect(opener.hang)
        self.docks.changed.connect(self._update_actions)
        self.looking.changed.connect(self._update_actions)
        self.looking.said.connect(self._say)
        self.looking.noticed.connect(lambda sentence: self.messages.say([sentence]))
        self.measuring.changed.connect(self._update_actions)
        self.comfort.changed.connect(self._take_settings)
        self.comfort.rebuildWanted.connect(self.rebuildWanted)
        self.measuring.said.connect(self._say)

    def _add_grid(self, grid: ViewerGrid) -> None:
        for viewport in grid.viewports:
            self._add_viewport(grid, viewport)
        grid.viewportAdded.connect(lambda viewport: self._add_viewport(grid, viewport))
        grid.activeChanged.connect(lambda viewport: self._come_forward(grid, viewport))
        grid.changed.connect(self._keeping.start)
        grid.planes.filled.connect(self._say_notes)
        grid.planes.crosshairChanged.connect(self._update_actions)

    def _add_viewport(self, grid: ViewerGrid, viewport: Viewport) -> None:
        canvas = viewport.canvas
        self.looking.watch(viewport)
        self.measuring.watch(canvas, viewport.target)
        self.reading_desk.prepare(canvas)
        viewport.activated.connect(lambda: self._come_forward(grid, viewport))
        viewport.review.stateChanged.connect(lambda state: self._show_state(viewport, state))
        viewport.review.saved.connect(self._say_saved)
        viewport.review.readingSaved.connect(self._refresh_frame)
        viewport.tileDropped.connect(
            lambda image, series: self.opener.open_tile(viewport, image, series)
        )
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
        """Changes under way are finished, everything else is cancelled."""
        super().closeEvent(event)
        if self._closed:
            return
        self._closed = True
        self.comfort.close_pages()
        self.hide()
        if self.desk.has_session:
            self._keep_desk()
            self._keep_look()
        self._keeping.stop()
        for window in tuple(self.windows):
            window.close()
        for viewport in self.grid.viewports:
            viewport.panel.set_radiograph(None)
        self.bridge.close()
        self.closed.emit()

    def hand_over(self) -> Session | None:
        """Write everything down for the window that takes this one's place."""
        if not self.desk.has_session:
            return None
        self._keep_desk()
        self._keep_look()
        return self.desk.session

    def _keep_desk(self) -> None:
        """Write down what is shown: now, for a start after a crash."""
        grids = (self.grid, *(window.grid for window in self.windows))
        kept = KeptDesk(grids=tuple(KeptGrid.of(grid) for grid in grids))
        if self._was_restored or not kept.is_empty:
            self._kept.keep_desk(kept)

    def _keep_look(self) -> None:
        self._kept.keep_places(self, self._middle)
        self._kept.keep_worklist(self.worklist.arrangement())
        for number, window in enumerate(self.windows):
            self._kept.keep_places(window, window, f"viewer{number}")
        self.reading_desk.keep()

    def keep_settings(self, changed: Settings) -> bool:
        """Write them down and apply them; False, and a sentence, where the disk refuses."""
        return self.comfort.keep(changed)

    def _take_settings(self, before: Settings, after: Settings) -> None:
        """Something was changed on the settings page, or by a switch that is kept."""
        if before.reader != after.reader and self.desk.has_session:
            self.desk.set_reader(after.reader)
            text = self.tr("Labels are now kept under the name {name}.")
            self._say(text.format(name=after.reader))
        self.reading_desk.take_settings(before, after)
        self.looking.use(after)
        self.worklist.set_identity_hidden(after.hide_identity)
        self._update_actions()

    def _begin(self) -> None:
        self._update_actions()
        if self._to_open:
            self.desk.add(self._to_open)
        elif self._open_example:
            self.desk.add_example()

    def _restore_desk(self) -> None:
        """What hung there last, in this window and in the others."""
        self._was_restored = True
        first, *others = self._kept.desk().grids or (KeptGrid(),)
        first.restore(self.grid)
        for grid in others:
            grid.restore(self.new_viewer_window().grid)
        self.opener.find_place()

    # windows

    def new_viewer_window(self) -> ViewerWindow:
        """Another window with viewports of its own, for a second monitor."""
        window = ViewerWindow(self.desk, list(self.actions_by_id.values()))
        self.windows.append(window)
        self._add_grid(window.grid)
        self._kept.restore_places(window, window, f"viewer{len(self.windows) - 1}")
        window.cameForward.connect(lambda: self._come_forward(window.grid, window.grid.active))
        window.closed.connect(lambda: self._forget_window(window))
        window.show()
        return window

    def _forget_window(self, window: ViewerWindow) -> None:
        self.windows.remove(window)
        if self._front is window.grid:
            self._come_forward(self.grid, self.grid.active)
        if not self._closed:
            self._keeping.start()

    def _come_forward(self, grid: ViewerGrid, viewport: Viewport) -> None:
        """The keys go to this viewport; the panels speak of it."""
        if viewport is not grid.active:
            return
        self._front = grid
        self.looking.come_forward()
        self.reading.show_state(viewport.review.state)
        content = viewport.review.content
        if content is not None and not viewport.review.is_opening:
            self.worklist.show_chosen(content.image_id)
            self.opener.find_place()
        self._update_actions()

    # what the desk and the viewports say

    def _say_notes(self, volume: Volume) -> None:
        """What is odd about a volume, once all of it has been looked at."""
        if volume.notes:
            self.messages.say([say(note) for note in volume.notes])

    def _show_worklist(self, rows: list[StudyRow]) -> None:
        self.worklist.set_rows(rows)
        self._update_actions()
        nothing_else = not self._to_open and not self._open_example
        if not self._was_restored and self.review.state.image is None and nothing_else:
            self._restore_desk()
        self._to_open, self._open_example = (), False

    def _first_shown(self, viewport: Viewport) -> None:
        self.statusBar().clearMessage()
        if viewport is self.viewport and not self.worklist.filter.hasFocus():
            viewport.canvas.setFocus()

    def _show_state(self, viewport: Viewport, state: FrameState) -> None:
        if viewport is self.viewport:
            self.reading.show_state(state)
            self._update_actions()

    def _refresh_frame(self, image_id: int, frame: int) -> None:
        for grid in (self.grid, *(window.grid for window in self.windows)):
            for viewport in grid.viewports:
                viewport.review.refresh(image_id, frame)
        self._ask_timeline()

    def _see_anew(self) -> None:
        """Another reader, or sealed reading on or off: other things may be seen now."""
        self.desk.refresh_worklist()
        for grid in (self.grid, *(window.grid for window in self.windows)):
            for viewport in grid.viewports:
                viewport.review.see_anew()
        self._ask_timeline()

    def _show_place(self, place: Place | None) -> None:
        self._update_actions()
        self.timeline.mark(None if place is None else place.study_id)
        if place is None:
            self.timeline.show_studies(())
        else:
            self._ask_timeline()

    def _ask_timeline(self) -> None:
        place, session = self.opener.place, self.desk.session
        if place is None:
            return
        patient = place.patient
        self.bridge.run(
            lambda _: session.timeline(patient),
            self.timeline.show_studies,
            key="timeline",
            title=self.tr("Time line"),
        )

    def _show_model(self, info: ModelInfo) -> None:
        self.reading.show_model(info)
        parts = (info.device, info.ref.short if info.ref else self.tr("no model"))
        self.device.setText("  ·  ".join(part for part in parts if part))
        self.device.setToolTip(f"SHA-256 {info.ref.sha256}" if info.ref else say(info.problem))
        self.reading_desk.fill_makers(info)
        self._update_actions()

    def _show_added(self, result: AddResult) -> None:
        if result.problems:
            self.messages.say([problem.message for problem in result.problems])
        else:
            self.messages.hide()
        if result.images:
            known = len(result.images) - result.new
            text = self.tr("Images added: {new}. Already known: {known}.")
            self._was_restored = True
            self.opener.open_added(_newest(result.images).id)
            self._say(text.format(new=result.new, known=known))

    def _say_changed(self, change: object, how: str) -> None:
        from stentviewer.app.commands import Change
        from stentviewer.app.measuring import MeasurementChange

        self._update_actions()
        if how == "removed" and isinstance(change, tuple):
            self._clear_removed(change)
            self.desk.refresh_worklist()
            return
        if isinstance(change, Change):
            self.desk.refresh_study(change.image_id)
            self._ask_timeline()
            self._say_labelled(change, how)
        elif (
            isinstance(change, MeasurementChange)
            and how in {"undone", "redone"}
            and not self._is_on_screen(change.target.image_id)
        ):
            self.opener.open_image(change.target.image_id)

    def _clear_removed(self, ids: tuple[int, ...]) -> None:
        for grid in (self.grid, *(window.grid for window in self.windows)):
            for viewport in grid.viewports:
                content = viewport.review.content
                if content is not None and content.image_id in ids:
                    viewport.clear()
        text = self.tr("Images removed from the library: {n}. Their files were not touched.")
        self._say(text.format(n=len(ids)))
        self.opener.find_place()

    def _say_labelled(self, change: Change, how: str) -> None:
        maker = shown_answer(change.label.maker) if change.label is not None else ""
        text = {
            "accepted": self.tr("Saved: {maker}, accepted."),
            "corrected": self.tr("Saved: {maker}, chosen by you."),
            "committed": self.tr("Saved: {maker}. The model's answer is shown now."),
            "undone": self.tr("Undone. The label is now {maker}."),
            "redone": self.tr("Redone. The label is now {maker}."),
        }[how]
        said = text.format(maker=maker or self.tr("none"))
        if how in {"undone", "redone"} and not self._is_on_screen(change.image_id):
            # who answers and goes on is not held back; who takes back has to see what
            other = self.tr("This was on another image; it is shown now.")
            said = f"{said} {other}"
            self.opener.open_image(change.image_id)
        self._say(said)

    def _is_on_screen(self, image_id: int) -> bool:
        grids = (self.grid, *(window.grid for window in self.windows))
        shown = (one.review.state.image for grid in grids for one in grid.viewports)
        return any(image is not None and image.id == image_id for image in shown)

    def _say_saved(self, files: list[Path]) -> None:
        folder = files[0].parent
        names = ", ".join(file.name for file in files)
        text = self.tr("The review was saved in {folder}: {names}")
        self.messages.say(
            [text.format(folder=folder, names=names)],
            self.tr("Show the folder"),
            lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder))),
        )

    def show_trouble(self, error: BaseException) -> None:
        """A sentence where there is one; else it is a bug, and called so."""
        if isinstance(error, StentviewerError):
            self.messages.say([str(error)])
            return
        from stentviewer.core.logs import log_crash

        log_crash(error)
        BugDialog(error, self).open()

    def _say(self, text: str) -> None:
        self.statusBar().showMessage(text, _SAID_MS)

    def _update_actions(self) -> None:
        desk, review, grid = self.desk, self.review, self._front
        session = desk.session if desk.has_session else None
        state, place, links = review.state, self.opener.place, grid.links
        switches = {
            "heat": self.heat_on,
            "link_view": links.view,
            "link_window": links.window,
            "link_scroll": links.scroll,
            "reference_lines": grid.reference_lines,
            "crosshair": grid.planes.has_crosshair,
            self.measuring.switch: True,
        }
        radiograph = self.canvas.radiograph
        titles = {str(one.key): title_of(one) for one in self.looking.presets() if one.key}
        now = actions.Situation(
            has_library=session is not None,
            has_image=state.image is not None,
            has_study=place is not None,
            is_opening=review.is_opening,
            is_volume=review.shown is not None and review.shown.volume is not None,
            frames=radiograph.header.frames if radiograph is not None else 1,
            images=0 if self.worklist.is_empty else 1,
            viewports=len(grid.viewports),
            has_prior=place is not None and place.prior is not None,
            has_model=desk.model.ref is not None,
            can_read=review.can_read,
            is_reading=state.is_reading,
            has_heat=state.heat is not None,
            can_accept=state.can_accept,
            can_undo=session is not None and session.undo_title is not None,
            can_redo=session is not None and session.redo_title is not None,
            has_drawn=self.looking.has_drawn,
            presets=frozenset(titles),
            measurements=len(self.measuring.rows),
            measurement_chosen=bool(self.measuring.chosen),
            switches=frozenset(name for name, on in switches.items() if on)
            | self.docks.shown
            | self.looking.switches,
        )
        actions.update(self.actions_by_id, now)
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

    def correct(self) -> None:
        """Offer the makers, each with its number key."""
        size = self.makers.sizeHint()
        corner = self.reading.mapToGlobal(QPoint(-size.width() - theme.GRID, theme.GRID * 6))
        self.makers.popup(corner)
        self.makers.setActiveAction(self.makers.actions()[0])

    def show_audit(self) -> None:
        """Check the library and show its trail."""
        self.desk.ask_audit(self._show_audit)

    def _show_audit(self, answer: tuple[list[AuditEvent], list[str]]) -> None:
        from stentviewer.ui.panels.audit import AuditDialog

        AuditDialog(*answer, self).open()

    def ask_reader(self) -> None:
        """Ask under which name labels are kept."""
        dialog = ReaderDialog(self.settings.reader, self)
        dialog.textValueSelected.connect(self.use_reader)
        dialog.open()

    def use_reader(self, name: str) -> None:
        """Labels from now on are kept under this name; what was saved before keeps its own."""
        name = " ".join(name.split())[:LONGEST_NAME]
        if name:
            self.keep_settings(self.settings.model_copy(update={"reader": name}))

    def canvases(self) -> list[ImageCanvas]:
        """Of every viewport in every window."""
        grids = (self.grid, *(window.grid for window in self.windows))
        return [viewport.canvas for grid in grids for viewport in grid.viewports]

    def show_heat(self, visible: bool) -> None:
        """Heat map on or off, in every viewport."""
        self.heat_on = visible
        for canvas in self.canvases():
            canvas.set_heat_visible(visible)

    def previous_image(self) -> None:
        self.worklist.step(-1)

    def next_image(self) -> None:
        self.worklist.step(1)

    def hide_identity(self, on: bool) -> None:
        """Nobody's name, ID or birth date on the screen, for sharing it."""
        self.keep_settings(self.settings.model_copy(update={"hide_identity": on}))

    def focus_filter(self) -> None:
        self.docks.show("worklist")
        self.worklist.filter.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def toggle_full_screen(self) -> None:
        """The window over the whole screen, and back."""
        self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)

    def show_palette(self) -> None:
        CommandPalette(list(self.actions_by_id.values()), self).open_over(self)


def _newest(images: Sequence[ImageRecord]) -> ImageRecord:
    """The first image of the latest study: what a reader opens a patient for."""

    def when(image: ImageRecord) -> tuple[str, str]:
        return image.header.identity.study_date, image.header.identity.study_time

    return max(images, key=when)  # the first of equals
