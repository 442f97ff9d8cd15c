"""Between the reading's panel, the viewport in front and the settings of both."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, QTimer
from PySide6.QtWidgets import QMenu

from stentviewer.core.answers import ANSWERS
from stentviewer.core.settings import Settings, change
from stentviewer.ui import theme
from stentviewer.ui.answers import shown_answer
from stentviewer.ui.desk import ModelInfo
from stentviewer.ui.held_key import HeldKey
from stentviewer.ui.viewer.canvas import ImageCanvas

if TYPE_CHECKING:
    from stentviewer.ui.main_window import MainWindow

_KEEP_MS = 1000  # after the last change of the look


class ReadingDesk(QObject):
    """What the panel asks for is done on the frame in front; the heat looks alike everywhere."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.heat_on = True
        self.makers = QMenu(window)
        self._whose = self.makers.addAction("")  # what the answers are about
        self._several = self.makers.addAction("")
        self._keeping = QTimer(self)  # a crash costs no look that was chosen
        self._keeping.setSingleShot(True)
        self._keeping.setInterval(_KEEP_MS)
        self._keeping.timeout.connect(self.keep)
        window.closed.connect(self._keeping.stop)
        panel = window.reading
        panel.heatStrengthChanged.connect(lambda _: self._show_look())
        panel.heatThresholdChanged.connect(lambda _: self._show_look())
        panel.heatTableChanged.connect(lambda _: self._show_look())
        panel.mapChosen.connect(lambda method: window.review.show_map(method))
        panel.explainRequested.connect(lambda: window.review.explain())
        panel.explainStopped.connect(lambda: window.review.stop_explaining())
        panel.setsChosen.connect(lambda ids: window.review.show_sets(ids))
        panel.answered.connect(lambda maker, sure: window.review.correct(maker, sure))
        panel.stentChosen.connect(lambda number: window.review.choose_stent(number))
        panel.modelChosen.connect(lambda model_id: window.review.read(model_id))
        HeldKey(window.actions_by_id["heat"], self)
        self._set_look(window.settings)

    def prepare(self, canvas: ImageCanvas) -> None:
        """Give a new viewport's canvas the heat's look."""
        strength, threshold, table = self._window.reading.heat_look
        canvas.set_heat_strength(strength)
        canvas.set_heat_threshold(threshold)
        canvas.set_heat_colours(table)
        canvas.set_heat_visible(self.heat_on)

    def show_heat(self, visible: bool) -> None:
        """Heat map on or off, in every viewport."""
        self.heat_on = visible
        for canvas in self._window.windows.canvases:
            canvas.set_heat_visible(visible)

    def correct(self) -> None:
        """Offer the makers, each with its number key: of the chosen stent, else of the image."""
        menu, panel = self.makers, self._window.reading
        state = self._window.review.state
        stent, several = state.stent, len(state.findings) > 1
        title = self.tr("Stent {n} is") if stent else self.tr("On this image")
        self._whose.setText(title.format(n=stent))
        self._whose.setVisible(several)
        self._several.setVisible(not stent)
        corner = QPoint(-menu.sizeHint().width() - theme.GRID, theme.GRID * 6)
        menu.popup(panel.mapToGlobal(corner))
        menu.setActiveAction(next(one for one in menu.actions() if one.isEnabled()))

    def ask_several(self) -> None:
        """Ask for all makers on the image at once."""
        from stentviewer.ui.panels.several import SeveralDialog

        dialog = SeveralDialog(self._window.desk.model.makers, self._window)
        dialog.answered.connect(lambda answer: self._window.review.correct(answer))
        dialog.open()

    def show_models(self) -> None:
        """The models here, which one reads, who decided that, and the way back."""
        from stentviewer.ui.models_dialog import ModelsDialog

        window = self._window
        two_names = window.settings.two_names
        ModelsDialog(window.desk, two_names=two_names, parent=window).open()

    def show_designs(self, name: str = "") -> None:
        """What is known of the stent designs, with its sources; the page of one, or the first."""
        from stentviewer.ui.designs_dialog import DesignsDialog

        DesignsDialog(self._window.desk, name, self._window).open()

    def keep(self) -> None:
        """Write the heat's look down where it has changed."""
        self._keeping.stop()
        window = self._window
        strength, threshold, table = window.reading.heat_look
        look = {"heat_strength": strength, "heat_threshold": threshold, "heat_table": table}
        changed = change(window.settings, **look)
        if changed != window.settings:
            window.keep_settings(changed)

    def take_settings(self, before: Settings, after: Settings) -> None:
        """Settings were changed on their page: show the heat so, seal or unseal."""
        if _heat(before) != _heat(after):
            self._set_look(after)
            self._show_look()
        if before.sealed_reading != after.sealed_reading and self._window.desk.has_session:
            self._window.desk.set_sealed(after.sealed_reading)

    def fill_makers(self, info: ModelInfo) -> None:
        """The menu of answers: the makers by number, then what else a reader may say."""
        menu = self.makers
        menu.clear()
        self._whose = menu.addAction("")
        self._whose.setEnabled(False)
        for number, maker in enumerate(info.makers, start=1):
            name = maker.replace("&", "&&")
            entry = menu.addAction(f"&{number}   {name}" if number < 10 else name)
            entry.triggered.connect(lambda _=False, one=maker: self._say(one))
        menu.addSeparator()
        for answer in ANSWERS:
            entry = menu.addAction(shown_answer(answer))
            entry.triggered.connect(lambda _=False, one=answer: self._say(one))
        self._several = menu.addAction(self.tr("Several makers…"))
        self._several.triggered.connect(self.ask_several)

    def _say(self, answer: str) -> None:
        """Of the chosen stent, else of the image."""
        self._window.review.correct_stent(answer)

    def _set_look(self, settings: Settings) -> None:
        self._window.reading.set_heat_look(*_heat(settings))

    def _show_look(self) -> None:
        for canvas in self._window.windows.canvases:
            self.prepare(canvas)
        self._keeping.start()


def _heat(settings: Settings) -> tuple[float, float, str]:
    return settings.heat_strength, settings.heat_threshold, settings.heat_table
