"""Look-alikes for the cards of the reading on the screen: asked for, shown, opened beside it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import shiboken6
from PySide6.QtCore import QObject

from stentviewer.core.errors import StentviewerError
from stentviewer.core.jobs import JobContext
from stentviewer.ui.panels.lookalikes import LookAlikesView

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stentviewer.app.comparison import Comparison
    from stentviewer.app.feature_index import FeatureIndex
    from stentviewer.app.hanging import Content
    from stentviewer.app.reading_again import ReadAgain
    from stentviewer.app.unknown_designs import UnknownGroup
    from stentviewer.library.records import ReadingRecord
    from stentviewer.ui.grid import ViewerGrid
    from stentviewer.ui.main_window import MainWindow
    from stentviewer.ui.panels.finding_card import FindingCard
    from stentviewer.ui.viewport import Viewport

_GROUPS, _AGAIN = "unknown designs", "read again"


@dataclass(frozen=True, slots=True)
class _Beside:
    """A look-alike that is shown beside the image in question."""

    grid: ViewerGrid
    asked: Viewport
    other: Viewport
    content: Content
    was_alone: bool  # the image in question, before


class Comparing(QObject):
    """One for the window. What is in memory of the features belongs to the open library."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._index: FeatureIndex | None = None
        self._beside: _Beside | None = None
        self._watched: set[Viewport] = set()
        self.views: dict[int, LookAlikesView] = {}  # by the finding's number, from 1
        window.reading.cardsMade.connect(self._fill)
        window.desk.ready.connect(self._forget)
        window.desk.changed.connect(lambda *_: self._refresh())

    def _forget(self) -> None:
        self._index = None

    def index(self) -> FeatureIndex:
        """On a worker: the features of the open library."""
        from stentviewer.app.feature_index import FeatureIndex

        if self._index is None:
            self._index = FeatureIndex(self._window.desk.session.library)
        return self._index

    def _record(self) -> ReadingRecord | None:
        return self._window.review.state.reading

    def _fill(self, cards: Sequence[FindingCard]) -> None:
        """Other cards: a closed view under each. What the former ones waited for is dropped."""
        for number in self.views:
            self._window.bridge.drop(_key(number))
        self.views = {}
        record = self._record()
        findings = record.reading.findings if record is not None else ()
        for number, (card, finding) in enumerate(zip(cards, findings, strict=False), start=1):
            maker = "" if finding.unknown else finding.maker
            view = LookAlikesView(maker, card)
            view.designWanted.connect(partial(self._window.reading_desk.show_designs, maker))
            view.wanted.connect(partial(self._ask, number, view))
            view.imageChosen.connect(self.open_beside)
            view.readAgainWanted.connect(self.read_again)
            view.learnWanted.connect(self._learn)
            card.below.addWidget(view)
            self.views[number] = view
        self._ask_groups()

    def _refresh(self) -> None:
        """A label was changed somewhere: what is open may show others now."""
        for number, view in self.views.items():
            if shiboken6.isValid(view) and view.toggle.isChecked():
                self._ask(number, view)

    def _ask(self, number: int, view: LookAlikesView) -> None:
        record, session = self._record(), self._window.desk.session
        if record is None:
            return

        def work(context: JobContext) -> Comparison:
            from stentviewer.app.lookalikes import nearest

            return nearest(session, record, number, index=self.index(), context=context)

        def done(found: Comparison) -> None:
            if shiboken6.isValid(view):
                view.show_comparison(found)

        def failed(error: BaseException) -> bool:
            if not isinstance(error, StentviewerError):
                return False
            if shiboken6.isValid(view):
                view.show_failure(str(error))
            return True

        self._window.bridge.run(
            work, done, failed, key=_key(number), title=self.tr("Looking for look-alikes")
        )

    # beside the image

    def open_beside(self, image_id: int, frame: int) -> None:
        """A look-alike's image in the next viewport; the one in question stays where it is.

        It goes again once another image takes the place of the one in question: nobody shall find
        a stranger's image beside it.
        """
        from stentviewer.app.hanging import Content

        grid = self._window.front
        asked, was_alone = grid.active, len(grid.viewports) < 2
        if self._beside is not None and self._beside.asked is asked:
            was_alone = self._beside.was_alone
        elif was_alone:
            grid.set_layout("1x2")
        shown = grid.viewports
        other = shown[(shown.index(asked) + 1) % len(shown)]
        content = Content(image_id, frame=frame)
        other.open(content)
        if asked not in self._watched:
            self._watched.add(asked)
            asked.review.opening.connect(partial(self._take_away, asked))
            asked.destroyed.connect(partial(self._watched.discard, asked))
        self._beside = _Beside(grid, asked, other, content, was_alone)

    def _take_away(self, viewport: Viewport) -> None:
        beside, self._beside = self._beside, None
        if beside is None or beside.asked is not viewport:
            self._beside = beside
            return
        if not shiboken6.isValid(beside.other) or beside.other.review.content != beside.content:
            return  # something else was opened there meanwhile
        beside.other.clear()
        if beside.was_alone and beside.grid.layout_id == "1x2" and beside.grid.active is viewport:
            beside.grid.set_layout("1x1")

    # verified images that this model has not read

    def read_again(self) -> None:
        """Read them, which takes as long as reading each of them does; it can be cancelled."""
        window, session = self._window, self._window.desk.session

        def work(context: JobContext) -> ReadAgain:
            from stentviewer.app.reading_again import read_again

            return read_again(session, self.index(), context)

        def done(found: ReadAgain) -> None:
            window.announcements.say(self.tr("Images read: {n}.").format(n=found.read))
            if found.problems:
                window.messages.say([problem.message for problem in found.problems])
            window.desk.refresh_worklist()
            self._refresh()

        title = self.tr("Reading verified images")
        window.bridge.run(work, done, lambda _: self._refresh(), key=_AGAIN, title=title)

    # unknown stents that look like one design

    def _ask_groups(self) -> None:
        record, session = self._record(), self._window.desk.session
        findings = record.reading.findings if record is not None else ()
        numbers = [n for n, one in enumerate(findings, start=1) if one.unknown]
        numbers = [n for n in numbers if findings[n - 1].feature is not None]
        if record is None or not numbers:
            return
        at = record.image_id, record.reading.frame
        views = dict(self.views)

        def work(_: JobContext) -> tuple[UnknownGroup, ...]:
            from stentviewer.app.unknown_designs import unknown_groups

            return unknown_groups(session, self.index())

        def done(groups: tuple[UnknownGroup, ...]) -> None:
            for group in groups:
                for number in numbers:
                    if at in group.frames and shiboken6.isValid(views[number]):
                        views[number].show_offer(group, len(group.frames), group.patients)
                        return

        title = self.tr("Looking for look-alikes")
        self._window.bridge.run(
            work,
            done,
            lambda error: isinstance(error, StentviewerError),  # no model: the panel says so
            key=_GROUPS,
            title=title,
        )

    def _learn(self, group: UnknownGroup) -> None:
        self._window.wizard.open_with(group)


def _key(number: int) -> str:
    return f"look-alikes {number}"
