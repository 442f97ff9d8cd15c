"""The window: worklist, image, reading; it wires them to the review and owns the actions."""

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
from PySide6.QtWidgets import (
    QFileDialog,
    QLabel,
    QMainWindow,
    QMenu,
    QSizePolicy,
    QSplitter,
    QToolBar,
    QVBoxLayout,
    QWidget,
)

from stentviewer.core.errors import KnownError, StentviewerError
from stentviewer.core.settings import LONGEST_NAME, Settings, save_settings
from stentviewer.ui import actions, icons, theme
from stentviewer.ui.activity import Activity
from stentviewer.ui.bridge import Bridge
from stentviewer.ui.dialogs import BugDialog, CommandPalette, ReaderDialog, ShortcutsDialog
from stentviewer.ui.kept import Kept
from stentviewer.ui.message_bar import MessageBar
from stentviewer.ui.panels.reading import ReadingPanel
from stentviewer.ui.review import FrameState, ModelInfo, Review
from stentviewer.ui.viewer.panel import ViewerPanel
from stentviewer.ui.worklist.panel import Worklist

if TYPE_CHECKING:
    from stentviewer.app.commands import Change
    from stentviewer.app.session import AddResult, OpenedImage, Session
    from stentviewer.library.records import AuditEvent, ImageRecord, PatientRecord

_SAID_MS = 8000  # how long the status bar keeps a word of what was done


