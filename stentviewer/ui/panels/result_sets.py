"""What models and readers said of the frame, as sets: shown, hidden, held against each other."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QCheckBox, QGridLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from stentviewer.app.result_sets import Comparison, Pair, ResultSet, Source, Stent, compare
from stentviewer.core.wording import show_probability
from stentviewer.ui import theme
from stentviewer.ui.answers import model_answer, shown_answer
from stentviewer.ui.frame_state import FrameState
from stentviewer.ui.viewer import colours
from stentviewer.ui.viewer.boxes import BoxSet, NamedBox

_LINES = (
    Qt.PenStyle.SolidLine,
    Qt.PenStyle.DashLine,
    Qt.PenStyle.DotLine,
    Qt.PenStyle.DashDotLine,
)
# Told apart by brightness too, and readable over an X-ray (Okabe & Ito, 2008); never alone.
_COLOURS = (colours.ACCENT, QColor("#f0a03c"), QColor("#f0e442"), QColor("#cc79a7"))


def box_sets(state: FrameState) -> tuple[BoxSet, ...]:
    """The boxes of the sets that are shown, each with the line it has in the list.

    A set keeps its line whatever else is shown. Readers answer for the frame and have no box.
    """
    models = [one for one in state.facts.sets if one.source is Source.MODEL]
    shown = []
    for one in state.sets_shown:
        if one.source is Source.MODEL:
            place = models.index(one)
            is_newest = place == 0  # whose stents the cards are of
            boxes = _boxes(one.stents, state.stent if is_newest else 0)
            shown.append(BoxSet(one.name, boxes, *line_of(place), can_choose=is_newest))
    return tuple(shown)


def line_of(place: int) -> tuple[Qt.PenStyle, QColor]:
    """The line and colour of the models' sets in their order."""
    return _LINES[place % len(_LINES)], _COLOURS[place % len(_COLOURS)]


def _boxes(stents: tuple[Stent, ...], chosen: int) -> tuple[NamedBox, ...]:
    return tuple(
        NamedBox(one.box, one.number, model_answer(one.maker), one.outline, one.number == chosen)
        for one in stents
        if one.box is not None
    )


class LineSample(QWidget):
    """The line that a set's boxes are drawn with."""

    def __init__(self, place: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._style, self._colour = line_of(place)
        self.setFixedSize(QSize(28, 14))

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), colours.BACKGROUND)  # as over an image
            painter.setPen(QPen(self._colour, 2, self._style, Qt.PenCapStyle.FlatCap))
            middle = self.height() // 2
            painter.drawLine(2, middle, self.width() - 2, middle)


