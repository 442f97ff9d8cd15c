"""Command palette, help page and the notice of a bug."""

from __future__ import annotations

import platform
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, Qt, Signal, qVersion
from PySide6.QtGui import QAction, QGuiApplication, QKeyEvent
from PySide6.QtWidgets import (
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QInputDialog,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPlainTextEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from stentviewer import __version__
from stentviewer.core.settings import LONGEST_NAME
from stentviewer.ui import theme
from stentviewer.ui.actions import ACTIONS, MENUS, shortcut_text, translated
from stentviewer.ui.keys import plain
from stentviewer.ui.search_words import has_words


class CommandPalette(QDialog):
    """Type a few letters, press Enter. What is not possible now is shown, but cannot be chosen."""

    def __init__(self, actions: Sequence[QAction], parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAccessibleName(self.tr("Commands"))
        self._actions = list(actions)
        self._english = {spec.id: spec.title for spec in ACTIONS}
        self.line = QLineEdit(self)
        self.line.setPlaceholderText(self.tr("Type a command"))
        self.line.textChanged.connect(self._fill)
        self.line.installEventFilter(self)
        self.list = QListWidget(self)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.itemClicked.connect(self._choose)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.GRID, theme.GRID, theme.GRID, theme.GRID)
        column.setSpacing(theme.GRID)
        column.addWidget(self.line)
        column.addWidget(self.list)
        self.resize(480, 400)
        self._fill("")

    def open_over(self, window: QWidget) -> None:
        """Show it near the top of the window, ready to type."""
        corner = window.mapToGlobal(window.rect().topLeft())
        self.move(corner.x() + (window.width() - self.width()) // 2, corner.y() + 96)
        self.show()
        self.line.setFocus(Qt.FocusReason.PopupFocusReason)

    def _fill(self, text: str) -> None:
        self.list.clear()
        ranked = [(self._fit(action, text), action) for action in self._actions]
        possible = [pair for pair in ranked if pair[0] is not None]
        possible.sort(key=lambda pair: (not pair[1].isEnabled(), pair[0]))
        for _, action in possible:
            keys = shortcut_text(action)
            item = QListWidgetItem(
                action.icon(), f"{action.text()}    {keys}" if keys else action.text()
            )
            item.setData(Qt.ItemDataRole.UserRole, action.objectName())
            if not action.isEnabled():
                item.setFlags(Qt.ItemFlag.NoItemFlags)
            self.list.addItem(item)
        if self.list.count() and possible[0][1].isEnabled():
            self.list.setCurrentRow(0)

    def _fit(self, action: QAction, typed: str) -> tuple[int, int] | None:
        """By the title on the screen or the English one, whichever fits better."""
        titles = {action.text(), self._english.get(action.objectName(), "")}
        fits = [fit for title in titles if title and (fit := _rank(title, typed)) is not None]
        return min(fits, default=None)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            key, row = event.key(), self.list.currentRow()
            if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._choose(self.list.currentItem())
                return True
            if key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
                to = row + (1 if key == Qt.Key.Key_Down else -1)
                if 0 <= to < self.list.count() and self.list.item(to).flags():
                    self.list.setCurrentRow(to)
                return True
        return super().eventFilter(watched, event)

    def _choose(self, item: QListWidgetItem | None) -> None:
        if item is None or not item.flags():
            return
        name = item.data(Qt.ItemDataRole.UserRole)
        self.close()
        next(action for action in self._actions if action.objectName() == name).trigger()


def _rank(title: str, typed: str) -> tuple[int, int] | None:
    """How well a title fits what was typed, smallest best; None where it does not.

    The text as it was typed goes before its words in another order, and these before its letters.
    """
    title, letters = title.casefold(), typed.casefold().replace(" ", "")
    place = title.replace(" ", "").find(letters)
    if place >= 0:
        return (0, place)
    if has_words(typed, title):
        return (1, len(title))
    left = iter(title)
    return (2, len(title)) if all(letter in left for letter in letters) else None


class ShortcutsDialog(QDialog):
    """Every action with its keys as they are now, and what the mouse does on the image."""

    changeWanted = Signal()  # the page where keys are changed

    def __init__(self, actions: Mapping[str, QAction], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Keys and gestures"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        inside = QWidget()
        columns = QHBoxLayout(inside)
        columns.setContentsMargins(16, 16, 16, 16)
        columns.setSpacing(48)
        left, right = self._column(columns), self._column(columns)
        for menu in MENUS:
            rows = [
                (actions[spec.id].text().rstrip("…"), shortcut_text(actions[spec.id]))
                for spec in ACTIONS
                if spec.menu == menu and actions[spec.id].shortcuts()
            ]
            if rows:
                place = min((left, right), key=QGridLayout.rowCount)
                _add_section(place, plain(translated(menu)), rows)
        _add_section(right, self.tr("On the image"), self._gestures())
        for column in (left, right):
            column.setRowStretch(column.rowCount(), 1)
        scroll = QScrollArea(self)
        scroll.setWidgetResizable(True)
        scroll.setWidget(inside)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scroll, 1)
        outer.addLayout(self._buttons())
        self.resize(880, 640)

    def _buttons(self) -> QHBoxLayout:
        change = QPushButton(self.tr("Change the keys…"), self)
        change.clicked.connect(self.close)
        change.clicked.connect(self.changeWanted)
        close = QPushButton(self.tr("Close"), self)
        close.clicked.connect(self.close)
        close.setDefault(True)
        row = QHBoxLayout()
        row.setContentsMargins(16, theme.GRID, 16, 16)
        row.addWidget(change)
        row.addStretch(1)
        row.addWidget(close)
        return row

    def _column(self, row: QHBoxLayout) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(24)
        grid.setVerticalSpacing(6)
        row.addLayout(grid, 1)
        return grid

    def _gestures(self) -> list[tuple[str, str]]:
        return [
            (
                self.tr("Window and level"),
                self.tr("drag, with the right button beside a tool: right widens, down raises"),
            ),
            (self.tr("Move the image"), self.tr("middle drag, Shift+drag or Space+drag")),
            (self.tr("Zoom"), self.tr("wheel, at the pointer")),
            (self.tr("Step through frames"), self.tr("Alt+wheel, arrow keys")),
            (self.tr("Ten frames, first or last frame"), self.tr("Page Up, Page Down, Home, End")),
            (self.tr("Play or pause cine"), self.tr("Space")),
            (self.tr("Fit"), self.tr("double click")),
            (self.tr("Choose a maker after C"), self.tr("1 to 9, or arrow keys and Enter")),
            (self.tr("Leave the filter"), self.tr("Enter opens the first image, Esc clears")),
        ]


def _add_section(grid: QGridLayout, title: str, rows: Sequence[tuple[str, str]]) -> None:
    top = grid.rowCount()
    heading = QLabel(title)
    heading.setObjectName("heading")
    heading.setContentsMargins(0, 12 if top > 1 else 0, 0, 0)
    grid.addWidget(heading, top, 0, 1, 2)
    for offset, (what, keys) in enumerate(rows, start=1):
        grid.addWidget(QLabel(what), top + offset, 0)
        value = QLabel(keys)
        value.setObjectName("quiet")
        value.setWordWrap(True)
        grid.addWidget(value, top + offset, 1)


class ReaderDialog(QInputDialog):
    """Asks under which name labels are kept."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Your name"))
        self.setLabelText(self.tr("Labels and readings from now on are kept under this name:"))
        self.setTextValue(name)
        line = self.findChild(QLineEdit)
        if line is not None:
            line.setMaxLength(LONGEST_NAME)
        self.resize(400, self.sizeHint().height())


class BugDialog(QDialog):
    """A bug is called one; its details can be copied and name nobody."""

    def __init__(self, error: BaseException, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("This is a bug"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        text = QLabel(
            self.tr(
                "Something went wrong that is not your doing. What was saved before is kept. "
                "Please send the details below to whoever looks after this program; "
                "they name no patient and no file."
            ),
            self,
        )
        text.setWordWrap(True)
        self.details = QPlainTextEdit(bug_details(error), self)
        self.details.setReadOnly(True)
        copy = QPushButton(self.tr("Copy the details"), self)
        copy.clicked.connect(self._copy)
        close = QPushButton(self.tr("Close"), self)
        close.clicked.connect(self.close)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(copy)
        row.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(12)
        column.addWidget(text)
        column.addWidget(self.details, 1)
        column.addLayout(row)
        self.resize(640, 400)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.details.toPlainText())


def bug_details(error: BaseException) -> str:
    """Where it happened, without the exception's message, which may name a patient or a file."""
    lines = [
        f"stentviewer {__version__}, Python {platform.python_version()}, Qt {qVersion()}, "
        f"{platform.system()}"
    ]
    cause: BaseException | None = error
    while cause is not None:
        lines.append(type(cause).__qualname__)
        for frame in traceback.extract_tb(cause.__traceback__):
            where = "/".join(Path(frame.filename).parts[-3:])
            if "stentviewer" not in Path(frame.filename).parts:
                where = Path(frame.filename).name
            lines.append(f"  {where}:{frame.lineno} {frame.name}")
        cause = cause.__cause__ or cause.__context__
    return "\n".join(lines)
