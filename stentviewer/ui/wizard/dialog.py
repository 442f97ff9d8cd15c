"""The wizard's window: the steps on the left, one page at a time, what keeps one from going on."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from stentviewer.core.errors import UserError
from stentviewer.learning.wizard_flow import Step, WizardFlow
from stentviewer.ui import theme
from stentviewer.ui.activity import Activity
from stentviewer.ui.i18n import QT_TRANSLATE_NOOP, say
from stentviewer.ui.message_bar import MessageBar
from stentviewer.ui.wizard.page import Page, Room
from stentviewer.ui.wizard.steps import StepList

_TITLES = {
    Step.CHANGE: QT_TRANSLATE_NOOP("Steps", "What changes"),
    Step.DATA: QT_TRANSLATE_NOOP("Steps", "Is the data fit?"),
    Step.HOW: QT_TRANSLATE_NOOP("Steps", "How"),
    Step.RUN: QT_TRANSLATE_NOOP("Steps", "Run"),
    Step.RESULT: QT_TRANSLATE_NOOP("Steps", "Result"),
    Step.PROMOTE: QT_TRANSLATE_NOOP("Steps", "Promote or not"),
}
_NARROW = 720  # below this the list of steps gives its room to the page


def step_title(step: Step) -> str:
    """A step as it stands in the list."""
    return QCoreApplication.translate("Steps", _TITLES[step])


class WizardDialog(QDialog):
    """A window of its own beside the viewer. Closing it keeps what was chosen; a run goes on."""

    flowChanged = Signal()  # to be kept
    closed = Signal()

    def __init__(
        self,
        flow: WizardFlow,
        room: Room,
        pages: Sequence[type[Page]],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowFlags(
            Qt.WindowType.Window
            | Qt.WindowType.WindowMinMaxButtonsHint
            | Qt.WindowType.WindowCloseButtonHint
        )
        self.setWindowTitle(self.tr("Learn a new stent design"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.flow = flow
        self.room = room
        self.pages: dict[Step, Page] = {page.step: page(room, self) for page in pages}
        self._entered: tuple[Page, Step] | None = None
        self.messages = MessageBar(self)
        self.steps = StepList({step: step_title(step) for step in Step}, self)
        self.title = QLabel(self)
        self.title.setObjectName("title")
        self.subtitle = QLabel(self)
        self.subtitle.setObjectName("quiet")
        self.why = QLabel(self)
        self.why.setObjectName("quiet")
        for label in (self.subtitle, self.why):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
        self.stack = QStackedWidget(self)
        self.back = QPushButton(self.tr("Back"), self)
        self.next = QPushButton(self)
        self.next.setProperty("accent", True)
        self._lay_out()
        self._connect()
        self.show_step()

    def _lay_out(self) -> None:
        for page in self.pages.values():
            area = QScrollArea(self.stack)
            area.setWidgetResizable(True)
            area.setFrameShape(QFrame.Shape.NoFrame)
            inside = QWidget()
            around = QVBoxLayout(inside)
            around.setContentsMargins(24, theme.GRID, 24, theme.GRID * 2)
            around.addWidget(page)
            area.setWidget(inside)
            self.stack.addWidget(area)
        head = QVBoxLayout()
        head.setContentsMargins(24, 20, 24, theme.GRID)
        head.setSpacing(4)
        head.addWidget(self.title)
        head.addWidget(self.subtitle)
        right = QVBoxLayout()
        right.setSpacing(0)
        right.addWidget(self.messages)
        right.addLayout(head)
        right.addWidget(self.stack, 1)
        right.addWidget(self._make_foot())
        outer = QHBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(self.steps)
        outer.addLayout(right, 1)
        self.resize(1080, 760)

    def _make_foot(self) -> QWidget:
        foot = QFrame(self)
        foot.setObjectName("side")
        research = QLabel(
            self.tr("For research use, not for primary diagnosis. Images and labels stay here."),
            foot,
        )
        research.setObjectName("research")
        research.setWordWrap(True)
        for button in (self.back, self.next):
            button.setAutoDefault(False)  # Enter ends what is being written
        buttons = QHBoxLayout()
        buttons.setSpacing(theme.GRID)
        buttons.addWidget(self.why, 1)
        buttons.addWidget(Activity(self.room.bridge, foot))
        buttons.addWidget(self.back)
        buttons.addWidget(self.next)
        inside = QVBoxLayout(foot)
        inside.setContentsMargins(24, theme.GRID, 24, 12)
        inside.setSpacing(theme.GRID)
        inside.addWidget(research)
        inside.addLayout(buttons)
        return foot

    def _connect(self) -> None:
        self.room.said.connect(self.messages.say)
        self.steps.wanted.connect(self.go_to)
        self.back.clicked.connect(self.go_back)
        self.next.clicked.connect(self.go_on)
        for keys, go in (("Alt+Left", self.go_back), ("Alt+Right", self.go_on)):
            QShortcut(QKeySequence(keys), self, go)
        for page in self.pages.values():
            page.changed.connect(self.refresh)
            page.stepWanted.connect(self.go_to)

    # going about

    @property
    def page(self) -> Page:
        """The page on the screen."""
        return self.pages.get(self.flow.step) or list(self.pages.values())[-1]

    def go_to(self, step: int) -> None:
        """Another step; where it cannot be entered yet, what is missing is said."""
        if self.page.commit():
            try:
                self.flow.go_to(Step(step))
            except UserError as error:
                self.room.say([str(error)])
        self.refresh()

    def go_back(self) -> None:
        """The step before; nothing is lost."""
        if self.page.commit():
            self.flow.back()
        self.refresh()

    def go_on(self) -> None:
        """What the page does when one is done with it, usually the next step."""
        page = self.page
        if not page.commit() or self.next.isHidden() or self.flow.why_not():
            self.refresh()
            return
        try:
            page.proceed()
        except UserError as error:
            self.room.say([str(error)])
        self.refresh()

    def show_step(self) -> None:
        """Show the page of the step where the flow is."""
        page = self.page
        if self._entered != (page, self.flow.step):
            self.messages.hide()
            if self._entered is not None:
                self._entered[0].leave()
            self._entered = (page, self.flow.step)
            self.stack.setCurrentIndex(list(self.pages.values()).index(page))
            page.enter(self.flow)
        self._show_state()

    def refresh(self) -> None:
        """The flow has changed: show where it is, what is possible now, and have it kept."""
        self.show_step()
        self.flowChanged.emit()

    def _show_state(self) -> None:
        flow, page = self.flow, self.page
        self.steps.show_flow(flow)
        title = page.title
        if self.steps.isHidden():
            title = self.tr("{n} of {all}: {title}").format(
                n=int(flow.step), all=len(Step), title=title
            )
        self.title.setText(title)
        self.subtitle.setText(page.subtitle)
        self.subtitle.setVisible(bool(page.subtitle))
        why = flow.why_not()
        self.next.setText(page.next_title)
        self.next.setVisible(bool(page.next_title))
        self.next.setEnabled(not why)
        self.why.setText(say(why) if page.next_title else "")
        self.back.setEnabled(flow.step > Step.CHANGE)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        narrow = event.size().width() < _NARROW
        if narrow != self.steps.isHidden():
            self.steps.setHidden(narrow)
            self._show_state()

    def closeEvent(self, event: QCloseEvent) -> None:
        self.page.commit()
        self.page.leave()
        self.flowChanged.emit()
        super().closeEvent(event)
        self.closed.emit()

    def reject(self) -> None:
        """Escape closes it like the window's own button."""
        self.close()
