"""What is on the screen and is not the pixel truth: the reasons, and the one badge that says them.

Lasting reasons are about the image (lossy compression, 8 bits, a reformat); passing ones about the
view of it (scaled, filtered, coloured), which a key takes away.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QPoint, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QSizePolicy,
    QStyle,
    QStyleOptionToolButton,
    QStylePainter,
    QToolButton,
    QToolTip,
    QWidget,
)

from stentviewer.ui import theme
from stentviewer.ui.i18n import say
from stentviewer.ui.viewer.resample import PIXEL_GRID_ZOOM

if TYPE_CHECKING:
    from stentviewer.imaging.image import Radiograph
    from stentviewer.ui.viewer.view_state import ViewState

_ROOM = 12  # logical pixels around the words
translate = QCoreApplication.translate


@dataclass(frozen=True, slots=True)
class Fidelity:
    """Why the screen does not show every stored pixel as it is; both empty where it does."""

    lasting: tuple[str, ...] = ()
    passing: tuple[str, ...] = ()

    @property
    def is_true(self) -> bool:
        return not self.lasting and not self.passing

    @property
    def reasons(self) -> tuple[str, ...]:
        return self.lasting + self.passing


def fidelity(radiograph: Radiograph, state: ViewState, filter_name: str = "") -> Fidelity:
    """The reasons, in the window's language."""
    lasting = tuple(say(reason) for reason in radiograph.fidelity)
    return Fidelity(lasting, (*_scaling(state), *_display(state, filter_name)))


def _scaling(state: ViewState) -> list[str]:
    """Enlarged, scaled down, or both ways where pixels are not square.

    At 1:1 and from the zoom on where each stored pixel is a block of its own, nothing is blended.
    """
    across, down = state.scale
    if across == down == 1.0 or min(across, down) >= PIXEL_GRID_ZOOM:
        return []
    if across >= 1.0 and down >= 1.0:
        text = translate("Fidelity", "interpolated, {n} × enlarged")
        return [text.format(n=_times(max(across, down)))]
    if across <= 1.0 and down <= 1.0:
        text = translate("Fidelity", "scaled down, {n} stored pixels in each on the screen")
        return [text.format(n=_times(1 / (across * down)))]
    return [translate("Fidelity", "interpolated, pixels made square")]


def _times(value: float) -> str:
    """Never "1 ×" for what is not 1."""
    return f"{value:.0f}" if value >= 9.95 else f"{value:.1f}" if value >= 1.05 else f"{value:.2f}"


def _display(state: ViewState, filter_name: str) -> list[str]:
    from stentviewer.imaging.filters import FILTERS

    said = []
    if filter_name in FILTERS:
        text = translate("Fidelity", "filter: {name}")
        said.append(text.format(name=say(FILTERS[filter_name])))
    if state.colours != "grey":
        said.append(translate("Fidelity", "colours: {name}").format(name=state.colours))
    return said


def sentence_of(shown: Fidelity) -> str:
    """The whole truth in one line."""
    reasons = ", ".join(shown.reasons)
    if shown.lasting:
        return translate("Fidelity", "Not the pixel truth: {reasons}").format(reasons=reasons)
    if shown.passing:
        return translate("Fidelity", "Fidelity: {reasons}").format(reasons=reasons)
    return translate("Fidelity", "Every stored pixel")


def shorter(shown: Fidelity) -> tuple[str, ...]:
    """Ever shorter ways to say it, the last one short enough for any place."""
    count = len(shown.reasons)
    if shown.is_true:
        return (sentence_of(shown), translate("Fidelity", "1:1"))
    short = (
        translate("Fidelity", "Not the pixel truth · {n}")
        if shown.lasting
        else translate("Fidelity", "Fidelity · {n}")
    )
    sign = "⚠ {n}" if shown.lasting else "≈ {n}"
    return (sentence_of(shown), short.format(n=count), sign.format(n=count))


class FidelityBadge(QToolButton):
    """One line that fits its place; the whole of it in the tool tip, or on click and Enter."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._fidelity: Fidelity | None = None
        self.setObjectName("fidelity")
        self.setAutoRaise(True)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.clicked.connect(self._show_all)

    @property
    def fidelity(self) -> Fidelity | None:
        return self._fidelity

    def show_fidelity(self, shown: Fidelity | None) -> None:
        """None while there is no image."""
        if shown == self._fidelity:
            return
        self._fidelity = shown
        self.setEnabled(shown is not None)
        whole = "" if shown is None else "\n".join(self._lines(shown))
        self.setToolTip(whole)
        self.setAccessibleName("" if shown is None else sentence_of(shown))
        self._fit_text()
        palette = self.palette()
        warns = shown is not None and bool(shown.lasting)
        colour = theme.WARNING if warns else theme.QUIET
        palette.setColor(palette.ColorRole.ButtonText, QColor(colour))
        self.setPalette(palette)
        self.setStyleSheet(f"QToolButton#fidelity {{ color: {colour}; padding: 1px 4px; }}")
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        return self._size_for(self._ways()[0])

    def minimumSizeHint(self) -> QSize:
        return self._size_for(self._ways()[-1])

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_text()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The words stand at the right end, where the row ends, however long they are."""
        painter, option = QStylePainter(self), QStyleOptionToolButton()
        self.initStyleOption(option)
        option.text = ""
        painter.drawComplexControl(QStyle.ComplexControl.CC_ToolButton, option)
        place = self.rect().adjusted(0, 0, -_ROOM // 2, 0)
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        role = self.palette().ColorRole.ButtonText
        painter.drawItemText(place, int(right), self.palette(), True, self.text(), role)

    def _ways(self) -> tuple[str, ...]:
        return ("",) if self._fidelity is None else shorter(self._fidelity)

    def _size_for(self, text: str) -> QSize:
        metrics = QFontMetrics(self.font())
        return QSize(metrics.horizontalAdvance(text) + _ROOM, metrics.height() + 4)

    def _fit_text(self) -> None:
        ways = self._ways()
        fits = (way for way in ways if self._size_for(way).width() <= self.width())
        self.setText(next(fits, ways[-1]))

    def _lines(self, shown: Fidelity) -> list[str]:
        if shown.is_true:
            return [sentence_of(shown)]
        head = (
            self.tr("Not the pixel truth:") if shown.lasting else self.tr("Passing, by the view:")
        )
        return [head, *(f"•  {reason}" for reason in shown.reasons)]

    def _show_all(self) -> None:
        at = self.mapToGlobal(QPoint(0, -self.height()))
        QToolTip.showText(at, self.toolTip(), self)