class ResultSetsView(QWidget):
    """A list of sets to be ticked; two ticked ones are compared."""

    setsChosen = Signal(object)  # frozenset[str]: the ids of the sets that are ticked

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.header = QToolButton(self)
        self.header.setCheckable(True)
        self.header.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.header.setArrowType(Qt.ArrowType.RightArrow)
        self.header.toggled.connect(self._unfold)
        self._inside = QWidget(self)
        self._grid = QGridLayout(self._inside)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(theme.GRID)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnStretch(2, 1)
        self.compared = QLabel(self)
        self.compared.setTextFormat(Qt.TextFormat.PlainText)
        self.compared.setWordWrap(True)
        self.boxes: dict[str, QCheckBox] = {}
        self._sets: tuple[ResultSet, ...] = ()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.GRID)
        column.addWidget(self.header, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self._inside)
        column.addWidget(self.compared)
        self._unfold(False)

    def show_state(self, state: FrameState) -> None:
        """Show the frame's sets; nothing where there is only one."""
        sets = state.facts.sets if not state.is_reading else ()
        self.setVisible(len(sets) > 1)
        if sets != self._sets:
            self._sets = sets
            self._make_rows()
        ticked = {one.id for one in state.sets_shown}
        for key, box in self.boxes.items():
            with QSignalBlocker(box):
                box.setChecked(key in ticked)
        self._say(state.sets_shown)

    def _unfold(self, is_open: bool) -> None:
        arrow = Qt.ArrowType.DownArrow if is_open else Qt.ArrowType.RightArrow
        self.header.setArrowType(arrow)
        self._inside.setVisible(is_open)
        self.compared.setVisible(is_open)

    def _make_rows(self) -> None:
        while (item := self._grid.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self.boxes.clear()
        models = 0
        for row, one in enumerate(self._sets):
            box = QCheckBox(self._inside)
            box.setToolTip(self.tr("Show and compare"))
            box.setAccessibleName(one.name)
            box.toggled.connect(self._choose)
            self.boxes[one.id] = box
            self._grid.addWidget(box, row, 0, Qt.AlignmentFlag.AlignTop)
            if one.source is Source.MODEL:
                self._grid.addWidget(LineSample(models), row, 1, Qt.AlignmentFlag.AlignTop)
                models += 1
            text = QLabel(self._row_text(one))
            text.setTextFormat(Qt.TextFormat.PlainText)
            text.setWordWrap(True)
            text.setToolTip(one.short)
            self._grid.addWidget(text, row, 2)

    def _row_text(self, one: ResultSet) -> str:
        name = one.name
        if one.source is Source.MODEL:
            twins = [other for other in self._sets if other.name == one.name]
            name = f"{one.name} ({one.short[-8:]})" if len(twins) > 1 else one.name
        said = ", ".join(self._stent(stent) for stent in one.stents) or shown_answer(one.answer)
        return f"{name}: {said}"

    def _stent(self, stent: Stent) -> str:
        if stent.probability is None:
            return shown_answer(stent.maker)
        maker = model_answer(stent.maker)
        return f"{maker} {show_probability(stent.probability)}"

    def _choose(self) -> None:
        self.setsChosen.emit(frozenset(key for key, box in self.boxes.items() if box.isChecked()))

    def _say(self, shown: tuple[ResultSet, ...]) -> None:
        lines = [self.tr("Tick two to compare them.")]
        words = self.tr("Results: {n}")
        if len(shown) == 2:
            found = compare(*shown)
            words = {
                True: self.tr("Results: {n}, agreeing"),
                False: self.tr("Results: {n}, differing"),
                None: words,
            }[found.agree]
            lines = self._compared(found, *shown)
        self.header.setText(words.format(n=len(self._sets)))
        self.compared.setText("\n".join(lines))

    def _compared(self, found: Comparison, first: ResultSet, second: ResultSet) -> list[str]:
        verdict = {
            True: self.tr("{a} and {b} agree."),
            False: self.tr("{a} and {b} differ."),
            None: self.tr("{a} and {b} cannot be compared: one cannot tell."),
        }[found.agree]
        lines = [verdict.format(a=first.name, b=second.name)]
        if found.agree is False and not (first.stents and second.stents):
            none = first if not first.stents else second
            lines.append(self.tr("{name} says there is no stent.").format(name=none.name))
        return lines + [self._pair(pair, first, second) for pair in found.pairs]

    def _pair(self, pair: Pair, first: ResultSet, second: ResultSet) -> str:
        one, two = pair.first, pair.second
        if one is None or two is None:
            only, whose = (one, first) if one is not None else (two, second)
            assert only is not None
            text = self.tr("Stent {n} only by {name}: {maker}")
            return text.format(n=only.number, name=whose.name, maker=self._stent(only))
        form = (
            self.tr("Stent {n}, same maker: {a} – {b}")
            if pair.same_maker
            else self.tr("Stent {n}, other maker: {a} – {b}")
        )
        text = form.format(n=one.number, a=self._stent(one), b=self._stent(two))
        if pair.overlap is None:
            return text
        shared = self.tr("boxes overlap by {p} %").format(p=round(pair.overlap * 100))
        return f"{text}, {shared}"
