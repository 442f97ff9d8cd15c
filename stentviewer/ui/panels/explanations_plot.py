"""The curves of one map's deletion and insertion, small."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QVBoxLayout, QWidget

from stentviewer.explain.deletion import Curves
from stentviewer.ui import theme

_HEIGHT = 150


class CurvesPlot(QWidget):
    """Probability over the share of the image hidden. Lines are told by their form and marks."""

    def __init__(self, parent: QWidget | None = None) -> None:
        import pyqtgraph as pg

        super().__init__(parent)
        self.plot: Any = pg.PlotWidget(self, background=theme.RAISED)
        self.plot.setFixedHeight(_HEIGHT)
        self.plot.setMenuEnabled(False)
        self.plot.setMouseEnabled(x=False, y=False)
        self.plot.hideButtons()
        self.plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.plot.showGrid(y=True, alpha=0.15)
        self.plot.setYRange(0, 1)
        self.plot.setLabel("bottom", self.tr("% of the image"), color=theme.QUIET)
        self.plot.setAccessibleName(
            self.tr("Probability over the share of the image that is hidden or shown")
        )
        for side in ("left", "bottom"):
            axis = self.plot.getAxis(side)
            axis.setPen(QColor(theme.QUIET))
            axis.setTextPen(QColor(theme.QUIET))
        inside = QVBoxLayout(self)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.addWidget(self.plot)

    def show_curves(self, curves: Curves) -> None:
        """Draw these instead of what is drawn."""
        self.plot.clear()
        shares = [100 * share for share in curves.shares]
        solid, dashed = Qt.PenStyle.SolidLine, Qt.PenStyle.DashLine
        self._line(shares, curves.random, theme.QUIET, dashed, None)
        self._line(shares, curves.deletion, theme.ACCENT, solid, "o")
        self._line(shares, curves.insertion, theme.WARNING, Qt.PenStyle.DotLine, "s")

    def _line(
        self, x: list[float], y: tuple[float, ...], colour: str, style: Any, mark: str | None
    ) -> None:
        import pyqtgraph as pg

        self.plot.plot(
            x,
            list(y),
            pen=pg.mkPen(colour, width=2, style=style),
            symbol=mark,
            symbolSize=7,
            symbolBrush=colour if mark == "o" else None,
            symbolPen=pg.mkPen(colour, width=2) if mark else None,
            antialias=True,
        )
