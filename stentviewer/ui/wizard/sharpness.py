"""How sharp the images are: Laplacian variance of the new ones beside those that are there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QWidget

from stentviewer.ui import theme
from stentviewer.ui.plain import as_it_stands
from stentviewer.ui.wizard.page import column, words
from stentviewer.ui.wizard.work import EXISTING

if TYPE_CHECKING:
    from stentviewer.learning.fitness_data import Histogram

_HEIGHT = 200
_LINES = (
    Qt.PenStyle.SolidLine,
    Qt.PenStyle.DashLine,
    Qt.PenStyle.DotLine,
    Qt.PenStyle.DashDotLine,
)  # a class is told by its line, not by its colour alone


class SharpnessPlot(QWidget):
    """Shares of the images, smoothed; the plot is made when it is first needed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._inside = column(self)
        self._plot: QWidget | None = None
        self.groups: tuple[str, ...] = ()
        self._inside.addWidget(
            words(
                self.tr(
                    "Shares of the images. Where the lines lie apart, the model may learn "
                    "sharpness instead of stents."
                ),
                self,
                "quiet",
            )
        )

    def show_histogram(self, histogram: Histogram) -> None:
        """Draw it anew."""
        import numpy as np
        import pyqtgraph as pg

        if self._plot is not None:
            self._plot.close()
            self._plot.setParent(None)
            self._plot.deleteLater()
        plot = pg.PlotWidget(self, background=theme.PANEL)
        plot.setFixedHeight(_HEIGHT)
        plot.setAccessibleName(self.tr("Sharpness of the images"))
        plot.setMenuEnabled(False)
        plot.setMouseEnabled(x=False, y=False)
        plot.hideButtons()
        plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        for side in ("left", "bottom"):
            axis = plot.getAxis(side)
            axis.setPen(QColor(theme.LINE))
            axis.setTextPen(QColor(theme.QUIET))
        plot.hideAxis("left")
        plot.setLabel("bottom", self.tr("Laplacian variance"), color=theme.QUIET)
        legend = plot.addLegend(offset=(-10, 10), labelTextColor=theme.TEXT)
        at = (np.arange(len(next(iter(histogram.groups.values()), ()))) + 0.5) * histogram.width
        colours = (theme.ACCENT, theme.WARNING, theme.GOOD, theme.TEXT)
        new = [name for name in histogram.groups if name != EXISTING]
        if EXISTING in histogram.groups:
            fill = QColor(theme.QUIET)
            fill.setAlpha(70)
            plot.plot(
                at,
                np.array(histogram.groups[EXISTING]),
                pen=pg.mkPen(theme.QUIET, width=1),
                fillLevel=0,
                brush=fill,
                name=self.tr("classes that are there"),
                antialias=True,
            )
        for number, name in enumerate(new):
            line = _LINES[number % len(_LINES)]
            pen = pg.mkPen(colours[number % len(colours)], width=2, style=line)
            shown = as_it_stands(name)
            plot.plot(at, np.array(histogram.groups[name]), pen=pen, name=shown, antialias=True)
        self.groups = tuple(label.text for _, label in legend.items)
        self._plot = plot
        self._inside.addWidget(plot)
