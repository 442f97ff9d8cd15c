"""Asks calmly before anything is taken off the worklist."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QWidget


class RemoveDialog(QMessageBox):
    """`accepted` once the person has said yes. Nothing is lost either way, and it says so."""

    def __init__(self, studies: int, images: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Remove from the library"))
        self.setIcon(QMessageBox.Icon.NoIcon)
        self.setText(self._question(studies, images))
        self.setInformativeText(
            self.tr(
                "The files stay where they are. Readings and labels are kept: when the files are "
                "opened again, everything is back."
            )
        )
        self.remove = self.addButton(self.tr("Remove"), QMessageBox.ButtonRole.AcceptRole)
        self.setDefaultButton(self.addButton(QMessageBox.StandardButton.Cancel))

    def _question(self, studies: int, images: int) -> str:
        if not studies and images == 1:
            return self.tr("Remove this image from the library?")
        if not studies:
            return self.tr("Remove this series of {images} images from the library?").format(
                images=images
            )
        if studies == 1:
            return self.tr("Remove this study from the library? Images: {images}.").format(
                images=images
            )
        return self.tr("Remove {studies} studies from the library? Images: {images}.").format(
            studies=studies, images=images
        )
