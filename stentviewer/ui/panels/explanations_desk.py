"""Between the cards, the frame in front and the bridge: checks of heat maps, and their comparison.

A check belongs to a frame's reading. Going on to another frame leaves it behind.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from stentviewer.core.errors import StentviewerError
from stentviewer.core.jobs import JobContext
from stentviewer.ui.i18n import say
from stentviewer.ui.panels.explanations_check import CheckView, badge

if TYPE_CHECKING:
    from stentviewer.explain.checks import Check
    from stentviewer.ui.frame_state import FrameState
    from stentviewer.ui.main_window import MainWindow
    from stentviewer.ui.panels.finding_card import FindingCard

_KEY = "check"


class ExplanationsDesk(QObject):
    """One for the window: one check at a time."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._views: dict[FindingCard, CheckView] = {}
        self._running: tuple[int, int, int] | None = None  # image, frame, stent from 0
        window.reading.explanations.compareRequested.connect(self.compare)

    def show_state(self, state: FrameState) -> None:
        """Show the frame in the panel, and on each stent's card what is known of its heat map."""
        if self._running is not None and self._running[:2] != _frame(state):
            self.stop()
        panel = self._window.reading
        panel.show_state(state)
        self._views = {card: view for card, view in self._views.items() if card in panel.cards}
        for number, (card, check) in enumerate(zip(panel.cards, state.facts.checks, strict=False)):
            card.set_check(*badge(check))
            self._view(card, number).show_check(check)

    def _view(self, card: FindingCard, number: int) -> CheckView:
        view = self._views.get(card)
        if view is None:
            view = CheckView(card)
            view.checkRequested.connect(lambda: self.check(number))
            view.stopRequested.connect(self.stop)
            card.below.addWidget(view)
            self._views[card] = view
            view.show()
        return view

    def check(self, number: int) -> None:
        """Check the heat of a stent, counted from 0, of the frame in front."""
        place = _frame(self._window.review.state)
        if place is None:
            return
        session, bridge = self._window.desk.session, self._window.bridge
        image_id, frame = place
        self._running = (image_id, frame, number)
        self._say_running(number, True)

        def work(context: JobContext) -> Check:
            from stentviewer.app.explaining import check_stent

            return check_stent(session, image_id, frame, number, context)

        def done(_: Check) -> None:
            self._end(number)
            self._window.review.refresh(image_id, frame)

        def failed(error: BaseException) -> bool:
            why = say(str(error)) if isinstance(error, StentviewerError) else ""
            self._end(number, why)
            return bool(why)

        bridge.run(work, done, failed, key=_KEY, title=self.tr("Checking the heat map"))

    def stop(self) -> None:
        """Do without the check that is under way."""
        if self._running is not None:
            self._window.bridge.drop(_KEY)
            self._end(self._running[2])

    def _end(self, number: int, why: str = "") -> None:
        self._running = None
        self._say_running(number, False, why)

    def _say_running(self, number: int, is_running: bool, why: str = "") -> None:
        views = list(self._views.values())
        for place, view in enumerate(views):
            view.ask.setEnabled(not is_running)
            if place == number:
                view.show_running(is_running, why)

    def compare(self) -> None:
        """Every explanation of the chosen stent, else of the first, side by side."""
        from stentviewer.ui.panels.explanations_dialog import ExplanationsDialog

        state, window = self._window.review.state, self._window
        place = _frame(state)
        if place is None or state.reading is None or not state.findings:
            return
        number = max(state.stent - 1, 0)
        look = window.reading.heat_look
        ExplanationsDialog(window.desk, state.reading, number, look, window).open()


def _frame(state: FrameState) -> tuple[int, int] | None:
    return None if state.image is None else (state.image.id, state.frame)
