"""What the window finds again at the next start: where it stood and which image was on it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSettings, QSize
from PySide6.QtWidgets import QMainWindow, QSplitter

_USUAL = QSize(1440, 900)


class Kept:
    """Lies beside the library, because the image's number is the library's."""

    def __init__(self, library_dir: Path) -> None:
        self._file = str(library_dir / "window.ini")

    def _settings(self) -> QSettings:
        return QSettings(self._file, QSettings.Format.IniFormat)

    def restore(self, window: QMainWindow, splitter: QSplitter) -> None:
        """The kept place and columns, else the usual size as far as the screen has room."""
        kept = self._settings()
        geometry, sizes = kept.value("geometry"), kept.value("columns")
        window.resize(usual_size(window.screen().availableSize()))
        if geometry is not None:
            window.restoreGeometry(geometry)
        if sizes is not None:
            splitter.restoreState(sizes)

    def keep(self, window: QMainWindow, splitter: QSplitter, image_id: int | None) -> None:
        """Write it down. Without an image the one before stays."""
        kept = self._settings()
        kept.setValue("geometry", window.saveGeometry())
        kept.setValue("columns", splitter.saveState())
        if image_id is not None:
            self.keep_image(image_id)

    def keep_image(self, image_id: int) -> None:
        """Write down the image on the screen, for a start after a crash."""
        self._settings().setValue("image", image_id)

    def image(self) -> int | None:
        """The image that was on the screen last."""
        kept = str(self._settings().value("image", ""))
        return int(kept) if kept.isdecimal() else None


def usual_size(available: QSize) -> QSize:
    """The size at the first start; a little smaller than a small screen, for the frame."""
    return _USUAL.boundedTo(available * 0.95)