class MainWindow(QMainWindow):
    """Empty until `use_session`; it can be seen and resized before."""

    firstPainted = Signal()
    closed = Signal()  # no work is under way any more: the library can be closed

    def __init__(self, settings: Settings, library_dir: Path) -> None:
        super().__init__()
        self.setWindowTitle("stentviewer")
        self.setAcceptDrops(True)
        self.settings = settings
        self._kept = Kept(library_dir)
        self._painted = self._closed = False
        self._to_open: tuple[Path, ...] = ()
        self._open_example = False
        self.bridge = Bridge(self)
        self.review = Review(self.bridge, self)
        self.actions_by_id = actions.build(self)
        self.worklist = Worklist(
            [self.actions_by_id[name] for name in ("open_files", "open_folder", "open_example")]
        )
        self.viewer = ViewerPanel()
        self.reading = ReadingPanel(self.actions_by_id)
        self.messages = MessageBar()
        self.makers = QMenu(self)
        self.device = QLabel()
        self._splitter = QSplitter(Qt.Orientation.Horizontal)
        self._lay_out()
        self._make_menus()
        self._connect()
        self._restore_look()
        self._update_actions()

    # making

    def _lay_out(self) -> None:
        for widget in (self.worklist, self.viewer, self.reading):
            self._splitter.addWidget(widget)
        self._splitter.setStretchFactor(1, 1)
        self._splitter.setChildrenCollapsible(False)
        self._splitter.setHandleWidth(4)
        self._splitter.setSizes([280, 840, 320])
        centre = QWidget(self)
        column = QVBoxLayout(centre)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.messages)
        column.addWidget(self._splitter, 1)
        self.setCentralWidget(centre)
        status = self.statusBar()
        status.setSizeGripEnabled(False)
        status.setMinimumHeight(theme.GRID * 4)  # the image must not jump when Cancel appears
        status.setContentsMargins(0, 0, theme.GRID, 0)
        status.addPermanentWidget(Activity(self.bridge, self))
        status.addPermanentWidget(self.device)

    def _make_menus(self) -> None:
        bar = QToolBar(self.tr("Tools"), self)
        bar.setObjectName("tools")
        bar.setMovable(False)
        bar.setIconSize(icons.SIZE)
        bar.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        bar.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self.addToolBar(bar)
        last = actions.FILE
        for title in actions.MENUS:
            menu = self.menuBar().addMenu(actions.translated(title))
            group = 0
            for spec in (one for one in actions.ACTIONS if one.menu == title):
                action = self.actions_by_id[spec.id]
                if spec.group != group:
                    menu.addSeparator()
                    group = spec.group
                menu.addAction(action)
                if spec.toolbar:
                    if spec.menu == actions.HELP:
                        space = QWidget(bar)
                        space.setSizePolicy(
                            QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred
                        )
                        bar.addWidget(space)
                    elif spec.menu != last:
                        bar.addSeparator()
                    last = spec.menu
                    bar.addAction(action)
        self.actions_by_id["heat"].setChecked(True)

    def _connect(self) -> None:
        review, canvas = self.review, self.viewer.canvas
        self.bridge.trouble.connect(self.show_trouble)
        review.ready.connect(self._begin)
        review.treeChanged.connect(self._show_tree)
        review.imageRecordChanged.connect(self.worklist.update_image)
        review.opening.connect(self._clear_image)
        review.opened.connect(self._show_image)
        review.openFailed.connect(lambda _, sentence: self.viewer.set_message(sentence))
        review.frameStateChanged.connect(self._show_frame_state)
        review.modelKnown.connect(self._show_model)
        review.added.connect(self._show_added)
        review.labelled.connect(self._say_labelled)
        review.saved.connect(self._say_saved)
        self.worklist.imageChosen.connect(review.open_image)
        self.worklist.filterLeft.connect(canvas.setFocus)
        canvas.frameChanged.connect(review.show_frame)
        self.reading.heatStrengthChanged.connect(canvas.set_heat_strength)
        self.reading.heatTableChanged.connect(canvas.set_heat_colours)

    def _restore_look(self) -> None:
        self.reading.set_heat_look(self.settings.heat_strength, self.settings.heat_table)
        self.viewer.canvas.set_heat_strength(self.settings.heat_strength)
        self.viewer.canvas.set_heat_colours(self.settings.heat_table)
        self._kept.restore(self, self._splitter)

    # beginning and ending

    def open_after_start(self, paths: Sequence[Path], *, example: bool = False) -> None:
        """What to open once the library is there."""
        self._to_open = tuple(paths)
        self._open_example = example

    def use_session(self, session: Session) -> None:
        """The library is open: show it."""
        self.review.attach(session)

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
        self.hide()
        if self.review.session is not None:
            self._keep_look()
        self.viewer.set_radiograph(None)
        self.bridge.close()
        self.closed.emit()

    def _keep_look(self) -> None:
        image = self.review.state.image
        self._kept.keep(self, self._splitter, None if image is None else image.id)
        look = {
            "heat_strength": self.reading.strength.value() / 100,
            "heat_table": self.reading.table.currentText(),
        }
        changed = self.settings.model_copy(update=look)
        if changed != self.settings:
            self._save_settings(changed)

    def _save_settings(self, changed: Settings) -> bool:
        try:
            save_settings(changed)
        except KnownError as error:
            self.messages.say([str(error)])
            return False
        self.settings = changed
        return True

    def _begin(self) -> None:
        self._update_actions()
        if self._to_open:
            self.review.add(self._to_open)
        elif self._open_example:
            self.review.add_example()

    # what the review says

    def _show_tree(self, patients: list[PatientRecord]) -> None:
        self.worklist.set_tree(patients)
        self._update_actions()
        if self.review.state.image is None and not self._to_open and not self._open_example:
            kept = self._kept.image()
            if kept is not None and kept in self.worklist.model.image_ids():
                self._open(kept)
        self._to_open, self._open_example = (), False

    def _open(self, image_id: int) -> None:
        self.worklist.show_chosen(image_id)
        self.review.open_image(image_id)

    def _clear_image(self) -> None:
        self.viewer.set_message("")
        self.statusBar().clearMessage()

    def _show_image(self, opened: OpenedImage) -> None:
        self.viewer.set_radiograph(opened.radiograph)
        self._kept.keep_image(opened.record.id)  # now, for a start after a crash
        if not self.worklist.filter.hasFocus():
            self.viewer.canvas.setFocus()

    def _show_frame_state(self, state: FrameState) -> None:
        self.reading.show_state(state)
        canvas = self.viewer.canvas
        shown = state.reading if not state.is_reading else None
        canvas.set_heat(shown.reading.heat if shown else None)
        canvas.set_finding_boxes(shown.reading.findings if shown else ())
        self._update_actions()

    def _show_model(self, info: ModelInfo) -> None:
        self.reading.show_model(info)
        parts = (info.device, info.ref.short if info.ref else self.tr("no model"))
        self.device.setText("  ·  ".join(part for part in parts if part))
        self.device.setToolTip(f"SHA-256 {info.ref.sha256}" if info.ref else info.problem)
        self.makers.clear()
        for number, maker in enumerate(info.makers, start=1):
            entry = self.makers.addAction(f"&{number}   {maker}" if number < 10 else maker)
            entry.triggered.connect(lambda _=False, maker=maker: self.review.correct(maker))
        self._update_actions()

    def _show_added(self, result: AddResult) -> None:
        if result.problems:
            self.messages.say([problem.message for problem in result.problems])
        else:
            self.messages.hide()
        if result.images:
            known = len(result.images) - result.new
            text = self.tr("Images added: {new}. Already known: {known}.")
            self._open(_newest(result.images).id)
            self._say(text.format(new=result.new, known=known))

    def _say_labelled(self, change: Change, how: str) -> None:
        maker = change.label.maker if change.label is not None else ""
        text = {
            "accepted": self.tr("Saved: {maker}, accepted."),
            "corrected": self.tr("Saved: {maker}, chosen by you."),
            "undone": self.tr("Undone. The label is now {maker}."),
            "redone": self.tr("Redone. The label is now {maker}."),
        }[how]
        said = text.format(maker=maker or self.tr("none"))
        image = self.review.state.image
        is_elsewhere = image is None or image.id != change.image_id
        if is_elsewhere and how in {"undone", "redone"}:  # who answers and goes on is not held back
            other = self.tr("This was on another image; it is shown now.")
            said = f"{said} {other}"
            self._open(change.image_id)
        self._say(said)
        self._update_actions()

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
        review, session = self.review, self.review.session
        state = review.state
        now = actions.Situation(
            has_library=session is not None,
            has_image=state.image is not None,
            is_opening=review.is_opening,
            frames=state.image.header.frames if state.image is not None else 1,
            images=0 if self.worklist.is_empty else 1,
            has_model=review.model.ref is not None,
            is_reading=state.is_reading,
            has_heat=state.heat is not None,
            can_accept=state.can_accept,
            can_undo=session is not None and session.undo_title is not None,
            can_redo=session is not None and session.redo_title is not None,
        )
        actions.update(self.actions_by_id, now)

    # dropping files

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        if not paths:
            return
        event.acceptProposedAction()
        if self.review.session is None:
            self._to_open = (*self._to_open, *paths)  # the library is still being opened
        else:
            self.review.add(paths)

    # handlers of the actions

    def open_files(self) -> None:
        """Choose files and index them."""
        dialog = self._file_dialog(self.tr("Open files"), QFileDialog.FileMode.ExistingFiles)
        dialog.filesSelected.connect(lambda names: self.review.add([Path(one) for one in names]))
        dialog.open()

    def open_folder(self) -> None:
        """Choose a folder and index what is in it."""
        dialog = self._file_dialog(self.tr("Open a folder"), QFileDialog.FileMode.Directory)
        dialog.fileSelected.connect(lambda name: self.review.add([Path(name)]))
        dialog.open()

    def save_review(self) -> None:
        """Choose a folder and write the review there."""
        dialog = self._file_dialog(
            self.tr("Save the review in a folder"), QFileDialog.FileMode.Directory
        )
        dialog.fileSelected.connect(lambda name: self.save_review_in(Path(name)))
        dialog.open()

    def save_review_in(self, folder: Path) -> None:
        """Write the review as it is on the screen."""
        canvas = self.viewer.canvas
        strength = self.reading.strength.value() / 100
        self.review.save(folder, canvas.window, canvas.inverted, strength)

    def _file_dialog(self, title: str, mode: QFileDialog.FileMode) -> QFileDialog:
        dialog = QFileDialog(self, title)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(mode)
        return dialog

    def open_example(self) -> None:
        """Index the simulated example patient."""
        self.review.add_example()

    def read(self) -> None:
        """Have the model read this frame."""
        self.review.read()

    def accept(self) -> None:
        """Agree with the model."""
        self.review.accept()

    def correct(self) -> None:
        """Offer the makers, each with its number key."""
        size = self.makers.sizeHint()
        corner = self.reading.mapToGlobal(QPoint(-size.width() - theme.GRID, theme.GRID * 6))
        self.makers.popup(corner)
        self.makers.setActiveAction(self.makers.actions()[0])

    def undo(self) -> None:
        """Take the last change back."""
        self.review.undo()

    def redo(self) -> None:
        """Do it again."""
        self.review.redo()

    def show_audit(self) -> None:
        """Check the library and show its trail."""
        self.review.ask_audit(self._show_audit)

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
        if name and self._save_settings(self.settings.model_copy(update={"reader": name})):
            self.review.set_reader(name)
            self._say(self.tr("Labels are now kept under the name {name}.").format(name=name))

    def show_heat(self, visible: bool) -> None:
        """Heat map on or off."""
        self.viewer.canvas.set_heat_visible(visible)

    def fit(self) -> None:
        self.viewer.canvas.fit()

    def one_to_one(self) -> None:
        self.viewer.canvas.one_to_one()

    def invert(self) -> None:
        self.viewer.canvas.invert()

    def auto_window(self) -> None:
        self.viewer.canvas.auto_window()

    def reset_view(self) -> None:
        self.viewer.canvas.reset()

    def previous_frame(self) -> None:
        self.viewer.step_frame(-1)

    def next_frame(self) -> None:
        self.viewer.step_frame(1)

    def toggle_cine(self) -> None:
        self.viewer.toggle_cine()

    def previous_image(self) -> None:
        self.worklist.step(-1)

    def next_image(self) -> None:
        self.worklist.step(1)

    def focus_filter(self) -> None:
        self.worklist.filter.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def show_palette(self) -> None:
        CommandPalette(list(self.actions_by_id.values()), self).open_over(self)

    def show_shortcuts(self) -> None:
        ShortcutsDialog(self.actions_by_id, self).open()

    def use_english(self) -> None:
        self._use_language("en")

    def use_korean(self) -> None:
        self._use_language("ko")

    def _use_language(self, language: str) -> None:
        if self._save_settings(self.settings.model_copy(update={"language": language})):
            # in both languages: the reader may not understand the one in use
            self._say("The language changes at the next start.  ·  다음 실행부터 언어가 바뀝니다.")


def _newest(images: Sequence[ImageRecord]) -> ImageRecord:
    """The first image of the latest study: what a reader opens a patient for."""

    def when(image: ImageRecord) -> tuple[str, str]:
        return image.header.identity.study_date, image.header.identity.study_time

    return max(images, key=when)  # the first of equals
