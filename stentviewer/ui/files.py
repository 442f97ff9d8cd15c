"""Files that come in and go out, chosen in dialogs that do not hold the window up."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QFileDialog

if TYPE_CHECKING:
    from stentviewer.ui.main_window import MainWindow


class Files(QObject):
    """Asks where, and hands the answer on."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window

    def open_files(self) -> None:
        """Choose files and index them."""
        dialog = self._dialog(self.tr("Open files"), QFileDialog.FileMode.ExistingFiles)
        add = self._window.desk.add
        dialog.filesSelected.connect(lambda names: add([Path(one) for one in names]))
        dialog.open()

    def open_folder(self) -> None:
        """Choose a folder and index what is in it."""
        self.ask_folder(self.tr("Open a folder"), lambda folder: self._window.desk.add([folder]))

    def save_review(self) -> None:
        """Choose a folder and write the review there."""
        self.ask_folder(self.tr("Save the review in a folder"), self._window.save_review_in)

    def ask_folder(self, title: str, take: Callable[[Path], object]) -> None:
        """Ask for a folder."""
        dialog = self._dialog(title, QFileDialog.FileMode.Directory)
        dialog.fileSelected.connect(lambda name: take(Path(name)))
        dialog.open()

    def _dialog(self, title: str, mode: QFileDialog.FileMode) -> QFileDialog:
        dialog = QFileDialog(self._window, title)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(mode)
        return dialog
