"""Window presets and the histogram of the image in front."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QSignalBlocker, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from stentviewer.core.sentences import Sentence
from stentviewer.ui.i18n import QT_TRANSLATE_NOOP, say
from stentviewer.ui.panels.histogram import HistogramPanel

if TYPE_CHECKING:
    from stentviewer.imaging.image import Window
    from stentviewer.imaging.presets import Preset
    from stentviewer.ui.viewer.canvas import ImageCanvas

_TITLES = (
    QT_TRANSLATE_NOOP("Presets", "Abdomen"),
    QT_TRANSLATE_NOOP("Presets", "Liver"),
    QT_TRANSLATE_NOOP("Presets", "Bone"),
    QT_TRANSLATE_NOOP("Presets", "Lung"),
    QT_TRANSLATE_NOOP("Presets", "Mediastinum"),
    QT_TRANSLATE_NOOP("Presets", "Brain"),
    QT_TRANSLATE_NOOP("Presets", "Angiography"),
    QT_TRANSLATE_NOOP("Presets", "Stroke"),
    QT_TRANSLATE_NOOP("Presets", "Automatic"),
    QT_TRANSLATE_NOOP("Presets", "Full range"),
)


def title_of(preset: Preset) -> str:
    """A preset's title in the window's language; what a file or person named stays as it is."""
    if isinstance(preset.title, Sentence):
        return say(preset.title)
    if preset.of_file or preset.title not in _TITLES:
        return preset.title
    return QCoreApplication.translate("Presets", preset.title)


class WindowPanel(QWidget):
    """A list of presets above the histogram."""

    presetChosen = Signal(object)  # Preset
    shown = Signal()  # it was not kept up to date while it was hidden

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._presets: tuple[Preset, ...] = ()
        self.histogram = HistogramPanel(self)
        self.presets = QComboBox(self)
        self.presets.setAccessibleName(self.tr("Window preset"))
        self.presets.activated.connect(self._choose)
        label = QLabel(self.tr("Window"), self)
        label.setBuddy(self.presets)
        row = QHBoxLayout()
        row.addWidget(label)
        row.addWidget(self.presets, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.addLayout(row)
        column.addWidget(self.histogram)
        column.addStretch(1)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.shown.emit()

    def set_canvas(self, canvas: ImageCanvas | None) -> None:
        """Speak of this canvas from now on."""
        self.histogram.set_canvas(canvas)

    def show_presets(self, presets: Sequence[Preset], window: Window | None) -> None:
        """What can be chosen; the one that is the window in force is ticked."""
        if tuple(presets) != self._presets:
            self._presets = tuple(presets)
            with QSignalBlocker(self.presets):
                self.presets.clear()
                for preset in presets:
                    digit = f"  ({preset.key})" if preset.key else ""
                    self.presets.addItem(f"{title_of(preset)}{digit}")
        with QSignalBlocker(self.presets):
            self.presets.setCurrentIndex(self._place_of(window))
        self.presets.setEnabled(bool(presets))

    def _place_of(self, window: Window | None) -> int:
        for place, preset in enumerate(self._presets):
            own = preset.window
            if preset.way == "lut" and window is None:
                return place
            if own is not None and window is not None:
                same = (own.centre, own.width) == (window.centre, window.width)
                if same and own.function == window.function:
                    return place
        return -1

    def _choose(self, place: int) -> None:
        if 0 <= place < len(self._presets):
            self.presetChosen.emit(self._presets[place])
