"""Between the reading's panel, the viewport in front and the settings of both."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from stentviewer.core.answers import ANSWERS
from stentviewer.core.settings import Settings
from stentviewer.ui.answers import shown_answer
from stentviewer.ui.desk import ModelInfo
from stentviewer.ui.heat_key import HeatKey
from stentviewer.ui.viewer.canvas import ImageCanvas

if TYPE_CHECKING:
    from stentviewer.ui.main_window import MainWindow


class ReadingDesk(QObject):
    """What the panel asks for is done on the frame in front; the heat looks alike everywhere."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        panel = window.reading
        panel.heatStrengthChanged.connect(lambda _: self._show_look())
        panel.heatThresholdChanged.connect(lambda _: self._show_look())
        panel.heatTableChanged.connect(lambda _: self._show_look())
        panel.mapChosen.connect(lambda method: window.review.show_map(method))
        panel.explainRequested.connect(lambda: window.review.explain())
        panel.explainStopped.connect(lambda: window.review.stop_explaining())
        panel.setsChosen.connect(lambda ids: window.review.show_sets(ids))
        panel.answered.connect(lambda maker, sure: window.review.correct(maker, sure))
        panel.modelChosen.connect(lambda model_id: window.review.read(model_id))
        HeatKey(window.actions_by_id["heat"], self)
        self._set_look(window.settings)

    def prepare(self, canvas: ImageCanvas) -> None:
        """Give a new viewport's canvas the heat's look."""
        strength, threshold, table = self._window.reading.heat_look
        canvas.set_heat_strength(strength)
        canvas.set_heat_threshold(threshold)
        canvas.set_heat_colours(table)
        canvas.set_heat_visible(self._window.heat_on)

    def look(self) -> dict[str, object]:
        """The heat's look as settings."""
        strength, threshold, table = self._window.reading.heat_look
        return {"heat_strength": strength, "heat_threshold": threshold, "heat_table": table}

    def take_settings(self, settings: Settings) -> None:
        """Settings were changed on their page: show the heat so, seal or unseal."""
        self._set_look(settings)
        self._show_look()
        if self._window.desk.has_session:
            self._window.desk.set_sealed(settings.sealed_reading)

    def fill_makers(self, info: ModelInfo) -> None:
        """The menu of answers: the makers by number, then what else a reader may say."""
        menu = self._window.makers
        menu.clear()
        for number, maker in enumerate(info.makers, start=1):
            name = maker.replace("&", "&&")
            entry = menu.addAction(f"&{number}   {name}" if number < 10 else name)
            entry.triggered.connect(lambda _=False, one=maker: self._window.review.correct(one))
        menu.addSeparator()
        for answer in ANSWERS:
            entry = menu.addAction(shown_answer(answer))
            entry.triggered.connect(lambda _=False, one=answer: self._window.review.correct(one))

    def _set_look(self, settings: Settings) -> None:
        self._window.reading.set_heat_look(
            settings.heat_strength, settings.heat_threshold, settings.heat_table
        )

    def _show_look(self) -> None:
        for canvas in self._window.canvases():
            self.prepare(canvas)
