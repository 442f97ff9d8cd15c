"""Loss, accuracy and F1 of a run while it goes on: over epochs, or fold by fold for Quick."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from stentviewer.learning.run_progress import FINAL, Curve, RunProgress
from stentviewer.ui import theme

_HEIGHT = 210
_WIDE = 560  # from here on the two plots stand side by side
_MARKS = ("o", "s")


class RunCurves(QWidget):
    """Two plots: loss on the left, accuracy and F1 on the right. Made when they are first drawn.

    A curve is told by its line and marks, not by its colour alone; earlier folds stand behind.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(theme.GRID)
        self.loss: _Plot | None = None
        self.right: _Plot | None = None
        self.hide()

    def show_run(self, progress: RunProgress | None) -> None:
        """Draw what there is; hidden while there is nothing."""
        shown = progress.shown_fold if progress is not None else None
        done = [one for one in progress.folds.values() if one.done] if progress else []
        self.setVisible(shown is not None or bool(done))
        if progress is None or self.isHidden():
            return
        if self.loss is None or self.right is None:
            self.loss, self.right = _Plot(self), _Plot(self, shares=True)
            self._arrange()
        self.loss.setVisible(shown is not None)
        for plot in (self.loss, self.right):
            plot.clear()
        if shown is None:
            self._draw_folds(progress)
            return
        for fold in progress.folds.values():
            if fold is not shown:
                self.loss.line(fold.loss, theme.FAINT, width=1)
                self.right.line(fold.f1, theme.FAINT, width=1)
        name = self.tr("Final model") if shown.fold == FINAL else self.tr("Fold {n}")
        self.loss.say(name.format(n=shown.fold), self.tr("Epochs"))
        self.loss.line(shown.loss, theme.ACCENT, self.tr("loss, learning"))
        self.loss.line(shown.check_loss, theme.WARNING, self.tr("loss, check"), mark="s")
        is_checked = bool(shown.f1.x)
        self.right.setVisible(is_checked or any(one.f1.x for one in progress.folds.values()))
        self.right.say(self.tr("On images not learned from"), self.tr("Epochs"))
        self.right.line(shown.accuracy, theme.ACCENT, self.tr("accuracy"), mark="o")
        self.right.line(shown.f1, theme.WARNING, self.tr("F1"), mark="s", dashed=True)

    def _draw_folds(self, progress: RunProgress) -> None:
        assert self.right is not None
        ended = sorted((one.fold, one.done) for one in progress.folds.values() if one.done)
        x = [float(number) for number, _ in ended]
        self.right.show()
        self.right.say(self.tr("On images not learned from"), self.tr("Folds"))
        accuracy = Curve(x, [done.accuracy for _, done in ended])
        f1 = Curve(x, [done.f1 for _, done in ended])
        self.right.line(accuracy, theme.ACCENT, self.tr("accuracy"), mark="o", joined=False)
        self.right.line(f1, theme.WARNING, self.tr("F1"), mark="s", joined=False)
        self.right.whole_numbers(x)

    def _arrange(self) -> None:
        if self.loss is None or self.right is None:
            return
        beside = self.width() >= _WIDE
        self._grid.addWidget(self.loss, 0, 0)
        self._grid.addWidget(self.right, *((0, 1) if beside else (1, 0)))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()


class _Plot(QWidget):
    """One plot with a title; lines are drawn anew each time, there are few."""

    def __init__(self, parent: QWidget, *, shares: bool = False) -> None:
        """shares: what is drawn lies between 0 and 1."""
        import pyqtgraph as pg

        super().__init__(parent)
        self.title = QLabel(self)
        self.title.setObjectName("quiet")
        self.title.setTextFormat(Qt.TextFormat.PlainText)
        self.plot: Any = pg.PlotWidget(self, background=theme.PANEL)
        self.plot.setFixedHeight(_HEIGHT)
        self.plot.setMenuEnabled(False)
        self.plot.setMouseEnabled(x=False, y=False)
        self.plot.hideButtons()
        self.plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.plot.setLimits(minXRange=1)
        self.plot.showGrid(y=True, alpha=0.15)
        for side in ("left", "bottom"):
            axis = self.plot.getAxis(side)
            axis.setPen(QColor(theme.LINE))
            axis.setTextPen(QColor(theme.QUIET))
        if shares:
            self.plot.setYRange(0, 1)
        self._last = 1.0  # the farthest epoch that is drawn
        self.legend = self.plot.addLegend(
            offset=(-10, -10 if shares else 10), labelTextColor=theme.TEXT
        )
        inside = QVBoxLayout(self)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(4)
        inside.addWidget(self.title)
        inside.addWidget(self.plot)

    def say(self, title: str, below: str) -> None:
        """What it shows, and what the horizontal axis counts."""
        self.title.setText(title)
        self.plot.setAccessibleName(title)
        self.plot.setLabel("bottom", below, color=theme.QUIET)
        self.plot.getAxis("bottom").setTicks(None)
        self._last = 1.0

    def clear(self) -> None:
        self.plot.clear()

    def line(
        self,
        curve: Curve,
        colour: str,
        name: str = "",
        *,
        mark: str | None = None,
        width: int = 2,
        dashed: bool = False,
        joined: bool = True,
    ) -> None:
        """Draw a curve that has points; one without a name stays out of the legend."""
        import pyqtgraph as pg

        if not curve.x:
            return
        self._last = max(self._last, curve.x[-1])
        self.plot.setXRange(0, self._last, padding=0.02)
        style = Qt.PenStyle.DashLine if dashed else Qt.PenStyle.SolidLine
        few = mark if mark is not None and len(curve.x) <= 40 else None
        self.plot.plot(
            curve.x,
            curve.y,
            pen=pg.mkPen(colour, width=width, style=style) if joined else None,
            symbol=few or ("o" if not joined or len(curve.x) == 1 else None),
            symbolSize=8,
            symbolBrush=None if mark == "s" else colour,
            symbolPen=pg.mkPen(colour, width=2),
            name=name or None,
            antialias=True,
        )

    def whole_numbers(self, x: Sequence[float]) -> None:
        """A mark on the axis for each of these and none between."""
        self.plot.setXRange(min(x, default=1) - 0.5, max(x, default=1) + 0.5)
        self.plot.getAxis("bottom").setTicks([[(one, f"{one:.0f}") for one in x]])
